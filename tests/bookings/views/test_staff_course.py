"""The course page of the team, the answers behind it, and the physician's decisions."""

import re
from copy import deepcopy
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings import screening, visits
from bookings.models import AnswersReading, AppointmentStatus, Clearance, Course, CourseStatus, JournalEntry, Message, Task
from clinic.models import Role
from tests.factories.clinic import make_person
from tests.factories.courses import open_house
from tests.factories.treatments import make_morpheus
from tests.factories.visits import at, make_course, make_desk, make_patient, make_team, make_user, make_visit
from treatments.models import Outcome, Protocol, ScreeningRule, Stage

S = AppointmentStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    desk = make_desk()
    due = at("2026-03-04 12:00", desk.clinic)
    desk.course = make_course(desk.clinic, make_patient(), desk.protocol, clearance=Clearance.TO_REVIEW, review_due=due)
    desk.visit = make_visit(desk.course, "2026-03-09 10:00", lead=desk.physician, others=[desk.rooms[0], desk.device])
    make_visit(desk.course, "2026-03-23 10:00", lead=desk.physician, number=2, status=S.PLANNED)
    desk.answers = screening.store(
        desk.course, {"anticoagulant": None, "sunburn": date(2026, 2, 20), "keloid": "unsure"}, desk.now
    )
    return desk


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Monday 2 March 2026, half past ten: a course under way, whose answers wait for a physician."""
    desk = deepcopy(shared)
    monkeypatch.setattr(timezone, "now", lambda: desk.now)
    return desk


def as_(desk: SimpleNamespace, role: str) -> Client:
    client = Client(headers={"accept-language": "en"})
    client.force_login(desk.team[role])
    return client


def address(desk: SimpleNamespace, name: str = "staff-course") -> str:
    return reverse(f"bookings:{name}", args=[desk.course.uuid])


def text_of(response: Any) -> str:
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words.replace("&#x27;", "'"))


# The page


def test_the_page_shows_the_patient_every_date_and_what_it_occupies(desk: SimpleNamespace) -> None:
    shown = text_of(as_(desk, Role.RECEPTION).get(address(desk)))

    assert "PETIT Pia Exosomes, face needs review booked 0 of 2 sessions done Exosomes, face Face" in shown
    assert "Born 17 May 1985 Phone 06 12 34 56 78 E-mail pia@example.org Language Français" in shown
    assert (
        "Session 1 Mon 9 March 2026, 10:00 Ideal day 9 March 2026 8 March to 16 March Dr Roux Room 1 10:00–11:10 Dermapen 1 10:00–11:10 booked"
        in shown
    )
    assert "Session 2 around March 2026" in shown


def test_the_journal_is_told_in_words_with_who_and_when(desk: SimpleNamespace) -> None:
    rita, there = desk.team[Role.RECEPTION], at("2026-03-09 10:20", desk.clinic)
    JournalEntry.objects.record("booked", course=desk.course, at=at("2026-03-01 09:00", desk.clinic))
    visits.arrive(desk.visit, by=rita, now=at("2026-03-09 09:50", desk.clinic))
    visits.undo(desk.visit, "arrive", by=rita, now=at("2026-03-09 09:50", desk.clinic))
    visits.miss(desk.visit, by=rita, now=there)
    moves = [{"position": 1, "before": at("2026-03-09 10:00", desk.clinic), "after": at("2026-03-10 11:00", desk.clinic)}]
    colleague = {"before_with": "Dr Roux", "after_with": "Dr Bo"}
    JournalEntry.objects.record("replanned", course=desk.course, at=there, by=rita, moves=[moves[0] | colleague])
    JournalEntry.objects.record("replanned", course=desk.course, at=there, by=rita, moves=moves)
    JournalEntry.objects.record("refused", course=desk.course, at=there, by=rita, reason="not_now")
    JournalEntry.objects.record("a verb of tomorrow", course=desk.course, at=there, by=rita)

    shown = text_of(as_(desk, Role.RECEPTION).get(address(desk)))

    told = [
        "a verb of tomorrow",
        "Refused by the physician (not at present, to be looked at again)",
        "1 date changed Session 1: 9 March 2026, 10:00 → 10 March 2026, 11:00",
        "1 date changed Session 1: 9 March 2026, 10:00 · Dr Roux → 10 March 2026, 11:00 · Dr Bo",
        "Patient did not come (9 March 2026, 10:00) · Session 1",
        "Undone: Patient arrived · Session 1",
        "Patient arrived · Session 1",
        "1 March 2026, 09:00 Course booked online",
    ]
    places = [shown.index(line) for line in told]
    assert places == sorted(places)
    assert f"9 March 2026, 10:20 a verb of tomorrow {rita}" in shown


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"sent_at": "2026-03-02T09:00:00Z"}, "Your appointments sent to pia@example.org"),
        ({"error": "SMTPException"}, "Your appointments not sent: call the patient"),
        ({}, "Your appointments waiting to be sent"),
    ],
)
def test_messages_say_whether_they_were_sent(desk: SimpleNamespace, fields: dict[str, str], words: str) -> None:
    facts = {
        "kind": "course_booked",
        "recipient": "pia@example.org",
        "language": "fr",
        "subject": "Your appointments",
        "body": "",
    }
    Message.objects.create(course=desk.course, patient=desk.course.patient, **facts, **fields)

    assert words in text_of(as_(desk, Role.RECEPTION).get(address(desk)))


def test_a_course_that_is_merely_held_is_nobodys_business(desk: SimpleNamespace) -> None:
    held = Course.objects.create(
        clinic=desk.clinic,
        protocol=desk.protocol,
        visitor="someone",
        held_at=desk.now,
        held_until=at("2026-03-02 10:45", desk.clinic),
    )

    assert as_(desk, Role.RECEPTION).get(reverse("bookings:staff-course", args=[held.uuid])).status_code == 404


def test_the_page_asks_the_database_as_often_for_1_date_as_for_20(desk: SimpleNamespace) -> None:
    client = as_(desk, Role.PRACTITIONER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(address(desk)).status_code == 200
        return len(asked)

    JournalEntry.objects.record("booked", course=desk.course, at=desk.now, by=desk.team[Role.RECEPTION], appointment=desk.visit)
    screening.read(desk.answers, desk.team[Role.PRACTITIONER], desk.now)
    queries()
    few = queries()
    for number in range(3, 21):
        more = make_visit(desk.course, f"2026-06-{number:02} 10:00", lead=desk.physician, number=number, others=desk.rooms)
        JournalEntry.objects.record("arrived", course=desk.course, at=desk.now, by=desk.team[Role.ASSISTANT], appointment=more)
        screening.read(desk.answers, desk.team[Role.PRACTITIONER], desk.now)

    assert queries() == few


# Answers


QUESTION = "Do you take a medicine that thins the blood?"


def asked(desk: SimpleNamespace) -> None:
    """The answers are read with the questions of the protocol they were given for, whatever the course follows by now.

    Questions cannot be added to a published protocol: so they are a draft's."""
    draft = Protocol.objects.create(
        treatment=desk.protocol.treatment, code="other", name="Other", lead_capability=desk.protocol.lead_capability
    )
    for position, (code, question) in enumerate(
        [("anticoagulant", QUESTION), ("sunburn", "Were you sunburnt?"), ("keloid", "Keloids?")]
    ):
        ScreeningRule.objects.create(
            protocol=draft, code=code, position=position, stage=Stage.SAFETY, question=question, outcome=Outcome.REVIEW
        )
    desk.course.answers.update(protocol=draft)


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.ASSISTANT, Role.MANAGER])
def test_who_is_no_physician_sees_neither_the_answers_nor_a_way_to_them(desk: SimpleNamespace, role: str) -> None:
    client = as_(desk, role)

    shown = text_of(client.get(address(desk)))
    assert ("needs review" in shown, "For the physician" in shown, "answers" in shown.lower()) == (True, False, False)
    assert client.post(address(desk, "staff-course-answers")).status_code == 403
    assert not AnswersReading.objects.exists()


