"""Who logs in, and who treats.

A `User` is a log-in: an e-mail address and a role. It is not a patient: one log-in may reach several patient files
(a mother and her daughter share an address), and a patient file may have no log-in at all.
A `Practitioner` is the public face of a person who treats; the person's time is a `Resource`.
"""

from typing import ClassVar

from django.contrib.auth.models import (
    AbstractBaseUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    PATIENT = "patient", _("patient")
    RECEPTION = "reception", _("reception")
    ASSISTANT = "assistant", _("assistant")
    PRACTITIONER = "practitioner", _("physician")
    MANAGER = "manager", _("manager")


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """A log-in for `email` (stored in lower case); without a password it can only be reached by e-mailed code."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> "User":
        return self.create_user(email, password, role=Role.MANAGER, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    role = models.CharField(_("role"), max_length=20, choices=Role.choices, default=Role.PATIENT)
    clinic = models.ForeignKey(
        "clinic.Clinic",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="staff",
        verbose_name=_("clinic"),
    )
    language = models.CharField(
        _("language"),
        max_length=5,
        default="fr",
        choices=[("fr", "Français"), ("en", "English")],
    )
    is_active = models.BooleanField(_("may log in"), default=True)
    date_joined = models.DateTimeField(_("since"), auto_now_add=True)

    objects = UserManager()

    EMAIL_FIELD = USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("log-in")
        verbose_name_plural = _("log-ins")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="a_log_in_is_stored_in_lower_case",
            ),
            models.CheckConstraint(
                condition=models.Q(role=Role.PATIENT, clinic=None) | ~models.Q(role=Role.PATIENT),
                name="a_patient_log_in_belongs_to_no_clinic",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def is_staff(self) -> bool:
        """Whether the admin site opens for this log-in (what it may do there is decided by `clinic.access`)."""
        return self.is_active and (self.is_superuser or self.role in (Role.MANAGER, Role.PRACTITIONER))

    @property
    def is_team(self) -> bool:
        """Whether this log-in works for the clinic (any role but patient)."""
        return self.role != Role.PATIENT


class Practitioner(models.Model):
    """What patients may know of a person who treats them, and what a French quote must name."""

    resource = models.OneToOneField("clinic.Resource", on_delete=models.PROTECT, related_name="practitioner")
    user = models.OneToOneField(
        "clinic.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="practitioner",
        verbose_name=_("log-in"),
    )
    title = models.CharField(
        _("title"),
        max_length=20,
        blank=True,
        help_text=_("Shown before the name, such as “Dr”."),
    )
    profession = models.CharField(_("profession"), max_length=120)
    order_number = models.CharField(
        _("RPPS number"),
        max_length=20,
        blank=True,
        help_text=_("Registration number of a physician, required on every quote."),
    )
    insurer = models.CharField(_("liability insurer and policy"), max_length=200, blank=True)
    biography = models.TextField(_("biography"), blank=True)
    is_public = models.BooleanField(_("shown to patients"), default=True)

    class Meta:
        verbose_name = _("practitioner")
        verbose_name_plural = _("practitioners")
        ordering = ["resource__name"]

    def __str__(self) -> str:
        return f"{self.title} {self.resource.name}".strip()
