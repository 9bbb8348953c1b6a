"""Holding, confirming, changing and releasing whole courses.

- A course is stored whole or not at all: one transaction, every session and every claim.
- A hold lasts `clinic.hold_minutes`, can be prolonged once by 5 minutes, and never exceeds 30. It is taken only when the
  visitor asks for it; a visitor has one hold, a network address a few, the clinic a number for unidentified visitors.
- Claims are made and deleted in `bookings.placing` alone. Mail goes out after the commit.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import Case, F, Q, Value, When

from bookings import messages, placing, proposals, screening
from bookings.locking import lock_course, lock_holds, lock_patient
from bookings.messages import Move
from bookings.models import Appointment, AppointmentStatus, Claim, Clearance, Course, CourseStatus, JournalEntry, Patient, Task
from bookings.models.states import RUNNING, UNFINISHED
from bookings.planner import Slot
from bookings.proposals import CourseRequest, Proposal, Standing
from bookings.refusals import (
    AdultsOnly,
    AlreadyBooked,
    Blocked,
    ConsultationNeeded,
    HoldExpired,
    HoldNotExtendable,
    LostMeanwhile,
    PatientElsewhere,
    PlanChanged,
    Refusal,
    SlotTaken,
    TooEarly,
    TooManyHolds,
    WrongState,
)
from bookings.rounds import each
from clinic.models import Clinic, User
from treatments.models import Protocol
from treatments.regulation import is_adult

EXTENSION = timedelta(minutes=5)
LONGEST_HOLD = timedelta(minutes=30)
HOLDS_PER_NETWORK = 6  # mobile carriers put many visitors behind one address

# The constraint that said no, and what it means to the person who asked.
MEANINGS: dict[str, type[Refusal]] = {
    "a_resource_is_claimed_once_at_a_time": LostMeanwhile,
    "patient_in_one_place": PatientElsewhere,
    "one_running_course_per_patient_and_protocol": AlreadyBooked,
    "one_hold_per_visitor": LostMeanwhile,
}

T = TypeVar("T")


# Holding ----------------------------------------------------------------------------------------------------------


def hold(request: CourseRequest, first: Slot, pins: Mapping[int, Slot], *, visitor: str, network: str, now: datetime) -> Course:
    """Keep a whole course for this visitor; an earlier hold of theirs gives way. Asking twice keeps it once.

    Raises SlotTaken, SlotUnavailable, OutsideWindow, NoCourseFits, TooManyHolds, TooManyZones or ProtocolChanged;
    then nothing changed, and an earlier hold still stands.
    """
    return _twice(lambda: _hold(request, {0: first, **pins}, visitor, network, now))


def _hold(request: CourseRequest, slots: Mapping[int, Slot], visitor: str, network: str, now: datetime) -> Course:
    own = list(Course.objects.filter(status=CourseStatus.HELD, visitor=visitor))  # one that has run out gives way too
    current = [course for course in own if course.held_until and course.held_until > now]
    for course in current:
        if _is_the_same(course, request, slots):
            return course
    request = replace(request, ignore_courses=tuple(course.pk for course in own))
    proposal, needs = placing.claimable(request, slots, now, replaces=request.ignore_courses)
    if not current:
        lock_holds(request.clinic)
        _check_holds_left(request.clinic, network, now)
    course = Course(
        protocol=request.protocol,
        clinic=request.clinic,
        visitor=visitor,
        network=network,
        status=CourseStatus.HELD,
        held_at=now,
        held_until=now + timedelta(minutes=request.clinic.hold_minutes),
        with_consultation=request.with_consultation,
    )
    return placing.store(course, proposal, needs, now)


def extend(course: Course, *, now: datetime) -> Course:
    """Keep a held course 5 minutes longer, once, 30 minutes in all. Raises HoldExpired or HoldNotExtendable."""
    with transaction.atomic():
        course = _open_hold(course, now)
        assert course.held_at is not None
        assert course.held_until is not None
        first_end = course.held_at + timedelta(minutes=course.clinic.hold_minutes)
        until = min(first_end + EXTENSION, course.held_at + LONGEST_HOLD)
        if until <= course.held_until:
            raise HoldNotExtendable()
        course.held_until = until
        course.save(update_fields=["held_until"])
        Claim.objects.filter(appointment__course=course).update(held_until=until)
    return course


def release(course: Course, *, now: datetime, by: User | None = None) -> None:
    """Give a held course back; of a course no longer held nothing changes."""
    with transaction.atomic():
        course = lock_course(course.pk)
        if course.status == CourseStatus.HELD:
            placing.expire(course, now, verb="given back", by=by)


def sweep(now: datetime) -> int:
    """Release every hold whose time is over at `now` (aware); returns how many."""
    over = Course.objects.expired_holds(now).order_by("pk").values_list("pk", flat=True)
    return each(over, lambda pk: _expire_if_over(pk, now))


def _expire_if_over(course_id: int, now: datetime) -> bool:
    with transaction.atomic():
        return placing.expire_if_over(lock_course(course_id), now)


def change_session(course: Course, position: int, slot: Slot, *, now: datetime) -> Course:
    """Put one session of a held course on another slot; others follow only where they must. All or nothing.

    Raises HoldExpired, SlotTaken, SlotUnavailable, OutsideWindow or NoCourseFits; the hold then stands as it was.
    """

    def change() -> Course:
        held = Course.objects.get(pk=course.pk)
        _check_open(held, now)
        seen = proposals.standing(held, now)
        request, slots = proposals.request_of(held, seen), seen.slots
        moved = proposals.rearrange(request, slots, position, slot, now=now)
        stay = _unchanged(slots, moved.slots)
        proposal, needs = placing.claimable(request, moved.slots, now, stay=stay)
        held = _open_hold(held, now)
        if proposals.standing(held, now) != seen:  # another tab has changed a session meanwhile: plan again from there
            raise LostMeanwhile()
        placing.rearrange(held, proposal, needs, now=now, stay=stay)
        JournalEntry.objects.record("changed", course=held, at=now, position=position)
        return held

    return _twice(change)


# Confirming -------------------------------------------------------------------------------------------------------


def confirm(
    course: Course,
    patient: Patient,
    *,
    answers: screening.Answers | None,
    decision: screening.Decision,
    by: User | None,
    now: datetime,
    shown: Mapping[int, Slot] | None = None,
) -> Course:
    """Turn a held course into the patient's course. Confirming twice gives the same course.

    `answers` are stored encrypted, with the course or not at all. `shown` are the slots (by position) that were agreed to;
    if another window has exchanged one since, PlanChanged. Raises besides HoldExpired, Blocked, TooEarly, AdultsOnly,
    ConsultationNeeded, AlreadyBooked or PatientElsewhere; then the hold stands as it was.
    """
    return once(lambda: _confirm(course, patient, answers, decision, by, now, shown))


def book(
    request: CourseRequest,
    first: Slot,
    pins: Mapping[int, Slot],
    *,
    patient: Patient,
    answers: screening.Answers | None,
    decision: screening.Decision,
    by: User | None,
    now: datetime,
) -> Course:
    """Book a whole course at once, without a hold before. Raises what `hold` and `confirm` raise, TooManyHolds excepted."""

    def work() -> Course:
        proposal, needs = placing.claimable(request, {0: first, **pins}, now)
        course = Course(
            protocol=request.protocol,
            clinic=request.clinic,
            visitor=secrets.token_urlsafe(24),
            status=CourseStatus.HELD,
            held_at=now,
            held_until=now + EXTENSION,
            with_consultation=request.with_consultation,
        )
        return _confirm(placing.store(course, proposal, needs, now), patient, answers, decision, by, now)

    _check_patient(request.protocol, request.clinic, patient, request.with_consultation, now)
    return _twice(work)


def _confirm(
    course: Course,
    patient: Patient,
    answers: screening.Answers | None,
    decision: screening.Decision,
    by: User | None,
    now: datetime,
    shown: Mapping[int, Slot] | None = None,
) -> Course:
    read, course = course, lock_course(course.pk)
    if course.status not in (CourseStatus.HELD, CourseStatus.EXPIRED) and course.patient_id == patient.pk:
        return course
    course.clinic, course.protocol = (
        read.clinic,
        read.protocol,
    )  # a hold changes neither, and whoever has read them need not again
    _check_open(course, now)
    if shown is not None and proposals.stored_slots(course) != dict(shown):
        raise PlanChanged()
    lock_patient(patient.pk)
    _check_patient(course.protocol, course.clinic, patient, course.with_consultation, now)
    _check_decision(course, decision)
    _accept(course, patient, decision, now)
    booked = Case(When(status=AppointmentStatus.HELD, then=Value(AppointmentStatus.BOOKED.value)), default=F("status"))
    course.appointments.update(patient=patient, status=booked)
    Claim.objects.filter(appointment__course=course).update(held_until=None)
    if answers is not None:
        screening.store(course, answers, now)
    JournalEntry.objects.record("booked", course=course, at=now, by=by, clearance=course.clearance)
    messages.course_booked(course)
    return course


def _accept(course: Course, patient: Patient, decision: screening.Decision, now: datetime) -> None:
    """The held course becomes the patient's, with what the answers mean for its clearance."""
    course.patient, course.status, course.booked_at, course.informed_at = patient, CourseStatus.BOOKED, now, now
    course.held_until, course.visitor, course.network, course.not_before = None, "", "", decision.earliest
    needs_clearance = any(visit.needs_clearance for visit in course.protocol.visits.all())
    unknown = course.with_consultation or decision.review or not Course.objects.cleared_for(patient, course.protocol, now)
    if needs_clearance and unknown:
        course.clearance, course.review_due = Clearance.TO_REVIEW, _review_due(course, now)
    else:
        course.clearance, course.cleared_at = Clearance.CLEARED, now
    course.save()


