"""Pages about the house: who treats, legal notice, privacy, accessibility."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from clinic.models import Practitioner

# What search engines leave alone: pages of one person, of the team, and steps of a booking under way.
CLOSED_TO_ROBOTS = ("/account/", "/admin/", "/book/", "/courses/", "/hold/", "/language/", "/my-details/", "/staff/")


@login_not_required
@require_GET
def physicians(request: HttpRequest) -> HttpResponse:
    people = Practitioner.objects.filter(is_public=True, resource__active=True).select_related("resource")
    doctors = [person for person in people if person.order_number]
    context = {"doctors": doctors, "team": [person for person in people if not person.order_number]}
    return render(request, "clinic/physicians.html", context)


@login_not_required
@require_GET
def legal(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/legal.html")


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
