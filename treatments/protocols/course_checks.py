"""Do the phases make a course, and do the windows by themselves keep its sessions in order?"""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from treatments.models import Anchor, Phase, Protocol
from treatments.protocols.expansion import ExpandedSession, expand, phases_of
from treatments.protocols.problem import Problem
from treatments.protocols.windows import boosters_too_close, out_of_order
from treatments.regulation import FRANCE_MEDICAL


def phases_make_a_course(protocol: Protocol) -> Iterator[Problem]:
    phases = phases_of(protocol)
    if not phases:
        yield Problem("no_phase", _("There is no phase: the course would have no session."), protocol)
    seen: list[Phase] = []
    for phase in phases:
        yield from _consultation_is_one_visit_at_the_beginning(phase, seen)
        yield from _core_comes_first(phase, seen)
        yield from _anchor_comes_earlier(phase, seen)
        yield from _window_is_ordered(phase)
        seen.append(phase)


def _consultation_is_one_visit_at_the_beginning(phase: Phase, earlier: list[Phase]) -> Iterator[Problem]:
    if phase.visit.is_consultation and (earlier or phase.sessions != 1 or phase.optional_last or phase.recommended):
        yield Problem("consultation_place", _("The consultation is one visit, and the first of the course."), phase)


def _core_comes_first(phase: Phase, earlier: list[Phase]) -> Iterator[Problem]:
    before = [other for other in earlier if not other.visit.is_consultation]
    if not before and not phase.visit.is_consultation and (phase.recommended or (phase.optional_last and phase.sessions == 1)):
        yield Problem("first_session_not_firm", _("The first session can be neither optional nor a booster."), phase)
    elif not phase.recommended and any(other.recommended for other in before):
        yield Problem(
            "core_after_booster",
            _("“%(phase)s” belongs to the core course and cannot come after a booster.") % {"phase": phase.name},
            phase,
        )


def _anchor_comes_earlier(phase: Phase, earlier: list[Phase]) -> Iterator[Problem]:
    anchor = phase.anchor_phase
    if phase.anchor != Anchor.END_OF_PHASE or anchor is None:
        return
    if anchor not in earlier:
        sentence = _("“%(phase)s” counts from the end of “%(other)s”, which does not come before it.")
        yield Problem("anchor_not_earlier", sentence % {"phase": phase.name, "other": anchor.name}, phase, "anchor_phase")
    elif anchor.visit.is_consultation:
        sentence = _(
            "“%(phase)s” counts from the consultation, which known patients skip. Count from the previous session instead."
        )
        yield Problem("anchor_is_consultation", sentence % {"phase": phase.name}, phase, "anchor_phase")


def _window_is_ordered(phase: Phase) -> Iterator[Problem]:
    if not (phase.hard_min <= phase.preferred_before <= 0 <= phase.preferred_after <= phase.soft_max <= phase.hard_max):
        sentence = _("The window of “%(phase)s” must run from never earlier, through the ideal day, to never later.")
        yield Problem("window_order", sentence % {"phase": phase.name}, phase, "hard_min")


def sessions_keep_their_order(protocol: Protocol) -> Iterator[Problem]:
    """Tried with and without the consultation and the optional sessions; each pair is named once."""
    crossing: dict[tuple[str, str], ExpandedSession] = {}
    crowded: dict[tuple[str, str], ExpandedSession] = {}
    for sessions in _variants(protocol):
        crossing |= {(first.label, second.label): second for first, second in out_of_order(sessions)}
        crowded |= {(first.label, second.label): second for first, second in boosters_too_close(sessions)}
    for (first, second), session in crossing.items():
        sentence = _("“%(second)s” can fall on the day of “%(first)s” or before it: lengthen the delay or narrow the windows.")
        yield Problem("out_of_order", sentence % {"first": first, "second": second}, session.phase, "hard_min")
    for (first, second), session in crowded.items():
        sentence = _("“%(second)s” can fall less than three months after “%(first)s”: lengthen the delay or narrow the windows.")
        yield Problem("boosters_too_close", sentence % {"first": first, "second": second}, session.phase, "hard_min")


def _variants(protocol: Protocol) -> Iterator[list[ExpandedSession]]:
    for with_consultation in (True, False):
        for with_optional in (True, False):
            yield expand(
                protocol,
                reflection_days=FRANCE_MEDICAL.reflection_days,
                with_consultation=with_consultation,
                with_optional=with_optional,
            )
