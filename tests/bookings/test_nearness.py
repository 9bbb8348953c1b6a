"""Why a date is not the ideal day: what the days nearer to it have to offer, before and after booking."""

from collections.abc import Callable
from copy import deepcopy
from datetime import timedelta

import pytest
from django.template import Context, Template

from bookings import absences, nearness, proposals, rescheduling
from bookings.models import Course
from bookings.nearness import Reason
from bookings.planner import Wishes
from clinic.models import Resource, Role
from tests.factories.clinic import make_closure
from tests.factories.courses import House, open_house
from tests.factories.visits import make_patient, make_user

pytestmark = pytest.mark.django_db

SECOND = 1  # the position of session 2, whose ideal day is Monday 16 March
IDEAL, NEXT, AFTER_NEXT = "2026-03-16", "2026-03-17", "2026-03-18"


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> House:
    return open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)


@pytest.fixture
def house(shared: House) -> House:
    return deepcopy(shared)


def chosen(house: House, day: str = AFTER_NEXT, **fields: object) -> proposals.Proposal:
    """The course from 2 March with session 2 on this day."""
    pins = {SECOND: house.slot(f"{day} 12:00")}
    return proposals.propose(house.request(**fields), house.slot(), pins=pins, now=house.now)


def away(house: House, starts: str, ends: str, *people: str) -> None:
    """From the beginning of one day to that of another: these people, or everybody."""
    for person in Resource.objects.filter(kind="person", **({"name__in": people} if people else {})):
        absences.enter(person, house.at(f"{starts} 00:00"), house.at(f"{ends} 00:00"), reason="", by=None)


def closed(house: House, starts: str, ends: str) -> None:
    make_closure(house.clinic, house.at(f"{starts} 00:00"), house.at(f"{ends} 00:00"))


def closed_then_away(house: House) -> None:
    closed(house, IDEAL, NEXT)
    away(house, NEXT, AFTER_NEXT)


CASES = [
    (lambda house: None, Reason.FREE),
    (lambda house: away(house, IDEAL, AFTER_NEXT), Reason.FULL),
    (lambda house: away(house, IDEAL, AFTER_NEXT, "Dr Ada"), Reason.LEAD),
    (lambda house: closed(house, IDEAL, AFTER_NEXT), Reason.CLOSED),
    (closed_then_away, Reason.CLOSED_OR_FULL),
    (lambda house: away(house, IDEAL, NEXT), Reason.FREE),  # the day between is free
]


@pytest.mark.parametrize(("happens", "reason"), CASES)
def test_the_reason_is_what_the_nearer_days_have(house: House, happens: Callable[[House], None], reason: Reason) -> None:
    happens(house)
    proposal = chosen(house)

    assert reasons(nearness.of_proposal(proposal, now=house.now)) == {SECOND: reason}


@pytest.mark.parametrize(("happens", "reason"), CASES)
def test_a_booked_course_says_what_holds_when_it_is_read(house: House, happens: Callable[[House], None], reason: Reason) -> None:
    course = house.book(make_patient(), chosen(house))

    happens(house)

    assert said(course, house) == {SECOND: reason}


def test_a_date_before_its_ideal_day_says_why_it_is_not_later(house: House) -> None:
    closed(house, IDEAL, NEXT)
    proposal = chosen(house, "2026-03-15")

    assert reasons(nearness.of_proposal(proposal, now=house.now)) == {SECOND: Reason.CLOSED}


def test_wishes_are_named_where_there_are_any(house: House) -> None:
    """Nothing hangs on a booster: that it is on a Wednesday is all there is to say of it."""
    proposal = house.propose("2026-03-04 10:00", wishes=Wishes(weekdays=frozenset({3})))
    boosters = [session for session in proposal.sessions[-2:] if session.distance]
    assert boosters

    found = nearness.of_proposal(proposal, now=house.now)

    assert {found[session.position].reason for session in boosters} == {Reason.WISHES}


