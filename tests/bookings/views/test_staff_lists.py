"""Questions that reception answers, and finding a patient."""

import re
from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bookings.models import CourseStatus, Question
from clinic.models import Role
from tests.factories.visits import make_course, make_desk, make_patient, make_user, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    return make_desk()


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Monday 2 March 2026, half past ten, at the reception of the clinic the site speaks for."""
    desk = deepcopy(shared)
    desk.client = Client(headers={"accept-language": "en"})
    desk.client.force_login(desk.team[Role.RECEPTION])
    monkeypatch.setattr(timezone, "now", lambda: desk.now)
    return desk


def text_of(response: Any) -> str:
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", words.replace("&#x27;", "'").replace("&quot;", '"'))


def see(desk: SimpleNamespace, name: str, *args: Any, **query: Any) -> str:
    response = desk.client.get(reverse(f"bookings:{name}", args=args), query)
    assert response.status_code == 200
    return text_of(response)


# Questions


def ask(name: str = "Nora", **fields: Any) -> Question:
    return Question.objects.create(**{"name": name, "email": "nora@example.org", "text": "Does it hurt?", **fields})


def test_questions_to_answer_come_the_oldest_first(desk: SimpleNamespace) -> None:
    newer, older = ask("Nora"), ask("Omar", phone="+33612345678", text="<b>When?</b>\n\nSoon?")
    Question.objects.filter(pk=older.pk).update(created_at=newer.created_at - timedelta(days=1))

    response = desk.client.get(reverse("bookings:staff-questions"))

    assert "2 questions to answer" in text_of(response)
    assert text_of(response).index("Omar") < text_of(response).index("Nora")
    assert b"&lt;b&gt;When?&lt;/b&gt;" in response.content


def test_a_question_is_ticked_off_once_and_can_come_back(desk: SimpleNamespace) -> None:
    question = ask()
    address = reverse("bookings:staff-question-answered", args=[question.pk])

    for _click in (1, 2):
        assert desk.client.post(address).status_code == 302
    question.refresh_from_db()
    assert (question.answered_at, question.answered_by) == (desk.now, desk.team[Role.RECEPTION])
    assert "Every question is answered. Go to today Answered lately" in see(desk, "staff-questions")

    desk.client.post(address, {"again": "1"})
    question.refresh_from_db()
    assert (question.answered_at, question.answered_by) == (None, None)


def test_questions_are_for_the_clinic_the_site_speaks_for(desk: SimpleNamespace) -> None:
    question, other = ask(), make_desk()
    desk.client.force_login(other.team[Role.RECEPTION])

    assert desk.client.get(reverse("bookings:staff-questions")).status_code == 404
    assert desk.client.post(reverse("bookings:staff-question-answered", args=[question.pk])).status_code == 404


# Finding a patient


@pytest.fixture
def people(desk: SimpleNamespace) -> None:
    for first, last, phone, email in [
        ("Élodie", "Marchand", "+33612345678", "elodie@example.org"),
        ("Jean-Marc", "Petit", "+33699887766", "jm.petit@example.org"),
        ("Zoé", "Zola", "", ""),
    ]:
        make_course(desk.clinic, make_patient(first, last, phone=phone, email=email), desk.protocol)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("march", ["MARCHAND Élodie"]),
        ("elodie", ["MARCHAND Élodie"]),
        ("ÉLODIE marchand", ["MARCHAND Élodie"]),
        ("marchand zoe", []),
        ("zo", ["ZOLA Zoé"]),
        ("06 12 34", ["MARCHAND Élodie"]),
        ("+33 6 99", ["PETIT Jean-Marc"]),
        ("0033699", ["PETIT Jean-Marc"]),
        ("887766", ["PETIT Jean-Marc"]),
        ("000", []),
        ("jm.petit@", ["PETIT Jean-Marc"]),
        ("%%", []),
        ("__", []),
        ("'; --", []),
    ],
)
def test_a_patient_is_found_by_name_phone_or_e_mail(desk: SimpleNamespace, people: None, text: str, found: list[str]) -> None:
    response = desk.client.get(reverse("bookings:staff-patients"), {"q": text})

    assert [str(patient) for patient in response.context["found"]] == found
    if not found:
        assert f"No patient matches “{text}”. Search again" in text_of(response)


@pytest.mark.parametrize("text", ["", "m", "x" * 101, "\x00ab"])
def test_too_little_or_too_much_is_said(desk: SimpleNamespace, people: None, text: str) -> None:
    response = desk.client.get(reverse("bookings:staff-patients"), {"q": text})

    assert response.status_code == 422
    assert b'role="alert"' in response.content


def test_whose_name_begins_so_comes_first(desk: SimpleNamespace) -> None:
    for first, last in [("Adèle", "Abela"), ("Laure", "Zola"), ("Pia", "De La Tour"), ("Delphine", "Blanche")]:
        make_course(desk.clinic, make_patient(first, last), desk.protocol)

    def found(text: str) -> list[str]:
        return [
            patient.last_name for patient in desk.client.get(reverse("bookings:staff-patients"), {"q": text}).context["found"]
        ]

    assert found("de la") == ["De La Tour", "Abela", "Blanche"]
    assert found("la") == ["Zola", "Abela", "Blanche", "De La Tour"]


def test_patients_of_another_clinic_are_not_found(desk: SimpleNamespace, people: None) -> None:
    other = make_desk()
    stranger = make_course(other.clinic, make_patient("Max", "March"), other.protocol).patient

    assert "MARCH Max" not in see(desk, "staff-patients", q="march")
    assert desk.client.get(reverse("bookings:staff-patient", args=[stranger.uuid])).status_code == 404


def test_a_patients_page_shows_this_clinics_courses_the_running_ones_first(desk: SimpleNamespace) -> None:
    patient, other = make_patient(), make_desk()
    make_course(desk.clinic, patient, desk.protocol, status=CourseStatus.COMPLETED)
    running = make_course(desk.clinic, patient, desk.protocol)
    make_visit(running, "2026-03-09 10:00", lead=desk.physician)
    make_course(other.clinic, patient, other.protocol)

    shown = see(desk, "staff-patient", patient.uuid)

    assert "PETIT Pia Born 17 May 1985" in shown
    assert shown.index("cleared booked 0 of 1 sessions done next visit Mon 9 March 2026, 10:00") < shown.index(
        "cleared completed"
    )
    assert shown.count("Exosomes, face") == 2


@pytest.mark.parametrize("name", ["staff-patients", "staff-questions", "staff-patient"])
def test_lists_ask_the_database_as_often_for_1_line_as_for_30(desk: SimpleNamespace, name: str) -> None:
    patient = make_patient()

    def add(number: int) -> None:
        ask(answered_at=desk.now, answered_by=desk.team[Role.RECEPTION])
        ask()
        course = make_course(desk.clinic, make_patient("P", f"Petit{number}"), desk.protocol)
        own = make_course(desk.clinic, patient, desk.protocol, status=CourseStatus.COMPLETED)
        for place, each in enumerate((course, own)):
            make_visit(each, f"2026-{4 + place:02}-{number + 1:02} 10:00", lead=desk.physician)

    def queries() -> int:
        address = reverse(f"bookings:{name}", args=[patient.uuid] if name == "staff-patient" else [])
        with CaptureQueriesContext(connection) as asked:
            assert desk.client.get(address, {"q": "petit"}).status_code == 200
        return len(asked)

    add(0)
    queries()
    few = queries()
    for number in range(1, 30):
        add(number)

    assert queries() == few


def test_who_works_for_no_clinic_yet_sees_nothing(desk: SimpleNamespace) -> None:
    desk.client.force_login(make_user(Role.RECEPTION))

    for name in ("staff-day", "staff-week", "staff-patients", "staff-tasks", "staff-questions"):
        assert desk.client.get(reverse(f"bookings:{name}")).status_code == 403
