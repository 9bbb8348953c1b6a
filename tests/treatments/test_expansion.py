"""From phases to sessions: how many, counted from what, and when each is due."""

from datetime import date
from typing import Any

import pytest
from django.utils import translation

from tests.factories.treatments import make_phase, make_protocol
from treatments import protocols
from treatments.catalogue.entries import PhaseEntry
from treatments.catalogue.rhythms import CONSULTATION_PHASE
from treatments.catalogue.words import Text
from treatments.models import Anchor, Phase, Protocol, Unit
from treatments.protocols import ExpandedSession, expand, target_day

REFLECTION = 15


@pytest.fixture
def protocol(db: None) -> Protocol:
    return make_protocol()


def targets(sessions: list[ExpandedSession], first: date) -> list[date]:
    """The ideal day of each session when every one takes place on its ideal day."""
    days: list[date] = []
    for session in sessions:
        days.append(first if session.anchor is None else target_day(days[session.anchor], session.offset, session.unit))
    return days


def test_the_course_of_the_source_has_eight_sessions(protocol: Protocol) -> None:
    sessions = expand(protocol, reflection_days=REFLECTION, with_consultation=False)

    assert [session.number for session in sessions] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert [session.anchor for session in sessions] == [None, 0, 1, 2, 3, 4, 5, 5]
    assert [session.firm for session in sessions] == [True] * 5 + [False] * 3
    assert [session.optional for session in sessions] == [False] * 5 + [True] + [False] * 2
    assert [session.recommended for session in sessions] == [False] * 6 + [True] * 2


def test_the_dates_of_a_course_that_begins_on_2_march_2026(protocol: Protocol) -> None:
    sessions = expand(protocol, reflection_days=REFLECTION, with_consultation=False)

    assert targets(sessions, date(2026, 3, 2)) == [
        date(2026, 3, 2),
        date(2026, 3, 16),
        date(2026, 3, 30),
        date(2026, 4, 30),
        date(2026, 5, 30),
        date(2026, 6, 30),
        date(2026, 12, 30),
        date(2027, 6, 30),
    ]


def test_without_the_optional_session_the_boosters_are_counted_from_the_one_before(protocol: Protocol) -> None:
    sessions = expand(protocol, reflection_days=REFLECTION, with_consultation=False, with_optional=False)

    assert [session.anchor for session in sessions] == [None, 0, 1, 2, 3, 4, 4]
    assert targets(sessions, date(2026, 3, 2))[-2:] == [date(2026, 11, 30), date(2027, 5, 30)]


def test_with_the_consultation_the_first_session_waits_for_the_days_of_reflection(protocol: Protocol) -> None:
    consultation, first, *rest = expand(protocol, reflection_days=REFLECTION, with_consultation=True)

    assert (consultation.number, consultation.anchor, consultation.label) == (0, None, protocol.phases.get(position=1).name)
    assert consultation.firm
    assert (first.number, first.anchor, first.offset, first.unit) == (1, 0, 15, "days")
    assert (first.hard_min, first.preferred_before, first.preferred_after, first.soft_max, first.hard_max) == (0, 0, 14, 45, 90)
    assert [session.anchor for session in rest] == [1, 2, 3, 4, 5, 6, 6]


def test_the_quote_is_never_given_on_the_day_of_the_treatment(protocol: Protocol) -> None:
    first = expand(protocol, reflection_days=0, with_consultation=True)[1]

    assert first.offset == 1


def test_windows_come_from_the_phase(protocol: Protocol) -> None:
    windows = {
        session.label: (session.hard_min, session.preferred_before, session.preferred_after, session.soft_max, session.hard_max)
        for session in expand(protocol, reflection_days=REFLECTION, with_consultation=False)
    }

    with translation.override("en"):
        labels = [session.label for session in expand(protocol, reflection_days=REFLECTION, with_consultation=False)]
    assert list(windows.values()) == [
        (0, 0, 0, 0, 0),
        (-1, 0, 4, 7, 14),
        (-1, 0, 4, 7, 14),
        (-4, -3, 7, 11, 30),
        (-4, -3, 7, 11, 30),
        (-4, -3, 7, 11, 30),
        (-21, -14, 14, 45, 90),
        (-30, -21, 21, 60, 90),
    ]
    assert labels == [*(f"Session {number}" for number in range(1, 7)), "Booster at 6 months", "Booster at 1 year"]


