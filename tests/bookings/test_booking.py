"""Whole course or nothing: holding, confirming, changing, releasing."""

from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError

from bookings import booking, placing, proposals, rescheduling
from bookings.models import Appointment, Claim, Clearance, Course, CourseStatus, JournalEntry, ScreeningAnswers
from bookings.placing import NO_TIME
from bookings.refusals import (
    AdultsOnly,
    AlreadyBooked,
    Blocked,
    ConsultationNeeded,
    HoldExpired,
    HoldNotExtendable,
    NoCourseFits,
    OutsideWindow,
    PatientElsewhere,
    ProtocolChanged,
    SlotTaken,
    SlotUnavailable,
    TooEarly,
    TooManyHolds,
    TooManyZones,
)
from bookings.screening import Decision
from clinic.models import Role, Shift
from tests.factories.clinic import make_closure
from tests.factories.courses import NOTHING_TO_SAY, House, open_house
from tests.factories.visits import make_patient, make_user
from treatments import protocols
from treatments.models import ScreeningRule

pytestmark = pytest.mark.django_db

RULE = ScreeningRule(code="any")


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> House:
    return open_house()


@pytest.fixture
def house(shared: House) -> House:
    return deepcopy(shared)


def test_viewing_a_course_stores_nothing(house: House) -> None:
    proposal = house.propose()
    proposals.alternatives(proposal, 1, now=house.now)
    proposals.suggestions(house.request(), now=house.now)

    assert not Course.objects.exists()
    assert not Claim.objects.exists()


def test_a_course_falls_on_its_targets_when_every_date_is_open() -> None:
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)

    proposal = house.propose("2026-03-02 10:00")

    assert [session.target for session in proposal.sessions] == [
        date(2026, 3, 2),
        date(2026, 3, 16),
        date(2026, 3, 30),
        date(2026, 4, 30),
        date(2026, 5, 30),
        date(2026, 6, 30),
        date(2026, 12, 30),
        date(2027, 6, 30),
    ]
    assert [session.starts for session in proposal.sessions] == [
        house.at(f"{session.target} 10:00") for session in proposal.sessions
    ]
    assert {session.practitioner for session in proposal.sessions} == {house.resources["Dr Ada"]}
    assert proposal.plan.cost == 0


def test_weekends_and_holidays_move_sessions_to_open_days_inside_their_windows() -> None:
    house = open_house(weekdays=range(1, 6), horizon_months=24)

    proposal = house.propose("2026-03-02 10:00")

    for session in proposal.sessions:
        assert session.starts is not None
        assert session.starts.isoweekday() <= 5
        assert session.earliest <= session.starts.date() <= session.latest
        assert session.starts.hour == 10
    assert proposal.sessions[4].target == date(2026, 5, 30)  # a Saturday


def test_a_hold_stores_the_whole_course_and_every_claim(house: House) -> None:
    course = house.hold()

    assert course.status == CourseStatus.HELD
    assert course.held_until == house.now + timedelta(minutes=15)
    assert [row.number for row in course.appointments.all()] == [1, 2, 3, 4, 5, 6, 7, 8]
    for row in course.appointments.all():
        kinds = sorted({claim.resource.kind for claim in row.claims.all()})
        assert kinds == ["device", "person", "room"]
        assert all(claim.held_until == course.held_until for claim in row.claims.all())


def test_the_clean_up_holds_room_and_device_but_not_the_patient(house: House) -> None:
    row = house.hold().appointments.first()

    ends = {claim.resource.name: claim.during.upper for claim in row.claims.all() if claim.during.upper > row.during.upper}

    assert row.during.upper == house.at("2026-03-02 12:05")
    assert set(ends.values()) == {house.at("2026-03-02 12:15")}
    assert {"Room 1", "Dermapen"} <= set(ends)


def test_the_physician_is_free_for_someone_else_during_the_numbing(house: House) -> None:
    house.hold()

    again = proposals.propose(house.request(), house.slot("2026-03-02 09:00"), now=house.now)

    # She needles the second patient from 10:25 to 10:50, while the first is numb from 10:25 to 11:25.
    assert again.sessions[0].practitioner == house.resources["Dr Ada"]


def test_asking_twice_keeps_the_course_once(house: House) -> None:
    proposal = house.propose()
    first = house.hold(proposal, visitor="double-click")
    second = house.hold(proposal, visitor="double-click")

    assert first.pk == second.pk
    assert Course.objects.count() == 1


