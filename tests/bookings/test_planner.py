"""The planner finds the best course there is: equal to its twin, which tries every combination of slots."""

from dataclasses import replace
from datetime import date

import holidays
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

from bookings import course_table, planner
from bookings.planner import Candidates, NoPlan, Plan, SessionRule, Slot, Wishes, target_day
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


def whole(question):
    """The best course by session, where every session has a slot or is done."""
    best = twin.best(question) or []
    chosen = {index: session.slot for index, session in enumerate(best) if session.slot}
    return chosen if chosen and len(chosen) + len(question.done) == len(best) else {}


@st.composite
def courses_of(draw, question):
    """A whole course as it may stand: somebody has moved a session, or two, and the others have followed."""
    chosen = whole(question)
    assume(chosen)
    pins = {}
    for index in draw(st.lists(st.sampled_from(sorted(chosen)), min_size=1, max_size=2)):
        offers = twin.takeable(question, question.rules[index], beyond=False) - {chosen[index]}
        moved = [found for offer in sorted(offers) if (found := whole(replace(question, pins={**pins, index: offer})))]
        chosen = draw(st.sampled_from(moved or [chosen]))
        pins[index] = chosen[index]
    return chosen, index


def is_beyond(question, chosen, index):
    """Whether the last date the session may have lies past the horizon, counted from where its anchor is."""
    rule = question.rules[index]
    if rule.anchor is None:
        return False
    day = question.done[rule.anchor][0] if rule.anchor in question.done else chosen[rule.anchor].day
    return twin.after(day, rule.offset, rule.unit) + rule.soft_max > question.horizon


@given(questions(), st.data())
def test_the_best_plan_with_a_session_on_other_days_is_the_best_of_all_slots_there(question, data):
    question = replace(question, pins={}, keep={}, late=True)
    chosen, moved = data.draw(courses_of(question))
    index = data.draw(st.just(moved) | st.sampled_from(sorted(chosen)))
    if 0 in chosen and question.wishes.minutes is None and question.wishes.hour_like is None:
        question = replace(question, wishes=replace(question.wishes, hour_like=chosen[0].minute))
    branch = {index}
    for rule in question.rules:
        if rule.anchor in branch:
            branch.add(rule.index)
    settled = {place: slot for place, slot in chosen.items() if place not in branch}

    offered = sorted(offer.day for offer in question.candidates[question.rules[index].visit])
    first, length = data.draw(st.sampled_from(offered or [chosen[index].day])), data.draw(st.integers(1, 6))

    found = planner.on_other_days(
        question.rules,
        question.candidates,
        question.horizon,
        question.wishes,
        chosen,
        index,
        range(first, first + length),
        question.done,
    )

    if is_beyond(question, chosen, index):
        assert found is None  # no other slot is on offer for it yet
        return
    question = replace(question, keep={place: slot for place, slot in chosen.items() if place != index}, moves_freely=True)

    def price_of(pins):
        course = twin.best(replace(question, pins=pins))
        return twin.price(question, course) if course else None

    offers = {*twin.takeable(question, question.rules[index], beyond=False), chosen[index]}
    prices = {offer: price for offer in offers if (price := price_of({**settled, index: offer}))}
    there = [price for offer, price in prices.items() if first <= offer.day < first + length]
    assert (found is None) == (not there)
    if found:
        assert found.plan.cost == min(there)[1]
        assert found.better == (min(there) < prices[chosen[index]])
        days = range(first, first + length)
        alone = [price for offer in prices if offer.day in days and (price := price_of({**chosen, index: offer}))]
        event(f"better {found.better} alone {found.alone} index {min(index, 1)}")
        assert found.alone == (bool(alone) and min(alone) < price_of(chosen))

        def gains_without_moving(place):
            fixed = {**settled, place: chosen[place]}
            prices = [price_of({**fixed, index: offer}) for offer in offers if offer.day in days]
            now = price_of({**fixed, index: chosen[index]})
            return any(price < now for price in prices if price)

        assert found.plan.moved or not found.better or found.alone
        asked = found.plan.moved if found.better and not found.alone else ()
        assert found.needs == tuple(place for place in asked if not gains_without_moving(place))


