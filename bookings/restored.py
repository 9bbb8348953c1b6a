"""Visits that could not take place as booked, and can after all.

Whoever has been asked about another date for one, or is waiting for a call about it, is told that the first date stands: the
date proposed is free again, and nobody needs to call. An absence that is taken back or ends early says which visits these are;
whatever else brings a visit back (a closure or a repair that ends sooner), the worker finds by the dates still kept.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from bookings import absences, displaced, messages, placing
from bookings.locking import lock_course
from bookings.models import Absence, Appointment, AppointmentStatus, CourseStatus, JournalEntry, Task
from bookings.rounds import each
from clinic.models import Clinic, User


def lift(absence: Absence, clinic: Clinic, *, by: User, now: datetime) -> int:
    """As `absences.lift`; how many patients are told that their first date stands."""
    before = _displaced(clinic, now)
    absences.lift(absence, now=now)
    return _tell(before - _displaced(clinic, now), by, now)


def tell(now: datetime) -> int:
    """For the worker: whoever is still asked about another date although the first one can be; how many patients are told."""
    told = 0
    for clinic in Clinic.objects.filter(courses__appointments__in=Appointment.offers.all()).distinct():
        told += _tell(asked(clinic, now) - _displaced(clinic, now), None, now)
    return told


def asked(clinic: Clinic, now: datetime) -> set[int]:
    """The visits to come (keys) instead of which a date is kept at `now` (aware)."""
    kept = Appointment.offers.filter(course__clinic=clinic, reply_by__gt=now).values_list("course", "position")
    pairs = set(kept)
    rows = Appointment.objects.filter(course__in={course for course, _ in pairs}, status=AppointmentStatus.BOOKED)
    found = rows.filter(during__startswith__gt=now).values_list("course", "position", "pk")
    return {key for course, position, key in found if (course, position) in pairs}


def _displaced(clinic: Clinic, now: datetime) -> set[int]:
    return {row.visit.pk for row in displaced.displaced(clinic, now)}


def _tell(visits: Iterable[int], by: User | None, now: datetime) -> int:
    courses = dict(Appointment.objects.filter(pk__in=visits).order_by("during").values_list("pk", "course"))
    return each(courses, lambda pk: _stands(pk, courses[pk], by, now))


def _stands(pk: int, course_id: int, by: User | None, now: datetime) -> bool:
    """Whether its patient was waiting for another date, and is told."""
    with transaction.atomic():
        course = lock_course(course_id)
        row = course.appointments.filter(pk=pk, status=AppointmentStatus.BOOKED).first()
        if row is None or row.during is None or course.status != CourseStatus.BOOKED:
            return False
        calls = Task.objects.open().filter(kind__in=Task.CALLS, appointment=row).settle(by=by, now=now)
        if not placing.withdraw(course, row.position) and not calls:
            return False
        JournalEntry.objects.record("stands", course=course, appointment=row, at=now, by=by)
        messages.date_stands(course, row.during.lower)
    return True
