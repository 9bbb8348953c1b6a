"""The clinic everything is measured on: 10 people, 8 rooms and 6 devices, open every day from eight to eight.

Each day holds about 52 visits of one hour with 5 claims each: 190,000 claims in the year before and the year after TODAY, the
same on every run. They are stored in the order in which they were booked, as in life, so that neighbours on the
calendar lie far apart on the disk.
"""

import io
import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings.availability import SegmentNeed, Serving, VisitShape, Wanted, merged
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus, Patient
from clinic import hours, timegrid
from clinic.models import Capability, Clinic, Kind, OpeningHours, Resource, Shift
from treatments import catalogue, protocols
from treatments.models import Protocol

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
YEAR = 365
WHOLE_DAY = timegrid.ones(0, 12 * 12)
"""From eight to eight."""
SAMPLE_DAYS = 56
DAILY_VISITS = 52
SESSIONS = 8
BOOKED_AHEAD_DAYS = 40  # on average

PEOPLE = [("physician", "care")] * 4 + [("care",)] * 6
ROOMS = [("treatment-room", "basin-room")] * 8
DEVICES = [("dermapen",)] * 4 + [("led",)] * 2


@dataclass(frozen=True, slots=True)
class Placed:
    """One visit of the past or to come."""

    start: int
    lead: int
    claims: tuple[Wanted, ...]
    booked_on: float


@transaction.atomic
def build(past_years: int) -> None:
    """Fill an empty database; `past_years` lie before TODAY, one after it."""
    catalogue.load()
    clinic = _clinic()
    skills = {resource.pk: frozenset(resource.capabilities.values_list("pk", flat=True)) for resource in _resources(clinic)}
    protocol = Protocol.objects.get(code="dermapen", treatment__category="skin")
    protocols.publish(protocol, by=None, now=NOW)
    visits = sorted(_visits(clinic, skills, past_years), key=lambda visit: visit.start)
    _store(clinic, protocol, visits)


def _clinic() -> Clinic:
    clinic = Clinic.objects.create(
        name="Busy",
        slug="busy",
        phone="+33199000000",
        email="busy@example.org",
        closes_on_holidays=False,
        consultation_first=False,
        roster_published_until=TODAY + timedelta(days=550),
    )
    for weekday in range(1, 8):
        OpeningHours.objects.create(clinic=clinic, weekday=weekday, starts=time(8), ends=time(20), valid_from=date(2010, 1, 1))
    return clinic


def _resources(clinic: Clinic) -> list[Resource]:
    abilities = {capability.code: capability for capability in Capability.objects.all()}
    made = []
    for kind, rows in ((Kind.PERSON, PEOPLE), (Kind.ROOM, ROOMS), (Kind.DEVICE, DEVICES)):
        for number, codes in enumerate(rows, start=1):
            resource = Resource.objects.create(
                kind=kind, name=f"{kind.label} {number}", clinic=None if kind == Kind.PERSON else clinic
            )
            resource.capabilities.set([abilities[code] for code in codes])
            made.append(resource)
    for person in made[: len(PEOPLE)]:
        for weekday in range(1, 8):
            Shift.objects.create(
                person=person, clinic=clinic, weekday=weekday, starts=time(8), ends=time(20), valid_from=date(2010, 1, 1)
            )
    return made


def _visit_of_an_hour() -> VisitShape:
    key = dict(Capability.objects.values_list("code", "pk"))
    physician, care, room, pen = (key[code] for code in ("physician", "care", "treatment-room", "dermapen"))
    segments = (
        SegmentNeed(0, 2, (care, room)),
        SegmentNeed(2, 4, (room,)),
        SegmentNeed(6, 3, (physician, room, pen)),
        SegmentNeed(9, 2, (care, room)),
        SegmentNeed(11, 1, (room,), patient_present=False),
    )
    return VisitShape("hour", segments, physician, 11)


