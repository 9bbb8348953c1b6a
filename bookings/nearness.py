"""Why a session of a course is not on its ideal day: what the days nearer to it have to offer.

Asked of the agenda as it is, so that what is said is true when it is read, before and after booking. Where a nearer day is free, the
planner says whether the course would be better with it; why else a patient or the team chose this one is not known, and not guessed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bookings import proposals
from bookings.models import Appointment, Course
from bookings.planner import Slot, Wishes
from bookings.proposals import CourseRequest, CourseSearch, Proposal, ProposedSession
from bookings.slots import NEVER
from clinic import hours
from treatments.models import Protocol


class Reason(StrEnum):
    PASSED = "passed"  # every nearer day lies in the past
    CLOSED = "closed"
    FULL = "full"
    LEAD = "lead"  # free, but not with the practitioner of the session
    OTHERS = "others"  # free, but the course as a whole would cost the planner as much or more
    WISHES = "wishes"  # the same with the wishes that were made
    FREE = "free"  # free, and the course would be better with it: somebody has chosen this day


@dataclass(frozen=True, slots=True)
class _Dated:
    """A session with a time; `ideal` is an ordinal: the ideal day, or the first one allowed."""

    position: int
    slot: Slot
    ideal: int

    @property
    def nearer(self) -> range:
        """The days nearer to the ideal one than its own, that day included."""
        day = self.slot.day
        return range(self.ideal, day) if self.ideal <= day else range(day + 1, self.ideal + 1)


def of_proposal(proposal: Proposal, *, now: datetime) -> dict[int, Reason]:
    """By position, for each session but the first."""
    return _reasons(proposal.request, proposal.slots, proposal.sessions, now)


def of_course(
    course: Course, sessions: Iterable[Appointment], *, protocol: Protocol | None = None, now: datetime
) -> dict[int, Reason]:
    """The same for a stored course, of those of its `sessions` that are still to come. `protocol` as in `proposals.request_of`."""
    seen = proposals.standing(course, now)
    request = proposals.request_of(course, seen, protocol)
    return _reasons(request, seen.slots, sessions, now)


def _reasons(
    request: CourseRequest, slots: Mapping[int, Slot], sessions: Iterable[Appointment | ProposedSession], now: datetime
) -> dict[int, Reason]:
    """The course on these slots, by position. Six queries, however many sessions."""
    allowed = request.earliest or date.min
    dated = [
        _Dated(item.position, slots[item.position], max(item.target, allowed).toordinal())
        for item in sessions
        if item.position and item.position in slots
    ]
    off = [item for item in dated if item.nearer]
    if not off:
        return {}
    open_days = hours.open_days(request.clinic, {date.fromordinal(day) for item in off for day in item.nearer})
    search = proposals.look(request, now=now)
    is_open, today = {day.toordinal() for day in open_days}, now.astimezone(request.clinic.zone).date().toordinal()
    return {item.position: _reason(item, search, slots, is_open, today) for item in off if item.position in search.places}


def _reason(item: _Dated, search: CourseSearch, slots: Mapping[int, Slot], is_open: set[int], today: int) -> Reason:
    nearer = range(max(item.nearer.start, today), item.nearer.stop)
    if not nearer:
        return Reason.PASSED
    found = search.on_offer(item.position).between(nearer)
    if not len(found):
        return Reason.CLOSED if is_open.isdisjoint(nearer) else Reason.FULL
    if item.slot.lead not in found.lead:
        return Reason.LEAD
    costs = search.branch_costs(slots, item.position)
    best = min((cost for slot, cost in costs.items() if slot.day in nearer), default=None)
    if best is None or best < costs.get(item.slot, NEVER):
        return Reason.FREE
    return Reason.OTHERS if search.request.wishes == Wishes() else Reason.WISHES
