"""The planner's twin: every combination of slots, one by one, in plain Python. Slow, and obviously right.

It shares the names of the points with the planner and nothing else: months, windows and sums are written a second time.
"""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

from bookings import course_table, slots
from bookings.planner import SessionRule, Slot, Wishes

points = SimpleNamespace(**vars(slots) | vars(course_table))
DAYS = {"days": 1, "weeks": 7, "months": 28}


@dataclass(frozen=True)
class Question:
    rules: Sequence[SessionRule]
    candidates: Mapping[str, Sequence[Slot]]
    horizon: int
    wishes: Wishes
    pins: Mapping[int, Slot]
    keep: Mapping[int, Slot]
    done: Mapping[int, tuple[int, int]]
    late: bool = False
    moves_freely: bool = False
    """Whether a kept session may take another slot at no cost; to lose its slot costs what a move costs."""


@dataclass(frozen=True)
class Decided:
    target: int
    slot: Slot | None
    reason: str | None
    cost: int
    day: int
    lead: int


def best(question: Question) -> list[Decided] | None:
    """The best course of all, or None: fewest moves, then least cost, then the ties as written in the rules."""
    return min(courses(question, []), key=lambda course: rank(question, course), default=None)


def cheapest(question: Question) -> int | None:
    """The cost of the best course where there are too many to list: each branch of the tree on its own, by recursion.

    Without kept sessions; None if there is no course.
    """
    seen: dict[tuple[int, Decided], int | None] = {}

    def below(index: int, decided: Decided) -> int | None:
        if (index, decided) not in seen:
            costs = [least(rule, decided) for rule in question.rules if rule.anchor == index]
            seen[index, decided] = None if None in costs else sum(costs)
        return seen[index, decided]

    def least(rule: SessionRule, anchor: Decided | None) -> int | None:
        found = ((way, below(rule.index, way)) for way in ways(question, rule, [anchor] * len(question.rules)))
        return min((way.cost + rest for way, rest in found if rest is not None), default=None)

    return least(question.rules[0], None)


def first_failure(question: Question) -> int:
    """The first session that cannot be decided though all before it can."""
    found = 0
    while next(courses(question, [], upto=found + 1), None) is not None:
        found += 1
    return found


def courses(question: Question, decided: list[Decided], upto: int | None = None) -> Iterator[list[Decided]]:
    if len(decided) == (len(question.rules) if upto is None else upto):
        yield decided
        return
    for way in ways(question, question.rules[len(decided)], decided):
        yield from courses(question, [*decided, way], upto)


def rank(question: Question, course: list[Decided]) -> tuple:
    ties = []
    for index, session in enumerate(course):
        slot, sign = session.slot, -1 if index else 1
        ties.append((0, sign * slot.day, slot.start, slot.lead) if slot else (1, 0, 0, 0))
    return *price(question, course), ties


def price(question: Question, course: list[Decided]) -> tuple[int, int]:
    """How many kept sessions move, and the cost: fewer moves come first."""
    after = [(course[index].slot, slot) for index, slot in kept(question).items()]
    moves = sum(now is None if question.moves_freely else now != was for now, was in after)
    return moves, sum(session.cost for session in course)


def kept(question: Question) -> dict[int, Slot]:
    return {i: slot for i, slot in question.keep.items() if i not in question.pins and i not in question.done}


def ways(question: Question, rule: SessionRule, decided: list[Decided]) -> Iterator[Decided]:
    index, anchor = rule.index, decided[rule.anchor] if rule.anchor is not None else None
    if index in question.done:
        day, lead = question.done[index]
        target = day if anchor is None else after(anchor.day, rule.offset, rule.unit)
        yield Decided(target, None, "done", 0, day, lead)
        return
    if anchor is None:
        for slot in takeable(question, rule, beyond=False):
            yield Decided(slot.day, slot, None, alone(question, slot) + waiting(question, slot), slot.day, slot.lead)
        return
    target = after(anchor.day, rule.offset, rule.unit)
    beyond = target + rule.soft_max > question.horizon
    if anchor.reason != "horizon":
        for slot in takeable(question, rule, beyond):
            if allowed(question, rule, anchor, target, slot):
                cost = alone(question, slot) + pair(rule, anchor, target, slot)
                yield Decided(target, slot, None, cost, slot.day, slot.lead)
    if index in question.pins:
        return
    if beyond or anchor.reason == "horizon":
        yield Decided(target, None, "horizon", points.DAY_LATE * rule.preferred_after, target, anchor.lead)
    elif not rule.firm:
        yield Decided(target, None, "no_slot", points.UNPLACED, target, anchor.lead)


def takeable(question: Question, rule: SessionRule, beyond: bool) -> set[Slot]:
    if rule.index in question.pins:
        return {question.pins[rule.index]}
    wishes, held = question.wishes, {kept(question)[rule.index]} if rule.index in kept(question) else set()
    if beyond:
        return held
    offered = set()
    for slot in question.candidates.get(rule.visit, ()):
        too_soon = wishes.earliest is not None and slot.day < wishes.earliest
        other = wishes.only_lead and slot.lead != wishes.lead
        if slot.day <= question.horizon and not too_soon and not other:
            offered.add(slot)
    return offered | held


def allowed(question: Question, rule: SessionRule, anchor: Decided, target: int, slot: Slot) -> bool:
    latest = target + (rule.hard_max if question.late else rule.soft_max)
    after_the_anchor = slot.day - target >= 1 - rule.offset * DAYS[rule.unit]
    return target + rule.hard_min <= slot.day <= latest and after_the_anchor


def alone(question: Question, slot: Slot) -> int:
    wishes, cost = question.wishes, 0
    first = question.pins.get(0) or kept(question).get(0)
    if wishes.weekdays and date.fromordinal(slot.day).isoweekday() not in wishes.weekdays:
        cost += points.OTHER_WEEKDAY
    if wishes.lead is not None and slot.lead != wishes.lead:
        cost += points.UNWISHED_LEAD
    if wishes.minutes and not wishes.minutes[0] <= slot.minute < wishes.minutes[1]:
        cost += points.OTHER_PART_OF_DAY
    like = wishes.hour_like
    if like is None and wishes.minutes is None and first is not None:
        like = first.minute
    if like is not None:
        cost += min(points.HOUR_AT_MOST, abs(slot.minute // 5 - like // 5))
    return cost


def waiting(question: Question, slot: Slot) -> int:
    if 0 in question.pins:
        return 0
    if 0 in question.keep:
        since = question.keep[0].day
    elif question.wishes.earliest is not None:
        since = question.wishes.earliest
    else:
        since = min(offer.day for offer in takeable(question, question.rules[0], beyond=False))
    return distance(slot.day - since)


def distance(days: int) -> int:
    return points.DAY_LATE * days if days > 0 else -points.DAY_EARLY * days


def pair(rule: SessionRule, anchor: Decided, target: int, slot: Slot) -> int:
    days = slot.day - target
    cost = distance(days)
    if not rule.preferred_before <= days <= rule.preferred_after:
        cost += points.OUTSIDE_PREFERRED
    if days > rule.soft_max:
        cost += points.PAST_SOFT_MAX
    return cost + (points.OTHER_LEAD if slot.lead != anchor.lead else 0)


def after(day: int, offset: int, unit: str) -> int:
    if unit != "months":
        return day + offset * DAYS[unit]
    start = date.fromordinal(day)
    years, month = divmod(start.month - 1 + offset, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).toordinal()
