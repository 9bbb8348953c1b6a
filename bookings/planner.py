"""Planning a course: the cheapest slots for all its sessions, from the rules of the protocol and the slots on offer.

Pure: no database, no Django, no clock. Days are ordinals (`date.toordinal()`, clinic-local), starts are 5-minute ticks.
The rules and costs, and why the answer is exact, are told in `docs/rules/planning.md`; `slots` and
`course_table` price, `course_walk` decides.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from itertools import islice
from typing import Literal

import numpy as np

from bookings.course_table import MOST_SESSIONS, MOVED, WIDEST_WINDOW, Problem, SessionRule, Table, Unit, target_day, window
from bookings.course_walk import EVER, ImpossibleError, Offers, Plan, PlannedSession, Stand, Way, offers, staying, walk, with_slot
from bookings.slots import HOUR_STEP, NEVER, Candidates, Ints, Slot, Wishes, meets, slot_part, weekday

__all__ = [
    "Alternative",
    "Candidates",
    "Instead",
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
    "on_other_days",
    "plan",
    "proposals",
    "target_day",
    "window",
]

OnOffer = Mapping[str, Candidates] | Mapping[str, Sequence[Slot]]

EVENING = 17 * 60
"""Minute of the local day from which a start is "in the evening"."""
AROUND = 60
"""Minutes: as near as "around ten o'clock" promises."""
MOST_ALTERNATIVES = 12
MOST_ON_ONE_DAY = 3
MOST_TRIED = 10


class NoPlan(Exception):
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


@dataclass(frozen=True, slots=True)
class Instead:
    """The best plan with one session on other days; `better`: than with the slot it has, and the same planned anew; `alone`: also
    where all the others stay on their slots; `needs`: the others without whose moving it would not be better."""

    plan: Plan
    better: bool
    alone: bool
    needs: tuple[int, ...]


def plan(
    rules: Sequence[SessionRule],
    candidates: OnOffer,
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
        return walk(Table(problem))
    except ImpossibleError:
        raise _first_failure(problem) from None


def first_slots(
    rules: Sequence[SessionRule],
    candidates: OnOffer,
    horizon: int,
    wishes: Wishes,
    between: tuple[int, int],
) -> list[tuple[Slot, int]]:
    """Every first slot on the days [between[0], between[1]) from which a course fits, with the cost of the best one.

    Each cost is that of `plan(…, first=slot)`. Ordered by day, start, lead.
    """
    problem = _first_on(between, _problem(rules, candidates, horizon, wishes, {}, {}, {}, late=False))
    slots, cost = _price_first_slots(problem)
    order = np.lexsort((slots.lead, slots.start))
    return list(zip(slots.where(order).slots(), cost[order].tolist(), strict=True))


def proposals(
    rules: Sequence[SessionRule],
    candidates: OnOffer,
    horizon: int,
    wishes: Wishes,
    between: tuple[int, int],
) -> list[Proposal]:
    """Up to three suggestions with different first slots on the days [between[0], between[1]).

    The earliest that fits on a weekday and in the part of the day wished for; the cheapest course with every session on one weekday around one hour; the cheapest with every
    session from 17:00 on (not if the patient asked for a part of the day). What a key says is true of every session.
    """
    problem = _first_on(between, _problem(rules, candidates, horizon, wishes, {}, {}, {}, late=False))
    found: list[Proposal] = []
    for offered in (_earliest(problem), _regular(problem), _evenings(problem)):
        taken = {proposal.slot for proposal in found}
        found += islice((proposal for proposal in offered if proposal.slot not in taken), 1)
    return found


def alternatives(
    rules: Sequence[SessionRule],
    candidates: OnOffer,
    horizon: int,
    wishes: Wishes,
    chosen: Mapping[int, Slot],
    index: int,
    done: Mapping[int, tuple[int, int]] | None = None,
    late: bool = False,
) -> list[Alternative]:
    """Other slots for session `index` of a chosen plan, inside its window, those that move fewest others first.

    `chosen` holds the slots of the plan as they are now. At most one slot per (day, lead, hour), three a day and twelve in all, each
    with the plan that keeps as many others as it can; nothing for a session planned beyond the horizon. The hour wished
    for stays that of the first slot now chosen.
    """
    settled, stand, problem = _branch(rules, candidates, horizon, wishes, chosen, index, done or {}, late)
    if stand and stand.planned:
        return []
    table = Table(problem)
    found = offers(table, rules[index], stand)
    plans = []
    for place in _best_of_each_hour(found, chosen.get(index)):
        way = with_slot(problem, rules[index], stand, found.slots.slot(place), int(found.own[place]))
        best = walk(table, {**settled, index: way})
        plans.append(Alternative(found.slots.slot(place), best.cost, best.moved))
    return plans


def on_other_days(
    rules: Sequence[SessionRule],
    candidates: OnOffer,
    horizon: int,
    wishes: Wishes,
    chosen: Mapping[int, Slot],
    index: int,
    days: range,
    done: Mapping[int, tuple[int, int]] | None = None,
) -> Instead | None:
    """The best plan with session `index` on one of these days (the windows up to hard max), and all that hangs on it moved as is
    best; what does not hang on it stays as `chosen`. None where there is none."""
    settled, stand, problem = _branch(rules, candidates, horizon, wishes, chosen, index, done or {}, late=True)
    if stand and stand.planned:
        return None
    rule, now, free = rules[index], chosen[index], replace(problem, moved=0)
    table = Table(free)
    found = offers(table, rule, stand)
    place = _least_on(days, found)
    if place is None:
        return None
    way = with_slot(problem, rule, stand, found.slots.slot(place), int(found.own[place]))
    best = walk(table, {**settled, index: way})

    def gains(question: Problem) -> bool:
        return _gains(offers(Table(question), rule, stand), days, now)

    better, alone = _gains(found, days, now), gains(problem)
    needs = [place for place in best.moved if better and not alone and not gains(_without_moving(free, place))]
    return Instead(best, better, alone, tuple(needs))


# Asking.


def _with_first(pins: Mapping[int, Slot], first: Slot | None) -> Mapping[int, Slot]:
    if first is None:
        return pins
    if pins.get(0, first) != first:
        raise ValueError("the first session is pinned to another slot")
    return {**pins, 0: first}


def _problem(
    rules: Sequence[SessionRule],
    candidates: OnOffer,
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
    offered = {rule.visit: _candidates(candidates.get(rule.visit, ())) for rule in rules}
    if first := pins.get(0) or keep.get(0):
        wishes = _at_the_hour_of(first, wishes)
    wishes = replace(wishes, only_lead=wishes.only_lead and wishes.lead is not None)
    days = range(wishes.earliest or 1, horizon + 1)
    return Problem(rules, offered, days, days, wishes, pins, keep, done, late)


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


def _candidates(found: Candidates | Sequence[Slot]) -> Candidates:
    return found if isinstance(found, Candidates) else Candidates.from_slots(found)


def _at_the_hour_of(slot: Slot, wishes: Wishes) -> Wishes:
    """Who says nothing about the hour wants the hour of the first slot."""
    silent = wishes.hour_like is None and wishes.minutes is None
    return replace(wishes, hour_like=slot.minute) if silent else wishes


# Answering.


def _first_failure(problem: Problem) -> NoPlan:
    """Why there is no plan: the shortest beginning of the course that cannot be planned."""
    for index in range(len(problem.rules)):
        keep = {place: slot for place, slot in problem.keep.items() if place <= index}
        try:
            walk(Table(replace(problem, rules=problem.rules[: index + 1], keep=keep)))
        except ImpossibleError:
            return NoPlan(index, "pinned" if index in problem.pins else "no_slot")
    raise AssertionError("every beginning can be planned, so the course can")


# Pricing first slots.


def _first_on(between: tuple[int, int], problem: Problem) -> Problem:
    days = problem.days
    return replace(problem, first_days=range(max(days.start, between[0]), min(days.stop, between[1])))


def _price_first_slots(problem: Problem, *, as_wished: bool = False) -> tuple[Candidates, Ints]:
    """The problem's first slots from which a course fits, and what the best one costs; `as_wished`: weekday and part of day."""
    wishes, slots = problem.wishes, problem.offered(0, EVER)
    slots = slots.where(meets(wishes, slots)) if as_wished else slots
    if not len(slots):
        return slots, slots.day
    clock = slots.minute // HOUR_STEP
    silent = wishes.hour_like is None and wishes.minutes is None
    hours = np.flatnonzero(np.bincount(clock)) if silent else None
    column = 0 if hours is None else np.searchsorted(hours, clock)
    cost = slot_part(wishes, slots) + Table(problem, hours).after_at(0, slots.day, slots.lead, column)
    fits = cost < NEVER
    return slots.where(fits), cost[fits]


