"""How lengths of time and prices are written, in the reader's language."""

from decimal import Decimal

from django import template
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _

register = template.Library()

HOUR = 60


@register.filter
def duration(minutes: int) -> str:
    """45 → “45 min”, 120 → “2 h”, 125 → “2 h 05”."""
    hours, rest = divmod(int(minutes), HOUR)
    if not hours:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": hours}
    return _("%(hours)d h %(minutes)02d") % {"hours": hours, "minutes": rest}


@register.filter
def euros(amount: Decimal) -> str:
    """1310 → “1,310 €”, in French “1 310 €”; cents only where there are some."""
    return _("%(amount)s €") % {"amount": floatformat(amount, "-2g")}
