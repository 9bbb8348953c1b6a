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

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db import transaction

from bookings import booking, messages, placing, proposals
from bookings.availability import Wanted
from bookings.locking import lock_course
from bookings.messages import Move, name_of
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus, JournalEntry, Task
from bookings.models.states import RUNNING, UNDECIDED
from bookings.planner import Slot
from bookings.proposals import Alternative, CourseRequest, Proposal, ProposedSession, Standing
from bookings.refusals import (
    CoreSession,
    LaterSessionBegun,
    NoCourseFits,
    NoPlaceLeft,
    OutsideWindow,
    PlanChanged,
    TooLateToMove,
    WaitsForACall,
    WrongState,
)
from bookings.rounds import each
from clinic.models import Resource, User
from treatments.models import Protocol, ProtocolZone

CANNOT_COME = "cannot_come"  # in the journal


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the before/after list; times are aware, in the clinic's zone; None: without a time, it is due around the
    ideal day. `added`: it was left out before, or the course did not have it."""

    position: int
    label: str
    before: datetime | None
    after: datetime | None
    before_with: Resource | None
    after_with: Resource | None
    left_out: bool
    added: bool
    ideal_before: date | None
    ideal_after: date | None

    @property
    def due_otherwise(self) -> bool:
        """Without a time before and after, but due in another month, or not before at all."""
        if self.before or self.after or self.ideal_after is None:
            return False
        return self.added or self.ideal_before is None or self.ideal_before.replace(day=1) != self.ideal_after.replace(day=1)

    @property
    def moved(self) -> bool:
        return (self.before, self.before_with) != (self.after, self.after_with)

    @property
    def other_practitioner(self) -> bool:
        return None not in (self.before_with, self.after_with) and self.before_with != self.after_with

    @property
    def before_name(self) -> str:
        return name_of(self.before_with)

    @property
    def after_name(self) -> str:
        return name_of(self.after_with)


@dataclass(frozen=True, slots=True)
class Reflow:
    """A running course as it would be; `seen` is how it stood when this was computed."""

    course: Course
    seen: Standing
    proposal: Proposal
    changes: tuple[Change, ...]

    @property
    def moved(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.moved)


# Computing: nothing is stored ---------------------------------------------------------------------------------------------


def options(
    course: Course, position: int, *, now: datetime, late: bool = False, taken: Collection[Wanted] = ()
) -> list[Alternative]:
    """Other times for one session to come, and which other sessions each would move; the mildest first.

    `late` (for the team): up to hard max; `taken` counts as claimed by others. Of a session without a time, all that it could
    have; nothing beyond the horizon.
    Raises as `move` does.
    """
    seen, request = _movable(course, position, now, late)
    anew = position not in seen.slots
    request = replace(request, shunned=_given_up(course) if anew else frozenset(), taken=tuple(taken))
    settled = _before(course, position, seen, request)
    try:
        current = replanned(course, seen, request, now=now, settled=settled).proposal
    except OutsideWindow:
        _check_dated(course, position, seen, request)
        raise
    return proposals.alternatives(current, position, anew=anew, now=now) if position in current.slots else []


def move(course: Course, position: int, slot: Slot, *, now: datetime, late: bool = False) -> Reflow:
    """The course with one session at another time; also how a session done on another day is entered, before it is begun,
    though the time it had be past.

    Raises WrongState, WaitsForACall (one it is counted from has no date), OutsideWindow, SlotTaken, SlotUnavailable,
    TooEarly or NoPlaceLeft.
    """
    seen, request = _movable(course, position, now, late)
    if slot.day < (request.wishes.earliest or 0):  # a pause has put the first visit off
        raise OutsideWindow()
    settled = _before(course, position, seen, request)
    reflow = replanned(course, seen, request, now=now, pins={position: slot}, settled=settled)
    if not late and not in_rhythm(reflow.proposal, position):
        raise OutsideWindow()
    return reflow


def _movable(course: Course, position: int, now: datetime, late: bool) -> tuple[Standing, CourseRequest]:
    """How the course stands, and its request with this session to come."""
    _open_session(course, position)
    seen, request = _asked(course, now)
    done = {place: facts for place, facts in request.done.items() if place != position}
    return seen, replace(request, done=done, late=late)


def _before(course: Course, position: int, seen: Standing, request: CourseRequest) -> dict[int, Slot]:
    """The sessions this one is counted from, where they are: they do not move for it."""
    anchors = proposals.anchors(request)
    above, anchor = dict[int, Slot](), anchors.get(position)
    waiting = _waiting(course)
    while anchor is not None:
        if anchor in waiting:
            raise _waits(waiting[anchor])
        if anchor in seen.slots:
            above[anchor] = seen.slots[anchor]
        anchor = anchors[anchor]
    return above


def _check_dated(course: Course, position: int, seen: Standing, request: CourseRequest) -> None:
    """Raises WaitsForACall where one of the sessions this one is counted from has no date, and none that would fit."""
    anchors = proposals.anchors(request)
    anchor = anchors.get(position)
    while anchor is not None:
        if anchor not in seen.slots and anchor not in seen.done:
            raise _waits(course.appointments.select_related("phase", "course__clinic").get(position=anchor))
        anchor = anchors[anchor]


def in_rhythm(proposal: Proposal, position: int) -> bool:
    """Whether the session is where patients may put it: not past soft max."""
    pairs = zip(proposal.sessions, proposal.plan.sessions, strict=True)
    return all(session.distance <= item.rule.soft_max for session, item in pairs if session.position == position)


def refill(course: Course, *, now: datetime) -> Reflow:
    """The course with a date for every session that has none: missed, given up, or without a place until now. Not on a day
    on which the patient has said they cannot come."""
    _check_booked(course)
    seen, request = _asked(course, now)
    return replanned(course, seen, replace(request, shunned=_given_up(course)), now=now)


def _given_up(course: Course) -> frozenset[int]:
    """The local days (ordinals) that were given up for sessions which have no other yet."""
    told = JournalEntry.objects.filter(course=course, verb=CANNOT_COME, appointment__during=None)
    times = (datetime.fromisoformat(details["starts"]) for details in told.values_list("details", flat=True))
    return frozenset(moment.astimezone(course.clinic.zone).date().toordinal() for moment in times)


def drop(course: Course, position: int, *, team: bool, now: datetime) -> Reflow:
    """The course without one session; what was counted from it is counted from the session before it.

    The optional session and the boosters are the patient's own to leave out; a core session is the `team`'s. The
    consultation and the first session are nobody's: the days of reflection lie between them. Raises CoreSession or WrongState.
    """
    session = _open_session(course, position)
    if session.has_begun(now):
        raise WrongState()
    if not may_leave_out(session, team=team, now=now):
        raise CoreSession()
    seen, request = _asked(course, now)
    return replanned(course, seen, replace(request, dropped=request.dropped | {position}), now=now)


def may_leave_out(session: Appointment, *, team: bool, now: datetime) -> bool:
    """Whether a session (with `phase`) that has not begun is the patient's, or the `team`'s, to leave out."""
    theirs = team or session.optional or session.phase.recommended
    return session.number > 1 and session.status in UNDECIDED and not session.has_begun(now) and theirs


def take_up(course: Course, position: int, *, now: datetime) -> Reflow:
    """The course with a session that had been dropped. Raises WrongState when it had not, or its protocol has it no more;
    LaterSessionBegun when one after it has begun: the sessions of a course follow each other."""
    _check_booked(course)
    seen, request = _asked(course, now)
    whole = replace(request, dropped=request.dropped - {position})
    if position not in request.dropped or position not in proposals.anchors(whole):
        raise WrongState()
    if any(begun > position for begun in seen.done):
        raise LaterSessionBegun()
    return replanned(course, seen, whole, now=now)


def may_take_up(session: Appointment, *, last_begun: int) -> bool:
    """Whether a session (with `phase` and `course`) that was left out can be had after all: its course still has it, and
    `last_begun`, the position of the last session that has begun, comes before it."""
    left_out = session.status == AppointmentStatus.SKIPPED and session.phase.protocol_id == session.course.protocol_id
    return left_out and session.position > last_begun


def change_zones(course: Course, zones: Sequence[ProtocolZone], *, now: datetime) -> Reflow:
    """The course for other zones: visits take longer or less long, and move where they no longer fit. Raises TooManyZones."""
    _check_booked(course)
    seen, request = _asked(course, now)
    return replanned(course, seen, replace(request, zones=tuple(zones)), now=now)


def resume(course: Course, on: date, *, now: datetime) -> Reflow:
    """A paused course taken up again, no session before `on` (clinic-local). Raises WrongState when it is not paused."""
    if course.status != CourseStatus.SUSPENDED:
        raise WrongState()
    seen, request = _asked(course, now)
    day = max(on, now.astimezone(course.clinic.zone).date())
    wishes = replace(request.wishes, earliest=day.toordinal())
    put_off = {**request.put_off, **_overdue(course, seen, request, day)}
    return replanned(course, seen, replace(request, put_off=put_off, wishes=wishes), now=now)


def _overdue(course: Course, seen: Standing, request: CourseRequest, day: date) -> dict[int, int]:
    """The day (ordinal) to which each session is put off, by position: the first that is overdue to `day`, and all that are
    counted from the same session (the boosters) by as many days, so that they stay as far apart as they were."""
    anchors, moved_by, put_off = proposals.anchors(request), dict[int | None, timedelta](), dict[int, int]()
    coming = course.appointments.filter(status__in=UNDECIDED, position__in=anchors).exclude(position__in=seen.done)
    for position, target in coming.order_by("target", "position").values_list("position", "target"):
        anchor = anchors[position]
        if target < day:
            moved_by.setdefault(anchor, day - target)
        if anchor in moved_by:
            put_off[position] = (target + moved_by[anchor]).toordinal()
    return put_off


def replanned(
    course: Course,
    seen: Standing,
    request: CourseRequest,
    *,
    now: datetime,
    pins: Mapping[int, Slot] | None = None,
    settled: Mapping[int, Slot] | None = None,
) -> Reflow:
    """The course, as it was `seen`, planned anew by `request` (its own, with what is to change). Where it no longer fits
    otherwise, what follows may use its windows up to hard max. Raises as `proposals.replan` does, NoPlaceLeft for NoCourseFits.
    """
    try:
        proposal = _planned(course, seen, request, pins, settled, now)
    except (NoPlaceLeft, OutsideWindow):  # the course runs late
        if request.late:
            raise
        proposal = _planned(course, seen, replace(request, late=True), pins, settled, now)
    return Reflow(course, seen, proposal, _changes(course, proposal))


def _planned(
    course: Course,
    seen: Standing,
    request: CourseRequest,
    pins: Mapping[int, Slot] | None,
    settled: Mapping[int, Slot] | None,
    now: datetime,
) -> Proposal:
    try:
        return proposals.replan(course, seen, request, pins=pins, settled=settled, now=now)
    except NoCourseFits as refusal:
        raise NoPlaceLeft(**refusal.details) from refusal


def _asked(course: Course, now: datetime) -> tuple[Standing, CourseRequest]:
    """How the course stands, and the request it answers."""
    seen = proposals.standing(course, now)
    return seen, proposals.request_of(course, seen)


def _changes(course: Course, proposal: Proposal) -> tuple[Change, ...]:
    """Every session to come, before and after: also those that only another protocol has."""
    undecided = course.appointments.filter(status__in=[*UNDECIDED, AppointmentStatus.SKIPPED])
    rows = undecided.exclude(position__in=proposal.request.done).select_related("phase", "lead__practitioner")
    before = {row.position: row for row in rows}
    after = {item.position: item for item in proposal.sessions if item.position not in proposal.request.done}
    gone = {position for position, row in before.items() if row.status == AppointmentStatus.SKIPPED and position not in after}
    positions = sorted({*before, *after} - gone)
    return tuple(_change(before.get(position), after.get(position), course) for position in positions)


def _change(before: Appointment | None, after: ProposedSession | None, course: Course) -> Change:
    """One of them at least is there."""
    session = after or before
    assert session is not None
    return Change(
        position=session.position,
        label=str(session.label),
        before=before.during.lower.astimezone(course.clinic.zone) if before and before.during else None,
        after=after.starts if after else None,
        before_with=before.lead if before else None,
        after_with=after.practitioner if after else None,
        left_out=after is None,
        added=before is None or before.status == AppointmentStatus.SKIPPED,
        ideal_before=before.target if before else None,
        ideal_after=after.target if after else None,
    )


def _open_session(course: Course, position: int) -> Appointment:
    """The session at this position, if nobody has noted that it took place. Raises WrongState."""
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


def check_online(session: Appointment, *, now: datetime) -> None:
    """Patients move a session themselves until the clinic's notice before it, and while nobody has to call them first; later
    too, and without a time to give up, while another date is proposed to them.

    Raises TooLateToMove or WaitsForACall, which name the phone; WrongState when there is no time to give up, or the course
    is not running.
    """
    _check_booked(session.course)
    if Appointment.offers.filter(course=session.course, position=session.position, reply_by__gt=now).exists():
        pass  # the clinic asked
    elif session.status != AppointmentStatus.BOOKED:
        raise WrongState()
    elif session.during.lower < now + timedelta(hours=session.course.clinic.change_notice_hours):
        clinic = session.course.clinic
        raise TooLateToMove(phone=clinic.phone.as_national, hours=clinic.change_notice_hours)
    check_calls(session)


def check_calls(session: Appointment) -> None:
    """Raises WaitsForACall while another session of the course waits for one: a new plan would give it a date that nobody
    has asked for."""
    for position, waiting in _waiting(session.course).items():
        if position != session.position:
            raise _waits(waiting)


def _waiting(course: Course) -> dict[int, Appointment]:
    """The sessions without a date that somebody is to call the patient about, by position."""
    calls = Task.objects.open().filter(kind__in=Task.CALLS).values("appointment")
    rows = course.appointments.filter(during=None, pk__in=calls).select_related("phase", "course__clinic")
    return {row.position: row for row in rows.order_by("position")}


def _waits(session: Appointment) -> WaitsForACall:
    return WaitsForACall(session=session.label, phone=session.course.clinic.phone.as_national)


def check_to_come(appointment: Appointment, *, now: datetime) -> None:
    """Raises WrongState when the visit has no time, the patient is here already, or it is over."""
    if appointment.status != AppointmentStatus.BOOKED or appointment.during.upper <= now:
        raise WrongState()


def cannot_come(appointment: Appointment, *, by: User, now: datetime, reason: str = "") -> Appointment:
    """The patient will not come to this visit: its time is free at once, however late; someone calls about another date.

    Saying it twice changes nothing. Raises WrongState when the patient is here already, or the visit is over.
    """
    with transaction.atomic():
        course = lock_course(appointment.course_id)
        visit = course.appointments.get(pk=appointment.pk)
        if visit.status == AppointmentStatus.PLANNED:
            return visit
        if course.status not in RUNNING:
            raise WrongState()
        check_to_come(visit, now=now)
        before, move = visit.during.lower, Move.away(visit)
        placing.free(visit)
        visit.status, visit.during, visit.lead, visit.agreed_at, visit.asked_at = (
            AppointmentStatus.PLANNED,
            None,
            None,
            None,
            None,
        )
        visit.save(update_fields=["status", *placing.NO_TIME])
        Task.objects.ensure(Task.Kind.CANNOT_COME, course=course, appointment=visit, due=now)
        JournalEntry.objects.record(CANNOT_COME, course=course, appointment=visit, at=now, by=by, starts=before, reason=reason)
        messages.course_changed(course, [move])
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
    return each(due.values_list("pk", flat=True), lambda pk: _release_if_due(pk, now))


def _release_if_due(course_id: int, now: datetime) -> bool:
    """Looked at again under the course's lock: reception may have kept the dates meanwhile."""
    with transaction.atomic():
        course = lock_course(course_id)
        if course.status != CourseStatus.SUSPENDED or course.release_at is None or course.release_at > now:
            return False
        _pause(course, None, now, "")
        return True