def test_a_physician_opens_the_answers_by_a_click_and_each_reading_is_noted(desk: SimpleNamespace) -> None:
    asked(desk)
    client = as_(desk, Role.PRACTITIONER)
    assert QUESTION not in text_of(client.get(address(desk)))
    assert not AnswersReading.objects.exists()

    shown = text_of(client.post(address(desk, "staff-course-answers")))

    assert f"{QUESTION} yes · a physician decides" in shown
    assert "Were you sunburnt? yes, 20 February 2026" in shown
    assert "Keloids? not sure" in shown
    assert "All other questions: no." in shown
    assert [(reading.reader, reading.at) for reading in AnswersReading.objects.all()] == [
        (desk.team[Role.PRACTITIONER], desk.now)
    ]
    assert "Read 1 time" in text_of(client.get(address(desk)))


def test_with_htmx_the_answers_come_alone(desk: SimpleNamespace) -> None:
    response = as_(desk, Role.PRACTITIONER).post(address(desk, "staff-course-answers"), headers={"hx-request": "true"})

    assert "<html" not in response.content.decode()
    assert "anticoagulant yes" in text_of(response)


def test_answers_are_not_opened_by_looking(desk: SimpleNamespace) -> None:
    assert as_(desk, Role.PRACTITIONER).get(address(desk, "staff-course-answers")).status_code == 405


