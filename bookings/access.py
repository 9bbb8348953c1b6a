"""Who may touch which row: every view fetches its courses and appointments here.

“Not yours” and “does not exist” are the same answer, 404, so that nobody learns which rows there are.
A visitor without a log-in reaches only the course their own browser holds; a patient the courses of the files their
log-in reaches; staff those of their clinic.
"""

import secrets
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from bookings.models import Absence, Appointment, Course, CourseStatus, Patient, Task
from bookings.models.appointment import AppointmentQuerySet
from bookings.models.course import CourseQuerySet
from bookings.models.patient import PatientQuerySet
from clinic.models import Resource, User

VISITOR_KEY = "visitor"  # session: random token of the browser that holds a course
HOLDS_KEY = "holds"  # session: uuids of the last courses this browser held; an ended hold no longer knows its visitor
HOLDS_REMEMBERED = 5


def visitor_token(request: HttpRequest) -> str:
    """The random token of this browser, made the first time it is needed (that is: to hold a course)."""
    if VISITOR_KEY not in request.session:
        request.session[VISITOR_KEY] = secrets.token_urlsafe(32)
    return str(request.session[VISITOR_KEY])


def own_holds(request: HttpRequest, now: datetime) -> CourseQuerySet:
    """The course this browser holds at `now`, if it holds one."""
    return Course.objects.open_holds(now).filter(visitor=request.session.get(VISITOR_KEY) or None)


def remember_hold(request: HttpRequest, course: Course) -> None:
    """So that this browser can still be told that its hold has ended."""
    others = [uuid for uuid in request.session.get(HOLDS_KEY, []) if uuid != str(course.uuid)]
    request.session[HOLDS_KEY] = [*others, str(course.uuid)][-HOLDS_REMEMBERED:]


def held_course_or_404(request: HttpRequest, uuid: UUID) -> Course:
    """The course this browser holds, held, or what has become of it: ended, or confirmed by this log-in."""
    mine = Q(status=CourseStatus.HELD, visitor=request.session.get(VISITOR_KEY) or None)
    if str(uuid) in request.session.get(HOLDS_KEY, []):
        mine |= Q(status=CourseStatus.EXPIRED)
    if request.user.is_authenticated:
        mine |= Q(patient__user=request.user)
    return get_object_or_404(_courses().filter(mine), uuid=uuid)


def own_courses(user: Any) -> CourseQuerySet:
    """The courses of all files this log-in reaches, newest first; not those merely held."""
    return _courses().filter(patient__user=user).exclude(status__in=[CourseStatus.HELD, CourseStatus.EXPIRED])


def own_course_or_404(user: Any, uuid: UUID) -> Course:
    return get_object_or_404(own_courses(user), uuid=uuid)


def own_session_or_404(user: Any, uuid: UUID, position: int) -> Appointment:
    """The session at this position of one's own course."""
    return get_object_or_404(_appointments().filter(course__in=own_courses(user)), course__uuid=uuid, position=position)


def own_patient_or_404(user: Any, uuid: UUID) -> Patient:
    return get_object_or_404(Patient.objects.of(user), uuid=uuid)


def own_appointment_or_404(user: Any, uuid: UUID) -> Appointment:
    return get_object_or_404(_appointments().filter(patient__user=user), uuid=uuid)


def clinic_courses(user: Any) -> CourseQuerySet:
    """The courses of the clinic this member of the team works for; all of them for a superuser without a clinic."""
    return _courses().filter(_of_the_clinic(user, "clinic"))


def clinic_course_or_404(user: Any, uuid: UUID) -> Course:
    return get_object_or_404(clinic_courses(user), uuid=uuid)


def clinic_appointment_or_404(user: Any, uuid: UUID) -> Appointment:
    return get_object_or_404(_appointments().filter(_of_the_clinic(user, "course__clinic")), uuid=uuid)


def clinic_session_or_404(user: Any, uuid: UUID, position: int) -> Appointment:
    """The session at this position of a booked course of the clinic."""
    sessions = _appointments().filter(_of_the_clinic(user, "course__clinic"), course__patient__isnull=False)
    return get_object_or_404(sessions, course__uuid=uuid, position=position)


def own_offers(user: Any) -> QuerySet[Appointment]:
    """The times kept for sessions of one's own courses; once answered they are gone."""
    return _offers().filter(course__in=own_courses(user))


def clinic_offers(user: Any) -> QuerySet[Appointment]:
    """The times kept for patients of the clinic until they answer."""
    return _offers().filter(_of_the_clinic(user, "course__clinic"))


def clinic_absences(user: Any) -> QuerySet[Absence]:
    """Absences of the clinic's people, rooms and devices."""
    here = Resource.objects.filter(_of_the_clinic(user, "clinic")) | Resource.objects.filter(
        _of_the_clinic(user, "shifts__clinic")
    )
    return Absence.objects.filter(resource__in=here.values("pk"))


def clinic_patients(user: Any) -> PatientQuerySet:
    """The patients with a course, past or present, at the clinic this member of the team works for."""
    return Patient.objects.filter(pk__in=clinic_courses(user).values("patient"))


def clinic_patient_or_404(user: Any, uuid: UUID) -> Patient:
    return get_object_or_404(clinic_patients(user), uuid=uuid)


def _of_the_clinic(user: User, field: str) -> Q:
    if not user.is_authenticated or not user.is_team:
        raise Http404
    if user.clinic_id is None and user.is_superuser:
        return Q()
    return Q(**{field: user.clinic_id}) & Q(**{f"{field}__isnull": False})


def _courses() -> CourseQuerySet:
    return Course.objects.select_related("patient", "clinic", "protocol__treatment")


def _appointments() -> AppointmentQuerySet:
    rows: AppointmentQuerySet = Appointment.objects.select_related(*_WHOSE)
    return rows


def _offers() -> QuerySet[Appointment]:
    calls = Task.objects.open().filter(
        kind=Task.Kind.CALL_BACK, course=OuterRef("course"), appointment__position=OuterRef("position")
    )
    rows = Appointment.offers.select_related("lead__practitioner", *_WHOSE).annotate(wants_a_call=Exists(calls))
    return rows.order_by("reply_by", "pk")


_WHOSE = ("patient", "lead", "phase", "course__clinic", "course__patient", "course__protocol__treatment")
