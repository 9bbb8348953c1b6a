"""The clinic itself, what visits need (capabilities), and what serves them (people, rooms, devices)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, StackedInline

from clinic.admin.hours import OpeningHoursInline, ShiftInline
from clinic.admin.site import ClinicAdminBase, own_rows, sees_all, take_turns
from clinic.models import Capability, Clinic, Kind, Practitioner, Resource


@admin.register(Clinic)
class ClinicAdmin(ClinicAdminBase):
    clinic_path = "pk"
    list_display = ("name", "city", "phone", "horizon_months", "roster_published_until")
    inlines = (OpeningHoursInline,)
    prepopulated_fields = {"slug": ("name",)}
    fieldsets = (
        (None, {"fields": ("name", "slug", ("address_line", "postal_code", "city"), ("phone", "email"))}),
        (_("How to get here"), {"fields": ("access_hint_fr", "access_hint_en")}),
        (
            _("What can be booked"),
            {
                "fields": (
                    ("horizon_months", "roster_published_until"),
                    ("booking_notice_minutes", "change_notice_hours"),
                    ("reply_hours", "first_reply_days"),
                    ("hold_minutes", "max_open_holds"),
                ),
                "description": _("A course is booked as far ahead as both the months and the published rosters reach."),
            },
        ),
        (
            _("Law and medicine"),
            {"fields": ("legal_profile", ("consultation_first", "reflection_days"), "review_hours")},
        ),
        (
            _("Time and public holidays"),
            {"fields": ("timezone", ("country", "subdivision", "closes_on_holidays"))},
        ),
    )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """While its opening hours change, nobody books there: every visit needs a room or a device of the clinic."""
        clinic = super().get_object(request, object_id, from_field)
        if request.method == "POST" and clinic:
            take_turns(Resource.objects.filter(clinic=clinic.pk))
        return clinic

    def has_add_permission(self, request: HttpRequest) -> bool:
        return sees_all(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Capability)
class CapabilityAdmin(ModelAdmin[Capability]):
    list_display = ("name", "code", "kind", "served_by")
    list_filter = ("kind",)
    search_fields = ("code", "name_fr", "name_en")
    fields = ("name_fr", "name_en", "code", "kind")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        in_use = Count("resources", filter=Q(resources__active=True))
        return super().get_queryset(request).annotate(in_use=in_use)

    @admin.display(description=_("served by"), ordering="in_use")
    def served_by(self, capability: Any) -> int:
        return int(capability.in_use)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Protocols and resources refer to it: only its names change."""
        return ("code", "kind") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PractitionerInline(StackedInline):
    model = Practitioner
    extra = 0
    max_num = 1
    fields = (
        ("title", "is_public"),
        ("profession_fr", "profession_en"),
        ("order_number", "insurer"),
        ("biography_fr", "biography_en"),
        "user",
    )
    verbose_name_plural = _("what patients may know")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "user":
            field.queryset = own_rows(field.queryset, request.user, "clinic").exclude(role="patient")
        return field


class ResourceForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """A room cannot have a person's capabilities; the plan would never find it."""
        data: dict[str, Any] = super().clean() or {}
        kind = data.get("kind", self.instance.kind)
        strange = [capability.name for capability in data.get("capabilities", ()) if capability.kind != kind]
        if kind and strange:
            sentence = _("Not for this kind of resource: %(names)s.")
            self.add_error("capabilities", ValidationError(sentence, params={"names": ", ".join(strange)}))
        return data


@admin.register(Resource)
class ResourceAdmin(ClinicAdminBase):
    form = ResourceForm
    list_display = ("name", "kind", "abilities", "clinic", "active")
    list_filter = ("kind", "active", "capabilities")
    search_fields = ("name",)
    fields = ("name", "kind", "clinic", "capabilities", "active")
    filter_horizontal = ("capabilities",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows = ModelAdmin.get_queryset(self, request).select_related("clinic").prefetch_related("capabilities")
        return rows if sees_all(request.user) else rows.filter(Q(clinic=None) | Q(clinic=request.user.clinic_id))  # type: ignore[union-attr]

    @admin.display(description=_("capabilities"))
    def abilities(self, resource: Any) -> str:
        return ", ".join(str(capability) for capability in resource.capabilities.all())

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Shifts and capabilities change in turn with bookings: the resource is locked before anything is looked at."""
        if request.method == "POST" and object_id.isdecimal():
            take_turns(Resource.objects.filter(pk=object_id))
        return super().get_object(request, object_id, from_field)

    def get_inlines(self, request: HttpRequest, obj: Any) -> tuple[Any, ...]:
        return (PractitionerInline, ShiftInline) if obj and obj.kind == Kind.PERSON else ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """A person does not become a room; and visits were booked where the room stands."""
        return ("kind", "clinic") if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What has been booked keeps its resources: take them out of use instead."""
        return False
