"""Dates kept for a while: the way through the last steps, a little more time, another date, giving them back."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from bookings import booking, proposals
from bookings.access import held_course_or_404
from bookings.forms import ChangeForm, Draft, DraftForm, dates_query
from bookings.models import Course, CourseStatus
from bookings.proposals import Alternative, ProposedSession
from bookings.refusals import HoldExpired, Refusal
from bookings.views.confirm import confirm_step, questions_step
from bookings.views.dates import by_day, moved_labels
from bookings.views.ending import Ending, ending_context
from bookings.views.steps import Journey, is_htmx, journey_page, patients_behind, with_query
from bookings.views.who import identity_step
from treatments.models import Protocol


def with_hold(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hands the view the `Ending` of a course this browser holds.

    A hold that has ended is said to have ended; one already confirmed leads to its course; without readable answers the
    visitor goes back to the safety list, and the dates stay kept.
    """

    @journey_page
    @wraps(view)
    def page(request: HttpRequest, uuid: UUID) -> HttpResponse:
        course, now = held_course_or_404(request, uuid), timezone.now()
        request.clinic = course.clinic  # type: ignore[attr-defined]
        if course.status not in (CourseStatus.HELD, CourseStatus.EXPIRED):
            return redirect("bookings:course-done", course.uuid)
        form = DraftForm(request.POST if request.method == "POST" else request.GET)
        draft = form.cleaned_data["d"] if form.is_valid() and _belongs(form.cleaned_data["d"], course) else None
        protocol = Protocol.objects.with_parts().get(pk=course.protocol_id)
        journey = Journey(course.clinic, protocol, draft or _draft_of(course), now, patients_behind(request))
        if course.status == CourseStatus.EXPIRED or (course.held_until and course.held_until <= now):
            return ended(request, journey)
        if draft is None or draft.answers is None:
            return redirect(journey.url("book-safety", f"hold={course.uuid}", "lost=1"))
        return view(request, Ending(journey, course))

    return page


def _belongs(draft: Draft, course: Course) -> bool:
    """Whether the answers were given for what is held: a token of another tab may speak of other zones."""
    return draft.protocol == course.protocol_id and set(draft.zones) == set(course.zones.values_list("zone__code", flat=True))


def _draft_of(course: Course) -> Draft:
    """What a stored hold still tells of the choices made: everything but the answers."""
    zones = tuple(course.zones.values_list("zone__code", flat=True))
    slots = proposals.stored_slots(course)
    return Draft(
        course.protocol_id, zones, None, dates=dates_query(slots, with_consultation=course.with_consultation) if slots else ""
    )


def ended(request: HttpRequest, journey: Journey) -> HttpResponse:
    """The dates are no longer kept; the same course can be looked for again."""
    answered = journey.draft.answers is not None
    again = journey.url("book-course", journey.draft.dates) if answered and journey.draft.dates else journey.url("book-safety")
    context = {"treatment": journey.protocol.treatment, "again": again, "sentence": HoldExpired.sentence}
    return render(request, "bookings/hold_ended.html", context, status=410)


@with_hold
def hold_identity(request: HttpRequest, ending: Ending) -> HttpResponse:
    return identity_step(request, ending)


@with_hold
def hold_questions(request: HttpRequest, ending: Ending) -> HttpResponse:
    return questions_step(request, ending)


@with_hold
def hold_confirm(request: HttpRequest, ending: Ending) -> HttpResponse:
    try:
        return confirm_step(request, ending)
    except HoldExpired:
        return ended(request, ending.journey)


@with_hold
def hold_extend(request: HttpRequest, ending: Ending) -> HttpResponse:
    """Five minutes more, once."""
    if request.method != "POST":
        return redirect(ending.url("identity"))
    refusal = None
    try:
        ending = replace(ending, course=booking.extend(ending.held, now=ending.journey.now))
    except HoldExpired:
        return ended(request, ending.journey)
    except Refusal as error:
        refusal = error
    if is_htmx(request) or refusal:
        context = ending_context("you", ending) | {"refusal": refusal, "back": ending.url("identity")}
        template = "bookings/_hold_countdown.html" if is_htmx(request) else "bookings/hold_extend.html"
        return render(request, template, context, status=409 if refusal else 200)
    return redirect(ending.url("identity"))


@journey_page
def hold_release(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Give the dates back; asking twice, or too late, comes to the same."""
    course = held_course_or_404(request, uuid)
    if request.method != "POST" or course.status not in (CourseStatus.HELD, CourseStatus.EXPIRED):
        return redirect("bookings:hold-identity", course.uuid)
    booking.release(course, now=timezone.now())
    messages.success(request, _("Your dates are free again. Nothing is booked."))
    form = DraftForm(request.POST)
    url = reverse("bookings:book-first", args=[course.protocol.treatment.slug])
    return redirect(with_query(url, f"d={replace(form.cleaned_data['d'], dates='').seal()}") if form.is_valid() else "home")


@with_hold
def hold_change(request: HttpRequest, ending: Ending) -> HttpResponse:
    """Another time for one session of the dates kept: the new one is taken before the old one is given back."""
    form = ChangeForm(request.POST if request.method == "POST" else request.GET, clinic=ending.journey.clinic)
    if not form.is_valid():
        return _change_page(request, ending, None, sentences=form.sentences, status=422)
    position, slot = form.cleaned_data["position"], form.cleaned_data["slot"]
    if request.method != "POST" or slot is None:
        return _change_page(request, ending, position)
    try:
        booking.change_session(ending.held, position, slot, now=ending.journey.now)
    except HoldExpired:
        return ended(request, ending.journey)
    except Refusal as refusal:
        return _change_page(request, ending, position, sentences=[refusal.sentence], status=409)
    return redirect(ending.url("questions"))


def _change_page(
    request: HttpRequest, ending: Ending, position: int | None, *, sentences: Any = (), status: int = 200
) -> HttpResponse:
    """The alternatives for one session of a held course."""
    now = ending.journey.now
    seen = proposals.standing(ending.held, now)
    wanted = proposals.request_of(ending.held, seen)
    sessions: Sequence[ProposedSession] = ()
    found: Sequence[Alternative] = ()
    try:
        proposal, _search = proposals.exactly(wanted, seen.slots, stay=seen.slots, now=now)
        sessions = proposal.sessions
        found = proposals.alternatives(proposal, position, now=now) if position in proposal.slots else []
    except Refusal as refusal:  # a time held is too near by now, or the clinic closes: it can still be confirmed
        sentences, status = sentences or [refusal.sentence], 409
    context = ending_context("confirm", ending) | {
        "session": next((session for session in sessions if session.position == position), None),
        "alternatives": by_day({"offer": item.offer, "moved": moved_labels(proposal, item)} for item in found),
        "sentences": sentences,
        "back": ending.url("questions"),
    }
    return render(request, "bookings/hold_change.html", context, status=status)
