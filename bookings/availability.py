"""Which starts are possible: free masks + the segments of a visit -> starts, and which resources would serve one.

A visit is a row of segments, each with its own needs. One resource serves a capability through the whole visit, and
different needs of one segment take different resources. The rules and their reasons: `docs/rules/availability.md`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, reduce
from itertools import combinations
from operator import and_
from typing import NamedTuple

import numpy as np

from bookings import agenda
from bookings.agenda import Agenda
from bookings.planner import Candidates, Slot
from clinic import hours, timegrid
from clinic.hours import Days
from clinic.models import Clinic
from treatments import protocols
from treatments.models import ProtocolZone, Visit

NOTICE, OPENING, PATIENT = "notice", "opening", "patient"  # what limits a start besides who serves it
RASTER_MINUTES = 15
"""Starts offered to patients fall on these minutes of the local clock."""
READING_MINUTES = 10
"""A start is offered only if it can still be had after so long: whoever chooses takes time to read."""


@dataclass(frozen=True, slots=True)
class SegmentNeed:
    """A stretch of a visit: `ticks` long, `offset` ticks after the patient's arrival (before it: negative).

    `needs` are keys of capabilities.
    """

    offset: int
    ticks: int
    needs: tuple[int, ...]
    patient_present: bool = True


@dataclass(frozen=True, slots=True)
class VisitShape:
    """What one kind of visit takes; its start is the patient's arrival, `ticks` later the patient leaves.

    Whoever serves `lead`, the key of a capability, leads the visit.
    """

    key: str
    segments: tuple[SegmentNeed, ...]
    lead: int
    ticks: int

    @property
    def before(self) -> int:
        """Ticks between the first preparation and the patient's arrival."""
        return -min(segment.offset for segment in self.segments)

    @property
    def after(self) -> int:
        """Ticks between the patient's arrival and the end of the clean-up."""
        return max(segment.offset + segment.ticks for segment in self.segments)


class Served(NamedTuple):
    """One need of one segment and the resource (key) that serves it, in the ticks [start, end)."""

    capability: int
    resource: int
    start: int
    end: int


class Wanted(NamedTuple):
    """One claim a visit would make: a resource (key), and the ticks [start, end)."""

    resource: int
    start: int
    end: int


def shape(visit: Visit, zones: Iterable[ProtocolZone]) -> VisitShape:
    """What a visit takes for these zones; its key is the visit's code. Prefetch `segments__needs` and the protocol.

    Raises ValueError for a visit that publishing refuses: the patient is never present, or nothing needs the lead.
    """
    zones = list(zones)
    segments: list[SegmentNeed] = []
    end = 0
    for segment in sorted(visit.segments.all(), key=lambda segment: segment.position):
        if ticks := protocols.segment_minutes(segment, zones) // hours.MINUTES:
            needs = tuple(sorted(need.pk for need in segment.needs.all()))
            segments.append(SegmentNeed(end, ticks, needs, segment.patient_present))
            end += ticks
    return _from_arrival(visit.code, segments, visit.protocol.lead_capability_id)


def _from_arrival(key: str, segments: Sequence[SegmentNeed], lead: int) -> VisitShape:
    """The shape of segments whose offsets count from the first of them."""
    present = [segment for segment in segments if segment.patient_present]
    if not present:
        raise ValueError(f"the patient is never present at “{key}”")
    if not any(lead in segment.needs for segment in segments):
        raise ValueError(f"nothing in “{key}” needs who leads it")
    arrival, leaving = present[0].offset, present[-1].offset + present[-1].ticks
    moved = (SegmentNeed(item.offset - arrival, item.ticks, item.needs, item.patient_present) for item in segments)
    return VisitShape(key, tuple(moved), lead, leaving - arrival)


