"""The course planner: session rules + candidate slots + wishes -> the cheapest complete course.

Pure: no database, no Django, no clock. Days are ordinals (`date.toordinal()`, clinic-local), starts are 5-minute ticks.
The rules, the cost table and why the result is exact: `docs/rules/planning.md`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Unit = Literal["days", "weeks", "months"]
Reason = Literal["done", "horizon", "no_slot"]


@dataclass(frozen=True, slots=True)
class SessionRule:
    """One session of a course: where it is anchored and how far from its target it may be (signed whole days)."""

    index: int
    anchor: int | None
    offset: int
    unit: Unit
    hard_min: int
    preferred_before: int
    preferred_after: int
    soft_max: int
    hard_max: int
    firm: bool
    visit: str
    number: int
    label: str


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A possible start: local day (ordinal), lead practitioner (resource key), tick, local minute of the day."""

    day: int
    lead: int
    start: int
    minute: int


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the patient would like; only `earliest` and `only_lead` forbid anything, the rest is a matter of cost."""

    weekdays: frozenset[int] = frozenset()
    minutes: tuple[int, int] | None = None
    hour_like: int | None = None
    lead: int | None = None
    only_lead: bool = False
    earliest: int | None = None


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session of a plan; without a slot, `reason` says why: done, beyond the horizon, or no slot found."""

    rule: SessionRule
    target: int
    earliest: int
    latest: int
    slot: Slot | None
    reason: Reason | None
    cost: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A complete course; `moved` are the sessions that did not stay on the slot they were asked to keep."""

    sessions: tuple[PlannedSession, ...]
    cost: int
    moved: tuple[int, ...] = ()


class NoPlan(Exception):
    """No complete course exists: `session_index` is the first session that cannot be placed though all before it can."""

    def __init__(self, session_index: int, reason: Literal["no_slot", "pinned"]) -> None:
        super().__init__(f"session {session_index}: {reason}")
        self.session_index = session_index
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Proposal:
    """A ready suggestion: `key` is earliest, regular or evenings; `plan` is plan(..., wishes, first=slot)."""

    key: str
    slot: Slot
    wishes: Wishes
    plan: Plan


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another slot for one session of a plan, and which other sessions would have to move."""

    slot: Slot
    cost: int
    moved: tuple[int, ...]


def target_day(anchor_day: int, offset: int, unit: Unit) -> int:
    """The day `offset` units after the anchor's day; months are calendar months, clamped to the month's end."""
    raise NotImplementedError


def plan(
    rules: Sequence[SessionRule],
    candidates: Mapping[str, Sequence[Slot]],
    horizon: int,
    wishes: Wishes,
    first: Slot | None = None,
    pins: Mapping[int, Slot] | None = None,
    keep: Mapping[int, Slot] | None = None,
    done: Mapping[int, tuple[int, int]] | None = None,
    late: bool = False,
) -> Plan:
    """The cheapest complete course, or NoPlan."""
    raise NotImplementedError


def first_slots(
    rules: Sequence[SessionRule],
    candidates: Mapping[str, Sequence[Slot]],
    horizon: int,
    wishes: Wishes,
    between: tuple[int, int],
) -> list[tuple[Slot, int]]:
    """Every first slot on a day of [between[0], between[1]) from which a whole course fits, with that course's cost."""
    raise NotImplementedError
