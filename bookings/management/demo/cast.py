"""The day on which every state can be seen once: who comes, for what, and how far the visit is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.text import slugify

from bookings.management.demo.agenda import DemoAgenda
from bookings.management.demo.courses import (
    REVIEW,
    DemoCourse,
    DemoSession,
    Impossible,
    cannot_come,
    end_early,
    give_back,
    live_through,
    miss,
    place_course,
)
from bookings.models import AppointmentStatus, Clearance, CourseStatus, Patient
from clinic import timegrid
from clinic.hours import local_instant
from treatments.models import Protocol
from treatments.protocols import expand, target_day

NINE = 9 * 60
MID_MORNING, LATE = timedelta(minutes=90), timedelta(minutes=60)  # after opening, before closing: a good hour to show
SINCE_START = timedelta(minutes=30)  # welcome, cleansing and cream take 25 minutes, then the numbing hour begins
NUMBED = "elodie-marchand-1979@example.com"  # the patient of `in_numbing`
LONG_NAME = "de La Rochefoucauld-Montmorency-Beaumarchais"


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the cast plays: the demo's agenda, its protocols by treatment, the day, the leads, the last bookable day.

    `now` is the real hour, `moment` the hour of the day at which it is played (`moment`).
    """

    agenda: DemoAgenda
    protocols: dict[str, Protocol]
    day: date
    leads: list[int]
    last_day: date
    now: datetime
    moment: datetime

    @property
    def opening(self) -> datetime:
        return local_instant(self.day, time(9), self.agenda.clinic.zone)

    @property
    def minute(self) -> int:
        local = self.moment.astimezone(self.agenda.clinic.zone)
        return local.hour * 60 + local.minute


def moment(agenda: DemoAgenda, day: date, now: datetime) -> datetime:
    """The hour at which the day is played: now; when the clinic is closed or hardly open, the nearest good hour of `day`."""
    opens, closes = agenda.opening(day)
    return min(max(now, opens + MID_MORNING), closes - LATE)


Story = Callable[[Stage, DemoCourse, DemoSession, datetime], None]


@dataclass(frozen=True, slots=True)
class Role:
    """One patient of the day: session `position` of the course falls on it, so many `minutes` from the day's moment."""

    first: str
    last: str
    born: date
    treatment: str
    zones: tuple[str, ...]
    position: int
    minutes: int
    story: Story
    email: bool = True
    with_consultation: bool = True


# Stories: what is known of the session at the stage's moment. No fact lies in the future, even when the day does.


def booked(stage: Stage, course: DemoCourse, session: DemoSession, start: datetime) -> None:
    """Expected later; where the day was too full for that, it is over already."""
    if start < stage.moment:
        done(stage, course, session, start)


def cannot_come_next(stage: Stage, course: DemoCourse, session: DemoSession, start: datetime) -> None:
    """Comes today, but not to the session after: that one is planned, without a date."""
    booked(stage, course, session, start)
    cannot_come(stage.agenda, course.sessions[session.rule.index + 1])


def arrived(stage: Stage, course: DemoCourse, session: DemoSession, start: datetime) -> None:
    session.status, session.arrived = AppointmentStatus.ARRIVED, min(start, stage.now) - timedelta(minutes=5)


def in_numbing(stage: Stage, course: DemoCourse, session: DemoSession, start: datetime) -> None:
    """By the clock, whatever the hour: the list reckons the segment from the actual start."""
    session.status, session.started = AppointmentStatus.IN_PROGRESS, stage.now - SINCE_START
    session.arrived = session.started - timedelta(minutes=10)


def done(stage: Stage, course: DemoCourse, session: DemoSession, start: datetime) -> None:
    length = timedelta(minutes=5 * course.shapes[session.rule.visit.code].ticks)
    session.ended = min(start + length, stage.now - timedelta(minutes=5))
    session.status, session.started = AppointmentStatus.COMPLETED, session.ended - length
    session.arrived = session.started - timedelta(minutes=4)
    course.clearance = Clearance.CLEARED


def missed(stage: Stage, course: DemoCourse, session: DemoSession, start: datetime) -> None:
    """The first visit: the course pauses with it, and the other dates are kept until somebody has called."""
    miss(session)
    course.status, course.waits_for_a_call = CourseStatus.SUSPENDED, True


def to_review(stage: Stage, course: DemoCourse, session: DemoSession, start: datetime) -> None:
    """Booked early enough for the physician's decision to be due before the visit."""
    course.clearance = Clearance.TO_REVIEW
    course.booked_at = min(start - REVIEW, stage.now) - timedelta(hours=1)


def answers_missing(stage: Stage, course: DemoCourse, session: DemoSession, start: datetime) -> None:
    course.clearance = Clearance.ANSWERS_MISSING


