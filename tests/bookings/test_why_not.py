"""Every reason why a time cannot be had; never one where the search offers it, never none where it does not."""

from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import absences, availability, proposals, rescheduling, why_not
from bookings.availability import Serving
from bookings.models import Course
from bookings.planner import Slot
from bookings.refusals import Refusal
from bookings.why_not import Kind, Why
from clinic import timegrid
from tests.bookings.test_serving import LENGTH, serves, servings, ways
from tests.factories.clinic import make_closure
from tests.factories.courses import House, open_house
from tests.factories.visits import make_patient


@st.composite
def agendas(draw: st.DrawFn) -> tuple[Serving, Serving]:
    """A search, and the same without claims: more is free, and nobody is there who was not."""
    there = draw(servings())
    taken = {key: draw(st.integers(0, 2**LENGTH - 1)) for key in there.free}
    limits = {"opening": there.allowed}
    there = replace(there, limits=limits)
    return replace(there, free={key: timegrid.subtract(mask, taken[key]) for key, mask in there.free.items()}), there


@given(agendas())
def test_there_is_a_reason_exactly_where_the_search_offers_nothing(agenda: tuple[Serving, Serving]) -> None:
    serving, there = agenda
    for start in range(LENGTH):
        for lead in serving.free:
            offered = availability.has(serving.leads.get(lead, 0), start)
            assert bool(why_not.explain(serving, there, start, lead)) != offered


@given(agendas())
def test_each_reason_is_true(agenda: tuple[Serving, Serving]) -> None:
    """Who is said to be busy is there and taken until that tick; who is said to be away is not there; two things at once are
    only named where each alone could be served."""
    serving, there = agenda
    for start in range(LENGTH):
        for lead in serving.free:
            for why in why_not.explain(serving, there, start, lead):
                if why.kind == Kind.BUSY:
                    assert why.resource is not None
                    assert why.until is not None
                    assert not availability.has(serving.free[why.resource], why.until - 1)
                    assert availability.has(there.free[why.resource], why.until - 1)
                    assert availability.has(serving.free[why.resource], why.until) or not availability.has(
                        there.free[why.resource], why.until
                    )
                elif why.kind == Kind.AWAY:
                    assert why.resource is not None
                    assert _is_away(there, start, why)
                elif why.kind == Kind.SHARED:
                    assert all(any(availability.has(mask, start) for mask in fits.values()) for fits in serving.fits.values())
                    assert not any(assignment[serving.shape.lead] == lead for assignment in ways(serving, start))


def _is_away(there: Serving, start: int, why: Why) -> bool:
    """Alone with what it could do, at a clinic where nobody is taken, it still could not."""
    assert why.resource is not None
    assert why.capability is not None
    segments = tuple(
        replace(segment, needs=(why.capability,)) for segment in there.shape.segments if why.capability in segment.needs
    )
    alone = replace(there, shape=replace(there.shape, segments=segments, lead=why.capability))
    return not serves(alone, start, {why.capability: why.resource})


# A session of a running course

with_db = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house(weekdays=range(1, 7), closes_on_holidays=False, horizon_months=24)
    course = house.book(make_patient())
    Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at="2026-02-23T08:00Z")
    return SimpleNamespace(house=house, course=Course.objects.get(pk=course.pk))


@pytest.fixture
def house(shared: SimpleNamespace) -> House:
    return deepcopy(shared.house)


@pytest.fixture
def course(shared: SimpleNamespace) -> Course:
    """Booked from Monday 2 March 2026, 10:00, with Dr Ada: session 2 on 16 March."""
    return deepcopy(shared.course)


def kinds(house: House, course: Course, text: str, position: int = 1, lead: str = "Dr Ada") -> list[Kind]:
    return [why.kind for why in why_not.reasons(course, position, house.slot(text, lead), now=house.now)]


@with_db
def test_a_time_that_can_be_had_has_no_reason_against_it(house: House, course: Course) -> None:
    assert kinds(house, course, "2026-03-17 10:00") == []
    rescheduling.move(course, 1, house.slot("2026-03-17 10:00"), now=house.now, late=True)


@with_db
def test_the_rhythm_says_how_many_days_there_are_and_have_to_be(house: House, course: Course) -> None:
    [early] = why_not.reasons(course, 1, house.slot("2026-03-14 10:00"), now=house.now)
    [late] = why_not.reasons(course, 1, house.slot("2026-04-01 10:00"), now=house.now)

    assert (early.kind, early.days, early.limit, early.counted_from) == (Kind.EARLY, 12, 13, 0)
    assert (late.kind, late.days, late.limit) == (Kind.LATE, 30, 28)


@with_db
def test_who_is_busy_or_away_is_named_and_until_when(house: House, course: Course) -> None:
    ada, bo = house.resources["Dr Ada"], house.resources["Dr Bo"]
    other = house.book(make_patient(), house.propose("2026-03-17 10:00"))
    ends = max(claim.during.upper for claim in other.appointments.get(position=0).claims.filter(resource=ada))
    absences.enter(bo, house.at("2026-03-17 00:00"), house.at("2026-03-18 00:00"), reason="", by=None)

    busy = why_not.reasons(course, 1, house.slot("2026-03-17 10:00"), now=house.now)
    away = why_not.reasons(course, 1, house.slot("2026-03-17 10:00", "Dr Bo"), now=house.now)

    assert (Kind.BUSY, ada.pk, timegrid.tick(ends)) in {(why.kind, why.resource, why.until) for why in busy}
    assert (Kind.AWAY, bo.pk) in {(why.kind, why.resource) for why in away}


