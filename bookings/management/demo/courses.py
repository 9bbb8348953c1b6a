"""Courses of the demo: placed whole in the demo's agenda, then stored in a few large inserts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings import availability
from bookings.management.demo.agenda import DemoAgenda, Place
from bookings.models import Appointment, AppointmentStatus, Claim, Clearance, Course, CourseStatus, JournalEntry, Patient, Task
from bookings.models.appointment import CONFIRMED_AHEAD
from bookings.visits import KEPT_AFTER_A_MISS
from clinic import timegrid
from clinic.models import Role, User
from treatments import protocols
from treatments.models import Protocol, ProtocolZone
from treatments.protocols import ExpandedSession

REVIEW = timedelta(hours=48)  # the clinic's hours for a review


@dataclass
class DemoSession:
    """One session of a demo course; `status` and the facts are set where the day's story says so."""

    rule: ExpandedSession
    target: date
    place: Place | None
    status: AppointmentStatus
    arrived: datetime | None = None
    started: datetime | None = None
    ended: datetime | None = None
    lost: Place | None = None  # where a session was that the patient missed or cannot come to

    @property
    def earliest(self) -> date:
        return self.target + timedelta(days=self.rule.hard_min)

    @property
    def latest(self) -> date:
        return self.target + timedelta(days=self.rule.soft_max)


@dataclass
class DemoCourse:
    patient: Patient
    protocol: Protocol
    zones: tuple[ProtocolZone, ...]
    with_consultation: bool
    shapes: Mapping[str, availability.VisitShape]
    sessions: list[DemoSession]
    status: CourseStatus = CourseStatus.BOOKED
    clearance: Clearance = Clearance.CLEARED
    booked_at: datetime | None = None  # where the story says so
    waits_for_a_call: bool = False  # paused by a missed first visit: the dates are kept for two days
    row: Course = field(init=False)

    @property
    def spans(self) -> list[tuple[int, int]]:
        """When the patient is at the clinic for this course, in ticks, half-open."""
        return [
            (session.place.start, session.place.start + self.shapes[session.rule.visit.code].ticks)
            for session in self.sessions
            if session.place
        ]


class Impossible(Exception):
    """A firm session found no place; nothing of the course was kept."""


def place_course(
    agenda: DemoAgenda,
    patient: Patient,
    protocol: Protocol,
    zones: Sequence[ProtocolZone],
    *,
    first_day: date,
    minute: int,
    leads: Sequence[int],
    last_day: date,
    with_consultation: bool = True,
    pins: Mapping[int, tuple[date, int]] | None = None,
    apart_from: Sequence[tuple[int, int]] = (),
) -> DemoCourse:
    """A whole course from `first_day`, each session as near to its target and to local `minute` as there is room.

    `pins` fixes the day and minute of sessions by position; sessions whose window ends after `last_day` are planned.
    `apart_from` are spans of ticks in which the patient is here for something else.
    Raises Impossible when a firm session finds no place.
    """
    rules = protocols.expand(protocol, reflection_days=agenda.clinic.reflection_days, with_consultation=with_consultation)
    visits = {rule.visit.code: rule.visit for rule in rules}
    shapes = {code: availability.shape(visit, zones) for code, visit in visits.items()}
    sessions: list[DemoSession] = []
    days: list[date] = []
    for rule in rules:
        target = first_day if rule.anchor is None else protocols.target_day(days[rule.anchor], rule.offset, rule.unit)
        place, day = None, target
        for day, wished in _days(rule, target, minute, pins or {}):
            if target + timedelta(days=rule.soft_max) > last_day:
                break
            place = agenda.place(shapes[rule.visit.code], day, wished, leads, apart_from) if day in agenda.days else None
            if place:
                break
        if place is None and rule.firm:
            for done, on in zip(sessions, days, strict=True):
                agenda.give_back(on, done.place)
            raise Impossible(rule.label)
        days.append(day if place else target)
        sessions.append(DemoSession(rule, target, place, AppointmentStatus.BOOKED if place else AppointmentStatus.PLANNED))
    return DemoCourse(patient, protocol, tuple(zones), with_consultation, shapes, sessions)


def _days(rule: ExpandedSession, target: date, minute: int, pins: Mapping[int, tuple[date, int]]) -> Iterator[tuple[date, int]]:
    """Days to try, nearest to the target first, the later of two; a pinned session has one, if it is in the window."""
    window = range(rule.hard_min, rule.soft_max + 1) if rule.anchor is not None else range(1)
    if rule.index in pins:
        if (pins[rule.index][0] - target).days in window:
            yield pins[rule.index]
        return
    for offset in sorted(window, key=lambda days: (abs(days), -days)):
        yield target + timedelta(days=offset), minute


