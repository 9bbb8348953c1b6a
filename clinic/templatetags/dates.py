"""{{ day|date:"l j F" }}, in every template without loading anything (settings.TEMPLATES): Django's filter, in better French."""

from datetime import date
from typing import Any

from django import template
from django.template import defaultfilters

from clinic.dates import format_for

register = template.Library()


@register.filter("date", expects_localtime=True, is_safe=False)
def written(value: Any, form: str = "j F Y") -> str:
    """Empty where there is no date."""
    return str(defaultfilters.date(value, format_for(value, form) if isinstance(value, date) else form))
