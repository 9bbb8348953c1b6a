"""A date is kept for a patient until they answer: taken as a whole, given back by itself, and it never moves another session."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import IntegrityError, transaction

from bookings import absences, booking, displaced, offers, proposals, rescheduling, visits
from bookings.models import Appointment, AppointmentStatus, Claim, Course, CourseStatus, JournalEntry, Task
from bookings.planner import Slot
from bookings.refusals import OfferOver, PlanChanged, SlotTaken, TooSoon, WrongState
from clinic.models import Clinic, Role, User
from tests.factories.courses import House, open_house
from tests.factories.treatments import make_protocol
from tests.factories.visits import make_course, make_patient, make_user, make_visit

pytestmark = pytest.mark.django_db

DAY = timedelta(hours=24)


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house()
    course = house.book(make_patient("Anna", "Alvarez", email="anna@example.org"))
    return SimpleNamespace(house=house, course=course, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def house(shared: SimpleNamespace) -> House:
    return deepcopy(shared.house)


@pytest.fixture
def course(shared: SimpleNamespace) -> Course:
    """Three sessions from Monday 2 March at 10:00, monthly ones and boosters: Anna Alvarez’s."""
    return deepcopy(shared.course)


@pytest.fixture
def rita(shared: SimpleNamespace) -> User:
    return deepcopy(shared.rita)


def ill(house: House, name: str = "Dr Ada") -> None:
    """Not there from Monday 2 to Tuesday 3 March."""
    absences.enter(house.resources[name], house.at("2026-03-02 00:00"), house.at("2026-03-04 00:00"), reason="", by=None)


def session(course: Course, position: int = 0) -> Appointment:
    return course.appointments.get(position=position)


def place(house: House, visit: Appointment) -> Slot:
    rows = displaced.displaced(house.clinic, house.now)
    found = displaced.places(rows, house.now)[visit.pk]
    assert found and found.alternative
    return found.alternative.offer.slot


def propose(house: House, course: Course, position: int = 0, **fields: Any) -> Appointment:
    """The first displaced visit's best place, proposed by the team."""
    visit = session(course, position)
    return offers.offer(visit, place(house, visit), **{"within": DAY, "by": None, "now": house.now, **fields})


def on_friday(house: House, course: Course) -> Appointment:
    """The Friday before, at 10:00, proposed instead of Monday."""
    return offers.offer(session(course), house.slot("2026-02-27 10:00"), within=DAY, by=None, now=house.now)


def state() -> list[Any]:
    rows = Appointment._base_manager.order_by("pk").values_list("course", "position", "status", "during", "lead", "reply_by")
    claims = Claim.objects.order_by("resource", "during").values_list("resource", "during", "appointment", "held_until")
    return [*rows, *claims]


# Proposing


