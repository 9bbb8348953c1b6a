"""One page for whatever must be confirmed: what will happen, what stands in the way, and a button."""

from collections.abc import Sequence

from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.http import HttpRequest
from django.template.response import TemplateResponse


def ask(
    admin: ModelAdmin,
    request: HttpRequest,
    row: Model,
    *,
    title: str,
    consequence: str,
    button: str,
    obstacles: Sequence[str] = (),
) -> TemplateResponse:
    """The page; with obstacles it has no button. Posting it comes back to the same address."""
    options = row._meta  # noqa: SLF001 (Django's own name for it)
    context = {
        **admin.admin_site.each_context(request),
        "opts": options,
        "original": row,
        "title": title,
        "consequence": consequence,
        "button": button,
        "obstacles": obstacles,
        "back": f"admin:{options.app_label}_{options.model_name}_change",
    }
    return TemplateResponse(request, "admin/treatments/confirmation.html", context)