def test_a_visitors_new_hold_replaces_the_old_one(house: House) -> None:
    first = house.hold(house.propose("2026-03-02 10:00"), visitor="v")
    second = house.hold(house.propose("2026-03-03 10:00"), visitor="v")

    first.refresh_from_db()
    assert first.status == CourseStatus.EXPIRED
    assert not Claim.objects.filter(appointment__course=first).exists()
    assert second.status == CourseStatus.HELD


def test_a_lost_new_hold_leaves_the_old_one_standing(house: House) -> None:
    mine = house.hold(house.propose("2026-03-03 10:00"), visitor="me")
    wanted = house.propose("2026-03-02 10:00")
    house.hold(wanted, visitor="someone else")

    with pytest.raises(SlotTaken):
        house.hold(wanted, visitor="me")

    mine.refresh_from_db()
    assert mine.status == CourseStatus.HELD


def test_a_failure_at_session_4_of_8_leaves_no_row_behind(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    proposal = house.propose()
    real = placing._claims

    def failing(row: Appointment, *args: object) -> object:
        if row.position == 3:
            raise RuntimeError("the power went")
        return real(row, *args)

    monkeypatch.setattr(placing, "_claims", failing)
    with pytest.raises(RuntimeError):
        house.hold(proposal)

    assert not Course.objects.exists()
    assert not Appointment.objects.exists()
    assert not Claim.objects.exists()
    assert not JournalEntry.objects.exists()


def test_an_expired_hold_gives_way_to_the_next_patient(house: House) -> None:
    first = house.hold()
    later = house.now + timedelta(minutes=15)

    second = house.hold(proposals.propose(house.request(), house.slot(), now=later), now=later)

    first.refresh_from_db()
    assert first.status == CourseStatus.EXPIRED
    assert first.visitor == first.network == ""
    assert second.appointments.first().during.lower == house.at("2026-03-02 10:00")


def test_the_sweep_releases_what_has_run_out_and_nothing_else(house: House) -> None:
    over = house.hold(house.propose("2026-03-02 10:00"))
    still = house.hold(house.propose("2026-03-03 10:00"), now=house.now + timedelta(minutes=10))

    assert booking.sweep(house.now + timedelta(minutes=16)) == 1

    over.refresh_from_db()
    still.refresh_from_db()
    assert (over.status, still.status) == (CourseStatus.EXPIRED, CourseStatus.HELD)
    assert not Claim.objects.filter(appointment__course=over).exists()


def test_a_hold_is_prolonged_by_5_minutes_once(house: House) -> None:
    course = house.hold()

    course = booking.extend(course, now=house.now + timedelta(minutes=3))

    assert course.held_until == house.now + timedelta(minutes=20)
    assert set(Claim.objects.values_list("held_until", flat=True)) == {course.held_until}
    with pytest.raises(HoldNotExtendable):
        booking.extend(course, now=house.now + timedelta(minutes=4))


def test_no_hold_lasts_longer_than_30_minutes() -> None:
    house = open_house(hold_minutes=28)

    assert booking.extend(house.hold(), now=house.now).held_until == house.now + timedelta(minutes=30)


def test_an_expired_hold_cannot_be_prolonged_or_confirmed(house: House) -> None:
    course = house.hold()
    later = house.now + timedelta(minutes=15)

    with pytest.raises(HoldExpired):
        booking.extend(course, now=later)
    with pytest.raises(HoldExpired):
        booking.confirm(course, make_patient(), answers={}, decision=NOTHING_TO_SAY, by=None, now=later)
    assert not ScreeningAnswers.objects.exists()


def test_giving_a_hold_back_frees_it_at_once_and_twice_is_once(house: House) -> None:
    course = house.hold()
    booking.release(course, now=house.now)
    booking.release(course, now=house.now)

    assert not Claim.objects.exists()
    assert [entry.verb for entry in course.journal.all()] == ["held", "given back"]


def test_a_network_address_gets_a_few_holds_and_the_clinic_a_number() -> None:
    house = open_house(max_open_holds=booking.HOLDS_PER_NETWORK + 1)

    def hold_the_next(network: str) -> Course:
        free = proposals.first_free(house.request(), now=house.now)
        assert free is not None
        return house.hold(proposals.propose(house.request(), free.slot, now=house.now), network=network)

    for _ in range(booking.HOLDS_PER_NETWORK):
        hold_the_next("carrier")

    with pytest.raises(TooManyHolds):
        hold_the_next("carrier")
    hold_the_next("other")
    with pytest.raises(TooManyHolds):
        hold_the_next("third")


def test_an_own_hold_that_has_run_out_gives_way(house: House) -> None:
    proposal = house.propose()
    first = house.hold(proposal, visitor="pia")

    second = house.hold(proposal, visitor="pia", now=house.now + timedelta(minutes=16))

    first.refresh_from_db()
    assert (first.status, second.status) == (CourseStatus.EXPIRED, CourseStatus.HELD)


def test_over_the_cap_a_course_is_booked_without_a_hold() -> None:
    house = open_house(max_open_holds=0)
    proposal = house.propose()

    slots = proposal.slots
    course = booking.book(
        proposal.request, slots.pop(0), slots, patient=make_patient(), answers={}, decision=NOTHING_TO_SAY, by=None, now=house.now
    )

    assert course.status == CourseStatus.BOOKED
    assert course.appointments.filter(status="booked").count() == 8


def test_confirming_makes_it_the_patients_course_and_twice_is_once(house: House) -> None:
    patient, held = make_patient(), house.hold()

    course = booking.confirm(held, patient, answers={"herpes": None}, decision=NOTHING_TO_SAY, by=None, now=house.now)
    again = booking.confirm(held, patient, answers={"herpes": None}, decision=NOTHING_TO_SAY, by=None, now=house.now)

    assert course.pk == again.pk == held.pk
    assert (course.status, course.visitor, course.held_until) == (CourseStatus.BOOKED, "", None)
    assert set(course.appointments.values_list("status", "patient")) == {("booked", patient.pk)}
    assert not Claim.objects.exclude(held_until=None).exists()
    assert ScreeningAnswers.objects.count() == 1
    assert b"herpes" not in bytes(ScreeningAnswers.objects.get().sealed)


def test_someone_else_cannot_confirm_a_booked_course(house: House) -> None:
    held = house.hold()
    booking.confirm(held, make_patient(), answers={}, decision=NOTHING_TO_SAY, by=None, now=house.now)

    with pytest.raises(HoldExpired):
        booking.confirm(held, make_patient("Other"), answers={}, decision=NOTHING_TO_SAY, by=None, now=house.now)


def test_a_new_patients_course_awaits_the_physician(house: House) -> None:
    course = house.book(make_patient())

    assert course.clearance == Clearance.TO_REVIEW
    assert course.review_due == house.now + timedelta(hours=48)


def test_a_patient_cleared_within_12_months_is_cleared_again_unless_the_answers_say_otherwise(house: House) -> None:
    patient = make_patient()
    earlier = house.book(patient)
    Course.objects.filter(pk=earlier.pk).update(
        clearance="cleared",
        cleared_at=house.now - timedelta(days=200),
        cleared_by=make_user(Role.PRACTITIONER, house.clinic),
        review_due=None,
        status="cancelled",
    )
    Appointment.objects.filter(course=earlier).update(status="cancelled", **NO_TIME)
    Claim.objects.all().delete()

    course = house.book(patient)
    assert course.clearance == Clearance.CLEARED
    booking.end_course(course, CourseStatus.CANCELLED, by=None, now=house.now)

    review = Decision(to_review=(RULE,))
    reviewed = booking.confirm(house.hold(), patient, answers={}, decision=review, by=None, now=house.now)
    assert reviewed.clearance == Clearance.TO_REVIEW


def test_a_clearance_carried_over_is_not_a_physicians_and_carries_no_further(house: House) -> None:
    patient, physician = make_patient(), make_user(Role.PRACTITIONER, house.clinic)
    examined = house.book(patient)
    Course.objects.filter(pk=examined.pk).update(
        clearance="cleared", cleared_at=house.now - timedelta(days=360), cleared_by=physician, review_due=None
    )
    booking.end_course(examined, CourseStatus.CANCELLED, by=None, now=house.now)
    carried = house.book(patient)
    booking.end_course(carried, CourseStatus.CANCELLED, by=None, now=house.now)

    assert carried.clearance == Clearance.CLEARED
    assert not Course.objects.cleared_for(patient, house.protocol, house.now + timedelta(days=10))


def test_a_visitors_own_hold_that_has_run_out_does_not_stand_in_the_way(house: House) -> None:
    house.hold(house.propose("2026-03-02 10:00"), visitor="v")
    later = house.now + timedelta(minutes=16)

    again = house.hold(
        proposals.propose(house.request(), house.slot("2026-03-03 14:00", "Dr Bo"), now=later), visitor="v", now=later
    )

    assert again.status == CourseStatus.HELD


def test_a_session_that_stays_keeps_its_room(house: House) -> None:
    house.hold(house.propose("2026-03-02 10:00"), visitor="first")
    course = house.hold(proposals.propose(house.request(), house.slot("2026-03-02 09:00"), now=house.now), visitor="second")
    rooms = [claim.resource.name for claim in course.appointments.first().claims.filter(resource__kind="room")]
    booking.release(Course.objects.get(visitor="first"), now=house.now)

    last = course.appointments.last()
    day = last.during.lower.astimezone(house.clinic.zone)
    booking.change_session(course, last.position, house.slot(f"{day:%Y-%m-%d} 15:00"), now=house.now)

    assert rooms == ["Room 2"]
    assert [claim.resource.name for claim in course.appointments.first().claims.filter(resource__kind="room")] == rooms


def test_the_consultation_comes_first_where_the_clinic_says_so() -> None:
    house = open_house(consultation_first=True)
    held = house.hold(house.propose(with_consultation=False))

    with pytest.raises(ConsultationNeeded):
        booking.confirm(held, make_patient(), answers={}, decision=NOTHING_TO_SAY, by=None, now=house.now)

    course = booking.confirm(
        house.hold(house.propose(with_consultation=True)),
        make_patient(),
        answers={},
        decision=NOTHING_TO_SAY,
        by=None,
        now=house.now,
    )
    consultation, first = course.appointments.all()[:2]
    assert consultation.number == 0
    assert first.during.lower.date() >= consultation.during.lower.date() + timedelta(days=15)
    assert course.review_due == consultation.during.upper


def test_a_block_stores_no_booking(house: House) -> None:
    held = house.hold()

    with pytest.raises(Blocked):
        booking.confirm(
            held, make_patient(), answers={"pregnancy": None}, decision=Decision(blocked=(RULE,)), by=None, now=house.now
        )

    held.refresh_from_db()
    assert held.patient is None
    assert not ScreeningAnswers.objects.exists()


def test_an_answer_that_makes_the_first_session_too_early_refuses_it(house: House) -> None:
    decision = Decision(waits=((RULE, date(2026, 3, 3)),))

    with pytest.raises(TooEarly):
        booking.confirm(house.hold(), make_patient(), answers={}, decision=decision, by=None, now=house.now)


def test_minors_are_refused_until_the_day_they_turn_18(house: House) -> None:
    with pytest.raises(AdultsOnly):
        house.book(make_patient(birth_date=date(2008, 2, 24)))
    Course.objects.all().delete()
    assert house.book(make_patient(birth_date=date(2008, 2, 23))).status == CourseStatus.BOOKED


def test_one_running_course_of_a_treatment_at_a_time(house: House) -> None:
    patient = make_patient()
    house.book(patient)

    with pytest.raises(AlreadyBooked):
        house.book(patient, house.propose("2026-03-03 10:00"))


def test_a_patient_is_in_one_place_even_across_two_courses(house: House) -> None:
    patient, other = make_patient(), open_house()
    house.book(patient)

    with pytest.raises(PatientElsewhere):
        other.book(patient)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("2026-03-01 10:00", SlotUnavailable),  # a Sunday
        ("2026-03-02 08:00", SlotUnavailable),  # before opening
        ("2026-03-02 18:00", SlotUnavailable),  # would end after closing
        ("2026-02-20 10:00", SlotUnavailable),  # past
        ("2026-02-23 09:00", SlotUnavailable),  # inside the notice
        ("2026-04-06 10:00", SlotUnavailable),  # Easter Monday
    ],
)
def test_a_time_that_is_not_offered_is_refused(house: House, text: str, refusal: type[Exception]) -> None:
    proposal = house.propose()

    with pytest.raises(refusal):
        booking.hold(proposal.request, house.slot(text), {}, visitor="v", network="", now=house.now)

    assert not Course.objects.exists()