# Decisions


def decide(desk: SimpleNamespace, **data: str) -> Any:
    return as_(desk, Role.PRACTITIONER).post(address(desk, "staff-course-review"), data)


def test_a_physician_accepts(desk: SimpleNamespace) -> None:
    response = decide(desk, decision="accept")

    assert (response.status_code, response["Location"]) == (302, address(desk))
    desk.course.refresh_from_db()
    assert (desk.course.clearance, desk.course.cleared_by) == (Clearance.CLEARED, desk.team[Role.PRACTITIONER])


def test_a_refusal_needs_a_reason(desk: SimpleNamespace) -> None:
    response = decide(desk, decision="refuse")

    assert (response.status_code, "Please choose a reason." in text_of(response)) == (422, True)
    desk.course.refresh_from_db()
    assert desk.course.clearance == Clearance.TO_REVIEW


def test_a_physician_refuses_with_a_reason(desk: SimpleNamespace) -> None:
    assert decide(desk, decision="refuse", reason="not_suitable").status_code == 302

    desk.course.refresh_from_db()
    assert (desk.course.clearance, desk.course.status) == (Clearance.REFUSED, CourseStatus.CANCELLED)
    assert set(desk.course.appointments.values_list("status", flat=True)) == {S.CANCELLED}


@pytest.mark.parametrize("data", [{}, {"decision": "perhaps"}, {"decision": "refuse", "reason": "her pregnancy"}])
def test_a_decision_that_is_none_is_not_taken(desk: SimpleNamespace, data: dict[str, str]) -> None:
    assert decide(desk, **data).status_code == 422
    assert Course.objects.get(pk=desk.course.pk).clearance == Clearance.TO_REVIEW


def test_the_second_of_two_physicians_is_told(desk: SimpleNamespace) -> None:
    decide(desk, decision="accept")

    response = decide(desk, decision="refuse", reason="not_now")

    assert (response.status_code, "A physician has already decided on this course." in text_of(response)) == (409, True)


@pytest.mark.parametrize("name", ["staff-course-review", "staff-course-outcome", "staff-course-answers"])
@pytest.mark.parametrize("role", [Role.RECEPTION, Role.ASSISTANT, Role.MANAGER])
def test_only_physicians_decide(desk: SimpleNamespace, role: str, name: str) -> None:
    assert as_(desk, role).post(address(desk, name), {"decision": "accept", "outcome": "cleared"}).status_code == 403


def test_after_a_missed_first_visit_reception_keeps_the_dates(desk: SimpleNamespace) -> None:
    course = make_course(desk.clinic, make_patient("Nina", "Noir"), desk.protocol)
    visit = make_visit(course, "2026-03-02 10:00", lead=make_person("Dr Blum"))
    make_visit(course, "2026-03-16 10:00", lead=desk.physician, number=2)
    rita = as_(desk, Role.RECEPTION)
    visits.miss(visit, by=desk.team[Role.RECEPTION], now=desk.now)

    page = rita.get(reverse("bookings:staff-course", args=[course.uuid])).content.decode()
    assert "was missed, and everything is counted from it: the other dates are given back on Wednesday 4 March" in page
    answers = [rita.post(reverse("bookings:staff-course-keep", args=[course.uuid])) for _twice in range(2)]

    assert [answer.status_code for answer in answers] == [302, 409]
    course.refresh_from_db()
    assert (course.status, course.release_at) == ("booked", None)


def test_a_missed_consultation_has_no_day_on_which_it_decides(desk: SimpleNamespace) -> None:
    house = open_house(consultation_first=True)
    course = house.book(make_patient(), house.propose("2026-03-02 10:00", with_consultation=True))
    dora = make_user(Role.PRACTITIONER, house.clinic)
    visits.miss(course.appointments.get(position=0), by=dora, now=house.at("2026-03-02 10:20"))
    client = Client()
    client.force_login(dora)

    shown = text_of(client.get(reverse("bookings:staff-course", args=[course.uuid]), headers={"accept-language": "en"}))

    assert "The consultation decides on this course, and has no date at present." in shown
    assert "decided at the consultation" in shown


