"""The day and the week of the reception: what stands in a line, and what a click does."""

import re
from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings import absences, visits
from bookings.models import Appointment, AppointmentStatus, Clearance, JournalEntry
from bookings.views.staff.rows import Flag, VisitRow, rows_between
from clinic.models import Role
from tests.factories.clinic import make_closure, make_person, make_shift
from tests.factories.visits import at, make_course, make_desk, make_many_visits, make_patient, make_visit

S = AppointmentStatus
LONG = "Marie-Antoinette-Josephine"
TODAY = "2026-03-02"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    return make_desk()


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Monday 2 March 2026, half past ten, in front of the reception's screen."""
    desk = deepcopy(shared)
    desk.client = Client(headers={"accept-language": "en"})
    desk.client.force_login(desk.team[Role.RECEPTION])
    monkeypatch.setattr(timezone, "now", lambda: desk.now)
    return desk


@pytest.fixture
def come(desk: SimpleNamespace) -> Callable[..., Appointment]:
    """A patient with a visit today at this hour."""

    def come(
        hour: str, first: str = "Pia", last: str = "Petit", *, course: dict[str, Any] | None = None, **fields: Any
    ) -> Appointment:
        patient = make_patient(first, last, **fields.pop("patient", {}))
        booked = make_course(desk.clinic, patient, desk.protocol, **(course or {}))
        return make_visit(booked, f"{TODAY} {hour}", lead=desk.physician, **fields)

    return come


def row_of(desk: SimpleNamespace, visit: Appointment) -> VisitRow:
    rows = rows_between(desk.clinic, desk.now.date(), desk.now.date(), now=desk.now)
    return next(row for row in rows if row.visit.pk == visit.pk)


def page(desk: SimpleNamespace, address: str = "", **query: Any) -> str:
    response = desk.client.get(address or reverse("bookings:staff-day"), query)
    assert response.status_code == 200
    return text_of(response)


