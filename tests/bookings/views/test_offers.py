"""A date kept for a patient: asked by the team, answered by link or for them on the phone."""

import re
from copy import deepcopy
from datetime import timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from bookings import absences, offers, proposals, visits
from bookings.models import Absence, Appointment, AppointmentStatus, Course, Patient, Task
from bookings.placing import NO_TIME
from bookings.refusals import SlotTaken
from clinic.models import Role
from tests.factories.courses import open_house
from tests.factories.visits import make_patient, make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    pia = make_user(Role.PATIENT, email="pia@example.org", language="en")
    course = house.book(make_patient(user=pia, email="pia@example.org", phone="+33612345678"))
    Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at=house.now)
    absences.enter(house.resources["Dr Ada"], house.at("2026-03-02 09:00"), house.at("2026-03-02 19:00"), reason="", by=None)
    return SimpleNamespace(house=house, course=course, pia=pia, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Pia's course from Monday 2 March, 10:00, with Dr Ada, who is ill that day; Pia and reception are logged in."""
    desk = deepcopy(shared)
    desk.reception, desk.patient = (Client(headers={"accept-language": "en"}) for _ in range(2))
    desk.reception.force_login(desk.rita)
    desk.patient.force_login(desk.pia)
    monkeypatch.setattr(timezone, "now", lambda: desk.house.now)
    return desk


def first(desk: SimpleNamespace) -> Appointment:
    return desk.course.appointments.get(position=0)


def listed(desk: SimpleNamespace) -> str:
    return text_of(desk.reception.get(reverse("bookings:staff-displaced")))


def page(desk: SimpleNamespace) -> str:
    return text_of(desk.patient.get(reverse("bookings:course-detail", args=[desk.course.uuid])))


def answer(desk: SimpleNamespace, kept: Appointment, how: str) -> Any:
    address = reverse(f"bookings:course-offer-{how}", args=[desk.course.uuid, kept.uuid])
    return text_of(desk.patient.post(address, follow=True))


def staff(kept: Appointment, how: str) -> str:
    return reverse(f"bookings:staff-offer-{how}", args=[kept.course.uuid, kept.uuid])


def offered(desk: SimpleNamespace) -> list[str]:
    """The visits and slots that the button for all would send."""
    return re.findall(r'name="ask" value="(.*?)"', desk.reception.get(reverse("bookings:staff-displaced")).content.decode())


def ask(desk: SimpleNamespace, *, all_at_once: bool = False) -> str:
    """Reception's click; what the list says then."""
    if all_at_once:
        return text_of(desk.reception.post(reverse("bookings:staff-displaced-propose"), {"ask": offered(desk)}, follow=True))
    slot = proposals.slot_text(desk.house.slot("2026-03-02 10:00", "Dr Bo"))
    one = reverse("bookings:staff-appointment-propose", args=[first(desk).uuid])
    return text_of(desk.reception.post(one, {"slot": slot}, follow=True))


@pytest.mark.parametrize("all_at_once", [True, False])
def test_reception_asks_with_one_click_and_the_patient_accepts(desk: SimpleNamespace, all_at_once: bool) -> None:
    assert "Ask the patient" in listed(desk)
    shown = ask(desk, all_at_once=all_at_once)
    assert "Proposed, waiting for an answer" in shown
    assert "Proposed for Session 1: Mon 2 March 2026, 10:00, Dr Bo" in shown
    assert "cannot take place as booked" not in shown
    assert ask(desk, all_at_once=all_at_once).count("Proposed for") == 1  # a second click

    [kept] = Appointment.offers.all()
    seen = page(desk)
    assert "A date for you: Session 1 We are sorry: Dr Ada cannot receive you on Monday 2 March at 10:00." in seen
    assert "Kept for you until Tuesday 24 February, 08:00." in seen
    assert "Your next appointment Monday 16 March 2026, 10:00" in seen

    assert "this date is yours" in answer(desk, kept, "accept")
    assert first(desk).lead == desk.house.resources["Dr Bo"]
    assert "no longer waits for an answer" in answer(desk, kept, "accept")
    assert "Every visit can take place as booked." in listed(desk)


def test_who_was_asked_stands_in_the_order_of_the_visits(desk: SimpleNamespace) -> None:
    """Whoever is to answer first: the day is gone through from the morning on."""
    house, now = desk.house, desk.house.now
    [absence] = Absence.objects.all()
    absences.lift(absence, now=now)
    later = house.book(make_patient(), house.propose("2026-03-02 16:00"))
    absences.enter(house.resources["Dr Ada"], house.at("2026-03-02 09:00"), house.at("2026-03-02 19:00"), reason="", by=None)
    for hours, visit, to in ((12, later.appointments.get(position=0), "2026-03-02 16:00"), (48, first(desk), "2026-03-02 10:00")):
        offers.offer(visit, house.slot(to, "Dr Bo"), within=timedelta(hours=hours), by=desk.rita, now=now)

    kept = desk.reception.get(reverse("bookings:staff-displaced")).context["kept"]

    assert [row.instead_of for row in kept] == [first(desk), later.appointments.get(position=0)]


def test_a_visit_that_cannot_take_place_does_not_praise_its_day(desk: SimpleNamespace) -> None:
    before = page(desk).count("on the ideal day")
    second, house = desk.course.appointments.get(position=1), desk.house
    absences.enter(house.resources["Dr Ada"], house.at("2026-03-16 09:00"), house.at("2026-03-16 19:00"), reason="", by=None)
    offers.offer(second, house.slot("2026-03-16 10:00", "Dr Bo"), within=timedelta(hours=24), by=desk.rita, now=house.now)

    seen = page(desk)

    assert "This visit cannot take place as booked: see above." in seen
    assert seen.count("on the ideal day") == before - 1


def test_withdrawn_the_patient_is_told_and_reception_calls(
    desk: SimpleNamespace, django_capture_on_commit_callbacks: Any, mailoutbox: list[Any]
) -> None:
    ask(desk)
    [kept] = Appointment.offers.all()
    with django_capture_on_commit_callbacks(execute=True):
        desk.reception.post(staff(kept, "withdraw"))
        desk.reception.post(staff(kept, "withdraw"))
    [message] = mailoutbox
    assert message.subject == f"{desk.house.clinic.name} : la date réservée pour vous ne l’est plus"
    assert "le lundi 2 mars 2026 à 10:00, n’est plus réservée. Nous vous appellerons" in message.body
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.CALL_BACK]
    card = page(desk).split("Your next appointment")[1].split("All dates")[0]
    assert "Monday 2 March 2026, 10:00" in card
    assert "We will call you about this date." in card


