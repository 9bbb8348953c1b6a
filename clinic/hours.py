"""Wall clock to instants: weekly hours, public holidays and closures become masks over ticks. Nowhere else.

Clocks change. A time of day that the clock skips (the gap in spring) means the moment of the change; one that it shows
twice (the fold in autumn) means the first. So a shift that starts in the gap starts after it, one that ends in
it ends at the change, and hours that touch or keep apart on the wall do so in time. The rules: `docs/rules/hours.md`.
"""

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, Self, TypeVar
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from dateutil.relativedelta import relativedelta
from numpy.typing import NDArray

from clinic import timegrid
from clinic.models import Clinic, Closure, OpeningHours

MINUTES = timegrid.TICK // 60
"""Length of a tick in minutes."""
TICKS_A_DAY = 24 * 60 // MINUTES
LOOK_AHEAD_DAYS = 366
"""How far `next_open_day` looks."""

Numbers = NDArray[np.int64]
Owner = TypeVar("Owner", bound=Hashable)

_NO_TICKS: Numbers = np.empty(0, np.int64)
_FOREVER = date.max.toordinal()


class Weekly(NamedTuple):
    """Hours on an ISO weekday: local minutes of the day [starts, ends), on the days (ordinals) from `first` to `last`."""

    weekday: int
    starts: int
    ends: int
    first: int
    last: int | None


# Days ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, slots=True)
class Days:
    """Consecutive local days of one zone. `midnights`: the ticks at which each begins and, at the end, the last one ends."""

    zone: ZoneInfo
    first: int
    midnights: Numbers

    @classmethod
    def between(cls, first_day: date, last_day: date, zone: ZoneInfo) -> Self:
        """From `first_day` to `last_day`, both included. ValueError if they are in the wrong order."""
        count = (last_day - first_day).days + 1
        if count < 1:
            raise ValueError(f"{last_day} comes before {first_day}")
        years = range(first_day.year, (last_day + timedelta(days=1)).year + 1)
        skipped = first_day.timetuple().tm_yday - 1
        midnights = np.concatenate([_midnights(zone, year) for year in years])[skipped : skipped + count + 1]
        return cls(zone, first_day.toordinal(), midnights)

    @property
    def base(self) -> int:
        """The tick at which the first day begins."""
        return int(self.midnights[0])

    @property
    def end(self) -> int:
        """The tick at which the last day is over."""
        return int(self.midnights[-1])

    @property
    def length(self) -> int:
        return self.end - self.base

    @property
    def first_day(self) -> date:
        return date.fromordinal(self.first)

    @property
    def last_day(self) -> date:
        return date.fromordinal(self.first + len(self) - 1)

    def __len__(self) -> int:
        return len(self.midnights) - 1

    def ticks(self, day: Numbers, minute: Numbers) -> Numbers:
        """The ticks of wall-clock times; `day` counts from 0, the first of these days, `minute` is the local minute of it."""
        ticks = self.midnights[day] + minute // MINUTES
        for odd in self.uneven():
            here = day == odd
            # The clock's running maximum: where it first shows this time, or jumps over it.
            shown = np.maximum.accumulate(_clock(self.zone, self.first + odd))
            ticks[here] = self.midnights[odd] + np.searchsorted(shown, minute[here])
        return ticks

    def wall(self, ticks: Numbers) -> tuple[Numbers, Numbers]:
        """The local day (ordinal) and minute of the day at which these ticks, all inside the span, begin."""
        day = np.searchsorted(self.midnights, ticks, side="right") - 1
        since = ticks - self.midnights[day]
        minute = since * MINUTES
        for odd in self.uneven():
            here = day == odd
            minute[here] = _clock(self.zone, self.first + odd)[since[here]]
        return day + self.first, minute

    def mask(self, ordinals: Iterable[int]) -> int:
        """The whole of each of these days; those outside the span are ignored."""
        inside = [ordinal - self.first for ordinal in ordinals if 0 <= ordinal - self.first < len(self)]
        index = np.array(inside, np.int64)
        return timegrid.from_edges(self.midnights[index], self.midnights[index + 1], self.base, self.length)

    def uneven(self) -> list[int]:
        """The days, counted from 0, that are not 24 hours long: the clock changes."""
        found: list[int] = np.flatnonzero(np.diff(self.midnights) != TICKS_A_DAY).tolist()
        return found


