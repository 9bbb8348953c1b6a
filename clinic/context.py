"""What every page knows: the clinic it speaks for."""

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from clinic.models import Clinic


def current_clinic() -> Clinic | None:
    """The clinic this site books for (the first by key; None while the database is empty)."""
    return Clinic.objects.order_by("pk").first()


def clinic(request: HttpRequest) -> dict[str, object]:
    """`clinic` for templates, read once per page and only where a template asks for it; false where there is none."""
    return {"clinic": getattr(request, "clinic", None) or SimpleLazyObject(current_clinic)}
