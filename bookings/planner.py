"""Planning a course: the cheapest slots for all its sessions, from the rules of the protocol and the slots on offer.

Pure: no database, no Django, no clock. Days are ordinals (`date.toordinal()`, clinic-local), starts are 5-minute ticks.
The rules and costs, and why the answer is exact, are told in `docs/rules/planning.md`; `course_table` prices.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bookings.course_table import (
    DAY_EARLY,
    DAY_LATE,
    HOUR_STEP,
    MOST_SESSIONS,
    NEVER,
    OTHER_LEAD,
    UNPLACED,
    WIDEST_WINDOW,
    Candidates,
    Ints,
    Problem,
    SessionRule,
    Slot,
    Table,
    Unit,
    Wishes,
    distance_part,
    slot_part,
    target_day,
    window,
)

__all__ = [
    "Alternative",
    "Candidates",
    "NoPlan",
    "Plan",
    "PlannedSession",
    "Proposal",
    "SessionRule",
    "Slot",
    "Unit",
    "Wishes",
    "alternatives",
    "first_slots",
    "plan",
    "proposals",
    "target_day",
]

Offers = Mapping[str, Candidates] | Mapping[str, Sequence[Slot]]
Reason = Literal["done", "horizon", "no_slot"]

EVENING = 17 * 60
"""Minute of the local day from which a start is "in the evening"."""
AROUND = 60
"""Minutes: as near as "around ten o'clock" promises."""
MOST_ALTERNATIVES = 12
MOST_TRIED = 10


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


class NoPlan(Exception):  # noqa: N818 - an answer, as a refusal is
    """No complete course exists: `session_index` is the first session that cannot be placed though all before it can.

    `reason` is "no_slot", or "pinned" when it is that session's own pin that cannot be held.
    """

    def __init__(self, session_index: int, reason: Literal["no_slot", "pinned"]) -> None:
        super().__init__(f"session {session_index}: {reason}")
        self.session_index = session_index
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Proposal:
    """A ready suggestion: `key` is "earliest", "regular" or "evenings", `plan` is what `plan(…, wishes, first=slot)` says."""

    key: str
    slot: Slot
    wishes: Wishes
    plan: Plan


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another slot for one session of a plan, the cost of the plan with it, and which other sessions would move."""

    slot: Slot
    cost: int
    moved: tuple[int, ...]


def plan(
    rules: Sequence[SessionRule],
    candidates: Offers,
    horizon: int,
    wishes: Wishes,
    first: Slot | None = None,
    pins: Mapping[int, Slot] | None = None,
    keep: Mapping[int, Slot] | None = None,
    done: Mapping[int, tuple[int, int]] | None = None,
    late: bool = False,
) -> Plan:
    """The cheapest complete course, as few kept slots moved as possible; NoPlan if there is none.

    `first` fixes the first session, `pins` any; they and `keep` (the slots held now) need not be among the candidates.
    `done` maps sessions already performed to (day, lead). `late` opens the windows to hard max. `horizon` is the last day
    that can be booked. ValueError if the rules are not a tree or `first` contradicts `pins`.
    """
    problem = _problem(rules, candidates, horizon, wishes, _with_first(pins or {}, first), keep or {}, done or {}, late)
    try:
        return _walk(Table(problem))
    except _ImpossibleError:
        raise _first_failure(problem) from None


def first_slots(
    rules: Sequence[SessionRule],
    candidates: Offers,
    horizon: int,
    wishes: Wishes,
    between: tuple[int, int],
) -> list[tuple[Slot, int]]:
    """Every first slot on the days [between[0], between[1]) from which a course fits, with the cost of the best one.

    Each cost is that of `plan(…, first=slot)`. Ordered by day, start, lead.
    """
    problem = _problem(rules, candidates, horizon, wishes, {}, {}, {}, late=False)
    roots, cost = _price_first_slots(replace(problem, roots=problem.roots.between(*between)))
    order = np.lexsort((roots.lead, roots.start))
    return list(zip(roots.where(order).slots(), cost[order].tolist(), strict=True))


