"""Who is away, and the visits that need another place for it: a call list in order of hour."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bookings import absences, displaced, offers, proposals, restored
from bookings.access import clinic_absences, clinic_appointment_or_404, clinic_offers
from bookings.forms import ask_text
from bookings.forms.staff import AbsenceForm
from bookings.models import Appointment
from bookings.refusals import LostMeanwhile, SlotUnavailable
from bookings.views.staff.day import clinic_of, member
from bookings.views.staff.proposing import askable, to_be_called, unanswered
from clinic.access import TEAM, role_required


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_absences(request: HttpRequest) -> HttpResponse:
    """Absences that are not over, and the form for another; once it is entered, the visits it concerns."""
    clinic, now = clinic_of(request), timezone.localtime(timezone.now())
    form = AbsenceForm(request.POST if request.method == "POST" else None, clinic=clinic, initial=_today(now))
    if form.is_valid():
        data = form.cleaned_data
        absences.enter(data["resource"], data["starts"], data["ends"], reason=data["reason"], by=member(request))
        messages.success(request, _("Noted: nothing new is booked there. These visits need another place, if there are any."))
        return redirect("bookings:staff-displaced")
    coming = clinic_absences(request.user).filter(during__endswith__gt=now).select_related("resource").order_by("during")
    context = {"form": form, "absences": coming, "now": now}
    return render(request, "bookings/staff_absences.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_absence_lift(request: HttpRequest, pk: int) -> HttpResponse:
    """There after all: asks first, and says who is told. Saying it twice changes nothing."""
    clinic, now = clinic_of(request), timezone.now()
    absence = clinic_absences(request.user).filter(pk=pk, during__endswith__gt=now).select_related("resource").first()
    if absence is None:
        messages.info(request, _("This absence is over already."))
        return redirect("bookings:staff-absences")
    if request.method != "POST":
        context = {
            "absence": absence,
            "waiting": restored.waiting(absence, clinic, now),
            "elsewhere": restored.waiting_elsewhere(absence, clinic, now),
            "begun": absence.during.lower <= now,
        }
        return render(request, "bookings/staff_absence_lift.html", context)
    told = restored.lift(absence, by=member(request), now=now)
    messages.success(request, _("The absence is over.") if absence.during.lower <= now else _("The absence is taken back."))
    if told:
        sentence = ngettext(
            "%(count)d patient is told that the first date stands.",
            "%(count)d patients are told that the first date stands.",
            told,
        )
        messages.success(request, sentence % {"count": told})
    return redirect("bookings:staff-absences")


@require_safe
@never_cache
@role_required(*TEAM)
def staff_displaced(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_POST
@role_required(*TEAM)
def staff_displaced_all(request: HttpRequest) -> HttpResponse:
    """Another room, device or assistant for every visit that can keep its time: no patient notices anything."""
    now = timezone.now()
    rows = displaced.in_need_first(unanswered(request, now))
    done = sum(_reassign(row.visit, request, now) for row in rows if not row.lead_is_missing)
    messages.success(request, _("%(count)d visits have another room, device or assistant.") % {"count": done})
    return redirect("bookings:staff-displaced")


@require_POST
@role_required(*TEAM)
def staff_appointment_reassign(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same for one visit. A second click, or one after its patient has been asked, finds nothing left to do."""
    visit, now = clinic_appointment_or_404(request.user, uuid), timezone.now()
    row = next((row for row in unanswered(request, now) if row.visit.pk == visit.pk), None)
    if row is not None and not _reassign(row.visit, request, now):
        return _list(request, refusal=SlotUnavailable(), status=409)
    if row is None:
        messages.info(request, _("This visit needs no other date any more, or its patient has been asked already."))
    else:
        messages.success(request, _("The visit keeps its time, with another room, device or assistant."))
    return redirect("bookings:staff-displaced")


def _reassign(visit: Appointment, request: HttpRequest, now: datetime) -> bool:
    """Whether it could be done; who was slower than somebody else sees the list as it is now."""
    try:
        return displaced.reassign(visit, by=member(request), now=now)
    except LostMeanwhile:
        return False


def _list(request: HttpRequest, *, status: int = 200, **said: Any) -> HttpResponse:
    now = timezone.localtime(timezone.now())
    kept = sorted(offers.paired(clinic_offers(request.user).filter(reply_by__gt=now)), key=_hour)
    waiting = unanswered(request, now)
    places, calls = displaced.places(waiting, now), to_be_called(waiting)
    lines = [
        {
            "row": row,
            "place": (place := places[row.visit.pk]),
            "slot": _slot(place),
            "ask": (slot := askable(place, row, now)) and ask_text(row.visit.uuid, slot),
            "to_call": row.visit.pk in calls,
        }
        for row in waiting
    ]
    same_time = sum(place is not None and place.same_time for place in places.values())
    to_ask = [line["ask"] for line in lines if line["ask"] and not line["to_call"]]
    context = {"lines": lines, "same_time": same_time, "to_ask": to_ask, "kept": kept, "now": now} | said
    return render(request, "bookings/staff_displaced.html", context, status=status)


def _hour(kept: Appointment) -> datetime:
    """By which the list is in order, as that of the visits that nobody has been asked about: the visit's own."""
    during = kept.instead_of.during or kept.during  # type: ignore[attr-defined]
    hour: datetime = during.lower
    return hour


def _slot(place: displaced.Place | None) -> str:
    return proposals.slot_text(place.alternative.offer.slot) if place and place.alternative else ""


def _today(now: datetime) -> dict[str, datetime]:
    """What the form begins with: the whole of today."""
    zone = now.tzinfo
    return {
        "starts": datetime.combine(now.date(), time(0), zone),
        "ends": datetime.combine(now.date(), time(23, 55), zone),
    }
