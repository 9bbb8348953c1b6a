"""{% phone_link as phone %}: the clinic's number, as a link that never breaks in the middle."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def phone_link(context: dict[str, Any]) -> SafeString:
    """Empty where there is no clinic yet."""
    clinic = context.get("clinic")
    if not clinic:
        return SafeString("")
    return format_html('<a class="text-nowrap" href="{}">{}</a>', clinic.phone.as_rfc3966, clinic.phone.as_national)
