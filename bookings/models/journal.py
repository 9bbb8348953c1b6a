"""What happened: who, when, what, why. Written explicitly by the rules, never changed, never with medical answers."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.fields.json import KT
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from bookings.models.appointment import Appointment
    from bookings.models.course import Course
    from clinic.models import User


class JournalQuerySet(models.QuerySet["JournalEntry"]):
    def record(
        self,
        verb: str,
        *,
        course: "Course",
        at: datetime,
        by: "User | None" = None,
        appointment: "Appointment | None" = None,
        **details: object,
    ) -> "JournalEntry":
        """Append one line: `verb` in the past tense ("held", "booked", "moved"), `at` aware, `by` the log-in or None."""
        return self.create(
            verb=verb,
            course=course,
            appointment=appointment,
            at=at,
            actor=by,
            details=details,
        )


class JournalEntry(models.Model):
    course = models.ForeignKey("bookings.Course", on_delete=models.CASCADE, related_name="journal")
    appointment = models.ForeignKey(
        "bookings.Appointment",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="journal",
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    at = models.DateTimeField()
    verb = models.CharField(max_length=40)
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)

    objects = JournalQuerySet.as_manager()

    class Meta:
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal")
        ordering = ["at", "pk"]
        indexes = [
            # A missed visit has no time any more: the day list finds it by the time this line kept.
            models.Index(KT("details__starts"), condition=models.Q(verb="missed"), name="missed_visits_by_time")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
