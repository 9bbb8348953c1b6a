"""A time somebody asks for on the phone: possible with all that follows, or every reason why not."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import absences
from bookings.models import Claim
from clinic.models import Role
from tests.factories.courses import open_house
from tests.factories.treatments import force_publish, make_protocol
from tests.factories.visits import make_patient, make_user
from tests.pages import text_of
from treatments.catalogue.entries import PhaseEntry
from treatments.catalogue.words import Text

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    return SimpleNamespace(house=house, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    desk = deepcopy(shared)
    desk.client = Client(headers={"accept-language": "en"})
    desk.client.force_login(desk.rita)
    monkeypatch.setattr(timezone, "now", lambda: desk.house.now)
    return desk


def look(desk: SimpleNamespace, *, status: int = 200, **asked: Any) -> str:
    zone = desk.house.protocol.zones.get(zone__code="face")
    query = {"protocol": desk.house.protocol.pk, "zones": zone.pk, "begins": "session", "at": "2026-03-02T10:00"} | asked
    response = desk.client.get(reverse("bookings:staff-why-not"), query)
    assert response.status_code == status
    return text_of(response)


def test_first_the_treatment_is_chosen_then_the_time(desk: SimpleNamespace) -> None:
    address = reverse("bookings:staff-why-not")
    assert b'name="at"' not in desk.client.get(address).content
    page = desk.client.get(address, {"protocol": desk.house.protocol.pk}).content.decode()
    assert 'name="at"' in page and 'name="zones"' in page and 'name="begins"' in page


def test_a_time_that_is_possible_comes_with_every_date_that_follows_and_nothing_is_booked(desk: SimpleNamespace) -> None:
    page = look(desk, lead=desk.house.resources["Dr Ada"].pk)
    assert "Possible, and the whole course fits:" in page
    assert "Mon 2 March 2026, 10:00 · Dr Ada" in page
    assert "Mon 16 March 2026, 10:00 · Dr Ada" in page
    assert "Dr Bo" not in page.split("The nearest times")[0].split("Monday 2 March 2026, 10:00")[1]
    assert "Monday 2 March 2026, 10:15 · Dr Ada" in page.split("The nearest times")[1]
    assert not Claim.objects.exists()


def test_every_reason_is_given_for_each_practitioner(desk: SimpleNamespace) -> None:
    house = desk.house
    house.book(make_patient(), house.propose("2026-03-02 10:00"))
    absences.enter(house.resources["Dr Bo"], house.at("2026-03-02 00:00"), house.at("2026-03-03 00:00"), reason="", by=None)
    page = look(desk)
    assert "Dr Ada is taken until" in page
    assert "Dr Bo is not there for all of it" in page
    assert "Possible" not in page


def test_a_first_visit_from_which_the_course_cannot_go_on_names_the_session(desk: SimpleNamespace) -> None:
    """Nobody is there for the whole window of session 2."""
    house = desk.house
    for name in ("Dr Ada", "Dr Bo"):
        absences.enter(house.resources[name], house.at("2026-03-08 00:00"), house.at("2026-04-20 00:00"), reason="", by=None)
    page = look(desk)
    assert "there is no free date for “Session 2”" in page
    assert "none in the week before and the four weeks after" in page


def test_with_a_consultation_the_course_begins_with_one(desk: SimpleNamespace) -> None:
    assert "Consultation Mon 2 March 2026, 10:00" in look(desk, begins="consultation")


def test_a_consultation_alone_asks_neither_for_zones_nor_what_it_begins_with(desk: SimpleNamespace) -> None:
    only = PhaseEntry(visit="consultation", name=Text("Consultation", "Consultation"))
    desk.house.protocol = make_protocol(zones=[], phases=[only])
    desk.house.protocol.visits.get(code="session").delete()
    force_publish(desk.house.protocol)
    address, asked = reverse("bookings:staff-why-not"), {"protocol": desk.house.protocol.pk}
    page = desk.client.get(address, asked).content.decode()
    assert 'name="at"' in page and 'name="zones"' not in page and 'name="begins"' not in page
    assert "Consultation Mon 2 March 2026, 10:00" in text_of(desk.client.get(address, asked | {"at": "2026-03-02T10:00"}))


@pytest.mark.parametrize(
    "wrong",
    [
        {"protocol": "x"},
        {"protocol": 10**30},
        {"zones": "x"},
        {"zones": []},
        {"at": "x"},
        {"at": "2026-03-02T10:03"},
        {"at": "0001-01-01T00:00"},
        {"at": "2026-03-29T02:30"},  # the clocks change
        {"lead": "x"},
        {"begins": "x"},
    ],
)
def test_what_cannot_be_read_is_said_and_no_error(desk: SimpleNamespace, wrong: dict[str, Any]) -> None:
    look(desk, status=422, **wrong)


@pytest.mark.parametrize("at", ["2020-03-02T10:00", "2099-03-02T10:00"])
def test_the_past_and_the_far_future_have_their_reason(desk: SimpleNamespace, at: str) -> None:
    assert "Possible" not in look(desk, at=at)


def test_without_a_zone_one_is_asked_for(desk: SimpleNamespace) -> None:
    assert "Choose at least one zone." in look(desk, status=422, zones=[])


def test_where_the_clinic_is_closed_nobody_is_named(desk: SimpleNamespace) -> None:
    """That nobody is there then goes without saying."""
    page = look(desk, at="2026-03-02T22:00")

    assert "The clinic is not open for the whole visit." in page
    assert "is not there" not in page


def test_an_hour_that_the_change_of_the_clocks_leaves_out_is_no_hour(desk: SimpleNamespace) -> None:
    page = look(desk, status=422, at="2026-03-29T02:30")

    assert "The clocks change in that hour. Please choose another one." in page
