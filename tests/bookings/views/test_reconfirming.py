"""A date chosen long ago: what the page and the mail say, and every answer, by the patient and on the phone."""

from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import reconfirming
from bookings.models import Appointment, Task
from clinic.models import Role
from tests.factories.courses import open_house
from tests.factories.visits import make_patient, make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db

MAY = 4  # Saturday 30 May 2026, 10:00


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    pia = make_user(Role.PATIENT, email="pia@example.org", language="en")
    course = house.book(make_patient(user=pia, email="pia@example.org", language="en"))
    return SimpleNamespace(house=house, course=course, pia=pia, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A course from 2 March 2026; time stands where the patient has just been asked about 30 May."""
    desk = deepcopy(shared)
    visit = session(desk)
    assert visit.during
    desk.house.now = visit.during.lower - timedelta(weeks=10)
    reconfirming.ask_due(desk.house.now)
    desk.reception, desk.patient = (Client(headers={"accept-language": "en"}) for _ in range(2))
    desk.reception.force_login(desk.rita)
    desk.patient.force_login(desk.pia)
    monkeypatch.setattr(timezone, "now", lambda: desk.house.now)
    return desk


def session(desk: SimpleNamespace, position: int = MAY) -> Appointment:
    visit: Appointment = desk.course.appointments.get(position=position)
    return visit


def page(desk: SimpleNamespace) -> str:
    return text_of(desk.patient.get(reverse("bookings:course-detail", args=[desk.course.uuid])))


def answer(desk: SimpleNamespace, name: str, client: Client, **data: str) -> Any:
    return client.post(reverse(f"bookings:{name}", args=[desk.course.uuid, MAY]), data, follow=True)


def shown(desk: SimpleNamespace) -> str:
    visit = session(desk)
    assert visit.during
    return str(visit.during.lower.isoformat())


def test_the_page_asks_and_says_when_the_others_will_be_asked(desk: SimpleNamespace) -> None:
    text = page(desk)
    assert "Session 5: does this date still suit you? Saturday 30 May 2026, 10:00 until" in text
    assert text.count("Please confirm this date: see above.") == 1
    assert "we ask you to confirm it in April 2026" in text
    assert "we ask you to confirm it in October 2026" in text
    assert (
        f'value="{shown(desk)}"' in desk.patient.get(reverse("bookings:course-detail", args=[desk.course.uuid])).content.decode()
    )


def test_yes_twice_is_yes(desk: SimpleNamespace) -> None:
    for _twice in range(2):
        assert "Thank you: we expect you." in text_of(answer(desk, "course-session-confirm", desk.patient, starts=shown(desk)))
    assert "does this date still suit you?" not in page(desk)
    assert session(desk).agreed_at == desk.house.now


def test_yes_to_a_date_that_has_changed_says_so(desk: SimpleNamespace) -> None:
    said = text_of(answer(desk, "course-session-confirm", desk.patient, starts="2026-05-29T08:00:00+00:00"))
    assert "This date has changed. Below you see how things stand." in said
    assert session(desk).awaits_confirmation
    said = text_of(answer(desk, "staff-session-confirm", desk.reception, starts="2026-05-29T08:00:00+00:00"))
    assert "This date has changed meanwhile." in said


@pytest.mark.parametrize("starts", ["", "soon", "2026-13-40", "9" * 400])
def test_garbage_is_a_bad_request(desk: SimpleNamespace, starts: str) -> None:
    for name, client in [("course-session-confirm", desk.patient), ("staff-session-confirm", desk.reception)]:
        response = answer(desk, name, client, starts=starts)
        assert response.status_code == 400
    assert session(desk).awaits_confirmation


def test_please_call_me_asks_reception_once(desk: SimpleNamespace) -> None:
    for _twice in range(2):
        assert "We will call you." in text_of(answer(desk, "course-session-call", desk.patient))
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.UNCONFIRMED]
    assert session(desk).during


def test_reception_confirms_on_the_phone(desk: SimpleNamespace) -> None:
    reconfirming.remind_reception(desk.house.now + timedelta(days=7))
    assert "a date far ahead was not confirmed" in text_of(desk.reception.get(reverse("bookings:staff-tasks")))
    url = reverse("bookings:staff-course", args=[desk.course.uuid])
    before = text_of(desk.reception.get(url))
    assert "not confirmed Confirmed by phone Session 5" in before
    assert "to be confirmed from 21 Oct" in before
    assert "Asked whether this date still suits: 30 May 2026, 10:00" in before

    said = text_of(answer(desk, "staff-session-confirm", desk.reception, starts=shown(desk)))
    assert "Confirmed: the patient comes." in said
    assert "Confirmed once more: 30 May 2026, 10:00" in said
    assert "Confirmed by phone" not in said
    assert not Task.objects.open().exists()


def test_another_date_is_chosen_on_the_page_of_the_session(desk: SimpleNamespace) -> None:
    url = reverse("bookings:course-move", args=[desk.course.uuid, MAY])
    assert url in desk.patient.get(reverse("bookings:course-detail", args=[desk.course.uuid])).content.decode()
    assert desk.patient.get(url).status_code == 200