def live_through(course: DemoCourse, now: datetime, *, missed: bool = False) -> None:
    """What lies before `now` took place; with `missed`, the patient did not come to the last of it."""
    past = [session for session in course.sessions if session.place and _start(session) < now - timedelta(hours=4)]
    for session in past:
        _take_place(session, course)
    if missed and past:
        miss(past[-1])
    if all(session.status in (AppointmentStatus.COMPLETED, AppointmentStatus.MISSED) for session in course.sessions):
        course.status = CourseStatus.COMPLETED
    if course.with_consultation and course.sessions[0].status != AppointmentStatus.COMPLETED:
        course.clearance = Clearance.TO_REVIEW


def miss(session: DemoSession) -> None:
    """The patient did not come: the session has no time any more, only the journal knows it had one."""
    session.status, session.lost, session.place = AppointmentStatus.MISSED, session.place, None
    session.arrived = session.started = session.ended = None


def cannot_come(agenda: DemoAgenda, session: DemoSession) -> None:
    """The patient has said so in time: the session is planned again, and someone calls about another date."""
    if session.place:
        agenda.give_back(timegrid.instant(session.place.start).astimezone(agenda.clinic.zone).date(), session.place)
        session.status, session.lost, session.place = AppointmentStatus.PLANNED, session.place, None


def _take_place(session: DemoSession, course: DemoCourse) -> None:
    start = _start(session)
    session.status = AppointmentStatus.COMPLETED
    session.arrived, session.started = start - timedelta(minutes=6), start + timedelta(minutes=2)
    session.ended = start + timedelta(minutes=5 * course.shapes[session.rule.visit.code].ticks)


def _start(session: DemoSession) -> datetime:
    assert session.place is not None
    return timegrid.instant(session.place.start)


def end_early(agenda: DemoAgenda, course: DemoCourse, status: CourseStatus) -> None:
    """The course is paused or stopped: what was still to come is given back."""
    course.status = status
    for session in course.sessions:
        if session.status == AppointmentStatus.BOOKED and session.place:
            agenda.give_back(timegrid.instant(session.place.start).astimezone(agenda.clinic.zone).date(), session.place)
            session.place, session.status = (
                None,
                AppointmentStatus.PLANNED if status == CourseStatus.SUSPENDED else AppointmentStatus.CANCELLED,
            )
        elif session.status == AppointmentStatus.PLANNED and status != CourseStatus.SUSPENDED:
            session.status = AppointmentStatus.CANCELLED


def give_back(agenda: DemoAgenda, course: DemoCourse) -> None:
    """As if the course had never been placed."""
    for session in course.sessions:
        place = session.place or (session.lost if session.status == AppointmentStatus.MISSED else None)
        if place:
            agenda.give_back(timegrid.instant(place.start).astimezone(agenda.clinic.zone).date(), place)


def store(courses: Sequence[DemoCourse], clinic_id: int, physician: User, now: datetime) -> None:
    """Insert all courses with their appointments, claims and journal."""
    for course in courses:
        course.row = _course_row(course, clinic_id, physician, now)
    Course.objects.bulk_create(course.row for course in courses)
    Course.zones.through.objects.bulk_create(
        Course.zones.through(course_id=course.row.pk, protocolzone_id=zone.pk) for course in courses for zone in course.zones
    )
    pairs = [(_appointment_row(course, session, now), session) for course in courses for session in course.sessions]
    Appointment.objects.bulk_create([row for row, _ in pairs], batch_size=2000)
    Claim.objects.bulk_create((claim for row, session in pairs for claim in _claim_rows(row, session)), batch_size=5000)
    JournalEntry.objects.bulk_create(_journal_row(course, now) for course in courses)
    lost = [(row, session.lost) for row, session in pairs if session.lost]
    desk = User.objects.filter(role=Role.RECEPTION).first()
    JournalEntry.objects.bulk_create(_lost_row(row, place, now, desk) for row, place in lost)
    Task.objects.bulk_create(_call_back(row, now) for row, place in lost if _is_recent(place, now))


