"""What every part of a course would cost: the backward pass under `planner`, and the cost table.

Pure: arrays and integers. Days are ordinals, points as in `docs/rules/planning.md`, which says why this is exact.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date
from functools import cached_property, lru_cache
from typing import Literal, Self

import numpy as np
from dateutil.relativedelta import relativedelta
from numpy.typing import ArrayLike, NDArray

Ints = NDArray[np.int64]
Unit = Literal["days", "weeks", "months"]

DAY_LATE = 100
DAY_EARLY = 200
OUTSIDE_PREFERRED = 1_000
PAST_SOFT_MAX = 20_000
OTHER_LEAD = 400
UNWISHED_LEAD = 500
OTHER_WEEKDAY = 650
OTHER_PART_OF_DAY = 500
HOUR_STEP = 5
"""Minutes that cost one point; also the grid every start lies on."""
HOUR_AT_MOST = 96
UNPLACED = 10_000_000
MOVED = 1_000_000_000
NEVER = 1_000_000_000_000
"""No such plan: above 64 × MOVED, and far enough below 2^63 that a few may be added."""

MOST_SESSIONS = 64
WIDEST_WINDOW = 400


@dataclass(frozen=True, slots=True)
class SessionRule:
    """One session of a course: where it is anchored, and how far from its target it may be, in signed whole days.

    `index` is its place in the list of rules, `anchor` that of an earlier session (None for the first, and only there).
    `firm` is false for the optional session and for boosters. `visit` names the list of candidates, `number` is shown.
    """

    index: int
    anchor: int | None
    offset: int
    unit: Unit
    hard_min: int
    preferred_before: int
    preferred_after: int
    soft_max: int
    hard_max: int
    firm: bool
    visit: str
    number: int
    label: str


@dataclass(frozen=True, slots=True, order=True)
class Slot:
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
        rows = [(slot.day, slot.lead, slot.start, slot.minute) for slot in slots]
        return cls.from_arrays(*np.array(rows, np.int64).reshape(-1, 4).T)

    def __len__(self) -> int:
        return self.day.size

    def slot(self, place: int) -> Slot:
        return Slot(*(int(column[place]) for column in self._columns))

    def slots(self) -> list[Slot]:
        return list(map(Slot, *(column.tolist() for column in self._columns)))

    def between(self, first: int, end: int) -> "Candidates":
        """Those on the days [first, end); shares the arrays."""
        low, high = np.searchsorted(self.day, (first, end))
        return self.where(slice(low, max(low, high)))

    def where(self, rows: slice | NDArray[np.bool_] | Ints) -> "Candidates":
        return Candidates(*(column[rows] for column in self._columns))

    def plus(self, slot: Slot) -> "Candidates":
        """With one more at the end, whenever it starts."""
        return Candidates(*(np.append(column, value) for column, value in zip(self._columns, astuple(slot), strict=True)))

    @cached_property
    def _columns(self) -> tuple[Ints, Ints, Ints, Ints]:
        return self.day, self.lead, self.start, self.minute

    @cached_property
    def leads(self) -> Ints:
        """Who occurs, ascending."""
        return np.unique(self.lead)


@lru_cache(maxsize=100_000)
def target_day(anchor_day: int, offset: int, unit: Unit) -> int:
    """The day `offset` units after `anchor_day`; a month is a calendar month, clamped (31 January + 1 = 28 or 29 February)."""
    if unit == "months":
        return (date.fromordinal(anchor_day) + relativedelta(months=offset)).toordinal()
    return anchor_day + offset * (7 if unit == "weeks" else 1)


def window(rule: SessionRule, late: bool) -> range:
    """The days on offer as distances from the target; never the anchor's day or before (a month counted as 28 days)."""
    nearest = rule.offset * {"days": 1, "weeks": 7, "months": 28}[rule.unit]
    return range(max(rule.hard_min, 1 - nearest), (rule.hard_max if late else rule.soft_max) + 1)


def distance_part(rule: SessionRule, distance: Ints) -> Ints:
    """Points for lying `distance` days from the target."""
    points = np.where(distance < 0, -DAY_EARLY * distance, DAY_LATE * distance)
    points += OUTSIDE_PREFERRED * ((distance < rule.preferred_before) | (distance > rule.preferred_after))
    points += PAST_SOFT_MAX * (distance > rule.soft_max)
    return points