def test_a_date_is_kept_beside_the_one_that_cannot_be_and_the_patient_is_asked(
    house: House, course: Course, rita: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    ill(house)
    before = session(course)
    with django_capture_on_commit_callbacks(execute=True):
        kept = propose(house, course, by=rita)

    assert (kept.status, kept.reply_by) == (AppointmentStatus.PROPOSED, house.now + DAY)
    assert set(kept.claims.values_list("held_until", flat=True)) == {kept.reply_by}
    assert {claim.resource.name for claim in kept.claims.select_related("resource")} == {"Dr Bo"}  # the rest it has already
    after = session(course)
    assert (after.status, after.during, after.lead) == (AppointmentStatus.BOOKED, before.during, before.lead)
    assert [item.position for item in course.appointments.all()] == list(range(course.appointments.count()))
    [message] = mail.outbox
    assert message.to == ["anna@example.org"]
    assert f"{kept.during.lower.astimezone(house.clinic.zone):%H:%M}" in message.body
    assert str(course.uuid) in message.body
    assert not message.attachments
    assert JournalEntry.objects.get(verb="proposed").actor == rita


def test_nobody_else_is_given_what_is_kept(house: House, course: Course) -> None:
    kept = on_friday(house, course)
    slot = proposals.appointment_slot(kept, house.clinic)

    def others() -> set[Slot]:
        found = proposals.first_offers(house.request(), start=date(2026, 2, 27), end=date(2026, 2, 28), now=house.now)
        return {item.slot for item in found}

    assert slot not in others()
    house.now = kept.reply_by  # free again by itself, before any worker came by
    assert slot in others()


def test_a_second_offer_for_the_session_gives_the_first_back(house: House, course: Course) -> None:
    ill(house)
    first = propose(house, course)
    second = offers.offer(session(course), house.slot("2026-02-27 10:00"), within=DAY, by=None, now=house.now)

    assert [item.pk for item in Appointment.offers.all()] == [second.pk]
    assert not Claim.objects.filter(appointment=first.pk).exists()


def test_what_would_move_another_session_or_is_taken_is_not_proposed(house: House, course: Course) -> None:
    before = state()
    for text in ("2026-03-10 10:00", "2026-03-02 20:00"):  # 6 days before session 2; closed
        with pytest.raises(SlotTaken):
            offers.offer(session(course), house.slot(text), within=DAY, by=None, now=house.now)
    assert state() == before


def test_no_answer_is_waited_for_into_the_notice(house: House, course: Course) -> None:
    house.now = house.at("2026-02-26 20:00")
    assert on_friday(house, course).reply_by == house.at("2026-02-27 08:00")

    house.now = house.at("2026-02-27 07:45")
    with pytest.raises(TooSoon):
        on_friday(house, course)


def test_a_course_that_is_paused_or_over_gets_no_offer_and_loses_those_it_had(house: House, course: Course, rita: User) -> None:
    ill(house)
    slot = place(house, session(course))
    propose(house, course)
    rescheduling.suspend(course, by=rita, now=house.now)

    assert not Appointment.offers.exists()
    assert not Claim.objects.filter(appointment__course=course).exists()
    with pytest.raises(WrongState):
        offers.offer(session(course), slot, within=DAY, by=None, now=house.now)


# Answering


def test_accepting_takes_the_time_and_gives_the_old_one_back(
    house: House, course: Course, rita: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    ill(house)
    kept = propose(house, course)
    others = list(course.appointments.exclude(position=0).order_by("position").values_list("during", "lead"))
    with django_capture_on_commit_callbacks(execute=True):
        offers.accept(kept, by=rita, now=house.now + timedelta(hours=1))

    after = session(course)
    assert (after.status, after.during, after.lead) == (AppointmentStatus.BOOKED, kept.during, kept.lead)
    names = set(after.claims.values_list("resource__name", flat=True))
    assert "Dr Bo" in names and "Dr Ada" not in names and "Dermapen" in names
    assert set(after.claims.values_list("held_until", flat=True)) == {None}
    assert list(course.appointments.exclude(position=0).order_by("position").values_list("during", "lead")) == others
    assert not Appointment.offers.exists()
    assert not Claim.objects.filter(appointment=kept.pk).exists()
    assert displaced.displaced(house.clinic, house.now) == []
    assert mail.outbox[-1].subject.endswith("vos rendez-vous ont changé")
    [move] = JournalEntry.objects.get(verb="replanned").details["moves"]
    assert move["position"] == 0


def test_rule_1_what_follows_is_counted_from_the_day_that_was_accepted(house: House, course: Course) -> None:
    second = session(course, 1)
    offers.accept(on_friday(house, course), by=make_user(Role.RECEPTION), now=house.now)

    after = session(course, 1)
    assert (after.target, after.latest < second.latest) == (date(2026, 3, 13), True)
    assert after.during == second.during
    assert session(course).target == date(2026, 2, 27)


def test_a_physician_decides_at_the_consultation_wherever_it_is(rita: User, house: House) -> None:
    course = house.book(make_patient("Cleo", "Cohen"), house.propose("2026-03-02 10:00", with_consultation=True))
    course.refresh_from_db()
    assert course.review_due == session(course).during.upper
    kept = offers.offer(session(course), house.slot("2026-03-02 15:00"), within=DAY, by=None, now=house.now)

    offers.accept(kept, by=rita, now=house.now)

    course.refresh_from_db()
    assert course.review_due == kept.during.upper


def test_what_is_kept_for_a_visit_that_has_begun_is_shown_to_nobody(house: House, course: Course, rita: User) -> None:
    on_friday(house, course)
    assert len(offers.open_for(course, house.now)) == 1
    Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at=house.now)
    visits.start(session(course), by=rita, now=session(course).during.lower)
    assert offers.open_for(course, house.now) == []


def test_accepting_twice_changes_nothing(house: House, course: Course, rita: User) -> None:
    ill(house)
    kept = propose(house, course)
    offers.accept(kept, by=rita, now=house.now)
    before = state()
    offers.accept(kept, by=rita, now=house.now)

    assert state() == before
    assert JournalEntry.objects.filter(verb="replanned").count() == 1


@pytest.mark.parametrize("what", ["over", "withdrawn", "moved", "who would serve is away", "paused"])
def test_an_offer_that_no_longer_stands_is_refused_and_nothing_changes(
    house: House, course: Course, rita: User, what: str
) -> None:
    ill(house)
    kept = propose(house, course)
    now = house.now
    if what == "over":
        now = kept.reply_by
    elif what == "withdrawn":
        offers.withdraw(kept, by=rita, now=now)
    elif what == "moved":
        reflow = rescheduling.move(course, 0, house.slot("2026-02-27 11:00"), now=now)
        rescheduling.apply(reflow, by=rita, now=now)
    elif what == "paused":
        rescheduling.suspend(course, by=rita, now=now)
    else:
        absences.enter(kept.lead, kept.during.lower, kept.during.upper, reason="", by=None)
    before = list(course.appointments.order_by("pk").values())

    with pytest.raises(OfferOver):
        offers.accept(kept, by=rita, now=now)
    assert list(course.appointments.order_by("pk").values()) == before
    assert not Appointment.offers.exists()


def test_an_offer_whose_rhythm_is_broken_meanwhile_is_refused(house: House, course: Course, rita: User) -> None:
    """Session 2 moves to the last day of its window: from the Friday kept for session 1 that is three days too late."""
    kept = on_friday(house, course)
    late = rescheduling.move(course, 1, house.slot("2026-03-30 10:00"), now=house.now, late=True)
    rescheduling.apply(late, by=rita, now=house.now)
    assert Appointment.offers.filter(pk=kept.pk).exists()

    with pytest.raises(OfferOver):
        offers.accept(kept, by=rita, now=house.now)


def test_half_an_hour_later_in_the_same_room_with_the_same_device(house: House, course: Course, rita: User) -> None:
    """What the visit has already is not claimed twice; accepted, it has all of the new time and nothing of the old."""
    kept = offers.offer(session(course), house.slot("2026-03-02 10:30"), within=DAY, by=None, now=house.now)
    before, during = session(course), kept.during
    assert not set(kept.claims.values_list("resource", "during")) & set(before.claims.values_list("resource", "during"))

    offers.accept(kept, by=rita, now=house.now)

    fresh = house.book(make_patient("Bea", "Berg"), house.propose("2026-03-09 10:30"))
    after = session(course)
    assert after.during == during
    shifted = {(claim.resource.name, claim.during.lower - after.during.lower) for claim in after.claims.all()}
    wanted = {
        (claim.resource.name, claim.during.lower - during.lower - timedelta(days=7)) for claim in session(fresh).claims.all()
    }
    assert {moment for _, moment in shifted} == {moment for _, moment in wanted}


# Nobody answers


def test_unanswered_the_time_is_free_and_reception_calls(house: House, course: Course, rita: User) -> None:
    ill(house)
    propose(house, course)
    assert offers.lapse(house.now + DAY - timedelta(seconds=1)) == 0
    assert offers.lapse(house.now + DAY) == 1
    assert offers.lapse(house.now + DAY) == 0

    assert not Appointment.offers.exists()
    task = Task.objects.get(course=course)
    assert (task.kind, task.appointment, task.done_at) == (Task.Kind.UNANSWERED, session(course), None)
    assert session(course).status == AppointmentStatus.BOOKED

    later = house.now + DAY
    other = rescheduling.move(course, 1, next(iter(rescheduling.options(course, 1, now=later))).offer.slot, now=later)
    if not any(change.moved and change.position == 0 for change in other.changes):
        rescheduling.apply(other, by=rita, now=later)
        assert Task.objects.open().filter(course=course).count() == 1  # another session is another matter
    rescheduling.apply(rescheduling.move(course, 0, house.slot("2026-02-27 11:00"), now=later), by=rita, now=later)
    assert not Task.objects.open().filter(course=course).exists()


def test_who_books_what_was_kept_too_long_takes_it_and_reception_still_hears_of_it(house: House, course: Course) -> None:
    kept = on_friday(house, course)
    house.now = kept.reply_by
    slot = proposals.appointment_slot(kept, house.clinic)
    other = house.book(make_patient("Bea", "Berg"), proposals.propose(house.request(), slot, now=house.now))

    assert other.appointments.get(position=0).during.lower == kept.during.lower
    assert Task.objects.get(course=course).kind == Task.Kind.UNANSWERED
    assert not Appointment.offers.exists()


def test_a_visit_that_takes_place_after_all_gives_back_what_was_kept_for_it(house: House, course: Course, rita: User) -> None:
    on_friday(house, course)
    visits.arrive(session(course), by=rita, now=house.at("2026-03-02 09:50"))
    assert not Appointment.offers.exists()
    assert not Task.objects.exists()


def test_an_arrival_noted_by_mistake_leaves_somebody_to_call_about_what_was_kept(
    house: House, course: Course, rita: User
) -> None:
    """The time has been given back, and may be somebody else's by now."""
    on_friday(house, course)
    arrived = visits.arrive(session(course), by=rita, now=house.at("2026-03-02 09:50"))

    visits.undo(arrived, "arrive", by=rita, now=house.at("2026-03-02 09:51"))

    assert [(task.kind, task.appointment_id) for task in Task.objects.open()] == [(Task.Kind.CALL_BACK, session(course).pk)]


def test_so_does_a_miss_noted_by_mistake(house: House, course: Course, rita: User) -> None:
    on_friday(house, course)
    missed = visits.miss(session(course), by=rita, now=house.at("2026-03-02 10:20"))

    visits.undo(missed, "miss", by=rita, now=house.at("2026-03-02 10:20"))

    assert [(task.kind, task.appointment_id) for task in Task.objects.open()] == [(Task.Kind.CALL_BACK, session(course).pk)]


def test_if_nobody_answers_there_is_time_left_to_call(house: House, course: Course) -> None:
    """Asked two days before about the day after: the answer is due before the visit that cannot be, notice kept."""
    now = house.at("2026-03-01 12:00")
    kept = offers.offer(session(course), house.slot("2026-03-03 10:00"), within=DAY, by=None, now=now)
    notice = timedelta(minutes=house.clinic.booking_notice_minutes)
    assert kept.reply_by == session(course).during.lower - notice
    with pytest.raises(TooSoon):
        offers.offer(session(course), house.slot("2026-03-03 10:00"), within=DAY, by=None, now=kept.reply_by)

    offers.lapse(session(course).during.upper)  # the worker was late: the call is asked for all the same
    assert [task.kind for task in Task.objects.all()] == [Task.Kind.UNANSWERED]


def test_a_call_the_patient_asked_for_is_not_closed_by_another_session(house: House, course: Course, rita: User) -> None:
    kept = on_friday(house, course)
    for _click in (1, 2):
        offers.call_me(kept, now=house.now)
    assert JournalEntry.objects.filter(verb="wants_a_call").count() == 1
    rescheduling.apply(rescheduling.move(course, 4, house.slot("2026-05-29 10:00"), now=house.now), by=rita, now=house.now)
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.CALL_BACK]
    rescheduling.apply(rescheduling.move(course, 0, house.slot("2026-02-27 10:00"), now=house.now), by=rita, now=house.now)
    assert not Task.objects.open().exists()


