"""displaced: a physician away for most of a year, whose visits need another place: the list, each with its best other place."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from benchmarks import database
from benchmarks.measure import Row
from bookings import absences, displaced

COURSES, MONTHS_AWAY = 34, 7


@contextmanager
def row() -> Iterator[Row]:
    from tests.factories.courses import open_house
    from tests.factories.visits import make_patient

    with database.empty():
        house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
        for number in range(COURSES):
            start = house.at("2026-03-02 09:00") + timedelta(days=number // 3, hours=3 * (number % 3))
            house.book(make_patient(f"P{number}"), house.propose(f"{start:%Y-%m-%d %H:%M}"))
        ends = house.now + timedelta(days=30 * MONTHS_AWAY)
        absences.enter(house.resources["Dr Ada"], house.now, ends, reason="", by=None)

        def ours() -> dict[int, displaced.Place | None]:
            return displaced.places(displaced.displaced(house.clinic, house.now), house.now)

        found = ours()
        placed = sum(place is not None for place in found.values())
        yield Row("displaced", f"{len(found)} visits, {placed} of them with another place", ours, most_ms=2_000, rounds=5)
