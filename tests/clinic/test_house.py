"""What templates say of the house: numbers as one dials them here, spans of time."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone, translation
from phonenumber_field.phonenumber import to_python

from clinic.templatetags.house import dialled, span


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+33612345678", "06 12 34 56 78"), ("+447911123456", "+44 7911 123456"), ("+32470123456", "+32 470 12 34 56")],
)
def test_a_number_of_another_country_keeps_its_code(number: str, shown: str) -> None:
    assert dialled(to_python(number)) == shown


@pytest.mark.parametrize(
    ("start", "end", "words"),
    [
        ("2026-03-02 00:00", "2026-03-02 23:55", "Mon 2 March 2026, all day"),
        ("2026-03-02 00:00", "2026-03-03 00:00", "Mon 2 March 2026, all day"),
        ("2026-03-02 00:00", "2026-03-05 00:00", "Mon 2 March 2026 to Wed 4 March 2026, all day"),
        ("2026-03-02 09:00", "2026-03-02 12:30", "Mon 2 March 2026, 09:00 to 12:30"),
        ("2026-03-02 18:00", "2026-03-03 00:00", "Mon 2 March 2026, 18:00 to 24:00"),
        ("2026-03-28 20:00", "2026-03-29 08:00", "Sat 28 March 2026, 20:00 to Sun 29 March 2026, 08:00"),
    ],
)
def test_a_span_of_time_in_words(start: str, end: str, words: str) -> None:
    paris = ZoneInfo("Europe/Paris")
    lower, upper = (datetime.fromisoformat(text).replace(tzinfo=paris) for text in (start, end))

    with timezone.override(paris), translation.override("en"):
        assert span(DateTimeTZRange(lower, upper)) == words
