"""Step 2: the short safety list; the remaining questions at the end use the same lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from bookings import screening
from bookings.screening import UNSURE, Answer, Answers
from treatments.models import Outcome, ScreeningRule

LONGEST_AGO = timedelta(days=50 * 365)  # a day in an answer tells of something that is over: of no day to come

BOTH = _("You ticked a line and also said that none applies. Please choose one of the two.")
NEITHER = _("Tick what applies to you, or say that none of these does.")


@dataclass(frozen=True, slots=True)
class Line:
    """One question as the page shows it; `wait_until` is the earliest day if the answer is "yes" without a date."""

    rule: ScreeningRule
    tick: BoundField
    unsure: BoundField
    day: BoundField | None
    wait_until: date | None

    @property
    def is_ticked(self) -> bool:
        """Ticked, or with details that say as much: whatever counts is to be seen."""
        return any(field.value() for field in (self.tick, self.unsure, self.day) if field is not None)


class AnswersForm(forms.Form):
    """One tick per question for "yes", with "I am not sure" and, where days count, a date; or `none` for all of them."""

    none = forms.BooleanField(required=False, label=_("None of these applies to me"))

    def __init__(
        self, *args: Any, rules: Sequence[ScreeningRule], today: date, answers: Answers | None = None, **kwargs: Any
    ) -> None:
        kwargs.setdefault("initial", {}).update(_initial(rules, answers))
        super().__init__(*args, **kwargs)
        self.rules, self.today = rules, today
        self.answers: dict[str, Answer] = {}
        for rule in rules:
            self.fields[f"q-{rule.code}"] = forms.BooleanField(label=rule.question, help_text=rule.help, required=False)
            self.fields[f"q-{rule.code}-unsure"] = forms.BooleanField(label=_("I am not sure"), required=False)
            if rule.date_question:
                self.fields[f"q-{rule.code}-day"] = _day_field(rule.date_question, today)

    @property
    def lines(self) -> list[Line]:
        return [self._line(rule) for rule in self.rules]

    def _line(self, rule: ScreeningRule) -> Line:
        waits = rule.outcome == Outcome.DATE
        return Line(
            rule=rule,
            tick=self[f"q-{rule.code}"],
            unsure=self[f"q-{rule.code}-unsure"],
            day=self[f"q-{rule.code}-day"] if rule.date_question else None,
            wait_until=screening.earliest_day(rule, None, self.today) if waits else None,
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("none"):
            self._forget_withdrawn(data)
        self.answers = {rule.code: self._answer(rule, data) for rule in self.rules if self._is_yes(rule, data)}
        if data.get("none") and self.answers:
            self.add_error("none", forms.ValidationError(BOTH, code="both"))
        if self.rules and not data.get("none") and not self.answers and not self.errors:
            self.add_error("none", forms.ValidationError(NEITHER, code="neither"))
        return data

    def _forget_withdrawn(self, data: dict[str, Any]) -> None:
        """A line that is not ticked hides its day: who then says that none applies has withdrawn it."""
        for code in (rule.code for rule in self.rules if not data.get(f"q-{rule.code}")):
            data[f"q-{code}-day"] = None
            self.errors.pop(f"q-{code}-day", None)

    def _is_yes(self, rule: ScreeningRule, data: dict[str, Any]) -> bool:
        return any(data.get(f"q-{rule.code}{part}") for part in ("", "-unsure", "-day"))

    def _answer(self, rule: ScreeningRule, data: dict[str, Any]) -> Answer:
        return UNSURE if data.get(f"q-{rule.code}-unsure") else data.get(f"q-{rule.code}-day")


class SafetyForm(AnswersForm):
    """The short list: only what changes whether, or when, the treatment can be had."""


def _day_field(label: str, today: date) -> forms.DateField:
    earliest = today - LONGEST_AGO
    field = forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(
            format="%Y-%m-%d",
            attrs={"type": "date", "class": "form-control", "min": earliest.isoformat(), "max": today.isoformat()},
        ),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
    )

    def in_the_past(day: date) -> None:
        if day > today:
            raise forms.ValidationError(_("This day is still to come. Please give a day of the past."))
        if day < earliest:
            raise forms.ValidationError(_("This day is too long ago. Please check the year."))

    field.validators.append(in_the_past)
    return field


def _initial(rules: Sequence[ScreeningRule], answers: Answers | None) -> dict[str, object]:
    """What the lines show when the patient comes back to them."""
    initial: dict[str, object] = {}
    for rule in rules:
        if answers is not None and rule.code in answers:
            answer = answers[rule.code]
            initial[f"q-{rule.code}"] = True
            initial[f"q-{rule.code}-unsure"] = answer == UNSURE
            initial[f"q-{rule.code}-day"] = answer if isinstance(answer, date) else None
    return initial
