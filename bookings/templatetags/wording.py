"""How lengths of time and prices are written, in the reader's language."""

from decimal import Decimal

from django import template
from django.template.defaultfilters import floatformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from treatments.models import Protocol

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
    """1310 → “€1,310”, in French “1 310 €”; cents only where there are some."""
    return _("€%(amount)s") % {"amount": floatformat(amount, "-2g")}


# By whether a course has an optional session, and boosters: as a sentence, and right after the price.
LEFT_OUT = {
    (True, True): gettext_lazy("The optional session and the boosters are not in it: they are paid only if they take place."),
    (True, False): gettext_lazy("The optional session is not in it: it is paid only if it takes place."),
    (False, True): gettext_lazy("The boosters are not in it: they are paid only if they take place."),
    (False, False): "",
}
WITHOUT = {
    (True, True): gettext_lazy("without the optional session and the boosters"),
    (True, False): gettext_lazy("without the optional session"),
    (False, True): gettext_lazy("without the boosters"),
    (False, False): gettext_lazy("in all"),
}


@register.filter
def left_out_of_price(protocol: Protocol) -> str:
    """What the price of a course leaves out, as a sentence; empty where it is everything. The protocol comes with its phases."""
    return str(LEFT_OUT[_left_out(protocol)])


@register.filter
def price_without(protocol: Protocol) -> str:
    """The same in a few words, for right after the price."""
    return str(WITHOUT[_left_out(protocol)])


def _left_out(protocol: Protocol) -> tuple[bool, bool]:
    phases = protocol.phases.all()
    return any(phase.optional_last for phase in phases), any(phase.recommended for phase in phases)
