"""Many at once, with real threads and transactions, and a control that shows what the locks are for."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from bookings import booking, placing, proposals
from bookings.locking import lock_holds
from bookings.models import Appointment, Claim, Course, CourseStatus
from bookings.refusals import HoldExpired, Refusal, SlotTaken
from tests.factories.courses import NOTHING_TO_SAY, House, open_house
from tests.factories.visits import make_patient
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CROWD = 50
WORKERS = 16  # at once; the rest of the crowd follows on their heels


@pytest.fixture
def house() -> House:
    return open_house()


def all_at_once(work: Callable[[int], object], crowd: int = CROWD) -> list[object]:
    """What work(0) … work(crowd-1) returned or raised."""
    return at_once([partial(work, number) for number in range(crowd)], workers=WORKERS)


def kinds(results: list[object]) -> Counter[str]:
    return Counter(type(result).__name__ for result in results)


def claims_are_whole() -> None:
    """No claim overlaps another, and every session with a time has its claims."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM bookings_claim a JOIN bookings_claim b"
            " ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during"
        )
        assert cursor.fetchone() == (0,)
    for row in Appointment.objects.filter(during__isnull=False).prefetch_related("claims__resource"):
        assert {claim.resource.kind for claim in row.claims.all()} == {"person", "room", "device"}
    assert not Claim.objects.filter(appointment__during=None).exists()


def test_50_bookings_of_one_slot_have_one_winner(house: House) -> None:
    proposal = house.propose()

    results = all_at_once(lambda number: house.hold(proposal, visitor=f"v{number}"))

    assert kinds(results) == {"Course": 1, "SlotTaken": CROWD - 1}
    assert Appointment.objects.filter(status="held").count() == 8
    claims_are_whole()
    assert house.propose("2026-03-02 12:30").sessions[0].starts is not None  # the losers find the next course


def test_50_courses_that_share_one_device_never_overlap(house: House) -> None:
    days = [f"2026-03-{day:02} {hour}" for day in (2, 3, 4, 5, 6) for hour in ("09:00", "10:00", "11:00", "14:00", "15:00")]
    wanted = [house.propose(text) for text in days]

    results = all_at_once(lambda number: house.hold(wanted[number % len(wanted)], visitor=f"v{number}"))

    assert set(kinds(results)) == {"Course", "SlotTaken"}
    assert Course.objects.filter(status="held").count() == kinds(results)["Course"] > 1
    claims_are_whole()


def test_an_expiring_hold_is_confirmed_or_taken_never_both(house: House) -> None:
    held = house.hold(visitor="first")
    patient = make_patient()
    later = house.now + timedelta(minutes=15)
    proposal = proposals.propose(house.request(), house.slot(), now=later)

    def work(number: int) -> object:
        if number % 2:
            return house.hold(proposal, visitor=f"v{number}", now=later)
        just_before = later - timedelta(seconds=1)
        return booking.confirm(held, patient, answers=None, decision=NOTHING_TO_SAY, by=None, now=just_before)

    results = all_at_once(work, crowd=16)

    held.refresh_from_db()
    assert all(isinstance(result, Course | SlotTaken | HoldExpired) for result in results), results
    assert Course.objects.filter(status__in=["held", "booked"]).count() == 1
    assert (held.status == CourseStatus.BOOKED) == (held.appointments.filter(claims__isnull=False).distinct().count() == 8)
    claims_are_whole()


def test_a_change_made_in_another_tab_meanwhile_is_kept(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both tabs' changes stand: the second plans again from what the first has stored."""
    held, claimable = house.hold(), placing.claimable

    def other_tab_first(*args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(placing, "claimable", claimable)
        all_at_once(lambda _number: booking.change_session(held, 2, house.slot("2026-04-01 14:00"), now=house.now), crowd=1)
        return claimable(*args, **kwargs)

    monkeypatch.setattr(placing, "claimable", other_tab_first)
    booking.change_session(held, 1, house.slot("2026-03-17 14:00"), now=house.now)

    slots = proposals.stored_slots(held)
    assert (slots[1], slots[2]) == (house.slot("2026-03-17 14:00"), house.slot("2026-04-01 14:00"))


@pytest.mark.parametrize("guarded", [True, False])
def test_the_last_hold_of_a_clinic_is_taken_once(guarded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Someone is taking the last one when a second visitor asks; without the lock, the control, both get it."""
    house = open_house(max_open_holds=1)
    asked, results = Event(), list[object]()
    if not guarded:
        monkeypatch.setattr(booking, "lock_holds", lambda clinic: None)

    def second() -> None:
        asked.set()
        results.extend(all_at_once(lambda number: house.hold(visitor="second"), crowd=1))

    with transaction.atomic():
        lock_holds(house.clinic)
        fields = {"clinic": house.clinic, "protocol": house.protocol, "status": CourseStatus.HELD, "visitor": "first"}
        Course.objects.create(**fields, held_at=house.now, held_until=house.now + timedelta(minutes=15))
        thread = Thread(target=second)
        thread.start()
        assert asked.wait(timeout=20)
        thread.join(timeout=3)  # guarded, it waits for us to commit
    thread.join(timeout=20)

    assert kinds(results) == ({"TooManyHolds": 1} if guarded else {"Course": 1})


def test_holding_extending_releasing_and_sweeping_at_once_leaves_a_whole_state(house: House) -> None:
    proposals_by_day, held = [], []
    for number, day in enumerate((2, 3, 4, 5)):
        proposals_by_day.append(house.propose(f"2026-03-{day:02} 10:00"))
        held.append(house.hold(proposals_by_day[-1], visitor=f"old-{number}"))

    def work(number: int) -> object:
        course = held[number % 4]
        at = house.now + timedelta(minutes=number % 20)
        match number % 4:
            case 0:
                return booking.extend(course, now=at)
            case 1:
                return booking.release(course, now=at)
            case 2:
                return booking.sweep(at)
            case _:
                return house.hold(proposals_by_day[(number // 4) % 4], visitor=f"new-{number}", now=at)

    results = all_at_once(work, crowd=48)

    unexpected = [result for result in results if isinstance(result, Exception) and not isinstance(result, Refusal)]
    assert unexpected == []
    claims_are_whole()


def test_without_the_locks_the_same_crowd_deadlocks_or_is_stopped_by_the_constraint(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: no turns taken, nobody looks again. The constraint alone still forbids double booking."""
    conflicts: list[object] = []
    monkeypatch.setattr(placing, "take_turns", lambda resources: None)
    monkeypatch.setattr(proposals.CourseSearch, "lost", lambda self, proposal, prefer, stay, now: set())
    monkeypatch.setattr(booking, "lock_holds", lambda clinic: None)
    proposal = house.propose()

    with counted_errors(conflicts, monkeypatch):
        all_at_once(lambda number: house.hold(proposal, visitor=f"v{number}"), crowd=16)

    assert conflicts, "without locks the crowd must collide, or the tests above prove nothing"
    claims_are_whole()


@contextmanager
def counted_errors(seen: list[object], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Collect what the database refuses below `booking`."""
    real = booking.once

    def watching(work: Callable[[], object]) -> object:
        try:
            return real(work)
        except SlotTaken as refusal:
            if refusal.__cause__ is not None:
                seen.append(refusal.__cause__)
            raise
        except OperationalError as deadlock:
            seen.append(deadlock)
            raise

    monkeypatch.setattr(booking, "once", watching)
    yield
