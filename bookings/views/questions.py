"""Write to us: a question from anyone, which reaches reception."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods

from bookings import identity, messages
from bookings.forms.question import QuestionForm
from bookings.refusals import TooManyAttempts
from bookings.views.visitor import network_key
from clinic import limits
from treatments.models import Treatment

HOUR, DAY = 3600, 24 * 3600  # seconds
PER_NETWORK, PER_ADDRESS = 10, 3  # questions an hour from one network, a day with one e-mail address


@login_not_required
@require_http_methods(["GET", "POST"])
def question_create(request: HttpRequest) -> HttpResponse:
    form = QuestionForm(request.POST if request.method == "POST" else None, initial=_known(request))
    if request.method == "GET" or not form.is_valid():
        return render(request, "bookings/question_create.html", {"form": form}, status=422 if form.is_bound else 200)
    if form.trapped:
        return redirect("bookings:question-sent")
    if not _allowed(request, form.cleaned_data["email"]):
        form.add_error(None, TooManyAttempts.sentence)
        return render(request, "bookings/question_create.html", {"form": form}, status=409)
    form.instance.language = (get_language() or "fr")[:2]
    messages.question_asked(form.save())
    return redirect("bookings:question-sent")


@login_not_required
@require_GET
def question_sent(request: HttpRequest) -> HttpResponse:
    return render(request, "bookings/question_sent.html")


def _known(request: HttpRequest) -> dict[str, Any]:
    """What the form begins with: the treatment one came from, and who one is when logged in."""
    known: dict[str, Any] = {
        "treatment": Treatment.objects.public().filter(slug=request.GET.get("about", "").replace("\0", "")).first()
    }
    if request.user.is_authenticated:
        patient = identity.patients_of(request.user).first()
        known |= {
            "email": request.user.email,
            "name": patient.full_name if patient else "",
            "phone": patient.phone if patient else "",
        }
    return known


def _allowed(request: HttpRequest, email: str) -> bool:
    by_network = limits.allow("question-network", network_key(request), times=PER_NETWORK, seconds=HOUR)
    return by_network and limits.allow("question-address", email.lower(), times=PER_ADDRESS, seconds=DAY)
