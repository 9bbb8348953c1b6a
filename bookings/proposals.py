"""What can be offered: a protocol, zones and wishes become complete courses of real dates.

Here the three parts meet: the protocol says which sessions (`treatments.protocols`), the agenda says where each could be
(`bookings.availability`), the planner chooses the cheapest whole (`bookings.planner`). Nothing is stored.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TypeVar

from bookings import availability, planner
from bookings.models import Appointment, AppointmentStatus, Course, Patient
from bookings.models.states import OPEN, UNDECIDED, UNDER_WAY
from bookings.planner import NoPlan, Plan, PlannedSession, SessionRule, Slot, Wishes
from bookings.refusals import (
    NoCourseFits,
    OutsideWindow,
    ProtocolChanged,
    Refusal,
    SlotTaken,
    SlotUnavailable,
    TooEarly,
    TooManyZones,
    TooSoon,
)
from clinic import hours, timegrid
from clinic.models import Clinic, Resource
from treatments import protocols
from treatments.models import Phase, Protocol, ProtocolZone, Status, Visit
from treatments.protocols import ExpandedSession

SUGGEST_DAYS = 42  # how far ahead a first visit is suggested unasked
NEAR = timedelta(days=28)  # how far from a lost first visit another one is looked for

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CourseRequest:
    """What is asked for. `earliest`: no session that needs clearance before this local date.

    `patient` and `ignore_courses` (keys): whose other appointments count as busy, and whose claims count as free.
    Of a course the patient already has (`running`: it keeps its version of the protocol), by position: `done`, the local
    day (ordinal) and practitioner of the sessions that have begun; `dropped`, those that never will; `put_off`, the day
    (ordinal) until which a pause has put a session off. `late` opens the windows to hard max. On the days (ordinals) in
    `shunned` nothing is offered, though a session may be put there when asked for. `taken` counts as claimed by others.
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
    dropped: frozenset[int] = frozenset()
    put_off: Mapping[int, int] = field(default_factory=dict)
    late: bool = False
    shunned: frozenset[int] = frozenset()
    taken: tuple[availability.Wanted, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How a stored course stands at a moment: two that are equal are one and the same to whoever plans it.

    By position: `slots` of the sessions to come, `done` and `put_off` as in `CourseRequest`; `noted` are those of `done` that
    somebody has noted to have begun.
    """

    status: str
    protocol: int
    zones: frozenset[int]
    not_before: date | None
    slots: Mapping[int, Slot]
    done: Mapping[int, tuple[int, int]]
    noted: frozenset[int]
    dropped: frozenset[int]
    put_off: Mapping[int, int]

    def takes_the_same(self, request: CourseRequest) -> bool:
        """Whether the visits of `request` are as long as these and need the same: what stays may keep what it claims."""
        return request.protocol.pk == self.protocol and {zone.pk for zone in request.zones} == self.zones


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
    put_off_to: date | None
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
    """Another time for one session, and the positions of the other sessions that would move with it (`moved`).

    `distance`: days from the ideal day; negative is earlier.
    """

    offer: Offer
    moved: tuple[int, ...]
    distance: int


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


def check_still_booked(request: CourseRequest) -> None:
    """Raises ProtocolChanged when its protocol has been archived since it was read; zones and visits are frozen once published."""
    if not request.running and not Protocol.objects.filter(pk=request.protocol.pk, status=Status.PUBLISHED).exists():
        raise ProtocolChanged()


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
    every session when the course is proposed with the suggestion's own wishes. They lie in the first six weeks in which a
    course can begin: from today, or from when an answer or a full agenda allows it."""
    today = now.astimezone(request.clinic.zone).date()
    search = _search(request, today, now)
    found = search.suggestions(today.toordinal())
    if not found and (first := first_free(request, now=now)):
        found = search.suggestions(first.slot.day)
    offers = search.offers([(item.slot, item.plan.cost) for item in found])
    return [Suggestion(item.key, offer, item.wishes) for item, offer in zip(found, offers, strict=True)]


def propose(request: CourseRequest, first: Slot, *, pins: Mapping[int, Slot] | None = None, now: datetime) -> Proposal:
    """The cheapest complete course from this first visit, with `pins` (slots by position) as they are.

    Raises NoCourseFits, OutsideWindow (a pin breaks the rhythm), SlotTaken or SlotUnavailable (a time is not free).
    """
    check(request)
    search = _search(request, date.fromordinal(first.day), now)
    return search.proposal(first, pins or {})


def nearest(request: CourseRequest, lost: Slot, *, now: datetime) -> Proposal | None:
    """The course whose first visit is nearest to the one that was lost, within four weeks; None where there is none."""
    today = now.astimezone(request.clinic.zone).date()
    day = max(date.fromordinal(lost.day), today)
    offers = first_offers(request, start=max(day - NEAR, today), end=day + NEAR, now=now)
    if not offers:
        return None
    first = min(offers, key=lambda offer: (abs(offer.slot.start - lost.start), offer.cost))
    try:
        return propose(request, first.slot, now=now)
    except Refusal:  # lost as well, while we looked
        return None


def exactly(
    request: CourseRequest, slots: Mapping[int, Slot], *, stay: Collection[int] = (), now: datetime
) -> tuple[Proposal, "CourseSearch"]:
    """The course made of exactly these slots (by position), looking only at their days. Raises as `propose` does.

    The sessions at the positions in `stay` have their slot already: it is not looked at again, however near or past.
    """
    check(request)
    if not slots or 0 not in {*slots, *request.done}:
        raise SlotUnavailable()
    new = {position: slot for position, slot in slots.items() if position not in stay}
    days = {slot.day for slot in new.values()}
    search = _search(request, date.fromordinal(min(days)) if days else now.astimezone(request.clinic.zone).date(), now, days=days)
    first, pins = new.get(0), {position: slot for position, slot in new.items() if position}
    proposal = search.proposal(first, pins, keep={position: slots[position] for position in stay if position in slots})
    if proposal.slots != dict(slots):
        raise OutsideWindow()
    return proposal, search


def alternatives(proposal: Proposal, position: int, *, anew: bool = False, now: datetime) -> list[Alternative]:
    """Other times for one session of a proposal that has a time, and which other sessions each would move; the mildest first.

    `anew`: with the time it has in the proposal, which nobody has chosen yet.
    """
    slots = {place: slot for place, slot in proposal.slots.items() if place != position or not anew}
    target = next(session.target for session in proposal.sessions if session.position == position)
    search = _search(proposal.request, now.astimezone(proposal.request.clinic.zone).date(), now)
    found = planner.alternatives(
        search.rules,
        search.candidates,
        search.horizon,
        search.wishes,
        search.placed(slots),
        search.places[position],
        done=search.placed(proposal.request.done),
        late=proposal.request.late,
    )
    offers = search.offers([(item.slot, item.cost) for item in found])
    moved = [tuple(search.sessions[place].index for place in item.moved) for item in found]
    return [Alternative(offer, others, (offer.starts.date() - target).days) for others, offer in zip(moved, offers, strict=True)]


def claims_at(
    request: CourseRequest,
    position: int,
    slot: Slot,
    *,
    now: datetime,
    within: Collection[availability.Wanted] | None = None,
) -> list[availability.Wanted] | None:
    """What a session would claim in this slot, where given nothing that lies not `within` these; None where that is not possible."""
    found = _search(request, date.fromordinal(slot.day), now, days={slot.day}).found
    return (found if within is None else found.within(within)).wanted(visits_of(request)[position], slot)


def alone(request: CourseRequest, seen: Standing, position: int, *, now: datetime) -> tuple["CourseSearch", list[Slot]] | None:
    """Every slot of a session (the team's windows, up to hard max) for which no other session of the course has to move, and
    the search that found them; None where one of those it is counted from has no date, or no day would do."""
    held = _days_alone(request, seen, position, now)
    if not held:
        return None
    search = _search(request, date.fromordinal(min(held)), now, days=held)
    return search, search.candidates[visits_of(request)[position]].slots()


def goes_alone(request: CourseRequest, seen: Standing, position: int, day: int) -> bool:
    """Whether a session may be on this day (ordinal) while all others stay where they are: the windows, up to hard max."""
    return day in _windows_alone(request, seen, position, range(day, day + 1))


def _days_alone(request: CourseRequest, seen: Standing, position: int, now: datetime) -> set[int]:
    today = now.astimezone(request.clinic.zone).date().toordinal()
    return _windows_alone(request, seen, position, range(today, max(today, stands(seen).get(position, today)) + SUGGEST_DAYS))


def _windows_alone(request: CourseRequest, seen: Standing, position: int, first_days: range) -> set[int]:
    """The days (ordinals) on which a session may be while all others stay; of the first session those among `first_days`."""
    sessions = _sessions(request)
    rules, places = _rules(sessions, request), {session.index: place for place, session in enumerate(sessions)}
    rule, days_of = rules[places[position]], {places[key]: day for key, day in stands(seen).items() if key in places}
    above = rule.anchor
    while above is not None:
        if above not in days_of:
            return set()
        above = rules[above].anchor
    days = first_days
    if rule.anchor is not None:
        target, allowed = planner.target_day(days_of[rule.anchor], rule.offset, rule.unit), planner.window(rule, late=True)
        days = range(target + allowed.start, target + allowed.stop)
    following = [child for child in rules if child.anchor == rule.index and child.index in days_of]
    earliest = request.wishes.earliest or 0
    return {day for day in days if day >= earliest and all(_holds(child, day, days_of[child.index]) for child in following)}


def ideal_days(request: CourseRequest, slots: Mapping[int, Slot], *, now: datetime) -> Proposal:
    """The course on these slots (by position) and with no other date: each session with its ideal day and window."""
    search = _search(replace(request, late=True), now.astimezone(request.clinic.zone).date(), now, days=())
    return replace(search, horizon=0).proposal(None, {}, keep=slots)


def stands(seen: Standing) -> dict[int, int]:
    """The day (ordinal) of every session that has one, by position."""
    return {**{place: day for place, (day, _) in seen.done.items()}, **{place: slot.day for place, slot in seen.slots.items()}}


def _holds(rule: SessionRule, anchor: int, day: int) -> bool:
    """Whether a session may stay on its day when the one it is counted from is on `anchor` (ordinals)."""
    return day - planner.target_day(anchor, rule.offset, rule.unit) in planner.window(rule, late=True)


def agenda_at(request: CourseRequest, slot: Slot, *, now: datetime, claims: bool) -> availability.Search:
    """The agenda of one day for the visits of the request; without `claims` only who is there counts."""
    day = date.fromordinal(slot.day)
    visits = {session.visit.code: session.visit for session in _sessions(request)}
    shapes = [availability.shape(visit, request.zones) for visit in visits.values()]
    return _availability(request, shapes, visits, day, day, now, days={slot.day}, claims=claims)


def look(request: CourseRequest, *, now: datetime) -> "CourseSearch":
    """The whole agenda from today on, as the request sees it."""
    return _search(request, now.astimezone(request.clinic.zone).date(), now)


def visits_of(request: CourseRequest) -> dict[int, str]:
    """The code of each session's visit, by position."""
    return {session.index: session.visit.code for session in _sessions(request)}


def rule_of(request: CourseRequest, position: int) -> tuple[SessionRule, int | None]:
    """How the planner counts one session, and the position it is counted from."""
    sessions = _sessions(request)
    place = next(place for place, session in enumerate(sessions) if session.index == position)
    return _rules(sessions, request)[place], sessions[place].anchor


def longest_wait(request: CourseRequest) -> int:
    """Days from the first visit to the last day on which what is counted from it first may be (soft max)."""
    rule, _anchor = rule_of(request, 1)
    return planner.target_day(1, rule.offset, rule.unit) - 1 + rule.soft_max


def rearrange(request: CourseRequest, slots: Mapping[int, Slot], position: int, slot: Slot, *, now: datetime) -> Proposal:
    """The course on `slots` (by position) with one session on another slot; the others stay where they can.

    Raises as `propose` does.
    """
    keep = {other: kept for other, kept in slots.items() if other != position}
    search = _search(request, date.fromordinal(min(slot.day, *(kept.day for kept in slots.values()))), now)
    return search.proposal(slot if position == 0 else None, {position: slot} if position else {}, keep=keep)


def replan(
    course: Course,
    seen: Standing,
    request: CourseRequest,
    *,
    pins: Mapping[int, Slot] | None = None,
    settled: Mapping[int, Slot] | None = None,
    now: datetime,
) -> Proposal:
    """A running course, as it was `seen`, planned anew by `request` from what has begun, moving as few sessions as possible.

    `request` is `request_of(course, seen)` with what is to change; `pins` are sessions (by position) on given slots,
    `settled` those that must stay. What has no time yet gets one, at the hour the course had. Raises as `propose` does.
    """
    pins, settled = pins or {}, settled or {}
    wishes = replace(request.wishes, hour_like=_hour_of(course, seen.slots))
    request = replace(request, wishes=wishes)
    check_zones(request.protocol, request.zones)
    search = _search(request, now.astimezone(course.clinic.zone).date(), now)
    kept = _kept(seen, request, now)
    keep = {position: slot for position, slot in kept.items() if position not in {*pins, *settled}}
    others = {position: slot for position, slot in pins.items() if position}
    return search.proposal(pins.get(0), others, keep=keep, settled=settled)


def undated(request: CourseRequest, *, now: datetime) -> Proposal:
    """The sessions of a course without a time for any: each with its ideal day, counted from that of the one before it."""
    search = _search(request, now.astimezone(request.clinic.zone).date(), now, days=())
    return replace(search, horizon=0).proposal(None, {})


def _hour_of(course: Course, held: Mapping[int, Slot]) -> int | None:
    """The local minute of the day at which the course takes place: that of its next session, else of the last one done."""
    if held:
        return held[min(held)].minute
    last = course.appointments.filter(during__isnull=False).order_by("position").last()
    return appointment_slot(last, course.clinic).minute if last else None


def _kept(seen: Standing, request: CourseRequest, now: datetime) -> Mapping[int, Slot]:
    """Those of the slots held that still serve `request`: long enough for its zones, not too early."""
    held = {position: slot for position, slot in seen.slots.items() if slot.day >= (request.wishes.earliest or 0)}
    if not held or (seen.takes_the_same(request) and request.earliest == seen.not_before):
        return held
    days = {slot.day for slot in held.values()}
    search = _search(request, date.fromordinal(min(days)), now, days=days)
    return {position: slot for position, slot in held.items() if search.serves(position, slot)}


# Courses that are stored ------------------------------------------------------------------------------------------


def standing(course: Course, now: datetime) -> Standing:
    """How this course stands at `now`. A visit that has begun is no longer to come, whether or not anybody has noted it."""
    rows = list(course.appointments.all())
    begun = [row for row in rows if row.status in UNDER_WAY or (row.status in OPEN and row.has_begun(now))]
    done = {row.position: appointment_slot(row, course.clinic) for row in begun}
    held = {row.position: appointment_slot(row, course.clinic) for row in rows if row.status in OPEN and row.during}
    return Standing(
        status=course.status,
        protocol=course.protocol_id,
        zones=frozenset(zone.pk for zone in course.zones.all()),
        not_before=course.not_before,
        slots={position: slot for position, slot in held.items() if position not in done},
        done={position: (slot.day, slot.lead) for position, slot in done.items()},
        noted=frozenset(row.position for row in rows if row.status in UNDER_WAY),
        dropped=frozenset(row.position for row in rows if row.status == AppointmentStatus.SKIPPED),
        put_off={row.position: row.put_off_to.toordinal() for row in rows if row.put_off_to and _is_to_come(row, done)},
    )


def _is_to_come(row: Appointment, done: Mapping[int, Slot]) -> bool:
    return row.status in UNDECIDED and row.position not in done


def request_of(course: Course, seen: Standing, protocol: Protocol | None = None) -> CourseRequest:
    """The request that a stored course, as it was `seen`, answers; its own claims count as free. `protocol` spares reading
    the course's own again, `with_parts()`."""
    return CourseRequest(
        clinic=course.clinic,
        protocol=protocol or Protocol.objects.with_parts().get(pk=course.protocol_id),
        zones=tuple(course.zones.all()),
        with_consultation=course.with_consultation,
        earliest=seen.not_before,
        patient=course.patient,
        ignore_courses=(course.pk,),
        done=seen.done,
        running=course.patient_id is not None,
        dropped=seen.dropped,
        put_off=seen.put_off,
        wishes=Wishes(earliest=seen.put_off.get(0)),  # nothing before the first visit, when a pause has put that off
    )


def stored_slots(course: Course) -> dict[int, Slot]:
    """The slots of a stored course's sessions that nobody has noted as begun, by position."""
    coming = course.appointments.filter(status__in=OPEN, during__isnull=False)
    return {item.position: appointment_slot(item, course.clinic) for item in coming}


def anchors(request: CourseRequest) -> dict[int, int | None]:
    """The position each session of the course is counted from, by position; None for the first."""
    return {session.index: session.anchor for session in _sessions(request)}


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
        offered, shunned = self.found.candidates, self.request.shunned
        return {visit: slots.without(shunned) for visit, slots in offered.items()} if shunned else offered

    @property
    def places(self) -> dict[int, int]:
        """The place of each position among the sessions: the planner counts without those that were dropped."""
        return {session.index: place for place, session in enumerate(self.sessions)}

    def placed(self, by_position: Mapping[int, T]) -> dict[int, T]:
        """The same by place; what is said of dropped sessions is left out."""
        return {self.places[position]: value for position, value in by_position.items() if position in self.places}

    def on_offer(self, position: int) -> planner.Candidates:
        """Every slot this session could have, whatever its rhythm says."""
        return self.candidates[self.rules[self.places[position]].visit]

    def on_other_days(self, slots: Mapping[int, Slot], position: int, days: range) -> planner.Instead | None:
        """As `planner.on_other_days`, of one session of the course on these slots (by position); None where the first visit has
        neither taken place nor a date."""
        if 0 not in slots and 0 not in self.request.done:
            return None
        return planner.on_other_days(
            self.rules,
            self.candidates,
            self.horizon,
            self.wishes,
            self.placed(slots),
            self.places[position],
            days,
            self.placed(self.request.done),
        )

    def serves(self, position: int, slot: Slot) -> bool:
        """Whether this session could be at that time."""
        return position in self.places and self.found.offers(self.rules[self.places[position]].visit, slot)

    def suggestions(self, first_day: int) -> list[planner.Proposal]:
        """The planner's suggestions that begin within six weeks of this day (ordinal)."""
        between = (first_day, first_day + SUGGEST_DAYS)
        return planner.proposals(self.rules, self.candidates, self.horizon, self.wishes, between)

    def offers(self, priced: Sequence[tuple[Slot, int]]) -> list[Offer]:
        people = Resource.objects.select_related("practitioner").in_bulk({slot.lead for slot, _ in priced})
        zone = self.request.clinic.zone
        return [Offer(slot, timegrid.instant(slot.start).astimezone(zone), people[slot.lead], cost) for slot, cost in priced]

    def proposal(
        self,
        first: Slot | None,
        pins: Mapping[int, Slot],
        *,
        keep: Mapping[int, Slot] | None = None,
        settled: Mapping[int, Slot] | None = None,
    ) -> Proposal:
        """The cheapest plan as sessions with dates. Every pinned slot must be among the candidates; those in `settled` are
        pinned too, wherever they lie."""
        self._check_free({**({0: first} if first else {}), **pins})
        try:
            plan = planner.plan(
                self.rules,
                self.candidates,
                self.horizon,
                self.wishes,
                first=first,
                pins=self.placed({**(settled or {}), **pins}),
                keep=self.placed(keep or {}),
                done=self.placed(self.request.done),
                late=self.request.late,
            )
        except NoPlan as error:
            if error.reason == "pinned":
                raise OutsideWindow() from error
            failed = self.sessions[error.session_index]
            raise NoCourseFits(session=failed.label, position=failed.index) from error
        leads = Resource.objects.select_related("practitioner").in_bulk({item.slot.lead for item in plan.sessions if item.slot})
        dated = zip(self.sessions, plan.sessions, strict=True)
        return Proposal(self.request, plan, tuple(self._dated(session, item, leads) for session, item in dated))

    def needs(
        self, proposal: Proposal, prefer: Mapping[int, Collection[int]], stay: Collection[int]
    ) -> dict[int, list[availability.Wanted]]:
        """What each session with a time would claim, by position, with the resources in `prefer` (keys by position) where
        they can serve; those that `stay` claim nothing anew. Raises SlotTaken when nothing serves one."""
        needs = {}
        for session in proposal.sessions:
            if session.slot and session.position not in stay:
                wanted = self.found.wanted(session.visit.code, session.slot, prefer=prefer.get(session.position, ()))
                if wanted is None:
                    raise SlotTaken()
                needs[session.position] = wanted
        return needs

    def lost(self, proposal: Proposal, prefer: Mapping[int, Collection[int]], stay: Collection[int], now: datetime) -> set[int]:
        """Looked at again, under the locks: the resources (keys) this proposal needs that are no longer free."""
        wanted = []
        for session in proposal.sessions:
            if session.slot and session.position not in stay:
                wanted += self.found.served(session.visit.code, session.slot, prefer=prefer.get(session.position, ()))
        found = availability.conflicts(self.request.clinic, wanted, now=now, ignore_courses=self.request.ignore_courses)
        return {item.resource for item in found}

    def _check_free(self, slots: Mapping[int, Slot]) -> None:
        for position, slot in slots.items():
            if position not in self.places:
                raise OutsideWindow()
            if not self.serves(position, slot):
                raise self._why_not_free(slot, self.rules[self.places[position]].visit)

    def _why_not_free(self, slot: Slot, visit: str) -> Refusal:
        """Taken if only other claims stand in the way; too soon if it is past the notice; unavailable if hours or competence do."""
        if timegrid.instant(slot.start) < self.now + timedelta(minutes=self.request.clinic.booking_notice_minutes):
            return TooSoon()
        day = date.fromordinal(slot.day)
        shapes, visits = list(self.shapes.values()), {item.visit.code: item.visit for item in self.sessions}
        earliest = self.request.earliest
        if earliest and day < earliest and visits[visit].needs_clearance:
            return TooEarly(day=earliest)
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
            put_off_to=date.fromordinal(put_off) if (put_off := self.request.put_off.get(session.index)) else None,
            slot=item.slot,
            starts=starts,
            ends=starts + timedelta(minutes=minutes) if starts else None,
            practitioner=leads[item.slot.lead] if item.slot else None,
            reason=item.reason,
            minutes=minutes,
        )


