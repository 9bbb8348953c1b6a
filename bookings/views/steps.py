"""What the steps of a booking share: who books what, with which answers, read anew from the address at every step."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property, wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from bookings import identity, proposals, screening
from bookings.forms import Draft, DraftForm, WishesForm
from bookings.models import Course, Patient
from bookings.planner import Wishes
from bookings.proposals import CourseRequest
from bookings.screening import Answers, Decision
from clinic.context import current_clinic
from clinic.models import Clinic, Resource
from treatments import protocols
from treatments.models import Protocol, ProtocolZone, ScreeningRule, Stage

STEPS = [
    ("zones", _("Zones")),
    ("safety", _("Your safety")),
    ("first", _("First visit")),
    ("course", _("All dates")),
    ("you", _("You")),
    ("confirm", _("Confirm")),
]


ONE_VISIT = {"first": _("Day and time"), "course": _("Your appointment")}  # what these steps are called for a single visit


@dataclass(frozen=True)
class Journey:
    """Someone on the way to a course of `protocol`; `now` is aware."""

    clinic: Clinic
    protocol: Protocol
    draft: Draft
    now: datetime
    patients: tuple[Patient, ...] = ()

    @property
    def slug(self) -> str:
        return self.protocol.treatment.slug

    @property
    def today(self) -> date:
        return self.now.astimezone(self.clinic.zone).date()

    @property
    def zones(self) -> tuple[ProtocolZone, ...]:
        return tuple(option for option in self.protocol.zones.all() if option.zone.code in self.draft.zones)

    @cached_property
    def questions(self) -> list[ScreeningRule]:
        return screening.questions(self.protocol, self.zones)

    @cached_property
    def running(self) -> list[Course]:
        """The courses of this protocol that the patients behind the log-in are in the middle of: no second one is booked."""
        running = Course.objects.running()
        return [course for patient in self.patients for course in running.of_same_protocol(patient, self.protocol)]

    def rules(self, stage: Stage) -> list[ScreeningRule]:
        return [rule for rule in self.questions if rule.stage == stage]

    def decision(self, answers: Answers) -> Decision:
        return screening.assess(self.questions, answers, self.today)

    @property
    def is_one_visit(self) -> bool:
        return protocols.is_one_visit(self.protocol)

    @property
    def patient(self) -> Patient | None:
        """Who the course is for, once said; only ever a file this log-in reaches."""
        return next((patient for patient in self.patients if str(patient.uuid) == self.draft.patient), None)

    @property
    def with_consultation(self) -> bool:
        """Whether the patient begins with it. While nobody is named, one cleared file of this log-in is enough to leave it
        out: whoever books is checked at the end."""
        people = (self.patient,) if self.patient else self.patients or (None,)
        return all(proposals.with_consultation(self.protocol, self.clinic, patient, self.now) for patient in people)

    def request(self, wishes: Wishes, *, with_consultation: bool) -> CourseRequest:
        """What to ask the planner for."""
        return CourseRequest(
            clinic=self.clinic,
            protocol=self.protocol,
            zones=self.zones,
            with_consultation=with_consultation and protocols.has_consultation(self.protocol),
            earliest=self.decision(self.draft.answers or {}).earliest,
            wishes=wishes,
            patient=self.patient or (self.patients[0] if len(self.patients) == 1 else None),
        )

    def url(self, name: str, *queries: str, **changes: Any) -> str:
        """The address of a step, with the draft (changed as given) and further query strings."""
        return with_query(
            reverse(f"bookings:{name}", args=[self.slug]), urlencode({"d": replace(self.draft, **changes).seal()}), *queries
        )


def with_query(url: str, *queries: str) -> str:
    """The address followed by those query strings that are not empty."""
    query = "&".join(filter(None, queries))
    return f"{url}?{query}" if query else url


def stepper(current: str, protocol: Protocol) -> list[dict[str, object]]:
    """The steps and where we are among them; a protocol with one zone or none has no step for zones."""
    other_names = ONE_VISIT if protocols.is_one_visit(protocol) else {}
    names = [(key, other_names.get(key, label)) for key, label in STEPS if key != "zones" or len(protocol.zones.all()) > 1]
    here = [key for key, _label in names].index(current)
    states = ["done"] * here + ["current"] + ["todo"] * (len(names) - here - 1)
    return [{"key": key, "label": label, "state": state} for (key, label), state in zip(names, states, strict=True)]


def page_context(current: str, journey: Journey) -> dict[str, Any]:
    """What the page of every step shows and passes on."""
    return {
        "treatment": journey.protocol.treatment,
        "protocol": journey.protocol,
        "journey": journey,
        "steps": stepper(current, journey.protocol),
        "token": journey.draft.seal(),
    }


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, if only nothing; None for a page that is merely looked at."""
    return request.POST if request.method == "POST" else None


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment; going back in the history, it asks for the whole page."""
    htmx = request.htmx  # type: ignore[attr-defined]
    return bool(htmx) and not htmx.history_restore_request


def journey_page(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page anyone may open, which no cache keeps and no search engine lists."""

    @login_not_required
    @never_cache
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        clinic = request.clinic = current_clinic()  # type: ignore[attr-defined]
        with timezone.override(clinic.zone if clinic else None):  # pages speak the clinic's time, wherever it is
            response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex"
        return response

    return page


