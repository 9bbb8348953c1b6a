"""Is everything said that a patient must be able to read, in both languages?"""

from collections.abc import Iterator
from typing import cast

from django.conf import settings
from django.db.models import Field, Model
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from modeltranslation.translator import translator
from modeltranslation.utils import build_localized_fieldname

from treatments.models import Outcome, Protocol
from treatments.models.claims import SENTENCE, claiming_fields
from treatments.protocols.problem import Problem

SAID_TO_THE_PATIENT = (Outcome.BLOCK, Outcome.DATE)


def questions_are_complete(protocol: Protocol) -> Iterator[Problem]:
    codes = {segment.code for visit in protocol.visits.all() for segment in visit.segments.all()}
    for rule in protocol.screening_rules.all():
        if rule.outcome in SAID_TO_THE_PATIENT and not rule.message:
            sentence = _("Say what the patient reads after a “yes” to “%(question)s”.")
            yield Problem("no_message", sentence % {"question": rule.question}, rule, "message")
        if rule.segment_code and rule.segment_code not in codes:
            sentence = _("“%(question)s” concerns the segment “%(segment)s”, which no visit has.")
            yield Problem(
                "unknown_segment", sentence % {"question": rule.question, "segment": rule.segment_code}, rule, "segment_code"
            )


def both_languages_are_there(protocol: Protocol) -> Iterator[Problem]:
    for part in _parts(protocol):
        for field in translator.get_options_for_model(type(part)).all_fields:
            yield from _field_is_translated(part, field)


def _parts(protocol: Protocol) -> Iterator[Model]:
    yield protocol.treatment
    yield protocol
    for visit in protocol.visits.all():
        yield visit
        yield from visit.segments.all()
    yield from protocol.phases.all()
    yield from (listed.zone for listed in protocol.zones.all())
    yield from protocol.screening_rules.all()


def _field_is_translated(part: Model, name: str) -> Iterator[Problem]:
    """An optional text may be empty in both languages, never in one of them."""
    field = cast("Field[str, str]", part._meta.get_field(name))  # noqa: SLF001 (Django's own name for it)
    texts = {code: getattr(part, build_localized_fieldname(name, code)) for code, _language in settings.LANGUAGES}
    if not any(texts.values()) and field.blank:
        return
    for code, language in settings.LANGUAGES:
        if not texts[code]:
            sentence = _("“%(field)s” of “%(part)s” is missing in %(language)s.")
            details = {"field": field.verbose_name, "part": part, "language": language}
            yield Problem("not_translated", sentence % details, part, build_localized_fieldname(name, code))


def evidence_and_consent_are_there(protocol: Protocol) -> Iterator[Problem]:
    """Rule “loyal-information” of the regulation: no exosome treatment without what the evidence shows and does not."""
    treatment = protocol.treatment
    if treatment.uses_exosomes and not treatment.evidence:
        yield Problem("no_evidence", _("Say what the evidence shows, and what it does not."), treatment, "evidence")
    if not protocol.consent:
        yield Problem("no_consent", _("The information and consent text is missing."), protocol, "consent")


def no_authorisation_is_claimed(protocol: Protocol) -> Iterator[Problem]:
    """Rule “no-authorisation-claim” of the regulation, for whatever of the protocol a patient may read."""
    for part in _parts(protocol):
        for field in claiming_fields(part):
            yield Problem("authorisation_claim", str(SENTENCE) % {"field": capfirst(field.verbose_name)}, part, field.name)


def one_protocol_is_booked_online(protocol: Protocol) -> Iterator[Problem]:
    if not protocol.bookable_online:
        return
    others = Protocol.objects.published().filter(treatment=protocol.treatment, bookable_online=True).exclude(code=protocol.code)
    for other in others:
        sentence = _("Patients already book “%(other)s” online; one treatment has one protocol online.")
        yield Problem("already_online", sentence % {"other": other.name}, protocol, "bookable_online")
