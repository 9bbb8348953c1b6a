"""Minutes and prices."""

from decimal import Decimal

import pytest

from tests.factories.treatments import make_protocol, make_segment
from treatments import protocols
from treatments.catalogue.rhythms import CONSULTATION_PHASE
from treatments.models import Protocol, ProtocolZone, Visit


@pytest.fixture
def protocol(db: None) -> Protocol:
    return make_protocol()


@pytest.fixture
def session(protocol: Protocol) -> Visit:
    return protocol.visits.get(code="session")


def zones(protocol: Protocol, *codes: str) -> list[ProtocolZone]:
    return list(protocol.zones.filter(zone__code__in=codes))


def test_a_segment_that_grows_takes_the_minutes_of_each_zone(protocol: Protocol, session: Visit) -> None:
    needling = session.segments.get(code="needling")

    assert protocols.segment_minutes(needling, zones(protocol, "face", "neck")) == 5 + 20 + 10
    assert protocols.segment_minutes(session.segments.get(code="cleanse"), zones(protocol, "face", "neck")) == 25


def test_the_patient_is_gone_during_clean_up(protocol: Protocol, session: Visit) -> None:
    face = zones(protocol, "face")

    assert protocols.patient_minutes(session, face) == 125
    assert protocols.visit_minutes(session, face) == 135


def test_the_patient_may_come_after_the_set_up(protocol: Protocol, session: Visit) -> None:
    session.segments.filter(code="cleanse").update(patient_present=False)

    assert protocols.patient_minutes(session, zones(protocol, "face")) == 100


def test_a_pause_in_the_middle_counts_for_the_patient(protocol: Protocol, session: Visit) -> None:
    session.segments.filter(code="numbing-wait").update(patient_present=False)

    assert protocols.patient_minutes(session, zones(protocol, "face")) == 125


def test_the_physician_is_needed_for_the_needling_only(protocol: Protocol, session: Visit) -> None:
    assert protocols.hands_on_minutes(session, zones(protocol, "face")) == 25
    assert protocols.hands_on_minutes(protocol.visits.get(code="consultation"), []) == 30


def test_a_visit_nobody_attends_takes_no_patient_time(protocol: Protocol) -> None:
    visit = Visit.objects.create(protocol=protocol, code="set-up", name="Set-up")
    make_segment(visit, "prepare", 10, patient_present=False)

    assert protocols.patient_minutes(visit, []) == 0


def test_zones_add_up_without_rebate(protocol: Protocol) -> None:
    both_zones = zones(protocol, "face", "neck")

    assert protocols.session_price(protocol, both_zones) == Decimal(400)
    assert protocols.visit_price(protocol.visits.get(code="consultation"), both_zones) == Decimal(60)


def test_the_price_of_a_course_is_the_sum_of_its_firm_sessions(protocol: Protocol) -> None:
    face = zones(protocol, "face")

    assert protocols.course_price(protocol, face, with_consultation=False) == Decimal(5 * 250)
    assert protocols.course_price(protocol, face, with_consultation=True) == Decimal(60 + 5 * 250)


def test_a_consultation_alone_costs_its_own_price(db: None) -> None:
    protocol = make_protocol(phases=[CONSULTATION_PHASE])

    assert protocols.session_price(protocol, []) == Decimal(60)
    assert protocols.course_price(protocol, [], with_consultation=False) == Decimal(60)


def test_a_draft_without_phases_costs_nothing(protocol: Protocol) -> None:
    protocol.phases.all().update(anchor="previous", anchor_phase=None)
    protocol.phases.all().delete()

    assert protocols.session_price(protocol, zones(protocol, "face")) == Decimal(0)
    assert protocols.treatment_visit(protocol) is None
