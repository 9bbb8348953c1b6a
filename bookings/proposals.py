"""What can be offered: a protocol, zones and wishes become complete courses of real dates.

Here the three parts meet: the protocol says which sessions (`treatments.protocols`), the agenda says where each could be
(`bookings.availability`), the planner chooses the cheapest whole (`bookings.planner`). Nothing is stored.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from bookings import availability, planner
from bookings.models import Appointment, Course, Patient
from bookings.models.states import OPEN, UNDER_WAY
from bookings.planner import NoPlan, Plan, PlannedSession, SessionRule, Slot, Wishes
from bookings.refusals import (
    NoCourseFits,
    OutsideWindow,
    ProtocolChanged,
    SlotTaken,
    SlotUnavailable,
    TooManyZones,
)
from clinic import hours, timegrid
from clinic.models import Clinic, Resource
from treatments import protocols
from treatments.models import Phase, Protocol, ProtocolZone, Status, Visit
from treatments.protocols import ExpandedSession

SUGGEST_DAYS = 42  # how far ahead a first visit is suggested unasked
EXACT_RASTER = 5  # minutes: a posted time may be any tick, not only those we display


@dataclass(frozen=True, slots=True)
class CourseRequest:
    """What is asked for. `earliest`: no session that needs clearance before this local date.

    `patient` and `ignore_courses` (keys): whose other appointments count as busy, and whose claims count as free.
    `done`: local day (ordinal) and practitioner of the sessions that took place, by position. `running`: of a course the
    patient already has, which keeps its version of the protocol.
    """

    clinic: Clinic
    protocol: Protocol
    zones: tuple[ProtocolZone, ...]
    with_consultation: bool
    earliest: date | None = None
    wishes: Wishes = field(default_factory=Wishes)
    patient: Patient | None = None
    ignore_courses: tuple[int, ...] = ()
    done: Mapping[int, tuple[int, int]] = field(default_factory=dict)
    running: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """One possible start of a visit: `starts` is aware, in the clinic's zone."""

    slot: Slot
    starts: datetime
    practitioner: Resource
    cost: int


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A start worth showing first, and the wishes its course was planned with."""

    key: str
    offer: Offer
    wishes: Wishes


@dataclass(frozen=True, slots=True)
class ProposedSession:
    """One session of a proposal. Without a time, `reason` says why: "horizon" or "no_slot"."""

    position: int
    number: int
    label: str
    phase: Phase
    visit: Visit
    optional: bool
    recommended: bool
    target: date
    earliest: date
    latest: date
    slot: Slot | None
    starts: datetime | None
    ends: datetime | None
    practitioner: Resource | None
    reason: str | None
    minutes: int

    @property
    def distance(self) -> int:
        """Days from the ideal day; negative is earlier, 0 without a time."""
        return (self.starts.date() - self.target).days if self.starts else 0


@dataclass(frozen=True, slots=True)
class Proposal:
    request: CourseRequest
    plan: Plan
    sessions: tuple[ProposedSession, ...]

    @property
    def slots(self) -> dict[int, Slot]:
        """The slots by position, for the sessions that have one."""
        return {session.position: session.slot for session in self.sessions if session.slot}


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another time for one session; `moved` are the positions of the other sessions that would move with it."""

    offer: Offer
    moved: tuple[int, ...]


def with_consultation(protocol: Protocol, clinic: Clinic, patient: Patient | None, now: datetime) -> bool:
    """Whether a new course begins with the consultation: by default, unless a physician cleared it within 12 months."""
    if not clinic.consultation_first or not protocols.has_consultation(protocol):
        return False
    return patient is None or not Course.objects.cleared_for(patient, protocol, now)


def check(request: CourseRequest) -> None:
    """Raises ProtocolChanged or TooManyZones when the request itself cannot be booked."""
    if request.protocol.status != Status.PUBLISHED and not request.running:
        raise ProtocolChanged()
    check_zones(request.protocol, request.zones)


def check_zones(protocol: Protocol, zones: Sequence[ProtocolZone]) -> None:
    """Zones are the protocol's own, at least one where visits charge them, at most `max_zones`."""
    needed = any(visit.charges_zones for visit in protocol.visits.all())
    foreign = any(zone.protocol_id != protocol.pk for zone in zones)
    if foreign or len(zones) > protocol.max_zones or (needed and not zones):
        raise TooManyZones(zones=protocol.max_zones)


def slot_text(slot: Slot) -> str:
    """The form a slot has in addresses and forms: "<start tick>-<practitioner key>"."""
    return f"{slot.start}-{slot.lead}"