def proposals(
    rules: Sequence[SessionRule],
    candidates: Offers,
    horizon: int,
    wishes: Wishes,
    between: tuple[int, int],
) -> list[Proposal]:
    """Up to three suggestions with different first slots on the days [between[0], between[1]).

    The earliest that fits; the cheapest course with every session on one weekday around one hour; the cheapest with every
    session from 17:00 on (not if the patient asked for a part of the day). What a key says is true of every session.
    """
    problem = _problem(rules, candidates, horizon, wishes, {}, {}, {}, late=False)
    problem = replace(problem, roots=problem.roots.between(*between))
    found: list[Proposal] = []
    for offered in (_earliest(problem), _regular(problem), _evenings(problem)):
        taken = {proposal.slot for proposal in found}
        found += islice((proposal for proposal in offered if proposal.slot not in taken), 1)
    return found


def alternatives(
    rules: Sequence[SessionRule],
    candidates: Offers,
    horizon: int,
    wishes: Wishes,
    chosen: Mapping[int, Slot],
    index: int,
    done: Mapping[int, tuple[int, int]] | None = None,
    late: bool = False,
) -> list[Alternative]:
    """Other slots for session `index` of a chosen plan, inside its window, those that move fewest others first.

    `chosen` holds the slots of the plan as they are now. At most one slot per (day, lead, hour) and twelve in all, each
    with the plan that keeps as many others as it can; nothing for a session planned beyond the horizon. The hour wished
    for stays that of the first slot now chosen.
    """
    if 0 in chosen:
        wishes = _at_the_hour_of(chosen[0], wishes)
    others = {place: slot for place, slot in chosen.items() if place != index}
    problem = _problem(rules, candidates, horizon, wishes, {}, others, done or {}, late)
    found = []
    for slot in _ranked(problem, index, chosen.get(index)):
        try:
            best = _walk(Table(replace(problem, pins={index: slot})))
        except _ImpossibleError:
            continue
        found.append(Alternative(slot, best.cost, best.moved))
    return sorted(found, key=lambda other: (len(other.moved), other.cost, other.slot))


# Asking.


def _with_first(pins: Mapping[int, Slot], first: Slot | None) -> Mapping[int, Slot]:
    if first is None:
        return pins
    if pins.get(0, first) != first:
        raise ValueError("the first session is pinned to another slot")
    return {**pins, 0: first}


def _problem(
    rules: Sequence[SessionRule],
    candidates: Offers,
    horizon: int,
    wishes: Wishes,
    pins: Mapping[int, Slot],
    keep: Mapping[int, Slot],
    done: Mapping[int, tuple[int, int]],
    late: bool,
) -> Problem:
    _check(rules)
    pins = {index: slot for index, slot in pins.items() if index not in done}
    keep = {index: slot for index, slot in keep.items() if index not in done and index not in pins}
    offered = {rule.visit: _allowed(candidates.get(rule.visit, ()), wishes, horizon) for rule in rules}
    if first := pins.get(0) or keep.get(0):
        wishes = _at_the_hour_of(first, wishes)
    return Problem(rules, offered, offered[rules[0].visit], horizon, wishes, pins, keep, done, late)


def _check(rules: Sequence[SessionRule]) -> None:
    if not 1 <= len(rules) <= MOST_SESSIONS:
        raise ValueError(f"a course has 1 to {MOST_SESSIONS} sessions, not {len(rules)}")
    for place, rule in enumerate(rules):
        anchored = rule.anchor is None if place == 0 else rule.anchor is not None and 0 <= rule.anchor < place
        if rule.index != place or not anchored:
            raise ValueError(f"session {place} is not anchored to one earlier session")
        before = [-WIDEST_WINDOW, rule.hard_min, rule.preferred_before, 0]
        after = [0, rule.preferred_after, rule.soft_max, rule.hard_max, WIDEST_WINDOW]
        if before != sorted(before) or after != sorted(after):
            raise ValueError(f"the windows of session {place} are out of order: {before[1:]}, {after[:-1]}")


