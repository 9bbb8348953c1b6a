"""Every address of the team × everyone who might type it. An address missing from the table fails."""

from copy import deepcopy
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from bookings.models import Clearance, Question, Task
from clinic.models import Role
from tests.factories.visits import at, make_course, make_desk, make_patient, make_team, make_user, make_visit

pytestmark = pytest.mark.django_db

TEAM = {Role.RECEPTION, Role.ASSISTANT, Role.PRACTITIONER, Role.MANAGER}
DESK = {Role.RECEPTION, Role.MANAGER}
PHYSICIANS = {Role.PRACTITIONER}

# name -> (method, who may, status for them, whether its row belongs to one clinic); "both": a page, and the form on it
TABLE: dict[str, tuple[str, set[str], int, bool]] = {
    "staff": ("get", TEAM, 302, False),
    "staff-day": ("get", TEAM, 200, False),
    "staff-week": ("get", TEAM, 200, False),
    "staff-appointment": ("get", TEAM, 302, True),
    "staff-appointment-arrive": ("post", TEAM, 302, True),
    "staff-appointment-start": ("post", TEAM, 302, True),
    "staff-appointment-complete": ("post", TEAM, 409, True),
    "staff-appointment-miss": ("post", TEAM, 302, True),
    "staff-appointment-record": ("post", TEAM, 409, True),
    "staff-appointment-undo": ("post", TEAM, 409, True),
    "staff-appointment-reassign": ("post", TEAM, 302, True),
    "staff-absences": ("both", TEAM, 200, False),
    "staff-absence-lift": ("both", TEAM, 302, False),
    "staff-displaced": ("get", TEAM, 200, False),
    "staff-displaced-all": ("post", TEAM, 302, False),
    "staff-appointment-propose": ("post", TEAM, 400, True),
    "staff-displaced-propose": ("post", TEAM, 302, False),
    "staff-offer-accept": ("post", TEAM, 302, True),
    "staff-offer-withdraw": ("post", TEAM, 302, True),
    "staff-course": ("get", TEAM, 200, True),
    "staff-course-answers": ("post", PHYSICIANS, 200, True),
    "staff-course-review": ("post", PHYSICIANS, 422, True),
    "staff-course-outcome": ("post", PHYSICIANS, 422, True),
    "staff-course-keep": ("post", TEAM, 409, True),
    "staff-course-refill": ("both", TEAM, 409, True),
    "staff-course-resume": ("both", TEAM, 422, True),
    "staff-course-pause": ("both", TEAM, 200, True),
    "staff-course-end": ("both", TEAM, 200, True),
    "staff-session-move": ("both", TEAM, 409, True),
    "staff-session-leave-out": ("both", TEAM, 409, True),
    "staff-session-take-up": ("both", TEAM, 409, True),
    "staff-session-cannot-come": ("both", TEAM, 200, True),
    "staff-session-leave-open": ("post", TEAM, 409, True),
    "staff-session-confirm": ("post", TEAM, 400, True),
    "staff-why-not": ("get", TEAM, 200, False),
    "staff-review": ("get", PHYSICIANS, 200, False),
    "staff-patients": ("get", TEAM, 200, False),
    "staff-patient": ("get", TEAM, 200, True),
    "staff-tasks": ("get", TEAM, 200, False),
    "staff-task-done": ("post", TEAM, 302, True),
    "staff-questions": ("get", DESK, 200, False),
    "staff-question-answered": ("post", DESK, 302, True),
}


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    desk = make_desk()
    desk.course = make_course(desk.clinic, make_patient(user=make_user(Role.PATIENT)), desk.protocol, clearance=Clearance.CLEARED)
    desk.visit = make_visit(desk.course, "2026-03-02 10:00", lead=desk.physician)
    desk.task = Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, due=desk.now)
    desk.question = Question.objects.create(name="Nora", email="nora@example.org", text="Does it hurt?")
    return desk


