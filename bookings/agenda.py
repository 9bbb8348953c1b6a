"""Who is free when: the database becomes one mask per resource, in a constant number of queries.

Free time = hours − closures − public holidays − absences − claims. A room or a device keeps the opening hours of its
clinic; a person their shifts at this clinic inside those hours, and counts as busy while at another. No model
instances: a search reads more than a hundred thousand claims. The rules: `docs/rules/availability.md`.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from django.db import connection

from bookings.models.grid import MAX_CLAIM_HOURS
from bookings.models.states import BINDING
from clinic import hours, timegrid
from clinic.hours import Days, Weekly
from clinic.models import Clinic

PLACE, CLOSURE, ABSENCE, PATIENT = "place", "closure", "absence", "patient"
CLINIC = 0
"""Stands for no resource in particular."""
NO_COURSE: tuple[int, ...] = ()
_LONGEST_CLAIM = timedelta(hours=MAX_CLAIM_HOURS)
_EPOCH_OF_POSTGRES = timegrid.tick(datetime(2000, 1, 1, tzinfo=UTC))
_BYTES_A_CLAIM = 16
_MICROSECONDS_A_TICK = timegrid.TICK * 1_000_000


@dataclass(frozen=True, slots=True)
class Agenda:
    """Masks over `days`: when the clinic is open, when each resource (by key) is free, when the patient is elsewhere."""

    days: Days
    open: int
    free: Mapping[int, int]
    patient_busy: int = 0

    def without(self, spans: Collection[tuple[int, int, int]]) -> "Agenda":
        """The same with these taken as well: (resource key, first tick, tick after the last)."""
        taken = defaultdict[int, list[tuple[int, int]]](list)
        for key, start, end in spans:
            taken[key].append((start, end))
        free = {key: timegrid.subtract(mask, _mask(taken[key], self.days)) for key, mask in self.free.items()}
        return replace(self, free=free)


# Who could serve ----------------------------------------------------------------------------------------------------

_SKILLS = """
SELECT resource.id, array_agg(skill.capability_id)
  FROM clinic_resource resource
  JOIN clinic_resource_capabilities skill ON skill.resource_id = resource.id
  JOIN clinic_capability capability ON capability.id = skill.capability_id AND capability.kind = resource.kind
 WHERE resource.active AND (resource.clinic_id = %(clinic)s OR resource.kind = 'person')
 GROUP BY resource.id
HAVING array_agg(skill.capability_id) && %(wanted)s::bigint[]
"""


def skills(clinic: Clinic, capabilities: Collection[int]) -> dict[int, frozenset[int]]:
    """All capabilities (keys) of each resource in use here that has at least one of `capabilities`. One query."""
    rows = _rows(_SKILLS, {"clinic": clinic.pk, "wanted": list(capabilities)})
    return {resource: frozenset(has) for resource, has in rows}


# When they are there ------------------------------------------------------------------------------------------------

# Minutes of the local day and days as Python's ordinals for what is weekly; ticks, whole ones, for what is dated.
_WEEKLY = """
       weekday, extract(epoch FROM starts)::int / 60, extract(epoch FROM ends)::int / 60,
       valid_from - DATE '0001-01-01' + 1, valid_until - DATE '0001-01-01' + 1
"""
_VALID = "valid_from <= %(last_day)s AND (valid_until IS NULL OR valid_until >= %(first_day)s)"
_DATED = """
       NULL, floor(extract(epoch FROM lower(during)) / 300)::int, ceil(extract(epoch FROM upper(during)) / 300)::int,
       NULL, NULL
"""
_SEEN = "during && tstzrange(%(start)s, %(end)s)"

_HOURS = f"""
SELECT 'opening', 0::bigint, {_WEEKLY} FROM clinic_openinghours WHERE clinic_id = %(clinic)s AND {_VALID}
UNION ALL
SELECT 'shift', person_id, {_WEEKLY} FROM clinic_shift
 WHERE clinic_id = %(clinic)s AND person_id = ANY(%(resources)s) AND {_VALID}
UNION ALL
SELECT 'place', id, NULL, NULL, NULL, NULL, NULL FROM clinic_resource
 WHERE clinic_id = %(clinic)s AND id = ANY(%(resources)s)
UNION ALL
SELECT 'closure', 0, {_DATED} FROM clinic_closure WHERE clinic_id = %(clinic)s AND {_SEEN}
UNION ALL
SELECT 'absence', resource_id, {_DATED} FROM bookings_absence WHERE resource_id = ANY(%(resources)s) AND {_SEEN}
"""  # noqa: S608 - constants above, no values
_ELSEWHERE = f"""
UNION ALL
SELECT 'patient', 0, {_DATED} FROM bookings_appointment appointment
  JOIN bookings_course course ON course.id = appointment.course_id AND course.id <> ALL(%(ignored)s)
   AND (course.held_until IS NULL OR course.held_until > %(now)s)
 WHERE appointment.patient_id = %(patient)s AND appointment.status = ANY(%(binding)s) AND {_SEEN}
"""  # noqa: S608 - constants above, no values

# Claims by the index on (resource, start): none is longer than a day, so one that reaches into the span began at most a
# day before it. One row a resource, the binary form of the timestamps: what costs is their number, so nothing else is
# asked of them.
_CLAIMS = """
SELECT resource_id, string_agg(timestamptz_send(lower(during)) || timestamptz_send(upper(during)), ''::bytea)
  FROM bookings_claim
 WHERE resource_id = ANY(%(resources)s) AND ({stretches}) AND (held_until IS NULL OR held_until > %(now)s) {others}
 GROUP BY resource_id
