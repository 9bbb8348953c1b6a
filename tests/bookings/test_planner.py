"""The planner finds the best course there is: equal to its twin, which tries every combination of slots."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bookings import planner
from bookings.planner import NoPlan, Plan, SessionRule, Slot, Wishes, target_day
from tests.bookings import planner_twin as twin
from tests.bookings.planner_twin import Question

LEADS = (3, 7, 12)
MINUTES = (9 * 60, 10 * 60, 10 * 60 + 15, 14 * 60, 17 * 60, 19 * 60 + 30)


def slot(day: int, minute: int = 600, lead: int = 3) -> Slot:
    return Slot(day, lead, day * 288 + minute // 5, minute)


def ask(question: Question, **changes: object) -> Plan:
    question = replace(question, **changes)
    return planner.plan(
        question.rules,
        question.candidates,
        question.horizon,
        question.wishes,
        pins=question.pins,
        keep=question.keep,
        done=question.done,
        late=question.late,
    )


# Small random courses -----------------------------------------------------------------------------------------------


@st.composite
def session_rules(draw: st.DrawFn, index: int) -> SessionRule:
    unit = draw(st.sampled_from(["days", "weeks", "months"]))
    before = draw(st.integers(-2, 0))
    after = draw(st.integers(0, 3))
    soft = after + draw(st.integers(0, 3))
    return SessionRule(
        index=index,
        anchor=draw(st.integers(max(0, index - 2), index - 1)) if index else None,
        offset=draw(st.integers(0, 9)) if unit == "days" else draw(st.integers(1, 2)),
        unit=unit,
        hard_min=before - draw(st.integers(0, 2)),
        preferred_before=before,
        preferred_after=after,
        soft_max=soft,
        hard_max=soft + draw(st.integers(0, 4)),
        firm=draw(st.integers(0, 3)) > 0,
        visit=draw(st.sampled_from("aab")),
        number=index + 1,
        label=f"session {index + 1}",
    )


wishes = st.builds(
    Wishes,
    weekdays=st.just(frozenset()) | st.frozensets(st.integers(1, 7), max_size=3),
    minutes=st.none() | st.sampled_from([(540, 720), (1020, 1440), (600, 601)]),
    hour_like=st.none() | st.sampled_from([600, 613, 1015]),
    lead=st.none() | st.sampled_from(LEADS),
)


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """A course of up to five sessions, with a few slots for each around where it would be if all went well."""
    rules = [draw(session_rules(index)) for index in range(draw(st.integers(1, 5)))]
    day = date(2028, 1, 27).toordinal() + draw(st.integers(0, 4))
    targets: list[int] = []
    around: list[st.SearchStrategy[Slot]] = []
    offered: dict[str, list[Slot]] = {"a": [], "b": []}
    for rule in rules:
        targets.append(day if rule.anchor is None else target_day(targets[rule.anchor], rule.offset, rule.unit))
        days = st.integers(targets[-1] + rule.hard_min - 1, targets[-1] + rule.soft_max + 2)
        around.append(st.builds(slot, days, st.sampled_from(MINUTES), st.sampled_from(LEADS)))
        offered[rule.visit] += draw(st.lists(around[-1], min_size=min(1, rule.index), max_size=4 if rule.index else 3))
    some = st.sets(st.integers(0, len(rules) - 1), max_size=2)
    done = draw(st.just(set()) | some)
    pinned = draw(st.just(set()) | some) - done
    kept = draw(st.just(set()) | some | st.just(set(range(len(rules))))) - done
    hopes = draw(wishes)
    if draw(st.integers(0, 4)) == 0:
        hopes = replace(hopes, only_lead=hopes.lead is not None, earliest=draw(st.integers(day, day + 9)))
    return Question(
        rules=rules,
        candidates=offered,
        horizon=draw(st.just(day + 900) | st.integers(day, max(targets) + 9)),
        wishes=hopes,
        pins={index: draw(around[index]) for index in pinned},
        keep={index: draw(around[index]) for index in kept},
        done={index: (targets[index], draw(st.sampled_from(LEADS))) for index in done},
        late=draw(st.booleans()),
    )


@given(questions())
def test_the_plan_is_the_best_of_all_combinations(question):
    expected = twin.best(question)
    if expected is None:
        with pytest.raises(NoPlan) as failure:
            ask(question)
        index = twin.first_failure(question)
        assert failure.value.session_index == index
        assert failure.value.reason == ("pinned" if index in question.pins else "no_slot")
        return

    found = ask(question)

    assert found.cost == sum(session.cost for session in expected)
    assert [(s.slot, s.reason, s.target, s.cost) for s in found.sessions] == [
        (s.slot, s.reason, s.target, s.cost) for s in expected
    ]
    assert set(found.moved) == {i for i, kept in twin.kept(question).items() if expected[i].slot != kept}


@given(questions(), st.integers(0, 3), st.integers(1, 8))
def test_first_slots_are_exactly_those_that_carry_a_course(question, skip, length):
    question = replace(question, pins={}, keep={}, done={}, late=False)
    offered = question.candidates[question.rules[0].visit]
    assume(offered)
    first = min(offer.day for offer in offered) + skip
    expected = []
    for offer in sorted(twin.takeable(question, question.rules[0], beyond=False), key=lambda s: (s.day, s.start, s.lead)):
        course = twin.best(replace(question, pins={0: offer}))
        if first <= offer.day < first + length and course:
            expected.append((offer, sum(session.cost for session in course)))

    unique = {visit: sorted(set(slots)) for visit, slots in question.candidates.items()}
    found = planner.first_slots(question.rules, unique, question.horizon, question.wishes, (first, first + length))

    assert found == expected
