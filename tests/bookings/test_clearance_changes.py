"""Suitable with changes: the rest of the course is planned anew, shown, and replaced all or none."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail

from bookings import clearance, rescheduling, visits
from bookings.clearance import Outcome
from bookings.models import Appointment, AppointmentStatus, Claim, Clearance, Course, CourseStatus
from bookings.refusals import (
    AlreadyDecided,
    ConsultationDecides,
    NoCourseFits,
    PlanChanged,
    ProtocolChanged,
    SessionsBegun,
    TooEarly,
    TooManyZones,
    UnderWayAlready,
    WrongState,
)
from clinic.models import Role, User
from tests.factories.clinic import make_closure
from tests.factories.courses import House, open_house
from tests.factories.treatments import make_morpheus, make_protocol, make_treatment
from tests.factories.visits import make_patient, make_user
from treatments.catalogue.rhythms import EVERY_FIVE_WEEKS
from treatments.catalogue.rhythms import course as catalogue_course

S = AppointmentStatus
BEGINS = "2026-03-02 10:00"

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> House:
    house = open_house(consultation_first=True)
    proposal = house.propose(BEGINS, with_consultation=True)
    house.resources["course"] = house.book(make_patient(), proposal)
    return house


@pytest.fixture
def house(shared: House) -> House:
    return deepcopy(shared)


@pytest.fixture
def dora(house: House) -> User:
    return make_user(Role.PRACTITIONER, house.clinic)


@pytest.fixture
def course(house: House, dora: User) -> Course:
    """Monday 2 March, 10:00: the consultation has begun."""
    course: Course = house.resources["course"]
    visits.start(course.appointments.get(position=0), by=dora, now=house.at(BEGINS))
    return course


@pytest.fixture
def change(house: House, course: Course, dora: User) -> Callable[..., Any]:
    def change(**fields: Any) -> Any:
        return clearance.record_consultation(course, Outcome.CHANGED, by=dora, now=house.at("2026-03-02 10:25"), **fields)

    return change


def dates(course: Course) -> list[str]:
    """The local start of each session with a time."""
    rows = course.appointments.filter(during__isnull=False).order_by("position")
    return [f"{row.during.lower.astimezone(course.clinic.zone):%Y-%m-%d %H:%M}" for row in rows]


def stored() -> list[Any]:
    """Everything that must not change when a change is refused."""
    return [
        list(Appointment.objects.order_by("pk").values()),
        list(Claim.objects.order_by("pk").values()),
        list(Course.objects.values("status", "clearance")),
    ]


def zones(house: House, *codes: str) -> list[Any]:
    return [zone for zone in house.protocol.zones.select_related("zone") if zone.zone.code in codes]


def test_no_session_before_a_date_moves_the_first_and_what_follows(house: House, course: Course, change: Any) -> None:
    before = dates(course)

    moves = change(earliest=date(2026, 4, 1))

    after = dates(course)
    assert after[0] == before[0] == BEGINS
    assert after[1] == "2026-04-01 10:00"
    assert [move.position for move in moves] == [
        position for position, (was, is_now) in enumerate(zip(before, after, strict=True)) if was != is_now
    ]
    course.refresh_from_db()
    assert (course.clearance, course.status) == (Clearance.CLEARED, "booked")
    assert course.appointments.get(position=0).status == S.COMPLETED


def test_more_zones_make_every_visit_longer_and_book_its_resources_so(house: House, course: Course, change: Any) -> None:
    session = course.appointments.get(position=1)
    minutes = (session.during.upper - session.during.lower).total_seconds() / 60

    change(zones=zones(house, "face", "neck"))

    session.refresh_from_db()
    assert (session.during.upper - session.during.lower).total_seconds() / 60 == minutes + 10
    assert {zone.zone.code for zone in course.zones.all()} == {"face", "neck"}
    room = session.claims.get(resource__kind="room")
    assert (room.during.lower, room.during.upper) > (session.during.lower, session.during.upper)


def test_what_is_shown_is_what_is_stored(house: House, course: Course, change: Any) -> None:
    reflow = clearance.plan_changes(course, zones=None, earliest=date(2026, 4, 1), now=house.at("2026-03-02 10:20"))
    shown = {line.position: line.after for line in reflow.changes}

    change(earliest=date(2026, 4, 1), accepted=reflow.proposal.slots)

    rows = course.appointments.filter(position__gt=0)
    assert {row.position: row.during.lower if row.during else None for row in rows} == shown
    assert [line.position for line in reflow.changes] == [1, 2, 3, 4, 5, 6, 7, 8]


def test_nothing_is_stored_by_looking(house: House, course: Course) -> None:
    before = stored()

    clearance.plan_changes(course, zones=zones(house, "neck"), earliest=date(2026, 4, 1), now=house.at("2026-03-02 10:20"))

    assert stored() == before


def test_dates_that_are_no_longer_the_plan_are_shown_again(house: House, course: Course, change: Any) -> None:
    reflow = clearance.plan_changes(course, zones=None, earliest=date(2026, 4, 1), now=house.at("2026-03-02 10:20"))
    make_closure(house.clinic, house.at("2026-04-01 00:00"), house.at("2026-04-02 00:00"))
    before = stored()

    with pytest.raises(PlanChanged):
        change(earliest=date(2026, 4, 1), accepted=reflow.proposal.slots)

    assert stored() == before


def test_where_no_course_fits_nothing_changes(house: House, course: Course, change: Any) -> None:
    make_closure(house.clinic, house.at("2026-05-01 00:00"), house.at("2026-09-01 00:00"))
    before = stored()

    with pytest.raises(NoCourseFits):
        change(earliest=date(2026, 4, 30))

    assert stored() == before


def test_zones_must_be_the_protocols_own(house: House, course: Course, change: Any) -> None:
    before = stored()

    with pytest.raises(TooManyZones):
        change(zones=[])

    assert stored() == before


def test_the_patient_is_told_of_the_new_dates_once(
    house: House, course: Course, change: Any, django_capture_on_commit_callbacks: Any
) -> None:
    mail.outbox.clear()
    with django_capture_on_commit_callbacks(execute=True):
        change(earliest=date(2026, 4, 1))

    assert [message.to for message in mail.outbox] == [["pia@example.org"]]


def test_a_second_click_changes_nothing_and_a_later_change_is_refused(
    house: House, course: Course, change: Any, dora: User
) -> None:
    change(earliest=date(2026, 4, 1))
    before = stored()

    assert change(earliest=date(2026, 4, 1)) == []
    assert stored() == before
    with pytest.raises(AlreadyDecided):
        clearance.record_consultation(
            course, Outcome.CHANGED, by=dora, now=house.at("2026-03-02 11:00"), earliest=date(2026, 5, 1)
        )
    assert stored() == before


def test_before_the_consultation_has_begun_nothing_is_changed(house: House, dora: User) -> None:
    course: Course = house.resources["course"]
    before = stored()

    with pytest.raises(ConsultationDecides):
        clearance.record_consultation(
            course, Outcome.CHANGED, by=dora, now=house.at("2026-03-02 09:00"), earliest=date(2026, 4, 1)
        )

    assert stored() == before


def test_the_physicians_day_holds_for_every_later_change(house: House, course: Course, change: Callable[..., Any]) -> None:
    change(earliest=date(2026, 4, 1))
    course = Course.objects.get(pk=course.pk)
    assert course.not_before == date(2026, 4, 1)

    with pytest.raises(TooEarly):
        rescheduling.move(course, 1, house.slot("2026-03-19 10:00"), now=house.at("2026-03-02 11:00"))


def test_changes_to_a_paused_course_are_kept_and_it_stays_paused(
    house: House, course: Course, dora: User, change: Callable[..., Any]
) -> None:
    """Only taking it up again gives it dates, and then by what the physician decided."""
    visits.complete(course.appointments.get(position=0), by=dora, now=house.at("2026-03-02 10:20"))
    rescheduling.suspend(course, by=dora, now=house.at("2026-03-02 10:22"))
    other = list(course.protocol.zones.exclude(pk__in=course.zones.all()).order_by("pk")[:1])

    for _double_click in range(2):
        change(zones=other, earliest=date(2026, 4, 1))

    course = Course.objects.get(pk=course.pk)
    assert (course.status, course.clearance) == (CourseStatus.SUSPENDED, Clearance.CLEARED)
    assert (list(course.zones.all()), course.not_before) == (other, date(2026, 4, 1))
    assert dates(course) == ["2026-03-02 10:00"]

    now = house.at("2026-03-10 09:00")
    rescheduling.apply(rescheduling.resume(course, now.date(), now=now), by=dora, now=now)
    assert dates(course)[1] >= "2026-04-01"


def test_the_review_is_due_where_the_consultation_is(house: House) -> None:
    """Moved two days later, nothing is overdue before; given back, it is reception's to give a time."""
    course: Course = house.resources["course"]
    due = course.review_due
    assert due is not None
    reflow = rescheduling.move(course, 0, house.slot("2026-03-04 10:00"), now=house.now)
    rescheduling.apply(reflow, by=None, now=house.now)

    course.refresh_from_db()
    assert course.review_due == due + timedelta(days=2)
    assert clearance.keep_overdue(due + timedelta(hours=1)) == 0

    rescheduling.cannot_come(course.appointments.get(position=0), by=make_user(Role.PATIENT), now=house.now)
    assert clearance.keep_overdue(due + timedelta(days=3)) == 0


