"""Bookings in the admin: to look at, never to change, and without medical answers.

What happens to a course happens through the rules, from the team’s pages; the admin would go round them.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from bookings.models import Appointment, Course, JournalEntry, Message, Patient, Task
from clinic.admin.site import ClinicAdminBase
from clinic.dates import date_format


class LookOnly:
    """No adding, changing or deleting, whoever asks."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class AppointmentInline(LookOnly, TabularInline):
    model = Appointment
    fields = ("label", "time", "lead", "status", "target", "earliest", "latest")
    readonly_fields = ("label", "time")
    ordering = ("position", "pk")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("phase", "lead", "course__clinic")

    @admin.display(description=_("session"))
    def label(self, appointment: Any) -> str:
        return str(appointment.label)

    @admin.display(description=_("time"))
    def time(self, appointment: Any) -> str:
        if appointment.during is None:
            return "–"
        return date_format(appointment.during.lower.astimezone(appointment.course.clinic.zone), "j N Y, H:i")


class JournalInline(LookOnly, TabularInline):
    model = JournalEntry
    fields = ("at", "verb", "actor")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("actor")


@admin.register(Course)
class CourseAdmin(LookOnly, ClinicAdminBase):
    list_display = ("patient", "protocol", "status", "clearance", "booked_at", "on_the_site")
    list_display_links = ("patient",)
    list_filter = ("status", "clearance", "protocol__treatment")
    list_select_related = ("patient", "protocol__treatment", "clinic")
    search_fields = ("patient__last_name", "patient__first_name", "patient__email")
    date_hierarchy = "booked_at"
    fields = (
        ("patient", "clinic"),
        ("protocol", "status"),
        ("clearance", "review_due", "cleared_at", "cleared_by"),
        ("with_consultation", "booked_at"),
        "on_the_site",
    )
    readonly_fields = ("on_the_site",)
    inlines = (AppointmentInline, JournalInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Without what visitors merely hold or let go."""
        return super().get_queryset(request).filter(patient__isnull=False)

    @admin.display(description=_("team’s page"))
    def on_the_site(self, course: Any) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("bookings:staff-course", args=[course.uuid]), _("open"))


class OfOwnPatients(LookOnly, ClinicAdminBase):
    """Rows reached through the courses of the manager's clinic."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).distinct()


@admin.register(Patient)
class PatientAdmin(OfOwnPatients):
    clinic_path = "courses__clinic"
    list_display = ("last_name", "first_name", "birth_date", "email", "phone", "language")
    list_filter = ("language",)
    search_fields = ("last_name", "first_name", "email", "phone")
    fields = (("last_name", "first_name"), "birth_date", ("email", "phone"), "language", "created_at")


@admin.register(Message)
class MessageAdmin(OfOwnPatients):
    clinic_path = "course__clinic"
    list_display = ("created_at", "kind", "recipient", "language", "sent_at", "error")
    list_filter = ("kind", "language", ("sent_at", admin.EmptyFieldListFilter))
    search_fields = ("recipient",)
    fields = ("kind", "recipient", "language", "subject", "body", "created_at", "sent_at", "error")


@admin.register(Task)
class TaskAdmin(LookOnly, ClinicAdminBase):
    clinic_path = "course__clinic"
    list_display = ("kind", "course", "due", "done_at", "done_by")
    list_filter = ("kind", ("done_at", admin.EmptyFieldListFilter))
    list_select_related = ("course__protocol__treatment", "done_by")
    fields = ("kind", "course", "appointment", "due", "done_at", "done_by")
