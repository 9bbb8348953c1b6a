"""Steps 3 and 4: when. Everything here stands in the address, so that links work without JavaScript and can be kept."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings import proposals
from bookings.planner import Slot, Wishes
from clinic.models import Clinic, Resource
from clinic.models.hours import Weekday

NOON, EVENING, MIDNIGHT = 12 * 60, 17 * 60, 24 * 60
PARTS: dict[str, tuple[int, int]] = {"morning": (0, NOON), "afternoon": (NOON, EVENING), "evening": (EVENING, MIDNIGHT)}
PART_NAMES = {"morning": _("Morning"), "afternoon": _("Afternoon"), "evening": _("After 17:00")}

SELECT = {"class": "form-select"}
PIN = re.compile(r"s([1-9]\d?)")


class Sentences(forms.Form):
    """A form whose errors are read as sentences, not beside its fields."""

    @property
    def sentences(self) -> list[str]:
        """What is wrong, each thing once."""
        return list(dict.fromkeys(str(sentence) for errors in self.errors.values() for sentence in errors))


class WishesForm(Sentences):
    """The filters; all optional."""

    practitioner = forms.TypedChoiceField(
        label=_("Practitioner"), required=False, coerce=int, empty_value=None, widget=forms.Select(attrs=SELECT)
    )
    weekdays = forms.TypedMultipleChoiceField(label=_("Days"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple)
    part = forms.ChoiceField(
        label=_("Time of day"),
        required=False,
        choices=[("", _("Any time")), *PART_NAMES.items()],
        widget=forms.Select(attrs=SELECT),
    )

    def __init__(self, *args: Any, practitioners: Sequence[Resource], open_on: Collection[int], **kwargs: Any) -> None:
        """`open_on`: the ISO weekdays on which the clinic ever opens."""
        super().__init__(*args, **kwargs)
        days = [(day.value, day.label) for day in Weekday if day in open_on]
        cast("forms.MultipleChoiceField", self.fields["weekdays"]).choices = days
        people = [(person.pk, str(person.practitioner)) for person in practitioners]
        cast("forms.ChoiceField", self.fields["practitioner"]).choices = [("", _("Anyone")), *people]

    @property
    def wishes(self) -> Wishes:
        data = self.cleaned_data
        lead = data.get("practitioner")
        return Wishes(
            weekdays=frozenset(data.get("weekdays") or ()),
            minutes=PARTS.get(data.get("part", "")),
            lead=lead,
            only_lead=lead is not None,
        )

    @property
    def query(self) -> str:
        """The filters as the end of a query string, for links that keep them; empty or beginning with "&"."""
        query = wishes_query(self.wishes)
        return f"&{query}" if query else ""

    def allows(self, slot: Slot) -> bool:
        """Whether a first visit in this slot is on one of the days and at the hours asked for."""
        weekdays, part = self.cleaned_data.get("weekdays"), PARTS.get(self.cleaned_data.get("part", ""))
        on_the_day = not weekdays or date.fromordinal(slot.day).isoweekday() in weekdays
        return on_the_day and (part is None or part[0] <= slot.minute < part[1])


class MonthForm(forms.Form):
    """Which month of the calendar is shown, and which of its days is open."""

    month = forms.DateField(required=False, input_formats=["%Y-%m"])
    day = forms.DateField(required=False, input_formats=["%Y-%m-%d"])


class ChosenForm(Sentences):
    """`first=<tick>-<lead>`, `s<position>=<tick>-<lead>` for fixed sessions; `change=<position>` is being changed, `changed` was.

    `consultation` says what position 0 is: the same dates mean another course with and without it.
    """

    first = forms.CharField(max_length=40, error_messages={"required": _("Please choose a first visit.")})
    consultation = forms.BooleanField(required=False)
    change = forms.IntegerField(required=False, min_value=0, max_value=99)
    changed = forms.IntegerField(required=False, min_value=0, max_value=99)

    def __init__(self, data: Any = None, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(data, *args, **kwargs)
        self.clinic = clinic
        self.pinned = {key: int(found[1]) for key in (data or {}) if (found := PIN.fullmatch(key))}
        for key in self.pinned:
            self.fields[key] = forms.CharField(max_length=40)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            self.first_slot = self._slot(data["first"])
            self.pins = {position: self._slot(data[key]) for key, position in self.pinned.items()}
        return data

    def _slot(self, text: str) -> Slot:
        return slot_of(text, self.clinic)


class ChangeForm(Sentences):
    """Another time for one session of the dates kept; without a slot, the times to choose from are shown."""

    position = forms.IntegerField(min_value=0, max_value=99)
    slot = forms.CharField(max_length=40, required=False)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic

    def clean_slot(self) -> Slot | None:
        text = self.cleaned_data["slot"]
        return slot_of(text, self.clinic) if text else None


def slot_of(text: str, clinic: Clinic) -> Slot:
    try:
        return proposals.parse_slot(text, clinic)
    except ValueError as error:
        raise forms.ValidationError(_("This is not one of the dates we proposed. Please choose again.")) from error


def wishes_query(wishes: Wishes) -> str:
    """Wishes as the filters that express them."""
    part = next((name for name, minutes in PARTS.items() if minutes == wishes.minutes), None)
    pairs = [("practitioner", wishes.lead), ("part", part), *(("weekdays", day) for day in sorted(wishes.weekdays))]
    return urlencode([(name, value) for name, value in pairs if value])


def dates_query(slots: Mapping[int, Slot], *, with_consultation: bool) -> str:
    """Chosen dates by position as a query string; position 0 is the first visit."""
    dates = [(f"s{position}" if position else "first", proposals.slot_text(slot)) for position, slot in sorted(slots.items())]
    return urlencode([*dates, *([("consultation", "on")] if with_consultation else [])])