def _review_due(course: Course, now: datetime) -> datetime:
    """When a physician must have decided: at the end of the consultation, else within the clinic's hours for it."""
    if course.with_consultation:
        consultation = course.appointments.get(position=0)
        assert consultation.during is not None
        due: datetime = consultation.during.upper
        return due
    return now + timedelta(hours=course.clinic.review_hours)


def _check_patient(protocol: Protocol, clinic: Clinic, patient: Patient, consulted_first: bool, now: datetime) -> None:
    """Adults only, one running course of a protocol, and the consultation first where it is needed."""
    today = now.astimezone(clinic.zone).date()
    if not is_adult(patient.birth_date, today):
        raise AdultsOnly()
    if Course.objects.running().of_same_protocol(patient, protocol).exists():
        raise AlreadyBooked()
    if not consulted_first and proposals.with_consultation(protocol, clinic, patient, now):
        raise ConsultationNeeded()


def _check_decision(course: Course, decision: screening.Decision) -> None:
    if decision.blocked:
        raise Blocked()
    if decision.earliest is None:
        return
    first = course.appointments.filter(phase__visit__needs_clearance=True, during__isnull=False).order_by("position").first()
    if first and _local_day(first, course.clinic) < decision.earliest:
        raise TooEarly(day=decision.earliest)


