"""The person treated. Not a log-in: e-mail may be empty, and e-mail and phone may be shared."""

import re
import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Case, Q, When
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

PHONE = re.compile(r"[\d\s+().-]*\d[\d\s+().-]*")


if TYPE_CHECKING:
    from clinic.models import User


class PatientQuerySet(models.QuerySet["Patient"]):
    def of(self, user: "User") -> "PatientQuerySet":
        """The files this log-in reaches."""
        return self.filter(user=user)

    def matching(self, text: str) -> "PatientQuerySet":
        """By phone number if `text` is nothing but digits; else every word occurs in a name or the e-mail address; first whose last
        name begins so, then whose first name does."""
        if PHONE.fullmatch(text):
            # As it is stored, after the country's code: 06 12 … and +33 6 12 … are one number.
            digits = "".join(filter(str.isdigit, text)).lstrip("0")
            return self.filter(phone__contains=digits) if digits else self.none()
        rank = Case(
            When(last_name__unaccent__istartswith=text, then=0), When(first_name__unaccent__istartswith=text, then=1), default=2
        )
        found = self.order_by(rank, "last_name", "first_name", "birth_date")
        for word in text.split():
            found = found.filter(
                Q(first_name__unaccent__icontains=word) | Q(last_name__unaccent__icontains=word) | Q(email__icontains=word)
            )
        return found


class Patient(models.Model):
    uuid = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="patients",
        verbose_name=_("log-in"),
        help_text=_("Set only after a verified code and a matching birth date."),
    )
    first_name = models.CharField(_("first name"), max_length=100)
    last_name = models.CharField(_("last name"), max_length=100)
    birth_date = models.DateField(_("birth date"))
    email = models.EmailField(_("e-mail"), blank=True)
    phone = PhoneNumberField(_("phone"), blank=True)
    language = models.CharField(
        _("language of messages"),
        max_length=5,
        default="fr",
        choices=[("fr", "Français"), ("en", "English")],
    )
    created_at = models.DateTimeField(_("since"), auto_now_add=True)

    objects = PatientQuerySet.as_manager()

    class Meta:
        verbose_name = _("patient")
        verbose_name_plural = _("patients")
        ordering = ["last_name", "first_name", "birth_date"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(last_name="") & ~models.Q(first_name=""),
                name="a_patient_has_a_name",
            ),
            models.CheckConstraint(
                condition=models.Q(birth_date__gte="1900-01-01"),
                name="a_patient_was_born_after_1900",
            ),
        ]
        indexes = [models.Index("email", name="patients_by_email")]

    def __str__(self) -> str:
        return f"{self.last_name.upper()} {self.first_name}"

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"
