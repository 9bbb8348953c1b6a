"""A physician's yes, yes with changes, or no: without it no session with needling begins.

- Only physicians decide. A course waits for them after answers that need a look (due within the clinic's hours for it),
  or until its consultation, which decides by itself: there the quote is given and the days of reflection begin.
- Yes: the course stands. Yes with changes: other zones, or nothing before a date; the dates are planned anew from what
  has been done, shown before and after, and replaced all or none. No: everything still to come is released, free of
  charge, and the patient is told.
- Nobody decides twice; saying the same twice changes nothing.
- The reason of a no is one of a short list: reception reads the journal, and medical words have no place there.
- While a decision is overdue the slots stay; a task calls for a physician, nothing is freed silently.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from bookings import booking, messages, proposals, rescheduling, visits
from bookings.locking import lock_course
from bookings.messages import Move
from bookings.models import Appointment, AppointmentStatus, Clearance, Course, CourseStatus, JournalEntry, Task
from bookings.models.states import RUNNING, UNDER_WAY
from bookings.planner import Slot, Wishes
from bookings.refusals import (
    AlreadyDecided,
    ConsultationDecides,
    OnlyAPhysician,
    ProtocolChanged,
    SessionsBegun,
    UnderWayAlready,
    WrongState,
)
from bookings.rescheduling import Reflow
from bookings.rounds import each
from clinic.access import PHYSICIANS
from clinic.models import User
from treatments.models import Protocol, ProtocolZone

DOUBLE_CLICK_SECONDS = 30


class Outcome(models.TextChoices):
    CLEARED = "cleared", _("suitable: the course stands")
    CHANGED = "changed", _("suitable with changes")
    REFUSED = "refused", _("not suitable")


class Reason(models.TextChoices):
    """Why not, in words that reception may read."""

    NOT_SUITABLE = "not_suitable", _("not suitable")
    NOT_NOW = "not_now", _("not at present, to be looked at again")
    OTHER_CARE = "other_care", _("another care is advised")
    PATIENT = "patient", _("the patient prefers not to")


# Answers that a physician looks at ------------------------------------------------------------------------------------


def review(course: Course, *, accept: bool, by: User, now: datetime, reason: str = "") -> Course:
    """Decide on a patient's answers. A course that begins with a consultation can be refused, not accepted, before it.

    Raises OnlyAPhysician, AlreadyDecided, ConsultationDecides or WrongState.
    """
    _check_physician(by)
    with transaction.atomic():
        course = lock_course(course.pk)
        if course.clearance == (Clearance.CLEARED if accept else Clearance.REFUSED):
            return course
        _check_open(course)
        if not accept:
            return _refuse(course, by, now, reason)
        if course.with_consultation:
            raise ConsultationDecides()
        if course.clearance != Clearance.TO_REVIEW:
            raise WrongState()
        messages.course_cleared(course)
        return _clear(course, by, now)


# The outcome of the consultation --------------------------------------------------------------------------------------


def record_consultation(
    course: Course,
    outcome: str,
    *,
    by: User,
    now: datetime,
    protocol: Protocol | None = None,
    zones: Sequence[ProtocolZone] | None = None,
    earliest: date | None = None,
    reason: str = "",
    accepted: Mapping[int, Slot] | None = None,
) -> list[Move]:
    """Note what the consultation decided; it ends the consultation if that is still in progress. Returns what moved.

    With the outcome "changed": another `protocol` of the treatment and `zones` of it, or no session before `earliest`
    (clinic-local). With another protocol nothing is left out: what the patient left out was a session of the one before.
    `accepted` are the slots (by position) that were shown and agreed to; if they are no longer the plan, PlanChanged. A
    paused course stays paused.
    Raises besides OnlyAPhysician, AlreadyDecided, ConsultationDecides, WrongState, and what `plan_changes` and
    `rescheduling.apply` raise; then nothing has changed.
    """
    _check_physician(by)
    fresh = Course.objects.get(pk=course.pk)
    if _said_already(fresh, outcome, by, now):
        return []
    _check_open(fresh)
    if outcome == Outcome.CHANGED and fresh.status == CourseStatus.SUSPENDED:
        return _change_paused(course, by, now, protocol, zones, earliest)
    if outcome == Outcome.CHANGED:
        return _change(plan_changes(course, protocol=protocol, zones=zones, earliest=earliest, now=now), by, now, accepted)
    with transaction.atomic():
        course = lock_course(course.pk)
        _check_open(course)
        _end_consultation(course, by, now)
        _clear(course, by, now) if outcome == Outcome.CLEARED else _refuse(course, by, now, reason)
    return []


def plan_changes(
    course: Course,
    *,
    protocol: Protocol | None = None,
    zones: Sequence[ProtocolZone] | None = None,
    earliest: date | None = None,
    now: datetime,
) -> Reflow:
    """The course with these changes, before and after; what is None stays. Nothing is stored.

    Raises SessionsBegun for another protocol once a treatment session has begun, ProtocolChanged when it cannot be chosen,
    UnderWayAlready when the patient is being treated by it, and as `rescheduling.replanned` does.
    """
    seen = proposals.standing(course, now)
    request = proposals.request_of(course, seen)
    request = replace(request, zones=request.zones if zones is None else tuple(zones), earliest=earliest or request.earliest)
    if protocol is not None and protocol.pk != request.protocol.pk:
        _check_protocol(course, protocol, now)
        request = replace(request, protocol=protocol, dropped=frozenset(), put_off={}, wishes=Wishes())
    return rescheduling.replanned(course, seen, request, now=now)


def _check_protocol(course: Course, protocol: Protocol, now: datetime) -> None:
    """Another way to give the same treatment, while nothing but the consultation has taken place."""
    if not Protocol.objects.instead_of(course.protocol).filter(pk=protocol.pk).exists():
        raise ProtocolChanged()
    begun = course.appointments.filter(number__gt=0).filter(Q(status__in=UNDER_WAY) | Q(during__startswith__lte=now))
    if begun.exists():
        raise SessionsBegun()
    assert course.patient is not None
    if Course.objects.running().of_same_protocol(course.patient, protocol).exclude(pk=course.pk).exists():
        raise UnderWayAlready()


def _change(reflow: Reflow, by: User, now: datetime, accepted: Mapping[int, Slot] | None) -> list[Move]:
    """Resources are locked before the course (`booking.rebook`), so the course is looked at again after it."""
    with transaction.atomic():
        moves = rescheduling.apply(reflow, by=by, now=now, accepted=accepted)
        course = lock_course(reflow.course.pk)
        _check_open(course)
        _end_consultation(course, by, now)
        _clear(course, by, now)
    return moves


def _change_paused(
    course: Course,
    by: User,
    now: datetime,
    protocol: Protocol | None,
    zones: Sequence[ProtocolZone] | None,
    earliest: date | None,
) -> list[Move]:
    def work() -> list[Move]:
        paused = lock_course(course.pk)
        _check_open(paused)
        if protocol is not None and protocol.pk != paused.protocol_id:
            _check_protocol(paused, protocol, now)
        paused = rescheduling.change_paused(
            paused,
            protocol=protocol or paused.protocol,
            zones=list(paused.zones.all()) if zones is None else zones,
            not_before=earliest or paused.not_before,
            by=by,
            now=now,
        )
        _end_consultation(paused, by, now)
        _clear(paused, by, now)
        return []

    return booking.once(work)


def consultation_of(course: Course) -> Appointment | None:
    """The consultation of this course, if it has one that was neither missed nor cancelled."""
    gone = [AppointmentStatus.MISSED, AppointmentStatus.CANCELLED, AppointmentStatus.SKIPPED]
    return course.appointments.filter(phase__visit__is_consultation=True).exclude(status__in=gone).first()


def _end_consultation(course: Course, by: User, now: datetime) -> None:
    """The outcome is known once the patient has been seen; it ends the consultation."""
    consultation = consultation_of(course)
    if consultation is None or consultation.status not in UNDER_WAY or consultation.status == AppointmentStatus.ARRIVED:
        raise ConsultationDecides()
    if consultation.status == AppointmentStatus.IN_PROGRESS:
        visits.end(consultation, by=by, now=now)


# Both -----------------------------------------------------------------------------------------------------------------


def _check_physician(by: User) -> None:
    if by.role not in PHYSICIANS:
        raise OnlyAPhysician()


def _said_already(course: Course, outcome: str, by: User, now: datetime) -> bool:
    """Whether this is the second click on the same button. That dates changed is not visible afterwards: so by whom, and when."""
    if outcome == Outcome.CHANGED:
        moment = timedelta(seconds=DOUBLE_CLICK_SECONDS)
        return course.cleared_by_id == by.pk and course.cleared_at is not None and now - course.cleared_at < moment
    return course.clearance == (Clearance.CLEARED if outcome == Outcome.CLEARED else Clearance.REFUSED)


def _check_open(course: Course) -> None:
    """Under the course's lock: nobody has decided yet, and the course is still running."""
    if course.clearance in (Clearance.CLEARED, Clearance.REFUSED):
        raise AlreadyDecided()
    if course.status not in RUNNING:
        raise WrongState()