def text_of(response: Any) -> str:
    """What a reader sees, on one line."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words.replace("&#x27;", "'"))


def press(desk: SimpleNamespace, visit: Appointment, step: str, /, *, htmx: bool = False, **data: Any) -> Any:
    headers = {"hx-request": "true"} if htmx else {}
    address = reverse(f"bookings:staff-appointment-{step}", args=[visit.uuid])
    return desk.client.post(address, {"date": TODAY, **data}, headers=headers)


# What stands in the list


def test_the_day_lists_every_visit_in_order_of_hour_with_what_reception_needs(desk: SimpleNamespace, come: Any) -> None:
    come("15:00", "Zoé", "Zola", others=[desk.rooms[1]])
    first = come("11:00", others=[desk.rooms[0], desk.device])
    make_visit(first.course, "2026-03-16 11:00", lead=desk.physician, number=2)
    make_visit(first.course, "2026-03-30 11:00", lead=desk.physician, number=3)

    shown = page(desk)

    assert "Monday 2 March 2026 today" in shown
    assert "2 visits 2 expected 0 here now 0 done" in shown
    line = "11:00 –12:00 PETIT Pia Exosomes, face 1/3 Face Dr Roux Room 1 Dermapen 1 cleared booked Arrived"
    assert line in shown
    assert shown.index("PETIT Pia") < shown.index("ZOLA Zoé")


def test_who_assists_stands_below_who_leads(desk: SimpleNamespace, come: Any) -> None:
    come("11:00", others=[make_person("Anna"), desk.rooms[0]])

    assert "Dr Roux Anna Room 1 cleared" in page(desk)


def test_what_ended_early_keeps_its_room_and_its_assistant_in_the_list(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:45", others=[make_person("Anna"), desk.rooms[0], desk.device])
    press(desk, visit, "start")
    press(desk, visit, "complete")

    assert not visit.claims.filter(resource=desk.rooms[0], during__endswith__gt=visit.during.upper).exists()
    assert "Dr Roux Anna Room 1 Dermapen 1 cleared completed" in page(desk)


def test_only_the_day_and_the_clinic_are_listed(desk: SimpleNamespace, come: Any) -> None:
    visit = come("11:00")
    make_visit(visit.course, "2026-03-03 00:00", lead=desk.physician, number=2)
    other = make_desk()
    make_visit(make_course(other.clinic, make_patient("Ada", "Autre"), other.protocol), f"{TODAY} 11:00", lead=other.physician)

    rows = rows_between(desk.clinic, desk.now.date(), desk.now.date(), now=desk.now)

    assert [row.visit.pk for row in rows] == [visit.pk]
    assert "AUTRE" not in page(desk)


def test_what_is_planned_cancelled_or_merely_held_is_not_on_the_day(desk: SimpleNamespace, come: Any) -> None:
    for number, status in enumerate([S.PLANNED, S.CANCELLED, S.SKIPPED]):
        come(f"1{number}:00", status=status)

    assert "Nobody is expected on this day." in page(desk)


def test_an_empty_day_is_one_sentence_and_one_button(desk: SimpleNamespace) -> None:
    shown = page(desk, date="2026-03-08")

    assert "Sunday 8 March 2026 0 visits" in shown
    assert "Nobody is expected on this day. Go to today" in shown


def test_a_day_on_which_the_clinic_is_closed_says_so(desk: SimpleNamespace) -> None:
    make_closure(desk.clinic, at("2026-03-08 00:00", desk.clinic), at("2026-03-09 00:00", desk.clinic))

    assert "The clinic is closed on this day. Go to today" in page(desk, date="2026-03-08")


def test_namesakes_of_the_day_are_told_apart_by_their_year_of_birth(desk: SimpleNamespace, come: Any) -> None:
    come("11:00", "Marie", "Laurent", patient={"birth_date": "1984-02-29"})
    come("12:00", "marie", "LAURENT", patient={"birth_date": "1991-08-17"})
    come("13:00", "Marie", "Lauren")

    shown = page(desk)

    assert ("LAURENT Marie (1984)" in shown, "LAURENT marie (1991)" in shown, "LAUREN Marie (" in shown) == (True, True, False)


def test_one_patient_with_two_visits_is_no_namesake(desk: SimpleNamespace, come: Any) -> None:
    visit = come("11:00")
    make_visit(visit.course, f"{TODAY} 15:00", lead=desk.physician, number=2)

    assert "PETIT Pia (1985)" not in page(desk)


def test_a_long_name_and_a_patient_without_e_mail_do_no_harm(desk: SimpleNamespace, come: Any) -> None:
    visit = come("11:00", LONG, "De La Rochefoucauld-Montmorency-Beaumarchais", patient={"email": "", "phone": ""})

    assert "DE LA ROCHEFOUCAULD-MONTMORENCY-BEAUMARCHAIS Marie-Antoinette-Josephine" in page(desk)
    course_page = page(desk, reverse("bookings:staff-course", args=[visit.course.uuid]))
    assert "E-mail none: call the patient" in course_page


def test_a_name_is_never_read_as_html(desk: SimpleNamespace, come: Any) -> None:
    come("11:00", "<script>alert(1)</script>", "Petit")

    assert b"<script>alert(1)</script>" not in desk.client.get(reverse("bookings:staff-day")).content


CLEARANCES = [
    (Clearance.CLEARED, "cleared", None),
    (Clearance.ANSWERS_MISSING, "answers missing", "a physician asks the medical questions first"),
    (Clearance.TO_REVIEW, "needs review", "a physician must decide first"),
]


@pytest.mark.parametrize(("clearance", "words", "flag"), CLEARANCES)
def test_clearance_stands_in_words_never_answers(
    desk: SimpleNamespace, come: Any, clearance: str, words: str, flag: str | None
) -> None:
    visit = come("11:00", course={"clearance": clearance})

    assert f"Dr Roux – {words} booked" in page(desk)
    found = row_of(desk, visit).flag
    assert (found.text if found else None) == flag


def test_a_consultation_waits_for_no_clearance(desk: SimpleNamespace, come: Any) -> None:
    come("11:00", course={"clearance": Clearance.TO_REVIEW}, number=0)

    assert "Exosomes, face Consultation Face Dr Roux – decided at this visit booked" in page(desk)


def test_after_the_consultation_its_conclusion_is_to_be_noted(desk: SimpleNamespace, come: Any) -> None:
    facts = {"started_at": at(f"{TODAY} 08:00", desk.clinic), "ended_at": at(f"{TODAY} 08:30", desk.clinic)}
    come("08:00", course={"clearance": Clearance.TO_REVIEW}, number=0, status=S.COMPLETED, **facts)

    assert "Dr Roux – conclusion to note completed" in page(desk)


def test_what_is_decided_at_a_consultation_to_come_is_not_flagged_on_a_later_day(desk: SimpleNamespace, come: Any) -> None:
    consultation = come("11:00", course={"clearance": Clearance.TO_REVIEW}, number=0)
    make_visit(consultation.course, "2026-03-17 10:00", lead=desk.physician, number=1)

    later = page(desk, date="2026-03-17")
    assert "decided at the consultation booked" in later
    assert "a physician must decide first" not in later

    consultation.claims.all().delete()
    Appointment.objects.filter(pk=consultation.pk).update(status=S.SKIPPED, during=None, lead=None)
    assert "a physician must decide first" in page(desk, date="2026-03-17")


SEGMENTS = [
    ("10:00", "Cleansing until 10:10"),
    ("10:12", "Numbing until 10:35"),
    ("10:59", "Massage until 11:00"),
    ("11:00", "should be over"),
]


@pytest.mark.parametrize(("moment", "words"), SEGMENTS)
def test_a_visit_in_progress_says_where_it_stands_and_until_when(
    desk: SimpleNamespace, come: Any, monkeypatch: pytest.MonkeyPatch, moment: str, words: str
) -> None:
    come("10:00", status=S.IN_PROGRESS, started_at=at(f"{TODAY} 10:00", desk.clinic))
    monkeypatch.setattr(timezone, "now", lambda: at(f"{TODAY} {moment}", desk.clinic))

    assert f"in progress {words}" in page(desk)


def test_segments_are_reckoned_from_the_actual_start(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:00", status=S.IN_PROGRESS, started_at=at(f"{TODAY} 10:15", desk.clinic))

    assert row_of(desk, visit).segment == "Numbing until 10:50"


FLAGS = [
    ("10:25", S.BOOKED, {}, "5 min late"),
    ("10:26", S.BOOKED, {}, None),
    ("10:10", S.ARRIVED, {"arrived_at": "10:05"}, "waiting for 20 min"),
    ("10:10", S.ARRIVED, {"arrived_at": "10:20"}, None),
    ("09:00", S.IN_PROGRESS, {"started_at": "09:05"}, "30 min over time"),
    ("08:00", S.IN_PROGRESS, {"started_at": "08:05"}, "1 h 30 over time"),
    ("09:00", S.COMPLETED, {"started_at": "09:05", "ended_at": "10:10"}, None),
]


@pytest.mark.parametrize(("hour", "status", "facts", "flag"), FLAGS)
def test_one_flag_for_the_one_thing_to_notice(
    desk: SimpleNamespace, come: Any, hour: str, status: str, facts: dict[str, str], flag: str | None
) -> None:
    facts = {name: at(f"{TODAY} {moment}", desk.clinic) for name, moment in facts.items()}
    lasts = 60 if hour != "10:26" else 30
    visit = come("10:30" if hour == "10:26" else hour, status=status, minutes=lasts, **facts)

    found = row_of(desk, visit).flag
    assert (found.text if found else None) == flag


def test_a_missed_visit_stays_at_the_hour_it_had_until_it_is_undone(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:00", others=[desk.rooms[0]])
    visits.miss(visit, by=desk.team[Role.RECEPTION], now=desk.now)

    assert "1 visit 0 expected 0 here now 0 done 1 missed" in page(desk)
    assert "10:00 –11:00 PETIT Pia call back" in page(desk)

    visits.undo(visit, "miss", by=desk.team[Role.RECEPTION], now=desk.now)
    assert "1 visit 1 expected 0 here now 0 done" in page(desk)


def test_a_missed_visit_booked_again_stands_on_both_days(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:00")
    visits.miss(visit, by=desk.team[Role.RECEPTION], now=desk.now)
    week = timedelta(days=7)
    again = DateTimeTZRange(visit.during.lower + week, visit.during.upper + week)
    Appointment.objects.filter(pk=visit.pk).update(status=S.BOOKED, during=again, lead=desk.physician)

    assert "10:00 –11:00 PETIT Pia" in page(desk)
    assert "missed" in page(desk)
    assert "10:00 –11:00 PETIT Pia" in page(desk, date="2026-03-09")


# Which day, and whose


def test_previous_next_and_today_keep_the_person_chosen(desk: SimpleNamespace) -> None:
    response = desk.client.get(reverse("bookings:staff-day"), {"date": "2026-03-05", "person": desk.physician.pk})

    links = [f"?date={day}&amp;person={desk.physician.pk}" for day in ("2026-03-04", "2026-03-02", "2026-03-06")]
    assert all(link in response.content.decode() for link in links)


def test_a_person_sees_their_own_visits_led_or_assisted(desk: SimpleNamespace, come: Any) -> None:
    anna = make_person("Anna")
    make_shift(anna, desk.clinic)
    come("11:00", "Ada", "Un", others=[anna])
    come("13:00", "Bea", "Deux")

    assert "1 visit 1 expected" in page(desk, person=anna.pk)
    assert "2 visits 2 expected" in page(desk, person=desk.physician.pk)


@pytest.mark.parametrize(
    "query", [{"date": "yesterday"}, {"date": "2026-02-30"}, {"date": "9999-12-31"}, {"person": "x"}, {"person": "0"}]
)
def test_what_cannot_be_read_is_said_and_today_is_shown(desk: SimpleNamespace, query: dict[str, str]) -> None:
    for name in ("staff-day", "staff-week"):
        response = desk.client.get(reverse(f"bookings:{name}"), query)
        assert response.status_code == 422
        assert b'role="alert"' in response.content


@pytest.mark.parametrize("date", ["2026-03-29", "2026-10-25", "2000-01-01", "2099-12-31"])
def test_days_on_which_the_clock_changes_and_the_ends_of_the_calendar_open(desk: SimpleNamespace, date: str) -> None:
    for name in ("staff-day", "staff-week"):
        assert desk.client.get(reverse(f"bookings:{name}"), {"date": date}).status_code == 200


# The week


def test_the_week_lists_monday_to_sunday_compactly(desk: SimpleNamespace, come: Any) -> None:
    visit = come("11:00", others=[desk.rooms[0], desk.device])
    make_visit(visit.course, "2026-03-08 23:30", lead=desk.physician, number=2, minutes=25)
    make_visit(visit.course, "2026-03-09 00:00", lead=desk.physician, number=3)

    shown = page(desk, reverse("bookings:staff-week"), date="2026-03-04")

    assert "2 March to 8 March 2026 2 visits" in shown
    assert "Monday 2 March today 1 11:00 booked PETIT Pia Exosomes, face · 1/3 Dr Roux · Room 1 · Dermapen 1" in shown
    assert "Sunday 8 March 1 23:30 booked PETIT Pia" in shown
    assert "Tuesday 3 March 0 no visits" in shown


# However many visits


@pytest.mark.parametrize("name", ["staff-day", "staff-week"])
def test_a_list_asks_the_database_as_often_for_1_visit_as_for_35(desk: SimpleNamespace, name: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert desk.client.get(reverse(f"bookings:{name}"), {"date": TODAY}).status_code == 200
        return len(asked)

    made = make_many_visits(desk, 1)
    visits.miss(made[0], by=desk.team[Role.RECEPTION], now=desk.now)
    one_more = make_many_visits(desk, 2)
    visits.start(one_more[1], by=desk.team[Role.RECEPTION], now=desk.now)
    visits.complete(one_more[1], by=desk.team[Role.RECEPTION], now=desk.now)
    evening = {"lead": desk.physician, "minutes": 30}
    one_more.append(make_visit(one_more[0].course, f"{TODAY} 18:00", number=2, **evening))
    ill = at(f"{TODAY} 17:00", desk.clinic), at(f"{TODAY} 20:00", desk.clinic)
    absences.enter(desk.physician, *ill, reason="", by=None)
    queries()
    few = queries()
    for visit in one_more:
        visit.claims.all().delete()
        visit.delete()
    many = make_many_visits(desk, 35)
    for visit in many[:6]:
        visits.miss(visit, by=desk.team[Role.RECEPTION], now=desk.now)
    for visit in many[6:12]:
        visits.start(visit, by=desk.team[Role.RECEPTION], now=desk.now)
        visits.complete(visit, by=desk.team[Role.RECEPTION], now=desk.now)

    assert queries() == few


# Steps


def test_a_click_takes_the_visit_a_step_further_and_comes_back_to_the_day(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")

    response = press(desk, visit, "arrive", person=desk.physician.pk)

    assert response.status_code == 302
    assert response["Location"] == f"/staff/day/?date={TODAY}&person={desk.physician.pk}#visit-{visit.uuid}"
    visit.refresh_from_db()
    assert (visit.status, visit.arrived_at) == (S.ARRIVED, desk.now)


def test_with_htmx_a_click_answers_the_line_and_the_count(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")

    response = press(desk, visit, "arrive", htmx=True)

    assert response.status_code == 200
    content = response.content.decode()
    assert content.count("<tr") == 1
    assert "<html" not in content
    assert 'data-hx-swap-oob="true"' in content
    assert "arrived Start PETIT Pia Undo PETIT Pia" in text_of(response)
    assert "0 expected 1 here now" in text_of(response)


OFFERED = [
    ("10:30", S.BOOKED, {}, ["arrive", "miss"]),
    ("11:00", S.BOOKED, {}, ["arrive"]),
    ("10:00", S.ARRIVED, {"arrived_at": "10:00"}, ["start"]),
    ("10:00", S.IN_PROGRESS, {"started_at": "10:00"}, ["complete"]),
    ("09:00", S.COMPLETED, {"started_at": "09:00", "ended_at": "09:30"}, []),
]


@pytest.mark.parametrize(("hour", "status", "facts", "verbs"), OFFERED)
def test_only_steps_that_are_possible_are_offered(
    desk: SimpleNamespace, come: Any, hour: str, status: str, facts: dict[str, str], verbs: list[str]
) -> None:
    facts = {name: at(f"{TODAY} {moment}", desk.clinic) for name, moment in facts.items()}

    assert row_of(desk, come(hour, status=status, **facts)).actions == verbs


def test_yesterdays_open_visits_are_to_be_settled_and_tomorrows_are_left_alone(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")
    rows = {}
    for day in ("2026-03-01", "2026-03-03"):
        later = rows_between(desk.clinic, desk.now.date(), desk.now.date(), now=at(f"{day} 12:00", desk.clinic))
        rows[day] = next(row for row in later if row.visit.pk == visit.pk)

    assert rows["2026-03-03"].actions == ["record", "miss"]
    assert rows["2026-03-03"].flag.text == "what became of this visit?"
    assert rows["2026-03-01"].actions == []


def test_what_took_place_yesterday_can_be_recorded(desk: SimpleNamespace, come: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    visit = come("10:30")
    monkeypatch.setattr(timezone, "now", lambda: at("2026-03-03 08:00", desk.clinic))

    assert press(desk, visit, "record").status_code == 302
    assert Appointment.objects.get(pk=visit.pk).status == S.COMPLETED


def test_a_refusal_is_said_on_the_page_as_it_is_now(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30", course={"clearance": Clearance.TO_REVIEW})

    response = press(desk, visit, "start")

    assert response.status_code == 409
    assert "PETIT Pia. This session contains microneedling and cannot start before a physician has cleared" in text_of(response)
    assert "10:30 –11:30 PETIT Pia" in text_of(response)


def test_a_refusal_is_said_in_the_line_to_htmx(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30", course={"clearance": Clearance.TO_REVIEW})

    response = press(desk, visit, "start", htmx=True)

    assert response.status_code == 409
    assert "<html" not in response.content.decode()
    assert "This session contains microneedling" in text_of(response)


def test_the_second_of_two_screens_sees_what_the_first_did(desk: SimpleNamespace, come: Any) -> None:
    """Both show "booked"; one says arrived and started, the other then says missed."""
    visit = come("10:30")
    press(desk, visit, "arrive", htmx=True)
    press(desk, visit, "start", htmx=True)

    response = press(desk, visit, "miss", htmx=True)

    assert response.status_code == 409
    assert "in progress Cleansing until 10:40" in text_of(response)
    assert "This is no longer possible" in text_of(response)


def test_a_double_click_does_it_once(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")

    assert [press(desk, visit, "arrive", htmx=True).status_code for _click in (1, 2)] == [200, 200]
    assert JournalEntry.objects.filter(appointment=visit).count() == 1


def test_undo_is_offered_for_a_minute_and_takes_the_step_back(
    desk: SimpleNamespace, come: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = come("10:30")
    press(desk, visit, "miss")
    assert (row_of(desk, visit).undo, row_of(desk, visit).undo_ends) == ("miss", True)

    assert press(desk, visit, "undo", verb="miss").status_code == 302
    assert Appointment.objects.get(pk=visit.pk).status == S.BOOKED
    assert row_of(desk, visit).undo == ""

    press(desk, visit, "miss")
    monkeypatch.setattr(timezone, "now", lambda: at(f"{TODAY} 10:32", desk.clinic))
    assert "Undo" not in page(desk)
    refused = press(desk, visit, "undo", verb="miss")
    assert (refused.status_code, "This can no longer be undone" in text_of(refused)) == (409, True)


def test_two_clicks_too_many_are_both_taken_back_from_the_line(
    desk: SimpleNamespace, come: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = come("10:30", course={"clearance": "cleared"})
    press(desk, visit, "arrive")
    press(desk, visit, "start")

    assert row_of(desk, visit).undo == "start"
    press(desk, visit, "undo", verb="start")
    desk.now = at(f"{TODAY} 11:40", desk.clinic)
    monkeypatch.setattr(timezone, "now", lambda: desk.now)
    assert (row_of(desk, visit).undo, row_of(desk, visit).undo_ends) == ("arrive", False)
    press(desk, visit, "undo", verb="arrive")

    assert Appointment.objects.get(pk=visit.pk).status == S.BOOKED
    assert row_of(desk, visit).undo == ""


def test_a_line_that_has_just_changed_takes_no_second_click(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")

    assert "visit-swapped" in press(desk, visit, "arrive", htmx=True).content.decode()
    assert "visit-swapped" not in desk.client.get(reverse("bookings:staff-day")).content.decode()


def test_a_visit_that_cannot_take_place_says_who_is_not_there(desk: SimpleNamespace, come: Any) -> None:
    visit = come("14:00")
    absences.enter(desk.physician, at(f"{TODAY} 13:00", desk.clinic), at(f"{TODAY} 18:00", desk.clinic), reason="", by=None)

    assert row_of(desk, visit).flag == Flag("not there: Dr Roux", "alert")
    course = text_of(desk.client.get(reverse("bookings:staff-course", args=[visit.course.uuid])))
    assert "booked not there: Dr Roux" in course


def test_a_missed_visit_can_be_undone_from_its_line(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")

    answer = press(desk, visit, "miss", htmx=True)
    assert "missed Undo" in text_of(answer)
    assert "booked" in text_of(press(desk, visit, "undo", htmx=True, verb="miss"))


@pytest.mark.parametrize("data", [{"date": "never"}, {"date": ""}, {"person": "nobody"}, {"verb": "x" * 500}])
def test_garbage_beside_a_step_does_no_harm(desk: SimpleNamespace, come: Any, data: dict[str, str]) -> None:
    visit = come("10:30")

    assert press(desk, visit, "arrive", **data).status_code == 302
    assert press(desk, visit, "undo", **{"verb": "dance", **data}).status_code == 409


def test_a_line_that_has_left_the_day_refreshes_the_page(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")

    response = press(desk, visit, "arrive", htmx=True, date="2026-03-03")

    assert (response.status_code, response["HX-Refresh"]) == (200, "true")


def test_the_line_can_be_asked_for_alone(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")

    response = desk.client.get(
        reverse("bookings:staff-appointment", args=[visit.uuid]), {"date": TODAY}, headers={"hx-request": "true"}
    )

    assert "10:30 –11:30 PETIT Pia" in text_of(response)
    assert "<html" not in response.content.decode()


def test_nothing_is_done_by_looking(desk: SimpleNamespace, come: Any) -> None:
    visit = come("10:30")

    for verb in [*visits.STEPS, "undo"]:
        assert desk.client.get(reverse(f"bookings:staff-appointment-{verb}", args=[visit.uuid])).status_code == 405
