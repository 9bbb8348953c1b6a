"""Steps 1 and 2 of a booking: what is to be treated, and whether it can be done safely. Nothing is stored."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from bookings.forms import Draft, HoldForm, SafetyForm, ZonesForm
from bookings.screening import Decision
from bookings.views.steps import (
    Journey,
    clinic_or_404,
    is_htmx,
    journey_page,
    page_context,
    patients_behind,
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
    journey = Journey(clinic_or_404(), protocol, Draft(protocol.pk), timezone.now(), patients_behind(request))
    if len(options) <= 1:
        return redirect(journey.url("book-safety", zones=tuple(option.zone.code for option in options)))
    form = ZonesForm(request.POST or None, protocol=protocol, options=options, initial={"zones": request.GET.getlist("zones")})
    context = page_context("zones", journey) | {"form": form, "lost": "lost" in request.GET} | _totals(form, journey)
    if is_htmx(request):
        return render(request, "bookings/_zones_bar.html", context)
    if request.method == "POST" and form.is_valid():
        return redirect(journey.url("book-safety", zones=tuple(option.zone.code for option in form.cleaned_data["zones"])))
    return render(request, "bookings/book_zones.html", context, status=422 if form.errors else 200)


@with_journey
def book_safety(request: HttpRequest, journey: Journey) -> HttpResponse:
    """The short list: what blocks, delays, or is for the physician to decide."""
    rules = journey.rules(Stage.SAFETY)
    if not rules:
        return redirect(_after_safety(request, replace(journey, draft=replace(journey.draft, answers={}))))
    posted = request.POST if request.method == "POST" else None
    form = SafetyForm(posted, rules=rules, today=journey.today, answers=journey.draft.answers)
    if is_htmx(request):
        return _verdict(request, journey, form)
    if posted is None or not form.is_valid():
        context = page_context("safety", journey) | {"form": form, "lost": "lost" in request.GET, "hold": _hold_uuid(request)}
        return render(request, "bookings/book_safety.html", context, status=422 if form.errors else 200)
    decision = journey.decision(form.answers)
    if decision.blocked:
        return blocked(request, journey.protocol, decision)
    return redirect(_after_safety(request, replace(journey, draft=replace(journey.draft, answers=form.answers))))


def _after_safety(request: HttpRequest, journey: Journey) -> str:
    """On to the dates, or back to those already kept."""
    hold = _hold_uuid(request)
    if hold is None:
        return journey.url("book-first")
    return with_query(reverse("bookings:hold-identity", args=[hold]), f"d={journey.draft.seal()}")


def _hold_uuid(request: HttpRequest) -> UUID | None:
    form = HoldForm(request.POST if request.method == "POST" else request.GET)
    return form.cleaned_data["hold"] if form.is_valid() else None


def _verdict(request: HttpRequest, journey: Journey, form: SafetyForm) -> HttpResponse:
    """What the ticks so far mean, while the visitor is still ticking."""
    form.is_valid()
    decision = journey.decision(form.answers)
    context = {
        "decision": decision,
        "answered": bool(form.answers),
        "treatment": journey.protocol.treatment,
        "consultation": consultation(),
    }
    return render(request, "bookings/_safety_verdict.html", context)


def blocked(request: HttpRequest, protocol: Protocol, decision: Decision) -> HttpResponse:
    """No online booking with these answers: why, and what can be done instead. Nothing was stored."""
    context = {"treatment": protocol.treatment, "decision": decision, "consultation": consultation()}
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