def weekday_part(wishes: Wishes, day: Ints) -> Ints:
    wished = np.isin((day - 1) % 7 + 1, list(wishes.weekdays or range(1, 8)))
    return OTHER_WEEKDAY * ~wished


def lead_part(wishes: Wishes, lead: Ints) -> Ints:
    return UNWISHED_LEAD * (lead != wishes.lead) if wishes.lead is not None else np.zeros_like(lead)


def part_of_day_part(wishes: Wishes, minute: Ints) -> Ints:
    if wishes.minutes is None:
        return np.zeros_like(minute)
    return OTHER_PART_OF_DAY * ((minute < wishes.minutes[0]) | (minute >= wishes.minutes[1]))


def slot_part(wishes: Wishes, slots: Candidates) -> Ints:
    """Points of each slot on its own."""
    points = weekday_part(wishes, slots.day) + lead_part(wishes, slots.lead) + part_of_day_part(wishes, slots.minute)
    if wishes.hour_like is not None:
        away = np.abs(slots.minute // HOUR_STEP - wishes.hour_like // HOUR_STEP)
        points += np.minimum(away, HOUR_AT_MOST)
    return points


@dataclass(frozen=True, eq=False)
class Problem:
    """One question to the planner, checked: what is fixed, what is on offer, what is wished."""

    rules: Sequence[SessionRule]
    candidates: Mapping[str, Candidates]
    """Already without what `wishes` and the horizon forbid."""
    roots: Candidates
    horizon: int
    wishes: Wishes
    pins: Mapping[int, Slot]
    keep: Mapping[int, Slot]
    """Only sessions neither pinned nor done."""
    done: Mapping[int, tuple[int, int]]
    late: bool

    @cached_property
    def leads(self) -> Ints:
        """Everyone who may stand in a state, ascending."""
        fixed = [slot.lead for slot in (*self.pins.values(), *self.keep.values())]
        fixed += [lead for _, lead in self.done.values()]
        lists = [found.leads for found in self.candidates.values()]
        return np.unique(np.concatenate((*lists, self.roots.leads, np.array(fixed, np.int64))))

    def fixed(self, index: int) -> Slot | None:
        """The slot the session has already, pinned or kept."""
        return self.pins.get(index) or self.keep.get(index)

    def moving(self, index: int) -> int:
        """What it costs to give the session another slot than it has."""
        return MOVED if index in self.keep else 0

    def offered(self, index: int) -> Candidates:
        """The slots the session may be given."""
        rule = self.rules[index]
        found = self.roots if rule.anchor is None else self.candidates[rule.visit]
        return found.where(slice(0, 0)) if index in self.pins else found

    def choices(self, index: int, days: range | None = None, *, only_fixed: bool = False) -> tuple[Candidates, Ints]:
        """All a session may take on these days, the slot it has included, and what each costs for moving."""
        slots, fixed = self.offered(index), self.fixed(index)
        slots = slots.where(slice(0, 0)) if only_fixed else slots
        slots = slots if days is None else slots.between(days.start, days.stop)
        moving = np.full(len(slots), self.moving(index))
        if fixed and (days is None or fixed.day in days):
            return slots.plus(fixed), np.append(moving, 0)
        return slots, moving


class Table:
    """The backward pass: `after[i][day, lead, hour]` is the least cost of everything that hangs on session i.

    The last axis holds one column per hour in `hours` (ticks of the local day, ascending) that the sessions should be
    like; without hours, one column that does not ask.
    """

    def __init__(self, problem: Problem, hours: Ints | None = None) -> None:
        if hours is None and problem.wishes.hour_like is not None:
            hours = np.array([problem.wishes.hour_like // HOUR_STEP])
        self.problem = problem
        self.hours = hours
        self.columns = 1 if hours is None else hours.size
        self.targets: dict[int, Ints] = {}
        self.spans: dict[int, range] = {}
        """The days session i may stand on; missing if it can only be planned, as nobody asks what follows then."""
        self.after: dict[int, Ints] = {}
        self.planned: dict[int, Ints] = {}
        for rule in problem.rules:
            self._reach(rule)
        for rule in reversed(problem.rules):
            self._price(rule)

    def after_at(self, index: int, day: Ints, lead: Ints, column: Ints | int = 0) -> Ints:
        """The cost of what hangs on session `index` if it stands on these days with these leads."""
        place = np.searchsorted(self.problem.leads, lead)
        cost: Ints = self.after[index][day - self.spans[index].start, place, column]
        return cost

    # Which days can matter: from the root down.

    def _reach(self, rule: SessionRule) -> None:
        days = self._own_days(rule) if rule.anchor is None else self._days_from_anchor(rule)
        if rule.index in self.problem.done:
            days = [self.problem.done[rule.index][0]]
        if days:
            self.spans[rule.index] = range(min(days), max(days) + 1)

    def _own_days(self, rule: SessionRule) -> list[int]:
        offered, fixed = self.problem.offered(rule.index), self.problem.fixed(rule.index)
        return [*offered.day[:1].tolist(), *offered.day[-1:].tolist()] + ([fixed.day] if fixed else [])

    def _days_from_anchor(self, rule: SessionRule) -> list[int]:
        assert rule.anchor is not None
        if rule.anchor not in self.spans:
            return []
        anchor = self.spans[rule.anchor]
        targets = np.fromiter((target_day(day, rule.offset, rule.unit) for day in anchor), np.int64, len(anchor))
        self.targets[rule.index] = targets
        distances, fixed = window(rule, self.problem.late), self.problem.fixed(rule.index)
        days = []
        if fixed and targets[0] + distances.start <= fixed.day < targets[-1] + distances.stop:
            days.append(fixed.day)
        if rule.index not in self.problem.pins and (within := self._within_horizon(rule)):
            first, last = int(targets[0]), int(targets[within - 1])
            days += [first, first + distances.start, last + distances.stop - 1]
        return days

    def _within_horizon(self, rule: SessionRule) -> int:
        """For how many of the anchor's days (the first ones) the session gets a time."""
        return int(np.searchsorted(self.targets[rule.index], self.problem.horizon - rule.soft_max, "right"))

    # What it costs: from the leaves up.

    def _price(self, rule: SessionRule) -> None:
        problem, index = self.problem, rule.index
        children = [child for child in problem.rules if child.anchor == index]
        if index in self.spans:
            shape = (len(self.spans[index]), problem.leads.size, self.columns)
            after = np.zeros(shape, np.int64)
            for child in children:
                after += self._follow(child)
            self.after[index] = np.minimum(after, NEVER, out=after)
        if index in problem.done:
            self.planned[index] = self._after_done(index)
        elif index in problem.pins:
            self.planned[index] = np.full(self.columns, NEVER)
        else:
            edge = DAY_LATE * rule.preferred_after + problem.moving(index)
            self.planned[index] = sum((self.planned[child.index] for child in children), np.full(self.columns, edge))

    def _after_done(self, index: int) -> Ints:
        day, lead = self.problem.done[index]
        return self.after_at(index, np.array(day), np.array(lead), np.arange(self.columns))

    def _follow(self, rule: SessionRule) -> Ints:
        """The least cost of this session and all that hangs on it, for each (day, lead) of its anchor and each hour."""
        problem, index = self.problem, rule.index
        if index in problem.done or index not in self.spans:
            return self.planned[index]
        targets, within = self.targets[index], self._within_horizon(rule)
        cost = np.full((targets.size, problem.leads.size, self.columns), NEVER)
        if index not in problem.pins:
            cost[within:] = self.planned[index]
            if within:
                cost[:within] = self._placed(rule, targets[:within])
        if fixed := problem.fixed(index):
            np.minimum(cost, self._fixed(rule, fixed), out=cost)
        return cost

    def _placed(self, rule: SessionRule, targets: Ints) -> Ints:
        """… if it takes one of the slots on offer or, not being firm, none."""
        span, moving = self.spans[rule.index], self.problem.moving(rule.index)
        best = self._best_slot(rule) + self.after[rule.index]
        best = np.minimum(best, best.min(axis=1, keepdims=True) + OTHER_LEAD)
        cost = _least_in_window(best, rule, window(rule, self.problem.late), targets - span.start)
        if not rule.firm:
            np.minimum(cost, self.after[rule.index][targets - span.start] + UNPLACED, out=cost)
        return cost + moving

    def _fixed(self, rule: SessionRule, slot: Slot) -> Ints:
        """… if it takes the slot it has."""
        distance = slot.day - self.targets[rule.index]
        allowed = window(rule, self.problem.late)
        pair = distance_part(rule, distance)
        pair[(distance < allowed.start) | (distance >= allowed.stop)] = NEVER
        if not self.spans[rule.index].start <= slot.day < self.spans[rule.index].stop:
            return np.array(NEVER)
        one = Candidates.from_slots([slot])
        hour = self._hour_part(one.minute)
        own = weekday_part(self.problem.wishes, one.day) + lead_part(self.problem.wishes, one.lead)
        below = self.after_at(rule.index, one.day, one.lead, np.arange(self.columns))
        change = OTHER_LEAD * (self.problem.leads != slot.lead)
        cost: Ints = pair[:, None, None] + change[:, None] + (own + hour + below)
        return cost

    # The best slot of a day with a lead.

    def _best_slot(self, rule: SessionRule) -> Ints:
        """The least slot part for each (day of the span, lead, hour); NEVER where there is no slot."""
        span, leads, wishes = self.spans[rule.index], self.problem.leads, self.problem.wishes
        slots = self.problem.offered(rule.index).between(span.start, span.stop)
        cells = (slots.day - span.start) * leads.size + np.searchsorted(leads, slots.lead)
        hours = self._best_hour(slots, cells, len(span) * leads.size)
        best = np.ascontiguousarray(hours.T).reshape(len(span), leads.size, self.columns)
        best += weekday_part(wishes, np.arange(span.start, span.stop))[:, None, None]
        best += lead_part(wishes, leads)[:, None]
        return best

    def _best_hour(self, slots: Candidates, cells: Ints, size: int) -> Ints:
        """The least points for part of the day and hour in each cell, one row per hour.

        Distance to the nearest slot on either side of each wished hour, by one running minimum from each end of the day.
        """
        clock = slots.minute // HOUR_STEP
        times = np.flatnonzero(np.bincount(clock))
        part = np.full((times.size + 1, size), NEVER)
        part[np.searchsorted(times, clock), cells] = part_of_day_part(self.problem.wishes, slots.minute)
        least: Ints = part.min(axis=0)
        if self.hours is None:
            return least.reshape(1, size)
        steps = np.append(times, 0)[:, None]
        after = np.minimum.accumulate((part + steps)[::-1], axis=0)[::-1]
        before = np.minimum.accumulate(np.roll(part - steps, 1, axis=0), axis=0)
        near: Ints = np.minimum(
            after[np.searchsorted(times, self.hours, "left")] - self.hours[:, None],
            before[np.searchsorted(times, self.hours, "right")] + self.hours[:, None],
        )
        np.minimum(near, least + HOUR_AT_MOST, out=near)
        near[:, least == NEVER] = NEVER
        return near

    def _hour_part(self, minute: Ints) -> Ints:
        points = part_of_day_part(self.problem.wishes, minute)
        if self.hours is None:
            return points
        away: Ints = np.minimum(np.abs(self.hours - minute // HOUR_STEP), HOUR_AT_MOST)
        return points + away


def _least_in_window(best: Ints, rule: SessionRule, distances: range, targets: Ints) -> Ints:
    """For each target (a row of `best`, ascending) the least of its window: value + points for the distance.

    Taken for every row between the first and last target, whole rows at a time; the targets then look theirs up.
    """
    first, count = int(targets[0]), int(targets[-1] - targets[0]) + 1
    points = distance_part(rule, np.arange(distances.start, distances.stop))
    least = np.full((count, *best.shape[1:]), NEVER)
    row = np.empty_like(least)
    for distance, price in zip(distances, points, strict=True):
        start = first + distance
        np.add(best[start : start + count], price, out=row)
        np.minimum(least, row, out=least)
    return least[targets - first]
