"""Promises that Django's constraints cannot express, kept by the database itself."""

from django.db import migrations

AN_APPOINTMENT_IS_ITS_COURSES_PATIENT = """
ALTER TABLE bookings_appointment
    ADD CONSTRAINT an_appointment_is_of_its_courses_patient
    FOREIGN KEY (course_id, patient_id) REFERENCES bookings_course (id, patient_id)
    DEFERRABLE INITIALLY DEFERRED;
"""

# In France microneedling is a medical act (Cass. crim., 31 January 2023, no. 22-83.399): no path may start it uncleared.
NO_NEEDLING_WITHOUT_CLEARANCE = """
CREATE FUNCTION bookings_no_needling_without_clearance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status IN ('in_progress', 'completed')
       AND (TG_OP = 'INSERT' OR OLD.status NOT IN ('in_progress', 'completed'))
       AND EXISTS (
           SELECT FROM treatments_phase phase
           JOIN treatments_visit visit ON visit.id = phase.visit_id
           WHERE phase.id = NEW.phase_id AND visit.needs_clearance)
       AND NOT EXISTS (
           SELECT FROM bookings_course course
           WHERE course.id = NEW.course_id AND course.clearance = 'cleared')
    THEN
        RAISE EXCEPTION 'A session with needling cannot start before a physician has cleared the course.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'no_needling_without_clearance';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER no_needling_without_clearance
    BEFORE INSERT OR UPDATE OF status, phase_id, course_id ON bookings_appointment
    FOR EACH ROW EXECUTE FUNCTION bookings_no_needling_without_clearance();
"""

THE_JOURNAL_IS_NEVER_REWRITTEN = """
CREATE FUNCTION bookings_journal_is_never_rewritten() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The journal is never rewritten.'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'the_journal_is_never_rewritten';
END $$;
CREATE TRIGGER the_journal_is_never_rewritten
    BEFORE UPDATE ON bookings_journalentry
    FOR EACH ROW EXECUTE FUNCTION bookings_journal_is_never_rewritten();
"""


class Migration(migrations.Migration):
    dependencies = [("bookings", "0001_initial")]

    operations = [
        migrations.RunSQL(
            AN_APPOINTMENT_IS_ITS_COURSES_PATIENT,
            "ALTER TABLE bookings_appointment DROP CONSTRAINT an_appointment_is_of_its_courses_patient;",
        ),
        migrations.RunSQL(
            NO_NEEDLING_WITHOUT_CLEARANCE,
            "DROP TRIGGER no_needling_without_clearance ON bookings_appointment;"
            "DROP FUNCTION bookings_no_needling_without_clearance();",
        ),
        migrations.RunSQL(
            THE_JOURNAL_IS_NEVER_REWRITTEN,
            "DROP TRIGGER the_journal_is_never_rewritten ON bookings_journalentry;"
            "DROP FUNCTION bookings_journal_is_never_rewritten();",
        ),
    ]