def test_a_wish_that_no_nearer_day_meets_is_reason_enough(house: House) -> None:
    """Always a Wednesday: a month after one is none."""
    proposal = house.propose("2026-03-04 10:00", wishes=Wishes(weekdays=frozenset({3})))
    off = {session.position for session in proposal.sessions[1:] if session.distance}

    found = reasons(nearness.of_proposal(proposal, now=house.now))

    assert len(off) > 3
    assert found == dict.fromkeys(off, Reason.WISHES)


@pytest.mark.parametrize(
    ("wishes", "reason"), [(Wishes(weekdays=frozenset({1})), Reason.FREE), (Wishes(minutes=(600, 660)), Reason.MOVES)]
)
def test_a_wish_that_the_date_itself_does_not_meet_is_no_reason_for_it(house: House, wishes: Wishes, reason: Reason) -> None:
    """Always a Monday, or always from ten to eleven: neither the Wednesday at noon nor the Tuesday before it is that."""
    closed(house, IDEAL, NEXT)
    for person in Resource.objects.filter(kind="person"):
        absences.enter(person, house.at(f"{NEXT} 09:00"), house.at(f"{NEXT} 11:00"), reason="", by=None)

    found = nearness.of_proposal(chosen(house, wishes=wishes), now=house.now)

    assert found[SECOND].reason == reason


@pytest.mark.parametrize("opens", ["2026-04-03", "2026-04-05", "2026-04-07"])
def test_what_the_planner_chose_for_what_follows_would_be_no_better_nearer(house: House, opens: str) -> None:
    """Session 3 finds the clinic closed on its ideal day and after it: session 2 comes a little later, so that both are near."""
    closed(house, "2026-03-29", opens)
    proposal = house.propose()
    assert proposal.sessions[SECOND].distance > 0

    because = nearness.of_proposal(proposal, now=house.now)[SECOND]
    assert (because.reason, because.session) == (Reason.FURTHER, "Session 3")
    assert because.days > proposal.sessions[2].distance
    assert 1 <= because.nearer <= proposal.sessions[SECOND].distance
    words = Template("{% load timeline %}{% distance session None reasons %}")
    shown = words.render(Context({"session": proposal.sessions[SECOND], "reasons": {SECOND: because}}))
    days = [f"{count} day" if count == 1 else f"{count} days" for count in (because.nearer, because.days)]
    assert f"({days[0]} nearer, Session 3 would be {days[1]} from its own ideal day)" in shown

    course = house.book(make_patient(), proposal)
    assert nearness.of_course(course, course.appointments.all(), now=house.now)[SECOND] == because


@pytest.mark.parametrize("position", [0, 1])
def test_where_an_earlier_session_has_no_date_only_the_agenda_speaks(house: House, position: int) -> None:
    """The first visit was missed, or the second given up: nothing can be counted from it until it has a date again."""
    request, pins = house.request(), {1: house.slot(f"{IDEAL} 10:00"), 2: house.slot("2026-04-02 12:00")}
    course = house.book(make_patient(), proposals.propose(request, house.slot(), pins=pins, now=house.now))
    rows = course.appointments.filter(position=position)
    rows.get().claims.all().delete()
    rows.update(status="missed" if position == 0 else "planned", during=None, lead=None, agreed_at=None)

    assert said(course, house)[2] == Reason.FREE


def test_a_course_that_is_only_held_is_measured_from_what_the_answers_allow(house: House) -> None:
    """It does not know that day yet, and its page does."""
    day = house.at("2026-03-20 00:00").date()
    proposal = proposals.propose(house.request(with_consultation=True, earliest=day), house.slot(), now=house.now)
    course = house.hold(proposal)

    found = nearness.of_course(course, course.appointments.all(), earliest=day, now=house.now)

    assert found == nearness.of_proposal(proposal, now=house.now)
    assert 1 not in found


