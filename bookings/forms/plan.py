"""Dates that were shown travel with the form that agrees to them, and must still be the plan when it comes back."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings.forms.first import Sentences, slot_of
from bookings.planner import Slot
from bookings.proposals import parse_slot, slot_text
from clinic.models import Clinic


def plan_text(slots: Mapping[int, Slot]) -> str:
    """Slots by position in the form `plan_of` reads."""
    return ",".join(f"{position}:{slot_text(slot)}" for position, slot in sorted(slots.items()))


def plan_of(text: str, clinic: Clinic) -> dict[int, Slot]:
    """The slots agreed to, by position. Raises ValidationError when the text is not one that `plan_text` wrote."""
    try:
        parts = [part.split(":") for part in text.split(",") if part]
        return {int(position): parse_slot(slot, clinic) for position, slot in parts}
    except ValueError as error:
        raise forms.ValidationError(_("These dates cannot be read. Please look at them again.")) from error


class PlanForm(Sentences):
    """The dates agreed to; None as long as nobody has. A plan may be empty: the last session can be left out."""

    plan = forms.CharField(max_length=2000, required=False)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic

    def clean_plan(self) -> dict[int, Slot] | None:
        return plan_of(self.cleaned_data["plan"], self.clinic) if "plan" in self.data else None


def ask_text(visit: UUID, slot: Slot) -> str:
    """A visit and the slot its patient is to be asked about, in the form `asks_of` reads."""
    return f"{visit}:{slot_text(slot)}"


def asks_of(texts: Iterable[str], clinic: Clinic) -> dict[UUID, Slot]:
    """The slots to ask about, by visit. Raises ValueError when a text is not one that `ask_text` wrote."""
    parts = [text.partition(":") for text in texts]
    return {UUID(visit): parse_slot(slot, clinic) for visit, _, slot in parts}


class SlotForm(forms.Form):
    """The slot a button speaks of."""

    slot = forms.CharField(max_length=40)

    def __init__(self, *args: Any, clinic: Clinic, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.clinic = clinic

    def clean_slot(self) -> Slot:
        return slot_of(self.cleaned_data["slot"], self.clinic)


class StartsForm(forms.Form):
    """The time (aware) a button speaks of, so that it is not pressed for another."""

    starts = forms.DateTimeField()


class ReasonInWords(forms.Form):
    """Why the team changes, pauses or ends a course."""

    reason = forms.CharField(
        label=_("Why"),
        max_length=200,
        required=False,
        help_text=_("For the journal, which the whole team reads: no medical words."),
    )


class AgreedForm(ReasonInWords, PlanForm):
    """The dates agreed to, and why."""


class MoveForm(PlanForm):
    """Another time for one session; without a slot, the times to choose from are shown."""

    slot = forms.CharField(max_length=40, required=False)

    def clean_slot(self) -> Slot | None:
        text = self.cleaned_data["slot"]
        return slot_of(text, self.clinic) if text else None
