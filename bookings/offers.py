"""Dates kept for a patient until they answer: instead of one that cannot be, or for a session that has none yet.

- An offer is a time beside a session (status “proposed”), and claims what the session does not claim already: nobody else is
  given it, and the session stays as it is until the patient accepts. It never moves another session; where one would have
  to move, the team calls.
- Instead of a visit that cannot take place: the team proposes (`bookings.displaced` finds the place), the patient has the
  clinic's `reply_hours` to answer. For a session still planned: the worker proposes, ten weeks before it is due, with the
  practitioner and at the hour the course has; the patient has `first_reply_days`. Neither lasts into the clinic's notice.
- The patient accepts by a link, or reception for them, on the phone. Nobody answers: the time is free again by itself, and
  a task asks reception to call. No place found: a task as well. A session about which somebody is to call is not proposed.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from bookings import availability, booking, messages, placing, proposals, rescheduling
from bookings.availability import Wanted
from bookings.locking import lock_course
from bookings.messages import Move
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus, JournalEntry, Task
from bookings.models.states import UNDECIDED
from bookings.planner import Slot
from bookings.refusals import LostMeanwhile, NoPlaceLeft, OfferOver, PlanChanged, Refusal, SlotTaken, TooSoon, WrongState
from bookings.rounds import each
from clinic import hours, timegrid
from clinic.models import User

AHEAD = timedelta(weeks=10)  # how long before its ideal day a planned session is given a date
TIME_TO_ANSWER = timedelta(minutes=30)  # with less than this left, the team calls
SETTLED_FOR = timedelta(weeks=1)  # so long after reception has called, nothing is proposed by itself


# Offering -----------------------------------------------------------------------------------------------------------------


def offer(session: Appointment, slot: Slot, *, within: timedelta, by: User | None, now: datetime) -> Appointment:
    """Keep this slot for the session's patient for `within`, and write to them; an earlier offer for it gives way.

    Calls about it are settled by this. `session` as it was read: if it has changed since, PlanChanged is raised.

    Raises SlotTaken (not free, its own, or another session would have to move), TooSoon (too near to wait for an answer) or
    WrongState as well.
    """
    try:
        return booking.once(lambda: _offer(session, slot, within, by, now))
    except LostMeanwhile as lost:
        raise SlotTaken() from lost


def _offer(session: Appointment, slot: Slot, within: timedelta, by: User | None, now: datetime) -> Appointment:
    course = Course.objects.select_related("clinic", "patient").get(pk=session.course_id)
    if not leaves_time(session, slot, now):
        raise TooSoon()
    until = _reply_by(session, slot, now + within)
    if not _may_be_offered(course, session.position):
        raise WrongState()
    seen = proposals.standing(course, now)
    request = replace(proposals.request_of(course, seen), taken=placing.taken_by(course, but_for=session.position))
    found = proposals.alone(request, seen, session.position, now=now)
    if found is None or slot not in found[1] or slot == seen.slots.get(session.position):
        raise SlotTaken()
    search, visit = found[0], proposals.visits_of(request)[session.position]
    served = search.found.served(visit, slot)
    placing.make_way({item.resource for item in served}, course.pk, now)
    row = Appointment.objects.get(course=course, position=session.position)
    as_read = (row.status, row.during, row.lead_id) == (session.status, session.during, session.lead_id)
    if not as_read or proposals.standing(Course.objects.get(pk=course.pk), now) != seen:
        raise PlanChanged()
    placing.withdraw(course, row.position)
    if availability.conflicts(course.clinic, served, now=now, ignore_courses=(course.pk,)):
        raise LostMeanwhile()
    starts = timegrid.instant(slot.start)
    ends = starts + timedelta(seconds=search.shapes[visit].ticks * timegrid.TICK)
    kept = placing.keep(row, (starts, ends), slot.lead, search.found.wanted(visit, slot) or [], until)
    Task.objects.open_calls().filter(appointment=row).settle(by=by, now=now)
    JournalEntry.objects.record("proposed", course=course, appointment=row, at=now, by=by, starts=starts, until=until)
    messages.date_proposed(kept)
    return kept


def _may_be_offered(course: Course, position: int) -> bool:
    open_session = course.appointments.filter(position=position, status__in=UNDECIDED)
    return course.status == CourseStatus.BOOKED and open_session.exists()


def leaves_time(session: Appointment, slot: Slot, now: datetime) -> bool:
    """Whether both times are far enough from `now` (aware) to wait for an answer; nearer, somebody calls."""
    return _reply_by(session, slot, now + TIME_TO_ANSWER) == now + TIME_TO_ANSWER


def _reply_by(session: Appointment, slot: Slot, until: datetime) -> datetime:
    """Answers are waited for until then, and never into the notice the clinic needs, of the new time or of the one it replaces:
    if nobody answers, there must be time left to call."""
    first = min(timegrid.instant(slot.start), session.during.lower if session.during else timegrid.instant(slot.start))
    return min(until, first - timedelta(minutes=session.course.clinic.booking_notice_minutes))


# Answering ----------------------------------------------------------------------------------------------------------------


def accept(kept: Appointment, *, by: User, now: datetime) -> Course:
    """The session takes place at the time kept for it; the one it had is free. Accepting twice changes nothing.

    Raises OfferOver when it was not answered in time, was withdrawn, or cannot be had any more: then it is withdrawn, reception
    is to call, and the course stands as it was.
    """
    try:
        return booking.once(lambda: _accept(kept, by, now))
    except Refusal as refusal:
        with transaction.atomic():
            course = lock_course(kept.course_id)
            if Appointment.offers.filter(pk=kept.pk).exists():
                _withdraw(course, kept, by, now)
        raise OfferOver(phone=course.clinic.phone.as_national) from refusal


def _accept(kept: Appointment, by: User, now: datetime) -> Course:
    course = lock_course(kept.course_id)
    row = course.appointments.select_related("lead__practitioner", "phase").get(position=kept.position)
    if row.status == AppointmentStatus.BOOKED and (row.during, row.lead_id) == (kept.during, kept.lead_id):
        return course
    current = Appointment.offers.filter(pk=kept.pk, reply_by__gt=now).select_related("lead__practitioner").first()
    claims = _claims_now(course, current, now) if current else None
    if current is None or claims is None:
        raise OfferOver(phone=course.clinic.phone.as_national)
    move = Move(
        row.position,
        row.label,
        row.during.lower if row.during else None,
        current.during.lower,
        messages.name_of(row.lead),
        messages.name_of(current.lead),
    )
    placing.take(row, current, claims, now=now)
    seen = proposals.standing(course, now)
    placing.retarget(course, proposals.ideal_days(proposals.request_of(course, seen), seen.slots, now=now))
    booking.settle(course, [move], by=by, now=now)
    return course


def _claims_now(course: Course, kept: Appointment, now: datetime) -> list[Wanted] | None:
    """What the session would claim at the time kept for it, all of it kept; None where the course has changed meanwhile so
    that its windows no longer allow it, or who would serve is not there."""
    if not _may_be_offered(course, kept.position):
        return None
    seen, slot = proposals.standing(course, now), proposals.appointment_slot(kept, course.clinic)
    request = proposals.request_of(course, seen)
    if not proposals.goes_alone(request, seen, kept.position, slot.day):
        return None
    return proposals.claims_at(request, kept.position, slot, now=now, within=placing.claims_for(course, kept.position))


def withdraw(kept: Appointment, *, by: User, now: datetime) -> None:
    """The time is free again, and somebody calls about another: the patient is told so. The session stays as it is.
    Withdrawing twice changes nothing."""
    with transaction.atomic():
        course = lock_course(kept.course_id)
        if _withdraw(course, kept, by, now):
            messages.date_withdrawn(course, kept.during.lower)


def _withdraw(course: Course, kept: Appointment, by: User, now: datetime) -> bool:
    """Under the course's lock: whether it was still kept."""
    if not placing.withdraw(course, kept.position):
        return False
    row = course.appointments.get(position=kept.position)
    Task.objects.ensure(Task.Kind.CALL_BACK, course=course, appointment=row, due=now)
    JournalEntry.objects.record("withdrawn", course=course, appointment=row, at=now, by=by)
    return True


