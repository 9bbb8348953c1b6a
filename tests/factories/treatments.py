"""Treatments and protocols to test with. A protocol is made ready to be published: resources included, if asked."""

from collections.abc import Iterable
from decimal import Decimal
from itertools import count
from typing import Any

from clinic.models import Clinic, Kind, Resource
from tests.factories.clinic import make_capabilities, make_capability, make_clinic
from treatments import catalogue
from treatments.catalogue.entries import PhaseEntry
from treatments.catalogue.loading import load_phases
from treatments.catalogue.rhythms import EVERY_FIVE_WEEKS, EVERY_MONTH, EVERY_TWO_WEEKS, course
from treatments.models import (
    Category,
    Outcome,
    Phase,
    Protocol,
    ProtocolZone,
    ScreeningRule,
    Segment,
    Stage,
    Status,
    Treatment,
    Visit,
    Zone,
)

FACE, NECK = ("face", 20, 250), ("neck", 10, 150)

_number = count(1)


def both(field: str, text: str) -> dict[str, str]:
    """A text in both languages, as the fields of a row."""
    return {f"{field}_fr": f"{text} (fr)", f"{field}_en": text}


def make_treatment(name: str = "Exosomes", *, category: str = Category.SKIN, **fields: Any) -> Treatment:
    """A treatment patients can see, with the texts it must have."""
    texts = {
        **both("name", name),
        **both("tagline", "One line"),
        **both("summary", "In short"),
        **both("evidence", "Not proven."),
    }
    return Treatment.objects.create(
        **{"slug": f"treatment-t{next(_number)}", "category": category, "is_published": True, **texts, **fields}
    )


def make_zone(code: str = "face") -> Zone:
    return make_zones([code])[code]


def make_zones(codes: Iterable[str]) -> dict[str, Zone]:
    """The zones of these codes, made where there are none yet: two queries however many."""
    codes = list(codes)
    Zone.objects.bulk_create((Zone(code=code, **both("name", code.title())) for code in codes), ignore_conflicts=True)
    return {zone.code: zone for zone in Zone.objects.filter(code__in=codes)}


def make_protocol(
    treatment: Treatment | None = None,
    *,
    code: str = "dermapen",
    zones: Iterable[tuple[str, int, int]] = (FACE, NECK),
    phases: Iterable[PhaseEntry] | None = None,
    published: bool = False,
    **fields: Any,
) -> Protocol:
    """Consultation and session as in the catalogue: 125 + 10 minutes for a face, 25 of them with the physician.

    `zones` are (code, minutes, price); `phases` default to the course of the catalogue; `published` skips the checks.
    """
    protocol = Protocol.objects.create(
        **{
            "treatment": treatment or make_treatment(),
            "code": code,
            "lead_capability": make_capability("physician"),
            "bookable_online": True,
            **both("name", "Exosomes, Dermapen"),
            **both("consent", "What to know."),
            **fields,
        }
    )
    zones = tuple(zones)
    known = make_zones(zone for zone, _minutes, _price in zones)
    ProtocolZone.objects.bulk_create(
        ProtocolZone(protocol=protocol, zone=known[zone], minutes=minutes, price=Decimal(price)) for zone, minutes, price in zones
    )
    visits = {"consultation": make_consultation(protocol), "session": make_session(protocol)}
    if not zones:
        protocol.visits.update(charges_zones=False)
    load_phases(protocol, tuple(phases or course(EVERY_TWO_WEEKS, EVERY_MONTH)), visits)
    if published:
        force_publish(protocol)
    return protocol


def make_morpheus(
    treatment: Treatment, *, zones: Iterable[tuple[str, int, int]] = (("face", 25, 450),), **fields: Any
) -> Protocol:
    """The other way to give a treatment: a deeper device, every five weeks, for fewer zones; published."""
    names = both("name", "Exosomes, Morpheus 8")
    rhythm = fields.pop("phases", course(EVERY_FIVE_WEEKS, EVERY_FIVE_WEEKS))
    protocol = make_protocol(treatment, code="morpheus8", zones=zones, phases=rhythm, bookable_online=False, **names, **fields)
    dermapen, morpheus = make_capability("dermapen", kind=Kind.DEVICE), make_capability("morpheus8", kind=Kind.DEVICE)
    for segment in Segment.objects.filter(visit__protocol=protocol, needs=dermapen):
        segment.needs.remove(dermapen)
        segment.needs.add(morpheus)
    return force_publish(protocol)


def force_publish(protocol: Protocol) -> Protocol:
    """Publish without any check, as a migration of old data would."""
    Protocol.objects.filter(pk=protocol.pk).update(status=Status.PUBLISHED, published_at="2026-01-05T09:00:00Z")
    protocol.refresh_from_db()
    return protocol


