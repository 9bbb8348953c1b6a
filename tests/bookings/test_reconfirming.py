"""Dates agreed to long before are confirmed once more, and stay the patient's whatever the answer."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from bookings import absences, booking, offers, reconfirming, rescheduling
from bookings.models import Absence, Appointment, Course, CourseStatus, JournalEntry, Patient, Task
from bookings.refusals import PlanChanged
from clinic.models import Role, User
from tests.factories.courses import House, open_house
from tests.factories.visits import make_patient, make_user

pytestmark = pytest.mark.django_db

WEEK = timedelta(weeks=1)
HALF_YEAR, YEAR = 6, 7


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    course = house.book(make_patient(email="pia@example.org", language="en"))
    return SimpleNamespace(house=house, course=course, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def house(shared: SimpleNamespace) -> House:
    return deepcopy(shared.house)


@pytest.fixture
def course(shared: SimpleNamespace) -> Course:
    """Booked on 23 February 2026, at 10:00 on 2, 16, 30 March, 30 April, 30 May, 30 June, 30 December and 30 June 2027."""
    return deepcopy(shared.course)


@pytest.fixture
def rita(shared: SimpleNamespace) -> User:
    return deepcopy(shared.rita)


def session(course: Course, position: int) -> Appointment:
    return course.appointments.get(position=position)


def starts(course: Course, position: int) -> datetime:
    during = session(course, position).during
    assert during
    return during.lower


def tasks() -> list[tuple[str, int | None]]:
    return list(Task.objects.open().values_list("kind", "appointment__position"))


def asked() -> list[int]:
    return list(Appointment.objects.filter(asked_at__isnull=False).order_by("position").values_list("position", flat=True))


def test_what_lies_more_than_twelve_weeks_ahead_is_confirmed_ten_weeks_before(house: House, course: Course) -> None:
    """23 February to 30 May is 13 weeks and 5 days; to 30 April 9 weeks and 3 days."""
    with timezone.override(house.clinic.zone):
        days = [visit.confirmed_from for visit in course.appointments.order_by("position")]
    assert days == [None] * 4 + [date(2026, 3, 21), date(2026, 4, 21), date(2026, 10, 21), date(2027, 4, 21)]


@pytest.mark.parametrize(("weeks", "minutes", "confirmed"), [(12, 0, False), (12, 5, True), (13, 0, True), (11, 0, False)])
def test_twelve_weeks_to_the_minute(house: House, course: Course, weeks: int, minutes: int, confirmed: bool) -> None:
    visit = session(course, HALF_YEAR)
    visit.agreed_at = starts(course, HALF_YEAR) - weeks * WEEK - timedelta(minutes=minutes)
    visit.save()
    assert (visit.confirmed_from is not None) == confirmed
    reconfirming.ask_due(starts(course, HALF_YEAR) - 10 * WEEK)
    assert (HALF_YEAR in asked()) == confirmed


def test_the_patient_is_asked_once_by_one_mail_for_all_that_is_due(
    house: House, course: Course, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    due = starts(course, 4) - 10 * WEEK
    assert reconfirming.ask_due(due - timedelta(minutes=5)) == 0
    later = starts(course, 5) - 10 * WEEK
    with django_capture_on_commit_callbacks(execute=True):
        assert reconfirming.ask_due(later) == 1
    assert reconfirming.ask_due(later) == 0

    assert asked() == [4, 5]
    [message] = mail.outbox
    assert message.to == ["pia@example.org"]
    assert message.subject.endswith("do your dates still suit you?")
    assert "Saturday 30 May 2026, 10:00" in message.body
    assert "Tuesday 30 June 2026, 10:00" in message.body
    assert "30 December" not in message.body
    assert f"/courses/{course.uuid}/" in message.body
    assert not message.attachments


def test_saying_yes_is_agreeing_anew_and_changes_nothing_else(house: House, course: Course, rita: User) -> None:
    now = starts(course, 4) - 10 * WEEK
    reconfirming.ask_due(now)
    before = course.appointments.filter(position=4).values("during", "lead", "status", "target").get()

    for _twice in range(2):
        reconfirming.confirm(course, 4, starts(course, 4), by=rita, now=now)

    visit = session(course, 4)
    assert (visit.agreed_at, visit.asked_at, visit.confirmed_from) == (now, None, None)
    assert course.appointments.filter(position=4).values("during", "lead", "status", "target").get() == before
    assert JournalEntry.objects.filter(verb="reconfirmed").count() == 1
    assert reconfirming.ask_due(now) == 0
    assert reconfirming.remind_reception(starts(course, 4)) == 0


def test_yes_to_a_date_that_is_another_by_now_is_refused(house: House, course: Course, rita: User) -> None:
    now, was = starts(course, 4) - 10 * WEEK, starts(course, 4)
    reconfirming.ask_due(now)
    rescheduling.apply(rescheduling.move(course, 4, house.slot("2026-05-31 10:00"), now=now), by=rita, now=now)

    with pytest.raises(PlanChanged):
        reconfirming.confirm(course, 4, was, by=rita, now=now)
    rescheduling.cannot_come(session(course, 4), by=rita, now=now)
    with pytest.raises(PlanChanged):
        reconfirming.confirm(course, 4, house.at("2026-05-31 10:00"), by=rita, now=now)


def test_another_date_is_agreed_to_when_it_is_chosen(house: House, course: Course, rita: User) -> None:
    """What moves is agreed to anew; what stays keeps its day, and so does what only changes its room."""
    now = starts(course, 4) - 10 * WEEK
    reconfirming.ask_due(now)
    rescheduling.apply(rescheduling.move(course, 4, house.slot("2026-05-31 10:00"), now=now), by=rita, now=now)

    moved, stayed = session(course, 4), session(course, HALF_YEAR)
    assert (moved.agreed_at, moved.asked_at, moved.confirmed_from) == (now, None, None)
    assert stayed.agreed_at == house.now
    assert stayed.confirmed_from


def test_without_an_answer_reception_calls_and_the_date_stays(house: House, course: Course, rita: User) -> None:
    now = starts(course, 4) - 10 * WEEK
    reconfirming.ask_due(now)
    over = now + timedelta(days=house.clinic.first_reply_days)
    assert reconfirming.remind_reception(over - timedelta(minutes=1)) == 0
    assert reconfirming.remind_reception(over) == 1
    assert reconfirming.remind_reception(over) == 0
    assert tasks() == [(Task.Kind.UNCONFIRMED, 4)]
    assert session(course, 4).status == "booked"

    reconfirming.confirm(course, 4, starts(course, 4), by=rita, now=over)
    assert tasks() == []


def test_what_reception_has_settled_does_not_come_back(house: House, course: Course, rita: User) -> None:
    now = starts(course, 4) - 10 * WEEK
    reconfirming.ask_due(now)
    reconfirming.remind_reception(now + WEEK)
    Task.objects.update(done_at=now + WEEK, done_by=rita)
    assert reconfirming.remind_reception(now + 2 * WEEK) == 0


def test_another_date_settles_the_call_and_one_for_another_session_does_not(house: House, course: Course, rita: User) -> None:
    now = starts(course, 5) - 10 * WEEK
    reconfirming.ask_due(now)
    reconfirming.remind_reception(now + WEEK)
    assert tasks() == [(Task.Kind.UNCONFIRMED, 4), (Task.Kind.UNCONFIRMED, 5)]
    move = rescheduling.move(course, 4, house.slot("2026-05-31 10:00"), now=now)
    assert [change.position for change in move.moved] == [4]
    rescheduling.apply(move, by=rita, now=now)
    assert tasks() == [(Task.Kind.UNCONFIRMED, 5)]


def test_who_has_no_e_mail_address_is_called_at_once(house: House, course: Course) -> None:
    Patient.objects.update(email="")
    reconfirming.ask_due(starts(course, 4) - 10 * WEEK)
    assert tasks() == [(Task.Kind.UNCONFIRMED, 4)]
    assert not mail.outbox


def test_nobody_is_asked_about_a_visit_that_cannot_take_place(house: House, course: Course) -> None:
    """Neither while it is on the call list, nor while another date is proposed instead."""
    now = starts(course, 4) - 10 * WEEK
    absences.enter(house.resources["Dr Ada"], house.at("2026-05-30 00:00"), house.at("2026-05-31 00:00"), reason="", by=None)
    assert reconfirming.ask_due(now) == 0
    offers.offer(session(course, 4), house.slot("2026-05-31 10:00"), within=WEEK, by=None, now=now)
    Absence.objects.all().delete()
    assert reconfirming.ask_due(now) == 0
    offers.lapse(now + WEEK)
    assert reconfirming.ask_due(now + WEEK) == 0  # reception is to call about it
    Task.objects.all().delete()
    assert reconfirming.ask_due(now + WEEK) == 1


def test_nobody_is_asked_when_there_is_no_time_left_to_wait_for_an_answer(house: House, course: Course) -> None:
    now = starts(course, 4) - house.clinic.first_reply_days * timedelta(days=1)
    assert reconfirming.ask_due(now) == 1
    assert asked() == [5]


def test_of_courses_that_are_over_or_paused_nothing_is_asked(house: House, course: Course, rita: User) -> None:
    now = starts(course, 4) - 10 * WEEK
    reconfirming.ask_due(now)
    booking.end_course(course, CourseStatus.CANCELLED, by=rita, now=now)
    assert asked() == []
    assert reconfirming.ask_due(now + WEEK) == reconfirming.remind_reception(now + WEEK) == 0
