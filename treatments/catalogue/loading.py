"""From the catalogue's data to rows. What exists already, by its code or slug, is never touched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from clinic.models import Capability
from treatments.catalogue.contents import DEPARTURES, GENERAL_QUESTIONS, TREATMENTS
from treatments.catalogue.entries import FaqEntry, PhaseEntry, ProtocolEntry, QuestionEntry, TreatmentEntry, VisitEntry
from treatments.catalogue.house import CAPABILITIES, ZONES
from treatments.catalogue.words import Text
from treatments.models import (
    Departure,
    Faq,
    Indication,
    Phase,
    Protocol,
    ProtocolZone,
    ScreeningRule,
    Segment,
    Step,
    Treatment,
    Visit,
    Zone,
)


@dataclass(slots=True)
class Loaded:
    """What `load` added: treatments, and the drafts of their protocols, ready to be published."""

    treatments: list[Treatment] = field(default_factory=list)
    drafts: list[Protocol] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _House:
    """What protocols refer to, by code."""

    capabilities: Mapping[str, Capability]
    zones: Mapping[str, Zone]


@transaction.atomic
def load() -> Loaded:
    """Store what is missing of the catalogue. Its protocols are drafts: the clinic sets its prices, then publishes."""
    loaded = Loaded()
    house = _load_house()
    for position, entry in enumerate(TREATMENTS, start=1):
        if not Treatment.objects.filter(slug=entry.slug).exists():
            treatment = _load_treatment(entry, position)
            loaded.treatments.append(treatment)
            loaded.drafts += [_load_protocol(treatment, protocol, house) for protocol in entry.protocols]
    _load_departures()
    if not Faq.objects.filter(treatment=None).exists():
        _load_faqs(None, GENERAL_QUESTIONS)
    return loaded


def _in_languages(texts: Mapping[str, Text]) -> dict[str, str]:
    """The translated fields of a row, such as name_fr and name_en."""
    return {f"{name}_{code}": words for name, text in texts.items() for code, words in text.typeset().items()}


def _load_house() -> _House:
    Capability.objects.bulk_create(
        Capability(code=entry.code, kind=entry.kind, **_in_languages({"name": entry.name}))
        for entry in _missing(CAPABILITIES, Capability.objects.all())
    )
    places = {entry.code: place for place, entry in enumerate(ZONES, start=1)}
    Zone.objects.bulk_create(
        Zone(code=entry.code, position=places[entry.code], **_in_languages({"name": entry.name}))
        for entry in _missing(ZONES, Zone.objects.all())
    )
    return _House(_by_code(Capability.objects.all()), _by_code(Zone.objects.all()))


def _load_treatment(entry: TreatmentEntry, position: int) -> Treatment:
    treatment = Treatment.objects.create(
        slug=entry.slug,
        category=entry.category,
        uses_exosomes=entry.uses_exosomes,
        position=position,
        is_published=True,
        **_in_languages(entry.texts),
    )
    Indication.objects.bulk_create(
        Indication(treatment=treatment, position=place, is_public=goal.is_public, **_in_languages({"text": goal.text}))
        for place, goal in enumerate(entry.indications, start=1)
    )
    Step.objects.bulk_create(
        Step(
            treatment=treatment,
            position=place,
            drawing=step.drawing,
            **_in_languages({"title": step.title, "text": step.text}),
        )
        for place, step in enumerate(entry.steps, start=1)
    )
    _load_faqs(treatment, entry.faqs)
    return treatment


def _load_faqs(treatment: Treatment | None, faqs: Iterable[FaqEntry]) -> None:
    Faq.objects.bulk_create(
        Faq(treatment=treatment, position=place, **_in_languages({"question": faq.question, "answer": faq.answer}))
        for place, faq in enumerate(faqs, start=1)
    )


def _load_protocol(treatment: Treatment, entry: ProtocolEntry, house: _House) -> Protocol:
    protocol = Protocol.objects.create(
        treatment=treatment,
        code=entry.code,
        bookable_online=entry.bookable_online,
        max_zones=entry.max_zones,
        lead_capability=house.capabilities[entry.lead],
        **_in_languages({"name": entry.name, "consent": entry.consent}),
    )
    ProtocolZone.objects.bulk_create(
        ProtocolZone(protocol=protocol, zone=house.zones[listed.zone], minutes=listed.minutes, price=listed.price)
        for listed in entry.zones
    )
    load_phases(protocol, entry.phases, _load_visits(protocol, entry.visits, house))
    _load_questions(protocol, entry.questions, house)
    return protocol


def _load_visits(protocol: Protocol, entries: Iterable[VisitEntry], house: _House) -> dict[str, Visit]:
    visits = Visit.objects.bulk_create(
        Visit(
            protocol=protocol,
            code=entry.code,
            base_price=entry.base_price,
            charges_zones=entry.charges_zones,
            needs_clearance=entry.needs_clearance,
            is_consultation=entry.is_consultation,
            **_in_languages({"name": entry.name}),
        )
        for entry in entries
    )
    by_code = _by_code(visits)
    stretches = [(by_code[entry.code], place, item) for entry in entries for place, item in enumerate(entry.segments, start=1)]
    segments = Segment.objects.bulk_create(
        Segment(
            visit=visit,
            position=place,
            code=item.code,
            minutes=item.minutes,
            grows_with_zones=item.grows_with_zones,
            patient_present=item.patient_present,
            needling=item.needling,
            **_in_languages({"name": item.name}),
        )
        for visit, place, item in stretches
    )
    Segment.needs.through.objects.bulk_create(
        Segment.needs.through(segment=segment, capability=house.capabilities[code])
        for segment, (_visit, _place, item) in zip(segments, stretches, strict=True)
        for code in item.needs
    )
    return by_code


def load_phases(protocol: Protocol, entries: Iterable[PhaseEntry], visits: Mapping[str, Visit]) -> None:
    phases: list[Phase] = []
    stored = 0
    for position, entry in enumerate(entries, start=1):
        hard_min, preferred_before, preferred_after, soft_max, hard_max = entry.window
        if entry.end_of and entry.end_of > stored:  # its key is needed
            Phase.objects.bulk_create(phases[stored:])
            stored = len(phases)
        phases.append(
            Phase(
                protocol=protocol,
                position=position,
                visit=visits[entry.visit],
                sessions=entry.sessions,
                optional_last=entry.optional_last,
                recommended=entry.recommended,
                anchor=entry.anchor,
                anchor_phase=phases[entry.end_of - 1] if entry.end_of else None,
                offset=entry.offset,
                unit=entry.unit,
                hard_min=hard_min,
                preferred_before=preferred_before,
                preferred_after=preferred_after,
                soft_max=soft_max,
                hard_max=hard_max,
                **_in_languages({"name": entry.name}),
            )
        )
    Phase.objects.bulk_create(phases[stored:])


def _load_questions(protocol: Protocol, entries: Iterable[QuestionEntry], house: _House) -> None:
    rules = ScreeningRule.objects.bulk_create(
        ScreeningRule(
            protocol=protocol,
            code=entry.code,
            position=position,
            stage=entry.stage,
            outcome=entry.outcome,
            also_review=entry.also_review,
            delay_days=entry.delay_days,
            segment_code=entry.segment_code,
            device=house.capabilities[entry.device] if entry.device else None,
            source=entry.source,
            **_in_languages(
                {"question": entry.question, "help": entry.help, "date_question": entry.date_question, "message": entry.message}
            ),
        )
        for position, entry in enumerate(entries, start=1)
    )
    ScreeningRule.zones.through.objects.bulk_create(
        ScreeningRule.zones.through(screeningrule=rule, zone=house.zones[code])
        for rule, entry in zip(rules, entries, strict=True)
        for code in entry.zones
    )


def _load_departures() -> None:
    treatments = {treatment.slug: treatment for treatment in Treatment.objects.all()}
    Departure.objects.bulk_create(
        Departure(
            code=entry.code,
            treatment=treatments[entry.treatment] if entry.treatment else None,
            **_in_languages(
                {"subject": entry.subject, "source_says": entry.source_says, "we_do": entry.we_do, "reason": entry.reason}
            ),
        )
        for entry in _missing(DEPARTURES, Departure.objects.all())
    )


def _missing(entries: Iterable[Any], rows: Iterable[Any]) -> list[Any]:
    """The entries that have no row of their code yet."""
    known = _by_code(rows)
    return [entry for entry in entries if entry.code not in known]


def _by_code(rows: Iterable[Any]) -> dict[str, Any]:
    return {row.code: row for row in rows}
