"""A patient answers what the clinic asks: takes a date that is kept for them, confirms one booked long ago, or asks to be called.
Another date is `bookings.views.moving`."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings import offers, reconfirming
from bookings.access import own_course_or_404, own_offers, own_session_or_404
from bookings.forms import StartsForm
from bookings.refusals import OfferOver, PlanChanged
from clinic.models import User


@require_POST
def course_offer_accept(request: HttpRequest, uuid: UUID, offer: UUID) -> HttpResponse:
    """The date is the patient's. What waits for no answer any more (a second click) leads back to the course as it is."""
    assert isinstance(request.user, User)
    course = own_course_or_404(request.user, uuid)
    kept = own_offers(request.user).filter(course=course, uuid=offer).first()
    if kept is None:
        messages.info(request, _("This date no longer waits for an answer. Below you see how things stand."))
        return redirect("bookings:course-detail", uuid=uuid)
    try:
        offers.accept(kept, by=request.user, now=timezone.now())
    except OfferOver as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, _("Thank you: this date is yours. You receive your whole list by e-mail."))
    return redirect("bookings:course-detail", uuid=uuid)


@require_POST
def course_offer_call(request: HttpRequest, uuid: UUID, offer: UUID) -> HttpResponse:
    """Reception is asked to call; asking twice asks once."""
    course = own_course_or_404(request.user, uuid)
    kept = next((row for row in offers.open_for(course, timezone.now()) if row.uuid == offer), None)
    try:
        if kept is None:
            messages.info(request, _("This date no longer waits for an answer. Below you see how things stand."))
        else:
            offers.call_me(kept, now=timezone.now())
            messages.success(request, _("We will call you. Until you have answered, the date stays kept as long as it says."))
    except OfferOver as refusal:
        messages.warning(request, refusal.sentence)
    return redirect("bookings:course-detail", uuid=uuid)


@require_POST
def course_session_confirm(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """The date shown (`starts`) still suits; a second click finds it confirmed."""
    assert isinstance(request.user, User)
    visit, form = own_session_or_404(request.user, uuid, position), StartsForm(request.POST)
    if not form.is_valid():
        raise BadRequest
    try:
        reconfirming.confirm(visit.course, position, form.cleaned_data["starts"], by=request.user, now=timezone.now())
    except PlanChanged:
        messages.warning(request, _("This date has changed. Below you see how things stand."))
    else:
        messages.success(request, _("Thank you: we expect you."))
    return redirect("bookings:course-detail", uuid=uuid)


@require_POST
def course_session_call(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """Reception is asked to call about this date; asking twice asks once."""
    try:
        reconfirming.call_me(own_session_or_404(request.user, uuid, position), now=timezone.now())
    except PlanChanged:
        messages.warning(request, _("This date has changed. Below you see how things stand."))
    else:
        messages.success(request, _("We will call you. Until then the date stays yours."))
    return redirect("bookings:course-detail", uuid=uuid)