def test_a_phase_can_be_counted_from_the_first_session(protocol: Protocol) -> None:
    Phase.objects.filter(protocol=protocol, position__gte=4).update(anchor=Anchor.FIRST, anchor_phase=None)

    with_consultation = expand(protocol, reflection_days=REFLECTION, with_consultation=True)
    without = expand(protocol, reflection_days=REFLECTION, with_consultation=False)

    assert [session.anchor for session in with_consultation[-2:]] == [1, 1]
    assert [session.anchor for session in without[-2:]] == [0, 0]


def test_a_phase_can_be_counted_from_the_end_of_an_earlier_phase_that_is_not_the_last(protocol: Protocol) -> None:
    intensive = protocol.phases.get(position=2)
    make_phase(protocol, anchor=Anchor.END_OF_PHASE, anchor_phase=intensive, recommended=True)

    assert expand(protocol, reflection_days=REFLECTION, with_consultation=False)[-1].anchor == 2


def test_a_draft_that_counts_from_a_later_phase_can_still_be_previewed(protocol: Protocol) -> None:
    consolidation = protocol.phases.get(position=3)
    protocol.phases.filter(position=2).update(anchor=Anchor.END_OF_PHASE, anchor_phase=consolidation)

    assert len(expand(protocol, reflection_days=REFLECTION, with_consultation=True)) == 9


def test_a_protocol_that_is_only_a_consultation_keeps_it(db: None) -> None:
    protocol = make_protocol(phases=[CONSULTATION_PHASE])

    [session] = expand(protocol, reflection_days=REFLECTION, with_consultation=False)

    assert (session.number, session.anchor, session.firm) == (0, None, True)


def test_a_phase_of_one_optional_session_can_disappear(db: None) -> None:
    weekly = {"visit": "session", "offset": 1, "unit": Unit.WEEKS}
    phases = [
        PhaseEntry(name=Text("A", "A"), sessions=2, **weekly),
        PhaseEntry(name=Text("B", "B"), optional_last=True, **weekly),
        PhaseEntry(name=Text("C", "C"), recommended=True, anchor=Anchor.END_OF_PHASE, end_of=2, **weekly),
    ]
    protocol = make_protocol(phases=phases)

    assert [s.anchor for s in expand(protocol, reflection_days=1, with_consultation=False, with_optional=True)] == [None, 0, 1, 2]
    assert [s.anchor for s in expand(protocol, reflection_days=1, with_consultation=False, with_optional=False)] == [None, 0, 1]


@pytest.mark.parametrize("start", [date(2026, 1, 29), date(2026, 1, 30), date(2026, 1, 31)])
def test_months_are_clamped_to_the_end_of_a_shorter_month(start: date) -> None:
    assert target_day(start, 1, "months") == date(2026, 2, 28)
    assert target_day(start, 2, "months") == date(2026, 3, start.day)


def test_expansion_reads_the_database_a_constant_number_of_times(protocol: Protocol, django_assert_num_queries: Any) -> None:
    loaded = Protocol.objects.with_parts().get(pk=protocol.pk)

    with django_assert_num_queries(0):
        sessions = expand(loaded, reflection_days=REFLECTION, with_consultation=True)
        for session in sessions:
            protocols.patient_minutes(session.visit, list(loaded.zones.all()))


def test_what_was_counted_from_a_dropped_session_is_counted_from_the_one_before(protocol: Protocol) -> None:
    sessions = protocols.expand(protocol, reflection_days=15, with_consultation=False)

    left = protocols.without(sessions, {4, 5})

    assert [session.index for session in left] == [0, 1, 2, 3, 6, 7]
    assert [session.anchor for session in left] == [None, 0, 1, 2, 3, 3]
    assert protocols.without(sessions, ()) == sessions
    with pytest.raises(ValueError, match="first session"):
        protocols.without(sessions, {0})
