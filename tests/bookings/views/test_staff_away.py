"""Entering an absence, and the call list of the visits that need another place for it."""

import re
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import absences, displaced, offers
from bookings.models import Absence, Appointment, Course, Patient
from clinic.models import Resource, Role
from tests.factories.clinic import make_closure
from tests.factories.courses import open_house
from tests.factories.visits import make_patient, make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    course = house.book(make_patient(phone="+33612345678"))
    Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at=house.now)
    return SimpleNamespace(house=house, course=course, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Monday 23 February 2026, eight o'clock; a course from Monday 2 March, 10:00, with Dr Ada."""
    desk = deepcopy(shared)
    desk.client = Client(headers={"accept-language": "en"})
    desk.client.force_login(desk.rita)
    monkeypatch.setattr(timezone, "now", lambda: desk.house.now)
    return desk


def enter(desk: SimpleNamespace, away: Resource, begins: str, over: str, **fields: str) -> Any:
    data = {"resource": away.pk, "starts": begins, "ends": over, "reason": ""} | fields
    return desk.client.post(reverse("bookings:staff-absences"), data, follow=True)


def first(desk: SimpleNamespace) -> Any:
    return desk.course.appointments.get(position=0)


def test_ill_at_eight_two_clicks_give_the_call_list(desk: SimpleNamespace) -> None:
    ada = desk.house.resources["Dr Ada"]
    assert "Nobody is away." in text_of(desk.client.get(reverse("bookings:staff-absences")))

    page = enter(desk, ada, "2026-03-02T09:00", "2026-03-02T19:00", reason="back on Tuesday")

    shown = text_of(page)
    assert "1 visit cannot take place as booked" in shown
    assert "PETIT Pia (1985) · 06 12 34 56 78" in shown
    assert "not there: Dr Ada" in shown
    assert first(desk).during.lower == desk.house.at("2026-03-02 10:00")
    assert "Dr Ada Mon 2 March 2026, 09:00 to 19:00 back on Tuesday" in text_of(
        desk.client.get(reverse("bookings:staff-absences"))
    )

    [move] = set(re.findall(r'href="([^"]+[?]slot=[0-9-]+)"', page.content.decode()))
    shown = desk.client.get(move)
    stored = desk.client.post(shown.request["PATH_INFO"], {"plan": shown.context["plan"], **dict(shown.context["asked"].fields)})
    assert stored.status_code == 302
    assert first(desk).lead == desk.house.resources["Dr Bo"]
    assert "Every visit can take place as booked." in text_of(desk.client.get(reverse("bookings:staff-displaced")))


@pytest.mark.parametrize("all_at_once", [True, False])
def test_another_room_is_one_click_and_a_second_changes_nothing(desk: SimpleNamespace, all_at_once: bool) -> None:
    room = Resource.objects.get(claims__appointment=first(desk), kind="room")
    page = enter(desk, room, "2026-03-02T00:00", "2026-03-02T23:55")
    assert "same time, another room, device or assistant" in text_of(page)

    address = (
        reverse("bookings:staff-displaced-all")
        if all_at_once
        else reverse("bookings:staff-appointment-reassign", args=[first(desk).uuid])
    )
    assert [desk.client.post(address).status_code for _click in range(2)] == [302, 302]

    assert not displaced.displaced(desk.house.clinic, desk.house.now)
    assert first(desk).during.lower == desk.house.at("2026-03-02 10:00")
    journal = text_of(desk.client.get(reverse("bookings:staff-course", args=[desk.course.uuid])))
    assert journal.count("Another room, device or assistant at the same time · Session 1") == 1


def test_the_day_says_who_is_away_and_that_the_clinic_is_closed(desk: SimpleNamespace) -> None:
    day = f"{reverse('bookings:staff-day')}?date=2026-03-02"
    assert "away" not in text_of(desk.client.get(day))

    enter(desk, desk.house.resources["Dr Ada"], "2026-03-01T09:00", "2026-03-02T12:00")
    make_closure(desk.house.clinic, desk.house.at("2026-03-02 18:00"), desk.house.at("2026-03-03 00:00"))

    shown = text_of(desk.client.get(day))
    assert "Dr Ada is away: Sun 1 March 2026, 09:00 to Mon 2 March 2026, 12:00" in shown
    assert "The clinic is closed: Mon 2 March 2026, 18:00 to 24:00" in shown


def test_what_cannot_be_reassigned_is_said_and_stays(desk: SimpleNamespace) -> None:
    absences.enter(
        desk.house.resources["Dr Ada"], desk.house.at("2026-03-02 09:00"), desk.house.at("2026-03-02 19:00"), reason="", by=None
    )

    response = desk.client.post(reverse("bookings:staff-appointment-reassign", args=[first(desk).uuid]))

    assert response.status_code == 409
    assert "1 visit cannot take place as booked" in text_of(response)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"ends": "2026-03-02T08:00"}, "It has to end after it begins."),
        ({"starts": "2026-03-02T09:03"}, "Please give the time in whole five minutes."),
        ({"starts": "2026-03-02T09:00:00.5"}, "Please give the time in whole five minutes."),
        ({"starts": "0001-01-01T00:00"}, "This day is too far away."),
        ({"ends": "2028-03-02T09:00"}, "That is longer than a year."),
        ({"starts": "tomorrow"}, "Enter a valid date/time."),
        ({"resource": "999999"}, "Select a valid choice."),
        ({"reason": "x" * 201}, "at most 200 characters"),
    ],
)
def test_what_makes_no_sense_is_said_and_not_stored(desk: SimpleNamespace, fields: dict[str, str], sentence: str) -> None:
    response = enter(desk, desk.house.resources["Dr Ada"], "2026-03-02T09:00", "2026-03-02T10:00", **fields)

    assert (response.status_code, sentence in text_of(response)) == (422, True)
    assert not Absence.objects.exists()


