"""Why a session of a course is not on its ideal day: what the days nearer to it have to offer.

Asked of the agenda as it is, so that what is said is true when it is read, before and after booking. Where a nearer day is free, the
planner says whether the course would be better with it; why else a patient or the team chose this one is not known, and not guessed.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from bookings import proposals
from bookings.models import Appointment, Course
from bookings.planner import Plan, Slot
from bookings.proposals import CourseRequest, CourseSearch, Proposal, ProposedSession
from bookings.slots import Candidates, meets, slot_part
from clinic import hours
from treatments.models import Protocol


class Reason(StrEnum):
    PASSED = "passed"  # nearer days lie in the past, and those to come have nothing
    CLOSED = "closed"
    FULL = "full"
    CLOSED_OR_FULL = "closed_or_full"
    LEAD = "lead"  # free, but not with the practitioner of the session
    WISHES = "wishes"  # the wishes that were made say so
    # Free, but the course as a whole would cost the planner as much or more:
    FURTHER = "further"  # another session would lie further from its ideal day
    NO_DATE = "no_date"  # another session would find no date
    OTHER_LEAD = "other_lead"  # a session would be with somebody else
    OTHER_HOUR = "other_hour"  # a session would be at another hour
    # Free, and the course would be better with it:
    MOVES = "moves"  # only if another session moved as well: this one, or one or the other where none is named
    FREE = "free"  # as it is: somebody has chosen this day, or what it is counted from has moved


@dataclass(frozen=True, slots=True)
class Because:
    """Why a session is not on its ideal day; were it `nearer` by so many days, `session` would be `days` from its own."""

    reason: Reason
    session: str = ""
    days: int = 0
    nearer: int = 0


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


def of_proposal(proposal: Proposal, *, now: datetime) -> dict[int, Because]:
    """By position, for each session but the first."""
    return _reasons(proposal.request, proposal.slots, proposal.sessions, now)


def of_course(
    course: Course,
    sessions: Collection[Appointment],
    *,
    earliest: date | None = None,
    protocol: Protocol | None = None,
    now: datetime,
) -> dict[int, Because]:
    """The same for a stored course, of those of its `sessions` that are still to come. `earliest` is the first day the answers
    allow, for one that is only held and does not know it yet; `protocol` as in `proposals.request_of`."""
    seen = proposals.standing(course, now)
    request = proposals.request_of(course, seen, protocol)
    request = replace(request, earliest=earliest or request.earliest)
    return _reasons(request, seen.slots, sessions, now)


def _reasons(
    request: CourseRequest,
    slots: Mapping[int, Slot],
    sessions: Collection[Appointment] | Collection[ProposedSession],
    now: datetime,
) -> dict[int, Because]:
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
    course = _Course(slots, {item.position: item.target.toordinal() for item in sessions}, search)
    return {item.position: _because(item, course, is_open, today) for item in off if item.position in search.places}


@dataclass(frozen=True, slots=True)
class _Course:
    """Where each session is, and its ideal day (ordinal), by position; and what else there is."""

    slots: Mapping[int, Slot]
    ideal: Mapping[int, int]
    search: CourseSearch


def _because(item: _Dated, course: _Course, is_open: set[int], today: int) -> Because:
    nearer = range(max(item.nearer.start, today), item.nearer.stop)
    found = course.search.on_offer(item.position).between(nearer)
    if not len(found):
        return Because(_nothing_there(item.nearer, is_open, today))
    if item.slot.lead not in found.lead:
        return Because(Reason.LEAD)
    wishes = course.search.request.wishes
    if meets(wishes, _only(item.slot)).all() and not meets(wishes, found).any():
        return Because(Reason.WISHES)
    instead = course.search.on_other_days(course.slots, item.position, nearer)
    if instead is None or instead.alone:
        return Because(Reason.FREE)
    if instead.better:
        return Because(Reason.MOVES, course.search.sessions[instead.needs[0]].label if instead.needs else "")
    return _what_would_be_worse(item, course, instead.plan)


def _nothing_there(days: range, is_open: set[int], today: int) -> Reason:
    shut = [day for day in days if day not in is_open]
    if len(shut) == len(days):
        return Reason.CLOSED
    if days.start < today:
        return Reason.PASSED
    return Reason.CLOSED_OR_FULL if shut else Reason.FULL


def _what_would_be_worse(item: _Dated, course: _Course, plan: Plan) -> Because:
    """What in this plan, the best with the session nearer to its ideal day, is worse than now: what a patient would mind most first."""
    pairs = [
        (session, planned, course.slots[session.index])
        for session, planned in zip(course.search.sessions, plan.sessions, strict=True)
        if session.index in course.slots
    ]
    for session, planned, _ in pairs:
        if planned.slot is None:
            return Because(Reason.NO_DATE, session.label)
    placed = [(session, planned.slot, planned.target, now) for session, planned, now in pairs if planned.slot]
    further = [
        (off - abs(now.day - course.ideal[session.index]), off, session.label)
        for session, slot, target, now in placed
        if session.index != item.position and (off := abs(slot.day - target)) > abs(now.day - course.ideal[session.index])
    ]
    if further:
        _, days, label = max(further, key=lambda each: each[0])
        then = next(slot.day for session, slot, _, _ in placed if session.index == item.position)
        return Because(Reason.FURTHER, label, days, abs(item.slot.day - item.ideal) - abs(then - item.ideal))
    for session, slot, _, now in placed:
        if slot.lead not in (now.lead, item.slot.lead):
            return Because(Reason.OTHER_LEAD, session.label)
    wishes = replace(course.search.request.wishes, hour_like=None)
    if any(slot_part(wishes, _only(slot)) > slot_part(wishes, _only(now)) for _, slot, _, now in placed):
        return Because(Reason.WISHES)
    other_hours = [session.label for session, slot, _, now in placed if slot.minute != now.minute]
    return Because(Reason.OTHER_HOUR, other_hours[0]) if other_hours else Because(Reason.FREE)


def _only(slot: Slot) -> Candidates:
    return Candidates.from_slots([slot])
