"""The team proposes another date for visits that cannot take place, and answers for patients on the phone."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from bookings import displaced, offers, reconfirming
from bookings.access import clinic_appointment_or_404, clinic_course_or_404, clinic_offers, clinic_session_or_404
from bookings.displaced import Displaced, Place
from bookings.forms import SlotForm, StartsForm, asks_of
from bookings.models import Appointment, Task
from bookings.planner import Slot
from bookings.refusals import OfferOver, PlanChanged, Refusal
from bookings.views.staff.day import clinic_of, member
from clinic.access import TEAM, role_required


@require_POST
@role_required(*TEAM)
def staff_appointment_propose(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep the place the list shows for this visit (`slot`) until its patient answers, and write to them."""
    visit, now = clinic_appointment_or_404(request.user, uuid), timezone.now()
    form = SlotForm(request.POST, clinic=visit.course.clinic)
    if not form.is_valid():
        raise BadRequest
    if not any(row.visit.pk == visit.pk for row in unanswered(request, now)):
        messages.info(request, _("This visit needs no other date any more, or its patient has been asked already."))
        return redirect("bookings:staff-displaced")
    try:
        _offer(visit, form.cleaned_data["slot"], request, now)
    except Refusal as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, _("The date is kept, and the patient is asked."))
    return redirect("bookings:staff-displaced")


@require_POST
@role_required(*TEAM)
def staff_displaced_propose(request: HttpRequest) -> HttpResponse:
    """The same for every visit (`ask`) with a place of its own, as the list shows them. Who is to be called stays on the list."""
    now, asked, refused = timezone.now(), 0, 0
    try:
        slots = asks_of(request.POST.getlist("ask"), clinic_of(request))
    except ValueError as error:
        raise BadRequest from error
    rows = unanswered(request, now)
    calls = to_be_called(rows)
    for row in displaced.in_need_first(rows):  # as they were placed, so that each finds the room it had in the list
        if row.visit.uuid not in slots or row.visit.pk in calls:
            continue
        try:
            _offer(row.visit, slots[row.visit.uuid], request, now)
        except Refusal:
            refused += 1
        else:
            asked += 1
    sentence = ngettext("%(count)d patient is asked.", "%(count)d patients are asked.", asked) % {"count": asked}
    messages.success(request, sentence)
    if refused:
        said = ngettext(
            "For %(count)d visit the date could not be kept any more: please look at the list again.",
            "For %(count)d visits the date could not be kept any more: please look at the list again.",
            refused,
        )
        messages.warning(request, said % {"count": refused})
    return redirect("bookings:staff-displaced")


@require_POST
@role_required(*TEAM)
def staff_offer_accept(request: HttpRequest, uuid: UUID, offer: UUID) -> HttpResponse:
    """The patient has said yes on the phone."""
    return _answer(request, uuid, offer, offers.accept, _("Accepted: the visit has its new date."))


@require_POST
@role_required(*TEAM)
def staff_offer_withdraw(request: HttpRequest, uuid: UUID, offer: UUID) -> HttpResponse:
    """The date is free for others again."""
    return _answer(request, uuid, offer, offers.withdraw, _("Withdrawn: the date is free again."))


@require_POST
@role_required(*TEAM)
def staff_session_confirm(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """The patient has said on the phone that the date booked long ago still suits."""
    visit, form = clinic_session_or_404(request.user, uuid, position), StartsForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    try:
        reconfirming.confirm(visit.course, position, form.cleaned_data["starts"], by=member(request), now=timezone.now())
    except PlanChanged:
        messages.warning(request, _("This date has changed meanwhile."))
    else:
        messages.success(request, _("Confirmed: the patient comes."))
    return redirect("bookings:staff-course", uuid=uuid)


def _answer(request: HttpRequest, uuid: UUID, offer: UUID, answer: Callable[..., Any], said: str) -> HttpResponse:
    """What waits for no answer any more (a second click, the patient was quicker) leads back to the page as it is."""
    course = clinic_course_or_404(request.user, uuid)
    kept = clinic_offers(request.user).filter(course=course, uuid=offer).first()
    try:
        if kept is None:
            messages.info(request, _("This date no longer waits for an answer."))
        else:
            answer(kept, by=member(request), now=timezone.now())
            messages.success(request, said)
    except OfferOver:
        messages.warning(request, _("This date is no longer kept, or no longer possible."))
    if request.POST.get("from") == "course":
        return redirect("bookings:staff-course", uuid=uuid)
    return redirect("bookings:staff-displaced")


def unanswered(request: HttpRequest, now: datetime) -> list[Displaced]:
    """The visits that cannot take place and for which nothing is kept yet."""
    rows = displaced.displaced(clinic_of(request), now)
    asked = set(clinic_offers(request.user).filter(reply_by__gt=now).values_list("course", "position"))
    return [row for row in rows if (row.visit.course_id, row.visit.position) not in asked]


def to_be_called(rows: list[Displaced]) -> set[int]:
    """The visits (keys) about which somebody is to call: the patient wants it, or has not answered. One query."""
    calls = Task.objects.open().filter(kind__in=Task.CALLS, appointment__in=[row.visit.pk for row in rows])
    return {key for key in calls.values_list("appointment", flat=True) if key}


def askable(place: Place | None, row: Displaced, now: datetime) -> Slot | None:
    """The slot to ask the patient about by e-mail: one that touches no other date, and leaves time for an answer."""
    patient = row.visit.course.patient
    if place is None or place.alternative is None or not place.alone or not (patient and patient.email):
        return None
    slot = place.alternative.offer.slot
    return slot if offers.leaves_time(row.visit, slot, now) else None


def _offer(visit: Appointment, slot: Slot, request: HttpRequest, now: datetime) -> None:
    """Raises the refusals of `offers.offer`."""
    within = timedelta(hours=visit.course.clinic.reply_hours)
    offers.offer(visit, slot, within=within, by=member(request), now=now)
