"""The calendar file: complete, or not written at all. Libraries write and read broken files without a word."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation
from icalendar import Calendar, Event

from bookings import calendars
from bookings.models import AppointmentStatus
from tests.factories.clinic import make_clinic, make_person
from tests.factories.visits import make_course, make_patient, make_visit

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def good_event() -> Event:
    event = Event()
    event.add("uid", "1")
    event.add("dtstamp", NOW)
    event.add("dtstart", NOW)
    event.add("dtend", NOW + timedelta(hours=1))
    return event


def good_calendar(*events: Event) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//test//EN")
    calendar.add("version", "2.0")
    for event in events:
        calendar.add_component(event)
    return calendar


def test_a_complete_calendar_passes():
    calendars.check(good_calendar(good_event()))


@pytest.mark.parametrize("name", ["uid", "dtstamp", "dtstart"])
def test_a_missing_property_is_found(name):
    event = good_event()
    del event[name]

    with pytest.raises(calendars.IncompleteCalendarError, match=name.upper()):
        calendars.check(good_calendar(event))


@pytest.mark.parametrize("name", ["prodid", "version"])
def test_a_missing_property_of_the_calendar_is_found(name):
    calendar = good_calendar(good_event())
    del calendar[name]

    with pytest.raises(calendars.IncompleteCalendarError, match=name.upper()):
        calendars.check(calendar)


def test_an_event_that_ends_before_it_starts_is_found():
    event = good_event()
    event["dtend"].dt = NOW - timedelta(hours=1)

    with pytest.raises(calendars.IncompleteCalendarError, match="ends before"):
        calendars.check(good_calendar(event))


@pytest.mark.django_db
def test_only_sessions_with_a_time_that_binds_are_in_the_file():
    house, lead = make_clinic(name="Clinique Test"), make_person("Anne")
    course = make_course(house, make_patient())
    kept = [
        make_visit(course, "2026-03-02 10:00", lead=lead, number=1, status=AppointmentStatus.BOOKED),
        make_visit(course, "2026-03-16 10:00", lead=lead, number=2, status=AppointmentStatus.BOOKED),
    ]
    make_visit(course, "2026-03-30 10:00", lead=lead, number=3, status=AppointmentStatus.PLANNED)
    make_visit(course, "2026-04-30 10:00", lead=lead, number=4, status=AppointmentStatus.CANCELLED)

    with translation.override("en"):
        content = calendars.course_calendar(course, course.appointments.order_by("position"), now=NOW)

    calendar = Calendar.from_ical(content)
    assert [str(event["uid"]) for event in calendar.events] == [str(visit.uuid) for visit in kept]
    assert {str(event["summary"]) for event in calendar.events} == {"Appointment · Clinique Test"}
    assert all(line.endswith(b"\r") for line in content.split(b"\n")[:-1])
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
