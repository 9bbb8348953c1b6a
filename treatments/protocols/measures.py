"""How long a visit takes, for whom, and what it costs. Minutes are whole minutes on the 5-minute grid, prices euros."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal

from treatments.models import Protocol, ProtocolZone, Segment, Visit
from treatments.protocols.expansion import expand, is_one_visit, phases_of, without


def segment_minutes(segment: Segment, zones: Collection[ProtocolZone]) -> int:
    """Length of a segment: its own minutes, and those of each zone if it grows with them."""
    return segment.minutes + (sum(zone.minutes for zone in zones) if segment.grows_with_zones else 0)


def visit_minutes(visit: Visit, zones: Collection[ProtocolZone]) -> int:
    """Length of the whole visit, with what is done before the patient comes in and after they leave."""
    return sum(segment_minutes(segment, zones) for segment in visit.segments.all())


def patient_minutes(visit: Visit, zones: Collection[ProtocolZone]) -> int:
    """From the first to the last segment with the patient present: what is printed on the appointment."""
    segments = sorted(visit.segments.all(), key=lambda segment: segment.position)
    while segments and not segments[0].patient_present:
        segments.pop(0)
    while segments and not segments[-1].patient_present:
        segments.pop()
    return sum(segment_minutes(segment, zones) for segment in segments)


def hands_on_minutes(visit: Visit, zones: Collection[ProtocolZone]) -> int:
    """Minutes in which the visit needs whoever leads it (the physician); during the others they are free."""
    lead = visit.protocol.lead_capability_id
    return sum(
        segment_minutes(segment, zones)
        for segment in visit.segments.all()
        if any(need.pk == lead for need in segment.needs.all())
    )


def visit_price(visit: Visit, zones: Collection[ProtocolZone]) -> Decimal:
    """What one visit of this kind costs with these zones."""
    return visit.base_price + (sum((zone.price for zone in zones), Decimal(0)) if visit.charges_zones else Decimal(0))


def treatment_visit(protocol: Protocol) -> Visit | None:
    """The kind of visit of the first treatment session; of the consultation if there is nothing else; None without phases."""
    phases = sorted(phases_of(protocol), key=lambda phase: (phase.visit.is_consultation, phase.position))
    return phases[0].visit if phases else None


def session_price(protocol: Protocol, zones: Collection[ProtocolZone]) -> Decimal:
    """What one treatment session costs with these zones."""
    visit = treatment_visit(protocol)
    return visit_price(visit, zones) if visit else Decimal(0)


def consultation_price(protocol: Protocol) -> Decimal | None:
    """What the consultation at the beginning costs; None where the protocol has none."""
    return next((visit_price(visit, ()) for visit in protocol.visits.all() if visit.is_consultation), None)


def course_price(
    protocol: Protocol,
    zones: Collection[ProtocolZone],
    with_consultation: bool,
    *,
    dropped: Collection[int] = (),
    done: Collection[int] = (),
) -> Decimal:
    """The sum of the firm sessions: what a quote is written for. Each is paid after it took place, nothing in advance.

    `dropped`: the positions of those that will not take place; `done`: of those that need not be counted any more."""
    sessions = without(expand(protocol, reflection_days=1, with_consultation=with_consultation), dropped)
    return sum(
        (visit_price(session.visit, zones) for session in sessions if session.firm and session.index not in done), Decimal(0)
    )


@dataclass(frozen=True, slots=True)
class Prices:
    """What a patient is told a course costs, in euros; no `consultation` where none is to come. `course` is what is to come, all of
    it unless the course has `begun`."""

    session: Decimal
    consultation: Decimal | None
    course: Decimal
    one_visit: bool
    begun: bool


def prices(
    protocol: Protocol,
    zones: Collection[ProtocolZone],
    with_consultation: bool,
    *,
    dropped: Collection[int] = (),
    done: Collection[int] = (),
) -> Prices:
    """`dropped`: the positions of the sessions that will not take place; `done`: of those that have, for the zones of their day."""
    return Prices(
        session=session_price(protocol, zones),
        consultation=consultation_price(protocol) if with_consultation else None,
        course=course_price(protocol, zones, with_consultation, dropped=dropped, done=done),
        one_visit=is_one_visit(protocol),
        begun=bool(done),
    )
