"""Who is busy when: the one table that forbids double booking.

Freeing time deletes claims; history is in the journal. No claim is longer than 24 hours, so that a read of a span
need look back no further than that.
"""

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.fields.ranges import RangeStartsWith
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bookings.models.grid import ends_on_the_grid, no_longer_than_a_day

BOUNDED = Q(during__isempty=False, during__lower_inf=False, during__upper_inf=False)


class Absence(models.Model):
    """A resource that is not there: illness, leave, repair. Absences may overlap one another."""

    resource = models.ForeignKey(
        "clinic.Resource",
        on_delete=models.PROTECT,
        related_name="absences",
        verbose_name=_("resource"),
    )
    during = DateTimeRangeField(_("from … to"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ["during"]
        constraints = [
            models.CheckConstraint(condition=BOUNDED, name="absences_have_a_start_and_an_end"),
            models.CheckConstraint(
                condition=ends_on_the_grid("during"),
                name="absences_keep_the_5_minute_grid",
            ),
        ]
        indexes = [
            models.Index(
                "resource",
                RangeStartsWith("during"),
                name="absences_by_resource_and_start",
            )
        ]

    def __str__(self) -> str:
        return f"{self.resource} · {self.reason}"


class Claim(models.Model):
    resource = models.ForeignKey("clinic.Resource", on_delete=models.PROTECT, related_name="claims", db_index=False)
    during = DateTimeRangeField()
    appointment = models.ForeignKey(
        "bookings.Appointment",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="claims",
    )
    absence = models.ForeignKey(Absence, on_delete=models.CASCADE, null=True, blank=True, related_name="claims")
    held_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            ExclusionConstraint(
                name="a_resource_is_claimed_once_at_a_time",
                expressions=[
                    ("resource", RangeOperators.EQUAL),
                    ("during", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=BOUNDED, name="claims_have_a_start_and_an_end"),
            models.CheckConstraint(
                condition=ends_on_the_grid("during"),
                name="claims_keep_the_5_minute_grid",
            ),
            models.CheckConstraint(
                condition=no_longer_than_a_day("during"),
                name="no_claim_is_longer_than_a_day",
            ),
            models.CheckConstraint(
                condition=Q(appointment__isnull=False, absence=None)
                | Q(appointment=None, absence__isnull=False, held_until=None),
                name="a_claim_is_for_an_appointment_or_an_absence",
            ),
        ]
        indexes = [
            models.Index(
                "resource",
                RangeStartsWith("during"),
                name="claims_by_resource_and_start",
            ),
            models.Index(fields=["held_until"], condition=Q(held_until__isnull=False), name="held_claims_by_end"),
        ]

    def __str__(self) -> str:
        return f"{self.resource} · {self.during}"
