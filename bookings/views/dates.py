"""Steps 3 and 4 of a booking: the first visit, and the whole course that follows from it. Looking keeps nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl

from dateutil.relativedelta import relativedelta
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bookings import booking, nearness, proposals
from bookings.access import own_holds, remember_hold, visitor_token
from bookings.forms import ChosenForm, MonthForm, WishesForm, dates_query, wishes_query
from bookings.models import Course
from bookings.planner import Slot
from bookings.proposals import Alternative, CourseRequest, Proposal, Suggestion
from bookings.refusals import Refusal, TooManyHolds
from bookings.views.ending import Ending
from bookings.views.month import Month, month_of
from bookings.views.relaxing import relaxations
from bookings.views.steps import Journey, is_htmx, page_context, wishes_form, with_answers
from bookings.views.visitor import network_key
from clinic import hours
from treatments import protocols


@with_answers
def book_first(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Three computed suggestions, then a month of days on which a whole course can begin."""
    filters, shown = filters_of(request, journey), MonthForm(request.GET)
    valid = filters.is_valid() & shown.is_valid()
    wanted = _as_if_free(request, journey, filters, with_consultation=journey.with_consultation)
    only_month = is_htmx(request) and bool({"month", "day"} & request.GET.keys())
    suggestions = [] if only_month else proposals.suggestions(wanted, now=journey.now)
    month = _month(wanted, filters, shown, suggestions, journey)
    start, end = max(month.first, journey.today), month.first + relativedelta(months=1)
    context = page_context("first", journey) | {
        "filters": filters,
        "relaxations": list(relaxations(wanted, filters, journey, start, end)) if valid and not month.chosen else [],
        "suggestions": [
            {"key": item.key, "offer": item.offer, "dates": _query(replace(wanted, wishes=item.wishes), {0: item.offer.slot})}
            for item in suggestions
            if filters.allows(item.offer.slot)
        ],
        "swap_suggestions": is_htmx(request) and not only_month,
        "month": month,
        "decision": journey.decision(journey.draft.answers or {}),
        "with_consultation": wanted.with_consultation,
        "consultation_days": proposals.longest_wait(wanted) if wanted.with_consultation else None,
    }
    template = "bookings/_first_month.html" if is_htmx(request) else "bookings/book_first.html"
    return render(request, template, context, status=200 if valid else 422)


def filters_of(request: HttpRequest, journey: Journey) -> WishesForm:
    return wishes_form(request.POST if request.method == "POST" else request.GET, journey)


def _month(
    wanted: CourseRequest, filters: WishesForm, shown: MonthForm, suggestions: list[Suggestion], journey: Journey
) -> Month:
    """The month asked for, else that of the day asked for, else the first in which a course can begin."""
    day: date | None = shown.cleaned_data.get("day")
    soonest = min((item.offer.starts.date() for item in suggestions), default=journey.today)
    last = hours.horizon(journey.clinic, journey.today)
    first = min(max(shown.cleaned_data.get("month") or day or soonest, journey.today), last).replace(day=1)
    start, end = max(first, journey.today), first + relativedelta(months=1)
    offers = [
        offer for offer in proposals.first_offers(wanted, start=start, end=end, now=journey.now) if filters.allows(offer.slot)
    ]
    return month_of(first, offers, chosen=day, today=journey.today, last=last)


