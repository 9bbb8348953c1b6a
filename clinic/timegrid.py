"""The 5-minute grid: time as integer ticks, free time as integers used as bitsets. Pure: no Django, no time zone.

A *tick* is a UTC epoch second divided by 300. A *mask* is a non-negative int relative to a base tick: bit i says
something ("free", "a visit may start here") about the five minutes that begin at tick base + i. All ranges are
half-open. Python's big integers do the work: 485 days are 140 000 bits, and an AND of two such masks takes a microsecond.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain

import numpy as np
from numpy.typing import ArrayLike, NDArray

TICK = 300
"""Length of a tick in seconds."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TICK = timedelta(seconds=TICK)


def tick(moment: datetime) -> int:
    """The tick that begins at `moment`. ValueError if it is naive or not on a whole five minutes of UTC."""
    if moment.utcoffset() is None:
        raise ValueError(f"{moment!r} has no time zone")
    ticks, rest = divmod(moment - _EPOCH, _TICK)
    if rest:
        raise ValueError(f"{moment.isoformat()} is not on the five-minute grid")
    return ticks


def instant(tick: int) -> datetime:
    """The moment a tick begins, in UTC."""
    return _EPOCH + tick * _TICK


def ones(start: int, end: int) -> int:
    """The mask with the bits of [start, end). ValueError if start < 0 or end < start."""
    if not 0 <= start <= end:
        raise ValueError(f"[{start}, {end}) is not a range of bits")
    return ((1 << (end - start)) - 1) << start


def union(*masks: int) -> int:
    """What any of the masks has; without masks, nothing."""
    result = 0
    for mask in masks:
        result |= mask
    return result


def subtract(mask: int, *masks: int) -> int:
    """What `mask` has and none of the others."""
    return mask & ~union(*masks)


def erode(mask: int, n: int) -> int:
    """Where a run of n fits: bit i is set exactly when bits i … i+n-1 of `mask` all are. ValueError if n < 1.

    Doubling: a run of 2k at i is a run of k at i and one at i + k, so log2(n) shifts are enough.
    """
    if n < 1:
        raise ValueError(f"a run has at least one tick, not {n}")
    length = 1
    while length < n and mask:
        step = min(length, n - length)
        mask &= mask >> step
        length += step
    return mask


def positions(mask: int) -> NDArray[np.int64]:
    """The set bits in ascending order, as an array (what availability computes with). ValueError if mask < 0."""
    if mask < 0:
        raise ValueError("a mask is never negative")
    raw = np.frombuffer(mask.to_bytes((mask.bit_length() + 7) // 8, "little"), np.uint8)
    return np.flatnonzero(np.unpackbits(raw, bitorder="little").view(np.bool_))


def bits(mask: int) -> Iterator[int]:
    """The set bits in ascending order. ValueError if mask < 0."""
    return iter(positions(mask).tolist())


def runs(mask: int) -> list[tuple[int, int]]:
    """The maximal runs of set bits as half-open (start, end), ascending. ValueError if mask < 0."""
    shifted = mask << 1
    return list(zip(bits(mask & ~shifted), bits(shifted & ~mask), strict=True))


def from_spans(spans: Iterable[tuple[int, int]], base: int, length: int) -> int:
    """The union of half-open spans of ticks, clipped to [base, base + length), as a mask relative to `base`.

    Spans may overlap, touch and come in any order. ValueError if one ends before it starts, or if length < 0.
    """
    pairs = np.fromiter(chain.from_iterable(spans), np.int64).reshape(-1, 2)
    return from_edges(pairs[:, 0], pairs[:, 1], base, length)


def from_edges(starts: ArrayLike, ends: ArrayLike, base: int, length: int) -> int:
    """`from_spans` for two arrays of ticks of equal size, as one aggregated row of claims gives them."""
    if length < 0:
        raise ValueError(f"a mask cannot have {length} bits")
    first, last = np.asarray(starts, np.int64), np.asarray(ends, np.int64)
    if (last < first).any():
        raise ValueError("a span ends before it starts")
    first, last = (first - base).clip(0, length), (last - base).clip(0, length)
    seen = first < last
    first, last = first[seen], last[seen]
    if (first[1:] < last[:-1]).any():
        first, last = _merged(first, last)
    # The bits of disjoint spans are the sum of 2^end - 2^start: two sparse integers and one subtraction.
    return _sparse(last) - _sparse(first)


def _merged(starts: NDArray[np.int64], ends: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The same ticks as disjoint spans in ascending order."""
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate(ends[order])
    apart = np.flatnonzero(starts[1:] > reach[:-1])
    return np.concatenate((starts[:1], starts[apart + 1])), np.concatenate((reach[apart], reach[-1:]))


def _sparse(places: NDArray[np.int64]) -> int:
    """The mask with just these bits; `places` ascend."""
    if not places.size:
        return 0
    return int.from_bytes(_packed(places, int(places[-1]) // 8 + 1), "little")


def disjoint_rows(
    row: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64], base: int, length: int, rows: int
) -> list[int]:
    """`from_edges` for many owners at once: a mask for each of `rows`, `row` says whose each span is, in any order.

    The spans of one row never overlap (claims and shifts: the database sees to it; else ValueError). One pass over all
    of them costs a tenth of a call for each.
    """
    width = length // 8 + 1  # bytes of a row: a span may end on the bit after the last
    first, last = (np.minimum(np.maximum(edges - base, 0), length) for edges in (starts, ends))
    seen = first < last
    first, last, row = first[seen], last[seen], row[seen]
    opened, closed = (_packed(edges + row * (8 * width), rows * width) for edges in (first, last))
    places = range(0, rows * width, width)
    masks = [
        int.from_bytes(closed[at : at + width], "little") - int.from_bytes(opened[at : at + width], "little") for at in places
    ]
    # Overlapping spans would share an edge or carry: either way bits get lost.
    if sum(mask.bit_count() for mask in masks) != int((last - first).sum()):
        raise ValueError("spans of one row overlap")
    return masks


def _packed(places: NDArray[np.int64], size: int) -> bytes:
    """These bits in so many bytes."""
    flags = np.zeros(8 * size, np.uint8)
    flags[places] = 1
    return np.packbits(flags, bitorder="little").tobytes()