def test_a_yes_that_comes_to_nothing_is_heard_by_reception(house: House, course: Course, rita: User) -> None:
    """Who would serve is ill too by now: the date is given up, and somebody calls."""
    kept = on_friday(house, course)
    absences.enter(house.resources["Dr Ada"], house.at("2026-02-27 00:00"), house.at("2026-02-28 00:00"), reason="", by=None)
    with pytest.raises(OfferOver):
        offers.accept(kept, by=rita, now=house.now)
    assert not Appointment.offers.exists()
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.CALL_BACK]
    with pytest.raises(OfferOver):
        offers.accept(kept, by=rita, now=house.now)


def test_who_is_elsewhere_by_then_is_told_and_called(house: House, course: Course, rita: User) -> None:
    """The patient has said yes to another course at the same hour meanwhile."""
    kept = on_friday(house, course)
    other = make_course(house.clinic, course.patient, make_protocol(code="other", published=True))
    make_visit(other, "2026-02-27 10:00", lead=house.resources["Dr Bo"])
    with pytest.raises(OfferOver):
        offers.accept(kept, by=rita, now=house.now)

    assert session(course).during.lower == house.at("2026-03-02 10:00")
    assert not Appointment.offers.exists()
    assert [(task.kind, task.appointment) for task in Task.objects.open()] == [(Task.Kind.CALL_BACK, session(course))]


