"""Visits that could not take place as booked, and can after all.

Whoever has been asked about another date for one, or is waiting for a call about it, is told that the first date stands: the
date proposed is free again, and nobody needs to call. An absence that is taken back or ends early says which visits these are;
whatever else brings a visit back (a closure or a repair that ends sooner), the worker finds by the dates still kept.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from bookings import absences, displaced, messages, placing
from bookings.displaced import Displaced
from bookings.locking import lock_course
from bookings.models import Absence, Appointment, AppointmentStatus, CourseStatus, JournalEntry, Task
from bookings.models.task import TaskQuerySet
from bookings.rounds import each
from clinic.models import Clinic, User


def lift(absence: Absence, *, by: User, now: datetime) -> int:
    """As `absences.lift`; how many patients are told that their first date stands."""
    before = _displaced(now)
    absences.lift(absence, now=now)
    return _tell(before - _displaced(now), by, now)


def tell(now: datetime) -> int:
    """For the worker: whoever is still asked about another date although the first one can be; how many patients are told."""
    possible = set[int]()
    for clinic in Clinic.objects.filter(courses__appointments__in=Appointment.offers.all()).distinct():
        visits = asked(clinic, now)
        if visits:
            possible |= visits - displaced.missing(clinic, now, Appointment.objects.filter(pk__in=visits)).keys()
    return _tell(possible, None, now)


def asked(clinic: Clinic, now: datetime) -> set[int]:
    """The visits to come (keys) instead of which a date is kept at `now` (aware)."""
    kept = Appointment.offers.filter(course__clinic=clinic, reply_by__gt=now).values_list("course", "position")
    pairs = set(kept)
    rows = Appointment.objects.filter(course__in={course for course, _ in pairs}, status=AppointmentStatus.BOOKED)
    found = rows.filter(during__startswith__gt=now).values_list("course", "position", "pk")
    return {key for course, position, key in found if (course, position) in pairs}


def waiting(absence: Absence, clinic: Clinic, now: datetime) -> list[Displaced]:
    """The visits in the way of which this absence is, whose patients have been asked about another date, or wait for a call."""
    heard = asked(clinic, now) | set(_calls().values_list("appointment", flat=True))
    rows = [row for row in displaced.displaced(clinic, now) if row.visit.course.status == CourseStatus.BOOKED]
    return [row for row in rows if row.visit.pk in heard and _is_in_the_way(absence, row.visit)]


def waiting_elsewhere(absence: Absence, clinic: Clinic, now: datetime) -> int:
    """How many there are in other clinics, where the same person works."""
    return sum(len(waiting(absence, other, now)) for other in Clinic.objects.exclude(pk=clinic.pk))


def _is_in_the_way(absence: Absence, visit: Appointment) -> bool:
    away = absence.during
    claims = [claim.during for claim in visit.claims.all() if claim.resource_id == absence.resource_id]
    return any(during.lower < away.upper and away.lower < during.upper for during in claims)


def _calls() -> TaskQuerySet:
    """The calls about another date."""
    return Task.objects.open().filter(kind__in=Task.CALLS)


def _displaced(now: datetime) -> set[int]:
    """Somebody may work in more than one clinic."""
    return {row.visit.pk for clinic in Clinic.objects.all() for row in displaced.displaced(clinic, now)}


def _tell(visits: Iterable[int], by: User | None, now: datetime) -> int:
    courses = dict(Appointment.objects.filter(pk__in=visits).order_by("during").values_list("pk", "course"))
    return each(courses, lambda pk: _stands(pk, courses[pk], by, now))


def _stands(pk: int, course_id: int, by: User | None, now: datetime) -> bool:
    """Whether its patient was waiting for another date, and is told; looked at again, since others have been told meanwhile."""
    with transaction.atomic():
        course = lock_course(course_id)
        row = course.appointments.filter(pk=pk, status=AppointmentStatus.BOOKED).first()
        if row is None or row.during is None or course.status != CourseStatus.BOOKED:
            return False
        if displaced.missing(course.clinic, now, [row]):
            return False
        calls = _calls().filter(appointment=row).settle(by=by, now=now)
        if not placing.withdraw(course, row.position) and not calls:
            return False
        JournalEntry.objects.record("stands", course=course, appointment=row, at=now, by=by)
        messages.date_stands(course, row.during.lower)
    return True
