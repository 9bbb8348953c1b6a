"""plan: price the best complete course for every first slot of a month, with ten people; no database."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from benchmarks.measure import Row
from bookings.planner import Candidates, SessionRule, Slot, Unit, Wishes, first_slots

MONDAY = date(2026, 3, 2).toordinal()
DAYS = 550  # eighteen months
TICKS_A_DAY = 288
PEOPLE = 10
FREE = 0.4  # of the starts, as in a busy clinic
OPENING = range(9 * 60, 18 * 60, 15)  # minutes of the day

FORTNIGHT = (-1, 0, 4, 7, 14)
MONTH = (-4, -3, 7, 11, 30)
HALF_YEAR = (-21, -14, 14, 45, 90)
YEAR = (-30, -21, 21, 60, 90)


def rule(
    index: int, anchor: int | None, offset: int, unit: Unit, window: tuple[int, int, int, int, int], firm: bool = True
) -> SessionRule:
    return SessionRule(index, anchor, offset, unit, *window, firm=firm, visit="session", number=index + 1, label="")


RULES = [
    rule(0, None, 0, "days", FORTNIGHT),
    rule(1, 0, 2, "weeks", FORTNIGHT),
    rule(2, 1, 2, "weeks", FORTNIGHT),
    rule(3, 2, 1, "months", MONTH),
    rule(4, 3, 1, "months", MONTH),
    rule(5, 4, 1, "months", MONTH, firm=False),
    rule(6, 5, 6, "months", HALF_YEAR, firm=False),
    rule(7, 5, 12, "months", YEAR, firm=False),
]


def free_slots() -> Iterator[Slot]:
    """Monday to Saturday, the same slots on every run."""
    chance = random.Random(1)
    for day in range(MONDAY, MONDAY + DAYS):
        if date.fromordinal(day).isoweekday() == 7:
            continue
        for minute in OPENING:
            for lead in range(PEOPLE):
                if chance.random() < FREE:
                    yield Slot(day, lead, day * TICKS_A_DAY + minute // 5, minute)


@contextmanager
def row() -> Iterator[Row]:
    offers = {"session": Candidates.from_slots(free_slots())}
    month = (MONDAY, MONDAY + 31)

    def ours() -> object:
        return first_slots(RULES, offers, MONDAY + DAYS, Wishes(), month)

    yield Row("plan", "every first slot of a month with its best course, slots given, 10 people", ours, most_ms=10)