def _search(request: CourseRequest, first_day: date, now: datetime, *, days: Collection[int] | None = None) -> CourseSearch:
    sessions = _sessions(request)
    visits = {session.visit.code: session.visit for session in sessions}
    shapes = {code: availability.shape(visit, request.zones) for code, visit in visits.items()}
    horizon = hours.horizon(request.clinic, now.astimezone(request.clinic.zone).date())
    return CourseSearch(
        request=request,
        sessions=sessions,
        rules=_rules(sessions, request),
        shapes=shapes,
        found=_availability(request, list(shapes.values()), visits, first_day, horizon, now, days=days),
        horizon=horizon.toordinal(),
        wishes=request.wishes,
        now=now,
    )


def _sessions(request: CourseRequest) -> list[ExpandedSession]:
    sessions = protocols.expand(
        request.protocol, reflection_days=request.clinic.reflection_days, with_consultation=request.with_consultation
    )
    return protocols.without(sessions, request.dropped)


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
    """The possible starts, from the first day the request allows."""
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
        claims=claims,
        taken=request.taken,
    )


def _rules(sessions: Sequence[ExpandedSession], request: CourseRequest) -> list[SessionRule]:
    """The sessions as the planner counts them, from 0 without a gap."""
    places = {session.index: place for place, session in enumerate(sessions)}
    return [_rule(session, places, request) for session in sessions]


