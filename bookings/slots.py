"""The slots on offer, and what one costs on its own: weekday, part of the day, hour, practitioner.

Pure: arrays and integers. Days are ordinals, costs are points; `docs/rules/planning.md` says why each is what it is.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import repeat
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

UNWISHED_LEAD = 500
OTHER_WEEKDAY = 950
OTHER_PART_OF_DAY = 500
HOUR_STEP = 5
"""Minutes that cost one point; also the grid every start lies on."""
HOUR_AT_MOST = 96

NEVER = 1_000_000_000_000
"""No such slot, no such plan: far above every real cost, and far enough below 2^63 that many may be added."""

_FAR = 10_000
"""Further than any two starts of a day, in steps of five minutes."""


class Slot(NamedTuple):
    """A possible start: local day (ordinal), lead practitioner (resource key), tick, local minute of the day."""

    day: int
    lead: int
    start: int
    minute: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the patient would like. Only `earliest` (a day) and `only_lead` (none but `lead`) forbid anything.

    `weekdays` are ISO (Monday = 1), `minutes` is a half-open range of minutes of the local day, `hour_like` one minute.
    """

    weekdays: frozenset[int] = frozenset()
    minutes: tuple[int, int] | None = None
    hour_like: int | None = None
    lead: int | None = None
    only_lead: bool = False
    earliest: int | None = None


