"""Who could serve a visit, and when: compared with trying everything, tick by tick, person by person."""

from collections.abc import Iterator
from datetime import date
from itertools import combinations, pairwise, product
from zoneinfo import ZoneInfo

from hypothesis import event, given
from hypothesis import strategies as st

from bookings import availability
from bookings.availability import SegmentNeed, Served, Serving, VisitShape, Wanted
from bookings.planner import Candidates, Slot
from clinic import timegrid
from clinic.hours import Days

PHYSICIAN, CARE, ASSISTANT, ROOM, BASIN, DEVICE = range(1, 7)
PEOPLE = (PHYSICIAN, CARE, ASSISTANT)
DAY, UTC = date(2026, 3, 2), ZoneInfo("UTC")
LENGTH = 24
"""Ticks of a search."""


@st.composite
def servings(draw: st.DrawFn) -> Serving:
    people = draw(st.lists(st.sets(st.sampled_from(PEOPLE), min_size=1), min_size=2, max_size=4))
    rooms = draw(st.lists(st.sets(st.sampled_from([ROOM, BASIN]), min_size=1), min_size=1, max_size=2))
    devices = draw(st.lists(st.just({DEVICE}), min_size=1, max_size=2))
    skills = {key: frozenset(has) for key, has in enumerate([*people, *rooms, *devices], start=10)}
    free = {key: draw(masks) for key in skills}
    return Serving(draw(shapes()), draw(masks), free, skills)


masks = st.builds(lambda one, other: one | other, *[st.integers(0, 2**LENGTH - 1)] * 2) | st.just(2**LENGTH - 1)


@st.composite
def shapes(draw: st.DrawFn) -> VisitShape:
    needs = st.sets(st.sampled_from([*PEOPLE, ROOM, BASIN, DEVICE]), min_size=1, max_size=3)
    parts = draw(st.lists(st.tuples(st.integers(1, 3), needs), min_size=1, max_size=4))
    lead = draw(st.sampled_from(sorted(set().union(*(part[1] for part in parts)))))
    offset = -draw(st.integers(0, 3))
    segments = []
    for ticks, wanted in parts:
        segments.append(SegmentNeed(offset, ticks, tuple(sorted(wanted))))
        offset += ticks
    return VisitShape("session", tuple(segments), lead, max(offset, 1))


def ways(serving: Serving, start: int) -> Iterator[dict[int, int]]:
    """Every assignment that serves a start, by trying all."""
    needs = sorted({need for segment in serving.shape.segments for need in segment.needs})
    able = [[resource for resource, has in serving.skills.items() if need in has] for need in needs]
    for chosen in product(*able):
        assignment = dict(zip(needs, chosen, strict=True))
        if serves(serving, start, assignment):
            yield assignment


def serves(serving: Serving, start: int, assignment: dict[int, int]) -> bool:
    if not serving.allowed >> start & 1:
        return False
    for segment in serving.shape.segments:
        serving_it = [assignment[need] for need in segment.needs]
        ticks = range(start + segment.offset, start + segment.offset + segment.ticks)
        if len(set(serving_it)) < len(serving_it) or not all(is_free(serving, who, tick) for who in serving_it for tick in ticks):
            return False
    return True


def is_free(serving: Serving, resource: int, tick: int) -> bool:
    return tick >= 0 and bool(serving.free[resource] >> tick & 1)


@given(servings())
def test_the_starts_of_each_lead_are_those_found_by_trying_everything(serving: Serving) -> None:
    expected: dict[int, int] = {}
    for start in range(LENGTH):
        for assignment in ways(serving, start):
            lead = assignment[serving.shape.lead]
            expected[lead] = expected.get(lead, 0) | 1 << start

    event("something fits" if expected else "nothing fits")
    event("rivals" if serving.rivals else "no rivals")
    assert serving.leads == expected


@given(servings())
def test_an_assignment_is_one_of_those_that_serve(serving: Serving) -> None:
    for start in range(LENGTH):
        by_lead = {assignment[serving.shape.lead] for assignment in ways(serving, start)}
        for lead in serving.skills:
            found = serving.assign(start, lead)
            if lead not in by_lead:
                assert found is None
            else:
                assert found is not None
                assert found[serving.shape.lead] == lead
                assert serves(serving, start, found)


@given(servings(), st.sets(st.integers(10, 17)))
def test_of_equal_colleagues_the_preferred_serve_then_the_least_versatile_then_the_first(
    serving: Serving, prefer: set[int]
) -> None:
    def rank(assignment: dict[int, int]) -> list[tuple[bool, int, int]]:
        chosen = [assignment[need] for need in serving.fits]
        return [(key not in prefer, len(serving.skills[key]), key) for key in chosen]

    for lead, mask in serving.leads.items():
        for start in timegrid.bits(mask):
            possible = [assignment for assignment in ways(serving, start) if assignment[serving.shape.lead] == lead]
            assert serving.assign(start, lead, prefer) == min(possible, key=rank)


def test_a_colleague_with_a_rare_skill_stays_free_for_it() -> None:
    shape = VisitShape("session", (SegmentNeed(0, 2, (PHYSICIAN,)), SegmentNeed(2, 2, (CARE,))), PHYSICIAN, 4)
    skills = {1: frozenset({PHYSICIAN, CARE}), 2: frozenset({PHYSICIAN, CARE}), 3: frozenset({CARE}), 4: frozenset({CARE})}
    serving = Serving(shape, 1, dict.fromkeys(skills, 0b1111), skills)

    assert serving.assign(0, 2) == {PHYSICIAN: 2, CARE: 3}
    assert serving.assign(0, 2, prefer={4}) == {PHYSICIAN: 2, CARE: 4}


@given(servings())
def test_claims_cover_every_need_once_and_never_overlap(serving: Serving) -> None:
    search = availability.Search(Days.between(DAY, DAY, UTC), {"session": serving}, {"session": Candidates.from_slots(())})
    base = search.days.base
    for lead, mask in serving.leads.items():
        for start in timegrid.bits(mask):
            slot = Slot(DAY.toordinal(), lead, base + start, start * 5)
            served, wanted = search.served("session", slot), search.wanted("session", slot)
            assert wanted is not None
            assert ticks_of(served) == ticks_of(wanted)
            for one, other in combinations(wanted, 2):
                assert one.resource != other.resource or one.end < other.start or other.end < one.start
            assert all(one <= other for one, other in pairwise(wanted))


def ticks_of(claims: list[Served] | list[Wanted]) -> set[tuple[int, int]]:
    return {(claim.resource, tick) for claim in claims for tick in range(claim.start, claim.end)}
