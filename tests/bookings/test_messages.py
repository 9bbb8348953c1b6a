"""What patients are told by e-mail: after the commit, neutral, in their language, with dates and a calendar file."""

from dataclasses import dataclass
from datetime import datetime
from smtplib import SMTPServerDisconnected

import icalendar
import pytest
from django.core import mail
from django.db import transaction

from bookings import messages
from bookings.models import AppointmentStatus, Course, Message
from bookings.placing import NO_TIME
from clinic.models import Clinic, Practitioner
from tests.factories.clinic import make_clinic, make_person
from tests.factories.visits import at, make_course, make_patient, make_protocol, make_visit

pytestmark = pytest.mark.django_db

TREATMENT = "Exosomes, face"


@dataclass
class Moved:
    position: int
    before: datetime | None
    after: datetime | None


@pytest.fixture
def house(db) -> Clinic:
    return make_clinic(name="Clinique Test", email="desk@example.org")


@pytest.fixture
def course(house) -> Course:
    """A consultation, two sessions across the change of clocks, and one that is still planned."""
    lead = make_person("Anne Roy")
    Practitioner.objects.create(resource=lead, title="Dr", profession="Physician")
    booked = make_course(house, make_patient(language="en"), make_protocol(TREATMENT), with_consultation=True)
    make_visit(booked, "2026-03-02 10:00", lead=lead, number=0, minutes=30)
    make_visit(booked, "2026-03-23 10:00", lead=lead, number=1)
    make_visit(booked, "2026-04-06 10:00", lead=lead, number=2)
    make_visit(booked, "2027-04-06 10:00", lead=lead, number=3, status=AppointmentStatus.PLANNED)
    return booked


@pytest.fixture
def sent(django_capture_on_commit_callbacks):
    """Run a message with the commit that would let it go, and return the mail."""

    def tell(verb, *details):
        with django_capture_on_commit_callbacks(execute=True):
            verb(*details)
        return mail.outbox[-1] if mail.outbox else None

    return tell


def calendar_of(message) -> icalendar.Calendar:
    name, content, kind = message.attachments[0]
    assert (name, kind) == ("appointments.ics", "text/calendar; method=PUBLISH")
    return icalendar.Calendar.from_ical(content)


def test_a_booking_is_confirmed_with_every_date(course, sent):
    message = sent(messages.course_booked, course)

    assert message.to == ["pia@example.org"]
    assert message.reply_to == ["desk@example.org"]
    assert message.subject == "Clinique Test: your appointments"
    assert "- Consultation · Monday 2 March 2026, 10:00–10:30 · Dr Anne Roy" in message.body
    assert "- Session 2 · Monday 6 April 2026, 10:00–11:00 · Dr Anne Roy" in message.body
    assert "- Session 3 · planned for about April 2027; we will propose a date" in message.body
    assert f"/courses/{course.uuid}/" in message.body
    assert "01 42 00 00 00" in message.body


def test_no_message_names_the_treatment_the_zone_or_a_reason(course, sent):
    moves = [Moved(1, at("2026-03-23 10:00", course.clinic), at("2026-03-24 10:00", course.clinic))]
    for verb, details in [
        (messages.course_booked, []),
        (messages.course_cleared, []),
        (messages.course_changed, [moves]),
        (messages.course_ended, ["pregnancy"]),
    ]:
        message = sent(verb, course, *details)
        html = message.alternatives[0][0]
        calendar = message.attachments[0][1] if message.attachments else ""
        for word in (TREATMENT, "xosome", "Face", "pregnancy", "Microneedling", "issed"):
            assert word not in message.subject + message.body + html + calendar


def test_the_html_part_is_a_table_with_headers(course, sent):
    html = sent(messages.course_booked, course).alternatives[0][0]

    assert '<html lang="en">' in html
    assert html.count('<th scope="col">') == 3
    assert html.count('<th scope="row">') == 4
    assert "<caption>" in html


def test_it_is_written_in_the_language_of_the_file(course, sent):
    course.patient.language = "fr"
    course.patient.save()

    message = sent(messages.course_booked, course)

    assert "lundi 2 mars 2026" in message.body
    assert Message.objects.get().language == "fr"


def test_an_apostrophe_in_a_name_stays_one_in_the_text(course, sent):
    course.patient.last_name = "D'Arc & Fille"
    course.patient.save()

    message = sent(messages.course_booked, course)

    assert "Pia D'Arc & Fille" in message.body
    assert "D&#x27;Arc &amp; Fille" in message.alternatives[0][0]


def test_what_was_sent_is_kept(course, sent):
    message = sent(messages.course_booked, course)

    row = Message.objects.get()
    assert (row.kind, row.recipient, row.course, row.patient) == ("course_booked", "pia@example.org", course, course.patient)
    assert (row.subject, row.body, row.error) == (message.subject, message.body, "")
    assert row.sent_at is not None