def _course_row(course: DemoCourse, clinic_id: int, physician: User, now: datetime) -> Course:
    booked = _booked_at(course, now)
    cleared = course.clearance == Clearance.CLEARED
    consulted = next((session.ended for session in course.sessions if session.ended), booked)
    missed = [session.lost for session in course.sessions if session.status == AppointmentStatus.MISSED and session.lost]
    return Course(
        patient=course.patient,
        protocol=course.protocol,
        clinic_id=clinic_id,
        status=course.status,
        clearance=course.clearance,
        cleared_at=consulted if cleared else None,
        cleared_by=physician if cleared else None,
        review_due=_review_due(course, booked) if course.clearance == Clearance.TO_REVIEW else None,
        release_at=_missed_at(missed[-1], now) + KEPT_AFTER_A_MISS if course.waits_for_a_call and missed else None,
        with_consultation=course.with_consultation,
        booked_at=booked,
        informed_at=booked,
    )


def _review_due(course: DemoCourse, booked: datetime) -> datetime:
    """As `bookings.booking` reckons it: the end of the consultation, else so many hours after the booking."""
    first = course.sessions[0]
    place = first.place or first.lost
    if course.with_consultation and place:
        return timegrid.instant(place.start + course.shapes[first.rule.visit.code].ticks)
    return booked + REVIEW


def _booked_at(course: DemoCourse, now: datetime) -> datetime:
    """A few days before the first visit, at the latest an hour ago."""
    if course.booked_at:
        return course.booked_at
    starts = [_start(session) for session in course.sessions if session.place]
    return min(min(starts, default=now) - timedelta(days=6, hours=3), now - timedelta(hours=1))


def _agreed_at(course: DemoCourse, session: DemoSession, now: datetime) -> datetime | None:
    """When the course was booked, or ten weeks before a visit the patient has been asked about since; the last day's still wait."""
    if session.place is None:
        return None
    booked, asked = _booked_at(course, now), _start(session) - CONFIRMED_AHEAD
    return asked if booked < asked < now - timedelta(days=1) else booked


def _appointment_row(course: DemoCourse, session: DemoSession, now: datetime) -> Appointment:
    place, rule = session.place, session.rule
    ticks = course.shapes[rule.visit.code].ticks
    return Appointment(
        course=course.row,
        patient=course.patient,
        position=rule.index,
        number=rule.number,
        phase=rule.phase,
        optional=rule.optional,
        target=session.target,
        earliest=session.earliest,
        latest=session.latest,
        during=DateTimeTZRange(timegrid.instant(place.start), timegrid.instant(place.start + ticks)) if place else None,
        lead_id=place.lead if place else None,
        status=session.status,
        agreed_at=_agreed_at(course, session, now),
        arrived_at=session.arrived,
        started_at=session.started,
        ended_at=session.ended,
    )


def _claim_rows(row: Appointment, session: DemoSession) -> Iterator[Claim]:
    for item in session.place.wanted if session.place else ():
        yield Claim(
            resource_id=item.resource,
            during=DateTimeTZRange(timegrid.instant(item.start), timegrid.instant(item.end)),
            appointment=row,
        )


def _journal_row(course: DemoCourse, now: datetime) -> JournalEntry:
    return JournalEntry(course=course.row, at=_booked_at(course, now), verb="booked", details={"clearance": course.row.clearance})


def _lost_row(row: Appointment, place: Place, now: datetime, by: User | None) -> JournalEntry:
    """The line that `bookings.visits.miss` or `bookings.rescheduling.cannot_come` writes."""
    start = timegrid.instant(place.start)
    if row.status != AppointmentStatus.MISSED:
        at = now - timedelta(hours=2)
        return JournalEntry(course=row.course, appointment=row, actor=by, at=at, verb="cannot_come", details={"starts": start})
    ends = max(item.end for item in place.wanted)
    details = {
        "was": AppointmentStatus.BOOKED,
        "starts": start,
        "ends": timegrid.instant(ends),
        "lead": place.lead,
        "claims": [(item.resource, timegrid.instant(item.start), timegrid.instant(item.end)) for item in place.wanted],
        "paused": row.course.release_at is not None,
    }
    return JournalEntry(course=row.course, appointment=row, actor=by, at=_missed_at(place, now), verb="missed", details=details)


def _missed_at(place: Place, now: datetime) -> datetime:
    """A quarter of an hour after the visit should have begun."""
    return min(timegrid.instant(place.start) + timedelta(minutes=15), now)


def _is_recent(place: Place, now: datetime) -> bool:
    """Whether someone is still to call the patient who missed this or cannot come."""
    return timegrid.instant(place.start) > now - timedelta(days=1)


def _call_back(row: Appointment, now: datetime) -> Task:
    kind = Task.Kind.CALL_BACK if row.status == AppointmentStatus.MISSED else Task.Kind.CANNOT_COME
    return Task(kind=kind, course=row.course, appointment=row, due=now)
