"""Two members of the team at once: each step happens once, and never two that exclude each other."""

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Barrier
from time import sleep
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings import placing, visits
from bookings.locking import lock_courses, take_turns
from bookings.models import Appointment, AppointmentStatus, Claim, CourseStatus
from bookings.refusals import CannotUndo, Refusal, WrongState
from clinic.models import Role
from tests import threads
from tests.factories.clinic import make_clinic, make_person, make_room
from tests.factories.visits import at, make_course, make_patient, make_user, make_visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def house() -> SimpleNamespace:
    clinic = make_clinic()
    physician, room = make_person("Dr Roux"), make_room(clinic, "Room 1")
    visit = make_visit(make_course(clinic, make_patient()), "2026-03-02 10:00", lead=physician, others=[room])
    return SimpleNamespace(
        clinic=clinic, room=room, physician=physician, visit=visit, rita=make_user(Role.RECEPTION, clinic), now=ten_past(clinic)
    )


def ten_past(clinic: object) -> datetime:
    return at("2026-03-02 10:10", clinic)


def at_once(jobs: Sequence[Callable[[], object]]) -> list[object]:
    """What each job returned or refused with; any other exception is raised."""
    return threads.at_once(jobs, expected=(Refusal, IntegrityError))


def test_receptionists_who_click_arrived_at_once_note_one_arrival(house: SimpleNamespace) -> None:
    results = at_once([lambda: visits.arrive(house.visit, by=house.rita, now=house.now)] * 8)

    assert {result.status for result in results} == {AppointmentStatus.ARRIVED}
    assert [entry.verb for entry in house.visit.journal.all()] == ["arrived"]


@pytest.mark.parametrize("attempt", range(4))
def test_a_visit_is_never_both_started_and_missed(house: SimpleNamespace, attempt: int) -> None:
    results = at_once(
        [
            lambda: visits.start(house.visit, by=house.rita, now=house.now),
            lambda: visits.miss(house.visit, by=house.rita, now=house.now),
        ]
    )

    assert sorted(type(result) for result in results if isinstance(result, Refusal)) == [WrongState]
    entry = house.visit.journal.get()
    after = Appointment.objects.get(pk=house.visit.pk)
    assert (entry.verb, after.claims.count()) in [("started", 2), ("missed", 0)]


@pytest.mark.parametrize("attempt", range(4))
def test_a_freed_time_goes_to_one_whether_taken_back_or_booked_anew(house: SimpleNamespace, attempt: int) -> None:
    visits.miss(house.visit, by=house.rita, now=house.now)
    other = make_visit(make_course(house.clinic, make_patient("Jean", "Roy")), "2026-03-02 12:00", lead=house.physician)

    def book() -> None:
        with transaction.atomic():
            take_turns([house.room.pk])
            during = DateTimeTZRange(at("2026-03-02 10:15", house.clinic), at("2026-03-02 10:45", house.clinic))
            Claim.objects.create(resource=house.room, during=during, appointment=other)

    results = at_once([lambda: visits.undo(house.visit, "miss", by=house.rita, now=house.now), book])

    claims = set(Claim.objects.filter(resource=house.room).values_list("appointment", flat=True))
    refused = [type(result) for result in results if isinstance(result, Exception)]
    assert (claims, refused) in [({house.visit.pk}, [IntegrityError]), ({other.pk}, [CannotUndo])]


def test_undoing_and_changing_a_course_lock_its_rows_in_one_order(
    house: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A younger hold has run out on the resources of both: undoing that locked it before its own course would deadlock."""
    visits.start(house.visit, by=house.rita, now=house.now)
    visits.complete(house.visit, by=house.rita, now=house.now)
    elsewhere = make_room(house.clinic, "Room 2")
    held = {"status": CourseStatus.HELD, "held_at": house.now, "held_until": house.now, "visitor": "gone"}
    hold = make_course(house.clinic, None, house.visit.course.protocol, **held)
    kept = AppointmentStatus.HELD
    make_visit(hold, "2026-03-05 10:00", lead=house.physician, others=[house.room, elsewhere], status=kept)
    Claim.objects.filter(appointment__course=hold).update(held_until=house.now)
    assert house.visit.course_id < hold.pk
    barrier, real = Barrier(2), placing.make_way

    def make_way(*arguments: object) -> None:
        real(*arguments)
        barrier.wait(timeout=10)
        sleep(0.3)  # the other one is at its locks by now

    def change() -> None:
        with transaction.atomic():
            take_turns({elsewhere.pk})
            barrier.wait(timeout=10)
            lock_courses({house.visit.course_id, hold.pk})

    monkeypatch.setattr(placing, "make_way", make_way)
    results = at_once([lambda: visits.undo(house.visit, "complete", by=house.rita, now=house.now), change])

    assert [type(result) for result in results] == [Appointment, type(None)]