# The outcome of a consultation, on the real agenda


@pytest.fixture
def consulting(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Monday 2 March 2026, 10:00: the consultation of a new patient is in progress."""
    house = open_house(consultation_first=True)
    course = house.book(make_patient(), house.propose("2026-03-02 10:00", with_consultation=True))
    desk = SimpleNamespace(
        clinic=house.clinic, team=make_team(house.clinic), course=course, now=house.at("2026-03-02 10:00"), house=house
    )
    visits.start(course.appointments.get(position=0), by=desk.team[Role.PRACTITIONER], now=desk.now)
    monkeypatch.setattr(timezone, "now", lambda: desk.now)
    return desk


def note(desk: SimpleNamespace, **data: Any) -> Any:
    return as_(desk, Role.PRACTITIONER).post(address(desk, "staff-course-outcome"), data)


def zone_keys(desk: SimpleNamespace, *codes: str) -> list[int]:
    return [zone.pk for zone in desk.course.protocol.zones.select_related("zone") if zone.zone.code in codes]


def test_the_outcome_is_asked_for_once_the_consultation_has_begun(consulting: SimpleNamespace) -> None:
    shown = text_of(as_(consulting, Role.PRACTITIONER).get(address(consulting)))

    assert "suitable: the course stands suitable with changes not suitable" in shown
    assert note(consulting, outcome="cleared").status_code == 302
    assert Course.objects.get(pk=consulting.course.pk).clearance == Clearance.CLEARED


def test_a_day_that_has_passed_is_no_first_day(consulting: SimpleNamespace) -> None:
    shown = note(consulting, outcome="changed", zones=zone_keys(consulting, "face"), earliest="2026-03-01")

    assert (shown.status_code, "This day has passed." in text_of(shown)) == (422, True)


def test_changes_are_shown_before_and_after_and_stored_once_confirmed(consulting: SimpleNamespace) -> None:
    before = list(consulting.course.appointments.order_by("position").values_list("during", flat=True))
    wanted = {"outcome": "changed", "zones": zone_keys(consulting, "face"), "earliest": "2026-04-01"}

    shown = note(consulting, **wanted)

    assert shown.status_code == 200
    assert "Session 1 Before Wed 18 March 2026, 10:00 · Dr Ada After Wed 1 April 2026, 10:00 · Dr Ada" in text_of(shown)
    assert list(consulting.course.appointments.order_by("position").values_list("during", flat=True)) == before

    plan = shown.context["plan"]
    assert note(consulting, **wanted, plan=plan).status_code == 302
    session = consulting.course.appointments.get(position=1)
    assert session.during.lower == consulting.house.at("2026-04-01 10:00")
    assert Course.objects.get(pk=consulting.course.pk).clearance == Clearance.CLEARED


def test_confirming_other_dates_than_those_of_the_plan_shows_them_again(consulting: SimpleNamespace) -> None:
    wanted = {"outcome": "changed", "zones": zone_keys(consulting, "face"), "earliest": "2026-04-01"}

    response = note(consulting, **wanted, plan="1:6000000-1")

    assert (response.status_code, "The dates have changed since they were shown." in text_of(response)) == (409, True)
    assert Course.objects.get(pk=consulting.course.pk).clearance == Clearance.TO_REVIEW


def test_the_physician_chooses_another_way_of_treating(consulting: SimpleNamespace) -> None:
    """Zones are ticked as the course has them, and become those of the other protocol; its prices are shown first."""
    morpheus = make_morpheus(consulting.course.protocol.treatment)
    page = text_of(as_(consulting, Role.PRACTITIONER).get(address(consulting)))
    assert "Way of treating Exosomes, Dermapen Exosomes, Morpheus 8" in page
    wanted = {"outcome": "changed", "protocol": morpheus.pk, "zones": zone_keys(consulting, "face")}

    shown = note(consulting, **wanted)

    assert shown.status_code == 200
    assert "Exosomes, Morpheus 8 · Zones: Face €450 a session" in text_of(shown)
    assert Course.objects.get(pk=consulting.course.pk).protocol != morpheus
    assert note(consulting, **wanted, plan=shown.context["plan"]).status_code == 302
    assert Course.objects.get(pk=consulting.course.pk).protocol == morpheus
    assert "dates changed Exosomes, Morpheus 8" in text_of(as_(consulting, Role.PRACTITIONER).get(address(consulting)))


def test_a_zone_the_other_way_of_treating_does_not_have_is_named(consulting: SimpleNamespace) -> None:
    morpheus = make_morpheus(consulting.course.protocol.treatment)

    response = note(consulting, outcome="changed", protocol=morpheus.pk, zones=zone_keys(consulting, "face", "neck"))

    assert response.status_code == 422
    assert "“Exosomes, Morpheus 8” is not offered for: Neck." in text_of(response)


BAD_OUTCOMES = [
    ({}, 422),
    ({"outcome": "maybe"}, 422),
    ({"outcome": "refused"}, 422),
    ({"outcome": "changed"}, 422),
    ({"outcome": "changed", "zones": ["face"]}, 422),
    ({"outcome": "changed", "zones": ["999999"], "earliest": "2026-04-01"}, 422),
    ({"outcome": "changed", "zones": ["face"], "earliest": "soon"}, 422),
    ({"outcome": "changed", "zones": ["face"], "earliest": "2026-04-01", "plan": "nonsense"}, 422),
    ({"outcome": "changed", "zones": ["face"], "earliest": "2026-04-01", "plan": "1:99999999999-1"}, 422),
    ({"outcome": "changed", "zones": ["face"], "earliest": "2040-04-01"}, 409),
    ({"outcome": "changed", "zones": ["face"], "earliest": "9999-12-31"}, 422),
    ({"outcome": "changed", "zones": ["face"], "earliest": "0001-01-01"}, 422),
]


@pytest.mark.parametrize(("data", "status"), BAD_OUTCOMES)
def test_what_cannot_be_an_outcome_changes_nothing(consulting: SimpleNamespace, data: dict[str, Any], status: int) -> None:
    if data.get("zones") == ["face"]:
        data = {**data, "zones": zone_keys(consulting, "face")}

    assert note(consulting, **data).status_code == status
    assert Course.objects.get(pk=consulting.course.pk).clearance == Clearance.TO_REVIEW


def test_another_protocols_zones_are_not_accepted(consulting: SimpleNamespace) -> None:
    foreign = make_desk().protocol.zones.first()

    assert note(consulting, outcome="changed", zones=[foreign.pk]).status_code == 422


# Lists of work


def test_the_review_list_is_in_order_of_urgency_and_keeps_consultations_to_come_apart(desk: SimpleNamespace) -> None:
    late = make_course(
        desk.clinic,
        make_patient("Lea", "Late"),
        clearance=Clearance.TO_REVIEW,
        review_due=at("2026-03-02 09:00", desk.clinic),
    )
    coming = make_course(desk.clinic, make_patient("Nora", "New"), clearance=Clearance.TO_REVIEW, with_consultation=True)
    make_visit(coming, "2026-03-05 10:00", lead=desk.physician, number=0, minutes=30)
    make_course(desk.clinic, make_patient("Cleo", "Cleared"))
    other = make_desk()
    make_course(other.clinic, make_patient("Ada", "Autre"), clearance=Clearance.TO_REVIEW)

    response = as_(desk, Role.PRACTITIONER).get(reverse("bookings:staff-review"))

    assert [course.pk for course in response.context["due"]] == [late.pk, desk.course.pk]
    assert [course.pk for course in response.context["later"]] == [coming.pk]
    assert "Mon 2 March, 09:00 overdue LATE Lea" in text_of(response)
    assert "next visit Mon 9 March, 10:00" in text_of(response)


def test_a_call_says_why_somebody_is_to_call(desk: SimpleNamespace) -> None:
    Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, due=desk.now, appointment=desk.visit)
    rita = desk.team[Role.RECEPTION]
    for verb, by in (("withdrawn", rita), ("wants_a_call", None), ("arrived", rita)):
        JournalEntry.objects.record(verb, course=desk.course, appointment=desk.visit, at=desk.now, by=by)

    page = text_of(as_(desk, Role.RECEPTION).get(reverse("bookings:staff-tasks")))

    assert f"{desk.visit.label}, Mon" in page
    assert "The patient asks to be called (online, Mon 2 March" in page
    assert "withdrawn" not in page


def test_a_call_is_not_explained_by_what_an_earlier_one_settled(desk: SimpleNamespace) -> None:
    JournalEntry.objects.record("wants_a_call", course=desk.course, appointment=desk.visit, at=desk.now, by=None)
    Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, due=desk.now, appointment=desk.visit)
    Task.objects.open().settle(by=None, now=desk.now + timedelta(minutes=1))
    Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, due=desk.now, appointment=desk.visit)

    page = text_of(as_(desk, Role.RECEPTION).get(reverse("bookings:staff-tasks")))

    assert "call the patient back" in page.lower()
    assert "The patient asks to be called" not in page


def test_a_miss_explains_its_call_though_it_settles_another(desk: SimpleNamespace) -> None:
    Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, due=desk.now, appointment=desk.visit)
    visits.miss(desk.visit, by=desk.team[Role.RECEPTION], now=desk.visit.during.lower + timedelta(minutes=30))

    page = text_of(as_(desk, Role.RECEPTION).get(reverse("bookings:staff-tasks")))

    assert page.count("Patient did not come") == 1


def test_of_two_calls_each_has_its_own_reason_and_keeps_it(desk: SimpleNamespace) -> None:
    for verb, kind in (("wants_a_call", Task.Kind.CALL_BACK), ("unanswered", Task.Kind.UNANSWERED)):
        details = {"starts": desk.now} if verb == "unanswered" else {}
        JournalEntry.objects.record(verb, course=desk.course, appointment=desk.visit, at=desk.now, by=None, **details)
        Task.objects.ensure(kind, course=desk.course, due=desk.now, appointment=desk.visit)
    Task.objects.open().filter(kind=Task.Kind.UNANSWERED).settle(by=None, now=desk.now + timedelta(minutes=1))

    page = text_of(as_(desk, Role.RECEPTION).get(reverse("bookings:staff-tasks")))

    assert "The patient asks to be called" in page
    assert "not answered" not in page


def test_a_call_is_not_explained_by_a_miss_that_was_taken_back(desk: SimpleNamespace) -> None:
    rita, late = desk.team[Role.RECEPTION], desk.visit.during.lower + timedelta(minutes=30)
    visits.miss(desk.visit, by=rita, now=late)
    visits.undo(desk.visit, "miss", by=rita, now=late)
    Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, due=desk.now, appointment=desk.visit)

    page = text_of(as_(desk, Role.RECEPTION).get(reverse("bookings:staff-tasks")))

    assert "call the patient back" in page.lower()
    assert "Patient did not come" not in page


def test_tasks_are_ticked_off_except_those_that_close_themselves(desk: SimpleNamespace) -> None:
    call = Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, due=desk.now, appointment=desk.visit)
    review = Task.objects.ensure(Task.Kind.REVIEW_OVERDUE, course=desk.course, due=desk.now)
    client = as_(desk, Role.RECEPTION)
    assert "2 things to do" in text_of(client.get(reverse("bookings:staff-tasks")))

    for _click in (1, 2):
        assert client.post(reverse("bookings:staff-task-done", args=[call.pk])).status_code == 302
    assert client.post(reverse("bookings:staff-task-done", args=[review.pk])).status_code == 404

    call.refresh_from_db()
    assert (call.done_at, call.done_by) == (desk.now, desk.team[Role.RECEPTION])
    assert list(Task.objects.open()) == [review]


@pytest.mark.parametrize("name", ["staff-review", "staff-tasks"])
def test_lists_of_work_ask_the_database_as_often_for_1_line_as_for_30(desk: SimpleNamespace, name: str) -> None:
    client = as_(desk, Role.PRACTITIONER)

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(reverse(f"bookings:{name}")).status_code == 200
        return len(asked)

    Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, due=desk.now, appointment=desk.visit)
    queries()
    few = queries()
    for number in range(30):
        course = make_course(desk.clinic, make_patient("P", f"Petit{number}"), desk.protocol, clearance=Clearance.TO_REVIEW)
        visit = make_visit(course, f"2026-06-{number + 1:02} 10:00", lead=desk.physician)
        Task.objects.ensure(Task.Kind.CALL_BACK, course=course, due=desk.now, appointment=visit)

    assert queries() == few


@pytest.mark.parametrize(
    ("name", "sentence"),
    [("staff-review", "Nothing waits for a physician."), ("staff-tasks", "Nothing to do: the list is at zero.")],
)
def test_a_list_at_zero_is_one_sentence_and_one_button(desk: SimpleNamespace, name: str, sentence: str) -> None:
    Course.objects.filter(pk=desk.course.pk).update(status=CourseStatus.COMPLETED)

    assert f"{sentence} Go to today" in text_of(as_(desk, Role.PRACTITIONER).get(reverse(f"bookings:{name}")))