def _allowed(found: Candidates | Sequence[Slot], wishes: Wishes, horizon: int) -> Candidates:
    offered = found if isinstance(found, Candidates) else Candidates.from_slots(found)
    offered = offered.between(wishes.earliest or 0, horizon + 1)
    return offered.where(offered.lead == wishes.lead) if wishes.only_lead else offered


def _at_the_hour_of(slot: Slot, wishes: Wishes) -> Wishes:
    """Who says nothing about the hour wants the hour of the first slot."""
    silent = wishes.hour_like is None and wishes.minutes is None
    return replace(wishes, hour_like=slot.minute) if silent else wishes


# Walking forward: from the priced table to the plan.


class _ImpossibleError(Exception):
    """No way on costs less than NEVER."""


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a session is for those anchored to it; if it is `planned` beyond the horizon, so are they."""

    day: int
    lead: int
    planned: bool = False


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to decide a session, where it then stands, and what it costs with all that hangs on it."""

    session: PlannedSession
    stand: _Stand
    total: int


def _walk(table: Table) -> Plan:
    """The best plan of the table, session by session."""
    keep, sessions = table.problem.keep, list[PlannedSession]()
    stands: list[_Stand] = []
    for rule in table.problem.rules:
        way = _best_way(table, rule, None if rule.anchor is None else stands[rule.anchor])
        sessions.append(way.session)
        stands.append(way.stand)
    moved = tuple(index for index in sorted(keep) if sessions[index].slot != keep[index])
    return Plan(tuple(sessions), sum(session.cost for session in sessions), moved)


def _best_way(table: Table, rule: SessionRule, anchor: _Stand | None) -> _Way:
    if rule.index in table.problem.done:
        return _as_done(table.problem, rule, anchor)
    ways = _ways_to_begin(table, rule) if anchor is None else _ways_to_go_on(table, rule, anchor)
    best = min(ways, key=lambda way: way.total, default=None)
    if best is None or best.total >= NEVER:
        raise _ImpossibleError
    return best


def _as_done(problem: Problem, rule: SessionRule, anchor: _Stand | None) -> _Way:
    day, lead = problem.done[rule.index]
    target = day if anchor is None else target_day(anchor.day, rule.offset, rule.unit)
    return _Way(_session(rule, target, None, "done", 0, problem.late), _Stand(day, lead), 0)


@dataclass(frozen=True, eq=False)
class _Offers:
    """The slots a session may take, what each costs on its own, and with all that hangs on it (moves included)."""

    slots: Candidates
    own: Ints
    total: Ints


def _offers(table: Table, rule: SessionRule, anchor: _Stand | None) -> _Offers:
    problem, index = table.problem, rule.index
    if anchor is None:
        slots, moving = problem.choices(index)
        own = slot_part(problem.wishes, slots)
    else:
        target, days = target_day(anchor.day, rule.offset, rule.unit), window(rule, problem.late)
        beyond = target + rule.soft_max > problem.horizon
        slots, moving = problem.choices(index, range(target + days.start, target + days.stop), only_fixed=beyond)
        own = slot_part(problem.wishes, slots) + distance_part(rule, slots.day - target)
        own += OTHER_LEAD * (slots.lead != anchor.lead)
    below = table.after_at(index, slots.day, slots.lead) if len(slots) else own
    return _Offers(slots, own, own + moving + below)


def _ways_to_begin(table: Table, rule: SessionRule) -> list[_Way]:
    offers = _offers(table, rule, None)
    if not len(offers.slots):
        return []
    waiting = _waiting_part(table.problem, offers.slots.day)
    best = _least(offers.total + waiting, offers.slots.day, offers.slots)
    slot = offers.slots.slot(best)
    session = PlannedSession(rule, slot.day, slot.day, slot.day, slot, None, int((offers.own + waiting)[best]))
    return [_Way(session, _Stand(slot.day, slot.lead), int(offers.total[best]))]


def _waiting_part(problem: Problem, day: Ints) -> Ints:
    """Points for beginning on these days, if it is the planner who chooses."""
    if 0 in problem.pins:
        return np.zeros_like(day)
    kept, earliest = problem.keep.get(0), problem.wishes.earliest
    since = kept.day if kept else earliest or problem.roots.day[0]
    return np.where(day < since, DAY_EARLY * (since - day), DAY_LATE * (day - since))


