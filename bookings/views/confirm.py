"""Step 6: the remaining questions, the summary, and "Confirm my course". Answers are stored here and nowhere before."""

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bookings import proposals
from bookings.forms import PlanForm, QuestionsForm, plan_text
from bookings.models import Patient
from bookings.planner import Slot
from bookings.refusals import AlreadyBooked, Blocked, HoldExpired, Refusal, TooEarly
from bookings.screening import Answers
from bookings.views.ending import Ending, ending_context
from bookings.views.journey import blocked
from treatments import protocols
from treatments.models import Stage

CONFLICT = 409


def questions_step(request: HttpRequest, ending: Ending) -> HttpResponse:
    """What is left to ask, and everything that will be booked, to read before confirming."""
    patient = ending.journey.patient
    if patient is None:
        return redirect(ending.url("identity", patient=""))
    return _questions_page(request, ending, patient, _form(ending, None))


def confirm_step(request: HttpRequest, ending: Ending) -> HttpResponse:
    """Book the course. A block gives the dates back and stores nothing; a review keeps them for the physician."""
    patient = ending.journey.patient
    if patient is None or request.method != "POST":
        return redirect(ending.url("questions"))
    form = _form(ending, request.POST)
    if not form.is_valid():
        return _questions_page(request, ending, patient, form, status=422)
    asked = {rule.code for rule in ending.journey.rules(Stage.DETAILS)}  # what is asked here is answered anew
    kept = {code: answer for code, answer in (ending.journey.draft.answers or {}).items() if code not in asked}
    answers = {**kept, **form.answers}
    return _book(request, ending, patient, form, answers)


def _shown(request: HttpRequest, ending: Ending) -> Mapping[int, Slot] | None:
    """The dates of the page that was confirmed; another window may have exchanged one since."""
    form = PlanForm(request.POST, clinic=ending.journey.clinic)
    return form.cleaned_data["plan"] if form.is_valid() else None


def _form(ending: Ending, data: object) -> QuestionsForm:
    journey = ending.journey
    return QuestionsForm(data, rules=journey.rules(Stage.DETAILS), today=journey.today, answers=journey.draft.answers)


def _book(request: HttpRequest, ending: Ending, patient: Patient, form: QuestionsForm, answers: Answers) -> HttpResponse:
    decision = ending.journey.decision(answers)
    try:
        course = ending.confirm(patient, answers, decision, shown=_shown(request, ending), by=request.user)
    except Blocked:
        ending.give_back()
        return blocked(request, ending.journey, decision)
    except TooEarly as refusal:
        return _too_early(request, ending, refusal, answers)
    except AlreadyBooked as refusal:
        twice = ending.just_booked(patient)
        return redirect("bookings:course-done", twice.uuid) if twice else _refused(request, ending, patient, form, refusal)
    except HoldExpired:
        raise
    except Refusal as refusal:
        return _refused(request, ending, patient, form, refusal)
    return redirect("bookings:course-done", course.uuid)


def _refused(request: HttpRequest, ending: Ending, patient: Patient, form: QuestionsForm, refusal: Refusal) -> HttpResponse:
    form.add_error(None, refusal.sentence)
    return _questions_page(request, ending, patient, form, status=CONFLICT)


def _too_early(request: HttpRequest, ending: Ending, refusal: TooEarly, answers: Answers) -> HttpResponse:
    """The dates stay kept; later ones can be looked for with what has just been answered."""
    context = ending_context("confirm", ending) | {"refusal": refusal, "again": ending.choose_again_url(answers=answers)}
    return render(request, "bookings/hold_too_early.html", context, status=409)


def _questions_page(
    request: HttpRequest, ending: Ending, patient: Patient, form: QuestionsForm, *, status: int = 200
) -> HttpResponse:
    journey = ending.journey
    decision = journey.decision(journey.draft.answers or {})
    sessions, reasons = ending.sessions(decision.earliest)
    context = ending_context("confirm", ending) | {
        "form": form,
        "sessions": sessions,
        "reasons": reasons,
        "plan": plan_text(proposals.stored_slots(ending.course)) if ending.course else "",
        "patient": patient,
        "decision": decision,
        "confirm_url": ending.url("confirm"),
        "who_url": f"{ending.url('identity', patient='')}&who=1",
        "prices": protocols.prices(journey.protocol, journey.zones, ending.with_consultation),
        "cleared": ending.with_consultation and not journey.with_consultation,
        "to_be_seen": journey.with_consultation and not ending.with_consultation,
        "refused": status == CONFLICT,
    }
    return render(request, "bookings/hold_questions.html", context, status=status)