@dataclass(frozen=True, eq=False)
class Candidates:
    """The slots of one kind of visit as four parallel arrays, ascending by start. Build it once, ask often."""

    day: Ints
    lead: Ints
    start: Ints
    minute: Ints
    _grids: "dict[tuple[int, int], Grid]" = field(init=False, repr=False, default_factory=dict)

    @classmethod
    def from_arrays(cls, day: ArrayLike, lead: ArrayLike, start: ArrayLike, minute: ArrayLike) -> Self:
        """From arrays of equal size in any order; ascending starts save the sorting. ValueError off the 5-minute grid."""
        columns = [np.asarray(column, np.int64) for column in (day, lead, start, minute)]
        if (columns[3] % HOUR_STEP).any():
            raise ValueError("a slot starts on a whole five minutes")
        if (columns[2][1:] < columns[2][:-1]).any():
            order = np.argsort(columns[2], kind="stable")
            columns = [column[order] for column in columns]
        if (columns[0][1:] < columns[0][:-1]).any():
            raise ValueError("a later start lies on an earlier day")
        return cls(*columns)

    @classmethod
    def from_slots(cls, slots: Iterable[Slot]) -> Self:
        """From slots in any order."""
        return cls.from_arrays(*np.array(list(slots), np.int64).reshape(-1, 4).T)

    def __len__(self) -> int:
        return self.day.size

    @property
    def columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        return self.day, self.lead, self.start, self.minute

    def slot(self, place: int) -> Slot:
        return Slot(*(int(column[place]) for column in self.columns))

    def slots(self) -> list[Slot]:
        rows = zip(*(column.tolist() for column in self.columns), strict=True)
        return list(map(tuple.__new__, repeat(Slot), rows))  # as Slot._make does, without a Python call for each

    def where(self, rows: slice | Flags | Ints) -> "Candidates":
        return Candidates(*(column[rows] for column in self.columns))

    def between(self, days: range) -> "Candidates":
        """Those on these days; shares the arrays."""
        low, high = np.searchsorted(self.day, (days.start, days.stop))
        return self.where(slice(low, max(low, high)))

    def without(self, days: Collection[int]) -> "Candidates":
        """Those on none of these days."""
        return self.where(~np.isin(self.day, list(days)))

    def plus(self, slot: Slot) -> "Candidates":
        """With one more at the end, whenever it starts."""
        return Candidates(*(np.append(column, value) for column, value in zip(self.columns, slot, strict=True)))

    @cached_property
    def leads(self) -> Ints:
        """Who occurs, ascending."""
        return self._coded_leads[0]

    @cached_property
    def days(self) -> range:
        """From the first day with a slot to the last."""
        return range(int(self.day[0]), int(self.day[-1]) + 1) if len(self) else range(0)

    def grid(self, begin: int = 0, end: int = 24 * 60) -> "Grid":
        """The slots from minute `begin` to `end` of the day, by (day, lead, time). Kept for the next question."""
        if (begin, end) not in self._grids:
            times, present = self._present
            rows = slice(*np.searchsorted(times * HOUR_STEP, (begin, end)))
            self._grids[begin, end] = Grid(times[rows], present[rows])
        return self._grids[begin, end]

    @cached_property
    def _coded_leads(self) -> tuple[Ints, Ints]:
        return _coded(self.lead)

    @cached_property
    def _present(self) -> tuple[Ints, NDArray[np.int16]]:
        """The times of day at which anything starts, and for each (time, day, lead) that time if there is a slot, else -_FAR."""
        times, rows = _coded(self.minute // HOUR_STEP)
        leads, codes = self._coded_leads
        present = np.full((times.size, len(self.days), leads.size), -_FAR, np.int16)
        present.ravel()[(rows * len(self.days) + self.day - self.days.start) * leads.size + codes] = times[rows]
        return times, present


def _coded(values: Ints) -> tuple[Ints, Ints]:
    """The distinct values, ascending, and the place of each value among them; without sorting unless they lie far apart."""
    if not values.size or np.ptp(values) > 1_000_000:
        return np.unique(values, return_inverse=True)
    low = int(values.min())
    seen = np.bincount(values - low) > 0
    return np.flatnonzero(seen) + low, (np.cumsum(seen) - 1)[values - low]


class Grid:
    """For each (day, lead): how far the nearest slot is from any time of the day, in steps of five minutes."""

    def __init__(self, times: Ints, present: NDArray[np.int16]) -> None:
        nothing = np.full((1, *present.shape[1:]), _FAR, np.int16)
        before = np.concatenate((-nothing, present))
        after = np.concatenate((np.where(present < 0, nothing, present), nothing))
        for row in range(times.size):
            np.maximum(before[row], before[row + 1], out=before[row + 1])
        for row in reversed(range(times.size)):
            np.minimum(after[row], after[row + 1], out=after[row])
        self.times = times
        # The time last: one (day, lead) is one short row, and a table takes the times it wants from each.
        self.before = np.ascontiguousarray(np.moveaxis(before, 0, -1))
        self.after = np.ascontiguousarray(np.moveaxis(after, 0, -1))

    def points(self, rows: slice, hours: Ints | None) -> Ints:
        """Points of the slot nearest to each of the `hours` (without hours: 0), by (day, lead, hour); NEVER without slot."""
        before, after = self.before[rows], self.after[rows]
        if hours is None:
            points = np.zeros((*before.shape[:2], 1), np.int64)
        else:
            wanted = hours.astype(np.int16)
            since = wanted - before.take(np.searchsorted(self.times, hours, "right"), axis=2)
            until = after.take(np.searchsorted(self.times, hours, "left"), axis=2) - wanted
            points = np.minimum(np.minimum(since, until), HOUR_AT_MOST).astype(np.int64)
        points[before[:, :, -1] < 0] = NEVER
        return points


def cheapest(candidates: Candidates, wishes: Wishes, days: range, hours: Ints | None) -> Ints:
    """The least slot part for each of the days, of `candidates.leads`, and of the `hours` wished for (steps of five minutes).

    Without hours one column that does not ask. NEVER where there is no slot. `days` lie within `candidates.days`.
    """
    rows = slice(days.start - candidates.days.start, days.stop - candidates.days.start)
    if wishes.minutes is None:
        points = candidates.grid().points(rows, hours)
    else:
        begin, end = wishes.minutes
        points = candidates.grid(begin, end).points(rows, hours)
        for span in ((0, begin), (end, 24 * 60)):
            np.minimum(points, candidates.grid(*span).points(rows, hours) + OTHER_PART_OF_DAY, out=points)
    points += _weekday_part(wishes, np.arange(days.start, days.stop))[:, None, None]
    points += _lead_part(wishes, candidates.leads)[:, None]
    return points


def slot_part(wishes: Wishes, slots: Candidates) -> Ints:
    """Points of each slot on its own."""
    points = _weekday_part(wishes, slots.day) + _lead_part(wishes, slots.lead)
    if wishes.minutes is not None:
        points += OTHER_PART_OF_DAY * ((slots.minute < wishes.minutes[0]) | (slots.minute >= wishes.minutes[1]))
    if wishes.hour_like is not None:
        points += np.minimum(np.abs(slots.minute // HOUR_STEP - wishes.hour_like // HOUR_STEP), HOUR_AT_MOST)
    return points


def meets(wishes: Wishes, slots: Candidates) -> Flags:
    """Which slots have the weekday and the part of the day wished for."""
    silent = replace(wishes, lead=None, hour_like=None)
    met: Flags = slot_part(silent, slots) == 0
    return met


def weekday(day: Ints) -> Ints:
    """ISO: Monday is 1."""
    return (day - 1) % 7 + 1


def _weekday_part(wishes: Wishes, day: Ints) -> Ints:
    points = np.zeros(8, np.int64)
    if wishes.weekdays:
        points[[iso not in wishes.weekdays for iso in range(8)]] = OTHER_WEEKDAY
    return points[weekday(day)]


def _lead_part(wishes: Wishes, lead: Ints) -> Ints:
    return np.zeros_like(lead) if wishes.lead is None else UNWISHED_LEAD * (lead != wishes.lead)