def _clear(course: Course, by: User, now: datetime) -> Course:
    course.clearance, course.review_due, course.cleared_at, course.cleared_by = Clearance.CLEARED, None, now, by
    course.save(update_fields=["clearance", "review_due", "cleared_at", "cleared_by"])
    JournalEntry.objects.record("cleared", course=course, at=now, by=by)
    _close_task(course, by, now)
    return course


def _refuse(course: Course, by: User, now: datetime, reason: str) -> Course:
    course.clearance, course.review_due = Clearance.REFUSED, None
    course.save(update_fields=["clearance", "review_due"])
    JournalEntry.objects.record("refused", course=course, at=now, by=by, reason=Reason(reason) if reason else "")
    _close_task(course, by, now)
    visits.send_home(course, by=by, now=now)
    return booking.end_course(course, CourseStatus.CANCELLED, by=by, now=now)


# Overdue decisions ----------------------------------------------------------------------------------------------------


def keep_overdue(now: datetime) -> int:
    """One open task for every decision that is due at `now` (aware), and none for any other; returns how many were opened.

    A consultation without a time is reception's to give one, and has its own task.
    """
    overdue = _overdue(now)
    tasks = Task.objects.open().filter(kind=Task.Kind.REVIEW_OVERDUE)
    tasks.exclude(course__in=overdue).settle(by=None, now=now)
    new = overdue.exclude(pk__in=tasks.values("course")).order_by("pk")
    return each(list(new.values_list("pk", flat=True)), lambda pk: _raise_if_overdue(pk, now))


def _overdue(now: datetime) -> QuerySet[Course]:
    without = [AppointmentStatus.MISSED, AppointmentStatus.PLANNED]
    undated = Appointment.objects.filter(course=OuterRef("pk"), phase__visit__is_consultation=True, status__in=without)
    return Course.objects.running().filter(clearance=Clearance.TO_REVIEW, review_due__lte=now).exclude(Exists(undated))


def _raise_if_overdue(course_id: int, now: datetime) -> bool:
    """Looked at again under the course's lock, so that a decision made meanwhile leaves no task behind."""
    with transaction.atomic():
        course = lock_course(course_id)
        if not _overdue(now).filter(pk=course.pk).exists():
            return False
        assert course.review_due is not None
        Task.objects.ensure(Task.Kind.REVIEW_OVERDUE, course=course, due=course.review_due)
        return True


def _close_task(course: Course, by: User, now: datetime) -> None:
    Task.objects.open().filter(course=course, kind=Task.Kind.REVIEW_OVERDUE).settle(by=by, now=now)
