"""Why a visit cannot begin at some time: every reason, from the masks the search itself reads.

`explain` is pure and says nothing exactly where the search offers the start; `reasons` asks it for a session of a running
course, with the rhythm of the course, `to_begin` for the first visit of a new one. Whether what follows in the course still
fits is for the planner to say.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from bookings import availability, planner, proposals
from bookings.availability import NOTICE, OPENING, PATIENT, Serving
from bookings.models import Course
from bookings.planner import Slot
from bookings.proposals import CourseRequest
from clinic import hours, timegrid


class Kind(StrEnum):
    NOTICE = NOTICE  # past, or too near
    OPENING = OPENING  # the clinic is not open for the whole visit
    PATIENT = PATIENT  # the patient has another appointment
    NOBODY = "nobody"  # nothing here has the capability
    AWAY = "away"  # not on duty, absent, or the clinic closed
    BUSY = "busy"  # with another visit
    SHARED = "shared"  # one person would have to do two things at once
    EARLY = "early"  # before its window in the course
    LATE = "late"  # after it
    NOT_ALLOWED = "not_allowed"  # before the day the answers, or the physician, allow
    HORIZON = "horizon"  # nobody can book that far ahead


@dataclass(frozen=True, slots=True)
class Why:
    """One reason. By kind: the `resource` and `capability` (keys) concerned, the tick (relative to the search) `until` which
    the resource is busy; the `days` from the session the position `counted_from`, and the `limit` they break."""

    kind: Kind
    resource: int | None = None
    capability: int | None = None
    until: int | None = None
    days: int = 0
    limit: int = 0
    counted_from: int | None = None


def explain(serving: Serving, there: Serving, bit: int, lead: int) -> list[Why]:
    """Every reason why this start (a bit) with this `lead` (key) is not possible; none exactly if it is.

    `serving` as the search has it, `there` without claims: what is missing in both is not there, the rest is busy.
    """
    if availability.has(serving.leads.get(lead, 0), bit):
        return []
    opens = timegrid.union(*there.free.values())  # while nobody and nothing is there, the clinic is not open
    found = [Why(Kind(name)) for name, mask in serving.limits.items() if not availability.has(mask, bit)]
    for need, fits in serving.fits.items():
        led = need == serving.shape.lead
        able = [
            resource
            for resource, skills in serving.skills.items()
            if need in skills and (resource == lead if led else resource in serving.free)
        ]
        if not able:
            found.append(Why(Kind.NOBODY, capability=need, resource=lead if led else None))
        elif not any(availability.has(fits.get(resource, 0), bit) for resource in able):
            shut = any(why.kind == Kind.OPENING for why in found)
            found += [
                _missing(serving, there, bit, need, resource)
                for resource in able
                if not shut or timegrid.subtract(_wanted(serving, bit, need) & opens, serving.free.get(resource, 0))
            ]
    return found or [Why(Kind.SHARED)]


def _missing(serving: Serving, there: Serving, bit: int, need: int, resource: int) -> Why:
    """What this resource lacks at this start for what is needed of it."""
    free, present = serving.free.get(resource, 0), there.free.get(resource, 0)
    wanted = _wanted(serving, bit, need)
    lacking = timegrid.subtract(wanted, free)
    if timegrid.subtract(wanted, present) or not lacking:
        return Why(Kind.AWAY, resource, need)
    last = lacking.bit_length() - 1
    taken = timegrid.subtract(present, free) >> last
    run = (~taken & (taken + 1)).bit_length() - 1  # how long it stays taken from there
    return Why(Kind.BUSY, resource, need, until=last + run)


def _wanted(serving: Serving, bit: int, need: int) -> int:
    """When what has this capability is needed, for a visit that begins at this bit."""
    segments = [segment for segment in serving.shape.segments if need in segment.needs]
    return timegrid.union(
        *(timegrid.ones(max(bit + item.offset, 0), max(bit + item.offset + item.ticks, 0)) for item in segments)
    )


def to_begin(request: CourseRequest, slot: Slot, *, now: datetime) -> list[Why]:
    """Every reason why a new course cannot begin in this slot; `until` is then a tick of time. Whether all that follows finds its
    place from there, `proposals.propose` says."""
    return list(_agenda(request, 0, slot, now))


def reasons(course: Course, position: int, slot: Slot, *, now: datetime) -> list[Why]:
    """Every reason why this session of a running course cannot be in this slot, the windows of the team (hard max) included;
    `until` is then a tick of time. Raises nothing for a session the protocol does not have: there is no reason to give."""
    seen = proposals.standing(course, now)
    request = proposals.request_of(course, seen)
    if position not in proposals.visits_of(request):
        return []
    return [*_agenda(request, position, slot, now), *_rhythm(request, seen, position, slot)]


def _agenda(request: CourseRequest, position: int, slot: Slot, now: datetime) -> Iterable[Why]:
    """Of the agenda. A day that has passed has no agenda to read."""
    full, there = (proposals.agenda_at(request, slot, now=now, claims=claims) for claims in (True, False))
    visit = proposals.visits_of(request)[position]
    bit, today = slot.start - full.days.base, now.astimezone(request.clinic.zone).date()
    if date.fromordinal(slot.day) > hours.horizon(request.clinic, today):
        yield Why(Kind.HORIZON)
    if date.fromordinal(slot.day) < today:
        yield Why(Kind.NOTICE)
        return
    too_early = request.earliest is not None and date.fromordinal(slot.day) < request.earliest
    for why in explain(full.servings[visit], there.servings[visit], bit, slot.lead):
        if why.kind == Kind.NOTICE and too_early:
            yield Why(Kind.NOT_ALLOWED)
            continue
        until = why.until + full.days.base if why.until is not None else None
        yield Why(why.kind, why.resource, why.capability, until)


def _rhythm(request: CourseRequest, seen: proposals.Standing, position: int, slot: Slot) -> Iterable[Why]:
    """Of the course: the session this one is counted from, where that has a date."""
    rule, anchor = proposals.rule_of(request, position)
    stands = proposals.stands(seen)
    if anchor is None or anchor not in stands:
        return
    stand = stands[anchor]
    target = planner.target_day(stand, rule.offset, rule.unit)
    window = planner.window(rule, late=True)
    days, first, last = slot.day - stand, target + window.start - stand, target + window.stop - 1 - stand
    if days < first:
        yield Why(Kind.EARLY, days=days, limit=first, counted_from=anchor)
    if days > last:
        yield Why(Kind.LATE, days=days, limit=last, counted_from=anchor)