def test_a_missed_first_visit_pauses_the_course_and_what_was_kept_for_it_is_free(
    house: House, course: Course, rita: User
) -> None:
    offers.offer(session(course, 1), house.slot("2026-03-17 10:00"), within=30 * DAY, by=None, now=house.now)
    visits.miss(session(course), by=rita, now=house.at("2026-03-02 10:20"))
    assert not Appointment.offers.exists()
    assert not Claim.objects.exclude(held_until=None).exists()
    assert session(course, 1).during.lower == house.at("2026-03-16 10:00")  # for the two days reception has to decide


def test_the_database_keeps_one_time_at_most_for_a_session(house: House, course: Course) -> None:
    kept = on_friday(house, course)
    kept.pk, kept.uuid = None, uuid4()
    with pytest.raises(IntegrityError, match="one_time_at_most_is_proposed_for_a_session"), transaction.atomic():
        kept.save(force_insert=True)


def test_the_end_of_a_course_gives_back_what_is_kept_even_for_a_visit_whose_hour_has_come(
    house: House, course: Course, rita: User
) -> None:
    kept = offers.offer(session(course, 1), house.slot("2026-03-17 10:00"), within=30 * DAY, by=None, now=house.now)
    Appointment.offers.filter(pk=kept.pk).update(reply_by=house.at("2026-03-16 12:00"))
    assert booking.end_course(course, CourseStatus.CANCELLED, by=rita, now=house.at("2026-03-16 10:30"))
    assert not Appointment.offers.exists()


