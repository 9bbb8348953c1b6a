"""{% booking_under_way %}: on a page of the log-in, the steps of the booking that waits for it, and until when its dates are kept."""

from typing import Any

from django import template

from bookings.views.under_way import booking_under_way as under_way

register = template.Library()


@register.inclusion_tag("bookings/_under_way.html", takes_context=True)
def booking_under_way(context: dict[str, Any]) -> dict[str, Any]:
    request = context["request"]
    return {"request": request, "csrf_token": context.get("csrf_token")} | under_way(request)
