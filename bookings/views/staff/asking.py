"""“Could I come on Thursday at five?”: whether a course may begin then, every reason why not, and the nearest times that may."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings import proposals, why_not
from bookings.forms.staff import BeginForm, TreatmentForm
from bookings.proposals import CourseRequest, Offer
from bookings.refusals import Refusal
from bookings.views.staff.day import clinic_of
from bookings.views.staff.words import reasons_in_words
from clinic import timegrid
from clinic.access import TEAM, role_required
from clinic.models import Clinic, Resource
from treatments.models import Protocol

BEFORE, AFTER = timedelta(days=7), timedelta(days=28)  # where other times are looked for
NEAREST = 3


@require_safe
@never_cache
@role_required(*TEAM)
def staff_why_not(request: HttpRequest) -> HttpResponse:
    """First the treatment, then the time."""
    clinic, chosen = clinic_of(request), TreatmentForm(request.GET if "protocol" in request.GET else None)
    if not chosen.is_valid():
        return render(request, "bookings/staff_why_not.html", {"chosen": chosen}, status=422 if chosen.is_bound else 200)
    protocol = Protocol.objects.with_parts().get(pk=chosen.cleaned_data["protocol"].pk)
    form = BeginForm(
        request.GET if "at" in request.GET else None, protocol=protocol, leads=who_leads(protocol, clinic), label_suffix=""
    )
    context: dict[str, Any] = {"chosen": chosen, "protocol": protocol, "form": form}
    if form.is_valid():
        zones = tuple(form.cleaned_data.get("zones", ()))
        wanted = CourseRequest(clinic, protocol, zones, form.with_consultation)
        try:
            proposals.check(wanted)
        except Refusal as refusal:
            form.add_error("zones" if "zones" in form.fields else None, refusal.sentence)
        else:
            context |= _answer(wanted, form, now=timezone.now())
    return render(request, "bookings/staff_why_not.html", context, status=422 if form.errors else 200)


def who_leads(protocol: Protocol, clinic: Clinic) -> QuerySet[Resource]:
    """Who can lead the visits of this protocol at this clinic."""
    able = protocol.lead_capability.resources.filter(active=True, shifts__clinic=clinic)
    return able.distinct().order_by("name")


def _answer(wanted: CourseRequest, form: BeginForm, *, now: datetime) -> dict[str, Any]:
    """For each practitioner asked about: the course from then on, or why there is none; and what is nearest."""
    at, lead = form.cleaned_data["at"], form.cleaned_data["lead"]
    answers = [_with(wanted, person, at, now) for person in ([lead] if lead else who_leads(wanted.protocol, wanted.clinic))]
    return {"asked_at": at, "answers": answers, "nearest": _nearest(wanted, at, lead, now)}


def _with(wanted: CourseRequest, lead: Resource, at: datetime, now: datetime) -> dict[str, Any]:
    slot = proposals.slot_at(timegrid.tick(at), lead.pk, wanted.clinic)
    reasons = reasons_in_words(why_not.to_begin(wanted, slot, now=now), wanted.clinic)
    sessions: Any = ()
    if not reasons:
        try:
            sessions = proposals.propose(wanted, slot, now=now).sessions
        except Refusal as refusal:  # it can begin then, but not go on
            reasons = [str(refusal.sentence)]
    return {"lead": lead, "reasons": reasons, "sessions": sessions}


def _nearest(wanted: CourseRequest, at: datetime, lead: Resource | None, now: datetime) -> list[Offer]:
    """The starts next to `at` (aware) from which the whole course fits, with this practitioner if one was asked for."""
    today, day = now.astimezone(wanted.clinic.zone).date(), at.astimezone(wanted.clinic.zone).date()
    first = max(today, day - BEFORE)
    found = proposals.first_offers(wanted, start=first, end=max(first, day) + AFTER, now=now)
    there = [offer for offer in found if offer.starts != at and (lead is None or offer.practitioner == lead)]
    return sorted(sorted(there, key=lambda offer: abs(offer.starts - at))[:NEAREST], key=lambda offer: offer.starts)
