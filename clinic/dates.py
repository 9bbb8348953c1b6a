"""How dates are written: in both languages the day before the month, and in French the first of a month is “1er”, not “1”."""

import re
from datetime import date

from django.utils import formats
from django.utils.translation import get_language, pgettext_lazy

DAY_AND_MONTH = re.compile(r"\bj(?= [FN])")
OTHERWISE_ABBREVIATED = (pgettext_lazy("abbrev. month", "Jan."), pgettext_lazy("abbrev. month", "Feb."))
"""Django's French has “jan.” and “fév.”; ours are those of the Imprimerie nationale."""


def format_for(day: date, form: str) -> str:
    """The format (or the name of one, such as DATE_FORMAT) as it is to be used for this day."""
    form = formats.get_format(form)
    is_french = (get_language() or "").startswith("fr")
    return DAY_AND_MONTH.sub(r"j\\e\\r", form) if is_french and day.day == 1 else form


def date_format(day: date, form: str = "j F Y") -> str:
    """A day or a moment in the reader's language."""
    return formats.date_format(day, format_for(day, form))
