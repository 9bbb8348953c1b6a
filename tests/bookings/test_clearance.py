"""Who decides on a course, when, and what a yes or a no does."""

from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from bookings import booking, clearance, visits
from bookings.clearance import Outcome, Reason
from bookings.models import Appointment, AppointmentStatus, Claim, Clearance, Course, CourseStatus, Message, Task
from bookings.placing import NO_TIME
from bookings.refusals import AlreadyDecided, ConsultationDecides, NotCleared, OnlyAPhysician, WrongState
from clinic.models import Role
from tests.factories.clinic import make_clinic, make_person, make_room
from tests.factories.visits import at, make_course, make_patient, make_team, make_visit

S = AppointmentStatus

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    clinic = make_clinic()
    cast = SimpleNamespace(
        clinic=clinic,
        physician=make_person("Dr Roux"),
        room=make_room(clinic),
        team=make_team(clinic),
        now=at("2026-03-02 12:00", clinic),
    )
    cast.dora = cast.team[Role.PRACTITIONER]
    waiting = {"clearance": Clearance.TO_REVIEW, "review_due": at("2026-03-04 12:00", clinic)}
    cast.course = make_course(clinic, make_patient(), **waiting)
    cast.session = session(cast, cast.course, "2026-03-09 10:00")
    cast.new = make_course(clinic, make_patient("Nora", "New", email="nora@example.org"), with_consultation=True, **waiting)
    cast.consultation = session(cast, cast.new, "2026-03-02 11:30", number=0, minutes=30)
    cast.later = session(cast, cast.new, "2026-03-20 10:00")
    return cast


@pytest.fixture
def house(shared: SimpleNamespace) -> SimpleNamespace:
    """Monday 2 March 2026, noon: one course whose answers wait for a physician, one that begins with a consultation."""
    return deepcopy(shared)


def session(house: SimpleNamespace, course: Course, starts: str, **fields: Any) -> Any:
    return make_visit(course, starts, lead=house.physician, others=[house.room], **fields)


def in_consultation(house: SimpleNamespace) -> None:
    visits.start(house.consultation, by=house.dora, now=at("2026-03-02 11:30", house.clinic))


# Answers to review


def test_an_accepted_review_clears_the_course_and_keeps_every_date(house: SimpleNamespace) -> None:
    clearance.review(house.course, accept=True, by=house.dora, now=house.now)

    course = Course.objects.get(pk=house.course.pk)
    assert (course.clearance, course.cleared_at, course.cleared_by, course.review_due) == ("cleared", house.now, house.dora, None)
    assert course.appointments.get().claims.count() == 2
    assert [(entry.verb, entry.actor) for entry in course.journal.all()] == [("cleared", house.dora)]


def test_a_refused_review_releases_everything_and_tells_the_patient(
    house: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        clearance.review(house.course, accept=False, by=house.dora, now=house.now, reason=Reason.NOT_NOW)

    course = Course.objects.get(pk=house.course.pk)
    assert (course.clearance, course.status) == (Clearance.REFUSED, CourseStatus.CANCELLED)
    assert course.appointments.get().status == S.CANCELLED
    assert not Claim.objects.filter(appointment__course=course).exists()
    assert [entry.verb for entry in course.journal.all()] == ["refused", "cancelled"]
    assert course.journal.first().details == {"reason": "not_now"}
    assert [message.to for message in mail.outbox] == [["pia@example.org"]]


def test_the_patient_hears_that_the_physician_has_confirmed(
    house: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> None:
    """The first message said that a physician will; at the consultation the patient is in the room."""
    with django_capture_on_commit_callbacks(execute=True):
        clearance.review(house.course, accept=True, by=house.dora, now=house.now)
        in_consultation(house)
        clearance.record_consultation(house.new, Outcome.CLEARED, by=house.dora, now=house.now)

    assert [(message.kind, message.recipient) for message in Message.objects.all()] == [("course_cleared", "pia@example.org")]


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.ASSISTANT, Role.MANAGER])
def test_only_physicians_decide(house: SimpleNamespace, role: str) -> None:
    with pytest.raises(OnlyAPhysician):
        clearance.review(house.course, accept=True, by=house.team[role], now=house.now)
    with pytest.raises(OnlyAPhysician):
        clearance.record_consultation(house.new, Outcome.CLEARED, by=house.team[role], now=house.now)

    assert set(Course.objects.values_list("clearance", flat=True)) == {"to_review"}


def test_saying_the_same_twice_changes_nothing(house: SimpleNamespace) -> None:
    for _click in (1, 2):
        clearance.review(house.course, accept=True, by=house.dora, now=house.now)

    assert house.course.journal.count() == 1


