"""Changing a running course: one session moves, the others follow only where they must.

- What has been done fixes what follows: ideal days are counted from the actual dates, so the boosters move by themselves
  when the last core session moves, or when the optional one is dropped.
- Whatever still lies in its window stays; of all plans the one that moves the fewest sessions is taken, then the cheapest.
- A change is first computed and shown, before and after (`Reflow`), then applied as a whole or not at all. The old times
  are given up only when the new ones are claimed. What was computed on dates that have changed since is refused
  (PlanChanged) and computed again.
- A course that runs late may use its windows up to hard max. Past that a physician decides: `leave_open`.
- A pause gives every time back and keeps the ideal days. A session whose ideal day has passed by the time the course is
  taken up again is due on that day, and never before it.
- A missed session is neither charged nor counted: it gets a date again. When it is the first, the course pauses
  (`bookings.visits`): its dates are given back two days later, unless reception keeps them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction

from bookings import booking, messages, placing, proposals
from bookings.locking import lock_course
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus, JournalEntry, Task
from bookings.models.states import OPEN, UNDECIDED
from bookings.placing import Move
from bookings.planner import Slot
from bookings.proposals import Alternative, CourseRequest, Proposal
from bookings.refusals import CoreSession, NoCourseFits, OutsideWindow, PlanChanged, TooLateToMove, WrongState
from clinic.models import User
from treatments.models import ProtocolZone


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the before/after list; times are aware, in the clinic's zone; None: without a time."""

    position: int
    label: str
    before: datetime | None
    after: datetime | None

    @property
    def moved(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Reflow:
    """A running course as it would be. `seen` are the slots (by position) it had when this was computed."""

    course: Course
    proposal: Proposal
    seen: Mapping[int, Slot]
    changes: tuple[Change, ...]

    @property
    def moved(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.moved)


# Computing: nothing is stored ---------------------------------------------------------------------------------------------


def options(course: Course, position: int, *, now: datetime, late: bool = False) -> list[Alternative]:
    """Other times for one session to come, and which other sessions each would move; the mildest first.

    `late` (for the team): up to hard max. Raises WrongState when the session is not to come.
    """
    _open_session(course, position)
    current = _reflow(course, replace(proposals.request_of(course), late=late), now)
    return proposals.alternatives(current.proposal, position, now=now)


def move(course: Course, position: int, slot: Slot, *, now: datetime, late: bool = False) -> Reflow:
    """The course with one session at another time; also how a session done on another day is entered, before it is begun.

    Raises WrongState, OutsideWindow, SlotTaken, SlotUnavailable or NoCourseFits.
    """
    _open_session(course, position)
    request = replace(proposals.request_of(course), late=late)
    reflow = _reflow(course, request, now, pins={position: slot}, settled=_before(course, position, request))
    if not late and not _in_rhythm(reflow.proposal, position):
        raise OutsideWindow()
    return reflow


def _before(course: Course, position: int, request: CourseRequest) -> dict[int, Slot]:
    """The sessions this one is counted from, where they are: they do not move for it."""
    held, anchors = proposals.stored_slots(course), proposals.anchors(request)
    above, anchor = dict[int, Slot](), anchors.get(position)
    while anchor is not None:
        if anchor in held:
            above[anchor] = held[anchor]
        anchor = anchors[anchor]
    return above


def _in_rhythm(proposal: Proposal, position: int) -> bool:
    """Whether the session is where patients may put it: not past soft max."""
    pairs = zip(proposal.sessions, proposal.plan.sessions, strict=True)
    return all(session.distance <= item.rule.soft_max for session, item in pairs if session.position == position)


def refill(course: Course, *, now: datetime) -> Reflow:
    """The course with a date for every session that has none: missed, given up, or without a place until now."""
    _check_booked(course)
    return _reflow(course, proposals.request_of(course), now)


def drop(course: Course, position: int, *, by: User, now: datetime) -> Reflow:
    """The course without one session; what was counted from it is counted from the session before it.

    The optional session and the boosters are the patient's own to leave out; a core session is not, and the first visit
    is nobody's. Raises CoreSession or WrongState.
    """
    if not may_leave_out(_open_session(course, position), by=by):
        raise CoreSession()
    request = proposals.request_of(course)
    return _reflow(course, replace(request, dropped=request.dropped | {position}), now)


def may_leave_out(session: Appointment, *, by: User) -> bool:
    """Whether a session (with `phase`) that has not taken place is theirs to leave out."""
    theirs = by.is_team or session.optional or session.phase.recommended
    return session.position != 0 and session.status in UNDECIDED and theirs


def take_up(course: Course, position: int, *, now: datetime) -> Reflow:
    """The course with a session that had been dropped. Raises WrongState when it had not."""
    _check_booked(course)
    request = proposals.request_of(course)
    if position not in request.dropped:
        raise WrongState()
    return _reflow(course, replace(request, dropped=request.dropped - {position}), now)


def change_zones(course: Course, zones: Sequence[ProtocolZone], *, now: datetime) -> Reflow:
    """The course for other zones: visits take longer or less long, and move where they no longer fit. Raises TooManyZones."""
    _check_booked(course)
    return _reflow(course, replace(proposals.request_of(course), zones=tuple(zones)), now)


def resume(course: Course, on: date, *, now: datetime) -> Reflow:
    """A paused course taken up again, no session before `on` (clinic-local). Raises WrongState when it is not paused."""
    if course.status != CourseStatus.SUSPENDED:
        raise WrongState()
    request = proposals.request_of(course)
    day = max(on, now.astimezone(course.clinic.zone).date()).toordinal()
    postponed = {position: max(ideal, day) for position, ideal in request.postponed.items()}
    return _reflow(course, replace(request, postponed=postponed, wishes=replace(request.wishes, earliest=day)), now)


def replanned(course: Course, request: CourseRequest, *, now: datetime) -> Reflow:
    """The course as `request` (that of the course, with what is to change) says. Raises as `proposals.propose` does."""
    return _reflow(course, request, now)


def _reflow(
    course: Course,
    request: CourseRequest,
    now: datetime,
    *,
    pins: Mapping[int, Slot] | None = None,
    settled: Mapping[int, Slot] | None = None,
) -> Reflow:
    seen = proposals.stored_slots(course)
    try:
        proposal = proposals.replan(course, request, pins=pins, settled=settled, now=now)
    except (NoCourseFits, OutsideWindow):  # the course runs late
        if request.late:
            raise
        proposal = proposals.replan(course, replace(request, late=True), pins=pins, settled=settled, now=now)
    return Reflow(course, proposal, seen, _changes(course, proposal))


def _changes(course: Course, proposal: Proposal) -> tuple[Change, ...]:
    after = {session.position: session for session in proposal.sessions}
    zone = course.clinic.zone
    rows = course.appointments.filter(status__in=[*UNDECIDED, AppointmentStatus.SKIPPED]).select_related("phase")
    return tuple(
        Change(
            position=row.position,
            label=after[row.position].label if row.position in after else str(row.label),
            before=row.during.lower.astimezone(zone) if row.during else None,
            after=after[row.position].starts if row.position in after else None,
        )
        for row in rows.order_by("position")
        if row.status != AppointmentStatus.SKIPPED or row.position in after
    )


def _open_session(course: Course, position: int) -> Appointment:
    """The session at this position, if it is to come or was missed. Raises WrongState."""
    _check_booked(course)
    row = course.appointments.filter(position=position, status__in=UNDECIDED).select_related("phase").first()
    if row is None:
        raise WrongState()
    return row


def _check_booked(course: Course) -> None:
    if course.status != CourseStatus.BOOKED:
        raise WrongState()


# Applying: all or nothing -------------------------------------------------------------------------------------------------


def apply(
    reflow: Reflow, *, by: User | None, now: datetime, reason: str = "", accepted: Mapping[int, Slot] | None = None
) -> list[Move]:
    """Give the course the dates of `reflow`; `accepted` are the slots (by position) that were shown and agreed to.

    Raises PlanChanged when these are no longer the plan, or when the course has changed since; WrongState when it has
    ended; SlotTaken when a date was lost meanwhile. Then nothing has changed: compute it again.
    """
    if accepted is not None and dict(accepted) != reflow.proposal.slots:
        raise PlanChanged()
    return booking.rebook(reflow.course, reflow.proposal, seen=reflow.seen, by=by, now=now, reason=reason)


def check_notice(appointment: Appointment, *, by: User, now: datetime) -> None:
    """Patients move a session themselves until the clinic's notice before it; about one without a time somebody calls them.

    Raises TooLateToMove, which names the phone; WrongState when there is no time to give up, or the course is not running.
    """
    if by.is_team:
        return
    _check_booked(appointment.course)
    if appointment.status != AppointmentStatus.BOOKED:
        raise WrongState()
    clinic = appointment.course.clinic
    if appointment.during.lower < now + timedelta(hours=clinic.change_notice_hours):
        raise TooLateToMove(phone=clinic.phone.as_national)


def check_to_come(appointment: Appointment, *, now: datetime) -> None:
    """Raises WrongState when the visit has no time, has begun or is over."""
    if appointment.status != AppointmentStatus.BOOKED or appointment.during.upper <= now:
        raise WrongState()


def cannot_come(appointment: Appointment, *, by: User, now: datetime) -> Appointment:
    """The patient will not come to this visit: its time is free at once, however late; someone calls about another date.

    Saying it twice changes nothing. Raises WrongState when the visit has begun or is over.
    """
    with transaction.atomic():
        course = lock_course(appointment.course_id)
        visit = course.appointments.get(pk=appointment.pk)
        if visit.status == AppointmentStatus.PLANNED:
            return visit
        check_to_come(visit, now=now)
        before = visit.during.lower
        placing.free(visit)
        visit.status, visit.during, visit.lead = AppointmentStatus.PLANNED, None, None
        visit.save(update_fields=["status", "during", "lead"])
        Task.objects.ensure(Task.Kind.CANNOT_COME, course=course, appointment=visit, due=now)
        JournalEntry.objects.record("cannot_come", course=course, appointment=visit, at=now, by=by, starts=before)
        messages.course_changed(course, [Move(visit.position, visit.label, before, None)])
    return visit


# Pauses -------------------------------------------------------------------------------------------------------------------


def suspend(course: Course, *, by: User | None, now: datetime, reason: str = "") -> Course:
    """Pause a course: every time to come is given back, ideal days are kept. Pausing twice changes nothing.

    Raises WrongState when the course is not running, or while a visit is under way.
    """
    with transaction.atomic():
        course = lock_course(course.pk)
        under_way = course.appointments.filter(status__in=[AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS])
        if course.status not in (CourseStatus.BOOKED, CourseStatus.SUSPENDED) or under_way.exists():
            raise WrongState()
        if course.status == CourseStatus.SUSPENDED and course.release_at is None:
            return course
        _pause(course, by, now, reason)
    return course


def keep_dates(course: Course, *, by: User, now: datetime) -> Course:
    """Reception has spoken to the patient who missed the first visit: the other dates stay. Raises WrongState."""
    with transaction.atomic():
        course = lock_course(course.pk)
        if course.status != CourseStatus.SUSPENDED or course.release_at is None:
            raise WrongState()
        course.status, course.release_at = CourseStatus.BOOKED, None
        course.save(update_fields=["status", "release_at"])
        JournalEntry.objects.record("kept", course=course, at=now, by=by)
    return course


def release_abandoned(now: datetime) -> int:
    """Give back the dates of courses whose first visit was missed, once their time is over at `now` (aware); how many."""
    due = Course.objects.filter(status=CourseStatus.SUSPENDED, release_at__lte=now).order_by("pk")
    return sum(_release_if_due(pk, now) for pk in due.values_list("pk", flat=True))


def _release_if_due(course_id: int, now: datetime) -> bool:
    """Looked at again under the course's lock: reception may have kept the dates meanwhile."""
    with transaction.atomic():
        course = lock_course(course_id)
        if course.status != CourseStatus.SUSPENDED or course.release_at is None or course.release_at > now:
            return False
        _pause(course, None, now, "")
        return True


def _pause(course: Course, by: User | None, now: datetime, reason: str) -> None:
    rows = course.appointments.filter(status__in=OPEN, during__isnull=False).order_by("position")
    moves = [Move(row.position, row.label, row.during.lower, None) for row in rows]
    freed = placing.free_course(course, AppointmentStatus.PLANNED)
    course.status, course.release_at = CourseStatus.SUSPENDED, None
    course.save(update_fields=["status", "release_at"])
    JournalEntry.objects.record("suspended", course=course, at=now, by=by, reason=reason, freed=freed)
    messages.course_changed(course, moves)


def leave_open(course: Course, position: int, *, by: User | None, now: datetime) -> Course:
    """This session can no longer be had in its rhythm: it and all after it lose their times, and a task calls a physician.

    For the position that NoCourseFits names. Raises WrongState.
    """
    with transaction.atomic():
        course = lock_course(course.pk)
        _check_booked(course)
        rows = list(course.appointments.filter(status__in=OPEN, position__gte=position).order_by("position"))
        moves = [Move(row.position, row.label, row.during.lower, None) for row in rows if row.during]
        freed = placing.free_course(course, AppointmentStatus.PLANNED, from_position=position)
        stuck = course.appointments.filter(position=position).first()
        Task.objects.ensure(Task.Kind.NO_PLACE, course=course, appointment=stuck, due=now)
        JournalEntry.objects.record("left_open", course=course, appointment=stuck, at=now, by=by, freed=freed)
        messages.course_changed(course, moves)
    return course
