"""Who may touch which row."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import Http404

from bookings import access
from bookings.models import Course, CourseStatus
from clinic.models import Clinic, Role, User
from tests.factories.clinic import make_clinic, make_person
from tests.factories.visits import make_course, make_patient, make_protocol, make_user, make_visit

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def house(db) -> Clinic:
    return make_clinic()


@pytest.fixture
def held(house) -> Course:
    return Course.objects.create(
        clinic=house,
        protocol=make_protocol(),
        status=CourseStatus.HELD,
        held_at=NOW,
        held_until=NOW + timedelta(minutes=15),
        visitor="token",
    )


@pytest.fixture
def booked(house) -> Course:
    course = make_course(house, make_patient(user=make_user(Role.PATIENT)), make_protocol())
    make_visit(course, "2026-03-02 10:00", lead=make_person())
    return course


def request_of(rf, session: dict[str, str] | None = None, user: User | AnonymousUser | None = None):
    request = rf.get("/")
    request.session, request.user = session or {}, user or AnonymousUser()
    return request


def test_a_browser_gets_one_token_and_keeps_it(rf):
    request = request_of(rf)

    token = access.visitor_token(request)

    assert len(token) >= 43
    assert access.visitor_token(request) == token == request.session["visitor"]
    assert access.visitor_token(request_of(rf)) != token


def test_the_browser_that_holds_a_course_reaches_it(rf, held):
    assert access.held_course_or_404(request_of(rf, {"visitor": "token"}), held.uuid) == held


@pytest.mark.parametrize("session", [{}, {"visitor": ""}, {"visitor": "other"}, {"hold": "not the course"}])
def test_another_browser_does_not(rf, held, session):
    with pytest.raises(Http404):
        access.held_course_or_404(request_of(rf, session), held.uuid)


def test_the_browser_is_told_that_its_hold_has_ended(rf, held):
    request = request_of(rf)
    access.remember_hold(request, held)
    held.status, held.held_until, held.visitor = CourseStatus.EXPIRED, None, ""
    held.save()

    assert access.held_course_or_404(request, held.uuid) == held
    with pytest.raises(Http404):
        access.held_course_or_404(request_of(rf, {"visitor": "token"}), held.uuid)


def test_a_confirmed_hold_is_reached_by_its_patient_only(rf, booked):
    mine = request_of(rf, {"hold": str(booked.uuid)}, booked.patient.user)

    assert access.held_course_or_404(mine, booked.uuid) == booked
    for session in ({"hold": str(booked.uuid)}, {"visitor": ""}):
        with pytest.raises(Http404):
            access.held_course_or_404(request_of(rf, session, make_user(Role.PATIENT)), booked.uuid)


def test_patients_reach_their_own_rows(booked):
    me, visit = booked.patient.user, booked.appointments.get()

    assert access.own_course_or_404(me, booked.uuid) == booked
    assert access.own_appointment_or_404(me, visit.uuid) == visit
    assert access.own_patient_or_404(me, booked.patient.uuid) == booked.patient
    assert list(access.own_courses(me)) == [booked]


def test_patients_reach_no_others_and_cannot_tell(booked):
    stranger = make_user(Role.PATIENT)
    sentences = set()
    for reach, key in [
        (access.own_course_or_404, booked.uuid),
        (access.own_course_or_404, uuid4()),
    ]:
        with pytest.raises(Http404) as refused:
            reach(stranger, key)
        sentences.add(str(refused.value))

    assert len(sentences) == 1
    with pytest.raises(Http404):
        access.own_appointment_or_404(stranger, booked.appointments.get().uuid)
    with pytest.raises(Http404):
        access.own_patient_or_404(stranger, booked.patient.uuid)


def test_a_file_without_a_log_in_belongs_to_no_anonymous_visitor(house):
    course = make_course(house, make_patient(user=None), make_protocol())

    with pytest.raises(Http404):
        access.own_course_or_404(make_user(Role.PATIENT), course.uuid)


def test_the_team_reaches_the_rows_of_its_clinic_only(booked, house):
    visit = booked.appointments.get()
    here, elsewhere, nowhere = (
        make_user(Role.RECEPTION, house),
        make_user(Role.RECEPTION, make_clinic()),
        make_user(Role.RECEPTION),
    )
    owner = make_user(Role.MANAGER, is_superuser=True)

    for user in (here, owner):
        assert access.clinic_course_or_404(user, booked.uuid) == booked
        assert access.clinic_appointment_or_404(user, visit.uuid) == visit
    for user in (elsewhere, nowhere, booked.patient.user, AnonymousUser()):
        with pytest.raises(Http404):
            access.clinic_course_or_404(user, booked.uuid)
        with pytest.raises(Http404):
            access.clinic_appointment_or_404(user, visit.uuid)