def call_me(kept: Appointment, *, now: datetime) -> None:
    """The patient would rather speak to somebody; the time is kept for them as long as before.

    Raises OfferOver when it is not kept any more.
    """
    with transaction.atomic():
        course = lock_course(kept.course_id)
        if not Appointment.offers.filter(pk=kept.pk, reply_by__gt=now).exists():
            raise OfferOver(phone=course.clinic.phone.as_national)
        row = course.appointments.get(position=kept.position)
        if not Task.objects.open().filter(kind=Task.Kind.CALL_BACK, appointment=row).exists():
            Task.objects.ensure(Task.Kind.CALL_BACK, course=course, appointment=row, due=now)
            JournalEntry.objects.record("wants_a_call", course=course, appointment=row, at=now, by=None)


def open_for(course: Course, now: datetime) -> list[Appointment]:
    """What is kept for this course at `now` (aware), as `paired` gives it."""
    if course.status != CourseStatus.BOOKED:
        return []
    kept = Appointment.offers.filter(course=course, reply_by__gt=now).select_related("phase", "lead__practitioner", "course")
    return paired(kept.order_by("during"))


def positions(courses: Sequence[Course], now: datetime) -> dict[int, set[int]]:
    """For which sessions of these courses (by key) a time is kept at `now` (aware). One query."""
    found: dict[int, set[int]] = {course.pk: set() for course in courses}
    for course, position in Appointment.offers.filter(course__in=found, reply_by__gt=now).values_list("course", "position"):
        found[course].add(position)
    return found


