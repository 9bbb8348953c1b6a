"""A date agreed to long before is confirmed once more.

- Agreed to more than twelve weeks before it comes: ten weeks before, the worker asks the patient whether it still holds, once
  for all dates of a course that are due (`models.appointment.confirmed_from`).
- The patient says yes on the page of the course, or chooses another date there, or asks to be called; reception says yes for
  them on the phone. Saying yes is agreeing anew: nothing else changes.
- Nobody answers within the clinic's `first_reply_days`: the date stays the patient's, and a task asks reception to call.
- Not asked while the visit cannot take place as booked, another date is proposed instead of it, or somebody is to call.
- Who has no e-mail address is called at once.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from bookings import displaced, messages
from bookings.locking import lock_course
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus, JournalEntry, Task
from bookings.models.appointment import CONFIRMED_AHEAD, FAR_AHEAD, AppointmentQuerySet
from bookings.refusals import PlanChanged
from bookings.rounds import each
from clinic.models import User

TO_REPLY = F("course__clinic__first_reply_days") * timedelta(days=1)


def confirm(course: Course, position: int, starts: datetime, *, by: User, now: datetime) -> None:
    """The patient comes at `starts` (aware). Confirming twice changes nothing.

    Raises PlanChanged when the session has another time by now, or none.
    """
    with transaction.atomic():
        course = lock_course(course.pk)
        visit = course.appointments.filter(position=position, status=AppointmentStatus.BOOKED).first()
        if visit is None or visit.during is None or visit.during.lower != starts:
            raise PlanChanged()
        if visit.confirmed_from is None:
            return
        visit.agreed_at, visit.asked_at = now, None
        visit.save(update_fields=["agreed_at", "asked_at"])
        Task.objects.open_calls().filter(appointment=visit).settle(by=by, now=now)
        JournalEntry.objects.record("reconfirmed", course=course, appointment=visit, at=now, by=by, starts=starts)


def call_me(visit: Appointment, *, now: datetime) -> None:
    """The patient would rather speak to somebody; the date stays theirs. Raises PlanChanged when nobody asks about it any more."""
    with transaction.atomic():
        course = lock_course(visit.course_id)
        visit = course.appointments.get(pk=visit.pk)
        if not visit.awaits_confirmation or course.status != CourseStatus.BOOKED:
            raise PlanChanged()
        if not Task.objects.open().filter(kind=Task.Kind.UNCONFIRMED, appointment=visit).exists():
            Task.objects.ensure(Task.Kind.UNCONFIRMED, course=course, appointment=visit, due=now)
            JournalEntry.objects.record("wants_a_call", course=course, appointment=visit, at=now, by=None)


# The worker -----------------------------------------------------------------------------------------------------------------


def ask_due(now: datetime) -> int:
    """Ask about every date whose time to be confirmed has come by `now` (aware); how many courses."""
    due = list(_due(now).select_related("course__clinic"))
    clinics = {visit.course.clinic for visit in due}
    cannot = {row.visit.pk for clinic in clinics for row in displaced.displaced(clinic, now)}
    courses = dict.fromkeys(visit.course_id for visit in due if visit.pk not in cannot)
    return each(courses, lambda pk: _ask(pk, cannot, now))


def _ask(course_id: int, cannot: Collection[int], now: datetime) -> bool:
    """`cannot`: visits (keys) that cannot take place as booked; they are given another date first."""
    with transaction.atomic():
        course = lock_course(course_id)
        assert course.patient is not None
        visits = [visit for visit in _due(now).filter(course=course) if visit.pk not in cannot]
        for visit in visits:
            visit.asked_at = now
            visit.save(update_fields=["asked_at"])
            JournalEntry.objects.record("asked_to_confirm", course=course, appointment=visit, at=now, starts=visit.during.lower)
            if not course.patient.email:
                Task.objects.ensure(Task.Kind.UNCONFIRMED, course=course, appointment=visit, due=now)
        if visits and course.patient.email:
            messages.dates_to_confirm(course, [visit.position for visit in visits])
        return bool(visits)


def _due(now: datetime) -> AppointmentQuerySet:
    beside = {"course": OuterRef("course"), "position": OuterRef("position")}
    rows = _far_ahead().filter(asked_at=None, during__startswith__lte=now + CONFIRMED_AHEAD)
    rows = rows.filter(during__startswith__gt=now + TO_REPLY)  # nearer, there is no time left to wait for an answer
    rows = rows.exclude(Exists(Appointment.offers.filter(**beside)))
    return rows.exclude(Exists(Task.objects.open().filter(appointment=OuterRef("pk"))))


def remind_reception(now: datetime) -> int:
    """A task for every date that was asked about and not confirmed in time, once; how many."""
    told = Task.objects.filter(kind=Task.Kind.UNCONFIRMED, appointment=OuterRef("pk"), due__gte=OuterRef("asked_at"))
    asked = _far_ahead().filter(asked_at__isnull=False, during__startswith__gt=now).exclude(Exists(told))
    over = asked.filter(asked_at__lte=now - TO_REPLY)
    return each(list(over.values_list("pk", flat=True)), lambda pk: _remind(pk, now))


def _remind(pk: int, now: datetime) -> bool:
    with transaction.atomic():
        course = lock_course(Appointment.objects.values_list("course", flat=True).get(pk=pk))
        visit = _far_ahead().filter(pk=pk, asked_at__isnull=False).first()
        if visit is None:  # answered a moment ago
            return False
        Task.objects.ensure(Task.Kind.UNCONFIRMED, course=course, appointment=visit, due=now)
        return True


def _far_ahead() -> AppointmentQuerySet:
    """Sessions agreed to long before they come."""
    rows: AppointmentQuerySet = Appointment.objects.filter(
        status=AppointmentStatus.BOOKED,
        course__status=CourseStatus.BOOKED,
        agreed_at__lt=F("during__startswith") - FAR_AHEAD,
    )
    return rows.order_by("course", "position")
