"""From the phases of a protocol to the sessions of a course, each with its anchor and its window."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, cast

from dateutil.relativedelta import relativedelta
from django.utils.translation import gettext as _

from treatments.models import Anchor, Phase, Protocol, Unit, Visit

UnitName = Literal["days", "weeks", "months"]

# After the consultation the patient has the clinic's days of reflection; the first session may then follow within six
# weeks, and after three months the examination is too old (docs/rules/catalogue.md, "After the consultation").
PREFERRED_AFTER_REFLECTION = 14  # days, as are the next two
SOFT_MAX_AFTER_REFLECTION = 45
HARD_MAX_AFTER_REFLECTION = 90


@dataclass(frozen=True, slots=True)
class Window:
    """Five signed whole-day offsets from the target, in clinic-local dates."""

    hard_min: int = 0
    preferred_before: int = 0
    preferred_after: int = 0
    soft_max: int = 0
    hard_max: int = 0


@dataclass(frozen=True, slots=True)
class ExpandedSession:
    """One session of a course. `anchor` is the index of the earlier session it is counted from; None: it comes first.

    `number` counts the treatment sessions from 1; the consultation is 0. `firm` sessions make up the course as priced:
    optional sessions and recommended boosters are not firm. `label` is in the active language.
    """

    index: int
    number: int
    label: str
    phase: Phase
    visit: Visit
    anchor: int | None
    offset: int
    unit: UnitName
    hard_min: int
    preferred_before: int
    preferred_after: int
    soft_max: int
    hard_max: int
    firm: bool
    optional: bool
    recommended: bool


def target_day(day: date, offset: int, unit: UnitName) -> date:
    """The local date `offset` units after `day`; months are calendar months, clamped to the end of a shorter month."""
    return day + relativedelta(months=offset) if unit == "months" else day + timedelta(**{unit: offset})


def phases_of(protocol: Protocol) -> list[Phase]:
    """The phases in order, each with the visit that `protocol.visits` holds, so that what is prefetched there is reached."""
    visits = {visit.pk: visit for visit in protocol.visits.all()}
    phases = sorted(protocol.phases.all(), key=lambda phase: phase.position)
    for phase in phases:
        phase.visit = visits[phase.visit_id]
    return phases


def has_consultation(protocol: Protocol) -> bool:
    """Whether a course of `protocol` can begin with a consultation that comes before treatment sessions."""
    return {phase.visit.is_consultation for phase in phases_of(protocol)} == {True, False}


def expand(
    protocol: Protocol, *, reflection_days: int, with_consultation: bool, with_optional: bool = True
) -> list[ExpandedSession]:
    """The sessions of a course of `protocol`, in order.

    `reflection_days` are the clinic's whole days between the consultation and the first session (at least one: the
    quote is never given on the day of the treatment). Without consultation the first treatment session comes first and
    its own date is free; a protocol that is nothing but a consultation keeps it. Without optional sessions, what was
    counted from them is counted from the session before.
    """
    phases = phases_of(protocol)
    kept = [phase for phase in phases if with_consultation or not phase.visit.is_consultation] or phases
    expansion = _Expansion(max(reflection_days, 1))
    for phase in kept:
        expansion.add(phase, with_optional=with_optional)
    return expansion.sessions


def is_one_visit(protocol: Protocol) -> bool:
    """Whether the whole course is a single visit, as the consultation by itself is."""
    return sum(phase.sessions for phase in protocol.phases.all()) == 1


def without(sessions: Sequence[ExpandedSession], dropped: Collection[int]) -> list[ExpandedSession]:
    """The sessions but those with the `dropped` indexes; what was counted from one of these is counted from what it was
    counted from itself. Indexes stay. ValueError if the first one is dropped: everything is counted from it."""
    if 0 in dropped:
        raise ValueError("the first session is not dropped")
    anchors = {session.index: session.anchor for session in sessions}

    def kept(anchor: int | None) -> int | None:
        while anchor is not None and anchor in dropped:
            anchor = anchors[anchor]
        return anchor

    return [replace(session, anchor=kept(session.anchor)) for session in sessions if session.index not in dropped]


class _Expansion:
    def __init__(self, reflection_days: int) -> None:
        self.sessions: list[ExpandedSession] = []
        self.reflection_days = reflection_days
        self.first: int | None = None  # index of the first treatment session
        self.ends: dict[int, int] = {}  # phase key -> index of its last session

    def add(self, phase: Phase, *, with_optional: bool) -> None:
        dropped = 1 if phase.optional_last and not with_optional else 0
        for place in range(phase.sessions - dropped):
            self._append(phase, place)
        self.ends[phase.pk] = len(self.sessions) - 1

    def _append(self, phase: Phase, place: int) -> None:
        index = len(self.sessions)
        treats = not phase.visit.is_consultation
        anchor, offset, unit, window = self._position(phase, place)
        if treats and self.first is None:
            self.first = index
        number = 1 + sum(session.number > 0 for session in self.sessions) if treats else 0
        optional = phase.optional_last and place == phase.sessions - 1
        self.sessions.append(
            ExpandedSession(
                index=index,
                number=number,
                label=phase.name if phase.sessions == 1 else _("Session %(number)s") % {"number": number},
                phase=phase,
                visit=phase.visit,
                anchor=anchor,
                offset=offset,
                unit=unit,
                hard_min=window.hard_min,
                preferred_before=window.preferred_before,
                preferred_after=window.preferred_after,
                soft_max=window.soft_max,
                hard_max=window.hard_max,
                firm=not optional and not phase.recommended,
                optional=optional,
                recommended=phase.recommended,
            )
        )

    def _position(self, phase: Phase, place: int) -> tuple[int | None, int, UnitName, Window]:
        if not self.sessions:
            return None, 0, "days", Window()
        if self.first is None and not phase.visit.is_consultation:
            return self._after_consultation()
        window = Window(phase.hard_min, phase.preferred_before, phase.preferred_after, phase.soft_max, phase.hard_max)
        anchor = self._anchor(phase) if place == 0 else len(self.sessions) - 1
        return anchor, phase.offset, cast("UnitName", Unit(phase.unit).value), window

    def _after_consultation(self) -> tuple[int, int, UnitName, Window]:
        window = Window(0, 0, PREFERRED_AFTER_REFLECTION, SOFT_MAX_AFTER_REFLECTION, HARD_MAX_AFTER_REFLECTION)
        return len(self.sessions) - 1, self.reflection_days, "days", window

    def _anchor(self, phase: Phase) -> int:
        """The session the first one of `phase` is counted from; a draft that names a later phase counts from the previous."""
        previous = len(self.sessions) - 1
        if phase.anchor == Anchor.FIRST and self.first is not None:
            return self.first
        if phase.anchor == Anchor.END_OF_PHASE and phase.anchor_phase_id is not None:
            return self.ends.get(phase.anchor_phase_id, previous)
        return previous