def _pause(course: Course, by: User | None, now: datetime, reason: str) -> None:
    moves = placing.free_course(course, AppointmentStatus.PLANNED, after=now)
    course.status, course.release_at = CourseStatus.SUSPENDED, None
    course.save(update_fields=["status", "release_at"])
    freed = [move.before for move in moves]
    JournalEntry.objects.record("suspended", course=course, at=now, by=by, reason=reason, freed=freed)
    messages.course_changed(course, moves)


def change_paused(
    course: Course, *, protocol: Protocol, zones: Sequence[ProtocolZone], not_before: date | None, by: User, now: datetime
) -> Course:
    """Another protocol, other zones, or nothing before a day, for a paused course: dates still kept for it are given back,
    its sessions become those of the protocol, and it stays paused. Raises WrongState or TooManyZones. Inside a transaction."""
    course = lock_course(course.pk)
    if course.status != CourseStatus.SUSPENDED:
        raise WrongState()
    proposals.check_zones(protocol, zones)
    anew = protocol.pk != course.protocol_id
    course.zones.set(zones)
    course.protocol, course.not_before = protocol, not_before
    course.save(update_fields=["protocol", "not_before"])
    if course.release_at is not None:
        _pause(course, by, now, "")
    if anew:
        seen = proposals.standing(course, now)
        request = replace(proposals.request_of(course, seen), dropped=frozenset(), put_off={})
        placing.rearrange(course, proposals.undated(request, now=now), {}, now=now)
    return course


