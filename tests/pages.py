"""What stands on a page."""

from html import unescape
from typing import Any

from django.utils.html import strip_tags


def text_of(response: Any) -> str:
    """What a reader sees, on one line."""
    return " ".join(unescape(strip_tags(response.content.decode())).split())
