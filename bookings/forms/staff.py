"""What the team types or clicks. Shapes only: whether something may happen is for the rules to say."""

import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bookings.clearance import Outcome, Reason
from bookings.forms.first import Sentences
from bookings.forms.plan import plan_of
from bookings.models import Course
from bookings.planner import Slot
from clinic.models import Clinic, Kind, Resource
from treatments.models import Protocol, ProtocolZone
from treatments.protocols import has_consultation

FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2099, 12, 31)
SHORTEST_SEARCH = 2  # characters
LONGEST_ABSENCE = datetime.timedelta(days=366)


class DayInput(forms.DateInput):
    """The browser's own calendar; the value is always written as it expects it."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class MomentInput(forms.DateTimeInput):
    input_type = "datetime-local"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(attrs={"step": 300, "class": "form-control w-auto"}, format="%Y-%m-%dT%H:%M", **kwargs)


class MomentField(forms.DateTimeField):
    """A day and an hour in the clinic's time; an hour that the change of the clocks leaves out, or has twice, is none."""

    widget = MomentInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"), **kwargs)

    def to_python(self, value: Any) -> datetime.datetime | None:
        try:
            moment: datetime.datetime | None = super().to_python(value)
        except forms.ValidationError as error:
            if error.code == "ambiguous_timezone":
                raise forms.ValidationError(_("The clocks change in that hour. Please choose another one.")) from error
            raise
        return moment


class DayField(forms.DateField):
    """A day as the browser's calendar writes it, of a century in which the clinic could be open."""

    widget = DayInput
    input_formats = ("%Y-%m-%d",)

    def validate(self, value: datetime.date | None) -> None:
        super().validate(value)
        if value and not FIRST_DAY <= value <= LAST_DAY:
            raise forms.ValidationError(_("This day is too far away."))


class DayForm(forms.Form):
    """Which day, and whose visits. Without a day: today; without a person: everyone's."""

    date = DayField(label=_("Day"), required=False)
    person = forms.ModelChoiceField(Resource.objects.none(), label=_("With"), required=False, empty_label=_("everyone"))

    def __init__(self, data: Any, *, clinic: Clinic) -> None:
        super().__init__(data)
        people = Resource.objects.filter(kind=Kind.PERSON, active=True, shifts__clinic=clinic).distinct().order_by("name")
        person = self.fields["person"]
        assert isinstance(person, forms.ModelChoiceField)
        person.queryset = people


