"""The last steps of a booking share this: dates that are kept by a hold, or, where too many are kept, only chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from bookings import booking, nearness, proposals
from bookings.forms import ChosenForm, WishesForm
from bookings.models import Appointment, Course, Patient
from bookings.planner import Slot
from bookings.proposals import ProposedSession
from bookings.refusals import Refusal
from bookings.screening import Answers, Decision
from bookings.views.steps import Journey, page_context, wishes_form, with_query


@dataclass(frozen=True, slots=True)
class Ending:
    """`course` is the hold; without one, the dates in the draft are what will be booked."""

    journey: Journey
    course: Course | None

    @property
    def held(self) -> Course:
        """The hold, where there is one for sure."""
        assert self.course is not None
        return self.course

    def url(self, step: str, **changes: Any) -> str:
        """The address of "identity", "questions" or "confirm", with the draft, changed as given."""
        if self.course is None:
            return self.journey.url(f"book-{step}", **changes)
        draft = replace(self.journey.draft, **changes)
        return with_query(reverse(f"bookings:hold-{step}", args=[self.course.uuid]), urlencode({"d": draft.seal()}))

    def choose_again_url(self, **changes: Any) -> str:
        """Back to the first visits, with what has been answered so far."""
        return self.journey.url("book-first", **changes)

    @property
    def with_consultation(self) -> bool:
        return self.course.with_consultation if self.course else bool(self._chosen()[1].cleaned_data["consultation"])

    @property
    def may_extend(self) -> bool:
        """Whether a little more time has not been asked for yet."""
        held = self.held
        assert held.held_at is not None and held.held_until is not None
        first_end = held.held_at + timedelta(minutes=held.clinic.hold_minutes)
        return held.held_until <= first_end < held.held_at + booking.LONGEST_HOLD

    def sessions(self, earliest: date | None) -> tuple[Sequence[Appointment | ProposedSession], dict[int, nearness.Because]]:
        """Every session with its date, for the summary, and why it is not on its ideal day, or on the first day the answers allow
        (`earliest`); none where dates that are only chosen are no longer free."""
        now = self.journey.now
        if self.course is not None:
            rows = list(self.course.appointments.select_related("phase", "lead__practitioner").order_by("position"))
            return rows, nearness.of_course(self.course, rows, earliest=earliest, now=now)
        filters, form = self._chosen()
        wanted = self.journey.request(filters.wishes, with_consultation=self.with_consultation)
        try:
            proposal = proposals.exactly(wanted, {0: form.first_slot, **form.pins}, now=now)[0]
        except Refusal:
            return [], {}
        return proposal.sessions, nearness.of_proposal(proposal, now=now)

    @property
    def dates_are_readable(self) -> bool:
        return all(form.is_valid() for form in self._chosen())

    def confirm(
        self, patient: Patient, answers: Answers, decision: Decision, *, shown: Mapping[int, Slot] | None, by: Any
    ) -> Course:
        """The course becomes the patient's; `shown` are the kept dates (by position) that the page showed.

        Raises the refusals of `booking.confirm` or `booking.book`."""
        now = self.journey.now
        if self.course is not None:
            return booking.confirm(self.course, patient, answers=answers, decision=decision, by=by, now=now, shown=shown or {})
        filters, form = self._chosen()
        wanted = replace(self.journey.request(filters.wishes, with_consultation=self.with_consultation), patient=patient)
        return booking.book(
            wanted, form.first_slot, form.pins, patient=patient, answers=answers, decision=decision, by=by, now=now
        )

    def just_booked(self, patient: Patient) -> Course | None:
        """Without a hold: the course that a first click on "confirm" has made of these very dates."""
        if self.course is not None:
            return None
        course = Course.objects.running().of_same_protocol(patient, self.journey.protocol).first()
        form = self._chosen()[1]
        return course if course and proposals.stored_slots(course) == {0: form.first_slot, **form.pins} else None

    def give_back(self) -> None:
        """Of dates that are only chosen there is nothing to give back."""
        if self.course is not None:
            booking.release(self.course, now=self.journey.now)

    def _chosen(self) -> tuple[WishesForm, ChosenForm]:
        """The wishes and dates that the draft carries, both checked."""
        data = QueryDict(self.journey.draft.dates)
        forms = wishes_form(data, self.journey), ChosenForm(data, clinic=self.journey.clinic)
        for form in forms:
            form.is_valid()
        return forms


def ending_context(current: str, ending: Ending) -> dict[str, Any]:
    """What the last pages show and pass on."""
    return page_context(current, ending.journey) | {"ending": ending, "course": ending.course}