# One visit: who could serve it, and when ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Serving:
    """Where one visit could start. Pure: masks in, masks out.

    `allowed`: the starts that hours, notice and the patient allow, all of `limits`. `free`: the mask of each resource.
    `skills`: the capabilities of each resource, all of them. A start is a bit of a mask.
    """

    shape: VisitShape
    allowed: int
    free: Mapping[int, int]
    skills: Mapping[int, frozenset[int]]
    limits: Mapping[str, int] = field(default_factory=dict)

    @cached_property
    def fits(self) -> dict[int, dict[int, int]]:
        """For each capability needed, the lead's first: the starts at which each resource could serve it throughout."""
        needed = {self.shape.lead: None, **{need: None for segment in self.shape.segments for need in segment.needs}}
        return {need: self._fits_of(need) for need in needed}

    def _fits_of(self, need: int) -> dict[int, int]:
        segments = _joined(segment for segment in self.shape.segments if need in segment.needs)
        able = {resource: mask for resource, mask in self.free.items() if need in self.skills[resource]}
        found = {resource: starts(mask, segments) for resource, mask in able.items()}
        return {resource: mask for resource, mask in found.items() if mask}

    @cached_property
    def leads(self) -> dict[int, int]:
        """The possible starts of each lead (key of a resource); leads without any are left out."""
        common = self.allowed
        lead_group, *others = self._groups()
        for group in others:
            common &= self._servable(group, {}, common)
        found = {
            lead: self._servable(lead_group[1:], {self.shape.lead: lead}, common & mask)
            for lead, mask in self.fits[self.shape.lead].items()
        }
        return {lead: mask for lead, mask in found.items() if mask}

    @cached_property
    def rivals(self) -> dict[int, set[int]]:
        """For each need the others that must not take its resource: wanted in one segment, and someone has both."""
        rivals = defaultdict[int, set[int]](set)
        for segment in self.shape.segments:
            for one, other in combinations(segment.needs, 2):
                if self.fits[one].keys() & self.fits[other].keys():
                    rivals[one].add(other)
                    rivals[other].add(one)
        return rivals

    def _groups(self) -> list[list[int]]:
        """The needs, parted so that needs of different groups never compete; the lead's group first, the lead its first."""
        left, groups = list(self.fits), list[list[int]]()
        while left:
            group = [left.pop(0)]
            for need in group:
                drawn = [other for other in left if other in self.rivals[need]]
                group += drawn
                left = [other for other in left if other not in drawn]
            groups.append(group)
        return groups

    def _servable(self, needs: Sequence[int], chosen: Mapping[int, int], starts: int) -> int:
        """Of `starts`, those at which different resources can serve the rival `needs`, beside those already chosen."""
        if not needs or not starts:
            return starts
        first, *rest = needs
        fits = self._left_for(first, chosen)
        if not rest:
            return starts & timegrid.union(*fits.values())
        ways = (self._servable(rest, {**chosen, first: resource}, starts & mask) for resource, mask in fits.items())
        return timegrid.union(*ways)

    def _left_for(self, need: int, chosen: Mapping[int, int]) -> dict[int, int]:
        taken = {chosen[rival] for rival in self.rivals[need] if rival in chosen}
        return {resource: mask for resource, mask in self.fits[need].items() if resource not in taken}

    def assign(self, start: int, lead: int, prefer: Collection[int] = ()) -> dict[int, int] | None:
        """Resource by capability (keys) for one start, led by `lead`; None where that is not possible.

        First whom `prefer` names, then who is least versatile (a colleague with a rare skill stays free for it), then the
        lower key.
        """
        if not has(self.leads.get(lead, 0), start):
            return None
        return next(self._ways(list(self.fits)[1:], {self.shape.lead: lead}, start, prefer))

    def _ways(
        self, needs: Sequence[int], chosen: Mapping[int, int], start: int, prefer: Collection[int]
    ) -> Iterator[dict[int, int]]:
        """Every assignment for one start, the best first."""
        if not needs:
            yield dict(chosen)
            return
        first, *rest = needs
        able = [resource for resource, mask in self._left_for(first, chosen).items() if has(mask, start)]
        for resource in sorted(able, key=lambda key: (key not in prefer, len(self.skills[key]), key)):
            yield from self._ways(rest, {**chosen, first: resource}, start, prefer)


def starts(free: int, segments: Iterable[SegmentNeed]) -> int:
    """The starts at which every one of these segments lies in free time."""
    return reduce(and_, (_moved(timegrid.erode(free, segment.ticks), segment.offset) for segment in segments))


def _joined(segments: Iterable[SegmentNeed]) -> list[SegmentNeed]:
    """Segments in order, those without a pause between them as one: a run is as easily found as a part of it."""
    result: list[SegmentNeed] = []
    for segment in segments:
        last = result[-1] if result else None
        if last and last.offset + last.ticks == segment.offset:
            result[-1] = replace(last, ticks=last.ticks + segment.ticks)
        else:
            result.append(segment)
    return result


def _moved(mask: int, offset: int) -> int:
    """From where segments may begin to where the visit may: `offset` ticks earlier."""
    return mask >> offset if offset >= 0 else mask << -offset


def has(mask: int, bit: int) -> bool:
    """Whether this bit is set; one before the first is not."""
    return bit >= 0 and bool(mask >> bit & 1)