def parse_slot(text: str, clinic: Clinic) -> Slot:
    """The slot written by `slot_text`. Raises ValueError when the text is not one of this century."""
    start, lead = text.split("-")
    if not (start.isascii() and start.isdigit() and lead.isascii() and lead.isdigit() and len(start) < 9 and len(lead) < 19):
        raise ValueError("not a slot")
    return slot_at(int(start), int(lead), clinic)


def slot_at(tick: int, lead: int, clinic: Clinic) -> Slot:
    """The slot that starts at this tick with this practitioner."""
    local = timegrid.instant(tick).astimezone(clinic.zone)
    return Slot(day=local.date().toordinal(), lead=lead, start=tick, minute=local.hour * 60 + local.minute)


def appointment_slot(appointment: Appointment, clinic: Clinic) -> Slot:
    """The slot an appointment with a time stands on."""
    assert appointment.during is not None
    assert appointment.lead_id is not None
    return slot_at(timegrid.tick(appointment.during.lower), appointment.lead_id, clinic)


# Asking -----------------------------------------------------------------------------------------------------------


def first_offers(request: CourseRequest, *, start: date, end: date, now: datetime) -> list[Offer]:
    """Every first visit in [start, end), clinic-local days, from which the whole course fits; in order of time."""
    search = _search(request, start, now)
    between = (start.toordinal(), end.toordinal())
    found = planner.first_slots(search.rules, search.candidates, search.horizon, search.wishes, between)
    return search.offers(found)


def first_free(request: CourseRequest, *, now: datetime) -> Offer | None:
    """The earliest first visit from which the whole course fits, or None."""
    today = now.astimezone(request.clinic.zone).date()
    for start, end in _months(today, hours.horizon(request.clinic, today)):
        offers = first_offers(request, start=start, end=end, now=now)
        if offers:
            return offers[0]
    return None


def suggestions(request: CourseRequest, *, now: datetime) -> list[Suggestion]:
    """Up to three computed starts: "earliest", "regular" (one weekday, one hour), "evenings". What a key says is true of
    every session when the course is proposed with the suggestion's own wishes."""
    today = now.astimezone(request.clinic.zone).date()
    search = _search(request, today, now)
    between = (today.toordinal(), today.toordinal() + SUGGEST_DAYS)
    found = planner.proposals(search.rules, search.candidates, search.horizon, search.wishes, between)
    offers = search.offers([(item.slot, item.plan.cost) for item in found])
    return [Suggestion(item.key, offer, item.wishes) for item, offer in zip(found, offers, strict=True)]


def propose(request: CourseRequest, first: Slot, *, pins: Mapping[int, Slot] | None = None, now: datetime) -> Proposal:
    """The cheapest complete course from this first visit, with `pins` (slots by position) as they are.

    Raises NoCourseFits, OutsideWindow (a pin breaks the rhythm), SlotTaken or SlotUnavailable (a time is not free).
    """
    check(request)
    search = _search(request, date.fromordinal(first.day), now)
    return search.proposal(first, pins or {})


def exactly(request: CourseRequest, slots: Mapping[int, Slot], *, now: datetime) -> tuple[Proposal, "CourseSearch"]:
    """The course made of exactly these slots (by position), looking only at their days. Raises as `propose` does."""
    check(request)
    if not slots or 0 not in {*slots, *request.done}:
        raise SlotUnavailable()
    search = _search(
        request, date.fromordinal(min(slot.day for slot in slots.values())), now, days={slot.day for slot in slots.values()}
    )
    return search.proposal(slots.get(0), {position: slot for position, slot in slots.items() if position}), search


def alternatives(proposal: Proposal, position: int, *, now: datetime) -> list[Alternative]:
    """Other times for one session of a proposal, and which other sessions each would move; the mildest first."""
    slots = proposal.slots
    search = _search(proposal.request, date.fromordinal(min(slot.day for slot in slots.values())), now)
    found = planner.alternatives(
        search.rules, search.candidates, search.horizon, search.wishes, slots, position, done=proposal.request.done
    )
    offers = search.offers([(item.slot, item.cost) for item in found])
    return [Alternative(offer, item.moved) for item, offer in zip(found, offers, strict=True)]


def rearrange(request: CourseRequest, slots: Mapping[int, Slot], position: int, slot: Slot, *, now: datetime) -> Proposal:
    """The course on `slots` (by position) with one session on another slot; the others stay where they can.

    Raises as `propose` does.
    """
    keep = {other: kept for other, kept in slots.items() if other != position}
    search = _search(request, date.fromordinal(min(slot.day, *(kept.day for kept in slots.values()))), now)
    return search.proposal(slot if position == 0 else None, {position: slot} if position else {}, keep=keep)


