"""What the windows of a protocol guarantee, whatever dates are chosen inside them.

Sessions hang on one another like a tree. Two neighbours are furthest apart or closest together along the two paths from
the session they have in common, on some day of the calendar: months differ, so every day of four years is tried.
Earliest and latest along a path are exact, because a later anchor never makes an earlier target.
"""

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from itertools import pairwise

from treatments.protocols.expansion import ExpandedSession, UnitName, target_day

FOUR_YEARS = [date(2028, 1, 1).toordinal() + day for day in range(4 * 365 + 1)]  # with one 29 February

# Between boosters: three months, also when the first is late and the second early (docs/rules/catalogue.md, "Boosters").
MONTHS_BETWEEN_BOOSTERS = 3


@lru_cache(maxsize=100_000)
def _shift(day: int, offset: int, unit: UnitName) -> int:
    return target_day(date.fromordinal(day), offset, unit).toordinal()


def out_of_order(sessions: Sequence[ExpandedSession]) -> list[tuple[ExpandedSession, ExpandedSession]]:
    """Neighbours of which the second can fall on the day of the first or before, within what staff may allow (hard_max)."""
    return [(first, second) for first, second in pairwise(sessions) if _least_gap(sessions, first, second) < 1]


def boosters_too_close(sessions: Sequence[ExpandedSession]) -> list[tuple[ExpandedSession, ExpandedSession]]:
    """Boosters that can fall less than three months apart within what is planned without a special reason (soft_max)."""
    boosters = [session for session in sessions if session.recommended]
    return [pair for pair in pairwise(boosters) if _closer_than_months(sessions, *pair, MONTHS_BETWEEN_BOOSTERS)]


def _least_gap(sessions: Sequence[ExpandedSession], first: ExpandedSession, second: ExpandedSession) -> int:
    to_first, to_second = _paths(sessions, first, second)
    return min(_earliest(day, to_second) - _latest(day, to_first, "hard_max") for day in FOUR_YEARS)


def _closer_than_months(
    sessions: Sequence[ExpandedSession], first: ExpandedSession, second: ExpandedSession, months: int
) -> bool:
    to_first, to_second = _paths(sessions, first, second)
    return any(_earliest(day, to_second) < _shift(_latest(day, to_first, "soft_max"), months, "months") for day in FOUR_YEARS)


def _paths(
    sessions: Sequence[ExpandedSession], first: ExpandedSession, second: ExpandedSession
) -> tuple[list[ExpandedSession], list[ExpandedSession]]:
    """From the session both are counted from, if only in the end, to each of them."""
    one, other = _ancestry(sessions, first), _ancestry(sessions, second)
    shared = sum(1 for a, b in zip(one, other, strict=False) if a.index == b.index)
    return one[shared:], other[shared:]


def _ancestry(sessions: Sequence[ExpandedSession], session: ExpandedSession) -> list[ExpandedSession]:
    line = [session]
    while line[0].anchor is not None:
        line.insert(0, sessions[line[0].anchor])
    return line


def _earliest(day: int, path: Sequence[ExpandedSession]) -> int:
    for session in path:
        day = _shift(day, session.offset, session.unit) + session.hard_min
    return day


def _latest(day: int, path: Sequence[ExpandedSession], limit: str) -> int:
    for session in path:
        day = _shift(day, session.offset, session.unit) + int(getattr(session, limit))
    return day
