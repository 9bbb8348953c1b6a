"""When somebody is away or something is broken. An absence takes effect at once: nothing new is booked into it.

What was booked before stays booked until somebody has found it another place (`bookings.displaced`): an absence is a fact,
and never refused. Absences may overlap. Whoever books locks the resources first and looks again, and so does this.
"""

from datetime import datetime

from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings.locking import take_turns
from bookings.models import Absence
from clinic.models import Resource, User


def enter(resource: Resource, starts: datetime, ends: datetime, *, reason: str, by: User | None) -> Absence:
    """From `starts` to `ends`, aware, on the 5-minute grid; `ends` is later. The same said twice is noted once."""
    with transaction.atomic():
        take_turns([resource.pk])
        during = DateTimeTZRange(starts, ends)
        known = Absence.objects.filter(resource=resource, during=during).first()
        return known or Absence.objects.create(resource=resource, during=during, reason=reason, created_by=by)


def lift(absence: Absence, *, now: datetime) -> None:
    """Whoever was to be away is there after all: from the last whole 5 minutes before `now` (aware), or altogether where it has
    not begun. An absence that is over stays as it was."""
    with transaction.atomic():
        take_turns([absence.resource_id])
        absence = Absence.objects.filter(pk=absence.pk).first() or absence
        minutes = now.replace(second=0, microsecond=0)
        until = min(minutes.replace(minute=now.minute // 5 * 5), absence.during.upper)
        if until <= absence.during.lower:
            Absence.objects.filter(pk=absence.pk).delete()
        else:
            Absence.objects.filter(pk=absence.pk).update(during=DateTimeTZRange(absence.during.lower, until))
