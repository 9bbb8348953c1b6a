"""What waits for a physician: courses to review by due date, and the decision on one of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Exists, OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings import clearance
from bookings.access import clinic_courses
from bookings.clearance import Outcome
from bookings.forms.plan import plan_text
from bookings.forms.staff import OutcomeForm, ReviewForm
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus
from bookings.refusals import PlanChanged, Refusal
from bookings.views.staff.course import booked_course_or_404, course_again
from bookings.views.staff.day import member
from clinic.access import PHYSICIANS, role_required
from treatments import protocols

SEEN = [AppointmentStatus.IN_PROGRESS, AppointmentStatus.COMPLETED]
EXPECTED = [AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS]


@require_safe
@never_cache
@role_required(*PHYSICIANS)
def staff_review(request: HttpRequest) -> HttpResponse:
    """What a physician can decide now, the most urgent first; beside it what a consultation to come will decide."""
    visits = Appointment.objects.filter(course=OuterRef("pk"))
    coming = visits.filter(status__in=EXPECTED).order_by("during")
    seen = visits.filter(phase__visit__is_consultation=True, status__in=SEEN)
    waiting = clinic_courses(request.user).awaiting_review().prefetch_related("zones__zone")
    courses: Any = waiting.annotate(next_visit=Subquery(coming.values("during__startswith")[:1]), seen=Exists(seen))
    context = {
        "due": [course for course in courses if course.seen or not course.with_consultation],
        "later": [course for course in courses if course.with_consultation and not course.seen],
        "now": timezone.localtime(timezone.now()),
    }
    return render(request, "bookings/staff_review.html", context)


@require_POST
@role_required(*PHYSICIANS)
def staff_course_review(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept or refuse after reading the answers."""
    course = booked_course_or_404(request, uuid)
    form = ReviewForm(request.POST)
    if not form.is_valid():
        return course_again(request, course, status=422, review_form=form)
    accept = form.cleaned_data["decision"] == "accept"
    try:
        clearance.review(course, accept=accept, by=member(request), now=timezone.now(), reason=form.cleaned_data["reason"])
    except Refusal as refusal:
        return course_again(request, course, status=409, said={"refusal": refusal})
    messages.success(request, _decided(accept))
    return redirect("bookings:staff-course", uuid=course.uuid)


@require_POST
@role_required(*PHYSICIANS)
def staff_course_outcome(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Note the outcome of the consultation; changes are shown, before and after, and confirmed first."""
    course = booked_course_or_404(request, uuid)
    form = OutcomeForm(request.POST, course=course)
    if not form.is_valid():
        return course_again(request, course, status=422, outcome_form=form)
    try:
        changes = form.cleaned_data["outcome"] == Outcome.CHANGED and course.status != CourseStatus.SUSPENDED
        if changes and not form.cleaned_data["plan"]:
            return _show_changes(request, course, form)
        _record(request, course, form)
    except PlanChanged as refusal:
        return _show_changes(request, course, form, refusal=refusal)
    except Refusal as refusal:
        return course_again(request, course, status=409, said={"refusal": refusal}, outcome_form=form)
    messages.success(request, _decided(form.cleaned_data["outcome"] != Outcome.REFUSED))
    return redirect("bookings:staff-course", uuid=course.uuid)


def _record(request: HttpRequest, course: Course, form: OutcomeForm) -> None:
    data = form.cleaned_data
    changed = data["outcome"] == Outcome.CHANGED
    clearance.record_consultation(
        course,
        data["outcome"],
        by=member(request),
        now=timezone.now(),
        protocol=data["protocol"] if changed else None,
        zones=list(data["zones"]) if changed else None,
        earliest=data["earliest"] if changed else None,
        reason=data["reason"],
        accepted=data["plan"] if changed else None,
    )


def _show_changes(request: HttpRequest, course: Course, form: OutcomeForm, refusal: Refusal | None = None) -> HttpResponse:
    """Before and after of every date; the dates shown travel with the form and must still be the plan when confirmed."""
    zones, earliest = list(form.cleaned_data["zones"]), form.cleaned_data["earliest"]
    protocol = form.cleaned_data["protocol"] or course.protocol
    reflow = clearance.plan_changes(course, protocol=protocol, zones=zones, earliest=earliest, now=timezone.now())
    context = {
        "course": course,
        "patient": course.patient,
        "changes": reflow.changes,
        "protocol": protocol,
        "zones": zones,
        "ticked": request.POST.getlist("zones"),
        "session_price": protocols.session_price(protocol, zones),
        "course_price": protocols.course_price(protocol, zones, course.with_consultation),
        "earliest": earliest,
        "plan": plan_text(reflow.proposal.slots),
        "refusal": refusal,
    }
    return render(request, "bookings/staff_course_changes.html", context, status=409 if refusal else 200)


def _decided(accepted: bool) -> str:
    if accepted:
        return _("The course is cleared.")
    return _("The course has ended and its dates are released. The patient is told that it does not take place, not why.")