def _visits(clinic: Clinic, skills: dict[int, frozenset[int]], past_years: int) -> Iterator[Placed]:
    """The sample days over and over, each visit booked some time before."""
    chance = random.Random(1)
    samples = [_sample_day(skills, chance) for _ in range(SAMPLE_DAYS)]
    for offset in range(-YEAR * past_years, YEAR):
        day = TODAY + timedelta(days=offset)
        opening = timegrid.tick(hours.local_instant(day, time(8), clinic.zone))
        for lead, start, claims in samples[offset % SAMPLE_DAYS]:
            moved = tuple(Wanted(claim.resource, opening + claim.start, opening + claim.end) for claim in claims)
            yield Placed(opening + start, lead, moved, day.toordinal() - chance.expovariate(1 / BOOKED_AHEAD_DAYS))


def _sample_day(skills: dict[int, frozenset[int]], chance: random.Random) -> list[tuple[int, int, list[Wanted]]]:
    """Each visit at a random start that is still possible; ticks count from the opening."""
    shape, free = _visit_of_an_hour(), dict.fromkeys(skills, WHOLE_DAY)
    visits = [_place(shape, free, skills, chance) for _ in range(DAILY_VISITS)]
    return [visit for visit in visits if visit]


def _place(
    shape: VisitShape, free: dict[int, int], skills: dict[int, frozenset[int]], chance: random.Random
) -> tuple[int, int, list[Wanted]] | None:
    """Lead, start and claims of one more visit, whose time is taken from `free`; None when the day is full."""
    serving = Serving(shape, WHOLE_DAY, free, skills)
    if not serving.leads:
        return None
    lead = chance.choice(list(serving.leads))
    start = chance.choice(list(timegrid.bits(serving.leads[lead])))
    serves = serving.assign(start, lead, prefer=set(chance.sample(sorted(skills), 8))) or {}
    claims = merged(
        Wanted(serves[need], start + segment.offset, start + segment.offset + segment.ticks)
        for segment in shape.segments
        for need in segment.needs
    )
    for claim in claims:
        free[claim.resource] = timegrid.subtract(free[claim.resource], timegrid.ones(claim.start, claim.end))
    return lead, start, claims


def _store(clinic: Clinic, protocol: Protocol, visits: Sequence[Placed]) -> None:
    """Each course gets every n-th visit, so that its sessions lie on different days; claims go in as they were booked."""
    courses = _courses(clinic, protocol, -(-len(visits) // SESSIONS))
    phase = protocol.phases.filter(visit__code="session")[0]
    rows = []
    for place, visit in enumerate(visits):
        position, course = place // len(courses), courses[place % len(courses)]
        starts = timegrid.instant(visit.start)
        rows.append(
            Appointment(
                course=course,
                patient_id=course.patient_id,
                position=position,
                number=position + 1,
                phase=phase,
                target=starts.date(),
                earliest=starts.date(),
                latest=starts.date(),
                during=DateTimeTZRange(starts, starts + timedelta(minutes=55)),
                lead_id=visit.lead,
                status=AppointmentStatus.BOOKED,
            )
        )
    booked = sorted(
        zip(Appointment.objects.bulk_create(rows, batch_size=2000), visits, strict=True), key=lambda pair: pair[1].booked_on
    )
    _copy_claims((claim, row.pk) for row, visit in booked for claim in visit.claims)


def _courses(clinic: Clinic, protocol: Protocol, number: int) -> list[Course]:
    patients = Patient.objects.bulk_create(
        Patient(first_name="Pia", last_name=f"Petit {index}", birth_date=date(1980, 1, 1)) for index in range(number)
    )
    return Course.objects.bulk_create(
        Course(clinic=clinic, protocol=protocol, patient=patient, status=CourseStatus.BOOKED) for patient in patients
    )


def _copy_claims(claims: Iterable[tuple[Wanted, int]]) -> None:
    text = io.StringIO()
    for claim, appointment in claims:
        start, end = timegrid.instant(claim.start), timegrid.instant(claim.end)
        text.write(f"{claim.resource}\t[{start.isoformat()},{end.isoformat()})\t{appointment}\n")
    text.seek(0)
    with connection.cursor() as cursor:
        cursor.copy_expert("COPY bookings_claim (resource_id, during, appointment_id) FROM STDIN", text)
