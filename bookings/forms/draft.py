"""What a patient has chosen so far, carried sealed from step to step.

Nothing is kept on the server while someone looks for dates: the zones and the medical answers travel in the address as
an encrypted token, readable by us alone and only for a while.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bookings import screening
from bookings.screening import Answer

DRAFT_SECONDS = 2 * 60 * 60
LONGEST_TOKEN = 6000


@dataclass(frozen=True, slots=True)
class Draft:
    """The choices made so far; `answers` is None until the safety list has been answered, `dates` the chosen dates as a query string."""

    protocol: int
    zones: tuple[str, ...] = ()
    answers: Mapping[str, Answer] | None = None
    patient: str = ""
    dates: str = field(default="")

    def seal(self) -> str:
        answers = None if self.answers is None else screening.pack(self.answers)
        return screening.seal({"p": self.protocol, "z": self.zones, "a": answers, "who": self.patient, "on": self.dates})

    @classmethod
    def unseal(cls, token: str) -> "Draft":
        """The draft of a token; ValueError when it is not ours or too old."""
        data: dict[str, Any] = screening.unseal(token, DRAFT_SECONDS)
        try:
            answers = None if data["a"] is None else screening.unpack(data["a"])
            return cls(int(data["p"]), tuple(data["z"]), answers, data["who"], data["on"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("a token of another kind") from error


class DraftForm(forms.Form):
    """Reads the token `d`."""

    d = forms.CharField(max_length=LONGEST_TOKEN)

    def clean_d(self) -> Draft:
        try:
            return Draft.unseal(self.cleaned_data["d"])
        except ValueError as error:
            raise forms.ValidationError(
                _("Your choices were kept for two hours and have been forgotten since. Please make them again.")
            ) from error


class HoldForm(forms.Form):
    """The dates already kept, when someone comes back to an earlier step."""

    hold = forms.UUIDField()
