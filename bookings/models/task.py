"""Something the team must do; the list is to reach zero."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from bookings.models.appointment import Appointment
    from bookings.models.course import Course
    from clinic.models import User


class TaskQuerySet(models.QuerySet["Task"]):
    def open(self) -> "TaskQuerySet":
        return self.filter(done_at=None)

    def open_calls(self) -> "TaskQuerySet":
        """Open, and answered by whatever settles the date of their session."""
        return self.open().filter(kind__in=[*Task.CALLS, Task.Kind.UNCONFIRMED])

    def settle(self, *, by: "User | None", now: datetime) -> int:
        """Nothing is left to do about these since `now` (aware); how many."""
        return self.update(done_at=now, done_by=by)

    def ensure(
        self,
        kind: str,
        *,
        course: "Course",
        due: datetime | Now,
        appointment: "Appointment | None" = None,
    ) -> "Task":
        """The open task of this kind for this course (and appointment), made if there is none; `due` aware."""
        return self.get_or_create(
            kind=kind,
            course=course,
            appointment=appointment,
            done_at=None,
            defaults={"due": due},
        )[0]


class Task(models.Model):
    class Kind(models.TextChoices):
        REVIEW_OVERDUE = (
            "review_overdue",
            _("a physician has not yet reviewed the answers"),
        )
        NO_PLACE = "no_place", _("no date found for a session")
        CALL_BACK = "call_back", _("call the patient back")
        CANNOT_COME = "cannot_come", _("the patient cannot come")
        UNANSWERED = "unanswered", _("a date that was proposed was not answered")
        UNCONFIRMED = "unconfirmed", _("a date far ahead was not confirmed")
        TELL = "tell", _("tell the patient what changed: there is no e-mail address")

    CALLS = (
        Kind.NO_PLACE,
        Kind.CALL_BACK,
        Kind.CANNOT_COME,
        Kind.UNANSWERED,
    )  # about the date of one session, until that is settled

    kind = models.CharField(_("kind"), max_length=20, choices=Kind.choices)
    course = models.ForeignKey("bookings.Course", on_delete=models.CASCADE, related_name="tasks")
    appointment = models.ForeignKey(
        "bookings.Appointment",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="tasks",
    )
    due = models.DateTimeField(_("due"))
    created_at = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ["due"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "course", "appointment"],
                condition=Q(done_at=None),
                nulls_distinct=False,
                name="a_task_is_open_once",
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()