def _ways_to_go_on(table: Table, rule: SessionRule, anchor: _Stand) -> list[_Way]:
    """At most two: the best slot, and going without."""
    target = target_day(anchor.day, rule.offset, rule.unit)
    ways = _ways_without_slot(table, rule, anchor, target)
    if anchor.planned:
        return ways
    offers = _offers(table, rule, anchor)
    if len(offers.slots):
        best = _least(offers.total, -offers.slots.day, offers.slots)
        slot = offers.slots.slot(best)
        session = _session(rule, target, slot, None, int(offers.own[best]), table.problem.late)
        ways.insert(0, _Way(session, _Stand(slot.day, slot.lead), int(offers.total[best])))
    return ways


def _ways_without_slot(table: Table, rule: SessionRule, anchor: _Stand, target: int) -> list[_Way]:
    problem, index = table.problem, rule.index
    if index in problem.pins:
        return []
    if anchor.planned or target + rule.soft_max > problem.horizon:
        session = _session(rule, target, None, "horizon", DAY_LATE * rule.preferred_after, problem.late)
        return [_Way(session, _Stand(target, anchor.lead, planned=True), int(table.planned[index][0]))]
    if rule.firm:
        return []
    session = _session(rule, target, None, "no_slot", UNPLACED, problem.late)
    below = int(table.after_at(index, np.array(target), np.array(anchor.lead)))
    return [_Way(session, _Stand(target, anchor.lead), UNPLACED + problem.moving(index) + below)]


def _session(rule: SessionRule, target: int, slot: Slot | None, reason: Reason | None, cost: int, late: bool) -> PlannedSession:
    past = slot is not None and slot.day > target + rule.soft_max
    latest = target + (rule.hard_max if past else rule.soft_max)
    return PlannedSession(rule, target, target + window(rule, late).start, latest, slot, reason, cost)


def _least(total: Ints, day_order: Ints, slots: Candidates) -> int:
    """The place of the least total; ties by `day_order`, then the earlier hour, then the lower lead."""
    rows = np.flatnonzero(total == total.min())
    return int(rows[np.lexsort((slots.lead[rows], slots.start[rows], day_order[rows]))[0]])


def _first_failure(problem: Problem) -> NoPlan:
    """Why there is no plan: the shortest beginning of the course that cannot be planned."""
    for index in range(len(problem.rules)):
        keep = {place: slot for place, slot in problem.keep.items() if place <= index}
        try:
            _walk(Table(replace(problem, rules=problem.rules[: index + 1], keep=keep)))
        except _ImpossibleError:
            return NoPlan(index, "pinned" if index in problem.pins else "no_slot")
    raise AssertionError("every beginning can be planned, so the course can")


# Pricing first slots.


def _price_first_slots(problem: Problem) -> tuple[Candidates, Ints]:
    """Those of the problem's first slots from which a course fits, and what it costs."""
    roots, wishes = problem.roots, problem.wishes
    if not len(roots):
        return roots, roots.day
    clock = roots.minute // HOUR_STEP
    silent = wishes.hour_like is None and wishes.minutes is None
    hours = np.unique(clock) if silent else None
    column = np.searchsorted(hours, clock) if hours is not None else 0
    cost = slot_part(wishes, roots) + Table(problem, hours).after_at(0, roots.day, roots.lead, column)
    fits = cost < NEVER
    return roots.where(fits), cost[fits]


# Suggesting: each of these yields proposals, the best first.


def _earliest(problem: Problem) -> Iterator[Proposal]:
    fitting, _ = _price_first_slots(problem)
    for place in np.lexsort((fitting.lead, fitting.start)):
        yield _proposal("earliest", problem, fitting.slot(place), problem.wishes)