@pytest.mark.parametrize("first", [True, False])
def test_nobody_decides_twice(house: SimpleNamespace, first: bool) -> None:
    clearance.review(house.course, accept=first, by=house.dora, now=house.now)

    with pytest.raises(AlreadyDecided):
        clearance.review(house.course, accept=not first, by=house.dora, now=house.now)


def test_missing_answers_cannot_be_accepted(house: SimpleNamespace) -> None:
    Course.objects.filter(pk=house.course.pk).update(clearance=Clearance.ANSWERS_MISSING, review_due=None)

    with pytest.raises(WrongState):
        clearance.review(house.course, accept=True, by=house.dora, now=house.now)


def test_a_course_that_has_ended_is_not_decided_on(house: SimpleNamespace) -> None:
    Course.objects.filter(pk=house.course.pk).update(status=CourseStatus.CANCELLED)

    with pytest.raises(WrongState):
        clearance.review(house.course, accept=True, by=house.dora, now=house.now)


def test_a_patient_already_in_the_waiting_room_is_sent_home_by_a_no(house: SimpleNamespace) -> None:
    there = at("2026-03-09 09:50", house.clinic)
    visits.arrive(house.session, by=house.team[Role.RECEPTION], now=there)

    clearance.review(house.course, accept=False, by=house.dora, now=there, reason=Reason.NOT_SUITABLE)

    assert house.course.appointments.get().status == S.CANCELLED
    assert not Claim.objects.filter(appointment__course=house.course).exists()


# The consultation


def test_answers_alone_do_not_clear_a_course_that_begins_with_a_consultation(house: SimpleNamespace) -> None:
    with pytest.raises(ConsultationDecides):
        clearance.review(house.new, accept=True, by=house.dora, now=house.now)


def test_a_no_needs_no_consultation(house: SimpleNamespace) -> None:
    clearance.review(house.new, accept=False, by=house.dora, now=at("2026-03-01 09:00", house.clinic), reason=Reason.OTHER_CARE)

    assert set(house.new.appointments.values_list("status", flat=True)) == {S.CANCELLED}


@pytest.mark.parametrize("outcome", [Outcome.CLEARED, Outcome.REFUSED])
def test_an_outcome_is_known_only_once_the_consultation_has_begun(house: SimpleNamespace, outcome: str) -> None:
    visits.arrive(house.consultation, by=house.dora, now=house.now)

    with pytest.raises(ConsultationDecides):
        clearance.record_consultation(house.new, outcome, by=house.dora, now=house.now)

    assert Course.objects.get(pk=house.new.pk).clearance == Clearance.TO_REVIEW


def test_the_outcome_cleared_ends_the_consultation_and_the_course_stands(house: SimpleNamespace) -> None:
    in_consultation(house)

    assert clearance.record_consultation(house.new, Outcome.CLEARED, by=house.dora, now=house.now) == []

    course = Course.objects.get(pk=house.new.pk)
    assert (course.clearance, course.status) == (Clearance.CLEARED, CourseStatus.BOOKED)
    assert [item.status for item in course.appointments.order_by("position")] == [S.COMPLETED, S.BOOKED]
    assert visits.start(house.later, by=house.dora, now=at("2026-03-20 10:00", house.clinic)).status == S.IN_PROGRESS


def test_without_an_outcome_the_first_session_does_not_start(house: SimpleNamespace) -> None:
    in_consultation(house)
    visits.complete(house.consultation, by=house.dora, now=house.now)

    with pytest.raises(NotCleared):
        visits.start(house.later, by=house.dora, now=at("2026-03-20 10:00", house.clinic))


def test_the_outcome_may_be_noted_the_day_after(house: SimpleNamespace) -> None:
    in_consultation(house)

    clearance.record_consultation(house.new, Outcome.CLEARED, by=house.dora, now=house.now + timedelta(days=1))

    house.consultation.refresh_from_db()
    assert (house.consultation.status, house.consultation.ended_at) == (S.COMPLETED, at("2026-03-02 12:00", house.clinic))


def test_the_outcome_refused_releases_every_session_and_tells_the_patient(
    house: SimpleNamespace, django_capture_on_commit_callbacks: Any
) -> None:
    in_consultation(house)

    with django_capture_on_commit_callbacks(execute=True):
        clearance.record_consultation(house.new, Outcome.REFUSED, by=house.dora, now=house.now, reason=Reason.NOT_SUITABLE)

    course = Course.objects.get(pk=house.new.pk)
    assert (course.clearance, course.status) == (Clearance.REFUSED, CourseStatus.CANCELLED)
    assert [item.status for item in course.appointments.order_by("position")] == [S.COMPLETED, S.CANCELLED]
    assert not Claim.objects.filter(appointment=house.later).exists()
    assert [message.to for message in mail.outbox] == [["nora@example.org"]]


