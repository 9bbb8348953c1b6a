"""What patients read: editable at any time, with no effect on running courses."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from treatments.admin.languages import CatalogueAdmin, CatalogueStacked, CatalogueTabular, both
from treatments.models import Departure, Faq, Indication, Protocol, Step, Treatment


class IndicationInline(CatalogueTabular):
    model = Indication
    fields = ("position", *both("text"), "is_public")


class StepInline(CatalogueStacked):
    model = Step
    fields = (("position", "drawing"), both("title"), both("text"))


class FaqInline(CatalogueStacked):
    model = Faq
    fields = ("position", both("question"), both("answer"))


class VersionsInline(CatalogueTabular):
    """The protocols of the treatment, to look at; each opens on its own page."""

    model = Protocol
    fields = readonly_fields = ("code", "version", "status", "bookable_online", "published_at")
    show_change_link = True
    can_delete = False
    verbose_name_plural = _("protocols")

    def has_add_permission(self, request: HttpRequest, obj: Treatment | None = None) -> bool:
        return False


class DeparturesInline(CatalogueTabular):
    model = Departure
    fields = readonly_fields = ("subject", "signed_by", "signed_at")
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Treatment | None = None) -> bool:
        return False


def _tab(name: Any, *texts: str) -> Any:
    return name, {"classes": ["tab"], "fields": tuple(both(text) for text in texts)}


@admin.register(Treatment)
class TreatmentAdmin(CatalogueAdmin):
    list_display = ("name", "category", "is_published", "online_protocol")
    list_filter = ("category", "is_published")
    search_fields = both("name")
    prepopulated_fields = {"slug": ("name_en",)}
    fieldsets = (
        (None, {"fields": (both("name"), ("slug", "category"), ("uses_exosomes", "is_published"), "position")}),
        _tab(_("In short"), "tagline", "summary", "rhythm", "payment"),
        _tab(_("Evidence and law"), "mechanism", "evidence", "legal_basis"),
        _tab(_("Safety"), "side_effects", "not_for"),
        _tab(_("Before and after"), "preparation", "aftercare"),
    )
    inlines = (VersionsInline, IndicationInline, StepInline, FaqInline, DeparturesInline)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Treatment]:
        return super().get_queryset(request).prefetch_related("protocols")

    def has_delete_permission(self, request: HttpRequest, obj: Treatment | None = None) -> bool:
        """Only while it has no protocol: what was offered is taken off the site, not deleted."""
        return obj is not None and not obj.protocols.exists() and super().has_delete_permission(request, obj)

    @admin.display(description=_("booked online"))
    def online_protocol(self, treatment: Treatment) -> str:
        online = [p for p in treatment.protocols.all() if p.status == "published" and p.bookable_online]
        return str(online[0]) if online else "–"


@admin.register(Faq)
class FaqAdmin(CatalogueAdmin):
    """Questions about one treatment, or (without treatment) about the clinic."""

    list_display = ("question", "treatment", "position")
    list_filter = ("treatment",)
    list_select_related = ("treatment",)
    fields = ("treatment", "position", both("question"), both("answer"))
