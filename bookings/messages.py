"""What patients are told by e-mail, when a booking has been stored.

- After the commit, in the language of the patient's file, with the clinic's clock. Each message is kept as a row.
- Subjects and texts are neutral: no treatment, zone, answer or reason. Mail is read on lock screens and by families.
- A message that cannot be sent is noted on its row and never undoes a booking; the patient has the dates on screen.
- Without an e-mail address nothing is sent: a task asks reception to call.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from smtplib import SMTPException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from bookings import calendars
from bookings.models import Appointment, AppointmentStatus, Course, CourseStatus, Message, Question, Task
from bookings.models.states import BINDING
from clinic.context import current_clinic
from clinic.models import Resource

CALENDAR_FILE = "appointments.ics"
LONGEST_ERROR = 300

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Move:
    """One session that changed: its time (aware) and its practitioner's name before and after; None and "" without a time."""

    position: int
    label: str
    before: datetime | None
    after: datetime | None
    before_with: str = ""
    after_with: str = ""

    @classmethod
    def away(cls, row: Appointment) -> "Move":
        """A session that loses its time."""
        return cls(row.position, row.label, row.during.lower if row.during else None, None, name_of(row.lead))


@dataclass(frozen=True, slots=True)
class About:
    """What a message is about: sessions that changed, an offer (key), sessions (positions), or a time (aware)."""

    moves: tuple[Move, ...] = ()
    offer: int | None = None
    positions: tuple[int, ...] = ()
    starts: datetime | None = None


def name_of(lead: Resource | None) -> str:
    """What patients call this practitioner; "" for nobody."""
    return str(getattr(lead, "practitioner", lead) or "")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of dates; times are in the clinic's zone. Without a time: the month it is planned for."""

    label: str
    starts: datetime | None
    ends: datetime | None
    practitioner: str
    planned_for: date
    optional: bool
    before: datetime | None = None
    moved: bool = False
    left_out: bool = False
    we_call: bool = False
    paused: bool = False
    confirmed_from: date | None = None


def course_booked(course: Course) -> None:
    """Confirm a whole course: every date, what to do next, and a calendar file. Who has no e-mail address is on the phone, or
    at the desk."""
    if course.patient and course.patient.email:
        _tell(course, "course_booked")


def course_cleared(course: Course) -> None:
    """A physician has looked at the answers, as the first message promised: the dates stand."""
    _tell(course, "course_cleared")


def course_changed(course: Course, moves: Sequence[Move]) -> None:
    """One message for all that moved, with the whole new list and a new calendar file."""
    if moves:
        _tell(course, "course_changed", About(moves=tuple(moves)))


def date_proposed(offer: Appointment) -> None:
    """A time is kept for a session until the patient answers, by a link to the page of the course, or on the phone."""
    _tell(offer.course, "date_proposed", About(offer=offer.pk))


def date_withdrawn(course: Course, starts: datetime) -> None:
    """The time (aware) that was kept is kept no longer; somebody calls, and tells so who has no e-mail address."""
    if course.patient and course.patient.email:
        _tell(course, "date_withdrawn", About(starts=starts))


def date_stands(course: Course, starts: datetime) -> None:
    """The visit at this time (aware), instead of which we had written about another date, takes place as booked after all."""
    _tell(course, "date_stands", About(starts=starts))


def dates_to_confirm(course: Course, positions: Sequence[int]) -> None:
    """Ask whether these dates, agreed to long ago, still hold; answered by a link to the page of the course, or on the phone."""
    _tell(course, "dates_to_confirm", About(positions=tuple(positions)))


def course_ended(course: Course, moves: Sequence[Move]) -> None:
    """Say that what was still to come (`moves`, away) is cancelled. Not why: a reason may be medical, and stays in the journal."""
    _tell(course, "course_ended", About(moves=tuple(moves)))


def question_asked(question: Question) -> None:
    """Tell reception that a question waits (not what it says), and the person who asked that it has arrived."""
    transaction.on_commit(lambda: _answer_question(question), robust=True)


def _answer_question(question: Question) -> None:
    clinic = current_clinic()
    assert clinic is not None
    address = settings.SITE_URL + reverse("bookings:staff-questions")
    for kind, recipient, language in [
        ("question_waiting", clinic.email, settings.LANGUAGE_CODE),
        ("question_arrived", question.email, question.language),
    ]:
        context = {"clinic": clinic, "question": question, "address": address, "language": language}
        with translation.override(language):
            mail = _written(kind, recipient, context)
        row = Message.objects.create(
            kind=kind, recipient=recipient, language=language, subject=str(mail.subject), body=str(mail.body)
        )
        _send(row, mail)


def _tell(course: Course, kind: str, about: About | None = None) -> None:
    assert course.patient is not None
    if course.patient.email:
        transaction.on_commit(lambda: _write_and_send(course.pk, kind, about or About()), robust=True)
    else:
        Task.objects.ensure(Task.Kind.TELL, course=course, due=Now())


