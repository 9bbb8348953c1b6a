"""Every state a course or an appointment can be in, and the named sets the rules speak of."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CourseStatus(models.TextChoices):
    HELD = "held", _("kept for a while")
    BOOKED = "booked", _("booked")
    SUSPENDED = "suspended", _("paused")
    COMPLETED = "completed", _("completed")
    CANCELLED = "cancelled", _("cancelled")
    EXPIRED = "expired", _("released")


class AppointmentStatus(models.TextChoices):
    PLANNED = "planned", _("planned")
    HELD = "held", _("kept for a while")
    PROPOSED = "proposed", _("proposed")
    BOOKED = "booked", _("booked")
    ARRIVED = "arrived", _("arrived")
    IN_PROGRESS = "in_progress", _("in progress")
    COMPLETED = "completed", pgettext_lazy("appointment", "completed")
    MISSED = "missed", _("missed")
    CANCELLED = "cancelled", pgettext_lazy("appointment", "cancelled")
    SKIPPED = "skipped", _("skipped")


# An appointment has a time exactly in these states.
WITH_A_TIME = [
    AppointmentStatus.HELD,
    AppointmentStatus.PROPOSED,
    AppointmentStatus.BOOKED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.IN_PROGRESS,
    AppointmentStatus.COMPLETED,
]
# In these a patient is really expected in one place (a proposal stands beside the appointment it would replace).
BINDING = [status for status in WITH_A_TIME if status != AppointmentStatus.PROPOSED]
# A visit that has not begun: the patient will come, or has come and waits.
EXPECTED = [AppointmentStatus.BOOKED, AppointmentStatus.ARRIVED]
# The patient is here, or was.
UNDER_WAY = [AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS, AppointmentStatus.COMPLETED]
# Still to come: what is released when a course ends.
OPEN = [
    AppointmentStatus.PLANNED,
    AppointmentStatus.HELD,
    AppointmentStatus.BOOKED,
]
# What a new plan gives a date: what is to come, and what was missed.
UNDECIDED = [*OPEN, AppointmentStatus.MISSED]
# What is left of a course that is not over: to come, under way, or missed and not yet replaced.
UNFINISHED = [*UNDECIDED, AppointmentStatus.ARRIVED, AppointmentStatus.IN_PROGRESS]
# A course the patient is in the middle of.
RUNNING = [CourseStatus.BOOKED, CourseStatus.SUSPENDED]