# A search -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Search:
    """The answer of one search: possible starts by visit key, and who would serve each.

    `servings` know every possible start, `candidates` those that are offered: whoever has another one may have it.
    """

    days: Days
    servings: Mapping[str, Serving]
    candidates: Mapping[str, Candidates]

    def offers(self, key: str, slot: Slot) -> bool:
        """Whether this start is possible."""
        serving = self.servings[key]
        return has(serving.leads.get(slot.lead, 0), slot.start - self.days.base)

    def within(self, claims: Collection[Wanted]) -> "Search":
        """The same with nothing free but what these claim; it offers what this one does."""
        has = {
            resource: timegrid.from_spans(spans, self.days.base, self.days.length) for resource, spans in spans_of(claims).items()
        }
        limited = {
            key: replace(serving, free={resource: mask & has.get(resource, 0) for resource, mask in serving.free.items()})
            for key, serving in self.servings.items()
        }
        return replace(self, servings=limited)

    def assign(self, key: str, slot: Slot, *, prefer: Collection[int] = ()) -> dict[int, int] | None:
        """Who serves this start: resource by capability (keys), of equals the lowest; None when it is not possible."""
        return self.servings[key].assign(slot.start - self.days.base, slot.lead, prefer)

    def served(self, key: str, slot: Slot, *, prefer: Collection[int] = ()) -> list[Served]:
        """Every need of every segment with its resource; empty when the start is not possible."""
        serves = self.assign(key, slot, prefer=prefer) or {}
        return [
            Served(need, serves[need], slot.start + segment.offset, slot.start + segment.offset + segment.ticks)
            for segment in self.servings[key].shape.segments
            for need in segment.needs
            if serves
        ]

    def wanted(self, key: str, slot: Slot, *, prefer: Collection[int] = ()) -> list[Wanted] | None:
        """The claims of this start, in order of resource and time, adjacent ones merged; None when it is not possible.

        `prefer` names resources (keys) to take where they can serve: those that a moved appointment already has.
        """
        served = self.served(key, slot, prefer=prefer)
        return merged(Wanted(item.resource, item.start, item.end) for item in served) if served else None


def spans_of(claims: Iterable[Wanted]) -> dict[int, list[tuple[int, int]]]:
    """The spans of ticks by resource, in order."""
    spans = defaultdict[int, list[tuple[int, int]]](list)
    for claim in sorted(claims):
        spans[claim.resource].append((claim.start, claim.end))
    return spans


def beyond(claims: Collection[Wanted], has: Collection[Wanted]) -> list[Wanted]:
    """What of these claims lies outside those already made (`has`)."""
    if not claims:
        return []
    base = min(claim.start for claim in claims)
    length, had = max(claim.end for claim in claims) - base, spans_of(has)
    return [
        Wanted(resource, base + start, base + end)
        for resource, spans in spans_of(claims).items()
        for start, end in timegrid.runs(
            timegrid.subtract(timegrid.from_spans(spans, base, length), timegrid.from_spans(had.get(resource, []), base, length))
        )
    ]


def merged(claims: Iterable[Wanted]) -> list[Wanted]:
    """The claims in order of resource and time; what one resource does without a pause is one claim."""
    result: list[Wanted] = []
    for claim in sorted(claims):
        last = result[-1] if result else None
        if last and (last.resource, last.end) == (claim.resource, claim.start):
            result[-1] = last._replace(end=claim.end)
        else:
            result.append(claim)
    return result


def search(
    clinic: Clinic,
    shapes: Sequence[VisitShape],
    first_day: date,
    last_day: date,
    now: datetime,
    *,
    days: Collection[int] | None = None,
    lead: int | None = None,
    ignore_courses: Collection[int] = (),
    patient: int | None = None,
    not_before: Mapping[str, date] | None = None,
    raster_minutes: int = RASTER_MINUTES,
    claims: bool = True,
    taken: Collection[Wanted] = (),
    notice: bool = True,
) -> Search:
    """Every possible start of each shape on the local days from `first_day` to `last_day`, both included.

    `days` (ordinals) looks at these days only; `lead` (resource key) at one practitioner; the claims of `ignore_courses`
    (keys) count as free; `patient` (key) is in one place; `not_before` gives a first day by visit key; without `claims`
    only hours and absences count; `taken` is counted as claimed besides. Starts before `now` and the clinic's notice are not
    possible (without `notice`: before `now`), those of the next `READING_MINUTES` not offered. Three queries, however many
    days and resources.
    """
    span = _span(clinic, first_day, last_day, now, days)
    if span is None:
        return _nothing(clinic, shapes, now)
    able = agenda.skills(clinic, {need for item in shapes for segment in item.segments for need in segment.needs})
    read = agenda.read(clinic, able, span, now, only=days, ignore_courses=ignore_courses, patient=patient, claims=claims)
    if taken:
        read = read.without([(item.resource, item.start, item.end) for item in taken])
    first_days = not_before or {}
    servings = {
        item.key: _serving(item, read, able, _earliest(clinic, item, now, first_days.get(item.key), notice)) for item in shapes
    }
    raster, read_by = hours.raster_mask(span, raster_minutes), now + timedelta(minutes=READING_MINUTES if notice else 0)
    offered = {item.key: raster & _from(span, _earliest(clinic, item, read_by, None, notice)) for item in shapes}
    return Search(span, servings, {key: _candidates(serving, span, offered[key], lead) for key, serving in servings.items()})


