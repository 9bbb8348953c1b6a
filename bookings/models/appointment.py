"""One session of a course: planned until it has a time.

`during` is when the patient is present, in UTC, half-open, on the 5-minute grid; claims may reach beyond it (clean-up).
`target`, `earliest` and `latest` are clinic-local dates: the ideal day and the window the protocol allows.
"""

import uuid
from datetime import date, datetime, timedelta

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.db import models
from django.db.models import F, Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bookings.models.claim import Claim
from bookings.models.grid import ends_on_the_grid
from bookings.models.states import BINDING, OPEN, WITH_A_TIME, AppointmentStatus
from clinic.models import Kind

FAR_AHEAD = timedelta(weeks=12)  # a time agreed to longer than this before it comes is confirmed once more …
CONFIRMED_AHEAD = timedelta(weeks=10)  # … this long before


def confirmed_from(starts: datetime, agreed_at: datetime) -> date | None:
    """The day from which the patient is asked once more whether a time they agreed to far ahead still holds, in the active
    time zone; None where they need not be. Both aware."""
    return timezone.localdate(starts - CONFIRMED_AHEAD) if starts - agreed_at > FAR_AHEAD else None


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def still_open(self) -> "AppointmentQuerySet":
        """Sessions still to come, with or without a time."""
        return self.filter(status__in=OPEN)

    def starting_between(self, start: datetime, end: datetime) -> "AppointmentQuerySet":
        """With a time that starts in [start, end), aware instants."""
        return self.filter(during__startswith__gte=start, during__startswith__lt=end)

    def with_places(self) -> "AppointmentQuerySet":
        """Each with `reserved`: its claims of rooms and devices, rooms first, with their `resource`. One query more."""
        places = Claim.objects.exclude(resource__kind=Kind.PERSON).select_related("resource")
        places = places.order_by("-resource__kind", "resource__name", "resource")
        return self.prefetch_related(Prefetch("claims", places, to_attr="reserved"))


class SessionManager(models.Manager["Appointment"].from_queryset(AppointmentQuerySet)):  # type: ignore[misc]
    """The sessions of courses. A time that is merely proposed for one is a row beside it and no session: see `offers`."""

    def get_queryset(self) -> AppointmentQuerySet:
        rows: AppointmentQuerySet = super().get_queryset().exclude(status=AppointmentStatus.PROPOSED)
        return rows


class OfferManager(models.Manager["Appointment"]):
    """Times kept for patients until they answer; `reply_by` says until when."""

    def get_queryset(self) -> models.QuerySet["Appointment"]:
        return super().get_queryset().filter(status=AppointmentStatus.PROPOSED)