@with_db
def test_all_reasons_are_given_at_once(house: House, course: Course) -> None:
    absences.enter(house.resources["Dr Ada"], house.at("2026-04-01 00:00"), house.at("2026-04-02 00:00"), reason="", by=None)
    Course.objects.filter(pk=course.pk).update(not_before="2026-04-05")

    found = set(kinds(house, Course.objects.get(pk=course.pk), "2026-04-01 10:00"))

    assert found == {Kind.NOT_ALLOWED, Kind.AWAY, Kind.LATE}


@with_db
def test_on_a_closed_day_nobody_is_said_to_be_away(house: House, course: Course) -> None:
    make_closure(house.clinic, house.at("2026-03-17 00:00"), house.at("2026-03-18 00:00"))

    assert kinds(house, course, "2026-03-17 10:00") == [Kind.OPENING]


@with_db
def test_who_is_away_is_named_where_the_visit_only_ends_too_late(house: House, course: Course) -> None:
    """The clinic closes at seven; the rooms and devices are there until then, Dr Ada is not at all."""
    ada = house.resources["Dr Ada"]
    absences.enter(ada, house.at("2026-03-17 00:00"), house.at("2026-03-18 00:00"), reason="", by=None)

    found = why_not.reasons(course, 1, house.slot("2026-03-17 18:30"), now=house.now)

    assert {(why.kind, why.resource) for why in found} == {(Kind.OPENING, None), (Kind.AWAY, ada.pk)}


@with_db
@pytest.mark.parametrize("text", ["2026-02-23 08:05", "2026-02-20 10:00", "2020-03-01 10:00"])
def test_what_is_past_or_too_near_is_said_to_be(house: House, course: Course, text: str) -> None:
    assert Kind.NOTICE in kinds(house, course, text, position=0)


@with_db
def test_the_day_that_is_allowed_is_not_called_too_near(house: House, course: Course) -> None:
    Course.objects.filter(pk=course.pk).update(not_before="2026-03-20")

    assert kinds(house, Course.objects.get(pk=course.pk), "2026-03-17 10:00") == [Kind.NOT_ALLOWED]


@with_db
def test_who_no_longer_works_here_is_away_and_not_unable(house: House, course: Course) -> None:
    house.resources["Dr Bo"].shifts.update(valid_until="2026-03-01")

    assert kinds(house, course, "2026-03-17 10:00", lead="Dr Bo") == [Kind.AWAY]


@with_db
def test_beyond_the_horizon_nothing_is_open(house: House, course: Course) -> None:
    assert Kind.HORIZON in kinds(house, course, "2029-03-01 10:00")


@with_db
def test_of_a_session_the_course_does_not_have_nothing_is_said(house: House, course: Course) -> None:
    assert kinds(house, course, "2026-03-17 10:00", position=99) == []


@with_db
def test_nobody_with_another_profession_leads_a_session(house: House, course: Course) -> None:
    assert Kind.NOBODY in kinds(house, course, "2026-03-17 10:00", lead="Cy")


@with_db
def test_the_times_of_a_day_are_either_offered_or_explained(house: House, course: Course) -> None:
    """On the real agenda: what the search offers for session 2 on a day with another visit, against the reasons."""
    house.book(make_patient(), house.propose("2026-03-17 10:00"))
    request = proposals.request_of(course, proposals.standing(course, house.now))
    start = house.slot("2026-03-17 08:00")
    found = proposals.agenda_at(request, start, now=house.now, claims=True)

    for tick in range(start.start, start.start + 12 * 12, 4):
        slot = proposals.slot_at(tick, start.lead, house.clinic)
        assert bool(kinds_at(house, course, slot)) != found.offers("session", slot), slot


def kinds_at(house: House, course: Course, slot: Slot) -> list[Kind]:
    return [why.kind for why in why_not.reasons(course, 1, slot, now=house.now)]


# The first visit of a new course


@with_db
@pytest.mark.parametrize("with_consultation", [True, False])
def test_a_course_begins_exactly_where_nothing_is_against_it_and_all_that_follows_finds_its_place(
    house: House, with_consultation: bool
) -> None:
    """Every half hour of a day with a visit on it, from before the clinic opens until it has closed."""
    house.book(make_patient(), house.propose("2026-03-03 11:00"))
    asked = house.request(with_consultation=with_consultation)
    day = house.at("2026-03-03 00:00").date()
    offered = {offer.slot for offer in proposals.first_offers(asked, start=day, end=day + timedelta(days=1), now=house.now)}
    assert offered
    for minutes in range(8 * 60, 20 * 60, 30):
        for lead in ("Dr Ada", "Dr Bo"):
            slot = house.slot(f"2026-03-03 {minutes // 60:02}:{minutes % 60:02}", lead)
            assert (not why_not.to_begin(asked, slot, now=house.now) and _goes_on(asked, slot, house)) == (slot in offered)


def _goes_on(asked: proposals.CourseRequest, slot: Slot, house: House) -> bool:
    try:
        proposals.propose(asked, slot, now=house.now)
    except Refusal:
        return False
    return True