@with_answers
def book_course(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Every date of the course that begins with the chosen first visit; each can be exchanged."""
    filters, form = filters_of(request, journey), ChosenForm(request.GET, clinic=journey.clinic)
    if not (filters.is_valid() & form.is_valid()):
        return _choose_again(request, journey, form.sentences or filters.sentences)
    wanted = _as_if_free(request, journey, filters, with_consultation=form.cleaned_data["consultation"])
    try:
        proposal = proposals.propose(wanted, form.first_slot, pins=form.pins, now=journey.now)
    except Refusal as refusal:
        return _nearest(request, journey, wanted, form.first_slot, refusal)
    return _course_page(request, journey, proposal, form=form)


@with_answers
def book_hold(request: HttpRequest, journey: Journey) -> HttpResponse:
    """Keep these dates for a while; where too many are kept already, go on without, and say so."""
    if request.method != "POST":
        return redirect(journey.url("book-first"))
    filters, form = filters_of(request, journey), ChosenForm(request.POST, clinic=journey.clinic)
    if not (filters.is_valid() & form.is_valid()):
        return _choose_again(request, journey, form.sentences or filters.sentences)
    wanted = journey.request(filters.wishes, with_consultation=form.cleaned_data["consultation"])
    dates = _query(wanted, {0: form.first_slot, **form.pins})
    visitor, network = visitor_token(request), network_key(request)
    try:
        course = booking.hold(wanted, form.first_slot, form.pins, visitor=visitor, network=network, now=journey.now)
    except TooManyHolds:
        return redirect(journey.url("book-identity", dates=dates))
    except Refusal as refusal:
        return _nearest(request, journey, wanted, form.first_slot, refusal)
    remember_hold(request, course)
    return redirect(Ending(replace(journey, draft=replace(journey.draft, dates=dates)), course).url("identity"))


def _as_if_free(request: HttpRequest, journey: Journey, filters: WishesForm, *, with_consultation: bool) -> CourseRequest:
    """What to ask for; dates this browser keeps already do not stand in its own way: others would replace them."""
    wanted = journey.request(filters.wishes, with_consultation=with_consultation)
    return replace(wanted, ignore_courses=tuple(own_holds(request, journey.now).values_list("pk", flat=True)))


def _query(wanted: CourseRequest, slots: Mapping[int, Slot]) -> str:
    """Wishes and dates as they stand in addresses."""
    return "&".join(filter(None, [wishes_query(wanted.wishes), dates_query(slots, with_consultation=wanted.with_consultation)]))


def _course_page(
    request: HttpRequest, journey: Journey, proposal: Proposal, *, form: ChosenForm | None = None, refusal: Refusal | None = None
) -> HttpResponse:
    wanted = proposal.request
    dates = _query(wanted, proposal.slots)
    change = form.cleaned_data["change"] if form else None
    own = own_holds(request, journey.now).first()
    context = page_context("course", journey) | {
        "proposal": proposal,
        "reasons": nearness.of_proposal(proposal, now=journey.now),
        "price": None
        if journey.is_one_visit
        else protocols.course_price(journey.protocol, journey.zones, wanted.with_consultation),
        "own_hold": own,
        "own_hold_url": Ending(journey, own).url("identity") if own else "",
        "dates": dates,
        "fields": [("d", journey.draft.seal()), *parse_qsl(dates)],
        "change": change,
        "changed": form.cleaned_data["changed"] if form else None,
        "alternatives": _alternatives(proposal, change, journey) if change in proposal.slots else [],
        "refusal": refusal,
        "decision": journey.decision(journey.draft.answers or {}),
    }
    template = "bookings/_course_choice.html" if is_htmx(request) else "bookings/book_course.html"
    return render(request, template, context, status=409 if refusal else 200)


def _alternatives(proposal: Proposal, position: int, journey: Journey) -> list[tuple[date, list[dict[str, Any]]]]:
    """Other times for one session, by day, each with the dates it leads to: all sessions that need not move stay."""
    found = proposals.alternatives(proposal, position, now=journey.now)
    return by_day(
        [
            {
                "offer": item.offer,
                "moved": moved_labels(proposal, item),
                "dates": _query(proposal.request, _with(proposal.slots, position, item)),
            }
            for item in found
        ]
    )


def by_day(items: Iterable[dict[str, Any]]) -> list[tuple[date, list[dict[str, Any]]]]:
    """Alternatives grouped by the day of their offer, in order of time."""
    ordered = sorted(items, key=lambda item: item["offer"].slot.start)
    return [(day, list(group)) for day, group in groupby(ordered, key=lambda item: item["offer"].starts.date())]


def times_of(course: Course, found: Iterable[Alternative]) -> list[tuple[date, list[dict[str, Any]]]]:
    """Other times for one session of a stored course, by day, each with the names of the sessions that would move with it."""
    labels = {row.position: row.label for row in course.appointments.select_related("phase")}
    return by_day(
        {
            "offer": item.offer,
            "distance": item.distance,
            "ideal": item.offer.starts.date() - timedelta(days=item.distance),
            "moved": [labels[position] for position in item.moved],
        }
        for item in found
    )


def moved_labels(proposal: Proposal, alternative: Alternative) -> list[str]:
    return [session.label for session in proposal.sessions if session.position in alternative.moved]


def _with(slots: Mapping[int, Slot], position: int, alternative: Alternative) -> dict[int, Slot]:
    kept = {place: slot for place, slot in slots.items() if place not in alternative.moved}
    return kept | {position: alternative.offer.slot}


def _nearest(request: HttpRequest, journey: Journey, wanted: CourseRequest, lost: Slot, refusal: Refusal) -> HttpResponse:
    """The course asked for is no longer possible: why, and the nearest one that is."""
    proposal = proposals.nearest(wanted, lost, now=journey.now)
    if proposal is None:
        return _choose_again(request, journey, [refusal.sentence])
    return _course_page(request, journey, proposal, refusal=refusal)


def _choose_again(request: HttpRequest, journey: Journey, sentences: Any) -> HttpResponse:
    """Nothing can be made of what was asked: say so, with the way back to the first visits."""
    context = page_context("course", journey) | {"sentences": sentences}
    return render(request, "bookings/book_choose_again.html", context, status=422)
