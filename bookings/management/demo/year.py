"""A year of bookings at about 60 % load: every open day some new patients begin a course, and come back for years."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random

from django.utils.text import slugify

from bookings.management.demo.cast import Stage
from bookings.management.demo.courses import DemoCourse, Impossible, end_early, live_through, place_course
from bookings.management.demo.names import FIRST, LAST
from bookings.models import CourseStatus, Patient
from treatments.models import Protocol, ProtocolZone

NEW_COURSES_A_DAY = (0, 1, 1, 1, 2, 2)
BOOKED_AHEAD_DAYS = 28
SKIN_SHARE, MISSED_SHARE, STOPPED_SHARE, ENGLISH_SHARE = 0.65, 0.05, 0.06, 0.08
ZONES = (("face",), ("face",), ("face", "neck"), ("face", "decollete"), ("hands",), ("abdomen",), ("neck", "decollete"))


def live(stage: Stage, first_day: date, now: datetime, random: Random) -> list[DemoCourse]:
    """Courses that began between `first_day` and four weeks after the stage's day, in the order they were booked."""
    courses: list[DemoCourse] = []
    zones = {name: list(protocol.zones.select_related("zone")) for name, protocol in stage.protocols.items()}
    day = first_day
    while day <= stage.day + timedelta(days=BOOKED_AHEAD_DAYS):
        if stage.agenda.is_open(day):
            for _ in range(random.choice(NEW_COURSES_A_DAY)):
                courses += _newcomer(stage, zones, day, now, random)
        day += timedelta(days=1)
    return courses


def _newcomer(stage: Stage, zones: dict[str, list[ProtocolZone]], day: date, now: datetime, random: Random) -> list[DemoCourse]:
    name = "skin" if random.random() < SKIN_SHARE else "hair"
    protocol: Protocol = stage.protocols[name]
    leads: Sequence[int] = random.sample(stage.leads, len(stage.leads))
    try:
        course = place_course(
            stage.agenda,
            _patient(random),
            protocol,
            _zones(name, zones[name], random),
            first_day=day,
            minute=random.randrange(9 * 60, 18 * 60, 15),
            leads=leads,
            last_day=stage.last_day,
        )
    except Impossible:
        return []  # a full day: this patient did not find a course and is not in our books
    live_through(course, now, missed=random.random() < MISSED_SHARE)
    if random.random() < STOPPED_SHARE and course.status == CourseStatus.BOOKED:
        end_early(stage.agenda, course, random.choice((CourseStatus.CANCELLED, CourseStatus.SUSPENDED)))
    return [course]


def _zones(treatment: str, zones: list[ProtocolZone], random: Random) -> list[ProtocolZone]:
    wanted = random.choice(ZONES)
    return zones if treatment == "hair" else [zone for zone in zones if zone.zone.code in wanted]


def _patient(random: Random) -> Patient:
    first, last = random.choice(FIRST), random.choice(LAST)
    number = random.randrange(1_000, 10_000)
    return Patient(
        first_name=first,
        last_name=last,
        birth_date=date(random.randrange(1950, 2003), random.randrange(1, 13), random.randrange(1, 29)),
        email=f"{slugify(first)}.{slugify(last)}.{number}@example.com",
        phone=f"+3363998{random.randrange(0, 10_000):04d}",  # numbers kept for fiction
        language="en" if random.random() < ENGLISH_SHARE else "fr",
    )
