"""Pages about the house: who treats, legal notice, privacy, accessibility."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic.models import Practitioner

# What search engines leave alone: pages of one person, of the team, and steps of a booking under way.
CLOSED_TO_ROBOTS = ("/account/", "/admin/", "/book/", "/courses/", "/hold/", "/language/", "/my-details/", "/staff/")


@login_not_required
@require_GET
def physicians(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/physicians.html", {"doctors": _doctors(), "team": _public().filter(order_number="")})


@login_not_required
@require_GET
def legal(request: HttpRequest) -> HttpResponse:
    """What the law asks of a site: who publishes, who is responsible, who hosts, and the physicians' registration."""
    context = {"doctors": _doctors(), "director": settings.PUBLICATION_DIRECTOR, "host": settings.HOSTED_BY}
    return render(request, "clinic/legal.html", context)


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/privacy.html")


@login_not_required
@require_GET
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/accessibility.html")


@login_not_required
@require_GET
def robots(request: HttpRequest) -> HttpResponse:
    lines = ["User-agent: *", *(f"Disallow: {prefix}" for prefix in CLOSED_TO_ROBOTS)]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


def _public() -> QuerySet[Practitioner]:
    return Practitioner.objects.filter(is_public=True, resource__active=True).select_related("resource")


def _doctors() -> QuerySet[Practitioner]:
    """Those with a registration number: who has none is no physician."""
    return _public().exclude(order_number="")
