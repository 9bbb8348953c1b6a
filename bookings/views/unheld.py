"""Booking without a hold: where too many dates are kept already, they are stored when the patient confirms."""

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from bookings.views.confirm import confirm_step, questions_step
from bookings.views.ending import Ending
from bookings.views.steps import Journey, with_answers
from bookings.views.who import identity_step


def without_hold(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Hands the view the `Ending` of dates that are only chosen; without dates it leads back to them."""

    @with_answers
    @wraps(view)
    def page(request: HttpRequest, journey: Journey) -> HttpResponse:
        ending = Ending(journey, None)
        return view(request, ending) if ending.dates_are_readable else redirect(journey.url("book-first"))

    return page


@without_hold
def book_identity(request: HttpRequest, ending: Ending) -> HttpResponse:
    return identity_step(request, ending)


@without_hold
def book_questions(request: HttpRequest, ending: Ending) -> HttpResponse:
    return questions_step(request, ending)


@without_hold
def book_confirm(request: HttpRequest, ending: Ending) -> HttpResponse:
    return confirm_step(request, ending)
