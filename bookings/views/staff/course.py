"""One course, as the team sees it: the patient, every date with room and device, what happened, what was sent.

Medical answers appear only when a physician asks for them, and each time they do is noted.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings import displaced, offers, rescheduling, screening
from bookings.access import clinic_course_or_404
from bookings.forms.staff import OutcomeForm, ReviewForm
from bookings.models import (
    AnswersReading,
    Appointment,
    AppointmentStatus,
    Claim,
    Clearance,
    Course,
    CourseStatus,
    ScreeningAnswers,
)
from bookings.models.states import OPEN, RUNNING, UNDER_WAY
from bookings.overview import overview
from bookings.views.staff.words import line
from clinic.access import PHYSICIANS, TEAM, role_required
from clinic.dates import date_format
from clinic.models import User

WITHOUT_A_DATE = [AppointmentStatus.PLANNED, AppointmentStatus.MISSED]


@require_safe
@never_cache
@role_required(*TEAM)
def staff_course(request: HttpRequest, uuid: UUID) -> HttpResponse:
    course = booked_course_or_404(request, uuid)
    return render(request, "bookings/staff_course.html", course_context(request, course))


@require_POST
@never_cache
@role_required(*PHYSICIANS)
def staff_course_answers(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The answers, opened on a click: a POST, because each reading is noted."""
    course = booked_course_or_404(request, uuid)
    context = {"course": course, "sheets": _sheets(course, request.user)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "bookings/_staff_answers.html", context)
    return render(request, "bookings/staff_course.html", course_context(request, course) | context)


def booked_course_or_404(request: HttpRequest, uuid: UUID) -> Course:
    """A course of the team's clinic that has a patient; what a visitor merely holds is nobody's business."""
    course = clinic_course_or_404(request.user, uuid)
    if course.patient is None:
        raise Http404
    return course


def course_again(
    request: HttpRequest, course: Course, *, status: int, said: dict[str, Any] | None = None, **forms: Any
) -> HttpResponse:
    """The course page as it is now, with what was wrong: `said` goes to the page, `forms` replace those for physicians."""
    course = booked_course_or_404(request, course.uuid)
    context = course_context(request, course, **forms) | (said or {})
    return render(request, "bookings/staff_course.html", context, status=status)


def course_context(request: HttpRequest, course: Course, **forms: Any) -> dict[str, Any]:
    """Everything on the course page, in a constant number of queries; `forms` replaces those for physicians."""
    now = timezone.localtime(timezone.now())
    claims = Prefetch("claims", Claim.objects.select_related("resource").order_by("-resource__kind", "resource__name", "during"))
    appointments = list(
        course.appointments.select_related("phase__visit", "lead__practitioner")
        .prefetch_related(claims)
        .order_by("position", "pk")
    )
    missing = displaced.missing(course.clinic, now, appointments)
    for item in appointments:
        item.missing = missing.get(item.pk, ())  # type: ignore[attr-defined]
    kept = offers.open_for(course, now)
    journal = course.journal.select_related("actor", "appointment__phase")
    names = {item.position: item.label for item in appointments}
    return {
        "course": course,
        "patient": course.patient,
        "now": now,
        "today": now.date(),
        "overview": overview(course, appointments, now=now, offered={row.position for row in kept}),
        "kept": kept,
        "appointments": appointments,
        "zones": list(course.zones.select_related("zone")),
        "journal": [line(entry, course.clinic.zone, names) for entry in journal],
        "messages_sent": list(course.messages.all()),
        "tasks": list(course.tasks.filter(done_at=None)),
        "missed": next((item.label for item in appointments if item.status == AppointmentStatus.MISSED), ""),
        **_ways_on(course, appointments, now),
        "undated": any(item.status in WITHOUT_A_DATE for item in appointments),
        **_for_physicians(request.user, course, appointments, forms),
    }


def _ways_on(course: Course, appointments: Sequence[Appointment], now: datetime) -> dict[str, set[int]]:
    """The positions of the sessions without a time that can be left out, and of those left out that can be had after all."""
    if course.status != CourseStatus.BOOKED:
        return {}
    begun = [item.position for item in appointments if item.status in UNDER_WAY or (item.status in OPEN and item.has_begun(now))]
    undated = [item for item in appointments if item.during is None]
    return {
        "may_leave_out": {item.position for item in undated if rescheduling.may_leave_out(item, team=True, now=now)},
        "may_take_up": {item.position for item in undated if rescheduling.may_take_up(item, last_begun=max(begun, default=-1))},
    }


def _for_physicians(user: Any, course: Course, appointments: list[Any], forms: dict[str, Any]) -> dict[str, Any]:
    """What only physicians are shown: that there are answers, who read them, and the decision to take."""
    if user.role not in PHYSICIANS:
        return {}
    consultation = next((item for item in appointments if item.phase.visit.is_consultation), None)
    begun = consultation is not None and consultation.status in (AppointmentStatus.IN_PROGRESS, AppointmentStatus.COMPLETED)
    is_open = course.status in RUNNING and course.clearance in (Clearance.TO_REVIEW, Clearance.ANSWERS_MISSING)
    return {
        "is_physician": True,
        "consultation": consultation,
        "answers_given": list(course.answers.values_list("given_at", flat=True)),
        "readings": list(AnswersReading.objects.filter(answers__course=course).select_related("reader")),
        "review_form": ReviewForm() if is_open and not begun else None,
        "may_accept": not course.with_consultation and course.clearance == Clearance.TO_REVIEW,
        "outcome_form": OutcomeForm(course=course) if is_open and begun else None,
        **forms,
    }


def _sheets(course: Course, reader: Any) -> list[dict[str, Any]]:
    """Each set of answers given, the latest first: what was asked, what was answered, what it means."""
    return [
        {"given_at": row.given_at, "lines": _lines(row, reader)}
        for row in course.answers.prefetch_related("protocol__screening_rules").order_by("-given_at")
    ]


def _lines(row: ScreeningAnswers, reader: User) -> list[dict[str, Any]]:
    rules = {rule.code: rule for rule in row.protocol.screening_rules.all()}
    return [_answered(rules.get(code), code, answer) for code, answer in _read(row, reader).items()]


def _read(row: ScreeningAnswers, reader: User) -> dict[str, screening.Answer]:
    return screening.read(row, reader, timezone.now())


def _answered(rule: Any, code: str, answer: screening.Answer) -> dict[str, Any]:
    return {
        "question": rule.question if rule else code,
        "answer": _in_words(answer),
        "outcome": rule.get_outcome_display() if rule else "",
    }


def _in_words(answer: screening.Answer) -> str:
    if isinstance(answer, date):
        return _("yes, %(day)s") % {"day": date_format(answer)}
    return _("yes") if answer is None else _("not sure")
