"""What the team must do, by due time; the list is to reach zero."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings.models import Task
from clinic.access import TEAM, role_required

# Closed by what it asks for, never by a tick.
CLOSES_ITSELF = [Task.Kind.REVIEW_OVERDUE]


@require_safe
@never_cache
@role_required(*TEAM)
def staff_tasks(request: HttpRequest) -> HttpResponse:
    tasks = _tasks(request.user).filter(done_at=None).order_by("due", "pk")
    return render(request, "bookings/staff_tasks.html", {"tasks": tasks, "now": timezone.localtime(timezone.now())})


@require_POST
@role_required(*TEAM)
def staff_task_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick a task off; ticking twice changes nothing."""
    task = get_object_or_404(_tasks(request.user).exclude(kind__in=CLOSES_ITSELF), pk=pk)
    _tasks(request.user).filter(pk=task.pk, done_at=None).update(done_at=timezone.now(), done_by=request.user)
    messages.success(request, _("Settled: %(task)s, %(patient)s.") % {"task": task, "patient": task.course.patient})
    return redirect("bookings:staff-tasks")


def _tasks(user: Any) -> Any:
    """The tasks of the team's clinic."""
    return Task.objects.filter(course__clinic=user.clinic).select_related(
        "course__patient", "course__protocol__treatment", "appointment__phase"
    )
