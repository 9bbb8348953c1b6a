"""Who is free when: hours, closures, holidays, absences and claims, read in a constant number of queries."""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings import agenda
from bookings.models import Absence, Claim
from clinic import timegrid
from clinic.hours import Days
from clinic.models import Clinic, Resource
from tests.factories.clinic import make_clinic, make_closure, make_device, make_person, make_room, make_shift, open_week
from tests.factories.visits import at, make_course, make_patient, make_visit

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-02-23T08:00+01:00")
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@pytest.fixture
def clinic() -> Clinic:
    return make_clinic()


@pytest.fixture
def ada(clinic: Clinic) -> Resource:
    """The clinic is open from nine to six, Monday to Saturday, and Ada is there."""
    ada = make_person("Ada", can=["physician"])
    open_week(clinic, ada)
    return ada


def free(
    clinic: Clinic, *resources: Resource, day: date = MONDAY, days: int = 1, now: datetime = NOW, **options: Any
) -> list[str]:
    """When each resource is free, as "09:00–12:00 13:00–18:00", on the wall of the clinic."""
    span = Days.between(day, day + timedelta(days=days - 1), clinic.zone)
    read = agenda.read(clinic, [resource.pk for resource in resources], span, now, **options)
    return [spans(read.free.get(resource.pk, 0), span) for resource in resources]


def spans(mask: int, span: Days) -> str:
    def shown(tick: int) -> str:
        return f"{timegrid.instant(span.base + tick).astimezone(span.zone):%H:%M}"

    return " ".join(f"{shown(start)}–{shown(end)}" for start, end in timegrid.runs(mask))


def book(clinic: Clinic, who: Resource, start: str, **fields: Any) -> Any:
    """A booked hour of a course of its own."""
    course = make_course(clinic, make_patient(), **fields)
    return make_visit(course, start, lead=who)


def claim(like: Any, who: Resource, start: str, end: str, clinic: Clinic, **fields: Any) -> Claim:
    during = DateTimeTZRange(at(start, clinic), at(end, clinic))
    return Claim.objects.create(appointment=like, resource=who, during=during, **fields)


def absent(clinic: Clinic, who: Resource, start: str, end: str) -> Absence:
    return Absence.objects.create(resource=who, during=DateTimeTZRange(at(start, clinic), at(end, clinic)))


# Hours ----------------------------------------------------------------------------------------------------------------


def test_people_keep_their_shifts_and_rooms_the_opening_hours(clinic: Clinic) -> None:
    open_week(clinic)
    bo, room, device = make_person("Bo"), make_room(clinic), make_device(clinic)
    make_shift(bo, clinic, starts="13:00", ends="17:00")
    assert free(clinic, bo, room, device) == ["13:00–17:00", "09:00–18:00", "09:00–18:00"]


def test_a_shift_outside_opening_hours_gives_no_time(clinic: Clinic) -> None:
    open_week(clinic, starts="10:00", ends="16:00")
    bo = make_person("Bo")
    make_shift(bo, clinic, starts="08:00", ends="12:00")
    assert free(clinic, bo) == ["10:00–12:00"]


def test_a_person_who_works_in_two_clinics_is_never_in_both(clinic: Clinic) -> None:
    other, bo = make_clinic(), make_person("Bo")
    open_week(clinic)
    open_week(other)
    make_shift(bo, clinic, starts="09:00", ends="12:00")
    make_shift(bo, other, starts="12:00", ends="18:00")
    assert free(clinic, bo) == ["09:00–12:00"]
    assert free(other, bo) == ["12:00–18:00"]


def test_what_a_person_does_elsewhere_is_taken_here(clinic: Clinic, ada: Resource) -> None:
    book(open_week(make_clinic()), ada, "2026-03-02 10:00")
    assert free(clinic, ada) == ["09:00–10:00 11:00–18:00"]


def test_the_room_of_another_clinic_is_not_ours(clinic: Clinic, ada: Resource) -> None:
    assert free(clinic, make_room(open_week(make_clinic()))) == [""]


def test_nobody_is_there_on_a_public_holiday_unless_the_clinic_opens(clinic: Clinic, ada: Resource) -> None:
    easter_monday = date(2026, 4, 6)
    assert free(clinic, ada, day=easter_monday) == [""]
    clinic.closes_on_holidays = False
    assert free(clinic, ada, day=easter_monday) == ["09:00–18:00"]


