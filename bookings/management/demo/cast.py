"""The day on which every state can be seen once: who comes, for what, and how far the visit is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.text import slugify

from bookings.management.demo.agenda import DemoAgenda
from bookings.management.demo.courses import DemoCourse, DemoSession, Impossible, end_early, live_through, miss, place_course
from bookings.models import AppointmentStatus, Clearance, CourseStatus, Patient
from clinic import timegrid
from clinic.hours import local_instant
from treatments.models import Protocol
from treatments.protocols import expand, target_day

NINE = 9 * 60
LONG_NAME = "de La Rochefoucauld-Montmorency-Beaumarchais"


@dataclass(frozen=True, slots=True)
class Role:
    """One patient of the day: session `position` of the course falls on it, near local `minute`."""

    first: str
    last: str
    born: date
    treatment: str
    zones: tuple[str, ...]
    position: int
    minute: int
    story: Callable[[DemoCourse, DemoSession, datetime], None]
    email: bool = True
    with_consultation: bool = True


def booked(course: DemoCourse, session: DemoSession, start: datetime) -> None:
    """Expected later; nothing has happened yet."""


def arrived(course: DemoCourse, session: DemoSession, start: datetime) -> None:
    session.status, session.arrived = AppointmentStatus.ARRIVED, start - timedelta(minutes=8)


def in_numbing(course: DemoCourse, session: DemoSession, start: datetime) -> None:
    session.status, session.arrived, session.started = AppointmentStatus.IN_PROGRESS, start - timedelta(minutes=10), start


def done(course: DemoCourse, session: DemoSession, start: datetime) -> None:
    session.status, session.arrived, session.started = AppointmentStatus.COMPLETED, start - timedelta(minutes=4), start
    session.ended = start + timedelta(minutes=5 * course.shapes[session.rule.visit.code].ticks)


def missed(course: DemoCourse, session: DemoSession, start: datetime) -> None:
    miss(session)


def to_review(course: DemoCourse, session: DemoSession, start: datetime) -> None:
    course.clearance = Clearance.TO_REVIEW


def answers_missing(course: DemoCourse, session: DemoSession, start: datetime) -> None:
    course.clearance = Clearance.ANSWERS_MISSING


FACE, HAIR = ("face",), ("hair",)
CAST = (
    Role("Sophie", "Bernard", date(1985, 4, 2), "skin", FACE, 2, NINE, done),
    Role("Élodie", "Marchand", date(1979, 11, 23), "skin", ("face", "neck"), 3, NINE + 60, in_numbing),
    Role("Thomas", "Leroy", date(1990, 1, 15), "hair", HAIR, 2, NINE + 75, arrived),
    Role("Karim", "Haddad", date(1988, 6, 30), "hair", HAIR, 1, NINE, missed),
    Role("Paul", "Girard", date(1994, 9, 9), "skin", FACE, 0, NINE + 120, booked),
    Role("Marie", "Laurent", date(1984, 2, 29), "skin", FACE, 4, NINE + 180, booked),
    Role("Marie", "Laurent", date(1991, 8, 17), "hair", HAIR, 0, NINE + 240, booked),
    Role("Nora", "Fontaine", date(1982, 12, 5), "skin", ("hands",), 0, NINE + 270, to_review, with_consultation=False),
    Role("Marie-Antoinette", LONG_NAME, date(1969, 3, 8), "skin", ("face", "decollete"), 2, NINE + 300, booked),
    Role("Simone", "Aubry", date(1948, 7, 14), "skin", ("face",), 1, NINE + 330, answers_missing, email=False),
    Role("Emma", "Rousseau", date(1987, 5, 21), "hair", HAIR, 3, NINE + 360, booked),
)


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the cast plays: the demo's agenda, its protocols by treatment, the day, the leads, the last bookable day."""

    agenda: DemoAgenda
    protocols: dict[str, Protocol]
    day: date
    leads: list[int]
    last_day: date

    @property
    def opening(self) -> datetime:
        return local_instant(self.day, time(9), self.agenda.clinic.zone)


def perform(stage: Stage) -> list[DemoCourse]:
    """Place the whole cast on the stage's day; Emma has a second course besides, Thomas a paused one."""
    courses = [_play(role, stage) for role in CAST]
    by_name = {course.patient.last_name: course.patient for course in courses}
    second = _course(stage, by_name["Rousseau"], "skin", FACE, stage.day - timedelta(days=80), NINE + 60)
    paused = _course(stage, by_name["Leroy"], "skin", FACE, stage.day - timedelta(days=60), NINE + 120)
    end_early(stage.agenda, paused, CourseStatus.SUSPENDED)
    return [*courses, second, paused]


def demo_patient(stage: Stage, patient: Patient) -> list[DemoCourse]:
    """The patient of the demo log-in: a hair course under way, and a skin course stopped after its consultation.

    The consultation cleared her, so she books session 1 of a skin course directly.
    """
    hair = _course(stage, patient, "hair", HAIR, stage.day - timedelta(days=70), NINE + 30)
    skin = _course(
        stage, patient, "skin", FACE, stage.day - timedelta(days=50), NINE + 30, lived_until=stage.day - timedelta(days=40)
    )
    end_early(stage.agenda, skin, CourseStatus.CANCELLED)
    return [hair, skin]


def _play(role: Role, stage: Stage) -> DemoCourse:
    """The role's course, begun as long ago as it takes for its session to fall on the day."""
    patient = Patient(
        first_name=role.first,
        last_name=role.last,
        birth_date=role.born,
        email=slugify(f"{role.first} {role.last} {role.born.year}") + "@example.com" if role.email else "",
        phone="+33199000001",
    )
    pins = {role.position: (stage.day, role.minute)}
    course = _course(stage, patient, role.treatment, role.zones, _begun(role, stage), role.minute, pins, role.with_consultation)
    session = course.sessions[role.position]
    assert session.place is not None
    role.story(course, session, timegrid.instant(session.place.start))
    return course


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
            )
        except Impossible:
            continue
        end = local_instant(lived_until, time(9), stage.agenda.clinic.zone) if lived_until else stage.opening
        live_through(course, end)
        return course
    raise Impossible(patient.last_name)
