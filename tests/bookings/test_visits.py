"""The visit as it happens: what may follow what, when, and what it does to the resources."""

from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from bookings import booking, visits
from bookings.models import Appointment, AppointmentStatus, Claim, Clearance, Course, CourseStatus, JournalEntry, Task
from bookings.refusals import CannotUndo, NotCleared, NotToday, NotYetMissed, WrongState
from clinic.models import Role
from tests.factories.clinic import make_clinic, make_device, make_person, make_room
from tests.factories.visits import at, make_course, make_patient, make_user, make_visit

S = AppointmentStatus
MINUTE = timedelta(minutes=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    clinic = make_clinic()
    cast = SimpleNamespace(
        clinic=clinic,
        physician=make_person("Dr Roux"),
        room=make_room(clinic, "Room 1"),
        device=make_device(clinic, "Dermapen 1"),
        rita=make_user(Role.RECEPTION, clinic),
        now=lambda time: at(f"2026-03-02 {time}", clinic),
    )
    cast.course = make_course(clinic, make_patient())
    cast.visit = book(cast)
    make_visit(cast.course, "2026-03-16 10:00", lead=cast.physician, number=2)
    return cast


@pytest.fixture
def house(shared: SimpleNamespace) -> SimpleNamespace:
    """One clinic, one cleared course, and its first session on Monday 2 March 2026, 10:00 to 11:00."""
    return deepcopy(shared)


def book(house: SimpleNamespace, **fields: Any) -> Appointment:
    return make_visit(house.course, "2026-03-02 10:00", lead=house.physician, others=[house.room, house.device], **fields)


def busy(house: SimpleNamespace) -> dict[str, str]:
    """Until when each resource of the visit is claimed, in the clinic's time."""
    claims = Claim.objects.filter(appointment=house.visit).select_related("resource")
    return {claim.resource.name: f"{claim.during.upper.astimezone(house.clinic.zone):%H:%M}" for claim in claims}


ALL_DAY = {"Dr Roux": "11:00", "Room 1": "11:10", "Dermapen 1": "11:10"}


def journal(house: SimpleNamespace) -> list[str]:
    return [entry.verb for entry in house.visit.journal.all()]


# The ordinary day


def test_a_visit_goes_from_arrival_to_start_to_end_with_its_facts(house: SimpleNamespace) -> None:
    visits.arrive(house.visit, by=house.rita, now=house.now("09:50"))
    visits.start(house.visit, by=house.rita, now=house.now("10:05"))
    visits.complete(house.visit, by=house.rita, now=house.now("11:02"))

    house.visit.refresh_from_db()
    assert house.visit.status == S.COMPLETED
    facts = [house.visit.arrived_at, house.visit.started_at, house.visit.ended_at]
    assert facts == [house.now("09:50"), house.now("10:05"), house.now("11:02")]
    assert [(entry.verb, entry.actor, entry.at) for entry in house.visit.journal.all()] == [
        ("arrived", house.rita, house.now("09:50")),
        ("started", house.rita, house.now("10:05")),
        ("completed", house.rita, house.now("11:02")),
    ]


def test_a_visit_may_start_although_nobody_noted_the_arrival(house: SimpleNamespace) -> None:
    visit = visits.start(house.visit, by=house.rita, now=house.now("10:00"))

    assert (visit.status, visit.arrived_at, visit.started_at) == (S.IN_PROGRESS, house.now("10:00"), house.now("10:00"))


STATES = [S.BOOKED, S.ARRIVED, S.IN_PROGRESS, S.COMPLETED, S.MISSED, S.CANCELLED, S.PLANNED, S.SKIPPED]
ALLOWED = {
    "arrive": {S.BOOKED, S.ARRIVED},
    "start": {S.BOOKED, S.ARRIVED, S.IN_PROGRESS},
    "complete": {S.IN_PROGRESS, S.COMPLETED},
    "miss": {S.BOOKED, S.MISSED},
}


@pytest.mark.parametrize("verb", ALLOWED)
def test_nothing_happens_out_of_order(house: SimpleNamespace, verb: str) -> None:
    facts = {S.IN_PROGRESS: {"started_at": house.now("08:00")}}
    facts[S.COMPLETED] = {**facts[S.IN_PROGRESS], "ended_at": house.now("08:20")}
    for number, state in enumerate(STATES, start=3):
        visit = make_visit(
            house.course,
            f"2026-03-02 {number + 8:02}:00",
            lead=house.physician,
            number=number,
            status=state,
            **facts.get(state, {}),
        )
        Appointment.objects.filter(pk=visit.pk).update(number=0)  # no treatment, which would wait for the first

        if state in ALLOWED[verb]:
            getattr(visits, verb)(visit, by=house.rita, now=house.now("20:00"))
        else:
            with pytest.raises(WrongState):
                getattr(visits, verb)(visit, by=house.rita, now=house.now("20:00"))
        visit.refresh_from_db()
        assert visit.status == (visits.STEPS[verb].after if state in ALLOWED[verb] else state)


@pytest.mark.parametrize("verb", ["arrive", "start", "miss"])
def test_saying_the_same_twice_changes_nothing(house: SimpleNamespace, verb: str) -> None:
    step = getattr(visits, verb)
    first = step(house.visit, by=house.rita, now=house.now("10:10"))
    second = step(house.visit, by=house.rita, now=house.now("10:11"))

    assert (second.arrived_at, second.started_at) == (first.arrived_at, first.started_at)
    assert journal(house) == [visits.STEPS[verb].past]


def test_a_visit_begins_on_its_own_day_only(house: SimpleNamespace) -> None:
    for moment in ("2026-03-01 23:59", "2026-03-03 00:00"):
        with pytest.raises(NotToday) as refused, translation.override("en"):
            visits.arrive(house.visit, by=house.rita, now=at(moment, house.clinic))
        assert str(refused.value.sentence).startswith("This visit is on 2 March 2026.")

    with pytest.raises(NotToday):
        visits.start(house.visit, by=house.rita, now=at("2026-03-03 10:00", house.clinic))


def test_the_day_is_the_clinics_not_utcs(house: SimpleNamespace) -> None:
    late = make_visit(house.course, "2026-03-05 00:30", lead=house.physician, number=3)  # 4 March, 23:30 UTC

    assert visits.arrive(late, by=house.rita, now=at("2026-03-05 00:20", house.clinic)).status == S.ARRIVED


# Clearance: needling is a medical act


@pytest.mark.parametrize("clearance", [Clearance.TO_REVIEW, Clearance.ANSWERS_MISSING, Clearance.REFUSED])
def test_no_needling_starts_before_a_physician_cleared_the_course(house: SimpleNamespace, clearance: str) -> None:
    Course.objects.filter(pk=house.course.pk).update(clearance=clearance)
    visits.arrive(house.visit, by=house.rita, now=house.now("09:55"))

    with pytest.raises(NotCleared):
        visits.start(house.visit, by=house.rita, now=house.now("10:00"))

    assert Appointment.objects.get(pk=house.visit.pk).status == S.ARRIVED


def test_the_consultation_starts_on_an_uncleared_course(house: SimpleNamespace) -> None:
    Course.objects.filter(pk=house.course.pk).update(clearance=Clearance.TO_REVIEW)
    consultation = make_visit(house.course, "2026-03-02 14:00", lead=house.physician, number=0, minutes=30)

    assert visits.start(consultation, by=house.rita, now=house.now("14:00")).status == S.IN_PROGRESS


@pytest.mark.parametrize("status", [S.IN_PROGRESS, S.COMPLETED])
def test_the_database_itself_refuses_needling_on_an_uncleared_course(house: SimpleNamespace, status: str) -> None:
    Course.objects.filter(pk=house.course.pk).update(clearance=Clearance.TO_REVIEW)
    facts = {"started_at": house.now("10:00"), "ended_at": house.now("11:00") if status == S.COMPLETED else None}

    with pytest.raises(IntegrityError, match="cleared") as error, transaction.atomic():
        Appointment.objects.filter(pk=house.visit.pk).update(status=status, **facts)

    assert error.value.__cause__.diag.constraint_name == "no_needling_without_clearance"


# The end, and what it frees


def test_ending_early_frees_what_is_left_from_the_next_five_minutes_but_not_the_clean_up(house: SimpleNamespace) -> None:
    visits.start(house.visit, by=house.rita, now=house.now("10:00"))
    visits.complete(house.visit, by=house.rita, now=house.now("10:32"))

    assert busy(house) == {"Dr Roux": "10:35", "Room 1": "10:45", "Dermapen 1": "10:45"}


def test_running_late_stretches_nothing(house: SimpleNamespace) -> None:
    visits.start(house.visit, by=house.rita, now=house.now("10:00"))
    visits.complete(house.visit, by=house.rita, now=house.now("11:40"))

    assert busy(house) == ALL_DAY


def test_a_visit_takes_some_time_even_if_two_clicks_do_not(house: SimpleNamespace) -> None:
    visits.start(house.visit, by=house.rita, now=house.now("10:00"))
    visit = visits.complete(house.visit, by=house.rita, now=house.now("10:00"))

    assert visit.ended_at == house.now("10:01")


def test_the_last_visit_completes_the_course(house: SimpleNamespace) -> None:
    second = house.course.appointments.get(number=2)
    visits.start(house.visit, by=house.rita, now=house.now("10:00"))
    visits.complete(house.visit, by=house.rita, now=house.now("11:00"))
    house.course.refresh_from_db()
    assert house.course.status == CourseStatus.BOOKED

    there = at("2026-03-16 10:00", house.clinic)
    visits.start(second, by=house.rita, now=there)
    visits.complete(second, by=house.rita, now=there + 50 * MINUTE)
    house.course.refresh_from_db()
    assert house.course.status == CourseStatus.COMPLETED

    visits.undo(second, "complete", by=house.rita, now=there + 51 * MINUTE)
    house.course.refresh_from_db()
    assert house.course.status == CourseStatus.BOOKED


# The day after


def test_what_nobody_noted_can_be_recorded_the_day_after_as_it_was_planned(house: SimpleNamespace) -> None:
    visit = visits.record(house.visit, by=house.rita, now=at("2026-03-03 08:30", house.clinic))

    assert visit.status == S.COMPLETED
    assert (visit.arrived_at, visit.started_at, visit.ended_at) == (house.now("10:00"), house.now("10:00"), house.now("11:00"))
    assert busy(house) == ALL_DAY


def test_today_is_not_recorded_from_memory(house: SimpleNamespace) -> None:
    with pytest.raises(NotToday):
        visits.record(house.visit, by=house.rita, now=house.now("18:00"))


def test_an_uncleared_course_cannot_be_recorded_as_done_either(house: SimpleNamespace) -> None:
    Course.objects.filter(pk=house.course.pk).update(clearance=Clearance.TO_REVIEW)

    with pytest.raises(NotCleared):
        visits.record(house.visit, by=house.rita, now=at("2026-03-03 08:30", house.clinic))


# Missed


def test_a_missed_visit_frees_its_time_and_asks_for_a_call(house: SimpleNamespace) -> None:
    visit = visits.miss(house.visit, by=house.rita, now=house.now("10:20"))

    assert (visit.status, visit.during, visit.lead, busy(house)) == (S.MISSED, None, None, {})
    assert [(task.kind, task.appointment, task.due) for task in Task.objects.open()] == [
        (Task.Kind.CALL_BACK, visit, house.now("10:20"))
    ]
    entry = JournalEntry.objects.get(verb="missed")
    assert (entry.details["starts"], entry.details["ends"]) == ("2026-03-02T09:00:00Z", "2026-03-02T10:00:00Z")


def test_nobody_misses_a_visit_before_it_begins(house: SimpleNamespace) -> None:
    with pytest.raises(NotYetMissed):
        visits.miss(house.visit, by=house.rita, now=house.now("09:59"))

    assert busy(house) == ALL_DAY


def test_a_miss_may_be_noted_the_day_after(house: SimpleNamespace) -> None:
    assert visits.miss(house.visit, by=house.rita, now=at("2026-03-03 09:00", house.clinic)).status == S.MISSED


# Undo


@pytest.mark.parametrize(
    ("before", "verb"), [([], "arrive"), (["arrive"], "start"), ([], "start"), (["arrive", "start"], "complete"), ([], "miss")]
)
def test_every_step_can_be_undone_and_leaves_everything_as_it_was(house: SimpleNamespace, before: list[str], verb: str) -> None:
    for step in before:
        getattr(visits, step)(house.visit, by=house.rita, now=house.now("10:10"))
    was = Appointment.objects.filter(pk=house.visit.pk).values().get()
    getattr(visits, verb)(house.visit, by=house.rita, now=house.now("10:20"))

    visits.undo(house.visit, verb, by=house.rita, now=house.now("10:20") + MINUTE)

    assert Appointment.objects.filter(pk=house.visit.pk).values().get() == was
    assert busy(house) == ALL_DAY
    assert not Task.objects.open().exists()
    assert journal(house)[-2:] == [visits.STEPS[verb].past, "undone"]


def test_a_minute_later_it_is_too_late_to_undo(house: SimpleNamespace) -> None:
    visits.miss(house.visit, by=house.rita, now=house.now("10:20"))

    with pytest.raises(CannotUndo):
        visits.undo(house.visit, "miss", by=house.rita, now=house.now("10:21") + timedelta(seconds=1))

    assert busy(house) == {}


def test_only_the_last_step_is_undone(house: SimpleNamespace) -> None:
    visits.arrive(house.visit, by=house.rita, now=house.now("10:00"))
    visits.start(house.visit, by=house.rita, now=house.now("10:00"))

    with pytest.raises(CannotUndo):
        visits.undo(house.visit, "arrive", by=house.rita, now=house.now("10:00"))

    assert Appointment.objects.get(pk=house.visit.pk).status == S.IN_PROGRESS


def test_steps_are_undone_one_after_the_other_the_last_first(house: SimpleNamespace) -> None:
    """Two clicks too many, 350 ms apart: both are taken back, each a second time without harm."""
    now = house.now("10:00")
    was = Appointment.objects.filter(pk=house.visit.pk).values().get()
    visits.arrive(house.visit, by=house.rita, now=now)
    visits.start(house.visit, by=house.rita, now=now)

    for verb in ("start", "start", "arrive", "arrive"):
        visits.undo(house.visit, verb, by=house.rita, now=now)

    assert Appointment.objects.filter(pk=house.visit.pk).values().get() == was
    assert journal(house) == ["arrived", "started", "undone", "undone"]


def test_what_was_undone_and_done_again_can_be_undone_again(house: SimpleNamespace) -> None:
    now = house.now("10:00")
    for verb in ("arrive", "start"):
        getattr(visits, verb)(house.visit, by=house.rita, now=now)
        visits.undo(house.visit, verb, by=house.rita, now=now)
        getattr(visits, verb)(house.visit, by=house.rita, now=now)
    visits.undo(house.visit, "start", by=house.rita, now=now)
    visits.undo(house.visit, "arrive", by=house.rita, now=now)

    assert Appointment.objects.get(pk=house.visit.pk).status == S.BOOKED


def test_who_was_noted_as_arrived_by_mistake_can_be_taken_back_all_day_and_then_be_missed(house: SimpleNamespace) -> None:
    visits.arrive(house.visit, by=house.rita, now=house.now("09:50"))
    visits.undo(house.visit, "arrive", by=house.rita, now=house.now("12:30"))

    assert visits.miss(house.visit, by=house.rita, now=house.now("12:31")).status == S.MISSED


def test_a_call_asked_for_again_meanwhile_is_asked_for_once(house: SimpleNamespace) -> None:
    first = Task.objects.ensure(Task.Kind.CALL_BACK, course=house.course, appointment=house.visit, due=house.now("09:00"))
    visits.arrive(house.visit, by=house.rita, now=house.now("09:50"))
    again = Task.objects.ensure(Task.Kind.CALL_BACK, course=house.course, appointment=house.visit, due=house.now("10:00"))

    visits.undo(house.visit, "arrive", by=house.rita, now=house.now("12:00"))

    assert first != again
    assert list(Task.objects.open()) == [again]


def test_undoing_twice_undoes_once(house: SimpleNamespace) -> None:
    visits.arrive(house.visit, by=house.rita, now=house.now("10:00"))
    for _click in (1, 2):
        visits.undo(house.visit, "arrive", by=house.rita, now=house.now("10:00"))

    assert journal(house) == ["arrived", "undone"]


@pytest.mark.parametrize("verb", ["arrive", "juggle"])
def test_there_must_be_something_to_undo(house: SimpleNamespace, verb: str) -> None:
    with pytest.raises(CannotUndo):
        visits.undo(house.visit, verb, by=house.rita, now=house.now("10:00"))


def test_a_time_that_someone_else_has_by_now_is_not_taken_back(house: SimpleNamespace) -> None:
    visits.miss(house.visit, by=house.rita, now=house.now("10:20"))
    other = make_course(house.clinic, make_patient("Jean", "Roy"))
    make_visit(other, "2026-03-02 10:25", lead=house.physician, minutes=30)

    with pytest.raises(CannotUndo):
        visits.undo(house.visit, "miss", by=house.rita, now=house.now("10:20"))

    assert Appointment.objects.get(pk=house.visit.pk).status == S.MISSED
    assert busy(house) == {}
    assert journal(house) == ["missed"]


def test_a_miss_is_not_undone_once_the_course_has_ended(house: SimpleNamespace) -> None:
    visits.miss(house.visit, by=house.rita, now=house.now("10:20"))
    booking.end_course(house.course, CourseStatus.CANCELLED, by=house.rita, now=house.now("10:20"))

    with pytest.raises(CannotUndo):
        visits.undo(house.visit, "miss", by=house.rita, now=house.now("10:21"))
    assert not Claim.objects.exists()


def test_an_undo_takes_the_place_of_a_hold_that_has_run_out(house: SimpleNamespace) -> None:
    visits.miss(house.visit, by=house.rita, now=house.now("10:20"))
    until = house.now("10:20") + MINUTE / 2
    held = Course.objects.create(
        clinic=house.clinic, protocol=house.course.protocol, visitor="v", held_at=house.now("10:05"), held_until=until
    )
    held.zones.set(held.protocol.zones.all())
    row = make_visit(held, "2026-03-02 10:00", lead=house.physician, status=S.HELD)
    Claim.objects.filter(appointment=row).update(held_until=until)

    visits.undo(house.visit, "miss", by=house.rita, now=house.now("10:21"))

    assert busy(house) == ALL_DAY
    assert Course.objects.get(pk=held.pk).status == CourseStatus.EXPIRED
