"""Measuring one thing against its floor: interleaved in the same process, medians, so that a busy machine slows both."""

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """What is measured. `floor` is the least that the same answer can cost, in the fastest form we know; None without one.

    `before_ours` and `before_floor` prepare each turn while no clock runs.
    """

    name: str
    what: str
    ours: Callable[[], object]
    floor: Callable[[], object] | None = None
    most_ms: float | None = None
    most_ratio: float | None = None
    rounds: int = 30
    before_ours: Callable[[], object] | None = None
    before_floor: Callable[[], object] | None = None


@dataclass(frozen=True)
class Result:
    """Medians in milliseconds; `ratio` is ours to the floor's."""

    row: Row
    ours_ms: float
    floor_ms: float | None

    @property
    def ratio(self) -> float | None:
        return self.ours_ms / self.floor_ms if self.floor_ms else None

    @property
    def reached(self) -> bool:
        """Whether the row's goals are met."""
        in_time = self.row.most_ms is None or self.ours_ms <= self.row.most_ms
        near_floor = self.row.most_ratio is None or self.ratio is None or self.ratio <= self.row.most_ratio
        return in_time and near_floor


@dataclass(frozen=True)
class Counts:
    """What is counted rather than compared; `reached` says whether it is as it must be."""

    name: str
    what: str
    figures: dict[str, float]
    reached: bool


def measure(row: Row) -> Result:
    """Run ours and the floor by turns, after one unmeasured turn each; the collector is off while the clock runs."""
    sides = [(row.before_ours, row.ours)] + ([(row.before_floor, row.floor)] if row.floor else [])
    times: list[list[float]] = [[] for _ in sides]
    for turn in range(row.rounds + 1):
        for (before, side), taken in zip(sides, times, strict=True):
            if before:
                before()
            spent = _milliseconds(side)
            if turn:
                taken.append(spent)
    ours, *floor = [statistics.median(taken) for taken in times]
    return Result(row, ours, floor[0] if floor else None)


def _milliseconds(call: Callable[[], object]) -> float:
    gc.collect()
    gc.disable()
    started = time.perf_counter()
    call()
    spent = time.perf_counter() - started
    gc.enable()
    return spent * 1000