# Another way of treating


def test_the_physician_chooses_morpheus_8_and_the_rest_of_the_course_follows_it(
    house: House, course: Course, change: Callable[..., Any]
) -> None:
    """Its rhythm, its device, its price; the consultation is done and stays; the patient is told of every date that moved."""
    morpheus = make_morpheus(house.protocol.treatment)
    face = list(morpheus.zones.all())

    moves = change(protocol=morpheus, zones=face)

    course = Course.objects.get(pk=course.pk)
    assert (course.protocol, list(course.zones.all()), course.clearance) == (morpheus, face, Clearance.CLEARED)
    assert {row.phase.protocol for row in course.appointments.filter(number__gt=0)} == {morpheus}
    assert dates(course)[0] == BEGINS
    first, second = (date.fromisoformat(day[:10]) for day in dates(course)[1:3])
    assert first >= date(2026, 3, 17)  # fifteen days after the consultation
    assert 28 <= (second - first).days <= 42
    devices = {claim.resource.name for claim in Claim.objects.filter(appointment__course=course, resource__kind="device")}
    assert devices == {"Morpheus 8"}
    assert {move.position for move in moves} <= set(range(1, 10))
    assert len(mail.outbox) == 0  # after the commit only


@pytest.mark.parametrize("sessions", [2, 12])
def test_another_way_of_treating_may_have_fewer_sessions_or_more(
    house: House, course: Course, change: Callable[..., Any], sessions: int
) -> None:
    consultation, core, *_boosters = catalogue_course(EVERY_FIVE_WEEKS, EVERY_FIVE_WEEKS)
    other = make_morpheus(house.protocol.treatment, phases=(consultation, replace(core, sessions=sessions)))

    change(protocol=other, zones=list(other.zones.all()))

    rows = list(Appointment.objects.filter(course=course, number__gt=0).order_by("position"))
    coming = [row for row in rows if row.status != S.SKIPPED]
    assert [row.number for row in coming] == list(range(1, sessions + 1))
    assert all(row.status == S.BOOKED and row.claims.exists() for row in coming)
    assert not Claim.objects.filter(appointment__course=course, appointment__status=S.SKIPPED).exists()
    assert {row.patient_id for row in rows} == {course.patient_id}
    course = Course.objects.get(pk=course.pk)
    for gone in (row for row in rows if row.status == S.SKIPPED):
        with pytest.raises(WrongState):
            rescheduling.take_up(course, gone.position, now=house.at("2026-03-02 11:00"))