# Running courses --------------------------------------------------------------------------------------------------


def rebook(course: Course, proposal: Proposal, *, seen: Standing, by: User | None, now: datetime, reason: str = "") -> list[Move]:
    """Give the sessions to come of a running course the dates of `proposal`, all or none; equal ones stay untouched.

    `seen` is how the course stood when `proposal` was computed. Raises PlanChanged when it stands otherwise by now,
    WrongState when it has ended, SlotTaken when a date was lost meanwhile.
    """

    def work() -> list[Move]:
        _check_unchanged(Course.objects.get(pk=course.pk), seen, now)
        stay = _unchanged(seen.slots, proposal.slots) if seen.takes_the_same(proposal.request) else ()
        exact, needs = placing.claimable(proposal.request, proposal.slots, now, stay=stay) if proposal.slots else (proposal, {})
        running = lock_course(course.pk)
        _check_unchanged(running, seen, now)
        moves = placing.rearrange(running, exact, needs, now=now, stay=stay)
        running.zones.set(proposal.request.zones)
        running.protocol, running.not_before = proposal.request.protocol, proposal.request.earliest
        running.status, running.release_at = _running_or_over(running), None
        running.save(update_fields=["protocol", "not_before", "status", "release_at"])
        facts: dict[str, Any] = {"reason": reason}
        if running.protocol_id != seen.protocol:
            facts["protocol"] = running.protocol.name
        else:
            facts["left_out"] = sorted(proposal.request.dropped - seen.dropped)
            facts["taken_up"] = sorted(seen.dropped - proposal.request.dropped)
        settle(running, moves, by=by, now=now, **facts)
        return moves

    return _twice(work)


def settle(course: Course, moves: Sequence[Move], *, by: User | None, now: datetime, **facts: Any) -> None:
    """Sessions have other dates: the physician decides when the consultation now is, nobody needs to call about them any more,
    the journal knows, the patient is told. Inside a transaction that holds the course."""
    if course.review_due and course.with_consultation and any(move.position == 0 and move.after for move in moves):
        course.review_due = _review_due(course, now)
        course.save(update_fields=["review_due"])
    _close_calls(course, moves, by, now)
    JournalEntry.objects.record("replanned", course=course, at=now, by=by, moves=[asdict(move) for move in moves], **facts)
    messages.course_changed(course, moves)


