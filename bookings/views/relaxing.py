"""When no course can begin as wished in a month: the nearest starts with one wish less, or later. Computed, never guessed."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from dateutil.relativedelta import relativedelta
from django.http import QueryDict

from bookings import proposals
from bookings.forms import WishesForm
from bookings.proposals import CourseRequest, Offer
from bookings.views.steps import Journey, wishes_form
from clinic import hours

WISHES = ("practitioner", "weekdays", "part")
LATER_MONTHS = 6  # how many months ahead the same wishes are tried


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A start there is once the wish `dropped` is given up, or with all of them, but later ("later"); `query` are the filters left."""

    dropped: str
    offer: Offer
    query: str


def relaxations(wanted: CourseRequest, filters: WishesForm, journey: Journey, start: date, end: date) -> Iterator[Relaxation]:
    """One for each wish that stands in the way in [start, end), clinic-local days; then the next month that has what is wished."""
    for wish in WISHES:
        if filters.cleaned_data.get(wish):
            less = wishes_form(_without(filters.data, wish), journey)  # type: ignore[arg-type]
            if less.is_valid() and (offer := _first(wanted, less, journey, start, end)):
                yield Relaxation(wish, offer, less.query)
    if end > hours.horizon(journey.clinic, journey.today):
        return
    if offer := _first(wanted, filters, journey, end, end + relativedelta(months=LATER_MONTHS)):
        yield Relaxation("later", offer, filters.query)


def _without(data: QueryDict, wish: str) -> QueryDict:
    left = data.copy()
    left.pop(wish, None)
    return left


def _first(wanted: CourseRequest, filters: WishesForm, journey: Journey, start: date, end: date) -> Offer | None:
    offers = proposals.first_offers(replace(wanted, wishes=filters.wishes), start=start, end=end, now=journey.now)
    return next((offer for offer in offers if filters.allows(offer.slot)), None)