def test_an_absence_is_taken_back_after_a_question_and_twice_is_no_error(desk: SimpleNamespace) -> None:
    enter(desk, desk.house.resources["Dr Ada"], "2026-03-02T00:00", "2026-03-02T23:55")
    over = reverse("bookings:staff-absence-lift", args=[Absence.objects.get().pk])

    asked = text_of(desk.client.get(over))
    assert "Dr Ada: there after all? Mon 2 March 2026, all day Take the absence back Leave it as it is" in asked
    assert Absence.objects.exists()

    said = [text_of(desk.client.post(over, follow=True)) for _click in range(2)]
    assert "The absence is taken back." in said[0]
    assert "This absence is over already." in said[1]
    assert not Absence.objects.exists()


def test_who_was_asked_about_another_date_is_named_before_and_told_after(desk: SimpleNamespace) -> None:
    Patient.objects.update(email="pia@example.org")
    enter(desk, desk.house.resources["Dr Ada"], "2026-03-02T00:00", "2026-03-02T23:55")
    page = desk.client.get(reverse("bookings:staff-displaced"))
    assert "1 visit cannot take place as booked" in text_of(desk.client.get(reverse("bookings:staff-tasks")))
    desk.client.post(reverse("bookings:staff-displaced-propose"), {"ask": page.context["to_ask"]})
    assert Appointment.offers.count() == 1
    day = desk.client.get(f"{reverse('bookings:staff-day')}?date=2026-03-02")
    assert "visit cannot take place" not in text_of(desk.client.get(reverse("bookings:staff-tasks")))  # somebody is asked
    assert "not there: Dr Ada; a proposal waits for an answer" in text_of(day)

    over = reverse("bookings:staff-absence-lift", args=[Absence.objects.get().pk])
    assert "PETIT Pia · Session 1 · Mon 2 March 2026, 10:00" in text_of(desk.client.get(over))
    assert "1 patient is told that the first date stands." in text_of(desk.client.post(over, follow=True))

    assert not Appointment.offers.exists()
    listed = text_of(desk.client.get(reverse("bookings:staff-displaced")))
    assert "Every visit can take place as booked." in listed
    journal = text_of(desk.client.get(reverse("bookings:staff-course", args=[desk.course.uuid])))
    assert "The first date stands after all: the patient is told" in journal


def test_who_waits_for_a_call_is_named_before_as_well(desk: SimpleNamespace) -> None:
    enter(desk, desk.house.resources["Dr Ada"], "2026-03-02T00:00", "2026-03-02T23:55")
    page = desk.client.get(reverse("bookings:staff-displaced"))
    desk.client.post(reverse("bookings:staff-displaced-propose"), {"ask": page.context["to_ask"]})
    offers.withdraw(Appointment.offers.get(), by=desk.rita, now=desk.house.now)

    over = reverse("bookings:staff-absence-lift", args=[Absence.objects.get().pk])

    assert "PETIT Pia · Session 1" in text_of(desk.client.get(over))
    enter(desk, desk.house.resources["Dr Ada"], "2026-03-04T00:00", "2026-03-04T23:55")
    other = reverse("bookings:staff-absence-lift", args=[Absence.objects.latest("pk").pk])
    assert "PETIT" not in text_of(desk.client.get(other))
    assert "1 patient is told" in text_of(desk.client.post(over, follow=True))


def test_an_absence_that_has_begun_ends_now(desk: SimpleNamespace) -> None:
    enter(desk, desk.house.resources["Dr Ada"], "2026-02-23T07:00", "2026-02-23T19:00")
    over = reverse("bookings:staff-absence-lift", args=[Absence.objects.get().pk])

    assert "End the absence now" in text_of(desk.client.get(over))
    assert "The absence is over." in text_of(desk.client.post(over, follow=True))


def test_another_clinics_people_and_absences_are_not_to_be_had(desk: SimpleNamespace) -> None:
    other = open_house()
    theirs = absences.enter(
        other.resources["Dr Ada"], other.at("2026-03-02 09:00"), other.at("2026-03-02 19:00"), reason="theirs", by=None
    )

    assert enter(desk, other.resources["Dr Ada"], "2026-03-02T09:00", "2026-03-02T10:00").status_code == 422
    assert "theirs" not in text_of(desk.client.get(reverse("bookings:staff-absences")))
    desk.client.post(reverse("bookings:staff-absence-lift", args=[theirs.pk]))
    assert Absence.objects.filter(pk=theirs.pk).exists()
