"""The team changes a running course: every date before and after, stored as a whole, and every way to be told no."""

import re
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bookings import proposals, rescheduling, visits
from bookings.models import AppointmentStatus, Claim, Course, CourseStatus, JournalEntry, Task
from clinic.models import Role
from tests.factories.clinic import make_closure
from tests.factories.courses import open_house
from tests.factories.visits import make_patient, make_user
from tests.pages import text_of

pytestmark = pytest.mark.django_db

S = AppointmentStatus
OPTIONAL = 5


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    course = house.book(make_patient())
    Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at=house.now)
    return SimpleNamespace(house=house, course=course, now=house.now, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """A course booked from Monday 2 March 2026, 10:00, cleared; Rita of the reception is logged in."""
    desk = deepcopy(shared)
    desk.client = Client(headers={"accept-language": "en"})
    desk.client.force_login(desk.rita)
    monkeypatch.setattr(timezone, "now", lambda: desk.now)
    return desk


def url(desk: SimpleNamespace, name: str, position: int | None = None, **query: object) -> str:
    place = [] if position is None else [position]
    return reverse(f"bookings:staff-{name}", args=[desk.course.uuid, *place], query=query or None)


def slot(desk: SimpleNamespace, text: str) -> str:
    return proposals.slot_text(desk.house.slot(text))


def agree(desk: SimpleNamespace, shown: Any, **fields: str) -> Any:
    """Press the button of the page that shows before and after."""
    data = {"plan": shown.context["plan"], **dict(shown.context["asked"].fields)}
    return desk.client.post(shown.request["PATH_INFO"], data | fields)


def session(desk: SimpleNamespace, position: int) -> Any:
    return desk.course.appointments.get(position=position)


def status(desk: SimpleNamespace) -> str:
    return str(Course.objects.get(pk=desk.course.pk).status)


def at_ten(desk: SimpleNamespace, day: str) -> Any:
    return desk.house.at(f"{day} 10:00")


# Moving


def test_a_session_is_moved_from_the_course_page(desk: SimpleNamespace) -> None:
    move = url(desk, "session-move", 1)
    assert move in desk.client.get(url(desk, "course")).content.decode()
    times = desk.client.get(move)
    assert "Now: Monday 16 March 2026, 10:00, Dr Ada." in text_of(times)
    assert f"?slot={slot(desk, '2026-03-17 10:00')}" in times.content.decode()
    assert "1 day after the ideal day, 16 March" in text_of(times)

    shown = desk.client.get(url(desk, "session-move", 1, slot=slot(desk, "2026-03-17 10:00")))
    assert "Session 2 Before Mon 16 March 2026, 10:00 · Dr Ada After Tue 17 March 2026, 10:00 · Dr Ada" in text_of(shown)
    assert session(desk, 1).during.lower == at_ten(desk, "2026-03-16")

    assert agree(desk, shown).status_code == 302
    assert session(desk, 1).during.lower == at_ten(desk, "2026-03-17")
    assert JournalEntry.objects.get(verb="replanned").actor == desk.rita


def test_beyond_what_patients_may_choose_a_reason_is_asked_for_and_noted(desk: SimpleNamespace) -> None:
    """Session 2 ten days late: the team may, up to hard max, and says why."""
    shown = desk.client.get(url(desk, "session-move", 1, slot=slot(desk, "2026-03-26 10:00")))
    assert "Why so late?" in text_of(shown)

    refused = agree(desk, shown)
    assert (refused.status_code, "Please say why" in text_of(refused)) == (422, True)
    assert session(desk, 1).during.lower == at_ten(desk, "2026-03-16")

    assert agree(desk, shown, reason="abroad until the 25th").status_code == 302
    assert session(desk, 1).during.lower == at_ten(desk, "2026-03-26")
    assert "(abroad until the 25th)" in text_of(desk.client.get(url(desk, "course")))


def test_who_moves_second_is_told_and_sees_the_dates_again(desk: SimpleNamespace) -> None:
    shown = desk.client.get(url(desk, "session-move", 1, slot=slot(desk, "2026-03-17 10:00")))
    other = rescheduling.move(desk.course, 2, desk.house.slot("2026-04-01 10:00"), now=desk.now)
    rescheduling.apply(other, by=desk.rita, now=desk.now)

    response = agree(desk, shown)

    assert response.status_code == 409
    assert "The dates have changed since they were shown." in text_of(response)
    assert session(desk, 1).during.lower == at_ten(desk, "2026-03-16")


@pytest.mark.parametrize(
    ("text", "code"),
    [("garbage", 422), ("1-1", 409), ("2026-03-01 10:00", 409), ("2026-03-17 03:00", 409), ("2026-05-30 10:00", 409)],
)
def test_a_time_that_cannot_be_had_is_refused_in_a_sentence(desk: SimpleNamespace, text: str, code: int) -> None:
    chosen = slot(desk, text) if " " in text else text
    claims = list(Claim.objects.order_by("pk").values())

    for answer in (
        desk.client.get(url(desk, "session-move", 1, slot=chosen)),
        desk.client.post(url(desk, "session-move", 1), {"slot": chosen, "plan": ""}),
    ):
        assert answer.status_code == code
        assert 'role="alert"' in answer.content.decode()
    assert list(Claim.objects.order_by("pk").values()) == claims


def test_a_time_asked_for_on_the_phone_is_possible_or_has_its_reasons(desk: SimpleNamespace) -> None:
    ada = desk.house.resources["Dr Ada"].pk
    possible = desk.client.get(url(desk, "session-move", 1, at="2026-03-19T16:20", lead=ada))
    assert "Thu 19 March 2026, 16:20, Dr Ada possible: see every date before and after" in text_of(possible)
    assert f"?slot={slot(desk, '2026-03-19 16:20')}" in possible.content.decode()

    early = desk.client.get(url(desk, "session-move", 1, at="2026-03-14T10:00", lead=""))
    assert text_of(early).count("12 days after “Session 1”, at least 13.") == 2  # with either physician

    closed = desk.client.get(url(desk, "session-move", 1, at="2026-03-19T03:00", lead=ada))
    assert "The clinic is not open for the whole visit." in text_of(closed)
    assert "is not there" not in text_of(closed)
    before = desk.client.get(url(desk, "session-move", 1, at="2026-02-28T10:00", lead=ada))
    assert "2 days before “Session 1”: it is to be at least 13 after it." in text_of(before)


def test_nothing_is_asked_of_a_session_that_was_left_out(desk: SimpleNamespace) -> None:
    rescheduling.apply(rescheduling.drop(desk.course, OPTIONAL, team=True, now=desk.now), by=desk.rita, now=desk.now)

    assert desk.client.get(url(desk, "session-move", OPTIONAL, at="2026-03-19T16:20", lead="")).status_code == 409


@pytest.mark.parametrize("at", ["", "soon", "2026-03-19T16:21", "2026-03-19T16:20:00.5", "0001-01-01T10:00", "9999-12-31T10:00"])
def test_a_time_nobody_can_read_is_said_to_be_one(desk: SimpleNamespace, at: str) -> None:
    assert desk.client.get(url(desk, "session-move", 1, at=at, lead="x")).status_code == 422


def test_what_took_place_has_no_other_times(desk: SimpleNamespace) -> None:
    first = session(desk, 0)
    visits.start(first, by=desk.rita, now=first.during.lower)
    desk.now = first.during.lower
    desk.client.force_login(desk.rita)

    assert desk.client.get(url(desk, "session-move", 0)).status_code == 409
    assert url(desk, "session-move", 0) not in desk.client.get(url(desk, "course")).content.decode()


# Not coming, and dates for what has none


def test_who_cannot_come_is_given_a_new_date(desk: SimpleNamespace) -> None:
    shown = desk.client.get(url(desk, "session-cannot-come", 1))
    assert "These dates are given back Session 2: Mon 16 March 2026, 10:00, Dr Ada" in text_of(shown)
    assert session(desk, 1).status == S.BOOKED

    assert desk.client.post(url(desk, "session-cannot-come", 1), {"reason": "travels"}).status_code == 302
    assert session(desk, 1).status == S.PLANNED
    assert "The patient cannot come: the time is free (travels) · Session 2" in text_of(desk.client.get(url(desk, "course")))
    assert Task.objects.open().filter(appointment__position=1, kind=Task.Kind.CANNOT_COME).exists()
    assert url(desk, "course-refill") in desk.client.get(url(desk, "course")).content.decode()

    shown = desk.client.get(url(desk, "course-refill"))
    assert "Session 2 Before around March 2026 After Tue 17 March 2026, 10:00" in text_of(shown)
    assert agree(desk, shown).status_code == 302

    assert session(desk, 1).status == S.BOOKED
    assert not Task.objects.open().exists()


def test_on_the_phone_a_session_without_a_date_is_given_the_one_the_patient_wants(desk: SimpleNamespace) -> None:
    rescheduling.cannot_come(session(desk, 1), by=desk.rita, now=desk.now)
    choose = url(desk, "session-move", 1)
    assert choose in desk.client.get(url(desk, "course")).content.decode()

    times = desk.client.get(choose)
    assert "It has no date yet." in text_of(times)
    offered = re.findall(r"[?]slot=([0-9-]+)", times.content.decode())
    assert len(offered) == 12
    assert agree(desk, desk.client.get(f"{choose}?slot={offered[5]}")).status_code == 302
    assert proposals.slot_text(proposals.stored_slots(desk.course)[1]) == offered[5]


def test_who_has_no_e_mail_address_is_called(desk: SimpleNamespace) -> None:
    """Nobody is said to be told who is not, and somebody is asked to."""
    type(desk.course.patient).objects.update(email="")

    paused = desk.client.post(url(desk, "course-pause"), {"reason": "travels"}, follow=True)

    assert "The patient has no e-mail address: please call." in text_of(paused)
    assert "The patient is told" not in text_of(paused)
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.TELL]


