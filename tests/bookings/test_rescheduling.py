"""Changing a running course. The numbered tests are the rules of re-flow, one by one."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, datetime, timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from bookings import booking, placing, proposals, rescheduling, screening, visits
from bookings.models import Appointment, AppointmentStatus, Claim, Course, CourseStatus, JournalEntry, Message, Task
from bookings.models.states import OPEN
from bookings.refusals import (
    CannotUndo,
    CoreSession,
    FirstVisitMissing,
    LaterSessionBegun,
    LostMeanwhile,
    NoCourseFits,
    OutsideWindow,
    PlanChanged,
    Refusal,
    SlotTaken,
    SlotUnavailable,
    TooEarly,
    TooLateToMove,
    WaitsForACall,
    WrongState,
)
from clinic.models import Role, User
from tests.factories.clinic import make_closure
from tests.factories.courses import House, open_house
from tests.factories.visits import make_patient, make_user

S = AppointmentStatus
CORE, OPTIONAL, HALF_YEAR, YEAR = range(5), 5, 6, 7  # positions in a course without a consultation

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    course = cleared(house.book(make_patient()))
    return SimpleNamespace(house=house, course=course, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def house(shared: SimpleNamespace) -> House:
    """Open every day, holidays too, for two years: targets and dates agree, so that what moves is what has to."""
    return deepcopy(shared.house)


@pytest.fixture
def course(shared: SimpleNamespace) -> Course:
    """Booked from Monday 2 March 2026, 10:00: 2, 16, 30 March, 30 April, 30 May, 30 June, 30 December, 30 June 2027."""
    return deepcopy(shared.course)


@pytest.fixture
def rita(shared: SimpleNamespace) -> User:
    return deepcopy(shared.rita)


def cleared(course: Course) -> Course:
    Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at="2026-02-23T08:00Z")
    return Course.objects.get(pk=course.pk)


def days(course: Course) -> list[date | None]:
    rows = course.appointments.order_by("position")
    return [row.during.lower.date() if row.during else None for row in rows]


def targets(course: Course) -> list[date]:
    return list(course.appointments.order_by("position").values_list("target", flat=True))


def stored() -> list[tuple[object, ...]]:
    rows = Appointment.objects.order_by("pk").values_list("pk", "status", "during", "target")
    return [*rows, *Claim.objects.order_by("pk").values_list("pk", "resource", "during")]


def take_place(house: House, course: Course, position: int, by: User) -> None:
    """The session happened at its time."""
    visit = course.appointments.get(position=position)
    assert visit.during is not None
    visits.start(visit, by=by, now=visit.during.lower)
    visits.complete(visit, by=by, now=visit.during.upper)


def has_every_claim(course: Course) -> bool:
    timed = course.appointments.filter(during__isnull=False, status__in=OPEN)
    return all({claim.resource.kind for claim in row.claims.all()} == {"person", "room", "device"} for row in timed)


BOOKED = [
    date(2026, 3, 2),
    date(2026, 3, 16),
    date(2026, 3, 30),
    date(2026, 4, 30),
    date(2026, 5, 30),
    date(2026, 6, 30),
    date(2026, 12, 30),
    date(2027, 6, 30),
]


def test_the_course_the_other_tests_change(course: Course) -> None:
    assert days(course) == BOOKED


# 1 Ideal days are counted from the actual dates; what still lies in its window stays


def test_rule_1_what_still_lies_in_its_window_stays(house: House, course: Course, rita: User) -> None:
    """Session 2 a day later: session 3 is a day early then, still within its window, and so is everything else."""
    reflow = rescheduling.move(course, 1, house.slot("2026-03-17 10:00"), now=house.now)
    rescheduling.apply(reflow, by=rita, now=house.now)

    assert [change.position for change in reflow.moved] == [1]
    assert days(course) == [BOOKED[0], date(2026, 3, 17), *BOOKED[2:]]
    assert targets(course)[2] == date(2026, 3, 31)
    assert has_every_claim(course)


def test_rule_1_only_the_others_move(house: House, course: Course, rita: User) -> None:
    """Session 2 five days later: 30 March is now two days too early for session 3, which alone follows."""
    reflow = rescheduling.move(course, 1, house.slot("2026-03-21 10:00"), now=house.now)
    rescheduling.apply(reflow, by=rita, now=house.now)

    assert [change.position for change in reflow.moved] == [1, 2]
    assert days(course)[:4] == [BOOKED[0], date(2026, 3, 21), date(2026, 4, 4), BOOKED[3]]


def test_rule_1_what_stays_is_not_looked_at_again_however_near(house: House, course: Course, rita: User) -> None:
    """Ten minutes before session 1, and with its room closed: session 2 can still be moved."""
    now = house.at("2026-03-02 09:50")
    make_closure(house.clinic, house.at("2026-03-02 00:00"), house.at("2026-03-03 00:00"))
    claims = set(Claim.objects.filter(appointment__position=0))

    rescheduling.apply(rescheduling.move(course, 1, house.slot("2026-03-17 10:00"), now=now), by=rita, now=now)

    assert days(course)[:2] == [BOOKED[0], date(2026, 3, 17)]
    assert set(Claim.objects.filter(appointment__position=0)) == claims


# 2 Before and after, and whole or not at all


def test_rule_2_the_change_is_shown_before_and_nothing_is_stored(house: House, course: Course) -> None:
    before = stored()

    reflow = rescheduling.move(course, 1, house.slot("2026-03-21 10:00"), now=house.now)

    second = reflow.changes[1]
    assert (second.label, second.before, second.after) == (
        "Session 2",
        house.at("2026-03-16 10:00"),
        house.at("2026-03-21 10:00"),
    )
    assert stored() == before


def test_rule_2_a_date_lost_meanwhile_leaves_everything_as_it_was(house: House, course: Course, rita: User) -> None:
    reflow = rescheduling.move(course, 1, house.slot("2026-03-21 10:00"), now=house.now)
    house.hold(house.propose("2026-03-21 10:00"))
    before = stored()

    with pytest.raises(SlotTaken):
        rescheduling.apply(reflow, by=rita, now=house.now)
    assert stored() == before


def test_rule_2_a_failure_on_the_way_leaves_everything_as_it_was(
    house: House, course: Course, rita: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    reflow = rescheduling.move(course, 1, house.slot("2026-03-21 10:00"), now=house.now)
    before, journal = stored(), JournalEntry.objects.count()

    def fail(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(Claim.objects, "bulk_create", fail)
    with pytest.raises(RuntimeError):
        rescheduling.apply(reflow, by=rita, now=house.now)
    assert (stored(), JournalEntry.objects.count()) == (before, journal)


def test_rule_2_what_was_computed_before_another_change_is_refused(house: House, course: Course, rita: User) -> None:
    """Two people move sessions of one course: the second is told, and the first's change stands."""
    first = rescheduling.move(course, 1, house.slot("2026-03-17 10:00"), now=house.now)
    second = rescheduling.move(course, 3, house.slot("2026-05-02 10:00"), now=house.now)
    rescheduling.apply(first, by=rita, now=house.now)

    with pytest.raises(PlanChanged):
        rescheduling.apply(second, by=rita, now=house.now)
    assert days(course) == [BOOKED[0], date(2026, 3, 17), *BOOKED[2:]]