def test_more_zones_take_what_was_kept_for_the_same_course(house: House, course: Course, rita: User) -> None:
    """Half an hour later in the same room: the longer visit needs it, so what was kept is given up."""
    offers.offer(session(course), house.slot("2026-03-02 10:30"), within=DAY, by=None, now=house.now)
    both = list(course.protocol.zones.all())
    rescheduling.apply(rescheduling.change_zones(course, both, now=house.now), by=rita, now=house.now)
    assert not Appointment.offers.exists()
    assert [(task.kind, task.appointment) for task in Task.objects.open()] == [(Task.Kind.CALL_BACK, session(course))]
    assert session(course).during.upper - session(course).during.lower > timedelta(hours=2, minutes=5)


# Sessions that were planned


@pytest.fixture
def far(house: House) -> Course:
    """A course whose boosters lie beyond the horizon; rosters are published for longer now."""
    Clinic.objects.update(horizon_months=5)
    house.clinic.refresh_from_db()
    course = house.book(make_patient("Zoe", "Zorn", email="zoe@example.org"), house.propose("2026-03-02 13:00"))
    Clinic.objects.update(horizon_months=18)
    assert session(course, last(course)).status == AppointmentStatus.PLANNED
    return course


def last(course: Course) -> int:
    return course.appointments.count() - 1


def first_planned(course: Course) -> Appointment:
    found = course.appointments.filter(status=AppointmentStatus.PLANNED).order_by("position").first()
    assert found
    return found