"""
_STRETCH = "lower(during) >= %(from_{0})s AND lower(during) < %(to_{0})s"
_OTHERS = """
   AND (appointment_id IS NULL
        OR appointment_id <> ALL(ARRAY(SELECT id FROM bookings_appointment WHERE course_id = ANY(%(ignored)s))))
"""


def read(
    clinic: Clinic,
    resources: Collection[int],
    days: Days,
    now: datetime,
    *,
    only: Collection[int] | None = None,
    ignore_courses: Collection[int] = NO_COURSE,
    patient: int | None = None,
    claims: bool = True,
) -> Agenda:
    """When these resources (keys) are free at this clinic. Two queries.

    `only` leaves the other days (ordinals) out; holds that ended before `now` (aware) and claims of `ignore_courses` (keys)
    count as free; `patient` (key) asks for that patient's other appointments; without `claims` nothing is counted as taken.
    """
    found = _read_hours(clinic, resources, days, now, ignore_courses, patient)
    weekly = hours.weekly_masks(found.weekly, days)
    opening = hours.open_mask(clinic, weekly.pop(CLINIC, 0), found.dated[CLOSURE, CLINIC], days)
    if only is not None:
        opening &= days.mask(only)
    there = {**{person: opening & mask for person, mask in weekly.items()}, **dict.fromkeys(found.places, opening)}
    free = {key: timegrid.subtract(mask, _mask(found.dated[ABSENCE, key], days)) for key, mask in there.items()}
    taken = _read_claims([key for key, mask in free.items() if mask], days, only, now, ignore_courses) if claims else {}
    free = {key: timegrid.subtract(mask, taken.get(key, 0)) for key, mask in free.items()}
    return Agenda(days, opening, free, _mask(found.dated[PATIENT, CLINIC], days))


@dataclass(frozen=True, slots=True)
class _Hours:
    """The rows of `_HOURS` by what they mean: weekly ones by person (CLINIC: opening hours), spans of ticks by kind and resource."""

    weekly: dict[int, list[Weekly]]
    dated: dict[tuple[str, int], list[tuple[int, int]]]
    places: list[int]


def _read_hours(
    clinic: Clinic, resources: Collection[int], days: Days, now: datetime, ignore_courses: Collection[int], patient: int | None
) -> _Hours:
    found = _Hours(defaultdict(list), defaultdict(list), [])
    parameters = {
        "clinic": clinic.pk,
        "resources": list(resources),
        "patient": patient,
        "ignored": list(ignore_courses),
        "binding": [*BINDING],
        "first_day": days.first_day,
        "last_day": days.last_day,
        "start": timegrid.instant(days.base),
        "end": timegrid.instant(days.end),
        "now": now,
    }
    for kind, key, weekday, start, end, first, last in _rows(_HOURS + (_ELSEWHERE if patient else ""), parameters):
        if kind == PLACE:
            found.places.append(key)
        elif weekday is None:
            found.dated[kind, key].append((start, end))
        else:
            found.weekly[key].append(Weekly(weekday, start, end, first, last))
    return found


def _mask(spans: Sequence[tuple[int, int]], days: Days) -> int:
    return timegrid.from_spans(spans, days.base, days.length) if spans else 0


def _read_claims(
    resources: Collection[int], days: Days, only: Collection[int] | None, now: datetime, ignore_courses: Collection[int]
) -> dict[int, int]:
    """What is taken of each resource. One query; none without resources or days."""
    stretches = _stretches(days, only)
    if not resources or not stretches:
        return {}
    parameters: dict[str, Any] = {"resources": list(resources), "now": now, "ignored": list(ignore_courses)}
    for index, (start, end) in enumerate(stretches):
        parameters[f"from_{index}"] = timegrid.instant(start) - _LONGEST_CLAIM
        parameters[f"to_{index}"] = timegrid.instant(end)
    seen = " OR ".join(_STRETCH.format(index) for index in range(len(stretches)))
    rows = _rows(_CLAIMS.format(stretches=seen, others=_OTHERS if ignore_courses else ""), parameters)
    return _taken(rows, days)


def _stretches(days: Days, only: Collection[int] | None) -> list[tuple[int, int]]:
    """The ticks to read: the whole span, or the days of it that count, neighbours as one."""
    if only is None:
        return [(days.base, days.end)]
    return [(days.base + start, days.base + end) for start, end in timegrid.runs(days.mask(only))]


def _taken(rows: Sequence[tuple[int, memoryview]], days: Days) -> dict[int, int]:
    """The masks of claims as PostgreSQL sends timestamps: big-endian microseconds since 2000, start and end in turn."""
    ticks = np.frombuffer(b"".join(packed for _, packed in rows), ">i8").astype(np.int64)
    ticks = ticks // _MICROSECONDS_A_TICK + _EPOCH_OF_POSTGRES
    row = np.repeat(np.arange(len(rows)), [packed.nbytes // _BYTES_A_CLAIM for _, packed in rows])
    masks = timegrid.disjoint_rows(row, ticks[0::2], ticks[1::2], days.base, days.length, len(rows))
    return dict(zip((resource for resource, _ in rows), masks, strict=True))


def _rows(sql: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
