"""A published protocol does not change, whatever is sent to the database. Everything here goes round the rules, by SQL."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests.factories.treatments import force_publish, make_protocol, make_question
from treatments.models import Phase, Protocol, ProtocolZone, ScreeningRule, Segment, Status, Visit

FROZEN = "a_published_protocol_is_frozen"


@pytest.fixture
def protocol(db: None) -> Protocol:
    protocol = make_protocol()
    make_question(protocol).zones.add(protocol.zones.earliest("pk").zone)
    return protocol


def refused(sql: str, *params: object) -> str:
    """The name of the constraint that refuses the statement."""
    with pytest.raises(IntegrityError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)
    return str(error.value.__cause__.diag.constraint_name)  # type: ignore[union-attr]


def accepted(sql: str, *params: object) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.rowcount


PARTS = {
    ProtocolZone: "minutes = minutes + 5",
    Visit: "base_price = base_price + 1",
    Phase: "soft_max = soft_max",
    ScreeningRule: "position = position + 1",
    Segment: "minutes = minutes + 5",
    Segment.needs.through: "capability_id = capability_id",
    ScreeningRule.zones.through: "zone_id = zone_id",
}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part._meta.db_table)
def test_no_part_is_updated(protocol: Protocol, part: type) -> None:
    table = part._meta.db_table
    assert accepted(f"UPDATE {table} SET {PARTS[part]}") > 0, "a draft may change"

    force_publish(protocol)

    assert refused(f"UPDATE {table} SET {PARTS[part]}") == FROZEN


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part._meta.db_table)
def test_no_part_is_deleted(protocol: Protocol, part: type) -> None:
    force_publish(protocol)

    assert refused(f"DELETE FROM {part._meta.db_table}") == FROZEN


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part._meta.db_table)
def test_no_part_is_added(protocol: Protocol, part: type) -> None:
    """A copy of a row, under a new key: the trigger speaks before any other constraint can."""
    force_publish(protocol)
    columns = [field.column for field in part._meta.local_concrete_fields if not field.primary_key]
    listed = ", ".join(f'"{column}"' for column in columns)

    statement = f"INSERT INTO {part._meta.db_table} ({listed}) SELECT {listed} FROM {part._meta.db_table} LIMIT 1"

    assert refused(statement) == FROZEN


@pytest.mark.parametrize(
    "change",
    [
        "max_zones = max_zones + 1",
        "consent_fr = 'autre chose'",
        "bookable_online = NOT bookable_online",
        "published_at = now()",
        "status = 'draft', published_at = NULL",
        "status = 'archived', max_zones = 9",
    ],
)
def test_the_protocol_itself_does_not_change(protocol: Protocol, change: str) -> None:
    force_publish(protocol)

    assert refused(f"UPDATE treatments_protocol SET {change}") == FROZEN


def test_a_published_protocol_may_be_archived_and_stays_so(protocol: Protocol) -> None:
    force_publish(protocol)

    assert accepted("UPDATE treatments_protocol SET status = 'archived'") == 1
    assert refused("UPDATE treatments_protocol SET status = 'published'") == FROZEN
    assert refused("UPDATE treatments_visit SET base_price = 1") == FROZEN
    assert refused("DELETE FROM treatments_protocol") == FROZEN


def test_saving_it_unchanged_is_no_change(protocol: Protocol) -> None:
    force_publish(protocol)

    protocol.save()

    protocol.refresh_from_db()
    assert protocol.status == Status.PUBLISHED


def test_nothing_is_inserted_as_published(protocol: Protocol) -> None:
    columns = ", ".join(f'"{field.column}"' for field in Protocol._meta.local_concrete_fields if not field.primary_key)
    force_publish(protocol)

    assert (
        refused(f"INSERT INTO treatments_protocol ({columns}) SELECT {columns} FROM treatments_protocol")
        == "a_protocol_begins_as_a_draft"
    )


def test_a_part_is_not_moved_out_of_a_frozen_protocol_nor_into_one(protocol: Protocol) -> None:
    draft = make_protocol(protocol.treatment, code="draft")
    force_publish(protocol)

    assert (
        refused("UPDATE treatments_visit SET protocol_id = %s, code = 'moved' WHERE protocol_id = %s", draft.pk, protocol.pk)
        == FROZEN
    )
    assert (
        refused("UPDATE treatments_visit SET protocol_id = %s, code = 'moved' WHERE protocol_id = %s", protocol.pk, draft.pk)
        == FROZEN
    )


def test_another_protocol_stays_editable(protocol: Protocol) -> None:
    draft = make_protocol(protocol.treatment, code="draft")
    force_publish(protocol)

    assert accepted("UPDATE treatments_visit SET base_price = 7 WHERE protocol_id = %s", draft.pk) == 2


def test_a_phase_uses_parts_of_its_own_protocol(protocol: Protocol) -> None:
    other = make_protocol(protocol.treatment, code="other")
    visit, phase = other.visits.get(code="session"), other.phases.get(position=3)
    now = "; SET CONSTRAINTS ALL IMMEDIATE"

    assert (
        refused("UPDATE treatments_phase SET visit_id = %s WHERE protocol_id = %s" + now, visit.pk, protocol.pk)
        == "a_phase_uses_a_visit_of_its_own_protocol"
    )
    assert (
        refused(
            "UPDATE treatments_phase SET anchor_phase_id = %s WHERE protocol_id = %s AND position = 4" + now,
            phase.pk,
            protocol.pk,
        )
        == "a_phase_counts_from_a_phase_of_its_own_protocol"
    )