def test_what_was_left_where_it_was_would_take_others_along(house: House) -> None:
    """Session 1 comes three days later. Session 4 could follow it: then session 5, which stays, would have to as well."""
    course = house.book(make_patient())
    flow = rescheduling.move(course, 0, house.slot("2026-03-05 10:00"), now=house.now)
    rescheduling.apply(flow, by=make_user(Role.RECEPTION, house.clinic), now=house.now)

    found = nearness.of_course(Course.objects.get(pk=course.pk), course.appointments.all(), now=house.now)

    assert found == {3: nearness.Because(Reason.MOVES, "Session 5")}


def test_a_date_kept_past_the_last_day_that_can_be_booked_is_reckoned_as_kept(house: House) -> None:
    """The roster ends with the last day the booster may have, and session 6, which it is counted from, comes a day later."""
    first = house.slot("2026-03-10 10:00")
    planned = proposals.propose(house.request(), first, now=house.now)
    sixth, booster = planned.sessions[5], planned.sessions[6]
    closed(house, f"{booster.target}", f"{booster.target + timedelta(days=1)}")
    house.clinic.roster_published_until = booster.latest
    house.clinic.save()
    pins = {session.position: session.slot for session in planned.sessions[1:6]}
    course = house.book(make_patient(), proposals.propose(house.request(), first, pins=pins, now=house.now))
    later = sixth.starts.astimezone(house.clinic.zone) + timedelta(days=1)
    flow = rescheduling.move(course, 5, house.slot(f"{later:%Y-%m-%d %H:%M}"), now=house.now)
    rescheduling.apply(flow, by=make_user(Role.RECEPTION, house.clinic), now=house.now)
    kept = course.appointments.get(position=6)
    assert kept.latest > house.clinic.roster_published_until
    assert kept.during

    found = nearness.of_course(Course.objects.get(pk=course.pk), course.appointments.all(), now=house.now)

    assert found[5] == nearness.Because(Reason.FURTHER, "Booster at 6 months", 1, nearer=1)


def test_days_that_have_passed_are_no_longer_looked_at(house: House) -> None:
    course = house.book(make_patient(), chosen(house))
    away(house, IDEAL, AFTER_NEXT)

    house.now = house.at(f"{AFTER_NEXT} 08:00")

    assert said(course, house)[SECOND] == Reason.PASSED


def test_closed_is_said_only_where_the_days_gone_by_were_closed_too(house: House) -> None:
    """Monday and Tuesday were open and have passed; Wednesday is closed, the visit is on Thursday."""
    course = house.book(make_patient(), chosen(house, "2026-03-19"))
    closed(house, AFTER_NEXT, "2026-03-19")

    house.now = house.at(f"{AFTER_NEXT} 08:00")

    assert said(course, house)[SECOND] == Reason.PASSED


def test_from_the_first_day_allowed_where_the_ideal_day_is_too_early(house: House) -> None:
    """Session 1 is ideal on the 17th, allowed from the 20th and chosen for the 22nd: the days before the 20th say nothing."""
    request = house.request(with_consultation=True, earliest=house.at("2026-03-20 00:00").date())
    closed(house, "2026-03-20", "2026-03-22")

    late = proposals.propose(request, house.slot(), pins={1: house.slot("2026-03-22 12:00")}, now=house.now)

    assert late.sessions[1].target == house.at("2026-03-17 00:00").date()
    assert nearness.of_proposal(late, now=house.now)[1].reason == Reason.CLOSED


def test_on_the_ideal_day_there_is_nothing_to_say(house: House) -> None:
    assert nearness.of_proposal(house.propose(), now=house.now) == {}


def test_a_course_without_dates_is_not_looked_at(house: House) -> None:
    course = house.book(make_patient())
    course.appointments.update(status="planned", during=None, lead=None, agreed_at=None)

    assert said(course, house) == {}


def said(course: Course, house: House) -> dict[int, Reason]:
    course = Course.objects.get(pk=course.pk)
    return reasons(nearness.of_course(course, course.appointments.all(), now=house.now))


def reasons(found: dict[int, nearness.Because]) -> dict[int, Reason]:
    return {position: because.reason for position, because in found.items()}
