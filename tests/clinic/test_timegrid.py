"""Masks are sets of ticks: every operation equals the same thing done naively on a set."""

from datetime import UTC, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic import timegrid

PARIS = ZoneInfo("Europe/Paris")

tick_sets = st.sets(st.integers(0, 260)) | st.sets(st.integers(0, 5000), max_size=60)
spans = st.lists(st.tuples(st.integers(-50, 300), st.integers(0, 90)).map(lambda s: (s[0], s[0] + s[1])), max_size=12)


def as_mask(ticks: set[int]) -> int:
    return sum(1 << tick for tick in ticks)


def as_set(mask: int) -> set[int]:
    return {i for i in range(mask.bit_length()) if mask >> i & 1}


@given(st.integers(-200_000, 8_000_000))
def test_a_tick_and_its_instant_are_one(tick):
    assert timegrid.tick(timegrid.instant(tick)) == tick
    assert timegrid.instant(tick) == datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=5 * tick)


def test_an_instant_is_the_same_tick_in_every_zone():
    assert timegrid.tick(datetime(2026, 3, 2, 10, tzinfo=PARIS)) == timegrid.tick(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 3, 2, 10),
        datetime(2026, 3, 2, 10, 3, tzinfo=UTC),
        datetime(2026, 3, 2, 10, 5, 1, tzinfo=UTC),
        datetime(2026, 3, 2, 10, 5, 0, 1, tzinfo=UTC),
    ],
)
def test_naive_and_off_grid_moments_are_refused(moment):
    with pytest.raises(ValueError):
        timegrid.tick(moment)


@given(st.integers(0, 200), st.integers(0, 200))
def test_ones_is_a_range(start, length):
    assert as_set(timegrid.ones(start, start + length)) == set(range(start, start + length))


@given(st.lists(tick_sets, max_size=4))
def test_union_is_the_union_of_sets(sets):
    assert as_set(timegrid.union(*map(as_mask, sets))) == set().union(*sets)


@given(tick_sets, st.lists(tick_sets, max_size=3))
def test_subtract_is_the_difference_of_sets(ticks, others):
    assert as_set(timegrid.subtract(as_mask(ticks), *map(as_mask, others))) == ticks.difference(*others)


@given(spans, st.integers(1, 40))
def test_erode_says_where_a_run_of_n_fits(free, n):
    ticks = {tick for start, end in free for tick in range(max(start, 0), end)}

    assert as_set(timegrid.erode(as_mask(ticks), n)) == {i for i in ticks if ticks.issuperset(range(i, i + n))}


@given(tick_sets)
def test_bits_come_in_order(ticks):
    assert list(timegrid.bits(as_mask(ticks))) == sorted(ticks)
    assert timegrid.positions(as_mask(ticks)).tolist() == sorted(ticks)


@given(tick_sets)
def test_runs_are_maximal_and_hold_every_bit(ticks):
    runs = timegrid.runs(as_mask(ticks))

    assert [i for start, end in runs for i in range(start, end)] == sorted(ticks)
    assert all(start - 1 not in ticks and end not in ticks for start, end in runs)


@given(spans, st.integers(-60, 60), st.integers(0, 300))
def test_spans_are_clipped_and_relative_to_the_base(spans, base, length):
    ticks = {tick - base for start, end in spans for tick in range(start, end)}

    assert as_set(timegrid.from_spans(spans, base, length)) == ticks & set(range(length))


@given(spans)
def test_a_mask_is_its_runs(spans):
    mask = timegrid.from_spans(spans, -50, 500)

    assert timegrid.from_spans(timegrid.runs(mask), 0, 500) == mask
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    assert timegrid.from_edges(starts, ends, -50, 500) == mask


@given(st.lists(tick_sets, min_size=1, max_size=4), st.integers(-300, 300), st.integers(0, 300), st.randoms())
def test_masks_of_many_owners_are_those_of_each(owned, base, length, random):
    spans = [(row, *run) for row, ticks in enumerate(owned) for run in timegrid.runs(as_mask(ticks))]
    random.shuffle(spans)
    columns = np.array(spans, np.int64).reshape(-1, 3).T

    assert timegrid.disjoint_rows(*columns, base, length, len(owned)) == [
        timegrid.from_spans(timegrid.runs(as_mask(ticks)), base, length) for ticks in owned
    ]


@given(spans)
def test_spans_that_touch_may_share_a_row_and_spans_that_overlap_may_not(spans):
    spans = [span for span in spans if span[0] < span[1]]
    apart = all(one[1] <= other[0] or other[1] <= one[0] for one, other in combinations(spans, 2))
    columns = np.array([(0, *span) for span in spans], np.int64).reshape(-1, 3).T

    if apart:
        assert timegrid.disjoint_rows(*columns, -50, 500, 1) == [timegrid.from_spans(spans, -50, 500)]
    else:
        with pytest.raises(ValueError):
            timegrid.disjoint_rows(*columns, -50, 500, 1)


@pytest.mark.parametrize(
    "impossible",
    [
        lambda: timegrid.ones(3, 2),
        lambda: timegrid.ones(-1, 2),
        lambda: timegrid.erode(1, 0),
        lambda: timegrid.bits(-1),
        lambda: timegrid.runs(-1),
        lambda: timegrid.from_spans([(5, 4)], 0, 10),
        lambda: timegrid.from_spans([], 0, -1),
    ],
)
def test_nonsense_is_refused(impossible):
    with pytest.raises(ValueError):
        impossible()
