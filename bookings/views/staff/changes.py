"""What the team changes in a running course."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings import rescheduling
from bookings.refusals import Refusal
from bookings.views.staff.course import booked_course_or_404, course_context
from bookings.views.staff.day import member
from clinic.access import TEAM, role_required


@require_POST
@role_required(*TEAM)
def staff_course_keep(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The patient missed the first visit, and has been called: the other dates stay."""
    course = booked_course_or_404(request, uuid)
    try:
        rescheduling.keep_dates(course, by=member(request), now=timezone.now())
    except Refusal as refusal:
        course = booked_course_or_404(request, uuid)
        return render(request, "bookings/staff_course.html", course_context(request, course) | {"refusal": refusal}, status=409)
    messages.success(request, _("The dates are kept. The visit that was missed still needs one."))
    return redirect("bookings:staff-course", uuid=course.uuid)
