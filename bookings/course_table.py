"""What every part of a course would cost: the backward pass under `planner`.

Pure: arrays and integers. Days are ordinals, costs are points; `docs/rules/planning.md` says why this is exact.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Literal

import numpy as np
from dateutil.relativedelta import relativedelta

from bookings.slots import HOUR_STEP, NEVER, Candidates, Ints, Slot, Wishes, cheapest

Unit = Literal["days", "weeks", "months"]

DAY_LATE = 100
DAY_EARLY = 200
OUTSIDE_PREFERRED = 1_000
PAST_SOFT_MAX = 20_000
OTHER_LEAD = 400
UNPLACED = 10_000_000
MOVED = 1_000_000_000

MOST_SESSIONS = 64
WIDEST_WINDOW = 400
SHORTEST = {"days": 1, "weeks": 7, "months": 28}
"""Days that a unit has at least."""


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


@lru_cache(maxsize=100_000)
def target_day(anchor_day: int, offset: int, unit: Unit) -> int:
    """The day `offset` units after `anchor_day`; months are calendar months, clamped (31 January + 1 = 28 or 29 February)."""
    if unit == "months":
        return (date.fromordinal(anchor_day) + relativedelta(months=offset)).toordinal()
    return anchor_day + offset * SHORTEST[unit]


def window(rule: SessionRule, *, late: bool) -> range:
    """The days on offer as distances from the target; never the anchor's day or before (a month counted as 28 days)."""
    nearest = rule.offset * SHORTEST[rule.unit]
    return range(max(rule.hard_min, 1 - nearest), (rule.hard_max if late else rule.soft_max) + 1)


def distance_part(rule: SessionRule, distance: Ints) -> Ints:
    """Points for lying `distance` days from the target."""
    points = np.where(distance < 0, -DAY_EARLY * distance, DAY_LATE * distance)
    points += OUTSIDE_PREFERRED * ((distance < rule.preferred_before) | (distance > rule.preferred_after))
    points += PAST_SOFT_MAX * (distance > rule.soft_max)
    return points


@dataclass(frozen=True, eq=False)
class Problem:
    """One question to the planner: what is fixed, what is on offer, what is wished. The last day of `days` is the horizon."""

    rules: Sequence[SessionRule]
    candidates: Mapping[str, Candidates]
    days: range
    first_days: range
    wishes: Wishes
    pins: Mapping[int, Slot]
    keep: Mapping[int, Slot]
    """Only sessions neither pinned nor done."""
    done: Mapping[int, tuple[int, int]]
    late: bool
    moved: int = MOVED
    """What it costs to give a kept session another slot; to leave it without one always costs `MOVED`."""

    @cached_property
    def leads(self) -> Ints:
        """Everyone who may stand in a state, ascending."""
        fixed = [slot.lead for slot in (*self.pins.values(), *self.keep.values())]
        fixed += [lead for _, lead in self.done.values()]
        return np.unique(np.concatenate((*(found.leads for found in self.candidates.values()), np.array(fixed, np.int64))))

    def fixed(self, index: int) -> Slot | None:
        """The slot the session has already, pinned or kept."""
        return self.pins.get(index) or self.keep.get(index)

    def moving(self, index: int) -> int:
        """What it costs to give the session another slot than it has."""
        return self.moved if index in self.keep else 0

    def leaving(self, index: int) -> int:
        """What it costs to leave the session without the slot it has."""
        return MOVED if index in self.keep else 0

    def beyond(self, rule: SessionRule, target: int) -> bool:
        """Whether the session's latest date lies past the horizon."""
        return target + rule.soft_max >= self.days.stop

    def open_days(self, index: int, days: range) -> range:
        """Those of the days on which the session may be given one of the candidates."""
        found, limit = self.candidates[self.rules[index].visit].days, self.days if index else self.first_days
        start = max(days.start, found.start, limit.start)
        return range(0) if index in self.pins else range(start, max(start, min(days.stop, found.stop, limit.stop)))

    def offered(self, index: int, days: range) -> Candidates:
        """The slots the session may be given on these days."""
        found = self.candidates[self.rules[index].visit].between(self.open_days(index, days))
        return found.where(found.lead == self.wishes.lead) if self.wishes.only_lead else found

    def choices(self, index: int, days: range, *, only_fixed: bool = False) -> tuple[Candidates, Ints]:
        """All a session may take on these days, the slot it has included, and what each costs for moving."""
        slots, fixed = self.offered(index, range(0) if only_fixed else days), self.fixed(index)
        moving = np.full(len(slots), self.moving(index))
        if fixed and fixed.day in days:
            return slots.plus(fixed), np.append(moving, 0)
        return slots, moving


