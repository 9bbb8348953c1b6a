"""Prices and means of payment, from the protocols that can be booked: a practice must publish them (CSP R.4127-53)."""

from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from treatments import protocols
from treatments.models import Protocol, ProtocolZone, Treatment
from treatments.regulation import profile


@dataclass(frozen=True, slots=True)
class PriceLine:
    """Euros, tax included. `course` is the sum of the firm sessions, with the first consultation where there is one."""

    zone: str
    session: Decimal
    course: Decimal


@dataclass(frozen=True, slots=True)
class PriceTable:
    treatment: Treatment
    lines: tuple[PriceLine, ...]
    sessions: int
    consultation: Decimal | None


@login_not_required
@require_GET
def price_list(request: HttpRequest) -> HttpResponse:
    bookable = Protocol.objects.booked_online().with_parts().order_by("treatment__position", "treatment__slug")
    context = {
        "tables": [_table(protocol) for protocol in bookable],
        "on_quote": Treatment.objects.public().exclude(protocols__in=bookable.values("pk")),
        "quote_from": profile().quote_from,
        "examples": settings.CADENCE_DEMO,
    }
    return render(request, "clinic/prices.html", context)


def _table(protocol: Protocol) -> PriceTable:
    sessions = protocols.expand(protocol, reflection_days=1, with_consultation=True)
    firm = [session for session in sessions if session.firm and session.number]
    consultation = next((session.visit.base_price for session in sessions if session.visit.is_consultation and firm), None)
    zones = sorted(protocol.zones.all(), key=lambda zone: (zone.zone.position, zone.zone.code))
    lines = [_line(protocol, zone.zone.name, [zone]) for zone in zones] or [_line(protocol, "", [])]
    return PriceTable(protocol.treatment, tuple(lines), len(firm), consultation)


def _line(protocol: Protocol, name: str, zones: list[ProtocolZone]) -> PriceLine:
    return PriceLine(name, protocols.session_price(protocol, zones), protocols.course_price(protocol, zones, True))