def test_every_date_another_way_of_treating_adds_is_shown(house: House, course: Course) -> None:
    consultation, core, *_boosters = catalogue_course(EVERY_FIVE_WEEKS, EVERY_FIVE_WEEKS)
    other = make_morpheus(house.protocol.treatment, phases=(consultation, replace(core, sessions=12)))

    reflow = clearance.plan_changes(course, protocol=other, zones=list(other.zones.all()), now=house.at("2026-03-02 10:25"))

    assert {change.position for change in reflow.changes if change.after} == set(reflow.proposal.slots)
    assert [change.position for change in reflow.changes if change.added] == [9, 10, 11, 12]


@pytest.mark.parametrize("paused", [False, True])
def test_what_was_left_out_is_not_left_out_of_another_way_of_treating(
    house: House, course: Course, dora: User, change: Callable[..., Any], paused: bool
) -> None:
    """The sixth session is optional in one protocol and needed in the other."""
    now = house.at("2026-03-02 10:05")
    rescheduling.apply(rescheduling.drop(Course.objects.get(pk=course.pk), 6, team=False, now=now), by=dora, now=now)
    if paused:
        visits.complete(course.appointments.get(position=0), by=dora, now=house.at("2026-03-02 10:20"))
        rescheduling.suspend(course, by=dora, now=house.at("2026-03-02 10:22"))
    consultation, core, *_boosters = catalogue_course(EVERY_FIVE_WEEKS, EVERY_FIVE_WEEKS)
    other = make_morpheus(house.protocol.treatment, phases=(consultation, replace(core, sessions=8)))

    change(protocol=other, zones=list(other.zones.all()))

    rows = course.appointments.filter(number__gt=0).order_by("position").select_related("phase")
    assert [(row.number, row.status) for row in rows] == [(number, S.PLANNED if paused else S.BOOKED) for number in range(1, 9)]
    assert {row.phase.protocol_id for row in rows} == {other.pk}  # before it is taken up again, too


