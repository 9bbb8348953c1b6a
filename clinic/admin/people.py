"""Who logs in. Nobody has a password: each comes in by a code sent to the address written here."""

from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clinic.admin.site import ClinicAdminBase, sees_all
from clinic.models import Role, User


class UserForm(forms.ModelForm):
    """A log-in of the team: patients make their own."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            self.fields["role"].choices = [choice for choice in Role.choices if choice[0] != Role.PATIENT]  # type: ignore[attr-defined]
        if "clinic" in self.fields:
            self.fields["clinic"].required = True

    def clean_email(self) -> str:
        """Stored in lower case, so that one address is one log-in."""
        email: str = self.cleaned_data["email"]
        return email.strip().lower()


@admin.register(User)
class UserAdmin(ClinicAdminBase):
    form = UserForm
    list_display = ("email", "name", "role", "clinic", "is_active", "last_login")
    list_filter = ("role", "is_active")
    list_select_related = ("clinic",)
    search_fields = ("email", "name")
    fields = ("email", "name", "role", "clinic", "language", "is_active")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).exclude(role=Role.PATIENT)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        """Nobody shuts themselves out, or moves to another clinic."""
        own = obj is not None and obj.pk == request.user.pk and not sees_all(request.user)
        return ("role", "clinic", "is_active") if own else ()

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            EmailAddress.objects.filter(user=obj).delete()  # the former address opens nothing any more

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The journal names who did what: close a log-in instead."""
        return False
