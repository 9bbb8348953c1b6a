"""Which starts are possible: free masks + the segments of a visit -> starts, and which resources would serve one.

A visit is a row of segments, each with its own needs. The rules and their reasons: `docs/rules/availability.md`.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from bookings.planner import Candidates, Slot
from clinic.models import Clinic
from treatments.models import ProtocolZone, Visit

RASTER_MINUTES = 15
"""Starts offered to patients fall on these minutes of the local clock."""


@dataclass(frozen=True, slots=True)
class SegmentNeed:
    """A stretch of a visit: `offset` ticks after its start, `ticks` long; `needs` are keys of capabilities."""

    offset: int
    ticks: int
    needs: tuple[int, ...]
    patient_present: bool = True


@dataclass(frozen=True, slots=True)
class VisitShape:
    """What one kind of visit takes. `lead` is the capability whose server leads it; `ticks` ends with the patient's leaving."""

    key: str
    segments: tuple[SegmentNeed, ...]
    lead: int
    ticks: int


class Wanted(NamedTuple):
    """One claim a visit would make: a resource's key, and the ticks [start, end)."""

    resource: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Search:
    """The answer of one search: possible starts by visit key, and who would serve each."""

    candidates: Mapping[str, Candidates]

    def assign(self, key: str, slot: Slot) -> dict[int, int] | None:
        """Who serves this start: resource by capability (keys); None when the slot is not possible."""
        raise NotImplementedError

    def wanted(self, key: str, slot: Slot) -> list[Wanted] | None:
        """The claims of this start, in order of resource and time, adjacent ones merged; None when it is not possible."""
        raise NotImplementedError


def shape(visit: Visit, zones: Iterable[ProtocolZone]) -> VisitShape:
    """What a visit takes for these zones; its key is the visit's code. Prefetch `segments__needs` and the protocol.

    Raises ValueError when nobody leads it.
    """
    raise NotImplementedError


def search(
    clinic: Clinic,
    shapes: Sequence[VisitShape],
    first_day: date,
    last_day: date,
    now: datetime,
    *,
    days: Collection[int] | None = None,
    lead: int | None = None,
    ignore_courses: Collection[int] = (),
    patient: int | None = None,
    not_before: Mapping[str, date] | None = None,
    raster_minutes: int = RASTER_MINUTES,
    claims: bool = True,
) -> Search:
    """Every possible start of each shape on the local days from `first_day` to `last_day`, both included.

    `days` (ordinals) looks at these days only; `lead` (resource key) at one practitioner; the claims of `ignore_courses`
    (keys) count as free; `patient` (key) is in one place; `not_before` gives a first day by visit key; without `claims`
    only hours and absences count. Starts before `now` and the clinic's notice are not offered. Three queries, however
    many days and resources.
    """
    raise NotImplementedError
