"""{% course_timeline sessions %}: the course drawn on a true time axis, with a table for those who do not see drawings.

{% distance session not_before reasons %}: how far it is from its ideal day, in words.
{% to_confirm session %}: when a date far ahead is confirmed once more; of a stored session, or of one that would be booked now.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django import template
from django.utils import timezone

from bookings import drawing
from bookings.messages import name_of
from bookings.models import Appointment
from bookings.models.appointment import confirmed_from
from bookings.nearness import Because

register = template.Library()


@register.inclusion_tag("components/_timeline.html")
def course_timeline(
    sessions: Iterable[Any],
    list_follows: object = False,
    not_before: date | None = None,
    reasons: Mapping[int, Because] | None = None,
) -> dict[str, object]:
    """`list_follows`: the same dates stand in a list right after, so that phones need no second drawing; `reasons` as in `distance`."""
    sessions = [session for session in sessions if str(getattr(session, "status", "")) != "skipped"]
    timeline = drawing.draw(sessions, timezone.localdate(), not_before or None)
    return {"timeline": timeline, "list_follows": list_follows, "not_before": not_before, "reasons": reasons or {}}


@register.inclusion_tag("bookings/_distance.html")
def distance(session: Any, not_before: date | None = None, reasons: Mapping[int, Because] | None = None) -> dict[str, object]:
    """From the ideal day, or from the first day allowed where that is later; `reasons` (`bookings.nearness`) say why, by
    position."""
    too_early = drawing.is_too_early(session, not_before or None)
    days = drawing.distance(session, not_before or None)
    return {
        "distance": days,
        "days": abs(days),
        "too_early": too_early,
        "from_day": not_before if too_early else session.target,
        "why": (reasons or {}).get(session.position),
        "who": name_of(getattr(session, "practitioner", None) or getattr(session, "lead", None)),
    }


@register.inclusion_tag("bookings/_to_confirm.html")
def to_confirm(session: Any) -> dict[str, object]:
    if isinstance(session, Appointment):
        return {"day": session.confirmed_from, "asked": session.awaits_confirmation}
    return {"day": confirmed_from(session.starts, timezone.localtime()) if session.starts else None, "asked": False}