class Table:
    """The backward pass: `after[i][day, lead, hour]` is the least cost of everything that hangs on session i.

    The last axis holds one column per hour in `hours` (steps of five minutes) that the sessions should be like; without
    hours the one wished for, or one column that does not ask.
    """

    def __init__(self, problem: Problem, hours: Ints | None = None) -> None:
        if hours is None and problem.wishes.hour_like is not None:
            hours = np.array([problem.wishes.hour_like // HOUR_STEP])
        self.problem = problem
        self.hours = hours
        self.columns = 1 if hours is None else hours.size
        self.targets: dict[int, Ints] = {}
        """For each day of the anchor's span."""
        self.spans: dict[int, range] = {}
        """The days session i may stand on; missing if it can only be planned, as nobody asks what follows then."""
        self.after: dict[int, Ints] = {}
        self.best: dict[int, Ints] = {}
        """For each (day, lead, hour) the least cost of session i on one of the slots on offer there, with `after`."""
        self.planned: dict[int, Ints] = {}
        """What session i costs with all that hangs on it if it is planned beyond the horizon, by hour."""
        for rule in problem.rules:
            self._reach(rule)
        for rule in reversed(problem.rules):
            self._price(rule)

    def after_at(self, index: int, day: Ints, lead: Ints, column: Ints | int = 0) -> Ints:
        """The cost of what hangs on session `index` if it stands on these days with these leads."""
        place = np.searchsorted(self.problem.leads, lead)
        cost: Ints = self.after[index][day - self.spans[index].start, place, column]
        return cost

    def best_day(self, rule: SessionRule, target: int, lead: int) -> int:
        """The day of the least cost in the window round this target, after a session with this lead; of equals the last."""
        days, start = window(rule, late=self.problem.late), target - self.spans[rule.index].start
        cost = self.best[rule.index][start + days.start : start + days.stop, :, 0] + OTHER_LEAD * (self.problem.leads != lead)
        least = cost.min(axis=1) + distance_part(rule, np.arange(days.start, days.stop))
        return target + days[int(np.flatnonzero(least == least.min())[-1])]

    # Which days can matter: from the root down.

    def _reach(self, rule: SessionRule) -> None:
        days = self._first_days(rule) if rule.anchor is None else self._days_from_anchor(rule, rule.anchor)
        if rule.index in self.problem.done:
            days = [self.problem.done[rule.index][0]]
        if days:
            self.spans[rule.index] = range(min(days), max(days) + 1)

    def _first_days(self, rule: SessionRule) -> list[int]:
        days, fixed = self.problem.open_days(rule.index, self.problem.first_days), self.problem.fixed(rule.index)
        return ([days[0], days[-1]] if days else []) + ([fixed.day] if fixed else [])

    def _days_from_anchor(self, rule: SessionRule, anchor: int) -> list[int]:
        if anchor not in self.spans:
            return []
        targets = [target_day(day, rule.offset, rule.unit) for day in self.spans[anchor]]
        self.targets[rule.index] = np.array(targets)
        distances, fixed, days = window(rule, late=self.problem.late), self.problem.fixed(rule.index), []
        if fixed and targets[0] + distances.start <= fixed.day < targets[-1] + distances.stop:
            days.append(fixed.day)
        if within := self._choosing(rule):
            first, last = targets[0], targets[within - 1]
            days += [first, first + distances.start, last + distances.stop - 1]
        return days

    def _choosing(self, rule: SessionRule) -> int:
        """For how many of the anchor's days (the first ones) the session may choose: it is not pinned, nor past the horizon."""
        if rule.index in self.problem.pins:
            return 0
        return int(np.searchsorted(self.targets[rule.index], self.problem.days.stop - rule.soft_max))

    # What it costs: from the leaves up.

    def _price(self, rule: SessionRule) -> None:
        problem, index = self.problem, rule.index
        children = [child for child in problem.rules if child.anchor == index]
        if index in self.spans:
            shape = len(self.spans[index]), problem.leads.size, self.columns
            below = sum((self._follow(child) for child in children), np.zeros(self.columns, np.int64))
            self.after[index] = np.broadcast_to(np.minimum(below, NEVER), shape)
        if index in problem.done:
            day, lead = problem.done[index]
            self.planned[index] = self.after_at(index, np.array(day), np.array(lead), np.arange(self.columns))
        elif index in problem.pins:
            self.planned[index] = np.full(self.columns, NEVER)
        else:
            edge = DAY_LATE * rule.preferred_after + problem.leaving(index)
            self.planned[index] = sum((self.planned[child.index] for child in children), np.full(self.columns, edge))

    def _follow(self, rule: SessionRule) -> Ints:
        """The least cost of this session and all that hangs on it, for each (day, lead) of its anchor and each hour."""
        problem, index = self.problem, rule.index
        if index in problem.done or index not in self.spans:
            return self.planned[index]
        targets, within = self.targets[index], self._choosing(rule)
        cost = np.empty((targets.size, problem.leads.size, self.columns), np.int64)
        cost[within:] = self.planned[index]
        if within:
            cost[:within] = self._placed(rule, targets[:within])
        if fixed := problem.fixed(index):
            self._lower_to_fixed(cost, rule, fixed)
        return cost

    def _placed(self, rule: SessionRule, targets: Ints) -> Ints:
        """… if it takes one of the slots on offer or, not being firm, none."""
        span, after = self.spans[rule.index], self.after[rule.index]
        best = self.best[rule.index] = self._best_slots(rule)
        best += after
        best = np.minimum(best, best.min(axis=1, keepdims=True) + OTHER_LEAD)
        cost = _least_in_window(best, rule, window(rule, late=self.problem.late), targets - span.start)
        cost += self.problem.moving(rule.index)
        if not rule.firm:
            np.minimum(cost, after[targets - span.start] + UNPLACED + self.problem.leaving(rule.index), out=cost)
        return cost

    def _best_slots(self, rule: SessionRule) -> Ints:
        """The least slot part for each (day of the span, lead, hour); NEVER where there is no slot."""
        problem, span = self.problem, self.spans[rule.index]
        best = np.full((len(span), problem.leads.size, self.columns), NEVER)
        if days := problem.open_days(rule.index, span):
            found = problem.candidates[rule.visit]
            rows, leads = slice(days.start - span.start, days.stop - span.start), np.searchsorted(problem.leads, found.leads)
            best[rows, leads] = cheapest(found, problem.wishes, days, self.hours)
        if problem.wishes.only_lead:
            best[:, problem.leads != problem.wishes.lead] = NEVER
        return best

    def _lower_to_fixed(self, cost: Ints, rule: SessionRule, slot: Slot) -> None:
        """… if it takes the slot it has, from where that lies in the window."""
        problem = self.problem
        distance = slot.day - self.targets[rule.index]
        allowed = window(rule, late=problem.late)
        rows = np.flatnonzero((distance >= allowed.start) & (distance < allowed.stop))
        if not rows.size:
            return
        one = Candidates.from_slots([slot])
        own = cheapest(one, problem.wishes, one.days, self.hours)[0, 0]
        own = own + self.after_at(rule.index, one.day, one.lead, np.arange(self.columns))
        pair = distance_part(rule, distance[rows])[:, None] + OTHER_LEAD * (problem.leads != slot.lead)
        cost[rows] = np.minimum(cost[rows], pair[:, :, None] + own)


def _least_in_window(best: Ints, rule: SessionRule, distances: range, targets: Ints) -> Ints:
    """For each target (a row of `best`, ascending) the least of value + points for the distance over its window.

    Taken for every row from the first target to the last, whole rows at a time; the targets then look theirs up.
    """
    first, count = int(targets[0]), int(targets[-1] - targets[0]) + 1
    least = np.full((count, *best.shape[1:]), NEVER)
    for low, high, price, slope in _straight_parts(rule, distances):
        values = best[first + low : first + high + count]
        tilted = values + slope * np.arange(len(values))[:, None, None]
        lowest = _least_of_runs(tilted, high - low + 1)
        lowest += (price - slope * np.arange(count))[:, None, None]
        np.minimum(least, lowest, out=least)
    return least[targets - first]


@lru_cache(maxsize=1_000)
def _straight_parts(rule: SessionRule, distances: range) -> list[tuple[int, int, int, int]]:
    """The window cut where the points for the distance bend or jump: first and last day, points for the first, more per day."""
    cuts = {distances.start, rule.preferred_before, 0, rule.preferred_after + 1, rule.soft_max + 1, distances.stop}
    parts = []
    for low, end in pairwise(sorted(cut for cut in cuts if distances.start <= cut <= distances.stop)):
        price = int(distance_part(rule, np.array(low)))
        parts.append((low, end - 1, price, DAY_LATE if low >= 0 else -DAY_EARLY))
    return parts


def _least_of_runs(values: Ints, n: int) -> Ints:
    """The least of each n consecutive rows, by doubling as `timegrid.erode` does: log2(n) steps."""
    length = 1
    while length < n:
        step = min(length, n - length)
        values = np.minimum(values[:-step], values[step:])
        length += step
    return values