def test_a_planned_session_is_proposed_ten_weeks_before_it_is_due(
    house: House, far: Course, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    booster = first_planned(far)
    due = house.at(f"{booster.target - offers.AHEAD} 09:00")
    assert offers.offer_due(due - timedelta(days=1)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert offers.offer_due(due) == 1
    assert offers.offer_due(due) == 0

    [kept] = Appointment.offers.all()
    assert (kept.position, kept.reply_by) == (booster.position, due + timedelta(days=7))
    core = session(far, booster.position - 1)
    local = kept.during.lower.astimezone(house.clinic.zone)
    assert (kept.lead, local.hour) == (core.lead, 13)
    assert abs((local.date() - booster.target).days) <= 14
    assert mail.outbox[-1].to == ["zoe@example.org"]

    offers.accept(kept, by=make_user(Role.RECEPTION), now=due)
    assert session(far, booster.position).during == kept.during
    assert session(far, booster.position).status == AppointmentStatus.BOOKED


def test_unanswered_or_without_a_place_a_planned_session_is_receptions(house: House, far: Course) -> None:
    booster = first_planned(far)
    due = house.at(f"{booster.target - offers.AHEAD} 09:00")
    offers.offer_due(due)
    assert offers.lapse(due + timedelta(days=7)) == 1
    assert [task.kind for task in Task.objects.all()] == [Task.Kind.UNANSWERED]
    assert offers.offer_due(due + timedelta(days=7)) == 0  # somebody is to call

    Task.objects.all().delete()
    for name in ("Dr Ada", "Dr Bo"):
        absences.enter(house.resources[name], due, house.at(f"{booster.latest + timedelta(days=120)} 00:00"), reason="", by=None)
    assert offers.offer_due(due + timedelta(days=8)) == 1
    assert [task.kind for task in Task.objects.all()] == [Task.Kind.NO_PLACE]
    assert offers.offer_due(due + timedelta(days=8)) == 0


def test_of_paused_ended_or_called_courses_nothing_is_proposed(house: House, far: Course, rita: User) -> None:
    booster = first_planned(far)
    due = house.at(f"{booster.target - offers.AHEAD} 09:00")
    rescheduling.cannot_come(session(far, booster.position - 1), by=rita, now=house.now)
    assert offers.offer_due(due) == 0
    assert booking.end_course(far, CourseStatus.CANCELLED, by=rita, now=house.now)
    assert offers.offer_due(due) == 0


def test_what_was_booked_or_is_called_about_since_the_round_began_is_not_proposed(house: House, far: Course, rita: User) -> None:
    booster = first_planned(far)
    due = house.at(f"{booster.target - offers.AHEAD} 09:00")
    [pk] = offers._due(due).values_list("pk", flat=True)
    rescheduling.apply(rescheduling.refill(far, now=due), by=rita, now=due)  # on the phone, while the round goes on
    assert session(far, booster.position).status == AppointmentStatus.BOOKED
    assert not offers._offer_if_due(pk, due)
    assert not Appointment.offers.exists()


def test_a_session_that_was_moved_since_it_was_read_or_stands_there_already_is_not_proposed(
    house: House, course: Course, rita: User
) -> None:
    seen = session(course)
    with pytest.raises(SlotTaken):
        offers.offer(seen, house.slot("2026-03-02 10:00"), within=DAY, by=None, now=house.now)
    rescheduling.apply(rescheduling.move(course, 0, house.slot("2026-02-27 10:00"), now=house.now), by=rita, now=house.now)
    with pytest.raises(PlanChanged):
        offers.offer(seen, house.slot("2026-02-27 15:00"), within=DAY, by=None, now=house.now)
    assert not Appointment.offers.exists()


def test_after_a_call_nothing_is_proposed_for_a_week(house: House, far: Course, rita: User) -> None:
    booster = first_planned(far)
    due = house.at(f"{booster.target - offers.AHEAD} 09:00")
    call = Task.objects.ensure(Task.Kind.CALL_BACK, course=far, appointment=booster, due=due)
    Task.objects.filter(pk=call.pk).settle(by=rita, now=due)
    assert offers.offer_due(due + timedelta(days=6)) == 0
    assert offers.offer_due(due + timedelta(days=8)) == 1


def test_a_pause_tells_the_patient_that_a_date_is_no_longer_kept(
    house: House, far: Course, rita: User, django_capture_on_commit_callbacks: Callable[..., Any]
) -> None:
    booster = first_planned(far)
    due = house.at(f"{booster.target - offers.AHEAD} 09:00")
    Course.objects.filter(pk=far.pk).update(clearance="cleared", review_due=None, cleared_at=house.now)
    for visit in far.appointments.filter(position__lt=booster.position):
        visit.status, visit.started_at, visit.ended_at = AppointmentStatus.COMPLETED, visit.during.lower, visit.during.upper
        visit.save()
    offers.offer_due(due)
    kept = Appointment.offers.get()
    with django_capture_on_commit_callbacks(execute=True):
        rescheduling.suspend(far, by=rita, now=due)
    assert not Appointment.offers.exists()
    [message] = mail.outbox
    assert f"{kept.during.lower.astimezone(house.clinic.zone):%H:%M}" in message.body