def test_where_every_session_has_a_date_nothing_is_to_be_stored(desk: SimpleNamespace) -> None:
    shown = desk.client.get(url(desk, "course-refill"))

    assert "Nothing would change: every session that can have a date has one." in text_of(shown)
    assert "Store these dates" not in text_of(shown)


def test_where_no_date_is_left_a_physician_is_asked(desk: SimpleNamespace) -> None:
    first = session(desk, 0)
    visits.start(first, by=desk.rita, now=first.during.lower)
    visits.complete(first, by=desk.rita, now=first.during.upper)
    rescheduling.cannot_come(session(desk, 1), by=desk.rita, now=desk.house.at("2026-03-10 09:00"))
    make_closure(desk.house.clinic, desk.house.at("2026-03-11 00:00"), desk.house.at("2026-04-20 00:00"))
    desk.now = desk.house.at("2026-03-10 09:00")
    desk.client.force_login(desk.rita)

    refused = desk.client.get(url(desk, "course-refill"))
    assert refused.status_code == 409
    assert "There is no free date for “Session 2” that keeps the rhythm of the course." in text_of(refused)
    assert url(desk, "session-leave-open", 1) in refused.content.decode()

    assert desk.client.post(url(desk, "session-leave-open", 1)).status_code == 302
    assert {row.status for row in desk.course.appointments.filter(position__gt=0)} == {S.PLANNED}
    assert Task.objects.open().filter(kind=Task.Kind.NO_PLACE).exists()
    page = desk.client.get(url(desk, "course")).content.decode()
    assert url(desk, "session-leave-out", 1) in page  # how to go on
    assert url(desk, "session-leave-out", 0) not in page


