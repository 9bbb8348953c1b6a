"""Visits that can no longer take place as booked: someone is away, something is broken, a shift ends earlier, the clinic closes.

- Asked of the agenda, whatever the reason. Nothing is lost and nothing is moved by itself: the team calls the patient.
- The best new place, in this order: the same time with another room, device or assistant, of which the patient notices
  nothing; another hour of the same day with the same practitioner; with a colleague; another day within the rhythm of the
  course, the nearest first. Other sessions of the course move for it only where nothing else is left.
- Who has least time left is placed first, and nobody is offered what another of the list is offered.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import Prefetch, Q

from bookings import agenda, placing, proposals, rescheduling
from bookings.availability import Wanted
from bookings.models import Appointment, AppointmentStatus, Claim, Course, CourseStatus, JournalEntry
from bookings.models.states import EXPECTED, RUNNING
from bookings.planner import Slot
from bookings.proposals import Alternative, CourseRequest, Offer
from bookings.refusals import Refusal
from clinic import timegrid
from clinic.hours import Days
from clinic.models import Clinic, Kind, Resource, User
from treatments.models import Protocol, Segment


@dataclass(frozen=True, slots=True)
class Displaced:
    """A visit to come, and what it has but can no longer have."""

    visit: Appointment
    missing: tuple[Resource, ...]

    @property
    def lead_is_missing(self) -> bool:
        return self.visit.lead in self.missing


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit could take place instead: at its own time with other resources, or in the slot of `alternative`; `alone`:
    without touching any other session of its course."""

    alternative: Alternative | None = None
    alone: bool = True

    @property
    def same_time(self) -> bool:
        return self.alternative is None


def displaced(clinic: Clinic, now: datetime) -> list[Displaced]:
    """Every visit after `now` (aware) that cannot take place as it stands, also of who has come early; in order of time.

    Seven queries, however many.
    """
    return _rows(_missing(clinic, now, Q()))


def missing(clinic: Clinic, now: datetime, visits: Collection[Appointment]) -> dict[int, list[Resource]]:
    """What those of these visits that cannot take place have, but can no longer have, by key. Six queries, however many."""
    found = _missing(clinic, now, Q(appointment__in=[visit.pk for visit in visits]))
    resources = Resource.objects.in_bulk({key for keys in found.values() for key in keys})
    return {visit: [resources[key] for key in sorted(keys)] for visit, keys in found.items()}


def _missing(clinic: Clinic, now: datetime, among: Q) -> dict[int, set[int]]:
    """The resources (keys) that visits (keys) after `now` can no longer have, of the claims `among` which is looked."""
    spans = _spans(clinic, now, among)
    if not spans:
        return {}
    ticks = [tick for claims in spans.values() for _, start, end in claims for tick in (start, end)]
    first, last = (timegrid.instant(tick).astimezone(clinic.zone).date() for tick in (min(ticks), max(ticks)))
    days = Days.between(first, last, clinic.zone)
    free = agenda.read(clinic, spans.keys(), days, now, claims=False).free
    usable = set(Resource.objects.filter(pk__in=spans, active=True).values_list("pk", flat=True))
    missing: dict[int, set[int]] = defaultdict(set)
    for resource, claims in spans.items():
        there = free.get(resource, 0) if resource in usable else 0
        if timegrid.subtract(timegrid.from_spans([(start, end) for _, start, end in claims], days.base, days.length), there):
            for visit, start, end in claims:
                if timegrid.subtract(timegrid.ones(start - days.base, end - days.base), there):
                    missing[visit].add(resource)
    return missing


def _spans(clinic: Clinic, now: datetime, among: Q) -> dict[int, list[tuple[int, int, int]]]:
    """What visits to come claim: (appointment key, first tick, tick after the last) by resource."""
    rows = Claim.objects.filter(
        among,
        appointment__status__in=EXPECTED,
        appointment__during__startswith__gt=now,
        appointment__course__clinic=clinic,
        appointment__course__status__in=RUNNING,
    )
    spans: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for resource, visit, during in rows.values_list("resource", "appointment", "during"):
        spans[resource].append((visit, timegrid.tick(during.lower), timegrid.tick(during.upper)))
    return spans


