"""Absences entered, and visits given another room, while others book: with real threads and transactions."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bookings import absences, displaced
from bookings.models import Appointment, Claim
from bookings.refusals import LostMeanwhile, SlotTaken, SlotUnavailable
from clinic.models import Resource, Role
from tests.factories.courses import House, open_house
from tests.factories.visits import make_patient, make_user
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> House:
    return open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)


def away(house: House, resource: Resource) -> None:
    """Monday 2 March 2026, all day."""
    absences.enter(resource, house.at("2026-03-02 00:00"), house.at("2026-03-03 00:00"), reason="", by=None)


def test_whoever_books_while_an_absence_is_entered_is_refused_or_listed(house: House) -> None:
    """Many at once: no visit of Dr Ada that day is neither refused nor on the list."""
    patients = [make_patient() for _ in range(4)]

    def book(number: int) -> Callable[[], Any]:
        return lambda: house.book(patients[number], house.propose(f"2026-03-02 {10 + 2 * number}:00"))

    jobs = [
        book(0),
        book(1),
        lambda: away(house, house.resources["Dr Ada"]),
        book(2),
        book(3),
    ]
    at_once(jobs, workers=5, expected=(SlotTaken, SlotUnavailable))

    ada = Appointment.objects.filter(lead=house.resources["Dr Ada"], during__startswith__date=date(2026, 3, 2))
    assert {row.visit for row in displaced.displaced(house.clinic, house.now)} >= set(ada)


def test_a_visit_given_another_room_by_many_at_once_has_one(house: House) -> None:
    """Looked at by several people: the others are told, nothing is half done."""
    visit, rita = house.book(make_patient()).appointments.get(position=0), make_user(Role.RECEPTION, house.clinic)
    away(house, Resource.objects.get(claims__appointment=visit, kind="room"))
    [row] = displaced.displaced(house.clinic, house.now)

    at_once([lambda: displaced.reassign(row.visit, by=rita, now=house.now)] * 4, workers=4, expected=(LostMeanwhile,))

    assert Claim.objects.filter(appointment=visit, resource__kind="room").count() == 1
    assert displaced.displaced(house.clinic, house.now) == []