def test_where_the_course_stands_as_it_was_nothing_is_left_open(desk: SimpleNamespace) -> None:
    """A date too late for what follows is refused; the course without it still has all its dates."""
    make_closure(desk.house.clinic, desk.house.at("2026-03-31 00:00"), desk.house.at("2026-04-29 00:00"))

    refused = desk.client.get(url(desk, "session-move", 1, slot=slot(desk, "2026-03-30 12:30")))

    assert refused.status_code == 409
    assert "/leave-open/" not in refused.content.decode()


def test_a_booster_without_a_date_is_told_to_be_due_in_another_month(desk: SimpleNamespace) -> None:
    """Without the optional session of June, the boosters are counted from May."""
    type(desk.house.clinic).objects.filter(pk=desk.house.clinic.pk).update(horizon_months=6)
    rescheduling.suspend(desk.course, by=desk.rita, now=desk.now)
    course = Course.objects.get(pk=desk.course.pk)
    rescheduling.apply(rescheduling.resume(course, desk.now.date(), now=desk.now), by=desk.rita, now=desk.now)

    shown = text_of(desk.client.get(url(desk, "session-leave-out", OPTIONAL)))

    month = session(desk, 6).target.month
    assert month == 12
    assert "Booster at 6 months Before around December 2026 After around November 2026" in shown


# Leaving out, and taking up again


def test_a_session_is_left_out_and_taken_up_again(desk: SimpleNamespace) -> None:
    before = [row.during for row in desk.course.appointments.order_by("position")]
    shown = desk.client.get(url(desk, "session-leave-out", OPTIONAL))
    assert "Session 6 Before Tue 30 June 2026, 10:00 · Dr Ada After left out" in text_of(shown)
    assert agree(desk, shown).status_code == 302
    assert session(desk, OPTIONAL).status == S.SKIPPED
    assert "Session 6: left out" in text_of(desk.client.get(url(desk, "course")))

    take_up = url(desk, "session-take-up", OPTIONAL)
    assert take_up in desk.client.get(url(desk, "course")).content.decode()
    assert agree(desk, desk.client.get(take_up)).status_code == 302
    assert [row.during for row in desk.course.appointments.order_by("position")] == before


