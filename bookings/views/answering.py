"""A patient answers a date that is kept for them: accepts it, or asks to be called. Another date is `bookings.views.moving`."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bookings import offers
from bookings.access import own_course_or_404, own_offers
from bookings.refusals import OfferOver
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
    if kept := own_offers(request.user).filter(course=course, uuid=offer).first():
        offers.call_me(kept, now=timezone.now())
    messages.success(request, _("We will call you. Until you have answered, the date stays kept as long as it says."))
    return redirect("bookings:course-detail", uuid=uuid)
