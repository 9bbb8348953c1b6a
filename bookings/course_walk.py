"""From prices to a plan: the forward walk under `planner`, session by session along the table.

Pure. The rules, with the ties, are told in `docs/rules/planning.md`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import numpy as np

from bookings.course_table import (
    DAY_EARLY,
    DAY_LATE,
    OTHER_LEAD,
    UNPLACED,
    Problem,
    SessionRule,
    Table,
    distance_part,
    target_day,
    window,
)
from bookings.slots import NEVER, Candidates, Ints, Slot, slot_part

Reason = Literal["done", "horizon", "no_slot"]

EVER = range(1, date.max.toordinal() + 1)


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session of a plan, with its window as local days; for the first, the window is its day.

    Without a slot, `reason` says why: done, planned beyond the horizon, or no slot found. `cost` is its own part in points.
    """

    rule: SessionRule
    target: int
    earliest: int
    latest: int
    slot: Slot | None
    reason: Reason | None
    cost: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A complete course and its cost in points; `moved` are the sessions that leave the slot they were asked to keep."""

    sessions: tuple[PlannedSession, ...]
    cost: int
    moved: tuple[int, ...]


class ImpossibleError(Exception):
    """No way on costs less than NEVER."""


@dataclass(frozen=True, slots=True)
class Stand:
    """Where a session is for those anchored to it; if it is `planned` beyond the horizon, so are they."""

    day: int
    lead: int
    planned: bool = False


@dataclass(frozen=True, slots=True)
class Way:
    """One way to decide a session, where it then stands, and what it costs with all that hangs on it."""

    session: PlannedSession
    stand: Stand
    total: int


@dataclass(frozen=True, eq=False)
class Offers:
    """The slots a session may take, what each costs on its own, and with all that hangs on it (moves included)."""

    slots: Candidates
    own: Ints
    total: Ints


def walk(table: Table, settled: Mapping[int, Way] | None = None) -> Plan:
    """The best plan of the table, or ImpossibleError; `settled` sessions are taken as they are."""
    settled, keep = settled or {}, table.problem.keep
    ways: list[Way] = []
    for rule in table.problem.rules:
        anchor = None if rule.anchor is None else ways[rule.anchor].stand
        ways.append(settled.get(rule.index) or _best_way(table, rule, anchor))
    sessions = tuple(way.session for way in ways)
    moved = tuple(index for index in sorted(keep) if sessions[index].slot != keep[index])
    return Plan(sessions, sum(session.cost for session in sessions), moved)


def offers(table: Table, rule: SessionRule, anchor: Stand | None, days: range = EVER) -> Offers:
    """What the session may take on these days, its anchor standing there; for the first session, waiting is not counted."""
    problem, index = table.problem, rule.index
    if anchor is None:
        slots, moving = problem.choices(index, days)
        own = slot_part(problem.wishes, slots)
    else:
        target, allowed = target_day(anchor.day, rule.offset, rule.unit), window(rule, late=problem.late)
        days = range(max(days.start, target + allowed.start), min(days.stop, target + allowed.stop))
        slots, moving = problem.choices(index, days, only_fixed=problem.beyond(rule, target))
        own = slot_part(problem.wishes, slots) + _pair_part(rule, anchor, target, slots)
    below = table.after_at(index, slots.day, slots.lead) if len(slots) else own
    return Offers(slots, own, own + moving + below)


def with_slot(problem: Problem, rule: SessionRule, anchor: Stand | None, slot: Slot, own: int, total: int = 0) -> Way:
    """The session on this slot."""
    target = slot.day if anchor is None else target_day(anchor.day, rule.offset, rule.unit)
    session = _session(problem, rule, anchor, target, slot, None, own)
    return Way(session, Stand(slot.day, slot.lead), total)


def staying(problem: Problem, rule: SessionRule, anchor: Stand | None) -> Way:
    """The session as it is: done, on the slot it keeps wherever that lies, or without one."""
    slot = problem.keep.get(rule.index)
    if rule.index in problem.done:
        return _as_done(problem, rule, anchor)
    if slot:
        one = Candidates.from_slots([slot])
        own = slot_part(problem.wishes, one)
        if anchor:
            own = own + _pair_part(rule, anchor, target_day(anchor.day, rule.offset, rule.unit), one)
        return with_slot(problem, rule, anchor, slot, int(own[0]))
    if anchor is None:
        raise ValueError("the first session of a chosen plan has a slot")
    return _without_slot(problem, rule, anchor)


def _best_way(table: Table, rule: SessionRule, anchor: Stand | None) -> Way:
    """The cheapest way on; if it costs the same, a slot goes before no slot."""
    if rule.index in table.problem.done:
        return _as_done(table.problem, rule, anchor)
    ways = _ways_to_begin(table, rule) if anchor is None else _ways_to_go_on(table, rule, anchor)
    best = min(ways, key=lambda way: way.total, default=None)
    if best is None or best.total >= NEVER:
        raise ImpossibleError
    return best


def _ways_to_begin(table: Table, rule: SessionRule) -> list[Way]:
    found = offers(table, rule, None)
    if not len(found.slots):
        return []
    waiting = _waiting_part(table.problem, found.slots.day)
    best = _least(found.total + waiting, found.slots.day, found.slots)
    own = int(found.own[best] + waiting[best])
    return [with_slot(table.problem, rule, None, found.slots.slot(best), own, int(found.total[best]))]


def _ways_to_go_on(table: Table, rule: SessionRule, anchor: Stand) -> list[Way]:
    """At most three: on the best slot on offer, on the slot it has, and without."""
    if anchor.planned:
        return [_without_slot(table.problem, rule, anchor)]
    days = sorted(_days_to_look_at(table, rule, anchor), reverse=True)
    ways = [_on_best_slot(table, rule, anchor, offers(table, rule, anchor, range(day, day + 1))) for day in days]
    return [way for way in (*ways, _going_without(table, rule, anchor)) if way]


def _days_to_look_at(table: Table, rule: SessionRule, anchor: Stand) -> set[int]:
    problem, index = table.problem, rule.index
    target, fixed = target_day(anchor.day, rule.offset, rule.unit), problem.fixed(index)
    days = {fixed.day} if fixed else set()
    if index not in problem.pins and not problem.beyond(rule, target) and window(rule, late=problem.late):
        days.add(table.best_day(rule, target, anchor.lead))
    return days


def _on_best_slot(table: Table, rule: SessionRule, anchor: Stand, found: Offers) -> Way | None:
    if not len(found.slots):
        return None
    best = _least(found.total, -found.slots.day, found.slots)
    slot, own, total = found.slots.slot(best), int(found.own[best]), int(found.total[best])
    return with_slot(table.problem, rule, anchor, slot, own, total)


def _going_without(table: Table, rule: SessionRule, anchor: Stand) -> Way | None:
    problem, index = table.problem, rule.index
    way = _without_slot(problem, rule, anchor)
    if index in problem.pins or (rule.firm and not way.stand.planned):
        return None
    if way.stand.planned:
        return replace(way, total=int(table.planned[index][0]))
    below = int(table.after_at(index, np.array(way.stand.day), np.array(way.stand.lead)))
    return replace(way, total=UNPLACED + problem.leaving(index) + below)


def _without_slot(problem: Problem, rule: SessionRule, anchor: Stand) -> Way:
    """Planned, since it lies beyond the horizon or for want of a slot; it stands on its target, with its anchor's lead."""
    target = target_day(anchor.day, rule.offset, rule.unit)
    planned = anchor.planned or problem.beyond(rule, target)
    reason: Reason = "horizon" if planned else "no_slot"
    cost = DAY_LATE * rule.preferred_after if planned else UNPLACED
    return Way(_session(problem, rule, anchor, target, None, reason, cost), Stand(target, anchor.lead, planned), 0)


