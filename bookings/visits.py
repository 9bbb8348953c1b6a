"""The visit as it happens: arrived, started, done, missed, and any of these undone soon after, the last one first.

- What may follow what stands in one table (`STEPS`). Saying the same twice changes nothing, so that a double click or
  two receptionists do no harm; anything else out of order is WrongState.
- A visit begins on its own day. The day after, it can only be recorded as done as planned, or as missed.
- No visit with needling begins before a physician cleared the course; the database refuses it as well.
- `arrived_at`, `started_at` and `ended_at` are facts, claims are the plan: a visit that ends early frees its resources,
  a late one stretches nothing.
- A missed visit frees its time at once and is not charged (the fee is due for acts performed only, R.4127-53 CSP);
  someone calls the patient back. The journal keeps the time it had. Without its first visit a course pauses.
- The course row is locked for every step; where time is taken back, the resources before it (`bookings.locking`).
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings import placing
from bookings.locking import lock_course
from bookings.models import Appointment, AppointmentStatus, Clearance, Course, CourseStatus, JournalEntry, Task
from bookings.models.states import RUNNING, UNDER_WAY, UNFINISHED
from bookings.refusals import CannotUndo, FirstVisitMissing, NotCleared, NotToday, NotYetMissed, WrongState
from clinic.models import User

UNDO_SECONDS = 60
KEPT_AFTER_A_MISS = timedelta(hours=48)
UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that can happen to a visit: `verb` in addresses, `past` in the journal."""

    verb: str
    past: str
    before: frozenset[str]
    after: AppointmentStatus


def _step(verb: str, past: str, before: Collection[AppointmentStatus], after: AppointmentStatus) -> Step:
    return Step(verb, past, frozenset(before), after)


S = AppointmentStatus
ARRIVE = _step("arrive", "arrived", [S.BOOKED], S.ARRIVED)
START = _step("start", "started", [S.BOOKED, S.ARRIVED], S.IN_PROGRESS)
COMPLETE = _step("complete", "completed", [S.IN_PROGRESS], S.COMPLETED)
MISS = _step("miss", "missed", [S.BOOKED], S.MISSED)
RECORD = _step("record", "recorded", [S.BOOKED, S.ARRIVED, S.IN_PROGRESS], S.COMPLETED)
STEPS = {step.verb: step for step in (ARRIVE, START, COMPLETE, MISS, RECORD)}
_BY_PAST = {step.past: step for step in STEPS.values()}
TOLD = (*_BY_PAST, UNDONE)  # the words of the journal for all this

# Which facts belong to a status: what undoing leaves standing.
FACTS = ("arrived_at", "started_at", "ended_at")
FACTS_OF: dict[str, tuple[str, ...]] = {S.BOOKED: (), S.ARRIVED: FACTS[:1], S.IN_PROGRESS: FACTS[:2], S.COMPLETED: FACTS}


def arrive(appointment: Appointment, *, by: User, now: datetime) -> Appointment:
    """The patient is here. Raises NotToday or WrongState."""
    with transaction.atomic():
        visit = _locked(appointment)
        if visit.status == ARRIVE.after:
            return visit
        _check(visit, ARRIVE)
        _check_today(visit, now)
        return _advance(visit, ARRIVE, by, now, facts={"arrived_at": now})


def start(appointment: Appointment, *, by: User, now: datetime) -> Appointment:
    """The visit begins, whether or not the arrival was noted. Raises NotCleared, FirstVisitMissing, NotToday or WrongState."""
    with transaction.atomic():
        visit = _locked(appointment)
        if visit.status == START.after:
            return visit
        _check(visit, START)
        _check_today(visit, now)
        _check_cleared(visit)
        _check_first(visit)
        return _advance(visit, START, by, now, facts={"arrived_at": visit.arrived_at or now, "started_at": now})


def complete(appointment: Appointment, *, by: User, now: datetime) -> Appointment:
    """The visit is over; what it no longer needs is free from the next 5 minutes on. Raises NotToday or WrongState."""
    with transaction.atomic():
        visit = _locked(appointment)
        if visit.status == COMPLETE.after:
            return visit
        _check(visit, COMPLETE)
        _check_today(visit, now)
        planned = _claims(visit)
        placing.trim(visit, at=now)
        return _finish(visit, COMPLETE, by, now, facts={"ended_at": max(now, _after(visit.started_at))}, claims=planned)


def end(appointment: Appointment, *, by: User, now: datetime) -> Appointment:
    """The visit in progress is over, today or since its day has passed. Raises WrongState."""
    clinic = appointment.course.clinic
    today = now.astimezone(clinic.zone).date()
    began = appointment.during.lower.astimezone(clinic.zone).date()
    return complete(appointment, by=by, now=now) if began == today else record(appointment, by=by, now=now)


