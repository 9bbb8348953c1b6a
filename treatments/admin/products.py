from django.contrib import admin
from django.http import HttpRequest

from treatments.admin.languages import CatalogueAdmin, both
from treatments.models import Product, Zone


@admin.register(Zone)
class ZoneAdmin(CatalogueAdmin):
    list_display = ("name", "code", "position")
    search_fields = ("code", *both("name"))
    fields = (both("name"), ("code", "position"))

    def get_readonly_fields(self, request: HttpRequest, obj: Zone | None = None) -> tuple[str, ...]:
        """Protocols refer to it, frozen ones too: its code stays, and it is not deleted."""
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Zone | None = None) -> bool:
        return False


@admin.register(Product)
class ProductAdmin(CatalogueAdmin):
    """What may not be used is refused by the database; the form repeats its sentence."""

    list_display = ("name", "supplier", "origin", "source_species", "for_needled_skin", "active")
    list_filter = ("origin", "active")
    search_fields = ("name", "supplier", "reference", "source_species")
    autocomplete_fields = ("treatments",)
    fields = (
        ("name", "supplier"),
        ("origin", "source_species"),
        ("route", "reference"),
        ("for_needled_skin", "active"),
        "treatments",
    )
