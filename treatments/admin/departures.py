"""Where we depart from our sources, for the medical director's signature; and the rules in force, to read."""

from typing import Any

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import action

from clinic.models import Role, User
from treatments import regulation
from treatments.admin.confirmation import ask
from treatments.admin.languages import CatalogueAdmin, both
from treatments.models import Departure

TEXTS = (*both("subject"), *both("source_says"), *both("we_do"), *both("reason"))


class SignedFilter(admin.SimpleListFilter):
    title = gettext_lazy("signature")
    parameter_name = "signed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("no", _("waiting")), ("yes", _("signed"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(signed_by__isnull=self.value() == "no") if self.value() else queryset


@admin.register(Departure)
class DepartureAdmin(CatalogueAdmin):
    list_display = ("subject", "treatment", "signed_by", "signed_at")
    list_filter = (SignedFilter, "treatment")
    list_select_related = ("treatment", "signed_by")
    fields = (
        both("subject"),
        ("code", "treatment"),
        both("source_says"),
        both("we_do"),
        both("reason"),
        ("signed_by", "signed_at"),
    )
    actions_detail = ("sign",)
    actions_list = ("rules",)

    def get_readonly_fields(self, request: HttpRequest, obj: Departure | None = None) -> Any:
        """A physician signs what stands there; the words are the manager's."""
        if getattr(request.user, "role", None) == Role.MANAGER or request.user.is_superuser:
            return ("signed_by", "signed_at")
        return ("code", "treatment", *TEXTS, "signed_by", "signed_at")

    def save_model(self, request: HttpRequest, obj: Departure, form: ModelForm, change: Any) -> None:
        """Other words need another signature."""
        if form.changed_data:
            obj.signed_by = obj.signed_at = None
        super().save_model(request, obj, form, change)

    def has_sign_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whoever may edit departures may sign them. (A permission named in full would be looked up in an empty database.)"""
        return request.user.has_perm("treatments.change_departure")

    @action(description=gettext_lazy("Sign …"), url_path="sign", permissions=["sign"])
    def sign(self, request: HttpRequest, object_id: str) -> HttpResponse:
        departure = self.get_object(request, object_id)
        if departure is None:
            raise Http404
        if request.method == "POST" and isinstance(request.user, User):
            regulation.sign(departure, by=request.user, now=timezone.now())
            messages.success(request, _("Signed by %(name)s.") % {"name": departure.signed_by})
            return redirect(reverse("admin:treatments_departure_change", args=[departure.pk]))
        return ask(
            self,
            request,
            departure,
            title=_("Sign"),
            consequence=f"{departure.we_do} {departure.reason}",
            button=_("I agree, sign"),
            obstacles=[_("It is already signed.")] if departure.signed_by else [],
        )

    @action(description=gettext_lazy("Rules in force"), url_path="rules", permissions=["view"])
    def rules(self, request: HttpRequest) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": _("Rules in force"), "profile": regulation.profile()}
        return TemplateResponse(request, "admin/treatments/rules.html", context)