def test_what_comes_before_a_session_that_took_place_is_not_offered_again(desk: SimpleNamespace) -> None:
    rescheduling.apply(rescheduling.drop(desk.course, 1, team=True, now=desk.now), by=desk.rita, now=desk.now)
    for position in (0, 2):
        visit = session(desk, position)
        visits.start(visit, by=desk.rita, now=visit.during.lower)
        visits.complete(visit, by=desk.rita, now=visit.during.upper)
    desk.now = visit.during.upper
    desk.client.force_login(desk.rita)

    assert url(desk, "session-take-up", 1) not in desk.client.get(url(desk, "course")).content.decode()
    assert "A later session has taken place already" in text_of(desk.client.get(url(desk, "session-take-up", 1)))


def test_a_second_click_is_no_error(desk: SimpleNamespace) -> None:
    """The first one did it: the page says so again, and nothing happens twice."""
    for name, position in (("session-leave-out", OPTIONAL), ("session-take-up", OPTIONAL), ("course-resume", None)):
        query = {"on": "2026-04-01"} if name == "course-resume" else {}
        if query:
            desk.client.post(url(desk, "course-pause"), {"reason": ""})
        shown = desk.client.get(url(desk, name, position, **query))
        assert [agree(desk, shown).status_code for _ in range(2)] == [302, 302], name
    assert JournalEntry.objects.filter(verb="replanned").count() == 3


def test_the_first_session_is_nobodys_to_leave_out(desk: SimpleNamespace) -> None:
    assert desk.client.get(url(desk, "session-leave-out", 0)).status_code == 409
    assert url(desk, "session-leave-out", 0) not in desk.client.get(url(desk, "session-move", 0)).content.decode()


# Pausing, going on, ending


def test_a_course_is_paused_and_taken_up_again(desk: SimpleNamespace) -> None:
    shown = desk.client.get(url(desk, "course-pause"))
    assert "Session 1: Mon 2 March 2026, 10:00, Dr Ada" in text_of(shown)
    assert status(desk) == CourseStatus.BOOKED

    assert desk.client.post(url(desk, "course-pause"), {"reason": "travels"}).status_code == 302
    assert status(desk) == CourseStatus.SUSPENDED
    assert "Course paused: the dates to come were released (travels)" in text_of(desk.client.get(url(desk, "course")))
    assert not Claim.objects.filter(appointment__course=desk.course).exists()
    page = desk.client.get(url(desk, "course")).content.decode()
    assert url(desk, "course-resume") in page
    assert url(desk, "course-pause") not in page

    shown = desk.client.get(url(desk, "course-resume", on="2026-04-01"))
    assert "Session 1 Before around March 2026 After Wed 1 April 2026" in text_of(shown)
    assert agree(desk, shown).status_code == 302
    assert status(desk) == CourseStatus.BOOKED
    assert session(desk, 0).during.lower.date().isoformat() == "2026-04-01"


@pytest.mark.parametrize("day", ["", "tomorrow", "0001-01-01", "9999-12-31", "2026-02-30"])
def test_a_day_nobody_can_read_is_said_to_be_one(desk: SimpleNamespace, day: str) -> None:
    rescheduling.suspend(desk.course, by=desk.rita, now=desk.now)

    response = desk.client.get(url(desk, "course-resume", on=day))

    assert response.status_code == 422
    assert 'role="alert"' in response.content.decode()


def test_a_course_is_ended_for_good(desk: SimpleNamespace) -> None:
    assert status(desk) == CourseStatus.BOOKED
    assert "Session 1: Mon 2 March 2026, 10:00, Dr Ada" in text_of(desk.client.get(url(desk, "course-end")))

    for _double_click in range(2):
        assert desk.client.post(url(desk, "course-end"), {"reason": "moves away"}).status_code == 302

    assert status(desk) == CourseStatus.CANCELLED
    assert JournalEntry.objects.filter(verb="cancelled").count() == 1
    for name in ("course-refill", "course-pause", "course-resume"):
        query = {"on": "2026-04-01"} if name == "course-resume" else {}
        answer = desk.client.post(url(desk, name)) if name == "course-pause" else desk.client.get(url(desk, name, **query))
        assert answer.status_code == 409


def test_a_reason_too_long_is_said_to_be_so(desk: SimpleNamespace) -> None:
    assert desk.client.post(url(desk, "course-pause"), {"reason": "x" * 300}).status_code == 422
    assert status(desk) == CourseStatus.BOOKED


@pytest.mark.parametrize("position", [8, 77, 10**30])
def test_a_session_the_course_does_not_have_is_not_found(desk: SimpleNamespace, position: int) -> None:
    for name in ("move", "leave-out", "take-up"):
        assert desk.client.get(url(desk, f"session-{name}", position)).status_code == 404
