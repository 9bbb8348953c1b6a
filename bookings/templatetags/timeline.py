"""{% course_timeline sessions %}: the course drawn on a true time axis, with a table for those who do not see drawings."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils import timezone

from bookings import drawing

register = template.Library()


@register.inclusion_tag("components/_timeline.html")
def course_timeline(sessions: Iterable[Any], list_follows: object = False) -> dict[str, object]:
    """`list_follows`: the same dates stand in a list right after, so that phones need no second drawing."""
    sessions = [session for session in sessions if str(getattr(session, "status", "")) != "skipped"]
    timeline = drawing.draw(sessions, timezone.localdate())
    return {"timeline": timeline, "list_follows": list_follows}
