"""What is offered, told honestly, with the first free date before anything is asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from bookings import nearness, proposals
from bookings.planner import Wishes
from bookings.proposals import CourseRequest, Offer, Proposal
from bookings.refusals import Refusal
from clinic.context import current_clinic
from clinic.models import Clinic
from treatments import protocols
from treatments.models import Category, Faq, Protocol, ProtocolZone, Treatment

REMEMBERED = 120  # seconds; the next page looks anew


@dataclass(frozen=True, slots=True)
class Card:
    """A treatment in a list: what it costs at least, and when it can begin. Without a protocol it is not booked online."""

    treatment: Treatment
    protocol: Protocol | None
    starts: datetime | None

    @property
    def has_zones(self) -> bool:
        return bool(self.protocol and self.protocol.zones.all())

    @property
    def price_from(self) -> Decimal | None:
        """The price of one session of the least expensive zone."""
        return (
            min((protocols.session_price(self.protocol, zones) for zones in _choices(self.protocol)), default=None)
            if self.protocol
            else None
        )


@dataclass(frozen=True, slots=True)
class ZoneLine:
    """A line of the table of prices: minutes on site and price of a session, and the sum of the firm sessions.

    A protocol without zones has one line.
    """

    zone: ProtocolZone | None
    minutes: int
    session_price: Decimal
    course_price: Decimal


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "treatments/home.html", listed(timezone.now()))


@require_safe
@login_not_required
def treatment_list(request: HttpRequest) -> HttpResponse:
    return render(request, "treatments/treatment_list.html", listed(timezone.now()))


@require_safe
@login_not_required
def treatment_detail(request: HttpRequest, slug: str) -> HttpResponse:
    treatment = get_object_or_404(Treatment.objects.public(), slug=slug)
    protocol, clinic, now = protocols.booked_online(treatment), current_clinic(), timezone.now()
    offer = first_offer(protocol, clinic, now) if protocol and clinic else None
    proposal = example(protocol, clinic, offer, now) if protocol and clinic and offer else None
    context = {
        "treatment": treatment,
        "protocol": protocol,
        "is_one_visit": protocols.is_one_visit(protocol) if protocol else False,
        "zones": zone_lines(protocol, clinic) if protocol and clinic else [],
        "offer": offer,
        "proposal": proposal,
        "reasons": nearness.of_proposal(proposal, now=now) if proposal else {},
        "indications": treatment.indications.public(),
        "steps": treatment.steps.all(),
        "faqs": Faq.objects.filter(Q(treatment=treatment) | Q(treatment=None)),
        "consultation": Treatment.objects.public().filter(category=Category.CONSULTATION).first(),
    }
    return render(request, "treatments/treatment_detail.html", context)


def listed(now: datetime) -> dict[str, list[Card]]:
    """The cards of a list: what is booked here first, then the other approaches."""
    everything = cards(now)
    return {
        "cards": [card for card in everything if card.treatment.category != Category.ALTERNATIVE],
        "alternatives": [card for card in everything if card.treatment.category == Category.ALTERNATIVE],
    }


def cards(now: datetime) -> list[Card]:
    """Every public treatment, in its order, with its online protocol and the first free date."""
    online = {protocol.treatment_id: protocol for protocol in Protocol.objects.booked_online().with_parts()}
    starts = first_dates(online.values(), now)
    return [
        Card(treatment, protocol := online.get(treatment.pk), starts.get(protocol.pk) if protocol else None)
        for treatment in Treatment.objects.public()
    ]


def first_dates(online: Iterable[Protocol], now: datetime) -> dict[int, datetime | None]:
    """When each protocol can begin for someone new; remembered for two minutes, as a home page may."""
    clinic = current_clinic()
    keys = {f"first-date-{protocol.pk}": protocol for protocol in online}
    known = cache.get_many(keys)
    missing = {key: first_offer(protocol, clinic, now) for key, protocol in keys.items() if key not in known} if clinic else {}
    found = {key: offer and offer.starts for key, offer in missing.items()}
    if found:
        cache.set_many(found, REMEMBERED)
    return {keys[key].pk: starts for key, starts in {**known, **found}.items()}


def first_offer(protocol: Protocol, clinic: Clinic, now: datetime) -> Offer | None:
    return proposals.first_free(_request_of_a_newcomer(protocol, clinic, now), now=now)


def example(protocol: Protocol, clinic: Clinic, offer: Offer, now: datetime) -> Proposal | None:
    """The whole course that would begin on the first free date, for one zone."""
    try:
        return proposals.propose(_request_of_a_newcomer(protocol, clinic, now), offer.slot, now=now)
    except Refusal:  # someone was quicker since the offer was read
        return None


def _request_of_a_newcomer(protocol: Protocol, clinic: Clinic, now: datetime) -> CourseRequest:
    return CourseRequest(
        clinic=clinic,
        protocol=protocol,
        zones=tuple(list(protocol.zones.all())[:1]),
        with_consultation=proposals.with_consultation(protocol, clinic, None, now),
        wishes=Wishes(),
    )


def zone_lines(protocol: Protocol, clinic: Clinic) -> list[ZoneLine]:
    """What each zone takes and costs by itself; without zones, what the treatment does."""
    visit = protocols.treatment_visit(protocol)
    if visit is None:
        return []
    first = protocols.has_consultation(protocol) and clinic.consultation_first
    return [
        ZoneLine(
            next(iter(zones), None),
            protocols.patient_minutes(visit, zones),
            protocols.session_price(protocol, zones),
            protocols.course_price(protocol, zones, first),
        )
        for zones in _choices(protocol)
    ]


def _choices(protocol: Protocol) -> list[list[ProtocolZone]]:
    """Each zone alone; a protocol without zones has one way to be booked."""
    return [[zone] for zone in protocol.zones.all()] or [[]]
