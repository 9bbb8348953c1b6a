"""Absences take effect at once; what was booked before is listed with the best other place, and nothing is lost."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings import absences, booking, displaced, proposals, rescheduling, visits
from bookings.models import Absence, Appointment, AppointmentStatus, Claim, Course, CourseStatus, JournalEntry, Message
from bookings.refusals import LostMeanwhile, SlotUnavailable
from clinic.models import Resource, Role, User
from tests.factories.clinic import make_closure
from tests.factories.courses import House, open_house
from tests.factories.visits import make_patient, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    course = cleared(house.book(make_patient()))
    return SimpleNamespace(house=house, course=course, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def house(shared: SimpleNamespace) -> House:
    return deepcopy(shared.house)


@pytest.fixture
def course(shared: SimpleNamespace) -> Course:
    """Booked from Monday 2 March 2026, 10:00, with Dr Ada."""
    return deepcopy(shared.course)


@pytest.fixture
def rita(shared: SimpleNamespace) -> User:
    return deepcopy(shared.rita)


def cleared(course: Course) -> Course:
    Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at="2026-02-23T08:00Z")
    return Course.objects.get(pk=course.pk)


def away(house: House, resource: Resource, starts: str, ends: str) -> Absence:
    return absences.enter(resource, house.at(starts), house.at(ends), reason="", by=None)


def room_of(visit: Appointment) -> Resource:
    room: Resource = Resource.objects.get(claims__appointment=visit, kind="room")
    return room


def listed(house: House) -> list[int]:
    return [row.visit.position for row in displaced.displaced(house.clinic, house.now)]


def place_of(house: House, visit: Appointment) -> displaced.Place | None:
    return displaced.places(displaced.displaced(house.clinic, house.now), house.now)[visit.pk]


def everything() -> list[Any]:
    return [
        *Appointment.objects.order_by("pk").values_list("pk", "status", "during", "lead"),
        *Claim.objects.order_by("pk").values_list("appointment", "resource", "during"),
    ]


# Absences


def test_nothing_new_is_booked_into_an_absence(house: House) -> None:
    """One that began long before and ends after; two overlap."""
    away(house, house.resources["Dr Ada"], "2026-01-01 00:00", "2026-03-02 10:30")
    away(house, house.resources["Dr Ada"], "2026-03-02 09:00", "2026-03-02 12:00")

    with pytest.raises(SlotUnavailable):
        house.propose("2026-03-02 10:00")
    with pytest.raises(SlotUnavailable):
        house.propose("2026-03-02 10:30")
    assert house.propose("2026-03-02 12:00").slots[0].start


def test_an_absence_over_booked_visits_is_accepted_and_nothing_is_lost(house: House, course: Course) -> None:
    before = everything()

    away(house, house.resources["Dr Ada"], "2026-03-01 00:00", "2026-03-31 00:00")

    assert everything() == before
    assert listed(house) == [0, 1, 2]


def test_the_same_absence_entered_twice_is_one(house: House) -> None:
    both = [away(house, house.resources["Dr Ada"], "2026-03-02 09:00", "2026-03-02 12:00") for _click in range(2)]

    assert both[0] == both[1]


def test_who_is_back_is_back_from_then_on(house: House, course: Course) -> None:
    absence = away(house, house.resources["Dr Ada"], "2026-02-20 00:00", "2026-03-31 00:00")
    absences.lift(absence, now=house.at("2026-02-23 08:03"))
    absence.refresh_from_db()
    assert (absence.during.upper, listed(house)) == (house.at("2026-02-23 08:00"), [])

    to_come = away(house, house.resources["Dr Ada"], "2026-03-02 00:00", "2026-03-03 00:00")
    absences.lift(to_come, now=house.now)
    assert not Absence.objects.filter(pk=to_come.pk).exists()


# What is listed


@pytest.mark.parametrize("what", ["room", "closure", "shift", "out of use"])
def test_a_visit_is_listed_whatever_the_reason(house: House, course: Course, what: str) -> None:
    visit = course.appointments.get(position=0)
    if what == "room":
        away(house, room_of(visit), "2026-03-02 11:00", "2026-03-02 12:00")
    elif what == "closure":
        make_closure(house.clinic, house.at("2026-03-02 11:00"), house.at("2026-03-02 11:30"))
    elif what == "shift":
        house.resources["Dr Ada"].shifts.filter(weekday=1).update(ends="10:30")
        house.resources["Dr Ada"].shifts.exclude(weekday=1).delete()
    else:
        Resource.objects.filter(pk=room_of(visit).pk).update(active=False)

    assert 0 in listed(house)


def test_what_touches_an_absence_only_at_its_ends_is_not_listed(house: House, course: Course) -> None:
    visit = course.appointments.get(position=0)
    ends = max(claim.during.upper for claim in visit.claims.filter(resource=visit.lead))
    away(house, house.resources["Dr Ada"], "2026-03-02 00:00", "2026-03-02 10:00")
    absences.enter(house.resources["Dr Ada"], ends, ends + timedelta(hours=1), reason="", by=None)

    assert listed(house) == []


def test_what_is_over_under_way_or_given_up_is_not_listed(house: House, course: Course, rita: User) -> None:
    ended = house.book(make_patient(), house.propose("2026-03-02 14:00"))
    away(house, house.resources["Dr Ada"], "2026-03-01 00:00", "2026-03-31 00:00")
    first = course.appointments.get(position=0)
    visits.start(first, by=rita, now=first.during.lower)
    rescheduling.cannot_come(course.appointments.get(position=1), by=rita, now=house.at("2026-03-03 09:00"))
    booking.end_course(ended, CourseStatus.CANCELLED, by=rita, now=house.now)
    assert listed(house) == [2]

    house.now = house.at("2026-03-30 10:00")
    assert listed(house) == []


def test_the_list_costs_the_same_for_one_visit_and_for_many(house: House, course: Course) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            displaced.displaced(house.clinic, house.now)
        return len(seen)

    away(house, house.resources["Dr Ada"], "2026-03-02 00:00", "2026-03-03 00:00")
    one = queries()
    away(house, house.resources["Dr Ada"], "2026-03-03 00:00", "2027-03-01 00:00")

    assert len(listed(house)) > 5
    assert queries() == one


# The best other place


def test_another_room_at_the_same_time_and_the_patient_notices_nothing(
    house: House, course: Course, rita: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    visit = course.appointments.get(position=0)
    broken = room_of(visit)
    away(house, broken, "2026-03-02 00:00", "2026-03-03 00:00")
    [row] = displaced.displaced(house.clinic, house.now)
    place = place_of(house, visit)
    assert (row.missing, place and place.same_time) == ((broken,), True)

    with django_capture_on_commit_callbacks(execute=True):
        assert displaced.reassign(row.visit, by=rita, now=house.now)

    after = course.appointments.get(position=0)
    assert (after.during, after.lead, after.status) == (visit.during, visit.lead, visit.status)
    assert room_of(after) != broken
    assert {claim.resource.kind for claim in after.claims.select_related("resource")} == {"person", "room", "device"}
    assert listed(house) == []
    assert JournalEntry.objects.get(verb="reassigned").actor == rita
    assert not Message.objects.exists()


def test_who_has_come_early_gets_another_room_too_and_waits_on(house: House, course: Course, rita: User) -> None:
    visit = course.appointments.get(position=0)
    house.now = visit.during.lower - timedelta(minutes=20)
    visits.arrive(visit, by=rita, now=house.now)
    broken = room_of(visit)
    away(house, broken, "2026-03-02 00:00", "2026-03-03 00:00")
    [row] = displaced.displaced(house.clinic, house.now)
    assert (place := place_of(house, visit)) and place.same_time

    assert displaced.reassign(row.visit, by=rita, now=house.now)

    after = course.appointments.get(position=0)
    assert (after.status, room_of(after) == broken, listed(house)) == (AppointmentStatus.ARRIVED, False, [])


def test_first_another_hour_with_the_same_practitioner_then_a_colleague_then_another_day(house: House, course: Course) -> None:
    ada, visit = house.resources["Dr Ada"], course.appointments.get(position=0)
    away(house, ada, "2026-03-02 09:00", "2026-03-02 12:00")
    assert offered(house, visit) == ("2026-03-02", "Dr Ada")

    away(house, ada, "2026-03-02 12:00", "2026-03-02 19:00")
    day, name = offered(house, visit)
    assert day == "2026-03-02"
    assert name != "Dr Ada"

    make_closure(house.clinic, house.at("2026-03-02 00:00"), house.at("2026-03-03 00:00"))
    day, _name = offered(house, visit)
    assert day in ("2026-03-01", "2026-03-03")


def offered(house: House, visit: Appointment) -> tuple[str, str]:
    place = place_of(house, visit)
    assert place is not None
    assert place.alternative is not None
    return f"{place.alternative.offer.starts:%Y-%m-%d}", place.alternative.offer.practitioner.name


def test_of_a_course_that_pauses_nothing_is_offered(house: House, course: Course, rita: User) -> None:
    """Its first session was missed: reception keeps its dates first, or they are given back."""
    visits.miss(course.appointments.get(position=0), by=rita, now=house.at("2026-03-02 10:20"))
    away(house, house.resources["Dr Ada"], "2026-03-15 00:00", "2026-03-20 00:00")

    assert place_of(house, course.appointments.get(position=1)) is None


def test_what_is_counted_from_a_session_without_a_date_is_not_placed_alone(house: House, course: Course, rita: User) -> None:
    """Session 2 waits for a call; session 4 is counted from session 3, and that from session 2."""
    rescheduling.cannot_come(course.appointments.get(position=1), by=rita, now=house.now)
    seen = proposals.standing(course, house.now)

    assert proposals.alone(proposals.request_of(course, seen), seen, 3, now=house.now) is None
    away(house, house.resources["Dr Ada"], "2026-04-29 00:00", "2026-05-01 00:00")
    assert place_of(house, course.appointments.get(position=3)) is None


def test_zones_changed_meanwhile_are_not_claimed_for_as_they_were(house: House, course: Course, rita: User) -> None:
    visit = course.appointments.get(position=0)
    away(house, room_of(visit), "2026-03-02 00:00", "2026-03-03 00:00")
    [row] = displaced.displaced(house.clinic, house.now)
    course.zones.add(house.protocol.zones.get(zone__code="neck"))
    before = everything()

    with pytest.raises(LostMeanwhile):
        displaced.reassign(row.visit, by=rita, now=house.now)
    assert everything() == before


def test_where_nothing_is_left_it_is_said(house: House, course: Course) -> None:
    make_closure(house.clinic, house.at("2026-02-24 00:00"), house.at("2026-12-01 00:00"))

    assert place_of(house, course.appointments.get(position=1)) is None


def test_no_two_visits_are_offered_the_same_place(house: House, course: Course) -> None:
    """Two patients of Dr Ada's morning, and one hour of the afternoon that is hers."""
    other = cleared(house.book(make_patient(), house.propose("2026-03-02 12:30")))
    ada = house.resources["Dr Ada"]
    away(house, ada, "2026-03-02 09:00", "2026-03-02 15:00")
    rows = displaced.displaced(house.clinic, house.now)
    places = displaced.places(rows, house.now)

    for moved in (other, course):
        place = places[moved.appointments.get(position=0).pk]
        assert place is not None
        assert place.alternative is not None
        moved.refresh_from_db()
        reflow = rescheduling.move(moved, 0, place.alternative.offer.slot, now=house.now, late=True)
        rescheduling.apply(reflow, by=None, now=house.now)
    assert listed(house) == []


def test_what_is_offered_can_be_had_and_moves_nothing_else(house: House, course: Course) -> None:
    """Dr Ada is away until May: every session of two courses until then, each moved to the place it is offered."""
    other = cleared(house.book(make_patient(), house.propose("2026-03-03 14:00")))
    away(house, house.resources["Dr Ada"], "2026-02-24 00:00", "2026-05-01 00:00")

    while rows := displaced.displaced(house.clinic, house.now):
        row, place = rows[0], displaced.places(rows, house.now)[rows[0].visit.pk]
        assert place is not None
        assert place.alternative is not None
        reflow = rescheduling.move(row.visit.course, row.visit.position, place.alternative.offer.slot, now=house.now, late=True)
        assert [change.position for change in reflow.moved] == [row.visit.position]
        rescheduling.apply(reflow, by=None, now=house.now)
    meanwhile = other.appointments.filter(during__startswith__lt=house.at("2026-05-01 00:00"))
    assert set(meanwhile.values_list("lead", flat=True)) == {house.resources["Dr Bo"].pk}