FACE, HAIR = ("face",), ("hair",)
# In the order in which they are placed: consultations last, they are short and fit into what a full Saturday leaves.
CAST = (
    Role("Élodie", "Marchand", date(1979, 11, 23), "skin", ("face", "neck"), 3, -30, in_numbing),
    Role("Sophie", "Bernard", date(1985, 4, 2), "hair", HAIR, 2, -90, done),
    Role("Thomas", "Leroy", date(1990, 1, 15), "hair", HAIR, 2, 5, arrived),
    Role("Karim", "Haddad", date(1988, 6, 30), "skin", FACE, 1, -60, missed),
    Role("Nora", "Fontaine", date(1982, 12, 5), "skin", ("hands",), 0, 60, to_review, with_consultation=False),
    Role("Marie-Antoinette", LONG_NAME, date(1969, 3, 8), "skin", ("face", "decollete"), 2, 180, booked),
    Role("Simone", "Aubry", date(1948, 7, 14), "skin", FACE, 1, 210, answers_missing, email=False),
    Role("Marie", "Laurent", date(1984, 2, 29), "skin", FACE, 4, 90, cannot_come_next),
    Role("Emma", "Rousseau", date(1987, 5, 21), "hair", HAIR, 3, 135, booked),
    Role("Marie", "Laurent", date(1991, 8, 17), "hair", HAIR, 0, 105, booked),
    Role("Emma", "Rousseau", date(1987, 5, 21), "skin", FACE, 0, 45, booked),
    Role("Paul", "Girard", date(1994, 9, 9), "skin", FACE, 0, 30, booked),
)


def perform(stage: Stage) -> list[DemoCourse]:
    """Place the whole cast on the stage's day; Thomas has a second course besides, which is paused."""
    courses = _place_all(stage)
    thomas = next(course for course in courses if course.patient.last_name == "Leroy")
    begun = stage.day - timedelta(days=60)
    paused = _course(stage, thomas.patient, "skin", FACE, begun, NINE + 120, others=[thomas])
    end_early(stage.agenda, paused, CourseStatus.SUSPENDED)
    return [*courses, paused]


def _place_all(stage: Stage) -> list[DemoCourse]:
    """A Saturday is short: whoever finds no room on it is placed first at the next attempt."""
    roles = list(CAST)
    for _ in roles:
        courses: list[DemoCourse] = []
        for role in roles:
            try:
                courses.append(_play(role, stage, courses))
            except Impossible:
                break
        else:
            return courses
        for course in courses:
            give_back(stage.agenda, course)
        roles.remove(role)
        roles.insert(0, role)
    raise Impossible(role.last)


def demo_patient(stage: Stage, patient: Patient) -> list[DemoCourse]:
    """The patient of the demo log-in: a hair course under way, and a skin course stopped after its consultation.

    The consultation cleared her, so she books session 1 of a skin course directly.
    """
    hair = _course(stage, patient, "hair", HAIR, stage.day - timedelta(days=70), NINE + 30)
    skin = _course(
        stage,
        patient,
        "skin",
        FACE,
        stage.day - timedelta(days=50),
        NINE + 30,
        lived_until=stage.day - timedelta(days=40),
        others=[hair],
    )
    end_early(stage.agenda, skin, CourseStatus.CANCELLED)
    return [hair, skin]


def _play(role: Role, stage: Stage, earlier: Sequence[DemoCourse]) -> DemoCourse:
    """The role's course, begun as long ago as it takes for its session to fall on the day."""
    known = (role.first, role.last, role.born)
    others = [item for item in earlier if (item.patient.first_name, item.patient.last_name, item.patient.birth_date) == known]
    patient = others[0].patient if others else _patient(role)
    minute = stage.minute + role.minutes
    pins = {role.position: (stage.day, minute)}
    begun = _begun(role, stage)
    course = _course(stage, patient, role.treatment, role.zones, begun, minute, pins, role.with_consultation, others=others)
    session = course.sessions[role.position]
    assert session.place is not None
    role.story(stage, course, session, timegrid.instant(session.place.start))
    return course


def _patient(role: Role) -> Patient:
    return Patient(
        first_name=role.first,
        last_name=role.last,
        birth_date=role.born,
        email=slugify(f"{role.first} {role.last} {role.born.year}") + "@example.com" if role.email else "",
        phone="+33199000001",
    )


def _begun(role: Role, stage: Stage) -> date:
    """The day the course began if every session before the role's fell on its target."""
    rules = expand(
        stage.protocols[role.treatment],
        reflection_days=stage.agenda.clinic.reflection_days,
        with_consultation=role.with_consultation,
    )
    days = [stage.day]
    for rule in rules[1 : role.position + 1]:
        days.append(target_day(days[rule.anchor or 0], rule.offset, rule.unit))
    return stage.day - (days[-1] - stage.day)


def _course(
    stage: Stage,
    patient: Patient,
    treatment: str,
    zones: tuple[str, ...],
    begun: date,
    minute: int,
    pins: dict[int, tuple[date, int]] | None = None,
    with_consultation: bool = True,
    lived_until: date | None = None,
    others: Sequence[DemoCourse] = (),
) -> DemoCourse:
    """A course begun on `begun` or the nearest day from which it fits."""
    protocol = stage.protocols[treatment]
    chosen = [zone for zone in protocol.zones.select_related("zone") if zone.zone.code in zones]
    for shift in sorted(range(-30, 31), key=lambda days: (abs(days), days)):
        try:
            course = place_course(
                stage.agenda,
                patient,
                protocol,
                chosen,
                first_day=begun + timedelta(days=shift),
                minute=minute,
                leads=stage.leads,
                last_day=stage.last_day,
                with_consultation=with_consultation,
                pins=pins,
                apart_from=[span for other in others for span in other.spans],
            )
        except Impossible:
            continue
        end = local_instant(lived_until, time(9), stage.agenda.clinic.zone) if lived_until else stage.opening
        live_through(course, end)
        return course
    raise Impossible(patient.last_name)
