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

Path = tuple[tuple[int, UnitName, int], ...]  # of each step its offset and unit, and the days from the target


@lru_cache(maxsize=100_000)
def _shift(day: int, offset: int, unit: UnitName) -> int:
    return target_day(date.fromordinal(day), offset, unit).toordinal()


def out_of_order(sessions: Sequence[ExpandedSession]) -> list[tuple[ExpandedSession, ExpandedSession]]:
    """Neighbours of which the second can fall on the day of the first or before, within what staff may allow (hard_max)."""
    return [pair for pair in pairwise(sessions) if _least_gap(*_paths(sessions, *pair, "hard_max")) < 1]


def boosters_too_close(sessions: Sequence[ExpandedSession]) -> list[tuple[ExpandedSession, ExpandedSession]]:
    """Boosters that can fall less than three months apart within what is planned without a special reason (soft_max)."""
    boosters = [session for session in sessions if session.recommended]
    return [
        pair for pair in pairwise(boosters) if _closer_than_months(*_paths(sessions, *pair, "soft_max"), MONTHS_BETWEEN_BOOSTERS)
    ]


@lru_cache(maxsize=1_000)  # the same steps come back with and without the consultation, and in the next version
def _least_gap(to_first: Path, to_second: Path) -> int:
    return min(_walked(day, to_second) - _walked(day, to_first) for day in FOUR_YEARS)


@lru_cache(maxsize=1_000)
def _closer_than_months(to_first: Path, to_second: Path, months: int) -> bool:
    return any(_walked(day, to_second) < _shift(_walked(day, to_first), months, "months") for day in FOUR_YEARS)


def _paths(sessions: Sequence[ExpandedSession], first: ExpandedSession, second: ExpandedSession, limit: str) -> tuple[Path, Path]:
    """From the session both are counted from, if only in the end: to the first as late as `limit`, to the second as early
    as can be."""
    one, other = _ancestry(sessions, first), _ancestry(sessions, second)
    shared = sum(1 for a, b in zip(one, other, strict=False) if a.index == b.index)
    return _path(one[shared:], limit), _path(other[shared:], "hard_min")


def _path(line: Sequence[ExpandedSession], limit: str) -> Path:
    return tuple((session.offset, session.unit, int(getattr(session, limit))) for session in line)


def _ancestry(sessions: Sequence[ExpandedSession], session: ExpandedSession) -> list[ExpandedSession]:
    line = [session]
    while line[0].anchor is not None:
        line.insert(0, sessions[line[0].anchor])
    return line


def _walked(day: int, path: Path) -> int:
    for offset, unit, distance in path:
        day = _shift(day, offset, unit) + distance
    return day