def test_a_closure_takes_its_hours_from_everyone(clinic: Clinic, ada: Resource) -> None:
    make_closure(clinic, at("2026-03-02 12:00", clinic), at("2026-03-02 14:00", clinic))
    make_closure(make_clinic(), at("2026-03-02 09:00", clinic), at("2026-03-02 18:00", clinic))
    assert free(clinic, ada, make_room(clinic)) == ["09:00–12:00 14:00–18:00"] * 2


def test_a_roster_begins_and_ends_on_its_days(clinic: Clinic) -> None:
    open_week(clinic)
    bo = make_person("Bo")
    make_shift(bo, clinic, valid_from=MONDAY, valid_until=MONDAY)
    assert free(clinic, bo, day=MONDAY - timedelta(days=7), days=15) == ["09:00–18:00"]


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_hours_stay_on_the_wall_when_the_clock_changes(change: date) -> None:
    clinic = open_week(make_clinic(), bo := make_person("Bo"), weekdays=range(1, 8))
    assert free(clinic, bo, day=change - timedelta(days=1), days=3) == ["09:00–18:00 09:00–18:00 09:00–18:00"]


# Absences and claims --------------------------------------------------------------------------------------------------


def test_an_absence_that_began_before_the_span_still_blocks(clinic: Clinic, ada: Resource) -> None:
    absent(clinic, ada, "2026-02-02 00:00", "2026-03-02 14:00")
    assert free(clinic, ada) == ["14:00–18:00"]


def test_absences_may_overlap(clinic: Clinic, ada: Resource) -> None:
    absent(clinic, ada, "2026-03-02 10:00", "2026-03-02 12:00")
    absent(clinic, ada, "2026-03-02 11:00", "2026-03-02 13:00")
    absent(clinic, make_person("Bo"), "2026-03-02 09:00", "2026-03-02 18:00")
    assert free(clinic, ada) == ["09:00–10:00 13:00–18:00"]


def test_a_claim_that_began_the_day_before_still_blocks(clinic: Clinic, ada: Resource) -> None:
    visit = book(clinic, ada, "2026-02-24 10:00")
    claim(visit, ada, "2026-03-01 10:00", "2026-03-02 10:00", clinic)
    claim(visit, ada, "2026-03-02 17:00", "2026-03-03 17:00", clinic)
    assert free(clinic, ada) == ["10:00–17:00"]


def test_a_hold_blocks_until_it_ends(clinic: Clinic, ada: Resource) -> None:
    visit = book(clinic, ada, "2026-02-24 10:00")
    claim(visit, ada, "2026-03-02 10:00", "2026-03-02 11:00", clinic, held_until=NOW)
    claim(visit, ada, "2026-03-02 14:00", "2026-03-02 15:00", clinic, held_until=NOW + timedelta(seconds=1))
    assert free(clinic, ada) == ["09:00–14:00 15:00–18:00"]


def test_a_course_can_be_looked_away_from(clinic: Clinic, ada: Resource) -> None:
    mine = book(clinic, ada, "2026-03-02 10:00")
    book(clinic, ada, "2026-03-02 14:00")
    absence = absent(clinic, ada, "2026-03-02 17:00", "2026-03-02 18:00")
    Claim.objects.create(absence=absence, resource=ada, during=absence.during)
    assert free(clinic, ada, ignore_courses=[mine.course_id]) == ["09:00–14:00 15:00–17:00"]


def test_without_claims_only_hours_and_absences_count(clinic: Clinic, ada: Resource) -> None:
    book(clinic, ada, "2026-03-02 10:00")
    absent(clinic, ada, "2026-03-02 17:00", "2026-03-02 18:00")
    assert free(clinic, ada, claims=False) == ["09:00–17:00"]


def test_days_that_do_not_count_are_closed(clinic: Clinic, ada: Resource) -> None:
    book(clinic, ada, "2026-03-02 10:00")
    book(clinic, ada, "2026-03-04 10:00")
    both = {MONDAY.toordinal(), MONDAY.toordinal() + 2}
    assert free(clinic, ada, days=5, only=both) == ["09:00–10:00 11:00–18:00 09:00–10:00 11:00–18:00"]
    assert free(clinic, ada, days=5, only=set()) == [""]


