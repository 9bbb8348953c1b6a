"""How far a course has come, in the words of the person who is treated.

Asks no questions of the database: the course comes with its appointments (with `phase` and `lead`) in hand.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from bookings.models import Appointment, AppointmentStatus, Clearance, Course, CourseStatus
from bookings.models.states import RUNNING, UNDECIDED
from clinic import hours
from clinic.dates import date_format

BEFORE_IT = [*UNDECIDED, AppointmentStatus.ARRIVED]
COMING = [AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS]

# What a status means to the patient, and its mood, which has a shape and a colour (static/css/booking.css, "status-…").
ENDED = {
    CourseStatus.SUSPENDED: (_("Paused: your dates are released, the rest of the course waits for you."), "paused"),
    CourseStatus.COMPLETED: (_("Completed"), "over"),
    CourseStatus.CANCELLED: (_("Cancelled"), "over"),
    CourseStatus.HELD: (_("Kept for a few minutes"), "waiting"),
    CourseStatus.EXPIRED: (_("Released"), "over"),
}


@dataclass(frozen=True, slots=True)
class Overview:
    """`done` of `total` core sessions took place. An optional one counts once it has taken place, and is one of `optional` as long
    as nobody has decided about it; boosters and consultations do not count.

    By position: `movable` has a time to come, `to_call` is to come without one although the agenda is open for it (it was
    given back, or missed): somebody calls about a date. `asks`: the patient is asked something about a date.
    """

    course: Course
    appointments: tuple[Appointment, ...]
    status: Any
    mood: str
    done: int
    total: int
    optional: int
    next: Appointment | None
    movable: frozenset[int] = frozenset()
    to_call: frozenset[int] = frozenset()
    asks: bool = False

    @property
    def is_running(self) -> bool:
        return self.course.status in RUNNING

    @property
    def consultation_ahead(self) -> bool:
        """Whether the physician decides at a consultation that is still to come."""
        return any(item.number == 0 and item.status in BEFORE_IT for item in self.appointments)

    @property
    def has_dates(self) -> bool:
        """Whether a calendar file would hold anything."""
        return any(appointment.status in COMING for appointment in self.appointments)


def overview(course: Course, appointments: Sequence[Appointment], *, now: datetime, offered: Collection[int] = ()) -> Overview:
    """`appointments` are the course's, in order; `now` is aware; `offered` are the positions for which a date is kept until the
    patient answers: nobody calls about them, and none is next, since the date it has cannot be."""
    status, mood = _status(course)
    core = [
        item for item in appointments if item.number and not item.phase.recommended and item.status != AppointmentStatus.SKIPPED
    ]
    done = {item.number for item in core if item.status == AppointmentStatus.COMPLETED}
    open_ended = {item.number for item in core if item.optional} - done
    coming = [item for item in appointments if item.status in COMING and item.during and item.during.upper > now]
    going_on, last_day = (
        course.status == CourseStatus.BOOKED,
        hours.horizon(course.clinic, now.astimezone(course.clinic.zone).date()),
    )
    return Overview(
        course=course,
        appointments=tuple(appointments),
        status=status,
        mood=mood,
        done=len(done),
        total=len({item.number for item in core} - open_ended),
        optional=len(open_ended),
        movable=frozenset(item.position for item in coming if item.status == AppointmentStatus.BOOKED and going_on),
        to_call=frozenset(
            item.position
            for item in appointments
            if going_on and item.position not in offered and _waits_for_a_call(item, last_day)
        ),
        next=min(
            (item for item in coming if item.position not in offered),
            key=lambda item: item.during.lower if item.during else now,
            default=None,
        ),
        asks=bool(offered) or (going_on and any(item.awaits_confirmation for item in appointments)),
    )


def _waits_for_a_call(item: Appointment, last_day: date) -> bool:
    planned = item.status == AppointmentStatus.PLANNED and item.latest <= last_day
    return planned or item.status == AppointmentStatus.MISSED


def _status(course: Course) -> tuple[Any, str]:
    if course.status == CourseStatus.SUSPENDED and course.release_at:
        return _("Paused: your other dates are kept for a short while."), "paused"
    if course.status != CourseStatus.BOOKED:
        return ENDED[CourseStatus(course.status)]
    if course.clearance == Clearance.CLEARED:
        return _("Confirmed"), "good"
    if course.clearance == Clearance.REFUSED:
        return _("The physician has decided against this course"), "stopped"
    if course.clearance == Clearance.ANSWERS_MISSING:
        return _("Reserved: some questions are still to be answered"), "waiting"
    if course.with_consultation or course.review_due is None:
        return _("Reserved, subject to the physician’s opinion at the consultation"), "waiting"
    day = date_format(course.review_due.astimezone(course.clinic.zone), "l j F")
    return _("Reserved: awaiting the physician until %(day)s") % {"day": day}, "waiting"
