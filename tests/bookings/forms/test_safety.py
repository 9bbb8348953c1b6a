from datetime import date

import pytest

from bookings.forms import SafetyForm
from bookings.screening import UNSURE
from treatments.models import Outcome, ScreeningRule

TODAY = date(2026, 3, 2)
PREGNANCY = ScreeningRule(code="pregnancy", question="Pregnant?", outcome=Outcome.BLOCK)
SUNBURN = ScreeningRule(code="sunburn", question="Sunburn?", outcome=Outcome.DATE, delay_days=14, date_question="Since when?")


def filled(data: dict[str, str], **fields: object) -> SafetyForm:
    form = SafetyForm(data, rules=[PREGNANCY, SUNBURN], today=TODAY, **fields)
    form.is_valid()
    return form


def test_none_is_an_answer():
    form = filled({"none": "on"})

    assert (form.errors, form.answers) == ({}, {})


def test_ticks_doubts_and_days_become_answers():
    form = filled({"q-pregnancy": "on", "q-pregnancy-unsure": "on", "q-sunburn": "on", "q-sunburn-day": "2026-02-27"})

    assert form.answers == {"pregnancy": UNSURE, "sunburn": date(2026, 2, 27)}


def test_a_day_alone_is_a_yes():
    assert filled({"q-sunburn-day": "2026-02-27"}).answers == {"sunburn": date(2026, 2, 27)}


def test_a_tick_without_a_day_is_a_yes_without_a_day():
    assert filled({"q-sunburn": "on"}).answers == {"sunburn": None}


@pytest.mark.parametrize("day", ["2026-02-27", "2027-06-01", "yesterday"])
def test_a_day_left_behind_an_unticked_line_is_withdrawn_by_none(day):
    """Ticked, dated, unticked again: the day can no longer be seen, and must not stand in the way."""
    form = filled({"none": "on", "q-sunburn-day": day})

    assert (form.errors, form.answers) == ({}, {})


def test_a_doubt_left_behind_is_shown_with_its_line():
    form = filled({"none": "on", "q-pregnancy-unsure": "on"})

    assert form.errors.as_data()["none"][0].code == "both"
    assert [line.is_ticked for line in form.lines] == [True, False]


def test_saying_nothing_is_no_answer():
    assert filled({}).errors.as_data()["none"][0].code == "neither"


def test_none_beside_a_tick_is_contradictory():
    assert filled({"none": "on", "q-pregnancy": "on"}).errors.as_data()["none"][0].code == "both"


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "2027-06-01", "yesterday", "2026-02-30"])
def test_a_day_out_of_reach_is_refused_in_a_sentence(day):
    assert "q-sunburn-day" in filled({"q-sunburn": "on", "q-sunburn-day": day}).errors


def test_what_is_over_lies_not_in_the_future():
    refused = filled({"q-sunburn": "on", "q-sunburn-day": "2026-03-03"})

    assert refused.errors == {"q-sunburn-day": ["This day is still to come. Please give a day of the past."]}
    assert filled({"q-sunburn": "on", "q-sunburn-day": "2026-03-02"}).answers == {"sunburn": TODAY}
    assert 'max="2026-03-02"' in str(refused.lines[1].day)


def test_without_questions_there_is_nothing_to_say():
    form = SafetyForm({}, rules=[], today=TODAY)

    assert form.is_valid()
    assert form.answers == {}


def test_who_comes_back_finds_the_answers_ticked():
    form = SafetyForm(rules=[PREGNANCY, SUNBURN], today=TODAY, answers={"sunburn": date(2026, 2, 27)})
    pregnancy, sunburn = form.lines

    assert (pregnancy.tick.value(), sunburn.tick.value(), sunburn.day.value()) == (None, True, date(2026, 2, 27))
    assert (pregnancy.wait_until, sunburn.wait_until) == (None, date(2026, 3, 16))
