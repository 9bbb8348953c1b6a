"""The reception's day in a browser: a patient comes and goes, two screens at once."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.utils import timezone, translation
from playwright.sync_api import Locator, expect

from bookings import screening
from bookings.models import Appointment, AppointmentStatus, Clearance, Message, Question, Task
from clinic.models import Clinic, Resource, Role
from tests.factories.visits import at, make_course, make_patient, make_protocol, make_user, make_visit
from tests.journeys.conftest import DESKTOP, PHONE, Visitor

S = AppointmentStatus
NOW = "2026-03-02 10:30"


@pytest.fixture
def now(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> datetime:
    """A Monday in March 2026, half past ten."""
    moment = at(NOW, clinic)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


@pytest.fixture
def day(clinic: Clinic, now: datetime) -> Appointment:
    """Two visits of today and one that waits for a physician; returned is Pia's, at half past ten."""
    lead, room = Resource.objects.get(name="Dr Ada"), Resource.objects.filter(kind="room").first()
    protocol = make_protocol()
    pia = make_course(clinic, make_patient(), protocol)
    visit = make_visit(pia, NOW, lead=lead, others=[room])
    zoe = make_course(clinic, make_patient("Zoé", "Zola", email=""), protocol, clearance=Clearance.TO_REVIEW, review_due=now)
    make_visit(zoe, "2026-03-02 15:00", lead=lead)
    screening.store(zoe, {"anticoagulant": None}, now)
    Task.objects.ensure(Task.Kind.CALL_BACK, course=zoe, due=now)
    Question.objects.create(name="Nora", email="nora@example.org", text="Does it hurt?")
    facts = {"kind": "course_booked", "recipient": "pia@example.org", "language": "fr", "subject": "Vos rendez-vous", "body": ""}
    Message.objects.create(course=pia, patient=pia.patient, sent_at=now, **facts)
    return visit


@pytest.fixture
def staff(visit: Callable[..., Visitor], clinic: Clinic) -> Callable[..., Visitor]:
    """A browser of someone of the team, already logged in."""

    def staff(role: str, language: str = "en", screen: dict[str, int] = DESKTOP, *, scripts: bool = True) -> Visitor:
        client = Client()
        client.force_login(make_user(role, clinic))
        visitor = visit(language, screen, scripts=scripts)
        cookie = client.cookies["sessionid"]
        visitor.page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": visitor.home}])
        return visitor

    return staff


def line(visitor: Visitor, name: str = "PETIT Pia") -> Locator:
    return visitor.page.get_by_role("row").filter(has_text=name)


def press(visitor: Visitor, button: str) -> None:
    line(visitor).get_by_role("button", name=visitor.say(button)).click()


def status(visit: Appointment) -> str:
    visit.refresh_from_db()
    return str(visit.status)


@pytest.mark.parametrize(("screen", "language"), [(DESKTOP, "en"), (PHONE, "fr")])
def test_a_patient_comes_and_goes_without_a_reload(
    staff: Callable[..., Visitor], day: Appointment, screen: dict[str, int], language: str
) -> None:
    rita = staff(Role.RECEPTION, language, screen)
    rita.go("/staff/day/")
    rita.check_page()
    rita.page.evaluate("window.stayed = true")

    press(rita, "Arrived")
    expect(line(rita)).to_contain_text(rita.say("arrived"))
    press(rita, "Undo")
    expect(line(rita)).to_contain_text(rita.say("booked"))
    press(rita, "Arrived")
    press(rita, "Start")
    expect(line(rita)).to_contain_text("Cleansing")
    rita.check_page()
    press(rita, "Done")
    with translation.override(language):
        completed = str(S.COMPLETED.label)
    expect(line(rita)).to_contain_text(completed)

    assert rita.page.evaluate("window.stayed") is True
    assert status(day) == S.COMPLETED
    rita.check_page()


def test_the_same_without_scripts(staff: Callable[..., Visitor], day: Appointment) -> None:
    rita = staff(Role.RECEPTION, "fr", PHONE, scripts=False)
    rita.go("/staff/day/")

    for button, after in [
        ("Arrived", S.ARRIVED),
        ("Undo", S.BOOKED),
        ("Arrived", S.ARRIVED),
        ("Start", S.IN_PROGRESS),
        ("Done", S.COMPLETED),
    ]:
        press(rita, button)
        rita.page.wait_for_url("**/staff/day/?date=2026-03-02**")
        assert status(day) == after
    rita.check_page()


def test_the_second_of_two_screens_is_told_and_sees_how_it_stands(staff: Callable[..., Visitor], day: Appointment) -> None:
    rita, ada = staff(Role.RECEPTION), staff(Role.ASSISTANT)
    for visitor in (rita, ada):
        visitor.go("/staff/day/")

    press(rita, "Arrived")
    press(rita, "Start")
    expect(line(rita)).to_contain_text("in progress")
    press(ada, "Missed")

    expect(line(ada)).to_contain_text("This is no longer possible")
    expect(line(ada)).to_contain_text("in progress")
    assert status(day) == S.IN_PROGRESS


def test_a_log_in_that_has_ended_is_asked_for_on_the_whole_page(staff: Callable[..., Visitor], day: Appointment) -> None:
    rita = staff(Role.RECEPTION)
    rita.go("/staff/day/")
    rita.page.context.clear_cookies(name="sessionid")

    press(rita, "Arrived")

    rita.page.wait_for_url("**/account/login/?next=/staff/day/")
    assert status(day) == S.BOOKED


def test_a_physician_reads_the_answers_and_accepts(staff: Callable[..., Visitor], day: Appointment) -> None:
    dora = staff(Role.PRACTITIONER)
    dora.go("/staff/review/")
    dora.check_page()
    dora.page.get_by_role("link", name="ZOLA Zoé").first.click()
    dora.page.get_by_role("button", name="Read the answers").click()
    expect(dora.page.locator("#answers")).to_contain_text("anticoagulant")
    dora.check_page()

    dora.page.get_by_role("button", name="Accept: the course stands").click()

    expect(dora.page.get_by_text("The course is cleared.")).to_be_visible()
