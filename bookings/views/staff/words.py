"""In words: what each line of the journal says (who and when stand beside it), and why a time cannot be had."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bookings import visits
from bookings.clearance import Reason
from bookings.models import Course, JournalEntry
from bookings.why_not import Kind, Why
from clinic import timegrid
from clinic.dates import date_format
from clinic.models import Capability, Clinic, Resource

MOMENT = "j N Y, H:i"  # with the month's name: 12/08 is August to a Frenchman and December to an American

PLAIN: dict[str, Any] = {
    "held": gettext_lazy("Dates kept for a while"),
    "given back": gettext_lazy("The kept dates were given back"),
    "replaced": gettext_lazy("The kept dates were replaced by others"),
    "expired": gettext_lazy("The kept dates were released: the time was over"),
    "changed": gettext_lazy("One of the kept dates was changed"),
    "booked": gettext_lazy("Course booked"),
    "cleared": gettext_lazy("Cleared by the physician"),
    "suspended": gettext_lazy("Course paused: the dates to come were released"),
    "kept": gettext_lazy("The dates are kept after a missed visit"),
    "cannot_come": gettext_lazy("The patient cannot come: the time is free"),
    "left_open": gettext_lazy("No date left in the rhythm: a physician decides how to go on"),
    "refused": gettext_lazy("Refused by the physician"),
    "reassigned": gettext_lazy("Another room, device or assistant at the same time"),
    "withdrawn": gettext_lazy("The date proposed was withdrawn"),
    "wants_a_call": gettext_lazy("The patient asks to be called"),
    "stands": gettext_lazy("The first date stands after all: the patient is told"),
    "arrived": gettext_lazy("Patient arrived"),
    "started": gettext_lazy("Visit started"),
    "completed": gettext_lazy("Visit done"),
    "recorded": gettext_lazy("Visit noted as done as planned"),
    "sent_home": gettext_lazy("Patient sent home without a visit"),
}

BY_THE_CLOCK = ("expired", "suspended", "proposed", "unanswered", "asked_to_confirm", "stands")  # where nobody did it


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the journal."""

    at: datetime
    who: str
    what: str
    session: str
    details: tuple[str, ...] = ()


def line(entry: JournalEntry, zone: ZoneInfo, sessions: Mapping[int, str]) -> Line:
    """The line of an entry with its `actor` and `appointment__phase` in hand; a verb we do not know stands as it is.

    `sessions` are the names of the course's sessions by position.
    """
    what = SENTENCES[entry.verb](entry.details, zone) if entry.verb in SENTENCES else str(PLAIN.get(entry.verb, entry.verb))
    return Line(
        at=entry.at,
        who=str(entry.actor or (_("automatically") if entry.verb in BY_THE_CLOCK else _("online"))),
        what=_with_reason(what, entry.details),
        session=entry.appointment.label if entry.appointment else "",
        details=(*_protocol(entry.details), *_chosen(entry.details, sessions), *_moves(entry.details, zone, sessions)),
    )


