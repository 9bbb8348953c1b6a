"""{% phone_link as phone %}: the clinic's number, as a link that never breaks in the middle. {{ phone|dialled }}: anybody's.

{{ field|named_errors }}: what is wrong with a field, for a summary in which the field itself does not stand beside it.
"""

from typing import Any

from django import template
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms import BoundField, Field
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import PhoneNumber
from phonenumbers import country_code_for_region

register = template.Library()


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
