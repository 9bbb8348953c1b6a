"""A patient changes one session of a running course: another time, leaving it out, not coming. Each is shown before it is done."""

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import offers, proposals, rescheduling
from bookings.access import own_session_or_404
from bookings.forms import MoveForm, PlanForm, plan_text
from bookings.models import Appointment, AppointmentStatus
from bookings.planner import Slot
from bookings.refusals import Refusal, TooLateToMove
from bookings.rescheduling import Reflow
from bookings.views.agreeing import agree
from bookings.views.dates import times_of
from clinic.models import User


@require_http_methods(["GET", "POST"])
@never_cache
def course_move(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """The other times for one session; `?slot=` chooses one and shows what changes; a POST with these dates agrees to them."""
    visit = own_session_or_404(request.user, uuid, position)
    form = MoveForm(request.POST if request.method == "POST" else request.GET, clinic=visit.course.clinic)
    if not form.is_valid():
        return _times(request, visit, sentences=form.sentences, status=422)
    slot, plan = form.cleaned_data["slot"], form.cleaned_data["plan"]
    if slot is None:
        return _times(request, visit)
    if proposals.stored_slots(visit.course).get(position) == slot:  # a double click, a reload
        return _changed(request, visit)

    def moved() -> Reflow:
        rescheduling.check_online(visit, now=timezone.now())
        return rescheduling.move(visit.course, position, slot, now=timezone.now())

    try:
        return _agree(request, visit, moved, plan, slot=slot)
    except Refusal as refusal:
        return _times(request, visit, sentences=[refusal.sentence], status=409)


@require_http_methods(["GET", "POST"])
@never_cache
def course_leave_out(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """What leaving this session out would change; a POST with these dates agrees to it."""
    visit = own_session_or_404(request.user, uuid, position)
    form = PlanForm(request.POST if request.method == "POST" else {}, clinic=visit.course.clinic)
    if not form.is_valid():
        return _closed(request, visit, form.sentences, status=422)
    if visit.status == AppointmentStatus.SKIPPED:  # a double click, a reload
        return _changed(request, visit)

    def without() -> Reflow:
        rescheduling.check_calls(visit)
        return rescheduling.drop(visit.course, position, team=False, now=timezone.now())

    try:
        return _agree(request, visit, without, form.cleaned_data["plan"])
    except Refusal as refusal:
        return _closed(request, visit, [refusal.sentence])


@require_http_methods(["GET", "POST"])
@never_cache
def course_cannot_come(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """Ask first; then the time is free at once, however late it is, and reception calls."""
    visit, now = own_session_or_404(request.user, uuid, position), timezone.now()
    try:
        if request.method == "POST":
            rescheduling.cannot_come(visit, by=_user(request), now=now)
            messages.success(
                request, _("Thank you for telling us: this time is free again. We will call you about another date.")
            )
            return redirect("bookings:course-detail", uuid=uuid)
        rescheduling.check_to_come(visit, now=now)
    except Refusal as refusal:
        return _closed(request, visit, [refusal.sentence])
    return render(request, "bookings/course_cannot_come.html", _context(visit))


def _agree(
    request: HttpRequest,
    visit: Appointment,
    plan: Callable[[], Reflow],
    accepted: Mapping[int, Slot] | None,
    *,
    slot: Slot | None = None,
) -> HttpResponse:
    """Before and after; once agreed to, the change. Where the dates changed meanwhile, before and after again.

    Without a slot the session is left out.
    """
    shown = agree(plan, accepted if request.method == "POST" else None, by=_user(request))
    if shown is None:
        return _changed(request, visit)
    reflow = shown.reflow
    if slot and reflow.seen.slots.get(visit.position) == slot:  # the same was agreed to at the same moment, in another window
        return _changed(request, visit)
    context = _context(visit) | {
        "changes": [change for change in reflow.changes if change.moved or change.due_otherwise or change.left_out],
        "slot": proposals.slot_text(slot) if slot else "",
        "plan": plan_text(reflow.proposal.slots),
        "refusal": shown.refusal,
    }
    context["others_stay"] = len(context["changes"]) < len(reflow.changes)
    counted_anew = [item for item in reflow.changes if item.after and not item.moved and item.ideal_before != item.ideal_after]
    context["ideal_days_move"] = not slot and counted_anew
    return render(request, "bookings/course_changes.html", context, status=409 if shown.refusal else 200)


def _times(request: HttpRequest, visit: Appointment, *, sentences: Any = (), status: int = 200) -> HttpResponse:
    """The other times there are, or why none can be chosen here."""
    try:
        rescheduling.check_online(visit, now=timezone.now())
        found = rescheduling.options(visit.course, visit.position, now=timezone.now())
    except Refusal as refusal:
        return _closed(request, visit, [refusal.sentence], too_late=isinstance(refusal, TooLateToMove))
    context = {
        "alternatives": times_of(visit.course, found),
        "sentences": sentences,
        "may_leave_out": rescheduling.may_leave_out(visit, team=False, now=timezone.now()),
        "offer": next((row for row in offers.open_for(visit.course, timezone.now()) if row.position == visit.position), None),
    }
    return render(request, "bookings/course_move.html", _context(visit) | context, status=status)


def _closed(
    request: HttpRequest, visit: Appointment, sentences: Any, *, too_late: bool = False, status: int = 409
) -> HttpResponse:
    """Nothing can be chosen here: why, and what can be done instead."""
    context = _context(visit) | {"sentences": sentences, "too_late": too_late}
    context["may_leave_out"] = too_late and rescheduling.may_leave_out(visit, team=False, now=timezone.now())
    return render(request, "bookings/course_move_closed.html", context, status=status)


def _changed(request: HttpRequest, visit: Appointment) -> HttpResponse:
    messages.success(request, _("These are your dates now. You receive every change by e-mail."))
    return redirect("bookings:course-detail", uuid=visit.course.uuid)


def _context(visit: Appointment) -> dict[str, Any]:
    return {"visit": visit, "course": visit.course, "clinic": visit.course.clinic}


def _user(request: HttpRequest) -> User:
    """Who asks: no page of a course opens without a log-in."""
    assert isinstance(request.user, User)
    return request.user