def test_nothing_is_said_before_the_commit_nor_after_a_rollback(course, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as waiting:
        messages.course_booked(course)
    assert len(waiting) == 1
    assert not mail.outbox

    with django_capture_on_commit_callbacks(execute=True), pytest.raises(RuntimeError):
        tell_and_fail(course)
    assert not mail.outbox


@transaction.atomic
def tell_and_fail(course):
    messages.course_booked(course)
    raise RuntimeError


def test_a_mail_server_that_fails_is_noted_and_breaks_nothing(course, sent, monkeypatch):
    def fail(*_args, **_options):
        raise SMTPServerDisconnected("gone")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", fail)

    assert sent(messages.course_booked, course) is None
    row = Message.objects.get()
    assert (row.sent_at, row.error) == (None, "SMTPServerDisconnected: gone")


def test_without_an_address_nothing_is_sent(course, sent):
    course.patient.email = ""
    course.patient.save()

    assert sent(messages.course_booked, course) is None
    assert not Message.objects.exists()


def test_a_change_shows_what_moved_and_from_where(course, sent):
    moves = [Moved(1, at("2026-03-20 09:00", course.clinic), at("2026-03-23 10:00", course.clinic))]

    message = sent(messages.course_changed, course, moves)

    assert message.subject == "Clinique Test: your appointments have changed"
    assert message.body.count("before:") == 1
    assert "new date; before: Friday 20 March 2026, 09:00" in message.body
    assert "- Session 2 · Monday 6 April 2026" in message.body


def test_nothing_moved_nothing_said(course, sent):
    assert sent(messages.course_changed, course, []) is None


def test_an_ended_course_takes_its_dates_out_of_the_calendar(course, sent):
    first = course.appointments.order_by("position").first()
    moves = [messages.Move.away(first)]
    course.appointments.update(status="cancelled", **NO_TIME)

    message = sent(messages.course_ended, course, moves)

    assert message.subject == "Clinique Test: your appointments are cancelled"
    assert "takes them out of your calendar" in message.body
    [event] = calendar_of(message).events
    assert (str(event["uid"]), str(event["status"]), event.start) == (str(first.uuid), "CANCELLED", first.during.lower)


def test_an_ended_course_without_dates_has_no_file(course, sent):
    course.appointments.all().delete()

    message = sent(messages.course_ended, course, [])

    assert not message.attachments
    assert "calendar" not in message.body


def test_what_was_given_up_is_named_and_taken_out_of_the_calendar(course, sent):
    """One session left out, one given back: the mail says which, the file cancels both and keeps the rest."""
    left_out, given_back, *others = course.appointments.order_by("position")
    moves = [messages.Move.away(left_out), messages.Move.away(given_back)]
    course.appointments.filter(pk=left_out.pk).update(status="skipped", **NO_TIME)
    course.appointments.filter(pk=given_back.pk).update(status="planned", **NO_TIME)

    message = sent(messages.course_changed, course, moves)

    assert f"{left_out.label} · you leave it out" in message.body
    assert f"{given_back.label} · without a date for now: we call you about another one" in message.body
    assert "new date;" not in message.body
    events = calendar_of(message).events
    cancelled = {str(event["uid"]) for event in events if event["status"] == "CANCELLED"}
    assert cancelled == {str(left_out.uuid), str(given_back.uuid)}
    assert len(events) - 2 == sum(other.during is not None for other in others)


def test_a_review_says_until_when(course, sent):
    course.with_consultation, course.clearance, course.cleared_at = False, "to_review", None
    course.review_due = at("2026-03-05 12:00", course.clinic)
    course.save()

    assert "confirm them by Thursday 5 March" in sent(messages.course_booked, course).body


def test_the_calendar_file_keeps_the_wall_clock_across_the_change_of_clocks(course, sent):
    calendar = calendar_of(sent(messages.course_booked, course))

    starts = [event.start for event in calendar.events]
    assert [start.strftime("%d %H:%M %z") for start in starts] == ["02 10:00 +0100", "23 10:00 +0100", "06 10:00 +0200"]
    assert [zone.tz_name for zone in calendar.timezones] == ["Europe/Paris"]
    assert {str(event["uid"]) for event in calendar.events} == {
        str(visit.uuid) for visit in course.appointments.exclude(during=None)
    }


def test_a_later_file_replaces_the_earlier(course, sent):
    first = calendar_of(sent(messages.course_booked, course))
    course.journal.record("moved", course=course, at=at("2026-03-01 10:00", course.clinic))
    second = calendar_of(sent(messages.course_changed, course, [Moved(1, None, at("2026-03-23 10:00", course.clinic))]))

    assert [event["uid"] for event in first.events] == [event["uid"] for event in second.events]
    assert all(new["sequence"] > old["sequence"] for old, new in zip(first.events, second.events, strict=True))


def test_mail_programs_see_a_calendar_they_can_read(course, sent):
    raw = sent(messages.course_booked, course).message()

    part = next(part for part in raw.walk() if part.get_filename() == "appointments.ics")
    assert (part.get_content_type(), part.get_param("method"), part.get_param("charset")) == ("text/calendar", "PUBLISH", "utf-8")
    assert part.get_payload(decode=True).count(b"\r\nBEGIN:VEVENT") == 3
