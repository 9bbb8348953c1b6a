"""{% phone_link as phone %}: the clinic's number, as a link that never breaks in the middle. {{ phone|dialled }}: anybody's.

{{ absence.during|span }}: from when to when, in words.

{{ field|named_errors }}: what is wrong with a field, for a summary in which the field itself does not stand beside it.
"""

from datetime import time, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BoundField, Field
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import country_code_for_region

from clinic.dates import date_format

register = template.Library()

FIVE_MINUTES = timedelta(minutes=5)


@register.filter
def dialled(phone: PhoneNumber) -> str:
    """A number as one dials it here: with the country's code where it is another's."""
    here = country_code_for_region(settings.PHONENUMBER_DEFAULT_REGION)
    return str(phone.as_national if phone.country_code == here else phone.as_international)


@register.simple_tag(takes_context=True)
def phone_link(context: dict[str, Any]) -> SafeString:
    """Empty where there is no clinic yet."""
    clinic = context.get("clinic")
    if not clinic:
        return SafeString("")
    return format_html('<a class="text-nowrap" href="{}">{}</a>', clinic.phone.as_rfc3966, clinic.phone.as_national)


@register.filter
def span(during: Any) -> str:
    """A bounded range of instants in the active time zone: "Mon 2 March 2026, 09:00 to 12:00", or without hours where it is
    made of whole days (the last five minutes of a day need not be in it)."""
    start, end = timezone.localtime(during.lower), timezone.localtime(during.upper)
    last = end - FIVE_MINUTES if end.time() == time(0) else end
    until = "24:00" if end.time() == time(0) else f"{end:%H:%M}"
    whole = start.time() == time(0) and last.time() == time(23, 55)
    first_day, last_day = (date_format(moment, "D j N Y") for moment in (start, last))
    if whole and first_day == last_day:
        return _("%(day)s, all day") % {"day": first_day}
    if whole:
        return _("%(first)s to %(last)s, all day") % {"first": first_day, "last": last_day}
    if first_day == last_day:
        return _("%(day)s, %(start)s to %(end)s") % {"day": first_day, "start": f"{start:%H:%M}", "end": until}
    starts, ends = (
        _("%(day)s, %(time)s") % {"day": day, "time": hour} for day, hour in ((first_day, f"{start:%H:%M}"), (last_day, until))
    )
    return _("%(first)s to %(last)s") % {"first": starts, "last": ends}


@register.filter
def named_errors(field: BoundField) -> list[str]:
    """The field's errors. "This field is required" and "at most 100 characters" would not say which: they bear its name."""
    return [_named(field, error) for error in field.errors.as_data()]


def _named(field: BoundField, error: ValidationError) -> str:
    [message] = error.messages
    if message == Field.default_error_messages["required"]:
        return _("%(field)s: this field is required") % {"field": field.label}
    if error.code == "max_length" and error.params:
        return _("%(field)s: at most %(most)d characters") % {"field": field.label, "most": error.params["limit_value"]}
    return message