def test_a_session_outside_its_window_is_refused(house: House) -> None:
    proposal = house.propose()
    slots = {**proposal.slots, 1: house.slot("2026-03-09 10:00")}

    with pytest.raises(OutsideWindow):
        booking.hold(proposal.request, slots.pop(0), slots, visitor="v", network="", now=house.now)


def test_an_assistant_never_leads(house: House) -> None:
    with pytest.raises(SlotUnavailable):
        proposals.propose(house.request(), house.slot(lead="Cy"), now=house.now)


def test_what_changed_in_the_roster_meanwhile_is_seen_under_the_locks(house: House) -> None:
    proposal = house.propose()
    Shift.objects.filter(person=house.resources["Dr Ada"]).delete()

    with pytest.raises(SlotUnavailable):
        house.hold(proposal)


def test_a_closure_decided_meanwhile_is_seen(house: House) -> None:
    proposal = house.propose()
    make_closure(house.clinic, house.at("2026-03-16 00:00"), house.at("2026-03-17 00:00"))

    with pytest.raises(SlotUnavailable):
        house.hold(proposal)


def test_zones_are_the_protocols_own_and_not_too_many(house: House) -> None:
    foreign = tuple(open_house().protocol.zones.all())
    for zones in ((), foreign[:1]):
        with pytest.raises(TooManyZones):
            proposals.check_zones(house.protocol, zones)