def _rule(session: ExpandedSession, places: Mapping[int, int], request: CourseRequest) -> SessionRule:
    put_off = _put_off_by(session, request)
    return SessionRule(
        index=places[session.index],
        anchor=None if session.anchor is None else places[session.anchor],
        offset=put_off or session.offset,
        unit="days" if put_off else session.unit,
        hard_min=0 if put_off else session.hard_min,
        preferred_before=0 if put_off else session.preferred_before,
        preferred_after=session.preferred_after,
        soft_max=session.soft_max,
        hard_max=session.hard_max,
        firm=session.firm,
        visit=session.visit.code,
        number=session.number,
        label=session.label,
    )


def _put_off_by(session: ExpandedSession, request: CourseRequest) -> int | None:
    """Days from an anchor that is done to the ideal day, where a pause has put that off; never before it then."""
    anchor, day = request.done.get(session.anchor or 0), request.put_off.get(session.index)
    if anchor is None or session.anchor is None or day is None:
        return None
    return day - anchor[0] if day > planner.target_day(anchor[0], session.offset, session.unit) else None


def _months(first: date, last: date) -> Iterator[tuple[date, date]]:
    """[first, last] cut into half-open stretches of four weeks."""
    while first <= last:
        yield first, min(first + timedelta(weeks=4), last + timedelta(days=1))
        first += timedelta(weeks=4)
