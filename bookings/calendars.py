"""The calendar file of a course (RFC 5545): one event per session that has a time.

- The UID of an event is the appointment's own, so that a later file replaces the earlier event instead of doubling it.
  SEQUENCE grows with the course's journal: whatever changes a date writes a line there.
- What was given up since the last file is in the next one as cancelled: leaving it out would leave it in the calendar.
- A time instead of which another is proposed is tentative until the patient has answered.
- Times are the clinic's wall clock with its time zone in the file: 10:00 stays 10:00 when the clocks change.
- Calendars are shared and shown on lock screens: events name the clinic and the way there, never the treatment.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from icalendar import Calendar, Component, Event

from bookings.models import Appointment, AppointmentStatus, Course
from bookings.models.states import BINDING

PRODUCT = "-//Cadence//Appointments//EN"
MARGIN = timedelta(days=1)
AN_HOUR = timedelta(hours=1)  # of what is cancelled nobody reads the end


class IncompleteCalendarError(ValueError):
    """A property that RFC 5545 requires is missing, or an event ends before it starts."""


def course_calendar(
    course: Course, appointments: Iterable[Appointment], *, now: datetime, gone: Mapping[int, datetime] | None = None
) -> bytes:
    """The file, as UTF-8; `now` (aware) is when it was written. `gone` are the times (aware, by position) that were given up:
    of sessions that have no other now, they are cancelled. Raises `IncompleteCalendarError` rather than give a broken one."""
    sequence = course.journal.count()
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", course.clinic.name)
    days = []
    doubtful = set(Appointment.offers.filter(course=course).values_list("position", flat=True))
    for appointment, starts, ends, status in _dated(appointments, doubtful, gone or {}):
        calendar.add_component(_event(course, appointment, (starts, ends), status, sequence, now))
        days.append(starts.date())
    if days:
        calendar.add_missing_timezones(min(days) - MARGIN, max(days) + MARGIN)
    check(calendar)
    content: bytes = calendar.to_ical()
    return content


def _dated(
    appointments: Iterable[Appointment], doubtful: Collection[int], gone: Mapping[int, datetime]
) -> Iterator[tuple[Appointment, datetime, datetime, str]]:
    """Every session that has a time, or had one until now, from when to when, and what became of it."""
    for appointment in appointments:
        if appointment.during and appointment.status in BINDING:
            open_ended = appointment.status == AppointmentStatus.HELD or appointment.position in doubtful
            yield appointment, appointment.during.lower, appointment.during.upper, "TENTATIVE" if open_ended else "CONFIRMED"
        elif starts := gone.get(appointment.position):
            yield appointment, starts, starts + AN_HOUR, "CANCELLED"


def _event(
    course: Course, appointment: Appointment, during: tuple[datetime, datetime], status: str, sequence: int, now: datetime
) -> Event:
    clinic, zone = course.clinic, course.clinic.zone
    event = Event()
    event.add("uid", str(appointment.uuid))
    event.add("dtstamp", now)
    event.add("sequence", sequence)
    event.add("dtstart", during[0].astimezone(zone))
    event.add("dtend", during[1].astimezone(zone))
    event.add("summary", _("Appointment · %(clinic)s") % {"clinic": clinic.name})
    event.add("location", ", ".join([clinic.name, clinic.address_line, f"{clinic.postal_code} {clinic.city}"]))
    event.add("description", _("All dates, and what to do if you cannot come: %(address)s") % {"address": course_address(course)})
    event.add("url", course_address(course))
    event.add("status", status)
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