@lru_cache(maxsize=256)
def _midnights(zone: ZoneInfo, year: int) -> Numbers:
    """The tick at which each day of a year begins. ValueError if the zone is not on the 5-minute grid in that year."""
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    midnights = np.array([_midnight(date.fromordinal(day), zone) for day in range(first, last + 1)], np.int64)
    midnights.setflags(write=False)
    return midnights


def _midnight(day: date, zone: ZoneInfo) -> int:
    wall = datetime.combine(day, time.min, zone)
    try:
        tick = timegrid.tick(wall.astimezone(UTC))
    except ValueError as error:
        raise ValueError(f"{zone.key} was {wall.utcoffset()} from UTC on {day}, not a whole number of five minutes") from error
    # Where the clock jumps over midnight, the day begins at the jump.
    while _local(tick - 1, zone).replace(tzinfo=None) >= datetime.combine(day, time.min):
        tick -= 1
    return tick


@lru_cache(maxsize=256)
def _clock(zone: ZoneInfo, ordinal: int) -> Numbers:
    """What the clock shows during a day: the local minute of the day at which each of its ticks begins."""
    day = date.fromordinal(ordinal)
    shown = [_local(tick, zone) for tick in range(_midnight(day, zone), _midnight(day + timedelta(days=1), zone))]
    minutes = np.array([local.hour * 60 + local.minute for local in shown], np.int64)
    minutes.setflags(write=False)
    return minutes


def _local(tick: int, zone: ZoneInfo) -> datetime:
    return timegrid.instant(tick).astimezone(zone)


def day_span(first_day: date, last_day: date, zone: ZoneInfo) -> tuple[int, int]:
    """The ticks [from, to) of the local days from `first_day` to `last_day`, both included."""
    days = Days.between(first_day, last_day, zone)
    return days.base, days.end


