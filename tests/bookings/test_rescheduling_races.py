"""Courses changed by many at once, with real threads and transactions."""

import random
from collections import Counter

import pytest

from benchmarks.crowd import Crowd
from bookings import rescheduling
from bookings.models import Claim, Course, JournalEntry
from clinic.models import Role
from tests.factories.courses import House, open_house
from tests.factories.visits import make_patient, make_user
from tests.threads import at_once
from treatments.models import Protocol

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 8


@pytest.fixture
def house() -> House:
    return open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)


def test_of_many_changes_to_one_course_one_is_stored(house: House) -> None:
    """All were computed from the same dates: the others would undo a change they have not seen."""
    course, rita = house.book(make_patient()), make_user(Role.RECEPTION, house.clinic)
    days = [f"2026-03-{day} {hour}" for day in (17, 18) for hour in ("10:00", "11:00", "14:00", "15:00")]
    reflows = [rescheduling.move(course, 1, house.slot(text), now=house.now) for text in days]

    results = at_once([lambda reflow=reflow: rescheduling.apply(reflow, by=rita, now=house.now) for reflow in reflows])

    assert Counter(type(result).__name__ for result in results) == {"list": 1, "PlanChanged": CROWD - 1}
    assert JournalEntry.objects.filter(verb="replanned").count() == 1
    assert Claim.objects.filter(appointment__course=course, appointment__position=1).exists()


def test_of_many_courses_that_move_to_one_time_one_gets_it(house: House) -> None:
    rita, wanted = make_user(Role.RECEPTION, house.clinic), house.slot("2026-03-19 10:00")
    starts = [f"2026-03-0{day} {hour}" for day in (2, 3, 4, 5) for hour in ("09:00", "14:00")]
    courses = [house.book(make_patient(f"P{text}"), house.propose(text)) for text in starts]
    reflows = [rescheduling.move(course, 1, wanted, now=house.now, late=True) for course in courses]

    results = at_once([lambda reflow=reflow: rescheduling.apply(reflow, by=rita, now=house.now) for reflow in reflows])

    assert Counter(type(result).__name__ for result in results) == {"list": 1, "SlotTaken": CROWD - 1}
    assert Claim.objects.filter(resource=wanted.lead, during__contains=house.at("2026-03-19 11:30")).count() == 1


@pytest.mark.slow
def test_a_crowd_that_does_everything_at_once_leaves_a_whole_state(house: House) -> None:
    """A short walk of what `script/bench --only soak` does for a minute: every no is a refusal, nothing is left half done."""
    protocol = Protocol.objects.with_parts().get(pk=house.protocol.pk)
    face = [zone for zone in protocol.zones.all() if zone.zone.code == "face"]
    crowd = Crowd(house.clinic, protocol, face, make_user(Role.RECEPTION, house.clinic), house.now)

    for number in range(CROWD):  # so that whoever moves finds courses from the first moment, and not all want the same one
        assert crowd.book(random.Random(number), house.now)

    crowd.run(workers=CROWD, actions=20, seed=1)

    assert crowd.broken() == []
    assert Course.objects.filter(status="booked").exists()
    assert crowd.outcomes["move: done"] > 0
