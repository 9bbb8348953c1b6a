"""What all pages of the admin share: whose rows they show, and the menu.

A manager sees and edits their own clinic; a superuser without a clinic sees all. People belong to no clinic: every
manager sees them, but of their shifts only those at the manager's own clinic.
"""

from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from clinic.models import Clinic


def sees_all(user: Any) -> bool:
    return bool(user.is_superuser and user.clinic_id is None)


def own_rows(queryset: QuerySet[Any], user: Any, path: str) -> QuerySet[Any]:
    """Those rows of `queryset` that belong to the user's clinic; `path` leads from a row to its clinic."""
    return queryset if sees_all(user) else queryset.filter(**{path: user.clinic_id})


def take_turns(resources: QuerySet[Any]) -> None:
    """Hold these resources until the transaction ends, in key order, as every booking does (`bookings.locking`).

    Whoever books looks at hours and capabilities under the same locks: no visit slips in while they change.
    """
    list(resources.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


class ClinicAdminBase(ModelAdmin[Model]):
    """Rows of the user's own clinic only; a new row belongs to it without being asked."""

    clinic_path = "clinic"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return own_rows(super().get_queryset(request), request.user, self.clinic_path)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.related_model is Clinic:
            field.queryset = own_rows(Clinic.objects.all(), request.user, "pk")
            field.initial = request.user.clinic_id  # type: ignore[union-attr]
        return field


class OwnClinicInline:
    """Inline rows of the user's own clinic only."""

    clinic_path = "clinic"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return own_rows(super().get_queryset(request), request.user, self.clinic_path)  # type: ignore[misc]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
        if field is not None and db_field.related_model is Clinic:
            field.queryset = own_rows(Clinic.objects.all(), request.user, "pk")
            field.initial = request.user.clinic_id  # type: ignore[union-attr]
        return field


# The menu: name of the model, label, icon (Material Symbols).
MENU = [
    (
        _("The house"),
        [
            ("clinic.clinic", _("Clinic"), "home_health"),
            ("clinic.resource", _("People, rooms, devices"), "groups"),
            ("clinic.shift", _("Shifts"), "calendar_clock"),
            ("clinic.closure", _("Closures"), "event_busy"),
            ("clinic.capability", _("Capabilities"), "workspace_premium"),
            ("clinic.user", _("Log-ins of the team"), "badge"),
        ],
    ),
    (
        _("What is offered"),
        [
            ("treatments.treatment", _("Treatments"), "spa"),
            ("treatments.protocol", _("Protocols"), "account_tree"),
            ("treatments.zone", _("Zones"), "face"),
            ("treatments.product", _("Products"), "science"),
            ("treatments.faq", _("Frequent questions"), "quiz"),
            ("treatments.departure", _("Departures from the source"), "draw"),
        ],
    ),
    (
        _("Bookings"),
        [
            ("bookings.course", _("Courses"), "timeline"),
            ("bookings.patient", _("Patients"), "person"),
            ("bookings.message", _("Messages"), "mail"),
        ],
    ),
]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu of the admin: what this log-in may see of it, after the way back to the day's work."""
    groups: list[dict[str, Any]] = [
        {"items": [{"title": _("Today at the clinic"), "icon": "today", "link": reverse_lazy("bookings:staff-day")}]}
    ]
    for title, entries in MENU:
        items = [_item(label, name, icon) for label, name, icon in entries if _may_see(request, label)]
        if items:
            groups.append({"title": title, "separator": True, "items": items})
    return groups


def _item(label: str, name: Any, icon: str) -> dict[str, Any]:
    return {"title": name, "icon": icon, "link": reverse_lazy(f"admin:{label.replace('.', '_')}_changelist")}


def _may_see(request: HttpRequest, label: str) -> bool:
    app, model = label.split(".")
    return admin.site.is_registered(apps.get_model(label)) and request.user.has_perm(f"{app}.view_{model}")
