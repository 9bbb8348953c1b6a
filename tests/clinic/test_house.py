"""What templates say of the house: numbers as one dials them here."""

import pytest
from phonenumber_field.phonenumber import to_python

from clinic.templatetags.house import dialled


@pytest.mark.parametrize(
    ("number", "shown"),
    [("+33612345678", "06 12 34 56 78"), ("+447911123456", "+44 7911 123456"), ("+32470123456", "+32 470 12 34 56")],
)
def test_a_number_of_another_country_keeps_its_code(number: str, shown: str) -> None:
    assert dialled(to_python(number)) == shown
