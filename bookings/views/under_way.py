"""A booking in which somebody is asked for a code: the pages of the log-in show what those before and after them show."""

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpRequest, QueryDict
from django.urls import Resolver404, resolve
from django.utils import timezone

from bookings.access import held_course_or_404
from bookings.forms import Draft, DraftForm
from bookings.models import Course, CourseStatus
from bookings.refusals import HoldExpired
from bookings.views.ending import Ending, ending_context
from bookings.views.steps import Journey, clinic_or_404
from clinic.accounts import NEXT_KEY
from treatments.models import Protocol

HELD, UNHELD = "bookings:hold-identity", "bookings:book-identity"


def booking_under_way(request: HttpRequest) -> dict[str, Any]:
    """The steps, and the dates this browser keeps, or that they are kept no longer; nothing where no booking waits for the log-in."""
    address = urlsplit(request.session.get(NEXT_KEY, ""))
    form = DraftForm(QueryDict(address.query))
    try:
        match = resolve(address.path)
        if match.view_name not in (HELD, UNHELD) or not form.is_valid():
            return {}
        course = held_course_or_404(request, match.kwargs["uuid"]) if match.view_name == HELD else None
        return _context(request, form.cleaned_data["d"], course)
    except (Resolver404, Http404):
        return {}


def _context(request: HttpRequest, draft: Draft, course: Course | None) -> dict[str, Any]:
    now = timezone.now()
    protocol = Protocol.objects.with_parts().filter(pk=draft.protocol).first()
    if protocol is None:
        return {}
    if course and (course.status != CourseStatus.HELD or (course.held_until and course.held_until <= now)):
        return {"hold_over": HoldExpired.sentence}
    journey = Journey(course.clinic if course else clinic_or_404(request), protocol, draft, now)
    return ending_context("you", Ending(journey, course))
