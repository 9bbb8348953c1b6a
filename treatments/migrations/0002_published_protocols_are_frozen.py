"""The database itself freezes a published protocol and all its parts.

A draft may be edited, published or deleted. What is published may only be archived; nothing else of it ever changes,
because running courses were planned, priced and consented to on exactly these values.
A part also locks its protocol's row for the moment of the change, so nothing slips in while it is being published.
"""

from typing import ClassVar

from django.db import migrations

# Every part, and how SQL finds the protocol of one of its rows (OLD or NEW stands for `row`).
PARTS = {
    "treatments_protocolzone": "{row}.protocol_id",
    "treatments_visit": "{row}.protocol_id",
    "treatments_phase": "{row}.protocol_id",
    "treatments_screeningrule": "{row}.protocol_id",
    "treatments_segment": "(SELECT protocol_id FROM treatments_visit WHERE id = {row}.visit_id)",
    "treatments_segment_needs": (
        "(SELECT v.protocol_id FROM treatments_segment s JOIN treatments_visit v ON v.id = s.visit_id WHERE s.id = {row}.segment_id)"
    ),
    "treatments_screeningrule_zones": "(SELECT protocol_id FROM treatments_screeningrule WHERE id = {row}.screeningrule_id)",
}

REFUSE = """
CREATE FUNCTION treatments_refuse_frozen(protocol bigint, what text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE state text;
BEGIN
    SELECT status INTO state FROM treatments_protocol WHERE id = protocol FOR SHARE;
    IF state <> 'draft' THEN
        RAISE EXCEPTION 'protocol % is %: its % cannot change, make a new version', protocol, state, what
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_published_protocol_is_frozen';
    END IF;
END $$;
"""

PROTOCOL = """
CREATE FUNCTION treatments_protocol_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.status <> 'draft' THEN
            RAISE EXCEPTION 'a protocol begins as a draft'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_protocol_begins_as_a_draft';
        END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE' THEN
        IF OLD.status <> 'draft' THEN
            RAISE EXCEPTION 'protocol % is %: archive it instead of deleting it', OLD.id, OLD.status
                USING ERRCODE = 'check_violation', CONSTRAINT = 'a_published_protocol_is_frozen';
        END IF;
        RETURN OLD;
    END IF;
    IF OLD.status = 'draft' AND NEW.status IN ('draft', 'published') THEN
        RETURN NEW;
    END IF;
    IF OLD.status = 'published' AND NEW.status = 'archived' AND to_jsonb(OLD) - 'status' = to_jsonb(NEW) - 'status' THEN
        RETURN NEW;
    END IF;
    IF NEW IS DISTINCT FROM OLD THEN
        RAISE EXCEPTION 'protocol % is %: it cannot change, make a new version', OLD.id, OLD.status
            USING ERRCODE = 'check_violation', CONSTRAINT = 'a_published_protocol_is_frozen';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER a_published_protocol_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON treatments_protocol
    FOR EACH ROW EXECUTE FUNCTION treatments_protocol_is_frozen();
"""


def freeze_part(table: str, protocol: str) -> str:
    """SQL that refuses any change to a row of `table` whose protocol is no draft."""
    what = table.removeprefix("treatments_")
    old, new = protocol.format(row="OLD"), protocol.format(row="NEW")
    return f"""
CREATE FUNCTION {table}_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN PERFORM treatments_refuse_frozen({old}, '{what}'); END IF;
    IF TG_OP <> 'DELETE' THEN PERFORM treatments_refuse_frozen({new}, '{what}'); RETURN NEW; END IF;
    RETURN OLD;
END $$;

CREATE TRIGGER a_published_protocol_is_frozen BEFORE INSERT OR UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION {table}_is_frozen();
"""


def thaw(table: str) -> str:
    return f"DROP TRIGGER a_published_protocol_is_frozen ON {table}; DROP FUNCTION {table}_is_frozen();"


# A phase uses a visit, and counts from a phase, of its own protocol: plain foreign keys cannot say so.
OWN_PARTS = """
ALTER TABLE treatments_visit ADD CONSTRAINT a_visit_and_its_protocol UNIQUE (id, protocol_id);
ALTER TABLE treatments_phase ADD CONSTRAINT a_phase_and_its_protocol UNIQUE (id, protocol_id);
ALTER TABLE treatments_phase ADD CONSTRAINT a_phase_uses_a_visit_of_its_own_protocol
    FOREIGN KEY (visit_id, protocol_id) REFERENCES treatments_visit (id, protocol_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE treatments_phase ADD CONSTRAINT a_phase_counts_from_a_phase_of_its_own_protocol
    FOREIGN KEY (anchor_phase_id, protocol_id) REFERENCES treatments_phase (id, protocol_id) DEFERRABLE INITIALLY DEFERRED;
"""

ANY_PARTS = """
ALTER TABLE treatments_phase DROP CONSTRAINT a_phase_counts_from_a_phase_of_its_own_protocol;
ALTER TABLE treatments_phase DROP CONSTRAINT a_phase_uses_a_visit_of_its_own_protocol;
ALTER TABLE treatments_phase DROP CONSTRAINT a_phase_and_its_protocol;
ALTER TABLE treatments_visit DROP CONSTRAINT a_visit_and_its_protocol;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("treatments", "0001_initial")]

    operations: ClassVar = [
        migrations.RunSQL(REFUSE, "DROP FUNCTION treatments_refuse_frozen(bigint, text);"),
        migrations.RunSQL(
            PROTOCOL,
            "DROP TRIGGER a_published_protocol_is_frozen ON treatments_protocol; DROP FUNCTION treatments_protocol_is_frozen();",
        ),
        *[migrations.RunSQL(freeze_part(table, protocol), thaw(table)) for table, protocol in PARTS.items()],
        migrations.RunSQL(OWN_PARTS, ANY_PARTS),
    ]
