from clinic.models.hours import Closure, OpeningHours, Shift
from clinic.models.people import Practitioner, Role, User
from clinic.models.places import Capability, Clinic, Kind, Resource

__all__ = [
    "Capability",
    "Clinic",
    "Closure",
    "Kind",
    "OpeningHours",
    "Practitioner",
    "Resource",
    "Role",
    "Shift",
    "User",
]
