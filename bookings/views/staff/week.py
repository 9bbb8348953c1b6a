"""The week: the same lines as the day's, compact."""

from datetime import date, timedelta
from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from bookings.forms.staff import DayForm
from bookings.views.staff.day import clinic_of, counts, day_query
from bookings.views.staff.rows import VisitRow, rows_between, with_person
from clinic.access import TEAM, role_required
from clinic.models import Resource

DAYS = 7


@require_safe
@never_cache
@role_required(*TEAM)
def staff_week(request: HttpRequest) -> HttpResponse:
    """The week of the day asked for, Monday first."""
    form = DayForm(request.GET, clinic=clinic_of(request))
    valid = form.is_valid()
    now = timezone.localtime(timezone.now())
    day = (form.cleaned_data["date"] if valid else None) or now.date()
    person = form.cleaned_data["person"] if valid else None
    monday = day - timedelta(days=day.weekday())
    rows = with_person(rows_between(clinic_of(request), monday, monday + timedelta(days=DAYS - 1), now=now), person)
    context = {
        "form": form
        if not valid
        else DayForm({"date": monday, "person": person.pk if person else ""}, clinic=clinic_of(request)),
        "monday": monday,
        "sunday": monday + timedelta(days=DAYS - 1),
        "days": _days(rows, monday, person),
        "count": counts(rows)["all"],
        "today": now.date(),
        "previous_query": day_query(monday - timedelta(days=DAYS), person),
        "next_query": day_query(monday + timedelta(days=DAYS), person),
        "today_query": day_query(now.date(), person),
    }
    return render(request, "bookings/staff_week.html", context, status=200 if valid else 422)


def _days(rows: list[VisitRow], monday: date, person: Resource | None) -> list[dict[str, Any]]:
    by_day = {day: list(there) for day, there in groupby(rows, key=lambda row: row.starts.date())}
    week = [monday + timedelta(days=number) for number in range(DAYS)]
    return [
        {"day": day, "query": day_query(day, person), "rows": (there := by_day.get(day, [])), "count": counts(there)["all"]}
        for day in week
    ]
