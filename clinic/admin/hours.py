"""When: opening hours, shifts and closures. What the database would refuse is said beside the field first."""

from collections.abc import Iterator
from datetime import date, time
from itertools import combinations
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import QuerySet, TimeField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline
from unfold.widgets import UnfoldAdminSplitDateTimeWidget, UnfoldAdminTimeWidget

from clinic.admin.site import ClinicAdminBase, OwnClinicInline, sees_all, take_turns
from clinic.dates import date_format
from clinic.models import Clinic, Closure, OpeningHours, Resource, Shift

GRID_MINUTES = 5
OFF_GRID = _("Please keep to whole 5 minutes.")
TWICE = _("Two of these lines overlap.")
CLOCK: Any = {TimeField: {"widget": UnfoldAdminTimeWidget(format="%H:%M")}}  # hours and minutes, no seconds


def on_the_grid(at: time | None) -> time | None:
    """Raises ValidationError unless the time of day falls on a whole 5 minutes."""
    if at and (at.minute % GRID_MINUTES or at.second or at.microsecond):
        raise ValidationError(OFF_GRID)
    return at


class WeeklyForm(forms.ModelForm):
    """Hours that repeat weekly; without a choice of clinic they are for `own_clinic`."""

    own_clinic: Clinic | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.own_clinic and self.instance.clinic_id is None:
            self.instance.clinic = self.own_clinic

    def clean_starts(self) -> time | None:
        return on_the_grid(self.cleaned_data["starts"])

    def clean_ends(self) -> time | None:
        return on_the_grid(self.cleaned_data["ends"])


class WeeklyFormSet(forms.BaseInlineFormSet):
    """Lines edited together: the database sees them one by one, so overlaps among them are looked for here."""

    def clean(self) -> None:
        super().clean()
        for one, other in combinations(self._lines(), 2):
            if overlap(one, other):
                raise ValidationError(TWICE)

    def _lines(self) -> Iterator[dict[str, Any]]:
        for form in self.forms:
            data = getattr(form, "cleaned_data", {})
            if not data.get("DELETE") and all(data.get(name) for name in ("weekday", "starts", "ends", "valid_from")):
                yield data


def overlap(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two weekly lines share a moment: same weekday, days valid in common, hours in common (half-open)."""
    same_days = one["valid_from"] <= (other["valid_until"] or date.max) and other["valid_from"] <= (
        one["valid_until"] or date.max
    )
    same_hours = one["starts"] < other["ends"] and other["starts"] < one["ends"]
    return bool(one["weekday"] == other["weekday"] and same_days and same_hours)


class OpeningHoursInline(TabularInline):
    model = OpeningHours
    form = WeeklyForm
    formset = WeeklyFormSet
    extra = 0
    formfield_overrides = CLOCK
    fields = ("weekday", "starts", "ends", "valid_from", "valid_until")


class ShiftInline(OwnClinicInline, TabularInline):
    model = Shift
    form = WeeklyForm
    formset = WeeklyFormSet
    extra = 0
    formfield_overrides = CLOCK
    fields = ("clinic", "weekday", "starts", "ends", "valid_from", "valid_until")

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Who works for one clinic is not asked for which."""
        return self.fields if sees_all(request.user) else self.fields[1:]

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        formset.form = type("OwnShiftForm", (formset.form,), {"own_clinic": request.user.clinic})  # type: ignore[union-attr]
        return formset


class ShiftForm(WeeklyForm):
    def clean(self) -> dict[str, Any]:
        """Whoever's hours change is locked first, so that what is checked next still holds when it is stored."""
        data: dict[str, Any] = super().clean() or {}
        people = {person.pk for person in (data.get("person"), getattr(self.instance, "person", None)) if person}
        take_turns(Resource.objects.filter(pk__in=people))
        return data


@admin.register(Shift)
class ShiftAdmin(ClinicAdminBase):
    form = ShiftForm
    formfield_overrides = CLOCK
    list_display = ("person", "weekday_name", "hours", "clinic", "valid_from", "valid_until")
    list_filter = ("weekday", "person")
    list_select_related = ("person", "clinic")
    search_fields = ("person__name",)
    fields = ("person", "clinic", "weekday", ("starts", "ends"), ("valid_from", "valid_until"))

    @admin.display(description=_("weekday"), ordering="weekday")
    def weekday_name(self, shift: Any) -> str:
        return str(shift.get_weekday_display())

    @admin.display(description=_("hours"), ordering="starts")
    def hours(self, shift: Any) -> str:
        return f"{shift.starts:%H:%M}–{shift.ends:%H:%M}"

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        take_turns(Resource.objects.filter(pk=obj.person_id))
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        with transaction.atomic():
            take_turns(Resource.objects.filter(pk__in=queryset.values("person")))
            super().delete_queryset(request, queryset)


class ClosureForm(forms.ModelForm):
    """From and to as wall-clock times of the clinic."""

    starts = forms.SplitDateTimeField(label=_("from"), widget=UnfoldAdminSplitDateTimeWidget())
    ends = forms.SplitDateTimeField(
        label=_("to"), widget=UnfoldAdminSplitDateTimeWidget(), help_text=_("The moment the clinic opens again.")
    )

    class Meta:
        model = Closure
        fields = ("clinic", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            zone, during = self.instance.clinic.zone, self.instance.during
            self.initial["starts"] = during.lower.astimezone(zone).replace(tzinfo=None)
            self.initial["ends"] = during.upper.astimezone(zone).replace(tzinfo=None)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        starts, ends, clinic = data.get("starts"), data.get("ends"), data.get("clinic")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("The end must come after the start."))
        elif starts and ends and clinic:
            zone = clinic.zone
            self.instance.during = DateTimeTZRange(starts.replace(tzinfo=zone), ends.replace(tzinfo=zone))
            take_turns(Resource.objects.filter(clinic=clinic))
        return data


@admin.register(Closure)
class ClosureAdmin(ClinicAdminBase):
    form = ClosureForm
    list_display = ("reason", "closed_from", "closed_to", "clinic")
    list_select_related = ("clinic",)
    fields = ("clinic", "starts", "ends", "reason")

    @admin.display(description=_("from"), ordering="during")
    def closed_from(self, closure: Any) -> str:
        return _written(closure.during.lower, closure)

    @admin.display(description=_("to"))
    def closed_to(self, closure: Any) -> str:
        return _written(closure.during.upper, closure)


def _written(moment: Any, closure: Any) -> str:
    return date_format(moment.astimezone(closure.clinic.zone), "j N Y, H:i")