def record(appointment: Appointment, *, by: User, now: datetime) -> Appointment:
    """A visit of an earlier day that nobody noted took place as planned. Raises as `start` does."""
    with transaction.atomic():
        visit = _locked(appointment)
        if visit.status == RECORD.after:
            return visit
        _check(visit, RECORD)
        if _day(visit) >= _today(visit, now):
            raise NotToday(day=_day(visit))
        _check_cleared(visit)
        _check_first(visit)
        started = visit.started_at or visit.during.lower
        facts = {
            "arrived_at": visit.arrived_at or started,
            "started_at": started,
            "ended_at": max(visit.during.upper, _after(started)),
        }
        return _finish(visit, RECORD, by, now, facts=facts)


def miss(appointment: Appointment, *, by: User, now: datetime) -> Appointment:
    """The patient did not come: the time is free, and someone is to call them. Raises NotYetMissed or WrongState."""
    with transaction.atomic():
        visit = _locked(appointment)
        if visit.status == MISS.after:
            return visit
        _check(visit, MISS)
        if now < visit.during.lower:
            raise NotYetMissed()
        had = {
            "starts": visit.during.lower,
            "ends": visit.during.upper,
            "lead": visit.lead_id,
            "claims": _claims(visit),
        }
        withdrawn = placing.free(visit)
        visit.during = visit.lead = visit.agreed_at = visit.asked_at = None
        paused = _pause_if_first(visit, now)
        visit = _advance(visit, MISS, by, now, facts={"arrived_at": None}, paused=paused, withdrawn=withdrawn, **had)
        if visit.course.status in RUNNING:
            Task.objects.ensure(Task.Kind.CALL_BACK, course=visit.course, appointment=visit, due=now)
        return visit


def _pause_if_first(visit: Appointment, now: datetime) -> bool:
    """Everything is counted from the first visit: without it the course pauses, and its dates are given back in two days,
    unless reception keeps them (`rescheduling.keep_dates`). What was proposed meanwhile is not kept any longer."""
    if (
        visit.course.status != CourseStatus.BOOKED
        or visit.number > 1
        or visit.course.appointments.filter(number=1, status=S.COMPLETED)
    ):
        return False
    Course.objects.filter(pk=visit.course_id).update(status=CourseStatus.SUSPENDED, release_at=now + KEPT_AFTER_A_MISS)
    placing.withdraw_all(visit.course)
    return True


def send_home(course: Course, *, by: User, now: datetime) -> None:
    """Who has arrived, but may not be treated, has not arrived: those visits are booked again. Inside a transaction."""
    lock_course(course.pk)
    for visit in course.appointments.filter(status=S.ARRIVED):
        visit.status, visit.arrived_at = S.BOOKED, None
        visit.save(update_fields=["status", "arrived_at"])
        JournalEntry.objects.record("sent_home", course=course, appointment=visit, at=now, by=by)


def undo(appointment: Appointment, verb: str, *, by: User, now: datetime) -> Appointment:
    """Take back the last step that stands, if it was `verb` and not a minute ago; an arrival as long as nothing has followed
    it. Undoing twice undoes once.

    Raises CannotUndo: too late, something else has happened since, or the time has been given to someone else.
    """
    try:
        with transaction.atomic():
            return _undo(appointment, verb, by, now)
    except IntegrityError as error:  # a claim, the patient or the course is taken by now
        raise CannotUndo() from error


def _undo(appointment: Appointment, verb: str, by: User, now: datetime) -> Appointment:
    seen = last_step(_told(appointment))
    claims = seen.details.get("claims", []) if seen else []
    placing.make_way([resource for resource, *_ in claims], appointment.course_id, now)
    visit = _locked(appointment)
    told = _told(visit)
    entry = last_step(told)
    if verb in STEPS and told and told[-1].verb == UNDONE and told[-1].details["step"] == STEPS[verb].past:
        return visit
    if entry is None or entry != seen or verb not in STEPS:
        raise CannotUndo()
    if entry.verb != STEPS[verb].past or visit.status != STEPS[verb].after or not may_undo(entry, now):
        raise CannotUndo()
    if visit.course.status not in ([CourseStatus.COMPLETED] if entry.details.get("closed") else RUNNING):
        raise CannotUndo()  # the course has ended meanwhile: nothing may claim time for it
    if visit.course.status == CourseStatus.SUSPENDED and visit.course.release_at is None:
        raise CannotUndo()  # somebody has paused it meanwhile: its other dates are gone
    _restore(visit, entry, now)
    JournalEntry.objects.record(UNDONE, course=visit.course, appointment=visit, at=now, by=by, step=entry.verb)
    return visit


def may_undo(entry: JournalEntry, now: datetime) -> bool:
    """Whether the step this line tells of, the last of its visit, can still be taken back at `now`."""
    return entry.verb == ARRIVE.past or now - entry.at <= timedelta(seconds=UNDO_SECONDS)


def last_step(told: Iterable[JournalEntry]) -> JournalEntry | None:
    """Of the lines that tell of steps of one visit, and of steps undone (`TOLD`, in order): the last step that stands."""
    standing: list[JournalEntry] = []
    for entry in told:
        if entry.verb != UNDONE:
            standing.append(entry)
        elif standing and standing[-1].verb == entry.details["step"]:
            standing.pop()
    return standing[-1] if standing else None


def _told(appointment: Appointment) -> list[JournalEntry]:
    return list(JournalEntry.objects.filter(appointment=appointment, verb__in=TOLD).order_by("at", "pk"))