def _write_and_send(course_key: int, kind: str, about: About) -> None:
    """Write what is true now: an offer that is gone by now is not written about."""
    offer = None
    if about.offer:
        offer = Appointment.offers.select_related("lead__practitioner", "phase").filter(pk=about.offer).first()
        if offer is None:
            return
    course = Course.objects.select_related("patient", "clinic").get(pk=course_key)
    patient = course.patient
    assert patient is not None
    with translation.override(patient.language), timezone.override(course.clinic.zone):
        appointments = list(course.appointments.select_related("phase", "lead__practitioner").order_by("position"))
        facts: dict[str, Any] = {
            "rows": rows(appointments, course, about.moves),
            "moves": about.moves,
            "offer": offer,
            "starts": about.starts,
        }
        facts["stands"] = next((item for item in appointments if item.during and item.during.lower == about.starts), None)
        facts["to_confirm"] = [item for item in appointments if item.position in about.positions and item.during]
        if offer:
            facts["instead_of"] = next(item for item in appointments if item.position == offer.position)
        mail = _mail(course, kind, facts)
        row = Message.objects.create(
            patient=patient,
            course=course,
            kind=kind,
            recipient=patient.email,
            language=patient.language,
            subject=str(mail.subject),
            body=str(mail.body),
        )
        gone = {move.position: move.before for move in about.moves if move.before and not move.after}
        if not (offer or about.positions or about.starts) and (
            gone or any(appointment.status in BINDING for appointment in appointments)
        ):
            content = calendars.course_calendar(course, appointments, now=row.created_at, gone=gone)
            mail.attach(CALENDAR_FILE, content, "text/calendar; method=PUBLISH")
    _send(row, mail)


def _send(row: Message, mail: EmailMultiAlternatives) -> None:
    try:
        mail.send()
    except (SMTPException, OSError) as error:
        logger.warning("message %s was not sent: %s", row.pk, type(error).__name__)
        Message.objects.filter(pk=row.pk).update(error=f"{type(error).__name__}: {error}"[:LONGEST_ERROR])
    else:
        Message.objects.filter(pk=row.pk).update(sent_at=Now(), error="")


def _mail(course: Course, kind: str, facts: Mapping[str, Any]) -> EmailMultiAlternatives:
    assert course.patient is not None
    context = {
        "course": course,
        "clinic": course.clinic,
        "patient": course.patient,
        **facts,
        "address": calendars.course_address(course),
        "language": course.patient.language,
    }
    return _written(kind, course.patient.email, context)


def _written(kind: str, recipient: str, context: Mapping[str, Any]) -> EmailMultiAlternatives:
    """The mail of this kind, as text and as HTML, in the active language."""
    mail = EmailMultiAlternatives(
        subject=_rendered(kind, "subject.txt", context),
        body=_rendered(kind, "message.txt", context) + "\n",
        to=[recipient],
        reply_to=[context["clinic"].email],
        headers={"Auto-Submitted": "auto-generated"},  # no "out of office" comes back
    )
    mail.attach_alternative(_rendered(kind, "message.html", context), "text/html")
    return mail


def _rendered(kind: str, part: str, context: Mapping[str, Any]) -> str:
    return render_to_string(f"bookings/mail/{kind}_{part}", dict(context)).strip()


def rows(appointments: Sequence[Appointment], course: Course, moves: Sequence[Move] = ()) -> list[Row]:
    """The table of dates to come of a course, without what is over, cancelled, missed or skipped, unless it was skipped just now
    (`moves`)."""
    moved = {move.position: move for move in moves}
    shown = [status for status in (*BINDING, AppointmentStatus.PLANNED) if status != AppointmentStatus.COMPLETED]
    return [
        _row(appointment, course, moved.get(appointment.position))
        for appointment in appointments
        if appointment.status in shown or (appointment.status == AppointmentStatus.SKIPPED and appointment.position in moved)
    ]


def _row(appointment: Appointment, course: Course, move: Move | None) -> Row:
    zone, during = course.clinic.zone, appointment.during
    planned = appointment.status == AppointmentStatus.PLANNED
    return Row(
        label=appointment.label,
        starts=during.lower.astimezone(zone) if during else None,
        ends=during.upper.astimezone(zone) if during else None,
        practitioner=name_of(appointment.lead),
        planned_for=appointment.target,
        optional=appointment.optional,
        before=move.before.astimezone(zone) if move and move.before else None,
        moved=move is not None,
        left_out=appointment.status == AppointmentStatus.SKIPPED,
        confirmed_from=None if appointment.asked_at else appointment.confirmed_from,
        paused=planned and course.status == CourseStatus.SUSPENDED,
        we_call=planned and move is not None and move.before is not None,
    )