def paired(kept: QuerySet[Appointment]) -> list[Appointment]:
    """These offers, each with `instead_of`, the session it is for; not for a session that has begun meanwhile. Two queries."""
    rows = list(kept)
    sessions = Appointment.objects.filter(course__in={row.course_id for row in rows}, status__in=UNDECIDED)
    sessions = sessions.select_related("lead__practitioner")
    found = {(row.course_id, row.position): row for row in sessions} if rows else {}
    for row in rows:
        row.instead_of = found.get((row.course_id, row.position))  # type: ignore[attr-defined]
    return [row for row in rows if (row.course_id, row.position) in found]


# The worker -----------------------------------------------------------------------------------------------------------------


def lapse(now: datetime) -> int:
    """Free every time that was kept until `now` (aware), and ask reception to call; how many courses."""
    over = Appointment.offers.filter(reply_by__lte=now).order_by("course").values_list("course", flat=True).distinct()
    return each(over, lambda pk: _lapse(pk, now))


def _lapse(course_id: int, now: datetime) -> bool:
    with transaction.atomic():
        return placing.lapse(lock_course(course_id), now)


def offer_due(now: datetime) -> int:
    """Propose a date for each planned session that is due within ten weeks of `now` (aware); how many were dealt with."""
    return each(list(_due(now).values_list("pk", flat=True)), lambda pk: _offer_if_due(pk, now))


def _due(now: datetime) -> QuerySet[Appointment]:
    """Sessions without a date that nobody is to call about, and nothing is proposed for; the first of each course."""
    beside = {"course": OuterRef("course"), "position": OuterRef("position")}
    calls = Task.objects.filter(kind__in=Task.CALLS, course=OuterRef("course"), appointment__during=None)
    calls = calls.filter(Q(done_at=None) | Q(done_at__gt=now - SETTLED_FOR))
    before = Appointment.objects.filter(course=OuterRef("course"), position__lt=OuterRef("position"), during=None)
    rows: QuerySet[Appointment] = Appointment.objects.filter(
        status=AppointmentStatus.PLANNED, course__status=CourseStatus.BOOKED, target__lte=now.date() + AHEAD
    )
    rows = rows.exclude(Exists(Appointment.offers.filter(**beside))).exclude(Exists(calls))
    return rows.exclude(Exists(before.filter(status__in=UNDECIDED))).order_by("target", "pk")


def _offer_if_due(pk: int, now: datetime) -> bool:
    """The place the whole course's plan has for it, kept for the patient; else reception is asked to find one."""
    session = _due(now).filter(pk=pk).select_related("course__clinic").first()
    if session is None:  # somebody was quicker
        return False
    course, clinic = session.course, session.course.clinic
    today = now.astimezone(clinic.zone).date()
    if session.latest > hours.horizon(clinic, today) or session.target > today + AHEAD:
        return False
    try:
        slot = _planned_place(course, session.position, now)
        if slot is not None:
            offer(session, slot, within=timedelta(days=clinic.first_reply_days), by=None, now=now)
            return True
    except (SlotTaken, PlanChanged, WrongState):  # looked at again in the next round
        return False
    except Refusal:
        pass
    with transaction.atomic():
        course = lock_course(course.pk)
        if _may_be_offered(course, session.position) and not Appointment.objects.filter(pk=pk, during__isnull=False).exists():
            Task.objects.ensure(Task.Kind.NO_PLACE, course=course, appointment=session, due=now)
    return True


def _planned_place(course: Course, position: int, now: datetime) -> Slot | None:
    """Where the cheapest plan has this session, if no other has to move for it."""
    try:
        reflow = rescheduling.refill(course, now=now)
    except NoPlaceLeft:
        return None
    if any(change.before and change.moved for change in reflow.changes):
        return None
    return reflow.proposal.slots.get(position)