def test_what_is_asked_is_on_every_page_of_the_patient_and_the_old_date_on_none(desk: SimpleNamespace) -> None:
    ask(desk)
    [kept] = Appointment.offers.all()
    courses = text_of(desk.patient.get(reverse("bookings:course-list")))
    assert "We ask you about a date: please answer." in courses
    assert "Next: Monday 16 March 2026" in courses
    assert "This visit cannot take place as booked: see above." in page(desk)
    file = Calendar.from_ical(desk.patient.get(reverse("bookings:course-calendar", args=[desk.course.uuid])).content)
    assert [str(event["status"]) for event in file.events][:3] == ["TENTATIVE", "CONFIRMED", "CONFIRMED"]

    move = text_of(desk.patient.get(reverse("bookings:course-move", args=[desk.course.uuid, 0])))
    assert "This visit cannot take place as booked (Monday 2 March 2026, 10:00)." in move
    assert "It stays kept for you until Tuesday 24 February, 08:00" in move
    assert "Keep this date" not in move
    assert "Now:" not in move

    assert "Please call me" in page(desk)
    answer(desk, kept, "call")
    assert "Please call me" not in page(desk)
    assert "wants to be called" in listed(desk)


def test_what_the_list_shows_is_what_the_patient_is_asked(desk: SimpleNamespace) -> None:
    """Three visits of one morning: each is asked about the date beside its name, though the first found could have several."""
    house = desk.house
    for hour in ("13:30", "16:30"):
        house.book(make_patient(), proposals.propose(house.request(), house.slot(f"2026-03-02 {hour}", "Dr Bo"), now=house.now))
    bo = house.resources["Dr Bo"]
    absences.enter(bo, house.at("2026-03-02 13:00"), house.at("2026-03-02 19:00"), reason="", by=None)
    shown = re.findall(r"\w{3} \d+ \w+ 2026, \d\d:\d\d, Dr \w+", listed(desk))
    assert len(shown) == len(set(shown)) == 3

    said = ask(desk, all_at_once=True)

    assert "3 patients are asked." in said
    assert sorted(re.findall(r"Proposed for Session 1: (.*?, Dr \w+)", said)) == sorted(shown)