def verb_of(entry: JournalEntry) -> str:
    """The verb (as in addresses) of the step a line of the journal tells of; KeyError for other lines."""
    return _BY_PAST[entry.verb].verb


def _restore(visit: Appointment, entry: JournalEntry, now: datetime) -> None:
    """The visit as it was before the step: its status, facts, time and claims."""
    had = entry.details
    visit.status = had["was"]
    for fact in FACTS:
        if fact not in FACTS_OF[visit.status]:
            setattr(visit, fact, None)
    if "starts" in had:
        visit.during = DateTimeTZRange(datetime.fromisoformat(had["starts"]), datetime.fromisoformat(had["ends"]))
        visit.lead_id = had["lead"]
        Task.objects.open().filter(kind=Task.Kind.CALL_BACK, appointment=visit).delete()
    if had.get("closed") or had.get("paused"):
        Course.objects.filter(pk=visit.course_id).update(status=CourseStatus.BOOKED, release_at=None)
    visit.save()
    open_again = Task.objects.filter(appointment=visit, done_at=entry.at)
    open_again.exclude(kind__in=Task.objects.open().filter(appointment=visit).values("kind")).update(done_at=None, done_by=None)
    if had.get("withdrawn"):  # somebody else may have it by now
        Task.objects.ensure(Task.Kind.CALL_BACK, course=visit.course, appointment=visit, due=now)
    if "claims" in had:
        placing.reclaim(visit, [_span(*claim) for claim in had["claims"]])


def _span(resource: int, starts: str, ends: str) -> tuple[int, datetime, datetime]:
    return resource, datetime.fromisoformat(starts), datetime.fromisoformat(ends)


def _locked(appointment: Appointment) -> Appointment:
    """The appointment as it is now, with its course locked until the transaction ends."""
    course = lock_course(appointment.course_id)
    rows = Appointment.objects.select_related("phase__visit", "course__clinic", "patient", "lead")
    visit: Appointment = rows.get(pk=appointment.pk)
    visit.course.status, visit.course.clearance = course.status, course.clearance
    return visit


def _check(visit: Appointment, step: Step) -> None:
    if visit.status not in step.before:
        raise WrongState()


def _check_today(visit: Appointment, now: datetime) -> None:
    if _day(visit) != _today(visit, now):
        raise NotToday(day=_day(visit))


def _check_cleared(visit: Appointment) -> None:
    """Needling is a medical act: Cass. crim., 31 January 2023, no. 22-83.399. The database holds the same rule."""
    if visit.phase.visit.needs_clearance and visit.course.clearance != Clearance.CLEARED:
        raise NotCleared()


def _check_first(visit: Appointment) -> None:
    """Everything is counted from the first treatment session: the others wait for it."""
    treats = visit.course.appointments.filter(number__gt=0).exclude(status=S.SKIPPED)
    first = treats.order_by("position").first()
    if visit.number and first is not None and first.pk != visit.pk and first.status not in UNDER_WAY:
        raise FirstVisitMissing(session=first.label)


def _day(visit: Appointment) -> date:
    """The clinic-local day of a visit with a time."""
    day: date = visit.during.lower.astimezone(visit.course.clinic.zone).date()
    return day


def _today(visit: Appointment, now: datetime) -> date:
    return now.astimezone(visit.course.clinic.zone).date()


def _after(started: datetime | None) -> datetime:
    """The earliest end a visit can have: a minute after its start, so that it took some time."""
    assert started is not None
    return started + timedelta(minutes=1)


def _claims(visit: Appointment) -> list[tuple[int, datetime, datetime]]:
    """What the visit occupies, in a form the journal can keep."""
    return [(claim.resource_id, claim.during.lower, claim.during.upper) for claim in visit.claims.order_by("pk")]


def _finish(visit: Appointment, step: Step, by: User, now: datetime, *, facts: dict[str, Any], **had: object) -> Appointment:
    """The last visit of a course completes the course."""
    left = Appointment.objects.filter(course=visit.course, status__in=UNFINISHED).exclude(pk=visit.pk)
    closed = visit.course.status == CourseStatus.BOOKED and not left.exists()
    if closed:
        Course.objects.filter(pk=visit.course_id).update(status=CourseStatus.COMPLETED)
        visit.course.status = CourseStatus.COMPLETED
    return _advance(visit, step, by, now, facts=facts, closed=closed, **had)


def _advance(visit: Appointment, step: Step, by: User, now: datetime, *, facts: dict[str, Any], **had: object) -> Appointment:
    """Write the step and its facts; `had` is what undoing would need."""
    # A visit that goes on, or is over, needs no other date,
    had["withdrawn"] = placing.withdraw(visit.course, visit.position) > 0 or had.get("withdrawn", False)
    Task.objects.open_calls().filter(appointment=visit).settle(by=by, now=now)  # and no call about this one
    was, visit.status = visit.status, step.after
    for fact, moment in facts.items():
        setattr(visit, fact, moment)
    visit.save()
    JournalEntry.objects.record(step.past, course=visit.course, appointment=visit, at=now, by=by, was=was, **had)
    return visit