def test_rule_2_what_was_computed_before_a_session_took_place_is_refused(house: House, course: Course, rita: User) -> None:
    reflow = rescheduling.move(course, 1, house.slot("2026-03-18 10:00"), now=house.now)
    take_place(house, course, 0, rita)

    with pytest.raises(PlanChanged):
        rescheduling.apply(reflow, by=rita, now=house.at("2026-03-03 10:00"))


def test_rule_2_a_visit_that_is_noted_meanwhile_does_not_move_any_more(house: House, course: Course, rita: User) -> None:
    """It began at ten and nobody had noted it; while it is being moved to the afternoon, the patient is said to be here."""
    now = house.at("2026-03-02 10:05")
    reflow = rescheduling.move(course, 0, house.slot("2026-03-02 15:00"), now=now)
    visits.arrive(course.appointments.get(position=0), by=rita, now=now)
    before = stored()

    with pytest.raises(PlanChanged):
        rescheduling.apply(reflow, by=rita, now=now)
    assert stored() == before


def test_rule_2_only_what_was_agreed_to_is_applied(house: House, course: Course, rita: User) -> None:
    reflow = rescheduling.move(course, 1, house.slot("2026-03-18 10:00"), now=house.now)

    with pytest.raises(PlanChanged):
        rescheduling.apply(reflow, by=rita, now=house.now, accepted={**reflow.proposal.slots, 1: house.slot("2026-03-19 10:00")})
    rescheduling.apply(reflow, by=rita, now=house.now, accepted=reflow.proposal.slots)


# 3 One message for the new series


