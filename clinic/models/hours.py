"""When: weekly shifts of people, opening hours of clinics, closures.

Times of day here are wall-clock times in the clinic's zone; `clinic.hours` alone turns them into instants.
A shift for a single date is a shift valid on that one day. Two shifts of one person never overlap, wherever they are.
"""

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import (
    DateTimeRangeField,
    IntegerRangeField,
    RangeBoundary,
    RangeOperators,
)
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Extract
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _


class Weekday(models.IntegerChoices):
    """ISO weekdays, Monday is 1. The names are Django's: a translation of ours would change every date on the site."""

    MONDAY = 1, WEEKDAYS[0]
    TUESDAY = 2, WEEKDAYS[1]
    WEDNESDAY = 3, WEEKDAYS[2]
    THURSDAY = 4, WEEKDAYS[3]
    FRIDAY = 5, WEEKDAYS[4]
    SATURDAY = 6, WEEKDAYS[5]
    SUNDAY = 7, WEEKDAYS[6]


class DateSpan(Func):
    """daterange(from, until, '[]'); an open end is unbounded."""

    function = "DATERANGE"


def minute_span(start: str, end: str) -> Func:
    """SQL int4range of the minutes of the day between two time columns, half-open."""
    minutes = [Extract(name, "hour") * 60 + Extract(name, "minute") for name in (start, end)]
    return Func(
        *[Func(value, template="CAST(%(expressions)s AS integer)") for value in minutes],
        function="INT4RANGE",
        output_field=IntegerRangeField(),
    )


def on_the_grid(*names: str) -> Q:
    """Condition: these time columns fall on the 5-minute grid."""
    condition = Q()
    for name in names:
        condition &= Q(**{f"{name}__second": 0}) & Q(**{f"{name}__minute__in": list(range(0, 60, 5))})
    return condition


class Weekly(models.Model):
    """Wall-clock hours that repeat on a weekday between two dates."""

    weekday = models.PositiveSmallIntegerField(_("weekday"), choices=Weekday.choices)
    starts = models.TimeField(_("from"))
    ends = models.TimeField(_("to"))
    valid_from = models.DateField(_("first day"))
    valid_until = models.DateField(
        _("last day"),
        null=True,
        blank=True,
        help_text=_("Empty: until further notice."),
    )

    class Meta:
        abstract = True

    def clean(self) -> None:
        if self.starts and self.ends and self.starts >= self.ends:
            raise ValidationError({"ends": _("The end must come after the start.")})
        if self.valid_from and self.valid_until and self.valid_from > self.valid_until:
            raise ValidationError({"valid_until": _("The last day must not come before the first.")})


def weekly_rules(name: str) -> list[models.BaseConstraint]:
    """The checks shared by everything weekly; `name` is the plural noun in the constraints' names."""
    return [
        models.CheckConstraint(condition=Q(weekday__range=(1, 7)), name=f"{name}_fall_on_an_iso_weekday"),
        models.CheckConstraint(condition=Q(starts__lt=F("ends")), name=f"{name}_end_after_they_start"),
        models.CheckConstraint(
            condition=on_the_grid("starts", "ends"),
            name=f"{name}_keep_the_5_minute_grid",
        ),
        models.CheckConstraint(
            condition=Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
            name=f"{name}_are_valid_for_some_days",
        ),
    ]


def never_overlap(owner: str, name: str, message: Any) -> ExclusionConstraint:
    return ExclusionConstraint(
        name=name,
        expressions=[
            (owner, RangeOperators.EQUAL),
            ("weekday", RangeOperators.EQUAL),
            (
                DateSpan(
                    "valid_from",
                    "valid_until",
                    RangeBoundary(inclusive_lower=True, inclusive_upper=True),
                ),
                RangeOperators.OVERLAPS,
            ),
            (minute_span("starts", "ends"), RangeOperators.OVERLAPS),
        ],
        violation_error_message=message,
    )


class Shift(Weekly):
    person = models.ForeignKey(
        "clinic.Resource",
        on_delete=models.PROTECT,
        related_name="shifts",
        limit_choices_to={"kind": "person"},
        verbose_name=_("person"),
    )
    clinic = models.ForeignKey(
        "clinic.Clinic",
        on_delete=models.PROTECT,
        related_name="shifts",
        verbose_name=_("clinic"),
    )

    class Meta:
        verbose_name = _("shift")
        verbose_name_plural = _("shifts")
        ordering = ["person", "weekday", "starts"]
        constraints = [
            *weekly_rules("shifts"),
            never_overlap(
                "person",
                "shifts_of_one_person_never_overlap",
                _("This person already has a shift at that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class OpeningHours(Weekly):
    clinic = models.ForeignKey(
        "clinic.Clinic",
        on_delete=models.PROTECT,
        related_name="opening_hours",
        verbose_name=_("clinic"),
    )

    class Meta:
        verbose_name = _("opening hours")
        verbose_name_plural = _("opening hours")
        ordering = ["clinic", "weekday", "starts"]
        constraints = [
            *weekly_rules("opening_hours"),
            never_overlap(
                "clinic",
                "opening_hours_of_one_clinic_never_overlap",
                _("The clinic is already open at that time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts:%H:%M}–{self.ends:%H:%M}"


class Closure(models.Model):
    clinic = models.ForeignKey(
        "clinic.Clinic",
        on_delete=models.PROTECT,
        related_name="closures",
        verbose_name=_("clinic"),
    )
    during = DateTimeRangeField(
        _("from … to"),
        help_text=_("From the first moment closed to the moment it opens again."),
    )
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("closure")
        verbose_name_plural = _("closures")
        ordering = ["during"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    during__isempty=False,
                    during__lower_inf=False,
                    during__upper_inf=False,
                ),
                name="closures_have_a_start_and_an_end",
                violation_error_message=_("A closure needs a start and a later end."),
            ),
        ]

    def __str__(self) -> str:
        return self.reason