def _rows(missing: dict[int, set[int]]) -> list[Displaced]:
    segments = Prefetch("phase__visit__segments", Segment.objects.order_by("position"))
    visits = Appointment.objects.filter(pk__in=missing).select_related(
        "phase__visit__protocol", "lead__practitioner", "course__clinic", "course__patient", "course__protocol__treatment"
    )
    visits = visits.prefetch_related(segments, "phase__visit__segments__needs", "course__zones", "course__appointments", "claims")
    resources = Resource.objects.in_bulk({key for keys in missing.values() for key in keys})
    return [
        Displaced(visit, tuple(resources[key] for key in sorted(missing[visit.pk]))) for visit in visits.order_by("during", "pk")
    ]


def places(rows: Sequence[Displaced], now: datetime) -> dict[int, Place | None]:
    """The best new place of each visit, by its key; None where there is none. Nothing is stored."""
    found: dict[int, Place | None] = {}
    taken: list[Wanted] = []
    protocols = Protocol.objects.with_parts().in_bulk({row.visit.course.protocol_id for row in rows})
    people = Resource.objects.filter(kind=Kind.PERSON).select_related("practitioner").in_bulk()
    for row in in_need_first(rows):
        found[row.visit.pk], claims = _place(row, protocols[row.visit.course.protocol_id], people, taken, now)
        taken += claims
    return found


def in_need_first(rows: Iterable[Displaced]) -> list[Displaced]:
    """Whoever has least time left comes first."""
    return sorted(rows, key=lambda row: (row.visit.latest, row.visit.during.lower, row.visit.pk))


def _place(
    row: Displaced, protocol: Protocol, people: Mapping[int, Resource], taken: Sequence[Wanted], now: datetime
) -> tuple[Place | None, list[Wanted]]:
    """The best new place, and what it would claim."""
    visit = row.visit
    if not row.lead_is_missing and (wanted := placing.at_the_same_time(visit, now, taken=taken)):
        return Place(), wanted
    if visit.status == AppointmentStatus.ARRIVED or visit.course.status != CourseStatus.BOOKED:
        return None, []  # here already; or paused: reception keeps its dates first, or they are given back
    seen = proposals.standing(visit.course, now)
    request = replace(proposals.request_of(visit.course, seen, protocol), taken=tuple(taken))
    found = proposals.alone(request, seen, visit.position, now=now)
    others = [slot for slot in found[1] if slot != seen.slots.get(visit.position)] if found else []
    if not found or not others:
        return _with_others(visit, request, taken, now)
    slot = min(others, key=_rank(visit))
    starts = timegrid.instant(slot.start).astimezone(visit.course.clinic.zone)
    offer = Offer(slot, starts, people[slot.lead], 0)
    wanted = found[0].found.wanted(visit.phase.visit.code, slot)
    return Place(Alternative(offer, (), (starts.date() - visit.target).days)), wanted or []


def _with_others(
    visit: Appointment, request: CourseRequest, taken: Sequence[Wanted], now: datetime
) -> tuple[Place | None, list[Wanted]]:
    """Where nothing is left for the visit alone: what moves the fewest other sessions."""
    try:
        options = rescheduling.options(visit.course, visit.position, now=now, late=True, taken=taken)
    except Refusal:
        return None, []
    if not options:
        return None, []
    rank = _rank(visit)
    best = min(options, key=lambda item: (len(item.moved), rank(item.offer.slot)))
    return Place(best, alone=False), proposals.claims_at(request, visit.position, best.offer.slot, now=now) or []


def _rank(visit: Appointment) -> Callable[[Slot], tuple[int, bool, int]]:
    """Which slot is the best for a visit: the smallest. The nearest day, on it the same practitioner, then the nearest hour."""
    was = proposals.appointment_slot(visit, visit.course.clinic)
    return lambda slot: (abs(slot.day - was.day), slot.lead != was.lead, abs(slot.start - was.start))


def reassign(visit: Appointment, *, by: User, now: datetime) -> bool:
    """Give a displaced visit another room, device or assistant at its own time; False where that is not possible any more.

    `visit` as `displaced` gives it. The patient is not told: for them nothing changes. Raises LostMeanwhile.
    """
    with transaction.atomic():
        done = placing.reassign(visit, now)
        if done:
            course = Course.objects.get(pk=visit.course_id)
            JournalEntry.objects.record("reassigned", course=course, appointment=visit, at=now, by=by)
    return done