def test_a_patient_is_elsewhere_while_another_course_has_them(clinic: Clinic, ada: Resource) -> None:
    visit = book(clinic, ada, "2026-03-02 10:00")
    span = Days.between(MONDAY, MONDAY, clinic.zone)

    def elsewhere(**options: Any) -> str:
        return spans(agenda.read(clinic, [ada.pk], span, NOW, **options).patient_busy, span)

    assert elsewhere() == ""
    assert elsewhere(patient=visit.patient_id) == "10:00–11:00"
    assert elsewhere(patient=visit.patient_id, ignore_courses=[visit.course_id]) == ""
    assert elsewhere(patient=make_patient().pk) == ""


# Who can do what ------------------------------------------------------------------------------------------------------


def test_skills_are_those_of_resources_in_use_here(clinic: Clinic, ada: Resource) -> None:
    room, _ = make_room(clinic, can=["room", "basin"]), make_room(make_clinic(), can=["room"])
    make_person("Old", can=["physician"], active=False)
    bo = make_person("Bo", can=["physician", "care"])
    key = {capability.code: capability.pk for who in (ada, bo, room) for capability in who.capabilities.all()}

    assert agenda.skills(clinic, [key["physician"], key["room"]]) == {
        ada.pk: {key["physician"]},
        bo.pk: {key["physician"], key["care"]},
        room.pk: {key["room"], key["basin"]},
    }


def test_a_room_is_never_a_physician(clinic: Clinic, ada: Resource) -> None:
    room = make_room(clinic)
    room.capabilities.add(physician := ada.capabilities.get())
    assert agenda.skills(clinic, [physician.pk]) == {ada.pk: {physician.pk}}


# Cost -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [14, 485])
@pytest.mark.parametrize("people", [1, 12])
def test_two_queries_whatever_the_span_and_the_number_of_resources(
    clinic: Clinic, days: int, people: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    staff = [make_person() for _ in range(people)]
    open_week(clinic, *staff)
    rooms = [make_room(clinic) for _ in range(people)]
    visit = book(clinic, staff[0], "2026-03-02 10:00")
    with django_assert_num_queries(2):
        free(clinic, *staff, *rooms, days=days, ignore_courses=[visit.course_id], patient=visit.patient_id)


def test_claims_are_read_through_the_index_on_resource_and_start(clinic: Clinic, ada: Resource) -> None:
    fill_the_year(clinic, [ada, *(make_person() for _ in range(3))])
    for days, only in ((14, None), (400, {MONDAY.toordinal(), MONDAY.toordinal() + 14, MONDAY.toordinal() + 28})):
        plan = "\n".join(explain(clinic, [ada], days, only))
        assert "claims_by_resource_and_start" in plan
        assert "Seq Scan on bookings_claim" not in plan


def fill_the_year(clinic: Clinic, people: Iterable[Resource]) -> None:
    visit = book(clinic, make_person(), "2026-02-24 10:00")
    with connection.cursor() as cursor:
        for person in people:
            cursor.execute(
                "INSERT INTO bookings_claim (resource_id, appointment_id, during)"
                " SELECT %s, %s, tstzrange(hour, hour + interval '1 hour')"
                " FROM generate_series('2026-01-01 08:00+00'::timestamptz, '2027-12-31', '6 hours') AS hour",
                [person.pk, visit.pk],
            )
        cursor.execute("ANALYZE bookings_claim")


def explain(clinic: Clinic, resources: Iterable[Resource], days: int, only: set[int] | None) -> list[str]:
    """The plan of the statement that reads claims, as `read` sends it."""
    asked: list[str] = []

    def explained(execute: Any, sql: str, parameters: Any, many: bool, context: Any) -> Any:
        if "bookings_claim" in sql:
            execute(f"EXPLAIN {sql}", parameters, many, context)
            asked.extend(row[0] for row in context["cursor"].fetchall())
        return execute(sql, parameters, many, context)

    with connection.execute_wrapper(explained):
        free(clinic, *resources, days=days, only=only)
    return asked