def test_who_has_not_answered_is_called_and_not_asked_again_with_all_the_others(desk: SimpleNamespace) -> None:
    ask(desk)
    [kept] = Appointment.offers.all()
    desk.house.now = kept.reply_by
    desk.reception.force_login(desk.rita)
    offers.lapse(desk.house.now)
    seen = listed(desk)
    assert "to be called" in seen
    assert "Ask the patient" in seen
    assert "Ask this patient now" not in seen
    assert "0 patients are asked." in ask(desk, all_at_once=True)
    assert not Appointment.offers.exists()


def test_what_is_kept_stands_in_the_day_and_the_week_but_is_no_visit(desk: SimpleNamespace) -> None:
    ask(desk)
    for name in ("day", "week"):
        shown = text_of(desk.reception.get(reverse(f"bookings:staff-{name}"), {"date": "2026-03-02"}))
        assert "1 visit" in shown
        assert "proposed" in shown
        assert "Dr Bo" in shown
    day = text_of(desk.reception.get(reverse("bookings:staff-day"), {"date": "2026-03-02"}))
    assert "1 proposed" in day
    assert "answer by Tue 24 Feb., 08:00" in day
    assert day.count("Dr Ada") and "0 expected" not in day
    desk.house.now = Appointment.offers.get().reply_by
    desk.reception.force_login(desk.rita)
    assert "proposed" not in text_of(desk.reception.get(reverse("bookings:staff-day"), {"date": "2026-03-02"}))


def test_a_date_that_is_no_longer_free_is_not_proposed(desk: SimpleNamespace) -> None:
    bo = desk.house.resources["Dr Bo"]
    absences.enter(bo, desk.house.at("2026-03-02 09:00"), desk.house.at("2026-03-02 12:00"), reason="", by=None)
    assert str(SlotTaken.sentence) in ask(desk)
    assert not Appointment.offers.exists()


@pytest.mark.parametrize("slot", ["", "x", "9" * 39])
def test_garbage_for_a_date_to_propose_is_a_bad_request(desk: SimpleNamespace, slot: str) -> None:
    url = reverse("bookings:staff-appointment-propose", args=[first(desk).uuid])
    assert desk.reception.post(url, {"slot": slot}).status_code == 400


def test_with_no_time_left_to_answer_the_list_says_call(desk: SimpleNamespace) -> None:
    """The answer is due two hours, the clinic's notice, before Dr Bo's 10:00: half an hour before that it is too late to ask."""
    desk.house.now = desk.house.at("2026-03-02 07:25")
    desk.reception.force_login(desk.rita)
    assert "Ask the patient" in listed(desk)
    desk.house.now = desk.house.at("2026-03-02 07:35")
    seen = listed(desk)
    assert "Mon 2 March 2026, 10:00, Dr Bo" in seen
    assert "The patient agrees" in seen
    assert "Ask the patient" not in seen
    assert "Ask this patient now" not in seen


def test_who_has_no_e_mail_address_is_called(desk: SimpleNamespace) -> None:
    Patient.objects.update(email="")
    seen = listed(desk)
    assert "The patient agrees" in seen
    assert "Ask the patient" not in seen


def test_where_another_session_needs_a_date_too_the_patient_is_called(desk: SimpleNamespace) -> None:
    """Session 3 was missed: session 4, counted from it, has a place only together with a new one for it."""
    house = desk.house
    absences.lift(Absence.objects.get(), now=house.now)
    third, fourth = (desk.course.appointments.get(position=position) for position in (2, 3))
    third.claims.all().delete()
    Appointment.objects.filter(pk=third.pk).update(status=AppointmentStatus.MISSED, **NO_TIME)
    house.now = house.at("2026-04-01 08:00")
    desk.reception.force_login(desk.rita)
    day = fourth.during.lower.astimezone(house.clinic.zone).date()
    absences.enter(house.resources["Dr Ada"], house.at(f"{day} 09:00"), house.at(f"{day} 19:00"), reason="", by=None)
    seen = listed(desk)
    assert "1 visit cannot take place as booked" in seen
    assert "The patient agrees" in seen
    assert "Ask the patient" not in seen
    assert "Ask this patient now" not in seen


