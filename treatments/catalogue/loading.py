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


@transaction.atomic
def load() -> Loaded:
    """Store what is missing of the catalogue. Its protocols are drafts: the clinic sets its prices, then publishes."""
    loaded = Loaded()
    _load_house()
    for position, entry in enumerate(TREATMENTS, start=1):
        if not Treatment.objects.filter(slug=entry.slug).exists():
            treatment = _load_treatment(entry, position)
            loaded.treatments.append(treatment)
            loaded.drafts += [_load_protocol(treatment, protocol) for protocol in entry.protocols]
    _load_departures()
    if not Faq.objects.filter(treatment=None).exists():
        _load_faqs(None, GENERAL_QUESTIONS)
    return loaded


def _in_languages(texts: Mapping[str, Text]) -> dict[str, str]:
    """The translated fields of a row, such as name_fr and name_en."""
    return {f"{name}_{code}": words for name, text in texts.items() for code, words in text.typeset().items()}


def _load_house() -> None:
    for capability in CAPABILITIES:
        names = _in_languages({"name": capability.name})
        Capability.objects.get_or_create(code=capability.code, defaults={"kind": capability.kind, **names})
    for position, zone in enumerate(ZONES, start=1):
        Zone.objects.get_or_create(code=zone.code, defaults={"position": position, **_in_languages({"name": zone.name})})


def _load_treatment(entry: TreatmentEntry, position: int) -> Treatment:
    treatment = Treatment.objects.create(
        slug=entry.slug,
        category=entry.category,
        uses_exosomes=entry.uses_exosomes,
        position=position,
        is_published=True,
        **_in_languages(entry.texts),
    )
    for place, goal in enumerate(entry.indications, start=1):
        Indication.objects.create(
            treatment=treatment, position=place, is_public=goal.is_public, **_in_languages({"text": goal.text})
        )
    for place, step in enumerate(entry.steps, start=1):
        texts = _in_languages({"title": step.title, "text": step.text})
        Step.objects.create(treatment=treatment, position=place, drawing=step.drawing, **texts)
    _load_faqs(treatment, entry.faqs)
    return treatment


def _load_faqs(treatment: Treatment | None, faqs: Iterable[FaqEntry]) -> None:
    for place, faq in enumerate(faqs, start=1):
        texts = _in_languages({"question": faq.question, "answer": faq.answer})
        Faq.objects.create(treatment=treatment, position=place, **texts)


def _load_protocol(treatment: Treatment, entry: ProtocolEntry) -> Protocol:
    protocol = Protocol.objects.create(
        treatment=treatment,
        code=entry.code,
        bookable_online=entry.bookable_online,
        max_zones=entry.max_zones,
        lead_capability=Capability.objects.get(code=entry.lead),
        **_in_languages({"name": entry.name, "consent": entry.consent}),
    )
    zones = _by_code(Zone.objects.all())
    for listed in entry.zones:
        ProtocolZone.objects.create(protocol=protocol, zone=zones[listed.zone], minutes=listed.minutes, price=listed.price)
    visits = {visit.code: _load_visit(protocol, visit) for visit in entry.visits}
    load_phases(protocol, entry.phases, visits)
    for position, question in enumerate(entry.questions, start=1):
        _load_question(protocol, question, position, zones)
    return protocol


def _load_visit(protocol: Protocol, entry: VisitEntry) -> Visit:
    visit = Visit.objects.create(
        protocol=protocol,
        code=entry.code,
        base_price=entry.base_price,
        charges_zones=entry.charges_zones,
        needs_clearance=entry.needs_clearance,
        is_consultation=entry.is_consultation,
        **_in_languages({"name": entry.name}),
    )
    capabilities = _by_code(Capability.objects.all())
    for position, stretch in enumerate(entry.segments, start=1):
        segment = Segment.objects.create(
            visit=visit,
            position=position,
            code=stretch.code,
            minutes=stretch.minutes,
            grows_with_zones=stretch.grows_with_zones,
            patient_present=stretch.patient_present,
            needling=stretch.needling,
            **_in_languages({"name": stretch.name}),
        )
        segment.needs.add(*(capabilities[code] for code in stretch.needs))
    return visit


def load_phases(protocol: Protocol, entries: Iterable[PhaseEntry], visits: Mapping[str, Visit]) -> None:
    phases: dict[int, Phase] = {}
    for position, entry in enumerate(entries, start=1):
        hard_min, preferred_before, preferred_after, soft_max, hard_max = entry.window
        phases[position] = Phase.objects.create(
            protocol=protocol,
            position=position,
            visit=visits[entry.visit],
            sessions=entry.sessions,
            optional_last=entry.optional_last,
            recommended=entry.recommended,
            anchor=entry.anchor,
            anchor_phase=phases[entry.end_of] if entry.end_of else None,
            offset=entry.offset,
            unit=entry.unit,
            hard_min=hard_min,
            preferred_before=preferred_before,
            preferred_after=preferred_after,
            soft_max=soft_max,
            hard_max=hard_max,
            **_in_languages({"name": entry.name}),
        )


def _load_question(protocol: Protocol, entry: QuestionEntry, position: int, zones: Mapping[str, Any]) -> None:
    rule = ScreeningRule.objects.create(
        protocol=protocol,
        code=entry.code,
        position=position,
        stage=entry.stage,
        outcome=entry.outcome,
        also_review=entry.also_review,
        delay_days=entry.delay_days,
        segment_code=entry.segment_code,
        device=Capability.objects.get(code=entry.device) if entry.device else None,
        source=entry.source,
        **_in_languages(
            {"question": entry.question, "help": entry.help, "date_question": entry.date_question, "message": entry.message}
        ),
    )
    rule.zones.add(*(zones[code] for code in entry.zones))


def _load_departures() -> None:
    treatments = {treatment.slug: treatment for treatment in Treatment.objects.all()}
    for entry in DEPARTURES:
        texts = {"subject": entry.subject, "source_says": entry.source_says, "we_do": entry.we_do, "reason": entry.reason}
        treatment = treatments[entry.treatment] if entry.treatment else None
        Departure.objects.get_or_create(code=entry.code, defaults={"treatment": treatment, **_in_languages(texts)})


def _by_code(rows: Iterable[Any]) -> dict[str, Any]:
    return {row.code: row for row in rows}
