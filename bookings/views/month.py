"""The month grid of step 3: on which days a whole course can begin, and the times of one of them."""

from calendar import Calendar
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dateutil.relativedelta import relativedelta
from django.utils.functional import Promise

from bookings.forms.first import PART_NAMES, PARTS
from bookings.proposals import Offer

MONDAY = 0
WIDE_OPEN = 12  # starts on a day from which the grid shows it as wide open
LEVELS = 3


@dataclass(frozen=True, slots=True)
class Day:
    """One square of the grid; `level` runs from 0 (no course can begin) to 3 (wide open)."""

    day: date
    in_month: bool
    starts: int
    is_chosen: bool

    @property
    def level(self) -> int:
        return min(LEVELS, 1 + self.starts * (LEVELS - 1) // WIDE_OPEN) if self.starts else 0


@dataclass(frozen=True, slots=True)
class Month:
    """`parts` are the starts of the chosen day by part of day; `previous` and `next` are None at the ends of what can be booked."""

    first: date
    weeks: list[list[Day]]
    previous: date | None
    next: date | None
    chosen: date | None
    parts: list[tuple[Promise | str, list[Offer]]]


def month_of(first: date, offers: Sequence[Offer], *, chosen: date | None, today: date, last: date) -> Month:
    """The month that begins on `first`, with the offers that begin in it; without a chosen day, its first with an offer."""
    by_day: defaultdict[date, list[Offer]] = defaultdict(list)
    for offer in cheapest_of_each_start(offers):
        by_day[offer.starts.date()].append(offer)
    if chosen not in by_day:
        chosen = min(by_day, default=None)
    before, after = first - relativedelta(months=1), first + relativedelta(months=1)
    weeks = [
        [Day(day, day.month == first.month, len(by_day.get(day, ())), day == chosen) for day in week]
        for week in Calendar(MONDAY).monthdatescalendar(first.year, first.month)
    ]
    return Month(
        first=first,
        weeks=weeks,
        previous=before if before >= today.replace(day=1) else None,
        next=after if after <= last else None,
        chosen=chosen,
        parts=_by_part(by_day[chosen]) if chosen else [],
    )


def cheapest_of_each_start(offers: Sequence[Offer]) -> list[Offer]:
    """One offer for each time: with the practitioner whose course is the best."""
    best: dict[int, Offer] = {}
    for offer in offers:
        if offer.slot.start not in best or offer.cost < best[offer.slot.start].cost:
            best[offer.slot.start] = offer
    return [best[start] for start in sorted(best)]


def _by_part(offers: Sequence[Offer]) -> list[tuple[Promise | str, list[Offer]]]:
    parts = [
        (PART_NAMES[name], [offer for offer in offers if begin <= offer.slot.minute < end])
        for name, (begin, end) in PARTS.items()
    ]
    return [(name, found) for name, found in parts if found]
