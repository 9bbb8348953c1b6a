"""Questions from “Write to us”: read and answered by reception, by e-mail or phone, and ticked off here."""

from typing import Any

from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings.models import Question
from clinic.access import FRONT_DESK, role_required
from clinic.context import current_clinic

ANSWERED_SHOWN = 30


@require_safe
@never_cache
@role_required(*FRONT_DESK)
def staff_questions(request: HttpRequest) -> HttpResponse:
    """Open questions, the oldest first, then the latest ones answered."""
    questions = _questions(request.user)
    context = {
        "open": questions.filter(answered_at=None).order_by("created_at"),
        "answered": questions.exclude(answered_at=None).order_by(F("answered_at").desc())[:ANSWERED_SHOWN],
    }
    return render(request, "bookings/staff_questions.html", context)


@require_POST
@role_required(*FRONT_DESK)
def staff_question_answered(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick a question off, or (with `again`) put it back on the list."""
    question = get_object_or_404(_questions(request.user), pk=pk)
    if "again" in request.POST:
        question.answered_at = question.answered_by = None
    elif question.answered_at is None:
        question.answered_at, question.answered_by = timezone.now(), request.user
    question.save(update_fields=["answered_at", "answered_by"])
    return redirect("bookings:staff-questions")


def _questions(user: Any) -> Any:
    """The site speaks for one clinic: its team reads the questions, no other."""
    clinic = current_clinic()
    if clinic is None or user.clinic_id != clinic.pk:
        raise Http404
    return Question.objects.select_related("treatment", "answered_by")