def replan(
    course: Course, *, zones: Sequence[ProtocolZone] | None = None, earliest: date | None = None, now: datetime
) -> Proposal:
    """A running course planned anew from what has been done, moving as few sessions as possible, at the hour it had.

    With other `zones`, or no session that needs clearance before `earliest` (clinic-local). Raises as `propose` does.
    """
    request = request_of(course)
    hour = next((slot.minute for _, slot in sorted(stored_slots(course).items())), None)
    wishes = replace(request.wishes, hour_like=hour)
    request = replace(request, zones=request.zones if zones is None else tuple(zones), earliest=earliest, wishes=wishes)
    check_zones(request.protocol, request.zones)
    search = _search(request, now.astimezone(course.clinic.zone).date(), now)
    return search.proposal(None, {}, keep=_kept(course, request, now))


def _kept(course: Course, request: CourseRequest, now: datetime) -> dict[int, Slot]:
    """The slots of a course's open sessions that still serve `request`: long enough for its zones, not too early."""
    slots = stored_slots(course)
    if not slots or (request.earliest is None and set(request.zones) == set(course.zones.all())):
        return slots
    days = {slot.day for slot in slots.values()}
    search = _search(request, date.fromordinal(min(days)), now, days=days)
    return {position: slot for position, slot in slots.items() if search.found.offers(search.rules[position].visit, slot)}


# Courses that are stored ------------------------------------------------------------------------------------------


def request_of(course: Course) -> CourseRequest:
    """The request that a stored course answers; its own claims count as free."""
    done = course.appointments.filter(status__in=UNDER_WAY).select_related("lead")
    return CourseRequest(
        clinic=course.clinic,
        protocol=course.protocol,
        zones=tuple(course.zones.all()),
        with_consultation=course.with_consultation,
        patient=course.patient,
        ignore_courses=(course.pk,),
        done={item.position: (appointment_slot(item, course.clinic).day, item.lead_id or 0) for item in done},
        running=course.patient_id is not None,
    )


def stored_slots(course: Course) -> dict[int, Slot]:
    """The slots of a stored course's sessions still to come, by position."""
    coming = course.appointments.filter(status__in=OPEN, during__isnull=False)
    return {item.position: appointment_slot(item, course.clinic) for item in coming}