class Appointment(models.Model):
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    course = models.ForeignKey(
        "bookings.Course",
        on_delete=models.CASCADE,
        related_name="appointments",
        verbose_name=_("course"),
    )
    patient = models.ForeignKey(
        "bookings.Patient",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("patient"),
    )
    position = models.PositiveSmallIntegerField(_("position in the course"))
    number = models.PositiveSmallIntegerField(_("session number"), help_text=_("0 for the consultation."))
    phase = models.ForeignKey(
        "treatments.Phase",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("phase"),
    )
    optional = models.BooleanField(_("optional"), default=False)
    target = models.DateField(_("ideal day"))
    earliest = models.DateField(_("not before"))
    latest = models.DateField(_("not after"))
    put_off_to = models.DateField(
        _("put off to"),
        null=True,
        blank=True,
        help_text=_("The day until which a pause has put this session off; empty: its rhythm alone says when it is due."),
    )
    during = DateTimeRangeField(_("time"), null=True, blank=True)
    lead = models.ForeignKey(
        "clinic.Resource",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("practitioner"),
    )
    status = models.CharField(_("status"), max_length=12, choices=AppointmentStatus.choices)
    reply_by = models.DateTimeField(_("reply by"), null=True, blank=True)
    agreed_at = models.DateTimeField(
        _("agreed"), null=True, blank=True, help_text=_("When the patient last agreed to this time.")
    )
    asked_at = models.DateTimeField(
        _("asked"), null=True, blank=True, help_text=_("When the patient was asked whether this time still holds.")
    )
    arrived_at = models.DateTimeField(_("arrived"), null=True, blank=True)
    started_at = models.DateTimeField(_("started"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    objects = SessionManager()
    offers = OfferManager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ["course", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["course", "position"],
                condition=~Q(status="proposed"),
                name="sessions_of_a_course_have_one_place_each",
            ),
            models.UniqueConstraint(
                fields=["course", "position"],
                condition=Q(status="proposed"),
                name="one_time_at_most_is_proposed_for_a_session",
            ),
            models.CheckConstraint(
                condition=Q(status__in=WITH_A_TIME, during__isnull=False, lead__isnull=False)
                | (~Q(status__in=WITH_A_TIME) & Q(during=None, lead=None)),
                name="an_appointment_has_a_time_exactly_when_its_status_says_so",
            ),
            models.CheckConstraint(
                condition=Q(during=None)
                | Q(
                    during__isempty=False,
                    during__lower_inf=False,
                    during__upper_inf=False,
                ),
                name="an_appointment_has_a_start_and_an_end",
            ),
            models.CheckConstraint(
                condition=Q(during=None) | ends_on_the_grid("during"),
                name="appointments_keep_the_5_minute_grid",
            ),
            models.CheckConstraint(
                condition=Q(earliest__lte=F("target"), target__lte=F("latest")),
                name="an_ideal_day_lies_in_its_window",
            ),
            models.CheckConstraint(
                condition=Q(status="proposed") | Q(reply_by=None),
                name="only_a_proposal_waits_for_a_reply",
            ),
            models.CheckConstraint(
                condition=Q(during__isnull=False) | Q(agreed_at=None, asked_at=None),
                name="only_a_time_is_agreed_to",
            ),
            models.CheckConstraint(
                condition=Q(patient__isnull=False) | Q(status__in=["held", "planned", "cancelled", "skipped"]),
                name="a_binding_appointment_has_a_patient",
            ),
            models.CheckConstraint(
                condition=Q(started_at=None, ended_at=None)
                | Q(status="in_progress", started_at__isnull=False, ended_at=None)
                | Q(
                    status="completed",
                    started_at__isnull=False,
                    ended_at__gt=F("started_at"),
                ),
                name="only_a_visit_that_took_place_has_started",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["in_progress", "completed"]) | Q(started_at__isnull=False),
                name="a_visit_under_way_has_a_start",
            ),
            ExclusionConstraint(
                name="patient_in_one_place",
                expressions=[
                    ("patient", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
                condition=Q(status__in=BINDING),
            ),
        ]
        indexes = [models.Index(RangeStartsWith("during"), "status", name="appointments_by_start")]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """What patients call it, in the active language; as in the proposal it came from. Reads `phase`."""
        return self.phase.name if self.phase.sessions == 1 else gettext("Session %(number)s") % {"number": self.number}

    @property
    def confirmed_from(self) -> date | None:
        """The day from which the patient is asked once more whether this time, far ahead, still holds, in the active time zone;
        None where they need not be."""
        if self.status not in (AppointmentStatus.HELD, AppointmentStatus.BOOKED) or self.during is None or self.agreed_at is None:
            return None
        return confirmed_from(self.during.lower, self.agreed_at)

    @property
    def awaits_confirmation(self) -> bool:
        """Whether the patient has been asked once more about this time, and has not said yes."""
        return self.asked_at is not None and self.confirmed_from is not None

    def has_begun(self, now: datetime) -> bool:
        """Whether its time has come at `now` (aware), whoever came and whether or not anybody has noted it."""
        return self.during is not None and self.during.lower <= now

    @property
    def starts(self) -> datetime | None:
        """When the patient is expected, in the time zone that is active; None without a time."""
        return timezone.localtime(self.during.lower) if self.during else None

    @property
    def ends(self) -> datetime | None:
        return timezone.localtime(self.during.upper) if self.during else None
