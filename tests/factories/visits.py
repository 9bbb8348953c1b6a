"""Courses under way, stored directly: for tests of what happens to a visit, not of how it was booked.

Times are written "2026-03-02 10:00" and are wall-clock times of the clinic.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from itertools import count
from types import SimpleNamespace

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone

from bookings.models import Appointment, AppointmentStatus, Claim, Clearance, Course, CourseStatus, Patient
from bookings.models.states import WITH_A_TIME
from clinic.models import Clinic, Kind, Resource, Role, User
from tests.factories.clinic import (
    make_capabilities,
    make_capability,
    make_clinic,
    make_device,
    make_person,
    make_room,
    open_week,
)
from treatments.models import Phase, Protocol, ProtocolZone, Segment, Status, Treatment, Visit, Zone

CLEANING_MINUTES = 10

_number = count(1)


def at(text: str, clinic: Clinic) -> datetime:
    """The instant of a wall-clock time of the clinic."""
    return datetime.fromisoformat(text).replace(tzinfo=clinic.zone)


def make_user(role: str, clinic: Clinic | None = None, **fields: object) -> User:
    return User.objects.create_user(
        email=str(fields.pop("email", f"{role}{next(_number)}@example.org")), role=role, clinic=clinic, **fields
    )


def make_team(clinic: Clinic) -> dict[str, User]:
    """One log-in of each role of the team, by role."""
    return {role: make_user(role, clinic) for role in Role.values if role != Role.PATIENT}


def make_patient(first_name: str = "Pia", last_name: str = "Petit", **fields: object) -> Patient:
    return Patient.objects.create(
        **{
            "first_name": first_name,
            "last_name": last_name,
            "birth_date": date(1985, 5, 17),
            "phone": "+33612345678",
            "email": "pia@example.org",
            **fields,
        }
    )


def make_protocol(name: str = "Exosomes, face", code: str = "dermapen", sessions: int = 3) -> Protocol:
    """A published protocol: a consultation of 30 minutes, then sessions of 60 with a numbing wait and clean-up."""
    n = next(_number)
    treatment = Treatment.objects.create(slug=f"treatment-{n}", category="skin", name=name, tagline="", summary="")
    lead = make_capability("physician")
    protocol = Protocol.objects.create(treatment=treatment, code=code, name=name, lead_capability=lead)
    consultation = Visit.objects.create(
        protocol=protocol,
        code="consultation",
        name="Consultation",
        charges_zones=False,
        needs_clearance=False,
        is_consultation=True,
    )
    session = Visit.objects.create(protocol=protocol, code="session", name="Session")
    _segments(consultation, [("talk", "Consultation", 30, ["physician", "room"])])
    _segments(
        session,
        [
            ("cleanse", "Cleansing", 10, ["care", "room"]),
            ("numbing-wait", "Numbing", 25, ["room"]),
            ("needling", "Microneedling", 15, ["physician", "room", "dermapen"]),
            ("massage", "Massage", 10, ["care", "room"]),
            ("clean-up", "Clean-up", CLEANING_MINUTES, ["room", "dermapen"]),
        ],
    )
    window = {"hard_min": -1, "preferred_before": 0, "preferred_after": 4, "soft_max": 7, "hard_max": 14}
    Phase.objects.create(protocol=protocol, position=0, name="Consultation", visit=consultation, offset=0, unit="days", **window)
    Phase.objects.create(
        protocol=protocol, position=1, name="Core", visit=session, sessions=sessions, offset=2, unit="weeks", **window
    )
    zone = Zone.objects.get_or_create(code="face", defaults={"name": "Face"})[0]
    ProtocolZone.objects.create(protocol=protocol, zone=zone, minutes=15, price=250)
    Protocol.objects.filter(pk=protocol.pk).update(status=Status.PUBLISHED, published_at=timezone.now())
    protocol.refresh_from_db()
    return protocol


def _segments(visit: Visit, rows: Iterable[tuple[str, str, int, list[str]]]) -> None:
    rows = list(rows)
    kinds = {"room": Kind.ROOM, "dermapen": Kind.DEVICE}
    known = make_capabilities({need: kinds.get(need, Kind.PERSON) for *_facts, needs in rows for need in needs})
    segments = Segment.objects.bulk_create(
        Segment(
            visit=visit,
            position=position,
            code=code,
            name=name,
            minutes=minutes,
            patient_present=code != "clean-up",
            needling=code == "needling",
        )
        for position, (code, name, minutes, _needs) in enumerate(rows)
    )
    Segment.needs.through.objects.bulk_create(
        Segment.needs.through(segment=segment, capability=known[need])
        for segment, (*_facts, needs) in zip(segments, rows, strict=True)
        for need in needs
    )


def make_course(
    clinic: Clinic,
    patient: Patient | None,
    protocol: Protocol | None = None,
    *,
    clearance: str = Clearance.CLEARED,
    **fields: object,
) -> Course:
    """A booked course without appointments: see `make_visit`."""
    cleared_at = timezone.now() if clearance == Clearance.CLEARED else None
    course = Course.objects.create(
        **{
            "clinic": clinic,
            "patient": patient,
            "protocol": protocol or make_protocol(),
            "status": CourseStatus.BOOKED,
            "clearance": clearance,
            "cleared_at": cleared_at,
            **fields,
        }
    )
    course.zones.set(course.protocol.zones.all())
    return course


def make_visit(
    course: Course,
    starts: str,
    *,
    lead: Resource,
    number: int = 1,
    minutes: int = 60,
    others: Iterable[Resource] = (),
    status: str = AppointmentStatus.BOOKED,
    **facts: object,
) -> Appointment:
    """A session (number 0: the consultation) at a wall-clock time, with claims of its lead and of the others.

    Rooms and devices are claimed for 10 minutes more, to clean up. Planned, missed … visits get no time: only the
    ideal day is taken from `starts`.
    """
    begins = at(starts, course.clinic)
    has_time = status in WITH_A_TIME
    visit = Appointment.objects.create(
        course=course,
        patient=course.patient,
        position=number,
        number=number,
        phase=course.protocol.phases.get(position=1 if number else 0),
        target=begins.date(),
        earliest=begins.date() - timedelta(days=1),
        latest=begins.date() + timedelta(days=7),
        during=DateTimeTZRange(begins, begins + timedelta(minutes=minutes)) if has_time else None,
        lead=lead if has_time else None,
        status=status,
        **facts,
    )
    for resource in [lead, *others] if has_time else []:
        after = 0 if resource.kind == Kind.PERSON else CLEANING_MINUTES
        during = DateTimeTZRange(begins, begins + timedelta(minutes=minutes + after))
        Claim.objects.create(appointment=visit, resource=resource, during=during)
    return visit


def make_desk(monday: str = "2026-03-02 10:30") -> SimpleNamespace:
    """The reception of a clinic at a moment of a Monday: its team, a physician, rooms and devices; nobody has come yet."""
    clinic = make_clinic()
    desk = SimpleNamespace(
        clinic=clinic,
        now=at(monday, clinic),
        team=make_team(clinic),
        physician=make_person("Dr Roux"),
        rooms=[make_room(clinic, f"Room {number}") for number in (1, 2)],
        device=make_device(clinic, "Dermapen 1"),
    )
    open_week(clinic, desk.physician, weekdays=range(1, 8), starts="08:00", ends="20:00")
    desk.protocol = make_protocol()
    return desk


def make_many_visits(desk: SimpleNamespace, count: int, day: str = "2026-03-02") -> list[Appointment]:
    """Visits of a quarter of an hour, one after the other from 9:00, each of another patient."""
    made = []
    for number in range(count):
        course = make_course(desk.clinic, make_patient(f"P{number}", f"Petit{number}"), desk.protocol)
        hour = f"{day} {9 + number // 4:02}:{number % 4 * 15:02}"
        made.append(make_visit(course, hour, lead=desk.physician, minutes=15, others=[desk.rooms[number % 2]]))
    return made