def test_rule_3_one_message_tells_all_that_moved(
    house: House, course: Course, rita: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    reflow = rescheduling.move(course, 1, house.slot("2026-03-21 10:00"), now=house.now)
    with django_capture_on_commit_callbacks(execute=True):
        rescheduling.apply(reflow, by=rita, now=house.now)

    assert [message.kind for message in Message.objects.filter(course=course)] == ["course_changed"]
    assert course.journal.get(verb="replanned").details["moves"][0]["position"] == 1


# 4 Late


def test_rule_4_a_late_course_may_use_its_windows_to_the_end(house: House, course: Course, rita: User) -> None:
    """Session 2 missed and only noticed eight days later: past soft max, but not yet past hard max."""
    take_place(house, course, 0, rita)
    visits.miss(course.appointments.get(position=1), by=rita, now=house.at("2026-03-16 11:00"))

    later = house.at("2026-03-25 09:00")
    rescheduling.apply(rescheduling.refill(course, now=later), by=rita, now=later)

    assert date(2026, 3, 25) <= days(course)[1] <= date(2026, 3, 30)
    assert course.appointments.get(position=1).status == S.BOOKED


def test_rule_4_past_hard_max_a_physician_decides(house: House, course: Course, rita: User) -> None:
    take_place(house, course, 0, rita)
    visits.miss(course.appointments.get(position=1), by=rita, now=house.at("2026-03-16 11:00"))
    visits.miss(course.appointments.get(position=2), by=rita, now=house.at("2026-03-30 11:00"))
    too_late = house.at("2026-04-02 09:00")

    with pytest.raises(NoCourseFits) as refused:
        rescheduling.refill(course, now=too_late)
    rescheduling.leave_open(course, refused.value.details["position"], by=rita, now=too_late)

    assert [row.status for row in course.appointments.order_by("position")] == [S.COMPLETED, S.MISSED, S.MISSED, *[S.PLANNED] * 5]
    assert not Claim.objects.filter(appointment__course=course, appointment__status__in=OPEN).exists()
    assert Task.objects.open().filter(course=course, kind=Task.Kind.NO_PLACE).count() == 1
    rescheduling.leave_open(course, 1, by=rita, now=too_late)  # a second click
    assert JournalEntry.objects.filter(course=course, verb="left_open").count() == 1


def test_nothing_is_left_open_that_can_have_a_date(house: House, course: Course, rita: User) -> None:
    """Whatever position the form names: one with a date, one that can have one, one that took place."""
    take_place(house, course, 0, rita)
    rescheduling.cannot_come(course.appointments.get(position=2), by=rita, now=house.at("2026-03-03 09:00"))
    before = stored()

    for position in (0, 1, 2):
        with pytest.raises(WrongState):
            rescheduling.leave_open(course, position, by=rita, now=house.at("2026-03-03 10:00"))
    assert stored() == before


def test_a_patient_stays_within_the_rhythm(house: House, course: Course) -> None:
    for text in ("2026-03-14 10:00", "2026-03-24 10:00"):
        with pytest.raises(OutsideWindow):
            rescheduling.move(course, 1, house.slot(text), now=house.now)


def test_the_team_may_go_to_hard_max_and_no_further(house: House, course: Course) -> None:
    reflow = rescheduling.move(course, 1, house.slot("2026-03-30 12:30"), now=house.now, late=True)
    assert reflow.changes[1].after == house.at("2026-03-30 12:30")

    with pytest.raises(OutsideWindow):
        rescheduling.move(course, 1, house.slot("2026-03-31 10:00"), now=house.now, late=True)


def test_no_earlier_session_moves_for_a_later_one(house: House, course: Course) -> None:
    """Session 1 a day later would let session 2 be on the 24th; but what comes before stays."""
    with pytest.raises(OutsideWindow):
        rescheduling.move(course, 1, house.slot("2026-03-24 10:00"), now=house.now)


# 5 Missed


def test_rule_5_a_missed_session_gets_a_date_again(house: House, course: Course, rita: User) -> None:
    take_place(house, course, 0, rita)
    visits.miss(course.appointments.get(position=1), by=rita, now=house.at("2026-03-16 11:00"))

    now = house.at("2026-03-16 12:00")
    reflow = rescheduling.refill(course, now=now)
    rescheduling.apply(reflow, by=rita, now=now)

    session = course.appointments.get(position=1)
    assert (session.status, reflow.changes[0].before) == (S.BOOKED, None)
    assert now < session.during.lower < house.at("2026-03-24 00:00")
    assert course.journal.filter(verb="missed").count() == 1
    assert has_every_claim(course)


def test_rule_5_without_its_first_session_the_course_pauses_and_gives_its_dates_back_after_two_days(
    house: House, course: Course, rita: User
) -> None:
    visits.miss(course.appointments.get(position=0), by=rita, now=house.at("2026-03-02 11:00"))
    course.refresh_from_db()
    assert (course.status, course.release_at) == (CourseStatus.SUSPENDED, house.at("2026-03-04 11:00"))

    assert rescheduling.release_abandoned(house.at("2026-03-04 10:59")) == 0
    assert days(course) == [None, *BOOKED[1:]]
    assert rescheduling.release_abandoned(house.at("2026-03-04 11:00")) == 1
    assert rescheduling.release_abandoned(house.at("2026-03-04 11:01")) == 0

    course.refresh_from_db()
    assert (course.status, course.release_at, days(course)) == (CourseStatus.SUSPENDED, None, [None] * 8)
    assert not Claim.objects.filter(appointment__course=course).exists()


def test_rule_5_reception_keeps_the_dates_and_finds_another_first_session(house: House, course: Course, rita: User) -> None:
    visits.miss(course.appointments.get(position=0), by=rita, now=house.at("2026-03-02 11:00"))
    course.refresh_from_db()
    rescheduling.keep_dates(course, by=rita, now=house.at("2026-03-03 09:00"))

    assert rescheduling.release_abandoned(house.at("2026-03-05 11:00")) == 0
    course.refresh_from_db()
    now = house.at("2026-03-03 09:00")
    rescheduling.apply(rescheduling.refill(course, now=now), by=rita, now=now)
    assert days(course)[0] == date(2026, 3, 3)  # the next day: then 16 March is still in the window of session 2
    assert days(course)[1:] == BOOKED[1:]
    with pytest.raises(WrongState):
        rescheduling.keep_dates(course, by=rita, now=now)


def test_rule_5_a_miss_undone_goes_on_as_if_nothing_had_been(house: House, course: Course, rita: User) -> None:
    visit, now = course.appointments.get(position=0), house.at("2026-03-02 11:00")
    visits.miss(visit, by=rita, now=now)
    visits.undo(visit, "miss", by=rita, now=now + timedelta(seconds=30))

    course.refresh_from_db()
    assert (course.status, course.release_at, days(course)) == (CourseStatus.BOOKED, None, BOOKED)


def test_rule_5_a_miss_is_not_undone_once_the_course_was_paused_for_good(house: House, course: Course, rita: User) -> None:
    visit, now = course.appointments.get(position=0), house.at("2026-03-02 11:00")
    visits.miss(visit, by=rita, now=now)
    rescheduling.suspend(course, by=rita, now=now)

    with pytest.raises(CannotUndo):
        visits.undo(visit, "miss", by=rita, now=now + timedelta(seconds=30))
    course.refresh_from_db()
    assert (course.status, days(course)) == (CourseStatus.SUSPENDED, [None] * 8)


def test_a_later_session_missed_does_not_pause_the_course(house: House, course: Course, rita: User) -> None:
    take_place(house, course, 0, rita)
    visits.miss(course.appointments.get(position=1), by=rita, now=house.at("2026-03-16 11:00"))

    course.refresh_from_db()
    assert course.status == CourseStatus.BOOKED


# 6 Cannot come, leave out


def test_rule_6_who_cannot_come_frees_the_time_however_late_and_is_called(house: House, course: Course) -> None:
    visit, now = course.appointments.get(position=1), house.at("2026-03-16 09:50")
    pia = make_user(Role.PATIENT)
    with pytest.raises(TooLateToMove):
        rescheduling.check_online(visit, now=now)

    for _twice in range(2):
        rescheduling.cannot_come(visit, by=pia, now=now)

    assert course.appointments.get(position=1).status == S.PLANNED
    assert not visit.claims.exists()
    assert Task.objects.open().filter(course=course, kind=Task.Kind.CANNOT_COME, appointment=visit).count() == 1
    assert days(course)[2:] == BOOKED[2:]


def test_rule_6_a_day_that_was_given_up_is_not_proposed_again(house: House, course: Course, rita: User) -> None:
    """Said of session 2 twice: neither day comes back by itself, though both are free, and on the phone either can be chosen."""
    given_up = []
    for _ in range(2):
        visit = course.appointments.get(position=1)
        given_up.append(visit.during.lower.date())
        rescheduling.cannot_come(visit, by=rita, now=house.now)
        assert not {option.offer.starts.date() for option in rescheduling.options(course, 1, now=house.now)} & set(given_up)
        rescheduling.apply(rescheduling.refill(course, now=house.now), by=rita, now=house.now)

    assert days(course)[1] not in given_up
    back = rescheduling.move(course, 1, house.slot(f"{given_up[0]} 10:00"), now=house.now)
    assert back.changes[1].after == house.at(f"{given_up[0]} 10:00")


def test_until_the_clinics_notice_patients_move_themselves(house: House, course: Course) -> None:
    visit = course.appointments.get(position=1)
    rescheduling.check_online(visit, now=house.at("2026-03-14 10:00"))
    with pytest.raises(TooLateToMove):
        rescheduling.check_online(visit, now=house.at("2026-03-14 10:01"))


def test_patients_do_not_choose_a_date_for_what_was_given_back_nor_in_a_paused_course(
    house: House, course: Course, rita: User
) -> None:
    given_back = rescheduling.cannot_come(course.appointments.get(position=1), by=rita, now=house.now)
    with pytest.raises(WrongState):
        rescheduling.check_online(given_back, now=house.now)

    rescheduling.suspend(course, by=rita, now=house.now)
    with pytest.raises(WrongState):
        rescheduling.check_online(course.appointments.get(position=2), now=house.now)


def test_while_one_session_waits_for_a_call_patients_move_no_other(house: House, course: Course, rita: User) -> None:
    """A new plan would give it a date nobody has asked for: it might be the very hour they cannot come."""
    rescheduling.cannot_come(course.appointments.get(position=1), by=rita, now=house.now)
    with pytest.raises(WaitsForACall, match="WaitsForACall") as refused:
        rescheduling.check_online(course.appointments.get(position=4), now=house.now)
    assert "“Session 2” has no date yet" in str(refused.value.sentence)

    rescheduling.apply(rescheduling.refill(course, now=house.now), by=rita, now=house.now)
    rescheduling.check_online(course.appointments.get(position=4), now=house.now)


def test_a_session_does_not_move_before_those_it_is_counted_from_have_a_date(house: House, course: Course, rita: User) -> None:
    """Times that are offered can be had; where none could, the reason is said instead."""
    take_place(house, course, 0, rita)
    now = house.at("2026-03-18 09:00")
    visits.miss(course.appointments.get(position=1), by=rita, now=now)

    for ask in (
        lambda: rescheduling.options(course, 3, now=now),
        lambda: rescheduling.move(course, 3, house.slot("2026-05-02 10:00"), now=now),
    ):
        with pytest.raises(WaitsForACall):
            ask()


def test_nobody_needs_to_call_once_a_session_has_a_date_again_or_is_left_out(house: House, course: Course, rita: User) -> None:
    calls = Task.objects.open().filter(course=course)
    for position in (1, OPTIONAL):
        rescheduling.cannot_come(course.appointments.get(position=position), by=rita, now=house.now)
    assert calls.count() == 2

    rescheduling.apply(rescheduling.drop(course, OPTIONAL, team=False, now=house.now), by=rita, now=house.now)
    assert not calls.exists()
    assert set(Task.objects.filter(course=course).values_list("done_by", flat=True)) == {rita.pk}


def test_a_visit_that_is_over_is_missed_and_not_given_back(house: House, course: Course) -> None:
    visit, pia = course.appointments.get(position=0), make_user(Role.PATIENT)
    assert visit.during is not None

    with pytest.raises(WrongState):
        rescheduling.cannot_come(visit, by=pia, now=visit.during.upper)


def test_rule_6_the_optional_session_is_the_patients_to_leave_out_and_a_core_session_is_not(house: House, course: Course) -> None:
    pia = make_user(Role.PATIENT)
    rescheduling.apply(rescheduling.drop(course, OPTIONAL, team=False, now=house.now), by=pia, now=house.now)

    assert course.appointments.get(position=OPTIONAL).status == S.SKIPPED
    for position in CORE:
        with pytest.raises(CoreSession):
            rescheduling.drop(course, position, team=False, now=house.now)


def test_rule_6_the_team_may_leave_out_a_core_session_but_not_the_first(house: House, course: Course, rita: User) -> None:
    reflow = rescheduling.drop(course, 3, team=True, now=house.now)
    rescheduling.apply(reflow, by=rita, now=house.now)

    assert targets(course)[4] == date(2026, 4, 30)  # a month after session 3 now
    with pytest.raises(CoreSession):
        rescheduling.drop(course, 0, team=True, now=house.now)


def test_rule_6_left_out_after_the_one_before_took_place(house: House, course: Course, rita: User) -> None:
    """Session 4 is due a month after session 2 then, though session 2 is long done."""
    for position in range(2):
        take_place(house, course, position, rita)
    now = house.at("2026-03-17 09:00")

    rescheduling.apply(rescheduling.drop(course, 2, team=True, now=now), by=rita, now=now)

    assert targets(course)[3] == date(2026, 4, 16)


@pytest.mark.parametrize("moment", ["2026-06-30 10:00", "2026-06-30 10:10", "2026-07-01 09:00"])
def test_rule_6_what_has_begun_is_not_left_out_though_nobody_noted_it(
    house: House, course: Course, rita: User, moment: str
) -> None:
    for position in CORE:
        take_place(house, course, position, rita)

    with pytest.raises(WrongState):
        rescheduling.drop(course, OPTIONAL, team=True, now=house.at(moment))
    assert not rescheduling.may_leave_out(course.appointments.get(position=OPTIONAL), team=True, now=house.at(moment))
    visits.record(course.appointments.get(position=OPTIONAL), by=rita, now=house.at("2026-07-01 09:00"))


@pytest.mark.parametrize("change", ["suspend", "cancel", "zones"])
def test_what_nobody_noted_yet_stays_to_be_noted(house: House, course: Course, rita: User, change: str) -> None:
    """The morning after: yesterday's visit may have taken place, and is neither freed nor moved."""
    take_place(house, course, 0, rita)
    now = house.at("2026-03-17 09:00")
    claims = set(Claim.objects.filter(appointment__position=1).values_list("pk", flat=True))

    if change == "suspend":
        rescheduling.suspend(course, by=rita, now=now)
    elif change == "cancel":
        booking.end_course(course, CourseStatus.CANCELLED, by=rita, now=now)
    else:
        both = list(course.protocol.zones.order_by("pk")[:2])
        rescheduling.apply(rescheduling.change_zones(course, both, now=now), by=rita, now=now)

    visit = course.appointments.get(position=1)
    assert (visit.status, visit.during.lower) == (S.BOOKED, house.at("2026-03-16 10:00"))
    assert set(Claim.objects.filter(appointment=visit).values_list("pk", flat=True)) == claims
    visits.record(visit, by=rita, now=now)
    assert course.appointments.get(position=1).status == S.COMPLETED


def test_a_session_waits_for_the_one_everything_is_counted_from(house: House, course: Course, rita: User) -> None:
    rescheduling.cannot_come(course.appointments.get(position=0), by=rita, now=house.now)
    second = course.appointments.get(position=1)

    with pytest.raises(FirstVisitMissing):
        visits.start(second, by=rita, now=house.at("2026-03-16 10:00"))
    with pytest.raises(FirstVisitMissing):
        visits.record(second, by=rita, now=house.at("2026-03-17 10:00"))


def test_the_same_hour_with_a_colleague_is_a_change(
    house: House, course: Course, rita: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    colleague = next(item for name, item in house.resources.items() if name.startswith("Dr") and name != "Dr Ada")
    reflow = rescheduling.move(course, 1, house.slot("2026-03-16 10:00", colleague.name), now=house.now)
    assert [(change.position, str(change.after_with)) for change in reflow.moved] == [(1, colleague.name)]

    with django_capture_on_commit_callbacks(execute=True):
        moves = rescheduling.apply(reflow, by=rita, now=house.now)

    assert course.appointments.get(position=1).lead == colleague
    assert [(move.before_with, move.after_with) for move in moves] == [("Dr Ada", colleague.name)]
    assert Message.objects.filter(kind="course_changed").count() == 1


# 7 Pause


def test_rule_7_a_pause_gives_every_time_back_and_keeps_the_ideal_days(house: House, course: Course, rita: User) -> None:
    take_place(house, course, 0, rita)
    for _twice in range(2):
        rescheduling.suspend(course, by=rita, now=house.at("2026-03-10 09:00"), reason="not_now")

    course.refresh_from_db()
    assert (course.status, days(course)[1:], targets(course)) == (CourseStatus.SUSPENDED, [None] * 7, BOOKED)
    assert course.journal.filter(verb="suspended").count() == 1
    with pytest.raises(WrongState):
        rescheduling.move(course, 1, house.slot("2026-03-16 10:00"), now=house.at("2026-03-10 09:00"))


def test_rule_7_a_course_taken_up_again_goes_on_from_that_day(house: House, course: Course, rita: User) -> None:
    for position in range(3):
        take_place(house, course, position, rita)
    course = rescheduling.suspend(course, by=rita, now=house.at("2026-04-02 09:00"))

    now = house.at("2026-08-20 09:00")
    rescheduling.apply(rescheduling.resume(course, date(2026, 9, 1), now=now), by=rita, now=now)

    course.refresh_from_db()
    assert course.status == CourseStatus.BOOKED
    assert days(course)[3:6] == [date(2026, 9, 1), date(2026, 10, 1), date(2026, 11, 1)]
    assert targets(course)[3:] == [
        date(2026, 9, 1),
        date(2026, 10, 1),
        date(2026, 11, 1),
        date(2027, 5, 1),
        date(2027, 11, 1),
    ]
    assert has_every_claim(course)


def test_rule_7_what_a_pause_put_off_stays_put_off_when_another_session_moves(house: House, course: Course, rita: User) -> None:
    for position in range(3):
        take_place(house, course, position, rita)
    course = rescheduling.suspend(course, by=rita, now=house.at("2026-04-02 09:00"))
    now = house.at("2026-08-20 09:00")
    rescheduling.apply(rescheduling.resume(course, date(2026, 9, 1), now=now), by=rita, now=now)
    course.refresh_from_db()

    reflow = rescheduling.move(course, 4, house.slot("2026-10-03 10:00"), now=now)

    assert [change.position for change in reflow.moved] == [4]
    with pytest.raises(OutsideWindow):  # not before the day it was put off to
        rescheduling.move(course, 3, house.slot("2026-08-31 10:00"), now=now)


def test_rule_7_a_first_visit_put_off_stays_put_off(house: House, course: Course, rita: User) -> None:
    course = rescheduling.suspend(course, by=rita, now=house.now)
    rescheduling.apply(rescheduling.resume(course, date(2026, 4, 1), now=house.now), by=rita, now=house.now)
    assert days(course)[0] == date(2026, 4, 1)

    rescheduling.cannot_come(course.appointments.get(position=0), by=rita, now=house.now)
    course.refresh_from_db()
    rescheduling.apply(rescheduling.refill(course, now=house.now), by=rita, now=house.now)

    assert days(course)[0] == date(2026, 4, 2)  # the day after the one just given up
    course.refresh_from_db()
    with pytest.raises(OutsideWindow):
        rescheduling.move(course, 0, house.slot("2026-03-31 10:00"), now=house.now, late=True)


@pytest.mark.parametrize("resumed", ["2027-04-20", "2027-06-20", "2027-08-01"])
def test_rule_7_boosters_stay_as_far_apart_as_they_were(house: House, course: Course, rita: User, resumed: str) -> None:
    """Both are counted from the last core session: when the first is put off, the second goes with it, overdue or not."""
    for position in range(6):
        take_place(house, course, position, rita)
    course = rescheduling.suspend(course, by=rita, now=house.at("2026-07-01 09:00"))
    now = house.at(f"{resumed} 09:00")

    reflow = rescheduling.resume(course, now.date(), now=now)
    rescheduling.apply(reflow, by=rita, now=now, accepted=reflow.proposal.slots)

    first, second = targets(course)[6:]
    assert (first, second - first) == (now.date(), BOOKED[7] - BOOKED[6])


def test_rule_7_a_short_pause_keeps_the_rhythm(house: House, course: Course, rita: User) -> None:
    take_place(house, course, 0, rita)
    course = rescheduling.suspend(course, by=rita, now=house.at("2026-03-03 09:00"))
    now = house.at("2026-03-05 09:00")

    rescheduling.apply(rescheduling.resume(course, date(2026, 3, 5), now=now), by=rita, now=now)

    assert days(course) == BOOKED


def test_only_a_paused_course_is_taken_up_again(house: House, course: Course) -> None:
    with pytest.raises(WrongState):
        rescheduling.resume(course, date(2026, 9, 1), now=house.now)


def test_no_course_is_paused_while_a_visit_is_under_way(house: House, course: Course, rita: User) -> None:
    visits.arrive(course.appointments.get(position=0), by=rita, now=house.at("2026-03-02 09:50"))

    with pytest.raises(WrongState):
        rescheduling.suspend(course, by=rita, now=house.at("2026-03-02 09:55"))


# 8 Boosters


def test_rule_8_boosters_follow_the_last_core_session(house: House, course: Course, rita: User) -> None:
    reflow = rescheduling.move(course, OPTIONAL, house.slot("2026-07-07 10:00"), now=house.now)
    rescheduling.apply(reflow, by=rita, now=house.now)

    assert targets(course)[HALF_YEAR:] == [date(2027, 1, 7), date(2027, 7, 7)]
    assert days(course)[HALF_YEAR:] == BOOKED[HALF_YEAR:]  # both still in their windows: nothing moves that need not


def test_rule_8_without_the_optional_session_boosters_count_from_the_one_before(house: House, course: Course, rita: User) -> None:
    reflow = rescheduling.drop(course, OPTIONAL, team=True, now=house.now)
    rescheduling.apply(reflow, by=rita, now=house.now)

    assert targets(course)[HALF_YEAR:] == [date(2026, 11, 30), date(2027, 5, 30)]
    assert not Claim.objects.filter(appointment__course=course, appointment__position=OPTIONAL).exists()


def test_rule_8_and_with_it_again_as_before(house: House, course: Course, rita: User) -> None:
    rescheduling.apply(rescheduling.drop(course, OPTIONAL, team=True, now=house.now), by=rita, now=house.now)
    rescheduling.apply(rescheduling.take_up(course, OPTIONAL, now=house.now), by=rita, now=house.now)

    assert (days(course), targets(course)) == (BOOKED, BOOKED)
    with pytest.raises(WrongState):
        rescheduling.take_up(course, OPTIONAL, now=house.now)


def test_rule_6_what_comes_before_a_session_that_took_place_is_not_taken_up(house: House, course: Course, rita: User) -> None:
    take_place(house, course, 0, rita)
    now = house.at("2026-03-03 09:00")
    rescheduling.apply(rescheduling.drop(course, 1, team=True, now=now), by=rita, now=now)
    take_place(house, course, 2, rita)

    with pytest.raises(LaterSessionBegun):
        rescheduling.take_up(course, 1, now=house.at("2026-03-16 14:00"))


def test_a_booster_left_out_leaves_the_other_alone(house: House, course: Course) -> None:
    pia = make_user(Role.PATIENT)
    rescheduling.apply(rescheduling.drop(course, HALF_YEAR, team=False, now=house.now), by=pia, now=house.now)

    assert days(course) == [*BOOKED[:HALF_YEAR], None, BOOKED[YEAR]]


def test_a_course_of_which_nothing_is_left_is_over(house: House, course: Course, rita: User) -> None:
    Course.objects.filter(pk=course.pk).update(status=CourseStatus.BOOKED)
    for position in range(OPTIONAL):
        take_place(house, course, position, rita)
    now = house.at("2026-06-01 09:00")
    for position in (OPTIONAL, HALF_YEAR, YEAR):
        course.refresh_from_db()
        rescheduling.apply(rescheduling.drop(course, position, team=True, now=now), by=rita, now=now)

    course.refresh_from_db()
    assert course.status == CourseStatus.COMPLETED


# 10 The order of what is tried, zones


def test_other_zones_keep_what_is_long_enough(house: House, course: Course, rita: User) -> None:
    both = tuple(house.protocol.zones.select_related("zone"))
    reflow = rescheduling.change_zones(course, both, now=house.now)
    rescheduling.apply(reflow, by=rita, now=house.now)

    assert reflow.moved == ()
    first = course.appointments.get(position=0)
    assert first.during.upper - first.during.lower == timedelta(minutes=135)  # ten minutes more, for the neck
    assert set(course.zones.all()) == set(both)


def test_a_session_done_on_another_day_is_moved_there_first(house: House, course: Course, rita: User) -> None:
    take_place(house, course, 0, rita)
    now = house.at("2026-03-19 09:00")
    rescheduling.apply(rescheduling.move(course, 1, house.slot("2026-03-19 12:30"), now=now), by=rita, now=now)

    take_place(house, course, 1, rita)

    assert targets(course)[2] == date(2026, 4, 2)


def test_options_are_times_that_can_be_had(house: House, course: Course, rita: User) -> None:
    found = rescheduling.options(course, 1, now=house.now)

    assert found
    for option in found[:3]:
        reflow = rescheduling.move(course, 1, option.offer.slot, now=house.now)
        assert tuple(change.position for change in reflow.moved if change.position != 1) == option.moved
        assert option.distance == next(session.distance for session in reflow.proposal.sessions if session.position == 1)


@pytest.mark.parametrize("position", [-1, 8, 77])
def test_what_is_no_session_of_the_course_is_refused(house: House, course: Course, rita: User, position: int) -> None:
    for change in (
        lambda: rescheduling.move(course, position, house.slot(), now=house.now),
        lambda: rescheduling.options(course, position, now=house.now),
        lambda: rescheduling.drop(course, position, team=True, now=house.now),
    ):
        with pytest.raises(Refusal):
            change()


def test_a_session_that_took_place_does_not_move(house: House, course: Course, rita: User) -> None:
    take_place(house, course, 0, rita)

    with pytest.raises(WrongState):
        rescheduling.move(course, 0, house.slot("2026-03-03 10:00"), now=house.at("2026-03-02 18:00"))


def test_times_outside_the_hours_are_refused(house: House, course: Course) -> None:
    make_closure(house.clinic, house.at("2026-03-18 00:00"), house.at("2026-03-19 00:00"))
    for text in ("2026-03-17 03:00", "2026-03-18 10:00"):
        with pytest.raises(SlotUnavailable):
            rescheduling.move(course, 1, house.slot(text), now=house.now)


def test_a_visit_that_had_begun_when_its_course_ended_asks_for_no_call(house: House, course: Course, rita: User) -> None:
    visit, now = course.appointments.get(position=0), house.at("2026-03-02 10:05")
    booking.end_course(course, CourseStatus.CANCELLED, by=rita, now=now)

    with pytest.raises(WrongState):
        rescheduling.cannot_come(visit, by=rita, now=now)
    visits.miss(visit, by=rita, now=now)
    assert not Task.objects.open().filter(course=course).exists()


def test_a_course_that_has_ended_is_not_changed(house: House, course: Course, rita: User) -> None:
    reflow = rescheduling.move(course, 1, house.slot("2026-03-18 10:00"), now=house.now)
    booking.end_course(course, CourseStatus.CANCELLED, by=rita, now=house.now)

    with pytest.raises(WrongState):
        rescheduling.apply(reflow, by=rita, now=house.now)
    course.refresh_from_db()
    for change in (
        lambda: rescheduling.refill(course, now=house.now),
        lambda: rescheduling.suspend(course, by=rita, now=house.now),
        lambda: rescheduling.leave_open(course, 1, by=rita, now=house.now),
        lambda: rescheduling.cannot_come(course.appointments.get(position=1), by=rita, now=house.now),
    ):
        with pytest.raises(WrongState):
            change()


def test_the_clocks_change_and_the_hour_stays(house: House, course: Course, rita: User) -> None:
    """Session 3 moves over the night of 28 March, in which the clocks change; it stays at ten."""
    reflow = rescheduling.move(course, 2, house.slot("2026-04-02 10:00"), now=house.now)
    rescheduling.apply(reflow, by=rita, now=house.now)

    starts: datetime = course.appointments.get(position=2).during.lower
    assert starts.astimezone(house.clinic.zone).hour == 10
    assert proposals.stored_slots(course)[2].minute == 600


def test_the_day_the_answers_allow_holds_for_every_later_change(house: House) -> None:
    """Answers say not before 10 April: the first session, moved or given a date anew, is never earlier."""
    allowed = date(2026, 4, 10)
    held = house.hold(house.propose("2026-04-13 10:00", earliest=allowed))
    waits = screening.Decision(waits=((None, allowed),))  # type: ignore[arg-type]
    course = booking.confirm(held, make_patient(), answers={}, decision=waits, by=None, now=house.now)
    assert course.not_before == allowed

    with pytest.raises(TooEarly, match="TooEarly") as refused:
        rescheduling.move(course, 0, house.slot("2026-04-09 10:00"), now=house.now)
    assert refused.value.details == {"day": allowed}
    assert all(item.offer.starts.date() >= allowed for item in rescheduling.options(course, 0, now=house.now))

    rescheduling.cannot_come(course.appointments.get(position=0), by=make_user(Role.PATIENT), now=house.now)
    first = next(change for change in rescheduling.refill(course, now=house.now).changes if change.position == 0)
    assert first.after is not None
    assert first.after.date() >= allowed


def test_a_plan_is_refused_when_a_session_was_left_out_zones_changed_or_the_course_paused(house: House, rita: User) -> None:
    """None of these moves a date, and each is a change all the same."""
    type(house.clinic).objects.filter(pk=house.clinic.pk).update(horizon_months=12)
    house.clinic.refresh_from_db()
    course = cleared(house.book(make_patient(), house.propose("2026-03-02 14:00")))
    assert days(course)[YEAR] is None
    other = course.protocol.zones.exclude(pk__in=course.zones.all()).order_by("pk")[:1]

    for change in (
        lambda: rescheduling.apply(rescheduling.drop(course, YEAR, team=False, now=house.now), by=rita, now=house.now),
        lambda: rescheduling.apply(rescheduling.change_zones(course, list(other), now=house.now), by=rita, now=house.now),
        lambda: Course.objects.filter(pk=course.pk).update(status=CourseStatus.SUSPENDED),
    ):
        stale = rescheduling.move(course, 1, house.slot("2026-03-17 10:00"), now=house.now)
        change()
        before = stored()
        with pytest.raises(PlanChanged):
            rescheduling.apply(stale, by=rita, now=house.now)
        assert stored() == before


def test_what_is_lost_to_a_neighbour_in_between_is_planned_once_more(
    house: House, course: Course, rita: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A room taken between the search and the lock: another room serves the same dates."""
    reflow = rescheduling.move(course, 1, house.slot("2026-03-17 10:00"), now=house.now)
    real, tries = placing.take_turns, count()

    def take_turns(resources: set[int]) -> None:
        if next(tries) == 0:
            raise LostMeanwhile()
        real(resources)

    monkeypatch.setattr(placing, "take_turns", take_turns)
    rescheduling.apply(reflow, by=rita, now=house.now)

    assert days(course)[1] == date(2026, 3, 17)


def test_a_session_without_a_time_has_no_other_times(house: House, course: Course, rita: User) -> None:
    for position in CORE:
        take_place(house, course, position, rita)
    now = house.at("2026-06-01 09:00")
    for position in (OPTIONAL, HALF_YEAR):
        rescheduling.apply(rescheduling.drop(course, position, team=False, now=now), by=rita, now=now)
    type(house.clinic).objects.filter(pk=house.clinic.pk).update(horizon_months=3)
    rescheduling.suspend(course, by=rita, now=now)
    course = Course.objects.get(pk=course.pk)
    rescheduling.apply(rescheduling.resume(course, now.date(), now=now), by=rita, now=now)

    course = Course.objects.get(pk=course.pk)
    assert days(course)[YEAR] is None
    assert rescheduling.options(course, YEAR, now=now) == []


@pytest.mark.parametrize("zone", ["Europe/Paris", "America/New_York", "Australia/Lord_Howe"])
def test_a_course_of_18_months_keeps_its_wall_clock_time_wherever_the_clinic_is(zone: str) -> None:
    """At ten on both sides of every change of the clock, which is half an hour on Lord Howe; five past where it is asked for."""
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24, timezone=zone)
    course = cleared(house.book(make_patient(), house.propose("2026-03-02 10:05")))
    rita = make_user(Role.RECEPTION, house.clinic)
    rescheduling.apply(
        rescheduling.move(course, 1, house.slot("2026-03-18 10:05"), now=house.now, late=True), by=rita, now=house.now
    )

    local = [row.during.lower.astimezone(house.clinic.zone) for row in course.appointments.order_by("position")]
    assert [f"{moment:%H:%M}" for moment in local] == ["10:05", "10:05", *["10:00"] * 6]
    assert [moment.date() for moment in local] == [BOOKED[0], date(2026, 3, 18), date(2026, 4, 1), *BOOKED[3:]]
    assert len({moment.utcoffset() for moment in local}) == 2
    assert has_every_claim(course)


def test_what_is_counted_from_a_session_for_which_no_date_is_left_waits_for_it(house: House, course: Course, rita: User) -> None:
    """Session 2 was given up, the call about it ticked off, and its time has passed: no date for it goes before session 3."""
    rescheduling.cannot_come(course.appointments.get(position=1), by=rita, now=house.now)
    Task.objects.update(done_at=house.now)
    now = house.at("2026-03-27 12:00")

    with pytest.raises(WaitsForACall) as refusal:
        rescheduling.options(course, 3, now=now, late=True)

    assert refusal.value.details["session"].endswith("2")