def test_an_archived_protocol_is_not_booked(house: House) -> None:
    proposal = house.propose()
    protocols.archive(house.protocol)

    with pytest.raises(ProtocolChanged):
        house.hold(proposal)


def test_a_running_course_is_replanned_by_its_own_version_even_when_that_is_archived(house: House) -> None:
    course = house.book(make_patient())
    protocols.archive(house.protocol)

    seen = proposals.standing(course, house.now)
    request = replace(proposals.request_of(course, seen), earliest=date(2026, 3, 10))
    moves = rescheduling.apply(rescheduling.replanned(course, seen, request, now=house.now), by=None, now=house.now)

    assert moves
    assert course.appointments.first().during.lower.date() >= date(2026, 3, 10)


def test_a_session_inside_a_hold_changes_for_another_slot(house: House) -> None:
    held = house.hold()
    before = proposals.stored_slots(held)

    booking.change_session(held, 1, house.slot("2026-03-17 14:00"), now=house.now)

    after = proposals.stored_slots(held)
    assert after[1] == house.slot("2026-03-17 14:00")
    assert after[0] == before[0]
    assert Claim.objects.filter(held_until=None).count() == 0


def test_a_change_that_is_refused_leaves_the_hold_as_it_was(house: House) -> None:
    held = house.hold()
    before = proposals.stored_slots(held)

    with pytest.raises(OutsideWindow):
        booking.change_session(held, 1, house.slot("2026-03-05 10:00"), now=house.now)
    with pytest.raises(SlotUnavailable):
        booking.change_session(held, 1, house.slot("2026-03-17 03:00"), now=house.now)

    assert proposals.stored_slots(held) == before