# Suggesting: each of these yields proposals, the best first.


def _earliest(problem: Problem) -> Iterator[Proposal]:
    fitting, _ = _price_first_slots(problem, as_wished=True)
    for place in np.lexsort((fitting.lead, fitting.start)):
        yield _proposal("earliest", problem, fitting.slot(place), problem.wishes)


def _regular(problem: Problem) -> Iterator[Proposal]:
    found = []
    for iso in sorted(problem.wishes.weekdays or range(1, 8)):
        wishes = replace(problem.wishes, weekdays=frozenset({iso}))
        found += [(cost, slot, wishes) for cost, slot in _cheapest(replace(problem, wishes=wishes))]
    for _, slot, wishes in nsmallest(MOST_TRIED, found, key=lambda each: each[:2]):
        proposal = _proposal("regular", problem, slot, replace(wishes, hour_like=slot.minute))
        placed = _placed(proposal.plan)
        if np.unique(weekday(placed.day)).size == 1 and (abs(placed.minute - slot.minute) <= AROUND).all():
            yield proposal


def _evenings(problem: Problem) -> Iterator[Proposal]:
    if problem.wishes.minutes is not None:
        return
    wishes = replace(problem.wishes, minutes=(EVENING, 24 * 60))
    for _, slot in _cheapest(replace(problem, wishes=wishes)):
        proposal = _proposal("evenings", problem, slot, wishes)
        if (_placed(proposal.plan).minute >= EVENING).all():
            yield proposal


