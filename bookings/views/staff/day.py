"""The day: who comes, in order of hour, and the buttons that follow a visit through it."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from bookings import visits
from bookings.access import clinic_absences, clinic_appointment_or_404
from bookings.forms.staff import DayForm
from bookings.models import Appointment, AppointmentStatus
from bookings.refusals import Refusal
from bookings.views.staff.rows import VisitRow, rows_between, with_person
from clinic import hours
from clinic.access import TEAM, role_required
from clinic.hours import local_day_span
from clinic.models import Clinic, Resource, User

STEPS = {
    "arrive": visits.arrive,
    "start": visits.start,
    "complete": visits.complete,
    "miss": visits.miss,
    "record": visits.record,
}


@require_safe
@never_cache
@role_required(*TEAM)
def staff_day(request: HttpRequest) -> HttpResponse:
    form = DayForm(request.GET, clinic=clinic_of(request))
    status = 200 if form.is_valid() else 422
    return _page(request, form, status=status)


@require_POST
@role_required(*TEAM)
def staff_appointment_step(request: HttpRequest, uuid: UUID, verb: str) -> HttpResponse:
    """One of the buttons Arrived, Start, Done, Missed, Took place."""
    appointment = clinic_appointment_or_404(request.user, uuid)
    try:
        STEPS[verb](appointment, by=member(request), now=timezone.now())
    except Refusal as refusal:
        return _answer(request, appointment, refusal)
    return _answer(request, appointment)


@require_POST
@role_required(*TEAM)
def staff_appointment_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back the step named in the form, if it was the last and may still be taken back."""
    appointment = clinic_appointment_or_404(request.user, uuid)
    try:
        visits.undo(appointment, request.POST.get("verb", ""), by=member(request), now=timezone.now())
    except Refusal as refusal:
        return _answer(request, appointment, refusal)
    return _answer(request, appointment)


@require_safe
@never_cache
@role_required(*TEAM)
def staff_appointment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One line of the list as it is now: asked for when the time for undoing is over."""
    return _answer(request, clinic_appointment_or_404(request.user, uuid))


def member(request: HttpRequest) -> User:
    """The member of the team who asks; `role_required` has let nobody else in."""
    assert isinstance(request.user, User)
    return request.user


def clinic_of(request: HttpRequest) -> Clinic:
    """The clinic that member works for."""
    clinic = member(request).clinic
    assert clinic is not None
    return clinic


def _answer(request: HttpRequest, appointment: Appointment, refusal: Refusal | None = None) -> HttpResponse:
    """The visit's line for htmx, else the day it stands in; with the refusal's sentence and status 409 if there is one."""
    form = DayForm(request.POST or request.GET, clinic=clinic_of(request))
    if refusal and not request.htmx:  # type: ignore[attr-defined]
        return _page(request, form, refusal=refusal, refused=appointment, status=409)
    context = _day_context(request, form)
    row = next((row for row in context["all_rows"] if row.visit.pk == appointment.pk), None)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{reverse('bookings:staff-day')}?{context['query']}#visit-{appointment.uuid}")
    if row is None:  # it has left this day in the meantime
        return HttpResponse(headers={"HX-Refresh": "true"})
    fragment = {"row": row, "refusal": refusal, "swap_count": True}
    return render(request, "bookings/_staff_visit_answer.html", context | fragment, status=409 if refusal else 200)


def _page(request: HttpRequest, form: DayForm, *, status: int, **context: Any) -> HttpResponse:
    return render(request, "bookings/staff_day.html", _day_context(request, form) | context, status=status)


def _day_context(request: HttpRequest, form: DayForm) -> dict[str, Any]:
    """What the day list shows; an unreadable form means today and everyone."""
    now = timezone.localtime(timezone.now())
    valid = form.is_valid()
    day = (form.cleaned_data["date"] if valid else None) or now.date()
    person = form.cleaned_data["person"] if valid else None
    all_rows = rows_between(clinic_of(request), day, day, now=now)
    return {
        "form": form if not valid else DayForm({"date": day, "person": person.pk if person else ""}, clinic=clinic_of(request)),
        "day": day,
        "person": person,
        "query": day_query(day, person),
        "today": now.date(),
        "all_rows": all_rows,
        "rows": with_person(all_rows, person),
        "counts": counts(with_person(all_rows, person)),
        "shut": not all_rows and not hours.open_days(clinic_of(request), {day}),
        **_exceptions(request, day),
        **_neighbours(day, now, person),
    }


def _exceptions(request: HttpRequest, day: date) -> dict[str, Any]:
    """Who is away and when the clinic is closed on this day; two queries."""
    span = local_day_span(day, clinic_of(request).zone)
    away = clinic_absences(request.user).filter(during__overlap=span).select_related("resource").order_by("during")
    return {"away": away, "closures": clinic_of(request).closures.filter(during__overlap=span)}


def _neighbours(day: date, now: datetime, person: Resource | None) -> dict[str, str]:
    one = timedelta(days=1)
    return {
        "previous_query": day_query(day - one, person),
        "next_query": day_query(day + one, person),
        "today_query": day_query(now.date(), person),
    }


def day_query(day: date, person: Resource | None) -> str:
    """The query string of a day and a person."""
    return urlencode({"date": day.isoformat()} | ({"person": person.pk} if person else {}))


def counts(rows: list[VisitRow]) -> dict[str, int]:
    """What the line above the list says: visits in all, still expected, here now, done, missed; and times kept for answers."""
    by_status = Counter(row.visit.status for row in rows)
    return {
        "all": len(rows) - by_status[AppointmentStatus.PROPOSED],
        "proposed": by_status[AppointmentStatus.PROPOSED],
        "expected": by_status[AppointmentStatus.BOOKED],
        "here": by_status[AppointmentStatus.ARRIVED] + by_status[AppointmentStatus.IN_PROGRESS],
        "done": by_status[AppointmentStatus.COMPLETED],
        "missed": by_status[AppointmentStatus.MISSED],
    }
