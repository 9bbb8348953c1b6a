"""growth: the other rows with ten times the past behind the clinic; what is over must not cost the days to come anything."""

from dataclasses import replace
from statistics import median
from types import ModuleType

from benchmarks.measure import Counts, measure
from benchmarks.rows import availability, book, first_slots

FEW, MANY = 1, 10  # years
TURNS = 3  # of each, one after the other, so that a slow minute of the machine meets both
MOST_RATIO = 1.25


def counts() -> Counts:
    figures = {module.__name__.rpartition(".")[2]: _ratio(module) for module in (availability, first_slots, book)}
    what = f"{MANY} years of the past instead of {FEW}: how many times as long, at most {MOST_RATIO:g}"
    return Counts("growth", what, figures, all(ratio <= MOST_RATIO for ratio in figures.values()))


def _ratio(row_of: ModuleType) -> float:
    taken = [{years: _ours_ms(row_of, years) for years in (FEW, MANY)} for _ in range(TURNS)]
    return round(median(turn[MANY] for turn in taken) / median(turn[FEW] for turn in taken), 2)


def _ours_ms(row_of: ModuleType, years: int) -> float:
    with row_of.row(years) as row:
        return measure(replace(row, floor=None, before_floor=None)).ours_ms