def _check_unchanged(course: Course, seen: Standing, now: datetime) -> None:
    """Looked at before the search, for a clear answer, and again under the course's lock."""
    if course.status not in RUNNING:
        raise WrongState()
    if proposals.standing(course, now) != seen:
        raise PlanChanged()


def _close_calls(course: Course, moves: Sequence[Move], by: User | None, now: datetime) -> None:
    """Nobody needs to call any more about a session that has been given another date, or is left out. A call about one that
    keeps its date (proposed another, to be confirmed, the patient asked for it) stays."""
    settled = Q(appointment__position__in=[move.position for move in moves], appointment__during__isnull=False)
    calls = Task.objects.open_calls().filter(course=course)
    calls.filter(settled | Q(appointment__status=AppointmentStatus.SKIPPED)).settle(by=by, now=now)


def _running_or_over(course: Course) -> CourseStatus:
    """A course of which nothing is left, since its last session was dropped, is over."""
    return CourseStatus.BOOKED if course.appointments.filter(status__in=UNFINISHED).exists() else CourseStatus.COMPLETED


def end_course(course: Course, status: CourseStatus, *, by: User | None, now: datetime, reason: str = "") -> Course:
    """Free everything still to come of a booked course and leave it in `status`. Ending twice changes nothing.

    Raises WrongState when the course was never booked or has ended otherwise, or while a visit is under way.
    """
    with transaction.atomic():
        course = lock_course(course.pk)
        if course.status == status:
            return course
        under_way = course.appointments.filter(status__in=[AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS])
        if course.status not in RUNNING or under_way.exists():
            raise WrongState()
        moves = placing.free_course(course, after=now)
        Task.objects.open().filter(course=course).settle(by=by, now=now)
        course.status, course.release_at = status, None
        course.save(update_fields=["status", "release_at"])
        JournalEntry.objects.record(
            str(status), course=course, at=now, by=by, reason=reason, freed=[move.before for move in moves]
        )
        messages.course_ended(course, moves)
    return course


# How it is done ---------------------------------------------------------------------------------------------------


def once(work: Callable[[], T]) -> T:
    """Run `work` in a transaction; a constraint that says no becomes its refusal (`MEANINGS`)."""
    try:
        with transaction.atomic():
            return work()
    except IntegrityError as error:
        name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if name not in MEANINGS:
            raise
        raise MEANINGS[name]() from error


def _twice(work: Callable[[], T]) -> T:
    """Run `work`, and once more if something was lost to a neighbour in between. Raises SlotTaken if it is lost again."""
    try:
        return once(work)
    except LostMeanwhile:
        pass
    try:
        return once(work)
    except LostMeanwhile as lost:
        raise SlotTaken() from lost


def _is_the_same(course: Course, request: CourseRequest, slots: Mapping[int, Slot]) -> bool:
    """Whether this hold already answers the request: a double click, a reload."""
    return (
        course.protocol_id == request.protocol.pk
        and {zone.pk for zone in course.zones.all()} == {zone.pk for zone in request.zones}
        and proposals.stored_slots(course) == dict(slots)
    )


def _check_holds_left(clinic: Clinic, network: str, now: datetime) -> None:
    """A few holds per network address, and a number for the clinic, so that nobody can empty the calendar unseen."""
    holds = Course.objects.open_holds(now).filter(clinic=clinic)
    if holds.count() >= clinic.max_open_holds or (network and holds.filter(network=network).count() >= HOLDS_PER_NETWORK):
        raise TooManyHolds()


def _check_open(course: Course, now: datetime) -> None:
    if course.status != CourseStatus.HELD or course.held_until is None or course.held_until <= now:
        raise HoldExpired()


def _open_hold(course: Course, now: datetime) -> Course:
    """The course under its lock, still held at `now`. Raises HoldExpired."""
    course = lock_course(course.pk)
    _check_open(course, now)
    return course


def _unchanged(before: Mapping[int, Slot], after: Mapping[int, Slot]) -> list[int]:
    """The positions that keep their slot: what they claim they have, and nothing about it needs to be looked at again."""
    return [position for position, slot in after.items() if before.get(position) == slot]


def _local_day(row: Appointment, clinic: Clinic) -> date:
    assert row.during is not None
    day: date = row.during.lower.astimezone(clinic.zone).date()
    return day
