"""What the team changes in a running course: every change shows each date before and after, and is stored as a whole."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from bookings import booking, placing, proposals, rescheduling, why_not
from bookings.access import clinic_session_or_404
from bookings.forms.plan import AgreedForm, MoveForm, ReasonInWords, plan_text
from bookings.forms.staff import ResumeForm, WhyNotForm
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus
from bookings.models.states import RUNNING
from bookings.refusals import NoPlaceLeft, Refusal, WrongState
from bookings.rescheduling import Reflow
from bookings.views.agreeing import agree
from bookings.views.dates import times_of
from bookings.views.staff.asking import who_leads
from bookings.views.staff.course import booked_course_or_404, course_again
from bookings.views.staff.day import member
from bookings.views.staff.words import reasons_in_words
from clinic import timegrid
from clinic.access import TEAM, role_required


@dataclass(frozen=True, slots=True)
class Asked:
    """A change as the page speaks of it: its title, its button, the fields that say what it is, and what there is to say
    (`idle`) when no date would change, if the change is then none."""

    title: str
    button: str
    fields: Sequence[tuple[str, str]] = ()
    idle: str = ""


# The course ------------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_course_refill(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A date for every session that has none."""
    course = booked_course_or_404(request, uuid)
    idle = _("Nothing would change: every session that can have a date has one.")
    asked = Asked(_("Dates for the sessions that have none"), _("Store these dates"), idle=idle)
    return _change(request, course, lambda: rescheduling.refill(course, now=timezone.now()), asked)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_course_resume(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A paused course is taken up again, nothing before the day `?on=`."""
    course = booked_course_or_404(request, uuid)
    form = ResumeForm(request.POST if request.method == "POST" else request.GET)
    if not form.is_valid():
        return _again(request, course, status=422, sentences=form.sentences)
    if request.method == "POST" and course.status == CourseStatus.BOOKED:
        return _stored(request, course)
    day = form.cleaned_data["on"]
    asked = Asked(_("Take the course up again"), _("Take it up with these dates"), [("on", day.isoformat())])
    return _change(request, course, lambda: rescheduling.resume(course, day, now=timezone.now()), asked)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_course_pause(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Every time to come is given back, the ideal days stay."""
    course = booked_course_or_404(request, uuid)
    asked = Asked(_("Pause the course?"), _("Pause, and give these dates back"))

    def pause(reason: str) -> None:
        rescheduling.suspend(course, by=member(request), now=timezone.now(), reason=reason)

    done = " ".join([_("The course is paused."), _told(course)])
    freed = placing.to_come(course, now=timezone.now()) if course.status in RUNNING else None
    return _stop(request, course, pause, asked, done, freed=freed)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_course_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Everything to come is released, for good."""
    course = booked_course_or_404(request, uuid)
    asked = Asked(_("End the course?"), _("End it, and release these dates"))

    def end(reason: str) -> None:
        booking.end_course(course, CourseStatus.CANCELLED, by=member(request), now=timezone.now(), reason=reason)

    done = " ".join([_("The course is ended and its dates are released."), _told(course)])
    freed = placing.to_come(course, now=timezone.now()) if course.status in RUNNING else None
    return _stop(request, course, end, asked, done, freed=freed)


@require_POST
@role_required(*TEAM)
def staff_course_keep(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The patient missed the first visit, and has been called: the other dates stay."""
    course = booked_course_or_404(request, uuid)

    def keep() -> None:
        rescheduling.keep_dates(course, by=member(request), now=timezone.now())

    return _done(request, course, keep, _("The dates are kept. The visit that was missed still needs one."))


# One session -----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_session_move(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """The other times for one session, up to the last its rhythm allows; `?slot=` shows what changes with one of them."""
    session = clinic_session_or_404(request.user, uuid, position)
    course = session.course
    form = MoveForm(request.POST if request.method == "POST" else request.GET, clinic=course.clinic)
    if not form.is_valid():
        return _times(request, session, sentences=form.sentences, status=422)
    slot = form.cleaned_data["slot"]
    if slot is None and "at" in request.GET:
        return _asked_for(request, session)
    if slot is None:
        return _times(request, session)
    title = _("%(session)s: another date") % {"session": session.label}
    asked = Asked(title, _("Store these dates"), [("slot", proposals.slot_text(slot))])

    def moved() -> Reflow:
        return rescheduling.move(course, position, slot, now=timezone.now(), late=True)

    def is_late(reflow: Reflow) -> bool:
        return not rescheduling.in_rhythm(reflow.proposal, position)

    return _change(request, course, moved, asked, needs_reason=is_late)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_session_leave_out(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """The course without one session, its boosters counted anew."""
    session = clinic_session_or_404(request.user, uuid, position)
    if request.method == "POST" and session.status == AppointmentStatus.SKIPPED:
        return _stored(request, session.course)
    asked = Asked(_("%(session)s: leave it out?") % {"session": session.label}, pgettext("team", "Leave this session out"))
    return _change(
        request, session.course, lambda: rescheduling.drop(session.course, position, team=True, now=timezone.now()), asked
    )


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_session_take_up(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """A session that had been left out, again."""
    session = clinic_session_or_404(request.user, uuid, position)
    if request.method == "POST" and session.status != AppointmentStatus.SKIPPED:
        return _stored(request, session.course)
    asked = Asked(_("%(session)s: take it up again?") % {"session": session.label}, _("Store these dates"))
    return _change(request, session.course, lambda: rescheduling.take_up(session.course, position, now=timezone.now()), asked)


@require_http_methods(["GET", "POST"])
@never_cache
@role_required(*TEAM)
def staff_session_cannot_come(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """The patient has told us: the time is free at once, and the session waits for a call."""
    session = clinic_session_or_404(request.user, uuid, position)
    asked = Asked(_("%(session)s: the patient cannot come?") % {"session": session.label}, _("Free this time"))

    def give_back(reason: str) -> None:
        rescheduling.cannot_come(session, by=member(request), now=timezone.now(), reason=reason)

    done = _("This time is free again. The session waits for a new date.")
    may = session.course.status in RUNNING and session.status == AppointmentStatus.BOOKED
    return _stop(request, session.course, give_back, asked, done, freed=[session] if may else None)


@require_POST
@role_required(*TEAM)
def staff_session_leave_open(request: HttpRequest, uuid: UUID, position: int) -> HttpResponse:
    """No date keeps the rhythm of this session any more: a physician decides how to go on."""
    course = clinic_session_or_404(request.user, uuid, position).course

    def leave_open() -> None:
        rescheduling.leave_open(course, position, by=member(request), now=timezone.now())

    said = " ".join([_("A physician is asked how to go on."), _told(course)])
    return _done(request, course, leave_open, said)


# How it is done --------------------------------------------------------------------------------------------------------


def _done(request: HttpRequest, course: Course, act: Callable[[], None], said: str) -> HttpResponse:
    """Do it and say so on the course page; or say there why not."""
    try:
        act()
    except Refusal as refusal:
        return _again(request, course, status=409, refusal=refusal)
    messages.success(request, said)
    return redirect("bookings:staff-course", uuid=course.uuid)


def _change(
    request: HttpRequest,
    course: Course,
    plan: Callable[[], Reflow],
    asked: Asked,
    *,
    needs_reason: Callable[[Reflow], bool] = lambda reflow: False,
) -> HttpResponse:
    """Before and after; once agreed to, the change. Outside the rhythm patients may choose from it needs a reason."""
    form = AgreedForm(request.POST if request.method == "POST" else {}, clinic=course.clinic)
    if not form.is_valid():
        return _again(request, course, status=422, sentences=form.sentences)
    accepted, reason = form.cleaned_data["plan"], form.cleaned_data["reason"]
    try:
        shown = agree(plan, accepted, by=member(request), reason=reason, needs_reason=needs_reason)
    except Refusal as refusal:
        return _again(request, course, status=409, refusal=refusal)
    if shown is None:
        return _stored(request, course)
    unsaid = shown.lacking and accepted is not None
    context = {
        "course": course,
        "patient": course.patient,
        "asked": asked,
        "changes": shown.reflow.changes,
        "moved": shown.reflow.moved,
        "plan": plan_text(shown.reflow.proposal.slots),
        "needs_reason": shown.lacking or bool(reason),
        "form": form,
        "unsaid": unsaid,
        "refusal": shown.refusal,
    }
    return render(request, "bookings/staff_course_change.html", context, status=422 if unsaid else 409 if shown.refusal else 200)


def _stored(request: HttpRequest, course: Course) -> HttpResponse:
    """The course page, after the first click or the second."""
    messages.success(request, " ".join([_("These dates are stored."), _told(course)]))
    return redirect("bookings:staff-course", uuid=course.uuid)


def _told(course: Course) -> str:
    """Whether the patient hears of it without anybody's doing."""
    assert course.patient is not None
    if course.patient.email:
        return _("The patient is told of every date that changed.")
    return _("The patient has no e-mail address: please call. It stands under “To do”.")


def _stop(
    request: HttpRequest,
    course: Course,
    stop: Callable[[str], None],
    asked: Asked,
    done: str,
    *,
    freed: Sequence[Appointment] | None,
) -> HttpResponse:
    """Which dates would be given back, and why; then it is done. Where there is nothing to stop, it is said so."""
    form = ReasonInWords(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _done(request, course, lambda: stop(form.cleaned_data["reason"]), done)
    if freed is None:
        return _again(request, course, status=409, refusal=WrongState())
    context = {
        "course": course,
        "patient": course.patient,
        "asked": asked,
        "form": form,
        "freed": freed,
    }
    return render(request, "bookings/staff_course_stop.html", context, status=422 if form.is_bound else 200)


def _times(request: HttpRequest, session: Appointment, *, sentences: Any = (), status: int = 200, **answer: Any) -> HttpResponse:
    """The other times there are for one session, or why there are none."""
    course, now = session.course, timezone.now()
    try:
        found = rescheduling.options(course, session.position, now=now, late=True)
    except Refusal as refusal:
        return _again(request, course, status=409, refusal=refusal)
    context = {
        "course": course,
        "patient": course.patient,
        "session": session,
        "alternatives": times_of(course, found),
        "sentences": sentences,
        "may_leave_out": rescheduling.may_leave_out(session, team=True, now=now),
        "why_form": WhyNotForm(leads=who_leads(course.protocol, course.clinic)),
    } | answer
    return render(request, "bookings/staff_course_move.html", context, status=status)


def _asked_for(request: HttpRequest, session: Appointment) -> HttpResponse:
    """A time the patient asks for: possible, or every reason why not."""
    course, now = session.course, timezone.now()
    leads = who_leads(course.protocol, course.clinic)
    form = WhyNotForm(request.GET, leads=leads)
    if not form.is_valid():
        return _times(request, session, status=422, why_form=form)
    tick, chosen = timegrid.tick(form.cleaned_data["at"]), form.cleaned_data["lead"]
    answers = []
    for lead in [chosen] if chosen else leads:
        slot = proposals.slot_at(tick, lead.pk, course.clinic)
        whys = why_not.reasons(course, session.position, slot, now=now)
        answers.append(
            {"lead": lead, "slot": proposals.slot_text(slot), "reasons": reasons_in_words(whys, course.clinic, course)}
        )
    return _times(request, session, why_form=form, answers=answers, asked_at=form.cleaned_data["at"])


def _again(
    request: HttpRequest, course: Course, *, status: int, refusal: Refusal | None = None, sentences: Sequence[str] = ()
) -> HttpResponse:
    """The course page as it is now, with what was wrong; where no date is left, with the way on."""
    asks = isinstance(refusal, NoPlaceLeft) and course.status == CourseStatus.BOOKED
    stuck = rescheduling.stuck(course, now=timezone.now()) if asks else None
    return course_again(request, course, status=status, said={"refusal": refusal, "sentences": sentences, "stuck": stuck})