def make_consultation(protocol: Protocol) -> Visit:
    visit = Visit.objects.create(
        protocol=protocol,
        code="consultation",
        base_price=Decimal(60),
        charges_zones=False,
        needs_clearance=False,
        is_consultation=True,
        **both("name", "Consultation"),
    )
    _segments(visit, [("interview", 30, ("physician", "treatment-room"), {})])
    return visit


def make_session(protocol: Protocol) -> Visit:
    visit = Visit.objects.create(protocol=protocol, code="session", **both("name", "Session"))
    _segments(
        visit,
        [
            ("cleanse", 25, ("care", "treatment-room"), {}),
            ("numbing-wait", 60, ("treatment-room",), {}),
            ("needling", 5, ("physician", "treatment-room", "dermapen"), {"grows_with_zones": True, "needling": True}),
            ("massage", 15, ("care", "treatment-room", "dermapen"), {}),
            ("clean-up", 10, ("care", "treatment-room", "dermapen"), {"patient_present": False}),
        ],
    )
    return visit


def make_segment(visit: Visit, code: str, minutes: int, *, needs: Iterable[str] = (), **fields: Any) -> Segment:
    """One more segment, at the end of the visit."""
    return _segments(visit, [(code, minutes, tuple(needs), fields)], after=visit.segments.count())[0]


def _segments(visit: Visit, rows: Iterable[tuple[str, int, tuple[str, ...], dict[str, Any]]], *, after: int = 0) -> list[Segment]:
    """Segments in this order, each (code, minutes, needs, other fields), behind the `after` ones there are already."""
    rows = tuple(rows)
    segments = Segment.objects.bulk_create(
        Segment(visit=visit, position=position, code=code, minutes=minutes, **{**both("name", code.title()), **fields})
        for position, (code, minutes, _needs, fields) in enumerate(rows, start=after + 1)
    )
    known = make_capabilities({need: kind_of(need) for _code, _minutes, needs, _fields in rows for need in needs})
    Segment.needs.through.objects.bulk_create(
        Segment.needs.through(segment=segment, capability=known[need])
        for segment, (_code, _minutes, needs, _fields) in zip(segments, rows, strict=True)
        for need in needs
    )
    return segments


def make_phase(protocol: Protocol, **fields: Any) -> Phase:
    """One session, two weeks after the previous, at the end of the protocol."""
    window = {"hard_min": -1, "preferred_before": 0, "preferred_after": 4, "soft_max": 7, "hard_max": 14}
    visit = protocol.visits.get(code="session")
    values = {
        "position": protocol.phases.count() + 1,
        "visit": visit,
        "offset": 2,
        "unit": "weeks",
        **both("name", "Extra"),
        **window,
    }
    return Phase.objects.create(protocol=protocol, **{**values, **fields})


def make_question(protocol: Protocol, code: str = "pregnancy", *, outcome: str = Outcome.BLOCK, **fields: Any) -> ScreeningRule:
    texts = {**both("question", "Are you pregnant?"), **both("message", "A physician can see you.")}
    return ScreeningRule.objects.create(
        protocol=protocol, code=code, outcome=outcome, **{"stage": Stage.SAFETY, **texts, **fields}
    )


def kind_of(code: str) -> Kind:
    return next((entry.kind for entry in catalogue.CAPABILITIES if entry.code == code), Kind.PERSON)


def furnish(clinic: Clinic | None = None) -> list[Resource]:
    """A clinic that can give every visit of the catalogue: two physicians, two assistants, two rooms, one device of each kind."""
    clinic = clinic or make_clinic()
    rows: list[tuple[Kind, str, tuple[str, ...]]] = [
        (Kind.PERSON, "Dr Ada", ("physician", "care")),
        (Kind.PERSON, "Dr Bo", ("physician", "care")),
        (Kind.PERSON, "Cy", ("care",)),
        (Kind.PERSON, "Di", ("care",)),
        (Kind.ROOM, "Room 1", ("treatment-room",)),
        (Kind.ROOM, "Room 2", ("treatment-room", "basin-room")),
        (Kind.DEVICE, "Dermapen", ("dermapen",)),
        (Kind.DEVICE, "Morpheus 8", ("morpheus8",)),
        (Kind.DEVICE, "LED", ("led",)),
    ]
    resources = Resource.objects.bulk_create(
        Resource(kind=kind, clinic=None if kind == Kind.PERSON else clinic, name=name) for kind, name, _can in rows
    )
    known = make_capabilities({code: kind for kind, _name, can in rows for code in can})
    Resource.capabilities.through.objects.bulk_create(
        Resource.capabilities.through(resource=resource, capability=known[code])
        for resource, (_kind, _name, can) in zip(resources, rows, strict=True)
        for code in can
    )
    return resources