def _span(clinic: Clinic, first_day: date, last_day: date, now: datetime, days: Collection[int] | None) -> Days | None:
    """The days worth reading: of those asked for, from today on; None if there are none."""
    first = max(first_day, now.astimezone(clinic.zone).date())
    if days is not None:
        inside = [day for day in days if first.toordinal() <= day <= last_day.toordinal()]
        if not inside:
            return None
        first, last_day = date.fromordinal(min(inside)), date.fromordinal(max(inside))
    return Days.between(first, last_day, clinic.zone) if first <= last_day else None


def _nothing(clinic: Clinic, shapes: Sequence[VisitShape], now: datetime) -> Search:
    today = now.astimezone(clinic.zone).date()
    servings = {item.key: Serving(item, 0, {}, {}) for item in shapes}
    return Search(Days.between(today, today, clinic.zone), servings, {item.key: Candidates.from_slots(()) for item in shapes})


def _earliest(clinic: Clinic, item: VisitShape, now: datetime, first_day: date | None, notice: bool) -> int:
    """The first tick at which a visit may start: after the clinic's notice, its preparation not in the past, on `first_day`."""
    minutes = max(clinic.booking_notice_minutes if notice else 0, item.before * hours.MINUTES)
    after_notice = -(-(now + timedelta(minutes=minutes)).timestamp() // timegrid.TICK)
    return max(int(after_notice), hours.day_span(first_day, first_day, clinic.zone)[0] if first_day else 0)


def _from(days: Days, tick: int) -> int:
    """The mask of all ticks from this one on."""
    return timegrid.ones(min(max(tick - days.base, 0), days.length), days.length)


def _serving(item: VisitShape, read: Agenda, able: Mapping[int, frozenset[int]], earliest: int) -> Serving:
    """The starts at which the whole visit, with clean-up, is inside opening hours, and the patient is not elsewhere."""
    length = read.days.length
    limits = {
        NOTICE: _from(read.days, earliest),
        OPENING: starts(read.open, [SegmentNeed(-item.before, item.before + item.after, ())]),
        PATIENT: starts(timegrid.ones(0, length) ^ read.patient_busy, [SegmentNeed(0, item.ticks, ())]),
    }
    return Serving(item, reduce(and_, limits.values()), read.free, able, limits)


def _candidates(serving: Serving, days: Days, offered: int, lead: int | None) -> Candidates:
    """The starts of all leads, or of one, in order of time and then of the lead's key: those among `offered`."""
    found = [(key, timegrid.positions(mask & offered)) for key, mask in sorted(serving.leads.items()) if lead in (None, key)]
    if not found:
        return Candidates.from_slots(())
    start = days.base + np.concatenate([places for _, places in found])
    leads = np.repeat([key for key, _ in found], [places.size for _, places in found])
    order = np.argsort(start, kind="stable")
    day, minute = days.wall(start[order])
    return Candidates.from_arrays(day, leads[order], start[order], minute)


# Looking again --------------------------------------------------------------------------------------------------------


def conflicts(clinic: Clinic, served: Collection[Served], *, now: datetime, ignore_courses: Collection[int] = ()) -> list[Served]:
    """Those of `served` that are no longer possible: out of use, no longer capable, not there, absent, or taken.

    For a writer of claims that has locked the resources and looks again. Three queries. Nothing is asked about the patient.
    """
    if not served:
        return []
    local = {timegrid.instant(item.start).astimezone(clinic.zone).date() for item in served}
    able = agenda.skills(clinic, {item.capability for item in served})
    days = Days.between(min(local), max(local), clinic.zone)
    only = {day.toordinal() for day in local}
    read = agenda.read(
        clinic, {item.resource for item in served} & able.keys(), days, now, only=only, ignore_courses=ignore_courses
    )

    def holds(item: Served) -> bool:
        whole = timegrid.ones(item.start - days.base, item.end - days.base)
        capable = item.capability in able.get(item.resource, ())
        return capable and not timegrid.subtract(whole, read.free.get(item.resource, 0))

    return [item for item in served if not holds(item)]
