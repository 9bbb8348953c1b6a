"""A clinic to test with: plain keyword functions, each of which stores one thing and returns it.

Times of day are written "09:00" and are wall-clock times of the clinic; weekdays are ISO numbers, Monday is 1.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time
from itertools import count

from clinic.models import Capability, Clinic, Closure, Kind, OpeningHours, Resource, Shift

ALWAYS = date(2020, 1, 1)
MONDAY_TO_SATURDAY = (1, 2, 3, 4, 5, 6)

_number = count(1)


def make_clinic(**fields: object) -> Clinic:
    """A clinic in Paris without hours, rooms or people."""
    n = next(_number)
    return Clinic.objects.create(
        **{
            "name": f"Clinic {n}",
            "slug": f"clinic-{n}",
            "address_line": "1 rue de la Paix",
            "postal_code": "75002",
            "city": "Paris",
            "phone": "+33142000000",
            "email": "clinic@example.com",
            "roster_published_until": None,
            **fields,
        }
    )


def make_capability(code: str, *, kind: str = Kind.PERSON) -> Capability:
    """The capability of that code, made if there is none yet."""
    return Capability.objects.get_or_create(code=code, defaults={"name": code.title(), "kind": kind})[0]


def make_capabilities(kinds: Mapping[str, str]) -> dict[str, Capability]:
    """The capabilities of these codes, each with its kind, made where there are none yet: two queries however many."""
    wanted = [Capability(code=code, name=code.title(), kind=kind) for code, kind in kinds.items()]
    Capability.objects.bulk_create(wanted, ignore_conflicts=True)
    return {capability.code: capability for capability in Capability.objects.filter(code__in=kinds)}


def make_person(name: str = "", *, can: Iterable[str] = (), active: bool = True) -> Resource:
    """A person who has the capabilities of these codes. People belong to no clinic: see `make_shift`."""
    return _make_resource(Kind.PERSON, None, name, can, active)


def make_room(clinic: Clinic, name: str = "", *, can: Iterable[str] = (), active: bool = True) -> Resource:
    return _make_resource(Kind.ROOM, clinic, name, can, active)


def make_device(clinic: Clinic, name: str = "", *, can: Iterable[str] = (), active: bool = True) -> Resource:
    return _make_resource(Kind.DEVICE, clinic, name, can, active)


def _make_resource(kind: Kind, clinic: Clinic | None, name: str, can: Iterable[str], active: bool) -> Resource:
    resource = Resource.objects.create(kind=kind, clinic=clinic, name=name or f"{kind.title()} {next(_number)}", active=active)
    resource.capabilities.set([make_capability(code, kind=kind) for code in can])
    return resource


def make_shift(
    person: Resource,
    clinic: Clinic,
    weekday: int = 1,
    starts: str = "09:00",
    ends: str = "18:00",
    *,
    valid_from: date = ALWAYS,
    valid_until: date | None = None,
) -> Shift:
    return Shift.objects.create(
        person=person,
        clinic=clinic,
        weekday=weekday,
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def make_opening(
    clinic: Clinic,
    weekday: int = 1,
    starts: str = "09:00",
    ends: str = "18:00",
    *,
    valid_from: date = ALWAYS,
    valid_until: date | None = None,
) -> OpeningHours:
    return OpeningHours.objects.create(
        clinic=clinic,
        weekday=weekday,
        starts=time.fromisoformat(starts),
        ends=time.fromisoformat(ends),
        valid_from=valid_from,
        valid_until=valid_until,
    )


def open_week(
    clinic: Clinic,
    *people: Resource,
    weekdays: Iterable[int] = MONDAY_TO_SATURDAY,
    starts: str = "09:00",
    ends: str = "18:00",
) -> Clinic:
    """Open the clinic at the same hours on each of the weekdays, with these people there all the time."""
    hours = {"clinic": clinic, "starts": time.fromisoformat(starts), "ends": time.fromisoformat(ends), "valid_from": ALWAYS}
    days = tuple(weekdays)
    OpeningHours.objects.bulk_create(OpeningHours(weekday=day, **hours) for day in days)
    Shift.objects.bulk_create(Shift(weekday=day, person=person, **hours) for day in days for person in people)
    return clinic


def make_closure(clinic: Clinic, start: datetime, end: datetime, *, reason: str = "Works") -> Closure:
    """Closed from `start` to `end` (aware instants, half-open)."""
    return Closure.objects.create(clinic=clinic, during=(start, end), reason=reason)