# The search behind every question ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CourseSearch:
    """One reading of the agenda for one request, and what the planner makes of it."""

    request: CourseRequest
    sessions: list[ExpandedSession]
    rules: list[SessionRule]
    shapes: dict[str, availability.VisitShape]
    found: availability.Search
    horizon: int
    wishes: Wishes
    now: datetime

    @property
    def candidates(self) -> Mapping[str, planner.Candidates]:
        return self.found.candidates

    def offers(self, priced: Sequence[tuple[Slot, int]]) -> list[Offer]:
        people = Resource.objects.select_related("practitioner").in_bulk({slot.lead for slot, _ in priced})
        zone = self.request.clinic.zone
        return [Offer(slot, timegrid.instant(slot.start).astimezone(zone), people[slot.lead], cost) for slot, cost in priced]

    def proposal(self, first: Slot | None, pins: Mapping[int, Slot], *, keep: Mapping[int, Slot] | None = None) -> Proposal:
        """The cheapest plan as sessions with dates; every pinned slot must be among the candidates."""
        self._check_free({**({0: first} if first else {}), **pins})
        try:
            plan = planner.plan(
                self.rules,
                self.candidates,
                self.horizon,
                self.wishes,
                first=first,
                pins=pins,
                keep=keep or {},
                done=self.request.done,
            )
        except NoPlan as error:
            if error.reason == "pinned":
                raise OutsideWindow() from error
            raise NoCourseFits(session=self.sessions[error.session_index].label) from error
        leads = Resource.objects.select_related("practitioner").in_bulk({item.slot.lead for item in plan.sessions if item.slot})
        dated = zip(self.sessions, plan.sessions, strict=True)
        return Proposal(self.request, plan, tuple(self._dated(session, item, leads) for session, item in dated))

    def needs(self, proposal: Proposal, prefer: Mapping[int, Collection[int]]) -> dict[int, list[availability.Wanted]]:
        """What each session with a time would claim, by position, with the resources in `prefer` (keys by position) where
        they can serve. Raises SlotTaken when nothing serves one."""
        needs = {}
        for session in proposal.sessions:
            if session.slot:
                wanted = self.found.wanted(session.visit.code, session.slot, prefer=prefer.get(session.position, ()))
                if wanted is None:
                    raise SlotTaken()
                needs[session.position] = wanted
        return needs

    def lost(self, proposal: Proposal, prefer: Mapping[int, Collection[int]], now: datetime) -> bool:
        """Looked at again, under the locks: whether anything this proposal needs is no longer free."""
        wanted = []
        for session in proposal.sessions:
            if session.slot:
                wanted += self.found.served(session.visit.code, session.slot, prefer=prefer.get(session.position, ()))
        return bool(availability.conflicts(self.request.clinic, wanted, now=now, ignore_courses=self.request.ignore_courses))

    def _check_free(self, slots: Mapping[int, Slot]) -> None:
        for position, slot in slots.items():
            if not 0 <= position < len(self.rules):
                raise OutsideWindow()
            if not self.found.offers(self.rules[position].visit, slot):
                raise self._why_not_free(slot, self.rules[position].visit)

    def _why_not_free(self, slot: Slot, visit: str) -> SlotTaken | SlotUnavailable:
        """Taken if only other claims stand in the way; unavailable if hours, notice or competence do."""
        day = date.fromordinal(slot.day)
        shapes, visits = list(self.shapes.values()), {item.visit.code: item.visit for item in self.sessions}
        hours_only = _availability(self.request, shapes, visits, day, day, self.now, days={slot.day}, claims=False)
        return SlotTaken() if hours_only.offers(visit, slot) else SlotUnavailable()

    def _dated(self, session: ExpandedSession, item: PlannedSession, leads: Mapping[int, Resource]) -> ProposedSession:
        minutes = self.shapes[session.visit.code].ticks * timegrid.TICK // 60
        starts = timegrid.instant(item.slot.start).astimezone(self.request.clinic.zone) if item.slot else None
        return ProposedSession(
            position=session.index,
            number=session.number,
            label=session.label,
            phase=session.phase,
            visit=session.visit,
            optional=session.optional,
            recommended=session.recommended,
            target=date.fromordinal(item.target),
            earliest=date.fromordinal(item.earliest),
            latest=date.fromordinal(item.latest),
            slot=item.slot,
            starts=starts,
            ends=starts + timedelta(minutes=minutes) if starts else None,
            practitioner=leads[item.slot.lead] if item.slot else None,
            reason=item.reason,
            minutes=minutes,
        )


def _search(request: CourseRequest, first_day: date, now: datetime, *, days: Collection[int] | None = None) -> CourseSearch:
    sessions = protocols.expand(
        request.protocol, reflection_days=request.clinic.reflection_days, with_consultation=request.with_consultation
    )
    visits = {session.visit.code: session.visit for session in sessions}
    shapes = {code: availability.shape(visit, request.zones) for code, visit in visits.items()}
    horizon = hours.horizon(request.clinic, now.astimezone(request.clinic.zone).date())
    return CourseSearch(
        request=request,
        sessions=sessions,
        rules=[_rule(session) for session in sessions],
        shapes=shapes,
        found=_availability(request, list(shapes.values()), visits, first_day, horizon, now, days=days),
        horizon=horizon.toordinal(),
        wishes=request.wishes,
        now=now,
    )


def _availability(
    request: CourseRequest,
    shapes: Sequence[availability.VisitShape],
    visits: Mapping[str, Visit],
    first_day: date,
    last_day: date,
    now: datetime,
    *,
    days: Collection[int] | None = None,
    claims: bool = True,
) -> availability.Search:
    """The possible starts; where only given days are looked at, every tick counts, not only the raster we display."""
    earliest = request.earliest
    return availability.search(
        request.clinic,
        shapes,
        first_day,
        last_day,
        now,
        days=days,
        ignore_courses=request.ignore_courses,
        patient=request.patient.pk if request.patient else None,
        not_before={code: earliest for code, visit in visits.items() if visit.needs_clearance} if earliest else {},
        raster_minutes=availability.RASTER_MINUTES if days is None else EXACT_RASTER,
        claims=claims,
    )


def _rule(session: ExpandedSession) -> SessionRule:
    return SessionRule(
        index=session.index,
        anchor=session.anchor,
        offset=session.offset,
        unit=session.unit,
        hard_min=session.hard_min,
        preferred_before=session.preferred_before,
        preferred_after=session.preferred_after,
        soft_max=session.soft_max,
        hard_max=session.hard_max,
        firm=session.firm,
        visit=session.visit.code,
        number=session.number,
        label=session.label,
    )


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """[first, last] cut into half-open stretches of four weeks."""
    while first <= last:
        yield first, min(first + timedelta(weeks=4), last + timedelta(days=1))
        first += timedelta(weeks=4)