def stuck(course: Course, *, now: datetime) -> int | None:
    """The position of the session for which no date is left in its rhythm, if the sessions without a date cannot have one."""
    try:
        refill(course, now=now)
    except NoPlaceLeft as refusal:
        position: int = refusal.details["position"]
        return position
    return None


def leave_open(course: Course, position: int, *, by: User | None, now: datetime) -> Course:
    """This session can no longer be had in its rhythm: it and all after it lose their times, and a task calls a physician.

    Saying it twice changes nothing. Raises WrongState when there is a date for it after all, PlanChanged when the course has
    changed meanwhile.
    """
    tasks = Task.objects.open().filter(kind=Task.Kind.NO_PLACE, course=course, appointment__position=position)
    seen = proposals.standing(course, now)
    if not tasks.exists() and stuck(course, now=now) != position:
        raise WrongState()
    with transaction.atomic():
        course = lock_course(course.pk)
        session = _open_session(course, position)
        if tasks.exists():
            return course
        if proposals.standing(course, now) != seen:
            raise PlanChanged()
        moves = placing.free_course(course, AppointmentStatus.PLANNED, after=now, from_position=position)
        freed = [move.before for move in moves]
        Task.objects.ensure(Task.Kind.NO_PLACE, course=course, appointment=session, due=now)
        JournalEntry.objects.record("left_open", course=course, appointment=session, at=now, by=by, freed=freed)
        messages.course_changed(course, moves)
    return course
