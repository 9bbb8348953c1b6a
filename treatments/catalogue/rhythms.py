"""How far apart sessions are: target and window, in days from the target.

Later is clinically safer than earlier, so every window reaches further after its target than before it.
Sources and how sure we are of each: docs/rules/catalogue.md, "Rhythm".
"""

from dataclasses import dataclass

from treatments.catalogue.entries import PhaseEntry
from treatments.catalogue.words import Text
from treatments.models import Anchor, Unit


@dataclass(frozen=True, slots=True)
class Rhythm:
    """`window`: never earlier, ideally not before, ideally not after, not later, never later."""

    offset: int
    unit: Unit
    window: tuple[int, int, int, int, int]


EVERY_TWO_WEEKS = Rhythm(2, Unit.WEEKS, (-1, 0, 4, 7, 14))
EVERY_FIVE_WEEKS = Rhythm(5, Unit.WEEKS, (-7, -7, 7, 21, 35))  # 28 days at least, 28 to 42 ideally, 56 at most
EVERY_MONTH = Rhythm(1, Unit.MONTHS, (-4, -3, 7, 11, 30))
AFTER_SIX_MONTHS = Rhythm(6, Unit.MONTHS, (-21, -14, 14, 45, 90))
AFTER_ONE_YEAR = Rhythm(12, Unit.MONTHS, (-30, -21, 21, 60, 90))

CONSOLIDATION = 3  # its position: the boosters are counted from its end

CONSULTATION_PHASE = PhaseEntry(name=Text("Consultation", "Consultation"), visit="consultation")


def course(intensive: Rhythm, consolidation: Rhythm) -> tuple[PhaseEntry, ...]:
    """Consultation, three sessions, two or three more, boosters six months and a year after the last of those."""
    return (
        CONSULTATION_PHASE,
        _phase(Text("Phase intensive", "Intensive phase"), intensive, sessions=3),
        _phase(Text("Consolidation", "Consolidation"), consolidation, sessions=3, optional_last=True),
        _booster(Text("Rappel à 6 mois", "Booster at 6 months"), AFTER_SIX_MONTHS),
        _booster(Text("Rappel à 1 an", "Booster at 1 year"), AFTER_ONE_YEAR),
    )


def _phase(name: Text, rhythm: Rhythm, *, sessions: int, optional_last: bool = False) -> PhaseEntry:
    return PhaseEntry(
        name=name,
        visit="session",
        sessions=sessions,
        optional_last=optional_last,
        offset=rhythm.offset,
        unit=rhythm.unit,
        window=rhythm.window,
    )


def _booster(name: Text, rhythm: Rhythm) -> PhaseEntry:
    return PhaseEntry(
        name=name,
        visit="session",
        recommended=True,
        anchor=Anchor.END_OF_PHASE,
        end_of=CONSOLIDATION,
        offset=rhythm.offset,
        unit=rhythm.unit,
        window=rhythm.window,
    )
