"""How dates are written: French calls the first of a month “1er”."""

from datetime import UTC, date, datetime

import pytest
from django.template import Context, Template
from django.template.loader import get_template
from django.utils import formats, timezone, translation

from clinic.dates import date_format

FIRST, SECOND = date(2026, 12, 1), date(2026, 12, 2)


@pytest.mark.parametrize(
    ("language", "form", "written"),
    [
        ("fr", "l j F Y", "mardi 1er décembre 2026"),
        ("fr", "j F", "1er décembre"),
        ("fr", "j N Y", "1er déc. 2026"),
        ("fr", "d/m/Y", "01/12/2026"),
        ("fr", "F Y", "décembre 2026"),
        ("en", "j N Y", "1 Dec. 2026"),
        ("en", "l j F Y", "Tuesday 1 December 2026"),
    ],
)
def test_the_first_of_a_month_is_called_the_first_in_french(language: str, form: str, written: str) -> None:
    with translation.override(language):
        assert date_format(FIRST, form) == written
        assert Template("{{ day|date:form }}").render(Context({"day": FIRST, "form": form})) == written


@pytest.mark.parametrize(("language", "written"), [("fr", "1er décembre 2026"), ("en", "1 December 2026")])
def test_the_day_stands_before_the_month_in_english_too(language: str, written: str) -> None:
    with translation.override(language):
        assert date_format(FIRST) == written
        assert Template("{{ day|date }}").render(Context({"day": FIRST})) == written


def test_every_other_day_is_written_as_django_writes_it() -> None:
    with translation.override("fr"):
        assert date_format(SECOND, "l j F") == "mercredi 2 décembre"
        assert date_format(date(2026, 12, 11), "j F") == "11 décembre"


def test_the_day_is_that_of_the_clock_in_force() -> None:
    """The last hour of November in London is the first of December in Paris."""
    moment = datetime(2026, 11, 30, 23, 30, tzinfo=UTC)
    with translation.override("fr"), timezone.override("Europe/Paris"):
        assert Template('{{ moment|date:"j F, H:i" }}').render(Context({"moment": moment})) == "1er décembre, 00:30"


def test_without_a_date_nothing_is_written() -> None:
    assert Template('{{ day|date:"j F" }}').render(Context({"day": None})) == ""


def test_mails_write_it_so_too() -> None:
    row = {"label": "Consultation", "starts": datetime(2026, 12, 1, 10), "ends": datetime(2026, 12, 1, 11), "practitioner": "Ada"}
    with translation.override("fr"):
        assert "mardi 1er décembre 2026" in get_template("bookings/mail/_dates.txt").render({"rows": [row]})


def test_months_are_abbreviated_in_french_as_the_french_do() -> None:
    with translation.override("fr"):
        assert [date_format(date(2027, month, 2), "j N") for month in (1, 2)] == ["2 janv.", "2 févr."]


def test_english_dates_are_not_american() -> None:
    with translation.override("en"):
        assert formats.localize(datetime(2026, 11, 24, 0, 59)) == "24 November 2026, 00:59"
        assert formats.get_format("FIRST_DAY_OF_WEEK") == 1
