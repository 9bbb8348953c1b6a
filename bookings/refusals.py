"""Every reason the clinic says no, one class and one sentence each.

Told to do the impossible, a rule raises a `Refusal`; asked a question, it returns data. The sentence is for the person
who reads it: it says what happened and what to do next. Views answer a refusal with status 409.
"""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from clinic.dates import date_format


class Refusal(Exception):
    """Base of all refusals; `sentence` is shown as it is, in the reader's language."""

    sentence: Any = _("This is not possible.")

    def __init__(self, **details: Any) -> None:
        super().__init__(self.__class__.__name__)
        self.details = details
        if details:
            self.sentence = self.sentence % {name: _written(value) for name, value in details.items()}


def _written(value: Any) -> Any:
    """A date as it is written in the reader's language; anything else as it is."""
    return date_format(value) if isinstance(value, date) else value


class SlotTaken(Refusal):
    sentence = _("Someone has just taken one of these dates. Nothing was stored; here is the nearest course that fits.")


class LostMeanwhile(SlotTaken):
    """Lost to a neighbour while it was being planned: planned once more, another room may serve the same dates."""


class SlotUnavailable(Refusal):
    sentence = _(
        "This time cannot be booked: it is outside the hours of the clinic or of the practitioner. Please choose another."
    )


class OutsideWindow(Refusal):
    sentence = _("This date does not keep the rhythm the treatment needs. Please choose one of the dates proposed.")


class TooSoon(SlotUnavailable):
    sentence = _("It is too late by now to book this time: it is too near, or has passed. Please choose another.")


class NoCourseFits(Refusal):
    sentence = _(
        "No complete course fits your wishes: there is no free date for “%(session)s”. Try other days, other hours or another practitioner."
    )


class NoPlaceLeft(NoCourseFits):
    """In a running course: nobody asked for anything but its rhythm."""

    sentence = _("There is no free date for “%(session)s” that keeps the rhythm of the course. Nothing was changed.")


class WaitsForACall(Refusal):
    sentence = _(
        "“%(session)s” has no date yet: the clinic is to call about it. Other dates are changed after that, or by phone: %(phone)s."
    )


class HoldExpired(Refusal):
    sentence = _("Your dates were kept for a while and have now been released. You can look for the same course again.")


class HoldNotExtendable(Refusal):
    sentence = _("These dates have already been kept as long as possible. Please confirm them, or choose again.")


class TooManyHolds(Refusal):
    sentence = _("Many visitors are choosing dates at this moment. You can still book: your dates are stored when you confirm.")


class AlreadyBooked(Refusal):
    sentence = _("You already have a course of this treatment under way. You find all its dates under “My courses”.")


class PatientElsewhere(Refusal):
    sentence = _("You already have another appointment at the time of one of these sessions. Please choose another time for it.")


class Blocked(Refusal):
    sentence = _(
        "With this answer the treatment cannot be booked online. Nothing was stored. A physician can see you, or answer a question."
    )


class TooEarly(Refusal):
    sentence = _(
        "No treatment can take place before %(day)s, because of an answer or of the physician’s advice. Please choose a later date."
    )


class ConsultationNeeded(Refusal):
    sentence = _("This course begins with a consultation. Please choose its date first.")


class AdultsOnly(Refusal):
    sentence = _("The treatments are for adults only: under 18 they cannot be booked. Please check the birth date.")


class ProtocolChanged(Refusal):
    sentence = _("The treatment has been revised since you began. Please look at the dates again.")


class TooManyZones(Refusal):
    sentence = _("One visit can treat %(zones)s zones at most. Please choose fewer, or write to us.")


class NotCleared(Refusal):
    sentence = _("This session contains microneedling and cannot start before a physician has cleared the course.")


class FirstVisitMissing(Refusal):
    sentence = _(
        "“%(session)s” has not taken place, and everything else is counted from it. Note it as done, or give it a date first."
    )


class LaterSessionBegun(Refusal):
    sentence = _(
        "A later session has taken place already, so this one can no longer be taken up: the sessions follow each other."
    )


class WrongState(Refusal):
    sentence = _("This is no longer possible: the appointment or its course is over, or has changed in the meantime.")


class NotToday(Refusal):
    sentence = _("This visit is on %(day)s. It can begin on that day only: if the patient comes on another one, move it first.")


class NotYetMissed(Refusal):
    sentence = _("This visit has not begun yet, so nobody can have missed it. If the patient will not come, cancel it.")


class CannotUndo(Refusal):
    sentence = _("This can no longer be undone: too much time has passed, or something else has happened since.")


class OnlyAPhysician(Refusal):
    sentence = _("Only a physician decides on this.")


class SessionsBegun(Refusal):
    sentence = _("A session has taken place already: the way of treating can only be chosen before the first one.")


class UnderWayAlready(Refusal):
    sentence = _(
        "The patient has a running course of this way of treating already: end that one first, or keep this one as it is."
    )


class AlreadyDecided(Refusal):
    sentence = _("A physician has already decided on this course.")


class ConsultationDecides(Refusal):
    sentence = _("The consultation decides on this course: note its outcome once it has begun.")


class OfferOver(Refusal):
    sentence = _("This date is no longer kept for you. Please choose another one, or call us: %(phone)s.")


class PlanChanged(Refusal):
    sentence = _("The dates have changed since they were shown. Nothing was stored; here they are again.")


class TooLateToMove(Refusal):
    sentence = _("This appointment can be changed online until %(hours)s hours before it. Please call the clinic: %(phone)s.")


class CoreSession(Refusal):
    sentence = _("The treatment needs this session: it can be moved, but not left out. To stop or to pause, tell the clinic.")


class FileNotReached(Refusal):
    sentence = _("We could not match these details with your patient file. Please check them, or call the clinic.")


class TooManyAttempts(Refusal):
    sentence = _("There were too many attempts. Please wait an hour, or call the clinic.")
