"""The medical questions: which are asked, what the answers mean, and how they are kept.

A protocol lists its questions as data; "yes" is always the answer that matters. A short safety list is asked before
any date is shown, the rest at the end. A "yes" means one of four things: no online booking (block), a physician
decides (review), not before a date (date), or a note for the physician. "I am not sure" is a review, whatever the
question: nobody is turned away, or let through, on a doubt.

Nothing is stored while a patient books: the answers travel from step to step in an encrypted token that expires.
They are stored once, when the course is confirmed, encrypted; each reading by clinical staff leaves a line. They
appear in no journal, log, message or address in clear. The first of the keys in the settings encrypts, all decrypt.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction

from bookings.models import AnswersReading, Course, ScreeningAnswers
from clinic.models import Role, User
from treatments.models import Outcome, Product, Protocol, ProtocolZone, ScreeningRule, Stage

UNSURE = "unsure"

# "Yes" is a key: with the day it refers to where the patient gave one, else with None, or with UNSURE. "No" is no key.
Answer = date | str | None
Answers = Mapping[str, Answer]

READERS = frozenset({Role.PRACTITIONER})


@dataclass(frozen=True, slots=True)
class Decision:
    """What a set of answers means; `earliest` is the first clinic-local day a session may take place, if not today."""

    blocked: tuple[ScreeningRule, ...] = ()
    to_review: tuple[ScreeningRule, ...] = ()
    waits: tuple[tuple[ScreeningRule, date], ...] = ()
    notes: tuple[ScreeningRule, ...] = ()

    @property
    def review(self) -> bool:
        return bool(self.to_review)

    @property
    def earliest(self) -> date | None:
        return max((day for _, day in self.waits), default=None)


def questions(protocol: Protocol, zones: Iterable[ProtocolZone], stage: Stage | str | None = None) -> list[ScreeningRule]:
    """What to ask for these zones, at one stage or (None) in all: rules for another zone, device, product or segment are left out.

    Give a protocol `with_parts()`: then this is one query.
    """
    segments = [segment for visit in protocol.visits.all() for segment in visit.segments.all()]
    scope = _Scope(
        zones={zone.zone_id for zone in zones},
        devices={need.pk for segment in segments for need in segment.needs.all()},
        products=set(Product.objects.filter(active=True, treatments=protocol.treatment_id).values_list("pk", flat=True)),
        segments={segment.code for segment in segments},
    )
    return [rule for rule in protocol.screening_rules.all() if stage in (None, rule.stage) and scope.covers(rule)]


@dataclass(frozen=True, slots=True)
class _Scope:
    """What a course touches: keys of zones, devices and products, codes of segments."""

    zones: set[int]
    devices: set[int]
    products: set[int]
    segments: set[str]

    def covers(self, rule: ScreeningRule) -> bool:
        only = {zone.pk for zone in rule.zones.all()}
        return (
            (not only or bool(only & self.zones))
            and (rule.device_id is None or rule.device_id in self.devices)
            and (rule.product_id is None or rule.product_id in self.products)
            and (not rule.segment_code or rule.segment_code in self.segments)
        )


def assess(rules: Iterable[ScreeningRule], answers: Answers, today: date) -> Decision:
    """Judge the answers to these rules on the clinic-local day `today`; answers to other questions are left aside.

    The days to wait count from the day the patient gave, else from today; a day that has passed asks for nothing more.
    """
    blocked, to_review, waits, notes = [], [], [], []
    for rule in rules:
        if rule.code not in answers:
            continue
        answer = answers[rule.code]
        if answer == UNSURE:
            to_review.append(rule)
            continue
        if rule.outcome == Outcome.BLOCK:
            blocked.append(rule)
        elif rule.outcome == Outcome.NOTE:
            notes.append(rule)
        elif rule.outcome == Outcome.DATE and (day := earliest_day(rule, answer, today)) > today:
            waits.append((rule, day))
        if rule.outcome == Outcome.REVIEW or rule.also_review:
            to_review.append(rule)
    return Decision(tuple(blocked), tuple(to_review), tuple(waits), tuple(notes))


def earliest_day(rule: ScreeningRule, answer: Answer, today: date) -> date:
    """The first day allowed by a "not before a date" rule."""
    return (answer if isinstance(answer, date) else today) + timedelta(days=rule.delay_days)


# Sealing -------------------------------------------------------------------------------------------------------------


def _box() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in settings.ANSWERS_KEYS])


def seal(data: Mapping[str, Any]) -> str:
    """Encrypt JSON-ready data into a token that is safe in an address."""
    return _box().encrypt(json.dumps(data, separators=(",", ":")).encode()).decode("ascii")


def unseal(token: str, max_age_s: int | None) -> dict[str, Any]:
    """The data of a token at most `max_age_s` seconds old (None: of any age). ValueError when it is not ours, damaged or too old."""
    try:
        data: dict[str, Any] = json.loads(_box().decrypt(token.encode(), ttl=max_age_s))
    except InvalidToken as error:
        raise ValueError("a token that we did not seal, or too long ago") from error
    return data


def pack(answers: Answers) -> dict[str, str | None]:
    """The answers as JSON can hold them; days become ISO dates."""
    return {code: answer.isoformat() if isinstance(answer, date) else answer for code, answer in answers.items()}


def unpack(packed: Mapping[str, str | None]) -> dict[str, Answer]:
    """The reverse of `pack`. ValueError when an answer is neither a day, nor UNSURE, nor None."""
    return {code: answer if answer is None or answer == UNSURE else date.fromisoformat(answer) for code, answer in packed.items()}


# Keeping -------------------------------------------------------------------------------------------------------------


def store(course: Course, answers: Answers, now: datetime) -> ScreeningAnswers:
    """Keep the answers given for this course, encrypted; earlier answers stay beside them."""
    sealed = seal(pack(answers)).encode("ascii")
    return ScreeningAnswers.objects.create(course=course, protocol=course.protocol, given_at=now, sealed=sealed)


@transaction.atomic
def read(row: ScreeningAnswers, reader: User, now: datetime) -> dict[str, Answer]:
    """Open stored answers for a physician; the reading is logged first. PermissionDenied for others."""
    if reader.role not in READERS:
        raise PermissionDenied("only clinical staff read medical answers")
    AnswersReading.objects.create(answers=row, reader=reader, at=now)
    return unpack(unseal(bytes(row.sealed).decode("ascii"), max_age_s=None))


def rotate(row: ScreeningAnswers) -> None:
    """Encrypt stored answers anew with the first key, so that older keys can be retired; nobody reads them."""
    row.sealed = _box().rotate(bytes(row.sealed))
    row.save(update_fields=["sealed"])