def with_journey(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hands the view the visitor's `Journey`; without a readable draft it leads back to the first step, and says why."""

    @journey_page
    @wraps(view)
    def page(request: HttpRequest, slug: str) -> HttpResponse:
        clinic, protocol = clinic_or_404(request), protocol_or_404(slug)
        form = DraftForm(request.POST if request.method == "POST" else request.GET)
        if not form.is_valid() or form.cleaned_data["d"].protocol != protocol.pk:
            return redirect(with_query(reverse("bookings:book-zones", args=[slug]), "lost=1"))
        journey = Journey(clinic, protocol, form.cleaned_data["d"], timezone.now(), patients_behind(request))
        return view(request, journey)

    return page


def with_answers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """As `with_journey`, for the steps that come after the safety list."""

    @with_journey
    @wraps(view)
    def page(request: HttpRequest, journey: Journey) -> HttpResponse:
        if journey.draft.answers is None:
            return redirect(journey.url("book-safety", "lost=1"))
        if journey.decision(journey.draft.answers).blocked:
            return redirect(journey.url("book-safety"))
        return view(request, journey)

    return page


def protocol_or_404(slug: str) -> Protocol:
    """What patients book online for this treatment, with all its parts."""
    protocol: Protocol | None = Protocol.objects.booked_online().with_parts().filter(treatment__slug=slug).first()
    if protocol is None:
        raise Http404
    return protocol


def clinic_or_404(request: HttpRequest) -> Clinic:
    """The clinic that is booked; the page's header and footer need it too, and read it from the request."""
    clinic: Clinic | None = getattr(request, "clinic", None) or current_clinic()
    if clinic is None:
        raise Http404
    request.clinic = clinic  # type: ignore[attr-defined]
    return clinic


def patients_behind(request: HttpRequest) -> tuple[Patient, ...]:
    """The patient files that the visitor's log-in reaches."""
    return tuple(identity.patients_of(request.user)) if request.user.is_authenticated else ()


def wishes_form(data: QueryDict, journey: Journey) -> WishesForm:
    """The filters, with the practitioners and the weekdays there are."""
    open_on = set(journey.clinic.opening_hours.values_list("weekday", flat=True))
    return WishesForm(data, practitioners=practitioners_of(journey.protocol, journey.clinic), open_on=open_on)


def practitioners_of(protocol: Protocol, clinic: Clinic) -> Sequence[Resource]:
    """The people patients may choose among: who can lead the protocol's visits and is shown to patients."""
    people = protocol.lead_capability.resources.filter(active=True, practitioner__is_public=True, shifts__clinic=clinic)
    return list(people.select_related("practitioner").distinct().order_by("name"))
