"""Where care is given, and with what: clinics, and the resources a visit needs.

A room or a device belongs to one clinic. A person belongs to none: their shifts say where they are, and a person is
one resource everywhere, so nobody is ever in two places.
"""

from zoneinfo import ZoneInfo, available_timezones

import holidays
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


def validate_timezone(name: str) -> None:
    """Raises ValidationError unless `name` is an IANA zone such as "Europe/Paris"."""
    if name not in available_timezones():
        raise ValidationError(_("Unknown time zone. Write it as in “Europe/Paris”."))


class LegalProfile(models.TextChoices):
    FR_MEDICAL = "fr_medical", _("France, medical practice")


class Clinic(models.Model):
    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(_("short name in addresses"), unique=True)
    address_line = models.CharField(_("street"), max_length=200)
    postal_code = models.CharField(_("postal code"), max_length=12)
    city = models.CharField(_("city"), max_length=100)
    access_hint = models.CharField(_("how to get here"), max_length=200, blank=True)
    phone = PhoneNumberField(_("phone"))
    email = models.EmailField(_("e-mail"))
    timezone = models.CharField(
        _("time zone"),
        max_length=50,
        default="Europe/Paris",
        validators=[validate_timezone],
    )
    country = models.CharField(
        _("country of public holidays"),
        max_length=2,
        default="FR",
        help_text=_("Two letters, such as FR."),
    )
    subdivision = models.CharField(_("region of public holidays"), max_length=20, blank=True)
    closes_on_holidays = models.BooleanField(_("closed on public holidays"), default=True)

    legal_profile = models.CharField(
        _("legal profile"),
        max_length=20,
        choices=LegalProfile.choices,
        default=LegalProfile.FR_MEDICAL,
    )
    consultation_first = models.BooleanField(_("a new patient begins with a consultation"), default=True)
    reflection_days = models.PositiveSmallIntegerField(
        _("days of reflection after the consultation"),
        default=15,
        validators=[MaxValueValidator(60)],
        help_text=_("Whole days between the consultation, where the quote is given, and the first session."),
    )
    horizon_months = models.PositiveSmallIntegerField(
        _("months that can be booked ahead"),
        default=18,
        validators=[MinValueValidator(1), MaxValueValidator(36)],
    )
    roster_published_until = models.DateField(_("rosters published until"), null=True, blank=True)
    booking_notice_minutes = models.PositiveIntegerField(
        _("minutes of notice before an online booking"),
        default=120,
        validators=[MaxValueValidator(60 * 24 * 30)],
    )
    change_notice_hours = models.PositiveSmallIntegerField(
        _("hours before a visit until which it can be moved online"), default=48
    )
    hold_minutes = models.PositiveSmallIntegerField(
        _("minutes a course is kept while the patient decides"),
        default=15,
        validators=[MinValueValidator(5), MaxValueValidator(30)],
    )
    max_open_holds = models.PositiveSmallIntegerField(_("courses kept at once for visitors not yet identified"), default=30)
    reply_hours = models.PositiveSmallIntegerField(
        _("hours a patient has to answer another date"),
        default=24,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 14)],
        help_text=_("When a visit cannot take place and another date is proposed by e-mail; it is kept for so long."),
    )
    first_reply_days = models.PositiveSmallIntegerField(
        _("days a patient has to answer a date for a planned session"),
        default=7,
        validators=[MinValueValidator(1), MaxValueValidator(28)],
        help_text=_("Boosters and other sessions far ahead get a date ten weeks before they are due; it is kept for so long."),
    )
    review_hours = models.PositiveSmallIntegerField(_("hours a physician has to review answers"), default=48)

    class Meta:
        verbose_name = _("clinic")
        verbose_name_plural = _("clinics")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(horizon_months__range=(1, 36)),
                name="a_clinic_books_1_to_36_months_ahead",
            ),
            models.CheckConstraint(
                condition=models.Q(hold_minutes__range=(5, 30)),
                name="a_hold_lasts_5_to_30_minutes",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        try:
            holidays.country_holidays(self.country, subdiv=self.subdivision or None)
        except NotImplementedError as error:
            raise ValidationError({"country": _("No public holidays are known for this country and region.")}) from error

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class Kind(models.TextChoices):
    PERSON = "person", _("person")
    ROOM = "room", _("room")
    DEVICE = "device", _("device")


class Capability(models.Model):
    """What a segment of a visit needs and a resource has: “physician”, “treatment room”, “Dermapen”."""

    code = models.SlugField(_("code"), unique=True)
    name = models.CharField(_("name"), max_length=100)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)

    class Meta:
        verbose_name = _("capability")
        verbose_name_plural = _("capabilities")
        ordering = ["kind", "code"]

    def __str__(self) -> str:
        return self.name


class Resource(models.Model):
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    name = models.CharField(_("name"), max_length=100)
    clinic = models.ForeignKey(
        Clinic,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="resources",
        verbose_name=_("clinic"),
        help_text=_("Of a room or a device. A person works where their shifts say."),
    )
    capabilities = models.ManyToManyField(Capability, blank=True, related_name="resources", verbose_name=_("capabilities"))
    active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("resource")
        verbose_name_plural = _("resources")
        ordering = ["kind", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind=Kind.PERSON, clinic=None)
                | models.Q(kind__in=[Kind.ROOM, Kind.DEVICE], clinic__isnull=False),
                name="rooms_and_devices_have_a_clinic_and_people_none",
                violation_error_message=_(
                    "A room or a device belongs to a clinic; a person belongs to none (shifts say where they work)."
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.name
