"""My courses: what is booked, how far it has come, the calendar file, and ending a course."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from bookings import booking, calendars, identity, nearness, offers, placing, rescheduling
from bookings.access import own_course_or_404, own_courses
from bookings.forms.profile import FileForm
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus, Task
from bookings.models.course import CourseQuerySet
from bookings.models.states import RUNNING
from bookings.overview import Overview, overview
from bookings.refusals import Refusal
from clinic.models import User
from treatments import protocols
from treatments.models import Protocol

BY_PATIENT = "patient"  # in the journal, why a course ended


@require_GET
@never_cache
def course_list(request: HttpRequest) -> HttpResponse:
    """The courses of every file the log-in reaches, or of the one chosen."""
    patients = list(identity.patients_of(request.user))  # type: ignore[arg-type]
    if not patients and request.user.is_team:  # type: ignore[union-attr]
        return redirect("bookings:staff-day")
    chosen = next((patient for patient in patients if str(patient.uuid) == request.GET.get("for")), None)
    courses = own_courses(request.user)
    if chosen:
        courses = courses.filter(patient=chosen)
    now = timezone.now()
    rows = list(_with_appointments(courses))
    offered = offers.positions(rows, now)
    overviews = [overview(row, list(row.appointments.all()), now=now, offered=offered[row.pk]) for row in rows]
    context = {
        "patients": patients,
        "chosen": chosen,
        "running": [item for item in overviews if item.is_running],
        "past": [item for item in overviews if not item.is_running],
        "form": FileForm(),
    }
    return render(request, "bookings/course_list.html", context)


@require_GET
@never_cache
def course_done(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page after "Confirm my course": what is booked, in words, and every date."""
    course = own_course_or_404(request.user, uuid)
    return render(request, "bookings/course_done.html", _detail(course) | _terms(course))


@require_GET
@never_cache
def course_detail(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page the links of our mails lead to: who booked by phone is first asked for their birth date."""
    if isinstance(request.user, User) and identity.may_be_theirs(request.user, uuid):
        return redirect(reverse("bookings:patient-find", query={"course": uuid}))
    course = own_course_or_404(request.user, uuid)
    now = timezone.now()
    context = _detail(course) | _terms(course)
    context["theirs"] = [
        item.position
        for item in context["overview"].appointments
        if course.status == CourseStatus.BOOKED and rescheduling.may_leave_out(item, team=False, now=now)
    ]
    return render(request, "bookings/course_detail.html", context)


@require_GET
@never_cache
def course_calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    course = own_course_or_404(request.user, uuid)
    context = _detail(course)
    if not context["overview"].has_dates:
        raise Http404
    with timezone.override(course.clinic.zone):
        content = calendars.course_calendar(course, context["overview"].appointments, now=timezone.now())
    headers = {"Content-Disposition": 'attachment; filename="appointments.ics"'}
    return HttpResponse(content, content_type="text/calendar; charset=utf-8", headers=headers)


@require_http_methods(["GET", "POST"])
@never_cache
def course_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask, with the list of what would be freed; then end the whole course. Never too late, and free of charge."""
    course = own_course_or_404(request.user, uuid)
    if request.method == "GET" and course.status not in RUNNING:
        cancelled = course.status == CourseStatus.CANCELLED
        messages.info(request, _("This course is already cancelled.") if cancelled else _("This course has already ended."))
        return redirect("bookings:course-detail", uuid=uuid)
    refusal = None
    if request.method == "POST":
        try:
            booking.end_course(course, CourseStatus.CANCELLED, by=request.user, now=timezone.now(), reason=BY_PATIENT)  # type: ignore[arg-type]
        except Refusal as error:
            refusal = error
        else:
            messages.success(request, _("Your course is cancelled. Nothing is to be paid for the dates that are released."))
            return redirect("bookings:course-detail", uuid=uuid)
    context = _detail(course) | {"refusal": refusal}
    context["freed"] = placing.to_come(course, now=timezone.now())
    context["kept"] = [item for item in context["overview"].appointments if item not in context["freed"]]
    return render(request, "bookings/course_cancel.html", context, status=409 if refusal else 200)


def _with_appointments(courses: CourseQuerySet) -> CourseQuerySet:
    ordered = Appointment.objects.select_related("phase", "lead__practitioner").order_by("position")
    return courses.prefetch_related(Prefetch("appointments", ordered))


def _terms(course: Course) -> dict[str, Any]:
    """What is treated, for how much, and why on these days; for a course that is over, only the first."""
    zones = list(course.zones.select_related("zone"))
    if course.status not in RUNNING:
        return {"zones": zones}
    rows = list(course.appointments.all())
    protocol = Protocol.objects.with_parts().get(pk=course.protocol_id)
    dropped, done = (
        [row.position for row in rows if row.status == status]
        for status in (AppointmentStatus.SKIPPED, AppointmentStatus.COMPLETED)
    )
    return {
        "zones": zones,
        "protocol": protocol,
        "prices": protocols.prices(protocol, zones, course.with_consultation, dropped=dropped, done=done),
        "reasons": nearness.of_course(course, rows, protocol=protocol, now=timezone.now()),
    }


def _detail(course: Course) -> dict[str, Any]:
    appointments = list(course.appointments.with_places().select_related("phase", "lead__practitioner").order_by("position"))
    kept = offers.open_for(course, timezone.now())
    offered = frozenset(row.position for row in kept)
    going_on = course.status == CourseStatus.BOOKED
    unconfirmed = [row for row in appointments if going_on and row.awaits_confirmation and row.position not in offered]
    item: Overview = overview(course, appointments, now=timezone.now(), offered=offered)
    calls = Task.objects.open_calls().filter(course=course)
    return {
        "course": course,
        "overview": item,
        "clinic": course.clinic,
        "kept": kept,
        "offered": offered,
        "unconfirmed": unconfirmed,
        "called": set(calls.values_list("appointment__position", flat=True)),
    }