class ReasonForm(forms.Form):
    """What a no needs besides: one of a few reasons, in words that reception may read."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("choose a reason")), *Reason.choices],
        required=False,
        help_text=_("Reception reads it. The patient is only told that the course does not take place; explain it yourself."),
    )

    def needs_reason(self) -> bool:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and self.needs_reason() and not data.get("reason"):
            self.add_error("reason", _("Please choose a reason."))
        return data


class ReviewForm(ReasonForm):
    """A physician's answer to a patient's answers."""

    decision = forms.ChoiceField(label=_("Decision"), choices=[("accept", _("accept")), ("refuse", _("refuse"))])

    def needs_reason(self) -> bool:
        return bool(self.cleaned_data["decision"] == "refuse")


class ProtocolChoice(forms.ModelChoiceField):
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.name)


class OutcomeForm(ReasonForm):
    """What the consultation decided. `plan` carries the dates that were shown, once they have been agreed to.

    Zones are ticked among those of the course's protocol; where the physician chooses another one, they become its own.
    """

    outcome = forms.ChoiceField(label=_("Outcome"), choices=Outcome.choices, widget=forms.RadioSelect())
    protocol = ProtocolChoice(
        Protocol.objects.none(), label=_("Way of treating"), required=False, empty_label=None, widget=forms.RadioSelect()
    )
    zones = forms.ModelMultipleChoiceField(
        ProtocolZone.objects.none(), label=_("Zones"), required=False, widget=forms.CheckboxSelectMultiple()
    )
    earliest = DayField(label=_("No session before"), required=False, help_text=_("Empty: as planned."))
    plan = forms.CharField(required=False, widget=forms.HiddenInput())

    field_order = ("outcome", "protocol", "zones", "earliest", "reason", "plan")

    def __init__(self, data: Any = None, *, course: Course) -> None:
        self.course = course
        self.own_zones = list(course.zones.all())
        super().__init__(data, initial={"zones": self.own_zones, "protocol": course.protocol_id})
        zones, protocol = self.fields["zones"], self.fields["protocol"]
        assert isinstance(zones, forms.ModelMultipleChoiceField)
        assert isinstance(protocol, forms.ModelChoiceField)
        zones.queryset = course.protocol.zones.select_related("zone")
        protocol.queryset = Protocol.objects.filter(pk=course.protocol_id) | Protocol.objects.instead_of(course.protocol)
        self.has_choice = protocol.queryset.count() > 1

    def needs_reason(self) -> bool:
        return bool(self.cleaned_data["outcome"] == Outcome.REFUSED)

    def clean_plan(self) -> dict[int, Slot] | None:
        """The slots agreed to, by position."""
        return plan_of(self.cleaned_data["plan"], self.course.clinic) or None

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not self.errors and data["outcome"] == Outcome.CHANGED:
            self._clean_changes(data)
        return data

    def _clean_changes(self, data: dict[str, Any]) -> None:
        other = data["protocol"] if data["protocol"] and data["protocol"].pk != self.course.protocol_id else None
        if not data["zones"] and self.own_zones:
            self.add_error("zones", _("Please choose at least one zone."))
        elif data["earliest"] and data["earliest"] < timezone.localdate(timezone=self.course.clinic.zone):
            self.add_error("earliest", _("This day has passed."))
        elif other:
            self._clean_zones_of(other, data)
        elif {zone.pk for zone in data["zones"]} == {zone.pk for zone in self.own_zones} and not data["earliest"]:
            self.add_error("outcome", _("Say what changes: the way of treating, the zones, or the first possible date."))

    def _clean_zones_of(self, other: Protocol, data: dict[str, Any]) -> None:
        """The zones ticked, as the other protocol has them; one it does not have is named."""
        has = {row.zone_id: row for row in other.zones.select_related("zone")}
        if missing := [row.zone.name for row in data["zones"] if row.zone_id not in has]:
            sentence = _("“%(protocol)s” is not offered for: %(zones)s.")
            self.add_error("zones", sentence % {"protocol": other.name, "zones": ", ".join(missing)})
        else:
            data["zones"] = [has[row.zone_id] for row in data["zones"]]


class ResumeForm(Sentences):
    """The first day on which a paused course may go on."""

    on = DayField(label=_("No session before"))


class AbsenceForm(forms.Form):
    """Who or what is away, from when to when, in the clinic's time."""

    resource = forms.ModelChoiceField(Resource.objects.none(), label=_("Who or what"))
    starts = MomentField(label=_("From"))
    ends = MomentField(label=_("Until"))
    reason = forms.CharField(
        label=_("Why"), max_length=200, required=False, help_text=_("The whole team reads it: no medical words.")
    )

    def __init__(self, data: Any = None, *, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        resource = self.fields["resource"]
        assert isinstance(resource, forms.ModelChoiceField)
        here = Q(clinic=clinic) | Q(shifts__clinic=clinic)
        resource.queryset = Resource.objects.filter(here, active=True).distinct().order_by("-kind", "name")

    def clean_starts(self) -> datetime.datetime:
        return on_the_grid(self.cleaned_data["starts"])

    def clean_ends(self) -> datetime.datetime:
        return on_the_grid(self.cleaned_data["ends"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and data["ends"] <= data["starts"]:
            self.add_error("ends", _("It has to end after it begins."))
        if not self.errors and data["ends"] - data["starts"] > LONGEST_ABSENCE:
            self.add_error("ends", _("That is longer than a year. Please check the dates."))
        return data


def on_the_grid(moment: datetime.datetime) -> datetime.datetime:
    """Raises ValidationError for a moment that is not on whole five minutes, or of no century in which the clinic is open."""
    if moment.minute % 5 or moment.second or moment.microsecond:
        raise forms.ValidationError(_("Please give the time in whole five minutes."))
    if not FIRST_DAY <= moment.date() <= LAST_DAY:
        raise forms.ValidationError(_("This day is too far away."))
    return moment


class WhyNotForm(forms.Form):
    """A time, and with whom, that a patient asks for on the phone."""

    at = MomentField(label=_("When"))
    lead = forms.ModelChoiceField(
        Resource.objects.none(),
        label=_("With"),
        required=False,
        empty_label=_("anyone"),
        widget=forms.Select({"class": "form-select w-auto"}),
    )

    def __init__(self, data: Any = None, *, leads: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        lead = self.fields["lead"]
        assert isinstance(lead, forms.ModelChoiceField)
        lead.queryset = leads

    def clean_at(self) -> datetime.datetime:
        return on_the_grid(self.cleaned_data["at"])


class TreatmentForm(forms.Form):
    """What somebody asks for on the phone."""

    protocol = forms.ModelChoiceField(
        Protocol.objects.published().select_related("treatment").order_by("treatment__position", "treatment", "code"),
        label=_("Treatment"),
    )


class BeginForm(WhyNotForm):
    """When a course may begin: with a consultation or, where the patient has been seen, with a session; for which zones."""

    CONSULTATION, SESSION = "consultation", "session"

    begins = forms.ChoiceField(label=_("Begins with"), choices=[(CONSULTATION, _("a consultation")), (SESSION, _("a session"))])
    zones = forms.ModelMultipleChoiceField(
        ProtocolZone.objects.none(),
        label=_("Zones"),
        error_messages={"required": _("Choose at least one zone.")},
        widget=forms.CheckboxSelectMultiple,
    )
    field_order = ("zones", "begins", "at", "lead")

    def __init__(self, data: Any = None, *, protocol: Protocol, **kwargs: Any) -> None:
        """`protocol` with its parts."""
        super().__init__(data, **kwargs)
        zones = self.fields["zones"]
        assert isinstance(zones, forms.ModelMultipleChoiceField)
        zones.queryset = protocol.zones.select_related("zone")
        if not protocol.zones.all():
            del self.fields["zones"]
        if not has_consultation(protocol):
            del self.fields["begins"]

    @property
    def with_consultation(self) -> bool:
        """Whether the course asked for begins with a consultation before its sessions; of a valid form."""
        return bool(self.cleaned_data.get("begins") == self.CONSULTATION)


class SearchForm(forms.Form):
    q = forms.CharField(
        label=_("Name, phone or e-mail"), min_length=SHORTEST_SEARCH, max_length=100, widget=forms.TextInput({"type": "search"})
    )