def test_all_at_once_a_date_that_was_shown_and_is_gone_is_not_exchanged_for_another(desk: SimpleNamespace) -> None:
    shown = offered(desk)
    bo = desk.house.resources["Dr Bo"]
    absences.enter(bo, desk.house.at("2026-03-02 09:00"), desk.house.at("2026-03-02 12:00"), reason="", by=None)
    post = partial(desk.reception.post, reverse("bookings:staff-displaced-propose"))
    said = text_of(post({"ask": shown}, follow=True))
    assert "0 patients are asked." in said
    assert "For 1 visit the date could not be kept any more" in said
    assert not Appointment.offers.exists()
    for garbage in ("x", "x:1-1", f"{first(desk).uuid}:x", f"{first(desk).uuid}", "\0:1-1"):
        assert post({"ask": [garbage]}).status_code == 400


def test_proposed_anew_after_a_call_the_patient_may_ask_for_one_again(desk: SimpleNamespace) -> None:
    ask(desk)
    desk.reception.post(staff(Appointment.offers.get(), "withdraw"))
    assert "Proposed for Session 1" in ask(desk)
    assert "wants to be called" not in listed(desk)
    assert "Please call me" in page(desk)
    assert not Task.objects.open().exists()


def test_who_asks_for_a_call_a_moment_after_the_answer_is_told_how_things_stand(
    desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(desk)
    [kept] = Appointment.offers.all()
    monkeypatch.setattr(offers, "open_for", lambda course, now: [kept])  # as it was read before the other answer
    offers.accept(kept, by=desk.rita, now=desk.house.now)
    assert "no longer kept for you" in answer(desk, kept, "call")
    assert not Task.objects.exists()


@pytest.mark.parametrize("took_place", [True, False])
def test_a_visit_that_took_place_is_called_about_no_more(desk: SimpleNamespace, took_place: bool) -> None:
    """A slip of the finger is taken back, and the call with it."""
    ask(desk)
    desk.reception.post(staff(Appointment.offers.get(), "withdraw"))
    desk.house.now = desk.house.at("2026-03-02 10:00")
    visits.start(first(desk), by=desk.rita, now=desk.house.now)
    assert not Task.objects.open().exists()
    if not took_place:
        visits.undo(first(desk), "start", by=desk.rita, now=desk.house.now + timedelta(seconds=5))
    desk.patient.force_login(desk.pia)
    assert ("We will call you about this date." in page(desk)) != took_place
    assert Task.objects.open().exists() != took_place


def test_a_paused_course_asks_nothing(desk: SimpleNamespace) -> None:
    """The first visit was missed: what was proposed or to be confirmed waits for the call about all of it."""
    visit = desk.course.appointments.get(position=6)
    Appointment.objects.filter(pk=visit.pk).update(asked_at=desk.house.now)
    assert "please answer" in text_of(desk.patient.get(reverse("bookings:course-list")))
    assert "Please call me" in page(desk)
    desk.house.now = desk.house.at("2026-03-02 12:30")
    visits.miss(first(desk), by=desk.rita, now=desk.house.now)
    desk.patient.force_login(desk.pia)
    assert "please answer" not in text_of(desk.patient.get(reverse("bookings:course-list")))
    assert "Please call me" not in page(desk)
    assert "see above" not in page(desk)


@pytest.mark.parametrize(("how", "lead"), [("accept", "Dr Bo"), ("withdraw", "Dr Ada")])
def test_reception_answers_for_the_patient(desk: SimpleNamespace, how: str, lead: str) -> None:
    ask(desk)
    [kept] = Appointment.offers.all()
    course = reverse("bookings:staff-course", args=[desk.course.uuid])
    assert "Accepted by phone" in text_of(desk.reception.get(course))

    response = desk.reception.post(staff(kept, how), {"from": "course"})

    assert response.url == course
    assert first(desk).lead == desk.house.resources[lead]
    again = desk.reception.post(staff(kept, how), follow=True)
    assert "no longer waits for an answer" in text_of(again)
    journal = text_of(desk.reception.get(course))
    assert "Proposed to the patient: 2 March 2026, 10:00, to be answered by 24 Feb. 2026, 08:00 · Session 1" in journal


def test_the_patient_may_choose_another_date_after_the_notice_or_be_called(desk: SimpleNamespace) -> None:
    """Moving ends 48 hours before; whom the clinic asks may still choose."""
    desk.house.now = desk.house.at("2026-03-01 08:00")
    desk.patient.force_login(desk.pia)
    move = reverse("bookings:course-move", args=[desk.course.uuid, 0])
    assert desk.patient.get(move).status_code == 409
    ask_client = desk.reception
    ask_client.force_login(make_user(Role.RECEPTION, desk.house.clinic))
    ask(desk)
    [kept] = Appointment.offers.all()

    assert desk.patient.get(move).status_code == 200
    for _click in range(2):
        assert "We will call you." in answer(desk, kept, "call")
    assert Task.objects.open().get().kind == Task.Kind.CALL_BACK
    assert Appointment.offers.exists()


def test_over_or_no_longer_possible_is_said_and_changes_nothing(desk: SimpleNamespace) -> None:
    ask(desk)
    [kept] = Appointment.offers.all()
    absences.enter(kept.lead, kept.during.lower, kept.during.upper, reason="", by=None)

    assert "no longer kept for you" in answer(desk, kept, "accept")
    assert first(desk).lead == desk.house.resources["Dr Ada"]
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.CALL_BACK]


