"""Forms with French and English side by side, where what is required is required in both."""

from typing import Any

from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import NON_FIELD_ERRORS
from django.forms import Field as FormField
from django.forms import ModelForm
from django.http import HttpRequest
from modeltranslation.fields import TranslationField
from unfold.admin import ModelAdmin, StackedInline, TabularInline


def both(name: str) -> tuple[str, str]:
    """The two columns of a translated field, to stand on one line."""
    return f"{name}_fr", f"{name}_en"


class BothLanguages(BaseModelAdmin):
    compressed_fields = False  # labels above: a window has five fields on one line

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> FormField | None:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and isinstance(db_field, TranslationField):
            field.required = not db_field.translated_field.blank
        return field


class CatalogueAdmin(BothLanguages, ModelAdmin):
    warn_unsaved_form = True


class SaidAtAField(ModelForm):
    """What is wrong with the whole is said at one field: the pages of stacked forms leave it out."""

    said_at = ""

    def full_clean(self) -> None:
        super().full_clean()
        if self.errors and NON_FIELD_ERRORS in self.errors:
            field = self.said_at or next(iter(self.fields))
            self.errors.setdefault(field, self.error_class()).extend(self.errors.pop(NON_FIELD_ERRORS).data)


class CatalogueStacked(BothLanguages, StackedInline):
    form = SaidAtAField
    tab = True
    extra = 0


class CatalogueTabular(BothLanguages, TabularInline):
    tab = True
    extra = 0