def _as_done(problem: Problem, rule: SessionRule, anchor: Stand | None) -> Way:
    day, lead = problem.done[rule.index]
    target = day if anchor is None else target_day(anchor.day, rule.offset, rule.unit)
    return Way(_session(problem, rule, anchor, target, None, "done", 0), Stand(day, lead), 0)


def _session(
    problem: Problem, rule: SessionRule, anchor: Stand | None, target: int, slot: Slot | None, reason: Reason | None, cost: int
) -> PlannedSession:
    if anchor is None:
        return PlannedSession(rule, target, target, target, slot, reason, cost)
    past = slot is not None and slot.day > target + rule.soft_max
    latest = target + (rule.hard_max if past else rule.soft_max)
    return PlannedSession(rule, target, target + window(rule, late=problem.late).start, latest, slot, reason, cost)


def _pair_part(rule: SessionRule, anchor: Stand, target: int, slots: Candidates) -> Ints:
    """Points of each slot for where its anchor stands."""
    points: Ints = distance_part(rule, slots.day - target) + OTHER_LEAD * (slots.lead != anchor.lead)
    return points


def _waiting_part(problem: Problem, day: Ints) -> Ints:
    """Points for beginning on these days, if it is the planner who chooses; counted from where the session was, or from
    the earliest day wished, or from the first day on offer."""
    if 0 in problem.pins:
        return np.zeros_like(day)
    kept, wished = problem.keep.get(0), problem.wishes.earliest
    since = kept.day if kept else wished if wished is not None else int(day[0])
    return np.where(day < since, DAY_EARLY * (since - day), DAY_LATE * (day - since))


def _least(total: Ints, day_order: Ints, slots: Candidates) -> int:
    """The place of the least total; ties by `day_order`, then the earlier hour, then the lower lead."""
    rows = np.flatnonzero(total == total.min())
    return int(rows[np.lexsort((slots.lead[rows], slots.start[rows], day_order[rows]))[0]])