def local_day_span(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """The instants (UTC) at which a local day begins and ends."""
    start, end = day_span(day, day, zone)
    return timegrid.instant(start), timegrid.instant(end)


def local_instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) at which the wall clock shows `at`, a whole five minutes (else ValueError)."""
    minute, rest = divmod(at.hour * 3600 + at.minute * 60 + at.second, 60)
    if rest or at.microsecond or minute % MINUTES:
        raise ValueError(f"{at} is not on the five-minute grid")
    ticks = Days.between(day, day, zone).ticks(np.array([0]), np.array([minute]))
    return timegrid.instant(int(ticks[0]))


# Masks --------------------------------------------------------------------------------------------------------------


def weekly_masks(weekly: Mapping[Owner, Sequence[Weekly]], days: Days) -> dict[Owner, int]:
    """The ticks inside any of each owner's weekly hours, which never overlap (else ValueError).

    All owners at once: it is the calls that cost, not the rows.
    """
    rows = [row for owned in weekly.values() for row in owned]
    if not rows:
        return dict.fromkeys(weekly, 0)
    weekday, starts, ends, first, last = np.array([(*row[:4], row.last or _FOREVER) for row in rows], np.int64).T[:, :, None]
    ordinal = days.first + np.arange(len(days))
    row, day = np.nonzero((weekday == (ordinal - 1) % 7 + 1) & (first <= ordinal) & (ordinal <= last))
    owner = np.repeat(np.arange(len(weekly)), [len(owned) for owned in weekly.values()])[row]
    start, end = days.ticks(day, starts[row, 0]), days.ticks(day, ends[row, 0])
    masks = timegrid.disjoint_rows(owner, start, end, days.base, days.length, len(weekly))
    return dict(zip(weekly, masks, strict=True))


def raster_mask(days: Days, minutes: int) -> int:
    """The ticks at which the local clock shows a multiple of `minutes`. ValueError unless it divides the day into ticks."""
    if minutes % MINUTES or 24 * 60 % minutes:
        raise ValueError(f"{minutes} minutes do not divide a day on the five-minute grid")
    period = minutes // MINUTES
    uneven = days.uneven()
    result = 0
    for first, end in pairwise([-1, *uneven, len(days)]):
        low, high = (int(tick) - days.base for tick in days.midnights[[first + 1, end]])
        # A geometric series: one bit in every `period`.
        result |= timegrid.ones(0, high - low) // timegrid.ones(0, period) << low
    shown = [days.midnights[odd] + np.flatnonzero(_clock(days.zone, days.first + odd) % minutes == 0) for odd in uneven]
    ticks = np.concatenate([_NO_TICKS, *shown])
    return result | timegrid.from_edges(ticks, ticks + 1, days.base, days.length)


def open_mask(clinic: Clinic, opening: int, closed: Iterable[tuple[int, int]], days: Days) -> int:
    """When a clinic is open: its weekly hours (a mask), without public holidays and without the closed spans of ticks."""
    off = days.mask(day.toordinal() for day in holidays_of(clinic, _years(days)))
    shut = timegrid.from_spans(closed, days.base, days.length)
    return timegrid.subtract(opening, off, shut)


def closed_ticks(start: datetime, end: datetime) -> tuple[int, int]:
    """The ticks a closure touches: one that begins or ends off the grid closes the whole tick."""
    return int(start.timestamp() // timegrid.TICK), int(-(-end.timestamp() // timegrid.TICK))


def _years(days: Days) -> range:
    return range(days.first_day.year, days.last_day.year + 1)


# A clinic's days ----------------------------------------------------------------------------------------------------


def holidays_of(clinic: Clinic, years: Iterable[int]) -> frozenset[date]:
    """The public holidays on which the clinic is closed; none if it opens on them. ValueError for an unknown country."""
    if not clinic.closes_on_holidays:
        return frozenset()
    return frozenset().union(*(_holidays(clinic.country, clinic.subdivision, year) for year in years))


@lru_cache(maxsize=256)
def _holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    try:
        return frozenset(holidays.country_holidays(country, subdiv=subdivision or None, years=year))
    except NotImplementedError as error:
        raise ValueError(f"no public holidays are known for {country} {subdivision}".rstrip()) from error


def is_open_day(clinic: Clinic, day: date) -> bool:
    """Whether the clinic is open at any time of that local day."""
    return day in open_days(clinic, [day])


def open_days(clinic: Clinic, days: Collection[date]) -> set[date]:
    """Those of these local days on which the clinic is open at any time. Two queries, however many days."""
    if not days:
        return set()
    span = Days.between(min(days), max(days), clinic.zone)
    opening = _opening(clinic, span)
    ticks = {day: day_span(day, day, clinic.zone) for day in days}
    return {day for day, (start, end) in ticks.items() if opening >> (start - span.base) & ((1 << end - start) - 1)}


def next_open_day(clinic: Clinic, day: date) -> date | None:
    """The first day on or after `day` on which the clinic opens; None if there is none within a year."""
    days = Days.between(day, day + timedelta(days=LOOK_AHEAD_DAYS), clinic.zone)
    mask = _opening(clinic, days)
    if not mask:
        return None
    first_tick = days.base + (mask & -mask).bit_length() - 1
    return _local(first_tick, clinic.zone).date()


def _opening(clinic: Clinic, days: Days) -> int:
    """Two queries: when the clinic is open on these days."""
    fields = ("weekday", "starts", "ends", "valid_from", "valid_until")
    opening = [
        Weekly(weekday, _minute(starts), _minute(ends), first.toordinal(), last.toordinal() if last else None)
        for weekday, starts, ends, first, last in OpeningHours.objects.filter(clinic=clinic).values_list(*fields)
    ]
    span = (timegrid.instant(days.base), timegrid.instant(days.end))
    closures = Closure.objects.filter(clinic=clinic, during__overlap=span).values_list("during", flat=True)
    weekly = weekly_masks({clinic.pk: opening}, days)[clinic.pk]
    return open_mask(clinic, weekly, [closed_ticks(closure.lower, closure.upper) for closure in closures], days)


def _minute(at: time) -> int:
    return at.hour * 60 + at.minute


def horizon(clinic: Clinic, today: date) -> date:
    """The last day that can be booked: so many months from `today`, but not beyond the last published roster day."""
    months = today + relativedelta(months=clinic.horizon_months)
    return min(months, clinic.roster_published_until or months)
