"""The demo's own agenda: free time in memory, day by day, so that a year of visits is placed in seconds.

It asks the real search who can serve a visit (`availability.Serving`), but takes the first start that fits near a wished
hour: plausible bookings, not optimal ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookings import agenda
from bookings.availability import Serving, VisitShape, Wanted
from clinic import hours, timegrid
from clinic.models import Clinic, Resource

RASTER = sum(1 << start for start in range(0, 24 * 12, 3))  # visits of the demo start on the quarter of an hour


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit was put: its first tick, who leads it, and what it claims."""

    start: int
    lead: int
    wanted: tuple[Wanted, ...]


class DemoAgenda:
    """Free ticks of every resource of a clinic on every local day of a span; placing a visit takes them away."""

    def __init__(self, clinic: Clinic, first_day: date, last_day: date, now: datetime) -> None:
        self.clinic = clinic
        people = Resource.objects.filter(shifts__clinic=clinic, active=True).distinct()
        resources = [*people, *clinic.resources.filter(active=True)]
        self.skills = {item.pk: frozenset(able.pk for able in item.capabilities.all()) for item in resources}
        span = hours.Days.between(first_day, last_day, clinic.zone)
        masks = agenda.read(clinic, [resource.pk for resource in resources], span, now).free
        self.days: dict[date, tuple[int, dict[int, int]]] = {}
        day = first_day
        while day <= last_day:
            start, stop = hours.day_span(day, day, clinic.zone)
            free = {pk: (mask >> (start - span.base)) & timegrid.ones(0, stop - start) for pk, mask in masks.items()}
            self.days[day] = (start, free)
            day += timedelta(days=1)

    def is_open(self, day: date) -> bool:
        return any(self.days[day][1].values())

    def opening(self, day: date) -> tuple[datetime, datetime]:
        """From when to when somebody or something is free on an open day; before anything is placed, its opening hours."""
        base, free = self.days[day]
        ticks = timegrid.union(*free.values())
        return timegrid.instant(base + next(timegrid.bits(ticks))), timegrid.instant(base + ticks.bit_length())

    def place(
        self, shape: VisitShape, day: date, minute: int, leads: Sequence[int], apart_from: Sequence[tuple[int, int]] = ()
    ) -> Place | None:
        """Put a visit on `day` as near to local `minute` as possible, with the first of `leads` who can; None if full.

        `apart_from` are half-open spans of ticks in which the patient is elsewhere.
        """
        base, free = self.days[day]
        serving = Serving(shape, RASTER, free, self.skills)
        possible = timegrid.union(*(serving.leads.get(lead, 0) for lead in leads))
        starts = [
            start
            for start in timegrid.bits(possible)
            if all(base + start >= last or base + start + shape.ticks <= first for first, last in apart_from)
        ]
        if not starts:
            return None
        start = min(starts, key=lambda start: (abs(start - minute // 5), start))
        for lead in leads:
            served = serving.assign(start, lead)
            if served is not None:
                return self._take(shape, base, free, start, lead, served)
        return None

    def give_back(self, day: date, place: Place | None) -> None:
        """Undo a placing: its ticks are free again."""
        if place is None:
            return
        base, free = self.days[day]
        for resource, start, end in place.wanted:
            free[resource] |= timegrid.ones(start - base, end - base)

    def _take(
        self, shape: VisitShape, base: int, free: dict[int, int], start: int, lead: int, served: Mapping[int, int]
    ) -> Place:
        spans: dict[int, int] = {}
        for segment in shape.segments:
            for need in segment.needs:
                ticks = timegrid.ones(start + segment.offset, start + segment.offset + segment.ticks)
                spans[served[need]] = spans.get(served[need], 0) | ticks
        for resource, ticks in spans.items():
            free[resource] = timegrid.subtract(free[resource], ticks)
        wanted = [Wanted(pk, base + first, base + last) for pk, ticks in spans.items() for first, last in timegrid.runs(ticks)]
        return Place(base + start, lead, tuple(sorted(wanted)))
