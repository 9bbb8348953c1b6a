"""One patient's course of treatment: every session of one protocol, booked as a whole."""

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bookings.models.states import RUNNING, CourseStatus

if TYPE_CHECKING:
    from bookings.models.patient import Patient
    from treatments.models import Protocol

CLEARANCE_MONTHS = 12  # a clearance spares the next course of the same protocol its consultation for so long


class Clearance(models.TextChoices):
    CLEARED = "cleared", _("cleared")
    ANSWERS_MISSING = "answers_missing", _("answers missing")
    TO_REVIEW = "to_review", _("to review")
    REFUSED = "refused", _("refused")


class CourseQuerySet(models.QuerySet["Course"]):
    def running(self) -> "CourseQuerySet":
        """Courses a patient is in the middle of."""
        return self.filter(status__in=RUNNING)

    def expired_holds(self, now: datetime) -> "CourseQuerySet":
        """Held courses whose time is over at `now` (aware)."""
        return self.filter(status=CourseStatus.HELD, held_until__lte=now)

    def open_holds(self, now: datetime) -> "CourseQuerySet":
        return self.filter(status=CourseStatus.HELD, held_until__gt=now)

    def awaiting_review(self) -> "CourseQuerySet":
        """Running courses on which a physician is to decide, the most urgent first."""
        return self.running().filter(clearance="to_review").order_by(F("review_due").asc(nulls_last=True), "pk")

    def of_same_protocol(self, patient: "Patient", protocol: "Protocol") -> "CourseQuerySet":
        """This patient's courses of the protocol, in any of its versions."""
        return self.filter(
            patient=patient,
            protocol__treatment=protocol.treatment_id,
            protocol__code=protocol.code,
        )

    def cleared_for(self, patient: "Patient", protocol: "Protocol", now: datetime) -> bool:
        """Whether a physician cleared this patient for the protocol in the 12 months before `now` and has not refused since."""
        last = (
            self.of_same_protocol(patient, protocol)
            .exclude(clearance__in=["answers_missing", "to_review"])
            .exclude(clearance="cleared", cleared_by=None)
            .order_by("-pk")
            .first()
        )
        return bool(
            last
            and last.clearance == "cleared"
            and last.cleared_at
            and last.cleared_at > now - relativedelta(months=CLEARANCE_MONTHS)
        )


class Course(models.Model):
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(
        "bookings.Patient",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="courses",
        verbose_name=_("patient"),
    )
    visitor = models.CharField(
        _("visitor"),
        max_length=64,
        blank=True,
        help_text=_("Random token of the browser that holds the course; empty once booked."),
    )
    network = models.CharField(
        _("network"),
        max_length=64,
        blank=True,
        help_text=_("Keyed hash of the visitor’s network address, while held."),
    )
    protocol = models.ForeignKey(
        "treatments.Protocol",
        on_delete=models.PROTECT,
        related_name="courses",
        verbose_name=_("protocol"),
    )
    clinic = models.ForeignKey(
        "clinic.Clinic",
        on_delete=models.PROTECT,
        related_name="courses",
        verbose_name=_("clinic"),
    )
    zones = models.ManyToManyField("treatments.ProtocolZone", related_name="+", verbose_name=_("zones"))
    wishes = models.JSONField(_("wishes"), default=dict, blank=True)
    status = models.CharField(
        _("status"),
        max_length=12,
        choices=CourseStatus.choices,
        default=CourseStatus.HELD,
    )
    held_until = models.DateTimeField(_("kept until"), null=True, blank=True)
    held_at = models.DateTimeField(_("kept since"), null=True, blank=True)
    clearance = models.CharField(
        _("clearance"),
        max_length=16,
        choices=Clearance.choices,
        default=Clearance.ANSWERS_MISSING,
    )
    review_due = models.DateTimeField(_("review due"), null=True, blank=True)
    cleared_at = models.DateTimeField(_("cleared on"), null=True, blank=True)
    cleared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("cleared by"),
    )
    with_consultation = models.BooleanField(_("begins with the consultation"), default=False)
    not_before = models.DateField(
        _("no treatment before"),
        null=True,
        blank=True,
        help_text=_("The day the patient’s answers, or the physician, allow; clinic-local. Empty: any."),
    )
    release_at = models.DateTimeField(_("dates given back on"), null=True, blank=True)
    informed_at = models.DateTimeField(_("information read on"), null=True, blank=True)
    booked_at = models.DateTimeField(_("booked on"), null=True, blank=True)
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    objects = CourseQuerySet.as_manager()

    class Meta:
        verbose_name = _("course")
        verbose_name_plural = _("courses")
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status="held", held_until__isnull=False, held_at__isnull=False)
                | (~Q(status="held") & Q(held_until=None)),
                name="a_held_course_ends_and_no_other_does",
            ),
            models.CheckConstraint(
                condition=Q(patient__isnull=False) | Q(status__in=["held", "expired"]),
                name="a_booked_course_has_a_patient",
            ),
            models.CheckConstraint(
                condition=Q(status="suspended") | Q(release_at=None),
                name="only_a_paused_course_gives_its_dates_back",
            ),
            models.CheckConstraint(
                condition=Q(status="held") | Q(visitor="", network=""),
                name="a_visitor_is_forgotten_after_the_hold",
            ),
            models.CheckConstraint(
                condition=~Q(status="held", visitor=""),
                name="a_held_course_has_a_visitor",
            ),
            models.CheckConstraint(
                condition=Q(clearance="to_review") | Q(review_due=None),
                name="only_a_review_has_a_due_date",
            ),
            models.CheckConstraint(
                condition=~Q(clearance="cleared") | Q(cleared_at__isnull=False),
                name="a_clearance_has_a_date",
            ),
            models.UniqueConstraint(
                fields=["visitor"],
                condition=Q(status="held"),
                name="one_hold_per_visitor",
            ),
            models.UniqueConstraint(
                fields=["patient", "protocol"],
                condition=Q(status__in=["booked", "suspended"]),
                name="one_running_course_per_patient_and_protocol",
            ),
            models.UniqueConstraint(fields=["id", "patient"], name="a_course_and_its_patient"),
        ]
        indexes = [
            models.Index(fields=["held_until"], condition=Q(status="held"), name="holds_by_end"),
            models.Index(
                fields=["review_due"],
                condition=Q(clearance="to_review"),
                name="reviews_by_due_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.protocol} · {self.get_status_display()}"