# Overdue


def test_an_overdue_decision_becomes_one_task_and_frees_nothing(house: SimpleNamespace) -> None:
    assert clearance.keep_overdue(at("2026-03-04 11:59", house.clinic)) == 0
    assert clearance.keep_overdue(at("2026-03-04 12:00", house.clinic)) == 2
    assert clearance.keep_overdue(at("2026-03-04 12:01", house.clinic)) == 0

    task = Task.objects.open().get(course=house.course)
    assert (task.kind, task.due) == (Task.Kind.REVIEW_OVERDUE, at("2026-03-04 12:00", house.clinic))
    assert house.course.appointments.get().claims.count() == 2


def test_a_decision_closes_its_task(house: SimpleNamespace) -> None:
    late = at("2026-03-05 09:00", house.clinic)
    clearance.keep_overdue(late)

    clearance.review(house.course, accept=True, by=house.dora, now=late)

    task = Task.objects.get(course=house.course)
    assert (task.done_at, task.done_by) == (late, house.dora)


def test_a_course_that_ends_closes_its_task(house: SimpleNamespace) -> None:
    late = at("2026-03-05 09:00", house.clinic)
    clearance.keep_overdue(late)

    booking.end_course(house.course, CourseStatus.CANCELLED, by=house.dora, now=late)

    assert not Task.objects.open().filter(course=house.course).exists()


def test_what_was_decided_meanwhile_is_not_overdue(house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A physician decides between the list of what is overdue and the task."""
    late = at("2026-03-05 09:00", house.clinic)
    lock = clearance.lock_course

    def decide_first(course_id: int) -> Course:
        monkeypatch.setattr(clearance, "lock_course", lock)
        clearance.review(house.course, accept=True, by=house.dora, now=late)
        return lock(course_id)

    monkeypatch.setattr(clearance, "lock_course", decide_first)

    assert clearance.keep_overdue(late) == 1
    assert not Task.objects.filter(course=house.course).exists()


def test_a_consultation_given_up_meanwhile_is_receptions_to_date(house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The patient says they cannot come between the list of what is overdue and the task."""
    lock, late = clearance.lock_course, at("2026-03-05 09:00", house.clinic)

    def give_up_first(course_id: int) -> Course:
        Claim.objects.filter(appointment=house.consultation).delete()
        Appointment.objects.filter(pk=house.consultation.pk).update(status=AppointmentStatus.PLANNED, **NO_TIME)
        return lock(course_id)

    monkeypatch.setattr(clearance, "lock_course", give_up_first)

    clearance.keep_overdue(late)
    assert not Task.objects.filter(course=house.new, kind=Task.Kind.REVIEW_OVERDUE).exists()


def test_a_course_that_needed_no_review_clears_nobody(house: SimpleNamespace) -> None:
    """What a course is by itself (no answer to look at, nobody decided) is not a physician's word for the next."""
    patient, protocol = house.course.patient, house.course.protocol
    Course.objects.filter(pk=house.course.pk).update(clearance=Clearance.CLEARED, cleared_at=house.now, review_due=None)
    assert not Course.objects.cleared_for(patient, protocol, house.now)

    Course.objects.filter(pk=house.course.pk).update(cleared_by=house.dora)
    assert Course.objects.cleared_for(patient, protocol, house.now)


def test_a_missed_consultation_is_not_an_overdue_decision(house: SimpleNamespace) -> None:
    visits.miss(house.consultation, by=house.dora, now=house.now)

    assert clearance.keep_overdue(at("2026-03-04 12:00", house.clinic)) == 1
    assert {task.kind for task in Task.objects.filter(course=house.new)} == {Task.Kind.CALL_BACK}


@pytest.mark.parametrize("change", ["missed", "put off", "ended"])
def test_what_is_overdue_no_longer_is_no_task_any_more(house: SimpleNamespace, change: str) -> None:
    late = at("2026-03-04 12:00", house.clinic)
    assert clearance.keep_overdue(late) == 2

    if change == "missed":
        visits.miss(house.consultation, by=house.dora, now=late)
    elif change == "put off":
        Course.objects.filter(pk=house.new.pk).update(review_due=late + timedelta(days=1))
    else:
        Course.objects.filter(pk=house.new.pk).update(status=CourseStatus.COMPLETED)
    assert clearance.keep_overdue(late + timedelta(seconds=20)) == 0

    overdue = Task.objects.open().filter(kind=Task.Kind.REVIEW_OVERDUE)
    assert [task.course for task in overdue] == [house.course]
