"""My details: phone and language of a patient file, and finding the file reception made."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from bookings import identity
from bookings.access import own_courses, own_patient_or_404
from bookings.forms.profile import FileForm, ProfileForm
from bookings.refusals import Refusal


@require_http_methods(["GET", "POST"])
@never_cache
def patient_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    patient = own_patient_or_404(request.user, uuid)
    known = {"phone": patient.phone.as_international if patient.phone else "", "language": patient.language}
    form = ProfileForm(request.POST if request.method == "POST" else None, initial=known)
    if request.method == "POST" and form.is_valid():
        identity.update_contact(patient, **form.cleaned_data)
        messages.success(request, _("Your details are stored."))
        return redirect("bookings:course-list")
    context = {"patient": patient, "form": form}
    return render(request, "bookings/patient_edit.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
def patient_find(request: HttpRequest) -> HttpResponse:
    """Reach the file that was made by phone or at the desk: the birth date proves whose it is. `?course=`: then to its page."""
    form, status = FileForm(request.POST if request.method == "POST" else None), 200
    wanted = request.POST.get("course") or request.GET.get("course", "")
    if request.method == "POST" and form.is_valid():
        try:
            patient = identity.reach_patient(request.user, **form.cleaned_data)  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, refusal.sentence)
            status = 409
        else:
            messages.success(request, _("Here are your courses, %(name)s.") % {"name": patient.first_name})
            found = next((course for course in own_courses(request.user) if str(course.uuid) == wanted), None)
            return redirect("bookings:course-detail", uuid=found.uuid) if found else redirect("bookings:course-list")
    elif form.is_bound:
        status = 422
    context = {"form": form, "wanted": wanted, "is_theirs": _may_be_theirs(request, wanted)}
    return render(request, "bookings/patient_find.html", context, status=status)


def _may_be_theirs(request: HttpRequest, wanted: str) -> bool:
    try:
        return identity.may_be_theirs(request.user, UUID(wanted))  # type: ignore[arg-type]
    except ValueError:  # no address of ours
        return False
