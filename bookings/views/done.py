"""The page after "Confirm my course": what is booked, in words, and every date."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from bookings.access import own_course_or_404
from bookings.overview import overview


@require_GET
@never_cache
def course_done(request: HttpRequest, uuid: UUID) -> HttpResponse:
    course = own_course_or_404(request.user, uuid)
    appointments = list(course.appointments.with_places().select_related("phase", "lead__practitioner"))
    return render(request, "bookings/course_done.html", {"overview": overview(course, appointments, now=timezone.now())})
