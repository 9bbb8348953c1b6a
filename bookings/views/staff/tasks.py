"""What the team must do, by due time; the list is to reach zero."""

from datetime import datetime
from itertools import chain
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings.models import JournalEntry, Task
from bookings.views.staff.proposing import unanswered
from bookings.views.staff.words import line
from bookings.visits import UNDONE, last_step
from clinic.access import TEAM, role_required

# Closed by what it asks for, never by a tick.
CLOSES_ITSELF = [Task.Kind.REVIEW_OVERDUE]
# What makes somebody call, as the journal tells it.
REASONS: dict[str, tuple[str, ...]] = {
    Task.Kind.NO_PLACE: ("left_open",),
    Task.Kind.CALL_BACK: ("missed", "withdrawn", "wants_a_call"),
    Task.Kind.CANNOT_COME: ("cannot_come",),
    Task.Kind.UNANSWERED: ("unanswered",),
    Task.Kind.UNCONFIRMED: ("asked_to_confirm", "wants_a_call"),
}


@require_safe
@never_cache
@role_required(*TEAM)
def staff_tasks(request: HttpRequest) -> HttpResponse:
    tasks = list(_tasks(request.user).filter(done_at=None).order_by("due", "pk"))
    for task in tasks:
        task.why = None
    _explain([task for task in tasks if task.kind in REASONS and task.appointment])
    now = timezone.localtime(timezone.now())
    context = {"tasks": tasks, "now": now, "to_place": len(unanswered(request, now))}
    return render(request, "bookings/staff_tasks.html", context)


@require_POST
@role_required(*TEAM)
def staff_task_done(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick a task off; ticking twice changes nothing."""
    task = get_object_or_404(_tasks(request.user).exclude(kind__in=CLOSES_ITSELF), pk=pk)
    _tasks(request.user).filter(pk=task.pk, done_at=None).update(done_at=timezone.now(), done_by=request.user)
    messages.success(request, _("Settled: %(task)s, %(patient)s.") % {"task": task, "patient": task.course.patient})
    return redirect("bookings:staff-tasks")


def _explain(tasks: list[Task]) -> None:
    """Give each call (`why`) the line of the journal that it comes from: the last that stands since the last call of its kind about
    that session was settled. Two queries."""
    sessions, verbs = {task.appointment_id for task in tasks}, {UNDONE, *chain.from_iterable(REASONS.values())}
    settled = Task.objects.filter(appointment__in=sessions, done_at__isnull=False)
    last = settled.order_by("done_at").values_list("appointment", "kind", "done_at")
    since: dict[tuple[int | None, str], datetime | None] = {(session, kind): at for session, kind, at in last}
    told = JournalEntry.objects.filter(appointment__in=sessions, verb__in=verbs).order_by("at", "pk")
    lines = list(told.select_related("actor", "appointment__phase", "course__clinic"))
    for task in tasks:
        after = since.get((task.appointment_id, task.kind))
        of_it = [entry for entry in lines if entry.appointment_id == task.appointment_id and (after is None or entry.at >= after)]
        entry = last_step(entry for entry in of_it if entry.verb in {UNDONE, *REASONS[task.kind]})
        task.why = line(entry, entry.course.clinic.zone, {}) if entry else None  # type: ignore[attr-defined]


def _tasks(user: Any) -> Any:
    """The tasks of the team's clinic."""
    return Task.objects.filter(course__clinic=user.clinic).select_related(
        "course__patient", "course__protocol__treatment", "appointment__phase"
    )
