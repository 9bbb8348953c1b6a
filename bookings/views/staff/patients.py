"""Finding a patient by name, phone or e-mail, and the patient's courses."""

from uuid import UUID

from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings import offers
from bookings.access import clinic_courses, clinic_patient_or_404, clinic_patients
from bookings.forms.staff import SearchForm
from bookings.models import Appointment, CourseStatus
from bookings.overview import overview
from clinic.access import TEAM, role_required

FOUND_SHOWN = 50


@require_safe
@never_cache
@role_required(*TEAM)
def staff_patients(request: HttpRequest) -> HttpResponse:
    """The search box, and whom it found."""
    form = SearchForm(request.GET if "q" in request.GET else None)
    found = list(clinic_patients(request.user).matching(form.cleaned_data["q"])[: FOUND_SHOWN + 1]) if form.is_valid() else []
    context = {"form": form, "found": found[:FOUND_SHOWN], "more": len(found) > FOUND_SHOWN}
    return render(request, "bookings/staff_patients.html", context, status=422 if form.errors else 200)


@require_safe
@never_cache
@role_required(*TEAM)
def staff_patient(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who the patient is, and every course at this clinic, the running ones first."""
    patient = clinic_patient_or_404(request.user, uuid)
    dates = Prefetch("appointments", Appointment.objects.select_related("phase", "lead__practitioner").order_by("position", "pk"))
    courses = clinic_courses(request.user).filter(patient=patient).exclude(status__in=[CourseStatus.HELD, CourseStatus.EXPIRED])
    now = timezone.localtime(timezone.now())
    found = list(courses.prefetch_related(dates))
    offered = offers.positions(found, now)
    overviews = [overview(course, list(course.appointments.all()), now=now, offered=offered[course.pk]) for course in found]
    overviews.sort(key=lambda item: not item.is_running)
    return render(
        request, "bookings/staff_patient.html", {"patient": patient, "overviews": overviews, "now": now, "today": now.date()}
    )