def test_reception_is_told_that_a_date_is_no_longer_possible(desk: SimpleNamespace) -> None:
    ask(desk)
    [kept] = Appointment.offers.all()
    absences.enter(kept.lead, kept.during.lower, kept.during.upper, reason="", by=None)
    assert "no longer possible" in text_of(desk.reception.post(staff(kept, "accept"), follow=True))


def test_nobody_answers_for_somebody_else(desk: SimpleNamespace) -> None:
    ask(desk)
    [kept] = Appointment.offers.all()
    stranger, elsewhere = Client(), Client()
    stranger.force_login(make_user(Role.PATIENT))
    elsewhere.force_login(make_user(Role.RECEPTION, open_house().clinic))

    for how in ("accept", "call"):
        address = reverse(f"bookings:course-offer-{how}", args=[desk.course.uuid, kept.uuid])
        assert stranger.post(address).status_code == 404
        assert desk.patient.get(address).status_code == 405
    for client in (stranger, elsewhere):
        assert client.post(staff(kept, "accept")).status_code in (403, 404)
    assert Appointment.offers.get().status == AppointmentStatus.PROPOSED
    assert not Task.objects.exists()


def test_a_planned_session_that_is_proposed_is_answered_on_the_course_page(desk: SimpleNamespace) -> None:
    booster = desk.course.appointments.get(position=7)
    booster.claims.all().delete()
    Appointment.objects.filter(pk=booster.pk).update(status=AppointmentStatus.PLANNED, **NO_TIME)
    desk.house.now = desk.house.at(f"{booster.target - offers.AHEAD} 08:00")
    desk.patient.force_login(desk.pia)
    offers.offer_due(desk.house.now)

    seen = page(desk)
    assert "A date for you:" in seen
    assert "we cannot receive you" not in seen
    assert "A date is kept for you: see above." in seen
    assert desk.patient.get(reverse("bookings:course-move", args=[desk.course.uuid, 7])).status_code == 200
    [kept] = Appointment.offers.all()
    assert "this date is yours" in answer(desk, kept, "accept")


def test_the_list_of_what_is_proposed_costs_the_same_for_one_and_for_many(desk: SimpleNamespace) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            page = desk.reception.get(reverse("bookings:staff-displaced"))
        assert text_of(page).count("Proposed for") == Appointment.offers.count()
        assert "instead of" in text_of(page)
        return len(seen)

    ask(desk)
    one = queries()
    for text in ("2026-03-02 12:30", "2026-03-02 15:00"):
        slot = desk.house.slot(text, lead="Dr Bo")
        desk.house.book(make_patient(), proposals.propose(desk.house.request(), slot, now=desk.house.now))
    day = desk.house.at("2026-03-02 12:30")
    absences.enter(desk.house.resources["Dr Bo"], day, day + timedelta(hours=6), reason="", by=None)
    ask(desk, all_at_once=True)
    assert Appointment.offers.count() > 1
    assert queries() == one


def test_another_day_is_said_to_be_one(desk: SimpleNamespace) -> None:
    house, visit = desk.house, desk.course.appointments.get(position=0)
    offers.offer(visit, house.slot("2026-02-27 10:00"), within=timedelta(hours=24), by=desk.rita, now=house.now)

    assert "We are sorry: we cannot receive you on Monday 2 March at 10:00. We propose instead:" in page(desk)
    assert "instead of Mon 2 March 2026, 10:00, Dr Ada" in listed(desk)
