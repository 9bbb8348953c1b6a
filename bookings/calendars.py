"""The calendar file of a course (RFC 5545): one event per session that has a time.

- The UID of an event is the appointment's own, so that a later file replaces the earlier event instead of doubling it.
  SEQUENCE grows with the course's journal: whatever changes a date writes a line there.
- Times are the clinic's wall clock with its time zone in the file: 10:00 stays 10:00 when the clocks change.
- Calendars are shared and shown on lock screens: events name the clinic and the way there, never the treatment.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Component, Event

from bookings.models import Appointment, AppointmentStatus, Course
from bookings.models.states import BINDING

PRODUCT = "-//Cadence//Appointments//EN"
MARGIN = timedelta(days=1)


class IncompleteCalendarError(ValueError):
    """A property that RFC 5545 requires is missing, or an event ends before it starts."""


def course_calendar(course: Course, appointments: Iterable[Appointment], *, now: datetime) -> bytes:
    """The file, as UTF-8; `now` (aware) is when it was written. Raises `IncompleteCalendarError` rather than give a broken one."""
    sequence = course.journal.count()
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", course.clinic.name)
    dated = [appointment for appointment in appointments if appointment.during and appointment.status in BINDING]
    for appointment in dated:
        calendar.add_component(_event(course, appointment, sequence, now))
    days = [appointment.during.lower.date() for appointment in dated if appointment.during]
    if days:
        calendar.add_missing_timezones(min(days) - MARGIN, max(days) + MARGIN)
    check(calendar)
    content: bytes = calendar.to_ical()
    return content


def _event(course: Course, appointment: Appointment, sequence: int, now: datetime) -> Event:
    clinic, zone, during = course.clinic, course.clinic.zone, appointment.during
    assert during is not None
    held = appointment.status == AppointmentStatus.HELD
    event = Event()
    event.add("uid", str(appointment.uuid))
    event.add("dtstamp", now)
    event.add("sequence", sequence)
    event.add("dtstart", during.lower.astimezone(zone))
    event.add("dtend", during.upper.astimezone(zone))
    event.add("summary", _("Appointment · %(clinic)s") % {"clinic": clinic.name})
    event.add("location", ", ".join([clinic.name, clinic.address_line, f"{clinic.postal_code} {clinic.city}"]))
    event.add("description", _("All dates, and what to do if you cannot come: %(address)s") % {"address": course_address(course)})
    event.add("url", course_address(course))
    event.add("status", "TENTATIVE" if held else "CONFIRMED")
    return event


def course_address(course: Course) -> str:
    """The absolute address of the course's page."""
    return settings.SITE_URL + reverse("bookings:course-detail", args=[course.uuid])


def check(calendar: Calendar) -> None:
    """Raises `IncompleteCalendarError`: the library writes files without required properties, or that end before they start."""
    for component in calendar.walk():
        missing = [name for name in _required(component) if name not in component]
        if missing:
            raise IncompleteCalendarError(f"{component.name} lacks {', '.join(missing)}")
    for event in calendar.events:
        if event.end <= event.start:
            raise IncompleteCalendarError(f"event {event['uid']} ends before it starts")
    if calendar.get_missing_tzids():
        raise IncompleteCalendarError("a time zone is not described")


def _required(component: Component) -> Iterable[str]:
    return {*component.required, "DTSTART"} if component.name == "VEVENT" else component.required
