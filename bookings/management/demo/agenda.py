"""The demo's own agenda: free time in memory, day by day, so that a year of visits is placed in seconds.

It follows the same rules as the real search (hours, capabilities, one server per capability and visit) but takes the
first combination that fits near a wished hour: plausible bookings, not optimal ones.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bookings import agenda
from bookings.availability import SegmentNeed, VisitShape, Wanted
from clinic import hours, timegrid
from clinic.models import Clinic, Resource

RASTER = 3  # ticks: visits of the demo start on the quarter of an hour


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
        self.able = _able(resources)
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

    def place(self, shape: VisitShape, day: date, minute: int, leads: Sequence[int]) -> Place | None:
        """Put a visit on `day` as near to local `minute` as possible, with the first of `leads` who can; None if full."""
        base, free = self.days[day]
        for start in _near(minute // 5):
            for lead in leads:
                served = self._serve(shape, free, start, lead)
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

    def _serve(self, shape: VisitShape, free: Mapping[int, int], start: int, lead: int) -> dict[int, int] | None:
        """Who serves each capability at this start; the lead is given."""
        served = {shape.lead: lead}
        for capability in sorted({need for segment in shape.segments for need in segment.needs}):
            windows = [segment for segment in shape.segments if capability in segment.needs]
            able = [lead] if capability == shape.lead else self.able.get(capability, [])
            rivals = {served[need] for segment in windows for need in segment.needs if need in served and need != capability}
            chosen = next((pk for pk in able if pk not in rivals and _is_free(free[pk], windows, start)), None)
            if chosen is None:
                return None
            served[capability] = chosen
        return served

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


def _able(resources: Sequence[Resource]) -> dict[int, list[int]]:
    """Resources by capability, those who can do least else first."""
    able: dict[int, list[tuple[int, int]]] = {}
    for resource in resources:
        capabilities = [capability.pk for capability in resource.capabilities.all()]
        for capability in capabilities:
            able.setdefault(capability, []).append((len(capabilities), resource.pk))
    return {capability: [pk for _, pk in sorted(rows)] for capability, rows in able.items()}


def _near(tick: int) -> Iterator[int]:
    """Starts of the day on the raster, nearest to `tick` first."""
    first = tick - tick % RASTER
    return iter(sorted(range(0, 288, RASTER), key=lambda start: (abs(start - first), start)))


def _is_free(mask: int, windows: Sequence[SegmentNeed], start: int) -> bool:
    for segment in windows:
        ticks = timegrid.ones(start + segment.offset, start + segment.offset + segment.ticks)
        if mask & ticks != ticks:
            return False
    return True
