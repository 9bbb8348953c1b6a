"""Why a session of a course is not on its ideal day: what the days nearer to it have to offer.

Asked of the agenda as it is, so that what is said is true when it is read, before and after booking. What the days nearer to
the ideal day have is known; why a patient or the team chose otherwise is not, and nothing is guessed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bookings import proposals
from bookings.models import Appointment, Course
from bookings.planner import Slot, Wishes
from bookings.proposals import CourseRequest, Proposal, ProposedSession
from clinic import hours
from treatments.models import Protocol


class Reason(StrEnum):
    PASSED = "passed"  # every nearer day lies in the past
    CLOSED = "closed"
    FULL = "full"
    LEAD = "lead"  # free, but not with the practitioner of the session
    WISHES = "wishes"  # the planner could have taken one: this day goes better with the wishes and the other sessions
    OTHERS = "others"  # the same without a wish
    FREE = "free"  # a nearer day is free as well: somebody chose this one, or other sessions would have lain less well


@dataclass(frozen=True, slots=True)
class _Dated:
    """A session with a time. `lead` is a key, `day` and `ideal` are ordinals; `ideal`: the ideal day, or the first one allowed."""

    position: int
    lead: int
    day: int
    ideal: int

    @property
    def nearer(self) -> range:
        """The days nearer to the ideal one than its own, that day included."""
        return range(self.ideal, self.day) if self.ideal <= self.day else range(self.day + 1, self.ideal + 1)


def of_proposal(proposal: Proposal, *, planned: bool, now: datetime) -> dict[int, Reason]:
    """By position, for each session but the first. `planned`: the planner chose every date but the first."""
    wished = proposal.request.wishes != Wishes()
    better = (Reason.WISHES if wished else Reason.OTHERS) if planned else Reason.FREE
    dated = [_dated(item, item.slot, proposal.request) for item in proposal.sessions if item.slot]
    return _reasons(proposal.request, dated, better, now)


def of_course(
    course: Course, sessions: Iterable[Appointment], *, protocol: Protocol | None = None, now: datetime
) -> dict[int, Reason]:
    """The same for a stored course, of those of its `sessions` that are still to come. `protocol` as in `proposals.request_of`."""
    seen = proposals.standing(course, now)
    if not seen.slots:
        return {}
    request = proposals.request_of(course, seen, protocol)
    dated = [_dated(item, seen.slots[item.position], request) for item in sessions if item.position in seen.slots]
    return _reasons(request, dated, Reason.FREE, now)


def _dated(session: Appointment | ProposedSession, slot: Slot, request: CourseRequest) -> _Dated:
    return _Dated(session.position, slot.lead, slot.day, max(session.target, request.earliest or session.target).toordinal())


def _reasons(request: CourseRequest, dated: Iterable[_Dated], free: Reason, now: datetime) -> dict[int, Reason]:
    """`free`: what is said where a nearer day has a time with the same practitioner. Six queries, however many sessions."""
    today = now.astimezone(request.clinic.zone).date().toordinal()
    off = {item: range(max(item.nearer.start, today), item.nearer.stop) for item in dated if item.position and item.nearer}
    days = {day for nearer in off.values() for day in nearer}
    if not off:
        return {}
    open_days = {day.toordinal() for day in hours.open_days(request.clinic, {date.fromordinal(day) for day in days})}
    offered = proposals.on_offer(request, days, now=now)

    def reason(item: _Dated, nearer: range) -> Reason:
        if not nearer:
            return Reason.PASSED
        slots = offered[item.position].between(nearer)
        if len(slots):
            return free if item.lead in slots.lead else Reason.LEAD
        return Reason.CLOSED if open_days.isdisjoint(nearer) else Reason.FULL

    return {item.position: reason(item, nearer) for item, nearer in off.items() if item.position in offered}