@pytest.fixture
def desk(shared: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """Monday 2 March 2026, half past ten: one visit of today, one task, one question."""
    desk = deepcopy(shared)
    monkeypatch.setattr(timezone, "now", lambda: desk.now)
    return desk


def address(desk: SimpleNamespace, name: str) -> str:
    row = {
        "staff-appointment": desk.visit.uuid,
        "staff-course": desk.course.uuid,
        "staff-patient": desk.course.patient.uuid,
        "staff-task-done": desk.task.pk,
        "staff-question-answered": desk.question.pk,
        "staff-absence-lift": 1,
    }
    found = [key for part, key in row.items() if name == part or name.startswith(f"{part}-")]
    session = [desk.course.uuid, desk.visit.position] if name.startswith("staff-session") else []
    offer = [desk.course.uuid, uuid4()] if name.startswith("staff-offer") else []  # what is gone is no error
    return reverse(f"bookings:{name}", args=session or offer or found[-1:])


def status(desk: SimpleNamespace, user: Any, name: str, method: str | None = None) -> int:
    client = Client()
    if user:
        client.force_login(user)
    wanted = (method or TABLE[name][0]).replace("both", "get")
    code: int = getattr(client, wanted)(address(desk, name)).status_code
    return code


def test_the_table_is_complete() -> None:
    names = {name for name in _names(get_resolver()) if name.startswith("staff")}

    assert names == set(TABLE)


def _names(resolver: Any) -> set[str]:
    names: set[str] = set()
    for pattern in resolver.url_patterns:
        names |= _names(pattern) if hasattr(pattern, "url_patterns") else {pattern.name or ""}
    return names


@pytest.mark.parametrize("name", TABLE)
def test_who_may_and_who_may_not(desk: SimpleNamespace, name: str) -> None:
    method, who, code, one_clinic = TABLE[name]
    strangers = make_team(make_desk().clinic)

    assert status(desk, None, name) == 302  # to the log-in
    assert status(desk, make_user(Role.PATIENT), name) == (302 if name == "staff" else 403)
    assert status(desk, desk.course.patient.user, name) == (302 if name == "staff" else 403)
    for role in TEAM - who:
        assert status(desk, desk.team[role], name) == 403, role
    for role in who if one_clinic else ():
        assert status(desk, strangers[role], name) == 404, role
    for role in sorted(who):
        assert status(desk, desk.team[role], name) == code, role
    other = {"get": "post", "post": "get", "both": "put"}[method]
    assert status(desk, desk.team[min(who)], name, other) == (302 if name == "staff" else 405)


def test_a_stranger_is_sent_to_the_log_in_and_back(desk: SimpleNamespace) -> None:
    response = Client().get(reverse("bookings:staff-day"), {"date": "2026-03-02"})

    assert response["Location"] == "/account/login/?next=/staff/day/%3Fdate%3D2026-03-02"


@pytest.mark.parametrize("name", ["staff-task-done", "staff-question-answered"])
def test_a_number_no_row_can_have_is_not_found(desk: SimpleNamespace, name: str) -> None:
    client = Client()
    client.force_login(desk.team[Role.RECEPTION])

    assert client.post(reverse(f"bookings:{name}", args=[10**30])).status_code == 404


def test_another_clinics_visits_courses_and_work_are_on_no_list(desk: SimpleNamespace) -> None:
    other = make_desk()
    client = Client()
    for role in sorted(TEAM):
        client.force_login(other.team[role])
        for name, (method, who, _code, one_clinic) in TABLE.items():
            if method == "get" and role in who and not one_clinic and name not in ("staff", "staff-questions"):
                response = client.get(reverse(f"bookings:{name}"), {"date": "2026-03-02", "q": "petit"})
                assert response.status_code == 200
                assert b"PETIT" not in response.content, (role, name)


def test_times_are_the_clinics(desk: SimpleNamespace) -> None:
    """A visit at 10:00 in Réunion, which is 7:00 in Paris."""
    there = make_desk()
    there.clinic.timezone = "Indian/Reunion"
    there.clinic.save()
    course = make_course(there.clinic, make_patient("Rose", "Réunion"), there.protocol)
    make_visit(course, "2026-03-02 10:00", lead=there.physician)
    assert at("2026-03-02 10:00", there.clinic) == at("2026-03-02 07:00", desk.clinic)
    client = Client()
    client.force_login(there.team[Role.RECEPTION])

    day = client.get(reverse("bookings:staff-day"), {"date": "2026-03-02"}).content.decode()
    page = client.get(reverse("bookings:staff-course", args=[course.uuid])).content.decode()

    assert ">10:00</time>" in day
    assert "10:00</time>" in page