def _cheapest(problem: Problem) -> list[tuple[int, Slot]]:
    """The first slots as wished with the cheapest courses; ties go to the earlier."""
    fitting, cost = _price_first_slots(problem, as_wished=True)
    order = np.lexsort((fitting.lead, fitting.start, cost))[:MOST_TRIED]
    return [(int(cost[place]), fitting.slot(place)) for place in order]


def _proposal(key: str, problem: Problem, slot: Slot, wishes: Wishes) -> Proposal:
    asked = replace(problem, pins={0: slot}, wishes=_at_the_hour_of(slot, wishes))
    return Proposal(key, slot, wishes, walk(Table(asked)))


def _placed(plan: Plan) -> Candidates:
    return Candidates.from_slots(session.slot for session in plan.sessions if session.slot)


# Other slots for one session.


def _branch(
    rules: Sequence[SessionRule],
    candidates: OnOffer,
    horizon: int,
    wishes: Wishes,
    chosen: Mapping[int, Slot],
    index: int,
    done: Mapping[int, tuple[int, int]],
    late: bool,
) -> tuple[dict[int, Way], Stand | None, Problem]:
    """What does not hang on session `index`, staying as it is; where its anchor stands; and the question that is left."""
    if 0 in chosen:
        wishes = _at_the_hour_of(chosen[0], wishes)
    others = {place: slot for place, slot in chosen.items() if place != index}
    problem = _problem(rules, candidates, horizon, wishes, {}, others, done, late)
    settled = _outside_the_branch(problem, index)
    anchor = rules[index].anchor
    facts = {place: (way.stand.day, way.stand.lead) for place, way in settled.items()}
    keep = {place: slot for place, slot in others.items() if place not in facts}
    stand = None if anchor is None else settled[anchor].stand
    return settled, stand, replace(problem, keep=keep, done={**problem.done, **facts})


def _least_on(days: range, found: Offers) -> int | None:
    """The place of the offer on these days that costs least, if one is possible."""
    there = np.flatnonzero((found.slots.day >= days.start) & (found.slots.day < days.stop))
    place = int(there[found.total[there].argmin()]) if there.size else None
    return place if place is not None and found.total[place] < NEVER else None


def _gains(found: Offers, days: range, now: Slot) -> bool:
    """Whether one of the offers on these days costs less than the slot of now; that may be on offer no longer, and then whatever
    moves nobody does."""
    place, totals = _least_on(days, found), dict(zip(found.slots.slots(), found.total, strict=True))
    return place is not None and bool(found.total[place] < totals.get(now, MOVED))


def _without_moving(problem: Problem, index: int) -> Problem:
    """The same question, where this kept session must stay."""
    keep = {place: slot for place, slot in problem.keep.items() if place != index}
    return replace(problem, keep=keep, pins={**problem.pins, index: problem.keep[index]})


def _outside_the_branch(problem: Problem, index: int) -> dict[int, Way]:
    """The sessions that do not hang on this one, staying as they are."""
    branch, settled = {index}, dict[int, Way]()
    for rule in problem.rules:
        if rule.anchor in branch:
            branch.add(rule.index)
        elif rule.index != index:
            settled[rule.index] = staying(problem, rule, None if rule.anchor is None else settled[rule.anchor].stand)
    return settled


def _best_of_each_hour(found: Offers, now: Slot | None) -> list[int]:
    """The places of the best offers, one per (day, lead, hour) and three a day, so that there is another day; the best first."""
    slots, best, on_the_day = found.slots, dict[tuple[int, int, int], int](), Counter[int]()
    for place in np.lexsort((slots.lead, slots.start, found.total)).tolist():
        slot = slots.slot(place)
        if len(best) == MOST_ALTERNATIVES or found.total[place] >= NEVER:
            break
        hour = slot.day, slot.lead, slot.minute // 60
        if slot != now and hour not in best and on_the_day[slot.day] < MOST_ON_ONE_DAY:
            best[hour] = place
            on_the_day[slot.day] += 1
    return list(best.values())
