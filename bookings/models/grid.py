"""Conditions on ranges of time, said once for every table that has one."""

from django.db.models import DecimalField, Func, Q, Value
from django.db.models.lookups import Exact, LessThanOrEqual

MAX_CLAIM_HOURS = 24


class _PastTheGrid(Func):
    """Seconds by which one end of a timestamp range is off the 5-minute grid (UTC)."""

    template = "MOD(EXTRACT(EPOCH FROM %(end)s(%(expressions)s)), 300)"
    output_field = DecimalField()


class _Hours(Func):
    """Length of a timestamp range in hours."""

    template = "EXTRACT(EPOCH FROM UPPER(%(expressions)s) - LOWER(%(expressions)s)) / 3600"
    output_field = DecimalField()


def ends_on_the_grid(name: str) -> Q:
    """Both ends of the range column fall on whole 5 minutes (UTC)."""
    return Q(Exact(_PastTheGrid(name, end="LOWER"), Value(0))) & Q(Exact(_PastTheGrid(name, end="UPPER"), Value(0)))


def no_longer_than_a_day(name: str) -> Q:
    """The range column spans 24 hours at most, so that a read need look back no further."""
    return Q(LessThanOrEqual(_Hours(name), Value(MAX_CLAIM_HOURS)))