def _missed(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    return _("Patient did not come (%(time)s)") % {"time": _when(details["starts"], zone)}


def _proposed(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    return _("Proposed to the patient: %(time)s, to be answered by %(until)s") % {
        "time": _when(details["starts"], zone),
        "until": _when(details["until"], zone),
    }


def _unanswered(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    return _("Not answered in time: %(time)s is free again") % {"time": _when(details["starts"], zone)}


def _asked_to_confirm(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    return _("Asked whether this date still suits: %(time)s") % {"time": _when(details["starts"], zone)}


def _reconfirmed(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    return _("Confirmed once more: %(time)s") % {"time": _when(details["starts"], zone)}


def _undone(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    return _("Undone: %(step)s") % {"step": _bare(details["step"])}


def _cancelled(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    freed = len(details.get("freed", []))
    return ngettext("Course ended: %(count)d date released", "Course ended: %(count)d dates released", freed) % {"count": freed}


def _replanned(details: Mapping[str, Any], zone: ZoneInfo) -> str:
    moved = len(details.get("moves", []))
    return (
        ngettext("%(count)d date changed", "%(count)d dates changed", moved) % {"count": moved} if moved else _("No date changed")
    )


SENTENCES: dict[str, Callable[[Mapping[str, Any], ZoneInfo], str]] = {
    "missed": _missed,
    "proposed": _proposed,
    "unanswered": _unanswered,
    "asked_to_confirm": _asked_to_confirm,
    "reconfirmed": _reconfirmed,
    visits.UNDONE: _undone,
    "cancelled": _cancelled,
    "replanned": _replanned,
}


def _bare(verb: str) -> str:
    return str(_("patient did not come") if verb == "missed" else PLAIN.get(verb, verb))


def _with_reason(sentence: str, details: Mapping[str, Any]) -> str:
    reason = details.get("reason", "")
    if not reason:
        return sentence
    label = Reason(reason).label if reason in Reason.values else reason
    return _("%(sentence)s (%(reason)s)") % {"sentence": sentence, "reason": label}


def _protocol(details: Mapping[str, Any]) -> tuple[str, ...]:
    """The way of treating, where another one was chosen."""
    return (details["protocol"],) if "protocol" in details else ()


def _chosen(details: Mapping[str, Any], sessions: Mapping[int, str]) -> Iterator[str]:
    """The sessions left out and taken up again."""
    for fact, sentence in (("left_out", _("%(session)s: left out")), ("taken_up", _("%(session)s: taken up again"))):
        for position in details.get(fact, ()):
            yield sentence % {"session": _named(position, sessions)}


def _moves(details: Mapping[str, Any], zone: ZoneInfo, sessions: Mapping[int, str]) -> Iterator[str]:
    """From when to when, one line for each session that moved; with whom, where that changed."""
    for move in details.get("moves", ()):
        if move["position"] not in details.get("left_out", ()):
            yield _("%(session)s: %(before)s → %(after)s") % {
                "session": _named(move["position"], sessions),
                "before": _side(move, "before", zone),
                "after": _side(move, "after", zone),
            }


def _named(position: int, sessions: Mapping[int, str]) -> str:
    return sessions.get(position, str(position))


def _side(move: Mapping[str, Any], side: str, zone: ZoneInfo) -> str:
    when, names = _when(move[side], zone), (move.get("before_with"), move.get("after_with"))
    return f"{when} · {move[f'{side}_with']}" if all(names) and names[0] != names[1] else when


def _when(text: str | None, zone: ZoneInfo) -> str:
    """An instant of the journal in the clinic's time and the reader's language."""
    if text is None:
        return _("without a date")
    return date_format(datetime.fromisoformat(text).astimezone(zone), MOMENT)


# Why a time cannot be had -------------------------------------------------------------------------------------------------


def reasons_in_words(whys: Sequence[Why], clinic: Clinic, course: Course | None = None) -> list[str]:
    """Each reason as a sentence, with names and times in the clinic's zone; who could serve the same need stands in one.
    `course`: whose rhythm they speak of. Three queries at most."""
    resources = Resource.objects.in_bulk({why.resource for why in whys if why.resource})
    capabilities = Capability.objects.in_bulk({why.capability for why in whys if why.capability})
    sessions = {item.position: item.label for item in course.appointments.select_related("phase")} if course else {}
    said, of_one_need = list[str](), dict[int, list[str]]()
    for why in whys:
        facts = {
            "who": str(resources.get(why.resource or 0, "")),
            "what": str(capabilities.get(why.capability or 0, "")),
            "until": _clock(why.until, clinic.zone) if why.until is not None else "",
            "days": abs(why.days),
            "limit": why.limit,
            "session": sessions.get(why.counted_from or 0, ""),
        }
        words = of_one_need.setdefault(why.capability or 0, []) if why.kind in (Kind.AWAY, Kind.BUSY) else said
        words.append(str(BEFORE if why.days < 0 else WHY[why.kind]) % facts)
    needs = [_("%(what)s: %(who)s.") % {"what": capabilities[need], "who": ", ".join(who)} for need, who in of_one_need.items()]
    return list(dict.fromkeys([*said, *needs]))


WHY: dict[Kind, Any] = {
    Kind.NOTICE: gettext_lazy("It is past, or too near for the clinic’s notice."),
    Kind.OPENING: gettext_lazy("The clinic is not open for the whole visit."),
    Kind.PATIENT: gettext_lazy("The patient has another appointment then."),
    Kind.NOBODY: gettext_lazy("Nobody and nothing here can do it: %(what)s."),
    Kind.AWAY: gettext_lazy("%(who)s is not there for all of it"),
    Kind.BUSY: gettext_lazy("%(who)s is taken until %(until)s"),
    Kind.SHARED: gettext_lazy("The same person would have to do two things at once."),
    Kind.NOT_ALLOWED: gettext_lazy("It is before the first day that the answers, or the physician, allow."),
    Kind.HORIZON: gettext_lazy("The agenda is not open that far ahead yet."),
    Kind.EARLY: gettext_lazy("%(days)s days after “%(session)s”, at least %(limit)s."),
    Kind.LATE: gettext_lazy("%(days)s days after “%(session)s”, at most %(limit)s."),
}
BEFORE = gettext_lazy("%(days)s days before “%(session)s”: it is to be at least %(limit)s after it.")


def _clock(tick: int, zone: ZoneInfo) -> str:
    return f"{timegrid.instant(tick).astimezone(zone):%H:%M}"