def test_a_course_keeps_its_consultation_whatever_the_physician_chooses(
    house: House, course: Course, change: Callable[..., Any]
) -> None:
    """In a protocol without one the consultation would stand in the place of the first session."""
    _consultation, core, *_boosters = catalogue_course(EVERY_FIVE_WEEKS, EVERY_FIVE_WEEKS)
    other = make_morpheus(house.protocol.treatment, phases=(replace(core, sessions=3),))

    with pytest.raises(ProtocolChanged):
        change(protocol=other, zones=list(other.zones.all()))


@pytest.mark.parametrize("paused", [False, True])
@pytest.mark.parametrize("version", ["same", "older"])
def test_nobody_is_treated_in_one_way_by_two_courses(
    house: House, course: Course, dora: User, change: Callable[..., Any], version: str, paused: bool
) -> None:
    under_way = morpheus = make_morpheus(house.protocol.treatment)
    if version == "older":
        type(under_way).objects.filter(pk=under_way.pk).update(status="archived")
        morpheus = make_morpheus(house.protocol.treatment, version=2)
    Course.objects.create(
        protocol=under_way,
        clinic=house.clinic,
        patient=course.patient,
        status=CourseStatus.BOOKED,
        clearance=Clearance.CLEARED,
        cleared_at=house.now,
    )
    if paused:
        visits.complete(course.appointments.get(position=0), by=dora, now=house.at("2026-03-02 10:20"))
        rescheduling.suspend(course, by=dora, now=house.at("2026-03-02 10:22"))
    before = stored()

    with pytest.raises(UnderWayAlready):
        change(protocol=morpheus, zones=list(morpheus.zones.all()))
    assert stored() == before


def test_the_way_of_treating_is_chosen_before_the_first_session_and_among_those_of_the_treatment(
    house: House, course: Course, dora: User, change: Callable[..., Any]
) -> None:
    elsewhere = make_morpheus(make_treatment("Another"))
    with pytest.raises(ProtocolChanged):
        change(protocol=elsewhere, zones=list(elsewhere.zones.all()))

    morpheus, before = make_morpheus(house.protocol.treatment), stored()
    session = course.appointments.get(position=1)
    with pytest.raises(SessionsBegun):
        clearance.plan_changes(course, protocol=morpheus, zones=list(morpheus.zones.all()), now=session.during.lower)
    assert stored() == before


def test_a_paused_course_is_taken_up_again_the_way_the_physician_chose(
    house: House, course: Course, dora: User, change: Callable[..., Any]
) -> None:
    morpheus = make_morpheus(house.protocol.treatment)
    visits.complete(course.appointments.get(position=0), by=dora, now=house.at("2026-03-02 10:20"))
    rescheduling.suspend(course, by=dora, now=house.at("2026-03-02 10:22"))

    change(protocol=morpheus, zones=list(morpheus.zones.all()))
    course, now = Course.objects.get(pk=course.pk), house.at("2026-03-10 09:00")
    rescheduling.apply(rescheduling.resume(course, now.date(), now=now), by=dora, now=now)

    devices = Claim.objects.filter(appointment__course=course, resource__kind="device").values_list("resource__name", flat=True)
    assert set(devices) == {"Morpheus 8"}


def test_another_way_of_treating_without_zones_claims_what_it_needs() -> None:
    """As many zones as before, none: the visits differ all the same, and do not keep the device they had."""
    treatment = make_treatment()
    house = open_house(protocol=make_protocol(treatment, zones=(), published=True), consultation_first=True)
    morpheus = make_morpheus(treatment, zones=())
    course = house.book(make_patient(), house.propose(BEGINS, with_consultation=True, zones=()))
    dora = make_user(Role.PRACTITIONER, house.clinic)
    visits.start(course.appointments.get(position=0), by=dora, now=house.at(BEGINS))

    now = house.at("2026-03-02 10:25")
    clearance.record_consultation(course, Outcome.CHANGED, by=dora, now=now, protocol=morpheus, zones=[])

    devices = Claim.objects.filter(appointment__course=course, resource__kind="device").values_list("resource__name", flat=True)
    assert set(devices) == {"Morpheus 8"}