@given(questions(), st.data())
def test_alternatives_are_the_other_slots_with_what_they_would_move(question, data):
    question = replace(question, pins={}, keep={})
    best = twin.best(question)
    assume(best)
    chosen = {index: session.slot for index, session in enumerate(best) if session.slot}
    assume(chosen and len(chosen) + len(question.done) == len(best))  # what stays without a slot is another story
    index = data.draw(st.sampled_from(sorted(chosen)))
    if 0 in chosen and question.wishes.minutes is None and question.wishes.hour_like is None:
        question = replace(question, wishes=replace(question.wishes, hour_like=chosen[0].minute))
    rule, others = question.rules[index], {place: kept for place, kept in chosen.items() if place != index}

    expected: dict[tuple[int, int, int], tuple] = {}
    for offer in twin.takeable(question, rule, beyond=False) - {chosen[index]}:
        if index == 0 or twin.allowed(question, rule, best[rule.anchor], best[index].target, offer):
            course = twin.best(replace(question, pins={index: offer}, keep=others))
            moved = tuple(place for place, kept in others.items() if course[place].slot != kept) if course else ()
            if course:
                key = (len(moved), sum(session.cost for session in course), offer.start, offer.lead)
                hour = (offer.day, offer.lead, offer.minute // 60)
                expected[hour] = min(expected.get(hour, (key, offer, moved)), (key, offer, moved))

    found = planner.alternatives(
        question.rules, question.candidates, question.horizon, question.wishes, chosen, index, question.done, question.late
    )

    inside: list[tuple[Slot, int, tuple[int, ...]]] = []
    for key, offer, moved in sorted(expected.values()):
        if sum(other.day == offer.day for other, _cost, _moved in inside) < planner.MOST_ON_ONE_DAY:
            inside.append((offer, key[1], moved))
    assert [(other.slot, other.cost, other.moved) for other in found] == inside[:12]


# The course of the two exosome protocols: 3 sessions two weeks apart, 2 firm and 1 optional monthly, boosters -----------

FIRST = date(2026, 3, 2).toordinal()
HORIZON = FIRST + 900
NONE = Wishes()
FORTNIGHT = (-1, 0, 4, 7, 14)
MONTH = (-4, -3, 7, 11, 30)
HALF_YEAR = (-21, -14, 14, 45, 90)
YEAR = (-30, -21, 21, 60, 90)


def session(index: int, anchor: int | None, offset: int, unit: str, window: tuple[int, ...], *, firm: bool = True) -> SessionRule:
    return SessionRule(index, anchor, offset, unit, *window, firm, "session", index + 1, f"session {index + 1}")


def exosomes(*, optional: bool = True) -> list[SessionRule]:
    core = [
        session(0, None, 0, "days", FORTNIGHT),
        session(1, 0, 2, "weeks", FORTNIGHT),
        session(2, 1, 2, "weeks", FORTNIGHT),
        session(3, 2, 1, "months", MONTH),
        session(4, 3, 1, "months", MONTH),
        *([session(5, 4, 1, "months", MONTH, firm=False)] if optional else []),
    ]
    end = len(core) - 1
    boosters = [
        session(end + 1, end, 6, "months", HALF_YEAR, firm=False),
        session(end + 2, end, 12, "months", YEAR, firm=False),
    ]
    return core + boosters


def every_day(days: int = 600, minutes: tuple[int, ...] = (600,), leads: tuple[int, ...] = (3,)) -> list[Slot]:
    return [slot(FIRST + day, minute, lead) for day in range(days) for minute in minutes for lead in leads]


def dates(plan: Plan) -> list[str]:
    return [date.fromordinal(item.slot.day).isoformat() if item.slot else item.reason for item in plan.sessions]


def planned(rules: list[SessionRule], slots: list[Slot], wishes: Wishes = NONE, horizon: int = HORIZON, **fixed) -> Plan:
    return planner.plan(rules, {"session": slots}, horizon, wishes, **fixed)


def test_with_every_date_open_each_session_is_on_its_target():
    slots = every_day(minutes=(540, 600, 900), leads=(3, 7))

    plan = planned(exosomes(), slots, first=slot(FIRST, 600, 7))

    assert dates(plan) == [
        "2026-03-02", "2026-03-16", "2026-03-30", "2026-04-30", "2026-05-30", "2026-06-30", "2026-12-30", "2027-06-30",
    ]  # fmt: skip
    assert {(item.slot.minute, item.slot.lead) for item in plan.sessions} == {(600, 7)}
    assert plan.cost == 0


def test_boosters_are_counted_from_the_last_session_that_is_kept():
    plan = planned(exosomes(optional=False), every_day(), first=slot(FIRST))

    assert dates(plan)[-2:] == ["2026-11-30", "2027-05-30"]


def test_closed_on_weekends_and_public_holidays_every_date_is_open_and_the_course_is_the_cheapest():
    closed = holidays.country_holidays("FR", years=(2026, 2027))
    free = [s for s in every_day(520) if is_weekday(s.day) and date.fromordinal(s.day) not in closed]
    question = Question(exosomes(), {"session": free}, HORIZON, Wishes(hour_like=600), {0: slot(FIRST)}, {}, {})

    plan = ask(question)

    assert plan.cost == twin.cheapest(question)
    assert all(item.slot in free and item.earliest <= item.slot.day <= item.latest for item in plan.sessions)
    assert dates(plan)[:3] == ["2026-03-02", "2026-03-16", "2026-03-30"]


def is_weekday(day: int) -> bool:
    return date.fromordinal(day).isoweekday() < 6


@pytest.mark.parametrize("year", [2026, 2028])
@pytest.mark.parametrize("day", [29, 30, 31])
def test_monthly_from_the_end_of_january_skips_no_month(year, day):
    start = date(year, 1, day).toordinal()
    rules = [session(0, None, 0, "days", MONTH), *(session(index, index - 1, 1, "months", MONTH) for index in range(1, 12))]
    slots = [slot(start + distance) for distance in range(400)]

    plan = planned(rules, slots, horizon=start + 500, first=slots[0])

    found = [date.fromordinal(item.slot.day) for item in plan.sessions]
    assert [(each.year, each.month) for each in found] == [(year, month) for month in range(1, 13)]
    assert found[1] == date(year, 2, 29 if year == 2028 else 28)
    assert found[2].day == found[1].day  # counted from the day it really was
    assert plan.cost == 0


# What wishes are worth ----------------------------------------------------------------------------------------------


def test_a_weekday_wished_for_is_found_inside_the_preferred_windows():
    thursday = slot(date(2026, 3, 5).toordinal())
    slots = [each for each in every_day(minutes=(600,)) if is_weekday(each.day)]

    plan = planned(exosomes(), slots, Wishes(weekdays=frozenset({4})), first=thursday)

    assert {date.fromordinal(item.slot.day).isoweekday() for item in plan.sessions} == {4}
    for item in plan.sessions[1:]:
        assert item.rule.preferred_before <= item.slot.day - item.target <= item.rule.preferred_after


def two(**rule: object) -> list[SessionRule]:
    return [session(0, None, 0, "days", MONTH), replace(session(1, 0, 1, "months", MONTH), **rule)]


def second(slots: list[Slot], wishes: Wishes = NONE, **rule: object) -> Slot | None:
    return planned(two(**rule), slots, wishes, first=slot(FIRST)).sessions[1].slot


TARGET = date(2026, 4, 2).toordinal()


def test_an_hour_alone_never_moves_a_date():
    assert second([slot(TARGET, 1140), slot(TARGET + 1, 600)]) == slot(TARGET, 1140)


def test_of_two_hours_on_a_day_the_one_like_the_first_is_taken():
    assert second([slot(TARGET, 540), slot(TARGET, 615), slot(TARGET, 600)]) == slot(TARGET, 600)


@pytest.mark.parametrize(("late", "taken"), [(3, True), (5, False)])
def test_the_same_practitioner_is_worth_four_days(late, taken):
    same, other = slot(TARGET + late), slot(TARGET, lead=7)

    assert second([same, other]) == (same if taken else other)


@pytest.mark.parametrize(("late", "taken"), [(4, True), (6, False)])
def test_a_part_of_the_day_wished_for_is_worth_five_days(late, taken):
    evening, morning = slot(TARGET + late, 1080), slot(TARGET)

    assert second([evening, morning], Wishes(minutes=(1020, 1440))) == (evening if taken else morning)


def test_only_one_practitioner_means_only_this_one():
    assert second([slot(TARGET, lead=7), slot(TARGET + 9)], Wishes(lead=3, only_lead=True)) == slot(TARGET + 9)
    assert second([slot(TARGET, lead=7)], Wishes(only_lead=True)) == slot(TARGET, lead=7)  # nobody named, nobody excluded


def test_later_is_better_than_earlier_and_no_session_is_on_the_day_of_its_anchor():
    assert second([slot(TARGET - 1), slot(TARGET + 1)]) == slot(TARGET + 1)
    with pytest.raises(NoPlan):
        second([slot(FIRST, 900)], offset=0, unit="days")
    assert second([slot(FIRST, 900)], offset=0, unit="days", soft_max=0, preferred_after=0, firm=False) is None


def test_ties_go_to_the_later_date_then_the_earlier_hour_then_the_lower_key():
    assert second([slot(TARGET - 1), slot(TARGET + 2)]) == slot(TARGET + 2)
    assert second([slot(TARGET, 610), slot(TARGET, 590)]) == slot(TARGET, 590)
    assert planned(two(), [slot(TARGET, lead=12), slot(TARGET, lead=7)], first=slot(FIRST)).sessions[1].slot.lead == 7


# Without a slot ----------------------------------------------------------------------------------------------------


def test_beyond_the_horizon_a_session_and_all_that_hang_on_it_are_planned():
    rules = exosomes()
    horizon = date(2026, 6, 10).toordinal()  # session 5: target 30 May, latest 10 June

    plan = planned(rules, every_day(), horizon=horizon, first=slot(FIRST))
    assert dates(plan)[4:] == ["2026-05-30", "horizon", "horizon", "horizon"]
    assert [date.fromordinal(item.target).isoformat() for item in plan.sessions[5:]] == ["2026-06-30", "2026-12-30", "2027-06-30"]
    assert [item.cost for item in plan.sessions[5:]] == [700, 1400, 2100]

    plan = planned(rules, every_day(), horizon=horizon - 10, first=slot(FIRST))
    assert dates(plan)[4:] == ["horizon"] * 4


def test_a_slot_one_already_has_stays_while_it_is_inside_its_window():
    have = slot(TARGET + 1)

    assert planned(two(), [], horizon=TARGET + 5, first=slot(FIRST), keep={1: have}).sessions[1].slot == have
    assert planned(two(), [], horizon=TARGET + 5, first=slot(FIRST), keep={1: slot(TARGET + 12)}).moved == (1,)


def test_an_optional_session_without_a_slot_hides_no_course():
    closed = range(date(2026, 6, 11).toordinal(), date(2026, 7, 25).toordinal())
    slots = [each for each in every_day() if each.day not in closed]

    plan = planned(exosomes(), slots, first=slot(FIRST))

    assert dates(plan)[5:] == ["no_slot", "2026-12-30", "2027-06-30"]
    assert plan.cost == course_table.UNPLACED


def test_a_firm_session_without_a_slot_is_named():
    closed = range(date(2026, 5, 20).toordinal(), date(2026, 7, 20).toordinal())
    slots = [each for each in every_day() if each.day not in closed]

    with pytest.raises(NoPlan) as failure:
        planned(exosomes(), slots, first=slot(FIRST))

    assert (failure.value.session_index, failure.value.reason) == (4, "no_slot")


# Re-planning --------------------------------------------------------------------------------------------------------


def kept_from(plan: Plan, *left_out: int) -> dict[int, Slot]:
    return {item.rule.index: item.slot for item in plan.sessions if item.rule.index not in left_out}


def test_moving_one_session_a_little_moves_no_other():
    before = planned(exosomes(), every_day(), first=slot(FIRST))
    later = slot(before.sessions[2].slot.day + 4)

    after = planned(exosomes(), every_day(), pins={2: later}, keep=kept_from(before, 2))

    assert after.moved == ()
    assert after.sessions[2].slot == later


def test_moving_one_session_far_moves_only_those_that_leave_their_window():
    before = planned(exosomes(), every_day(), first=slot(FIRST))
    done = {index: (before.sessions[index].slot.day, 3) for index in range(2)}
    late = {2: (before.sessions[2].slot.day + 8, 3)}  # done on 7 April: session 4 is now due on 7 May

    after = planned(exosomes(), every_day(), keep=kept_from(before, 0, 1, 2), done=done | late)

    assert after.moved == (3,)
    assert dates(after)[3:5] == ["2026-05-03", "2026-05-30"]  # as early as allowed, so that session 5 may stay


def test_a_pin_outside_its_window_leaves_no_plan():
    with pytest.raises(NoPlan) as failure:
        planned(exosomes(), every_day(), first=slot(FIRST), pins={1: slot(FIRST + 25)})

    assert (failure.value.session_index, failure.value.reason) == (1, "pinned")
    assert (
        planned(exosomes(), every_day(), first=slot(FIRST), pins={1: slot(FIRST + 25)}, late=True).sessions[1].latest
        == FIRST + 28
    )


def test_a_late_course_passes_soft_max_only_when_nothing_else_fits():
    near, far = slot(TARGET + 11), slot(TARGET + 12)

    assert planned(two(), [near, far], Wishes(lead=3), first=slot(FIRST), late=True).sessions[1].slot == near
    assert planned(two(), [far], first=slot(FIRST), late=True).sessions[1].slot == far


def test_left_to_the_planner_a_course_begins_soon():
    assert planned(two(), every_day(90)).sessions[0].slot.day == FIRST
    assert planned(two(), every_day(90), Wishes(earliest=FIRST + 9)).sessions[0].slot.day == FIRST + 9


# Suggestions --------------------------------------------------------------------------------------------------------


def test_suggestions_are_true_of_every_session():
    slots = [each for each in every_day(minutes=(540, 600, 1020, 1110), leads=(3, 7)) if is_weekday(each.day)]
    slots = [each for each in slots if each.lead == 7 or each.day % 3]

    found = planner.proposals(exosomes(), {"session": slots}, HORIZON, Wishes(), (FIRST, FIRST + 30))

    earliest, regular, evenings = found
    assert [each.key for each in found] == ["earliest", "regular", "evenings"]
    assert len({each.slot for each in found}) == 3
    assert earliest.slot == planner.first_slots(exosomes(), {"session": slots}, HORIZON, Wishes(), (FIRST, FIRST + 30))[0][0]
    assert len({date.fromordinal(item.slot.day).isoweekday() for item in regular.plan.sessions}) == 1
    assert max(item.slot.minute for item in regular.plan.sessions) - min(item.slot.minute for item in regular.plan.sessions) <= 60
    assert min(item.slot.minute for item in evenings.plan.sessions) >= 1020
    assert all(each.plan == planned(exosomes(), slots, each.wishes, first=each.slot) for each in found)


def test_without_free_evenings_none_are_suggested():
    found = planner.proposals(exosomes(), {"session": every_day()}, HORIZON, Wishes(), (FIRST, FIRST + 30))

    assert [each.key for each in found] == ["earliest", "regular"]


def test_a_session_beyond_the_horizon_has_no_other_times():
    horizon = FIRST + 40
    plan = planned(exosomes(), every_day(), horizon=horizon, first=slot(FIRST))
    chosen = {item.rule.index: item.slot for item in plan.sessions if item.slot}

    assert planner.alternatives(exosomes(), {"session": every_day()}, horizon, Wishes(), chosen, 5) == []


# What is refused ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [session(0, None, 0, "days", MONTH), session(1, None, 1, "months", MONTH)],
        [session(0, None, 0, "days", MONTH), session(1, 1, 1, "months", MONTH)],
        [session(1, None, 0, "days", MONTH)],
        [session(0, None, 0, "days", (-1, -2, 0, 0, 0))],
        [session(0, None, 0, "days", (0, 0, 0, 0, 500))],
    ],
)
def test_rules_that_are_no_tree_or_no_windows_are_refused(rules):
    with pytest.raises(ValueError):
        planned(rules, [slot(FIRST)])


def test_the_first_slot_is_not_pinned_elsewhere():
    with pytest.raises(ValueError):
        planned(two(), [], first=slot(FIRST), pins={0: slot(FIRST + 1)})


def test_candidates_are_sorted_and_on_the_grid():
    slots = [slot(FIRST + 1), slot(FIRST, 615), slot(FIRST, 600, 7)]

    assert Candidates.from_slots(slots).slots() == [slots[2], slots[1], slots[0]]
    assert len(Candidates.from_slots([])) == 0
    with pytest.raises(ValueError):
        Candidates.from_slots([slot(FIRST)._replace(minute=601)])
    with pytest.raises(ValueError):
        Candidates.from_slots([slot(FIRST), slot(FIRST, 700)._replace(day=FIRST - 1)])
