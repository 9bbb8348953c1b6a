"""Steps 1 and 2 of a booking: what is to be treated, and whether it can be done safely. Nothing is stored."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from bookings import booking
from bookings.access import held_course_or_404
from bookings.forms import Draft, HoldForm, SafetyForm, ZonesForm
from bookings.screening import Answers, Decision
from bookings.views.steps import (
    Journey,
    clinic_or_404,
    is_htmx,
    journey_page,
    page_context,
    patients_behind,
    posted,
    protocol_or_404,
    with_journey,
    with_query,
)
from treatments import protocols
from treatments.models import Category, Protocol, Stage, Treatment


@journey_page
def book_zones(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the zones; a treatment of one zone, or of none, has nothing to choose."""
    protocol = protocol_or_404(slug)
    options = list(protocol.zones.all())
    journey = Journey(clinic_or_404(request), protocol, Draft(protocol.pk), timezone.now(), patients_behind(request))
    if len(options) <= 1:
        return redirect(journey.url("book-safety", zones=tuple(option.zone.code for option in options)))
    form = ZonesForm(posted(request), protocol=protocol, options=options, initial={"zones": request.GET.getlist("zones")})
    context = page_context("zones", journey) | {"form": form, "lost": "lost" in request.GET} | _totals(form, journey)
    if is_htmx(request):
        return render(request, "bookings/_zones_bar.html", context)
    if request.method == "POST" and form.is_valid():
        return redirect(journey.url("book-safety", zones=tuple(option.zone.code for option in form.cleaned_data["zones"])))
    return render(request, "bookings/book_zones.html", context, status=422 if form.errors else 200)


@with_journey
def book_safety(request: HttpRequest, journey: Journey) -> HttpResponse:
    """The short list: what blocks, delays, or is for the physician to decide; or, with answers that block, the way on."""
    rules = journey.rules(Stage.SAFETY)
    if not rules:
        return redirect(_after_safety(request, journey, {}))
    given = journey.decision(journey.draft.answers or {})
    if request.method == "GET" and not is_htmx(request) and given.blocked:
        return blocked(request, journey, given)
    form = SafetyForm(posted(request), rules=rules, today=journey.today, answers=journey.draft.answers)
    valid = form.is_valid()
    context = page_context("safety", journey) | {
        "form": form,
        "lost": "lost" in request.GET,
        "hold": _hold_uuid(request),
        "decision": journey.decision(form.answers) if form.is_bound else given,
        "consultation": consultation(),
    }
    if is_htmx(request):  # while the visitor is still ticking
        return render(request, "bookings/_safety_verdict.html", context)
    if not valid:
        return render(request, "bookings/book_safety.html", context, status=422 if form.errors else 200)
    return _judged(request, journey, form)


def _judged(request: HttpRequest, journey: Journey, form: SafetyForm) -> HttpResponse:
    """On to the dates, or to those already kept; a block ends the way here, and gives kept dates back."""
    decision = journey.decision(form.answers)
    if not decision.blocked:
        return redirect(_after_safety(request, journey, form.answers))
    hold = _hold_uuid(request)
    if hold is not None:
        booking.release(held_course_or_404(request, hold), now=journey.now)
    return redirect(journey.url("book-safety", answers=form.answers))  # a page of its own, to which the browser can come back


def _after_safety(request: HttpRequest, journey: Journey, answers: Answers) -> str:
    draft, hold = replace(journey.draft, answers=answers), _hold_uuid(request)
    if hold is None:
        return journey.url("book-first", answers=answers)
    return with_query(reverse("bookings:hold-identity", args=[hold]), f"d={draft.seal()}")


def _hold_uuid(request: HttpRequest) -> UUID | None:
    """The dates kept already, when someone had to come back to this step."""
    form = HoldForm(request.POST if request.method == "POST" else request.GET)
    return form.cleaned_data["hold"] if form.is_valid() else None


def blocked(request: HttpRequest, journey: Journey, decision: Decision) -> HttpResponse:
    """No online booking with these answers: why, and what can be done instead. Nothing was stored."""
    context = {
        "treatment": journey.protocol.treatment,
        "decision": decision,
        "consultation": consultation(),
        "again": journey.url("book-safety", answers=None),
    }
    return render(request, "bookings/book_blocked.html", context, status=409)


def consultation() -> Treatment | None:
    """The consultation patients can book by itself."""
    bookable: Treatment | None = (
        Treatment.objects.public().filter(category=Category.CONSULTATION, protocols__in=Protocol.objects.booked_online()).first()
    )
    return bookable


def _totals(form: ZonesForm, journey: Journey) -> dict[str, Any]:
    """Time and price of what is ticked, for the bar below the chips."""
    chosen = [option for option, is_chosen in form.chips if is_chosen]
    visit = protocols.treatment_visit(journey.protocol)
    return {
        "chosen": chosen,
        "minutes": protocols.patient_minutes(visit, chosen) if visit else 0,
        "session_price": protocols.session_price(journey.protocol, chosen),
        "course_price": protocols.course_price(journey.protocol, chosen, journey.with_consultation),
    }
