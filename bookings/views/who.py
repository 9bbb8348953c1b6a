"""Step 5: who the course is for. The e-mail address is proved by a code before any name is asked."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language

from bookings import identity
from bookings.forms import IdentityForm, WhoForm
from bookings.refusals import Refusal
from bookings.views.ending import Ending, ending_context
from bookings.views.steps import posted
from clinic.models import User


def identity_step(request: HttpRequest, ending: Ending) -> HttpResponse:
    """E-mail first; then one known patient is skipped, several are asked which, and others give their name."""
    if not request.user.is_authenticated:
        return render(request, "bookings/hold_email.html", ending_context("you", ending) | {"next": ending.url("identity")})
    if ending.journey.patients and "first_name" not in request.POST and "new" not in request.GET:
        return _known(request, ending)
    return _named(request, request.user, ending)


def _known(request: HttpRequest, ending: Ending) -> HttpResponse:
    """Which of the files this log-in reaches, or someone else."""
    patients = ending.journey.patients
    if len(patients) == 1 and request.method != "POST" and "who" not in request.GET:
        return redirect(ending.url("questions", patient=str(patients[0].uuid)))
    form = WhoForm(posted(request), patients=patients)
    if not form.is_valid():
        context = ending_context("you", ending) | {"form": form}
        return render(request, "bookings/hold_who.html", context, status=422 if form.errors else 200)
    if form.cleaned_data["patient"] == WhoForm.SOMEONE_ELSE:
        return redirect(f"{ending.url('identity', patient='')}&new=1")
    return redirect(ending.url("questions", patient=form.cleaned_data["patient"]))


def _named(request: HttpRequest, user: User, ending: Ending) -> HttpResponse:
    """Name, birth date, phone and language; a file that fits is found, else made."""
    form = IdentityForm(posted(request), today=ending.journey.today, initial={"language": get_language()})
    if form.is_valid():
        try:
            patient = identity.find_or_create_patient(user, **form.cleaned_data, now=ending.journey.now)
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            return render(request, "bookings/hold_identity.html", ending_context("you", ending) | {"form": form}, status=409)
        return redirect(ending.url("questions", patient=str(patient.uuid)))
    context = ending_context("you", ending) | {"form": form}
    return render(request, "bookings/hold_identity.html", context, status=422 if form.errors else 200)