def test_ending_a_course_frees_everything_to_come(house: House) -> None:
    course = house.book(make_patient())

    booking.end_course(course, CourseStatus.CANCELLED, by=None, now=house.now)
    booking.end_course(course, CourseStatus.CANCELLED, by=None, now=house.now)

    assert not Claim.objects.exists()
    assert set(course.appointments.values_list("status", flat=True)) == {"cancelled"}
    assert course.journal.filter(verb="cancelled").count() == 1


def test_when_no_course_fits_the_refusal_names_the_session(house: House) -> None:
    make_closure(house.clinic, house.at("2026-03-15 00:00"), house.at("2026-03-24 00:00"))

    with pytest.raises(NoCourseFits) as refused:
        house.propose("2026-03-02 10:00")

    assert refused.value.details["session"] == house.propose("2026-03-25 10:00").sessions[1].label


def test_the_database_itself_refuses_overlapping_claims(house: House) -> None:
    row = house.hold().appointments.first()
    claim = row.claims.first()

    shifted = (claim.during.lower + timedelta(minutes=5), claim.during.upper + timedelta(minutes=5))
    with pytest.raises(IntegrityError, match="a_resource_is_claimed_once_at_a_time"):
        Claim.objects.create(resource=claim.resource, during=shifted, appointment=row)