def _regular(problem: Problem) -> Iterator[Proposal]:
    offers = []
    for weekday in sorted(problem.wishes.weekdays or range(1, 8)):
        wishes = replace(problem.wishes, weekdays=frozenset({weekday}))
        offers += [(cost, slot, wishes) for cost, slot in _cheapest(problem, wishes, _weekday(problem.roots) == weekday)]
    for _, slot, wishes in nsmallest(MOST_TRIED, offers, key=lambda offer: offer[:2]):
        proposal = _proposal("regular", problem, slot, replace(wishes, hour_like=slot.minute))
        placed = _placed(proposal.plan)
        if (_weekday(placed) == _weekday(placed)[0]).all() and (abs(placed.minute - slot.minute) <= AROUND).all():
            yield proposal


def _evenings(problem: Problem) -> Iterator[Proposal]:
    if problem.wishes.minutes is not None:
        return
    wishes = replace(problem.wishes, minutes=(EVENING, 24 * 60))
    for _, slot in _cheapest(problem, wishes, problem.roots.minute >= EVENING):
        proposal = _proposal("evenings", problem, slot, wishes)
        if (_placed(proposal.plan).minute >= EVENING).all():
            yield proposal


def _cheapest(problem: Problem, wishes: Wishes, roots: NDArray[np.bool_]) -> list[tuple[int, Slot]]:
    """The first slots with the cheapest courses under other wishes; ties go to the earlier."""
    fitting, cost = _price_first_slots(replace(problem, wishes=wishes, roots=problem.roots.where(roots)))
    order = np.lexsort((fitting.lead, fitting.start, cost))[:MOST_TRIED]
    return [(int(cost[place]), fitting.slot(place)) for place in order]


def _proposal(key: str, problem: Problem, slot: Slot, wishes: Wishes) -> Proposal:
    asked = replace(problem, pins={0: slot}, wishes=_at_the_hour_of(slot, wishes))
    return Proposal(key, slot, wishes, _walk(Table(asked)))


def _placed(plan: Plan) -> Candidates:
    return Candidates.from_slots(session.slot for session in plan.sessions if session.slot)


def _weekday(slots: Candidates) -> Ints:
    """ISO: Monday is 1."""
    return (slots.day - 1) % 7 + 1


# Ranking the other slots of one session.


def _ranked(problem: Problem, index: int, now: Slot | None) -> list[Slot]:
    """The most promising slots for a session, one per (day, lead, hour), if all outside its branch stay where they are."""
    stands = _stands_outside(problem, index)
    done = {place: (stand.day, stand.lead) for place, stand in stands.items()}
    keep = {place: slot for place, slot in problem.keep.items() if place not in done}
    rule, table = problem.rules[index], Table(replace(problem, done=done, keep=keep))
    anchor = None if rule.anchor is None else stands[rule.anchor]
    if anchor and anchor.planned:
        return []
    offers = _offers(table, rule, anchor)
    found: dict[tuple[int, int, int], Slot] = {}
    for place in np.lexsort((offers.slots.lead, offers.slots.start, offers.total)):
        slot = offers.slots.slot(place)
        if len(found) == MOST_ALTERNATIVES or offers.total[place] >= NEVER:
            break
        if slot != now:
            found.setdefault((slot.day, slot.lead, slot.minute // 60), slot)
    return list(found.values())


def _stands_outside(problem: Problem, index: int) -> dict[int, _Stand]:
    """Where the sessions stand that do not hang on this one."""
    branch, stands = {index}, dict[int, _Stand]()
    for rule in problem.rules:
        if rule.anchor in branch:
            branch.add(rule.index)
        elif rule.index != index:
            stands[rule.index] = _stand_now(problem, rule, stands)
    return stands


def _stand_now(problem: Problem, rule: SessionRule, stands: Mapping[int, _Stand]) -> _Stand:
    if rule.index in problem.done:
        return _Stand(*problem.done[rule.index])
    if slot := problem.keep.get(rule.index):
        return _Stand(slot.day, slot.lead)
    if rule.anchor is None:
        raise ValueError("the first session of a chosen plan has a slot")
    anchor = stands[rule.anchor]
    target = target_day(anchor.day, rule.offset, rule.unit)
    return _Stand(target, anchor.lead, anchor.planned or target + rule.soft_max > problem.horizon)
