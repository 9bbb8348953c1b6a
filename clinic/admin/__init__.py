"""The manager's side of the house: the clinic, its people, rooms and devices, their hours, and who logs in."""

from clinic.admin import hours, people, places
from clinic.admin.site import navigation

__all__ = ["hours", "navigation", "people", "places"]
