"""The shapes of the catalogue's data; field names are those of the models."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from clinic.models import Kind
from treatments.catalogue.words import NOTHING, Text
from treatments.models import Anchor, Category, Outcome, Stage, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityEntry:
    code: str
    name: Text
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneEntry:
    code: str
    name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEntry:
    code: str
    name: Text
    minutes: int
    needs: tuple[str, ...]  # codes of capabilities
    grows_with_zones: bool = False
    patient_present: bool = True
    needling: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitEntry:
    code: str
    name: Text
    segments: tuple[SegmentEntry, ...]
    base_price: Decimal = Decimal(0)
    charges_zones: bool = True
    needs_clearance: bool = True
    is_consultation: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseEntry:
    """`window`: five signed days, as in Phase; `end_of`: position of the phase from whose end the target is counted."""

    name: Text
    visit: str
    sessions: int = 1
    optional_last: bool = False
    recommended: bool = False
    anchor: Anchor = Anchor.PREVIOUS
    end_of: int | None = None
    offset: int = 0
    unit: Unit = Unit.DAYS
    window: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceEntry:
    zone: str
    minutes: int
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionEntry:
    """A screening rule. `source` says how we know."""

    code: str
    stage: Stage
    question: Text
    outcome: Outcome
    help: Text = NOTHING
    message: Text = NOTHING
    date_question: Text = NOTHING
    also_review: bool = False
    delay_days: int = 0
    zones: tuple[str, ...] = ()
    segment_code: str = ""
    device: str | None = None
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolEntry:
    code: str
    name: Text
    consent: Text
    visits: tuple[VisitEntry, ...]
    phases: tuple[PhaseEntry, ...]
    zones: tuple[PriceEntry, ...] = ()
    questions: tuple[QuestionEntry, ...] = ()
    bookable_online: bool = False
    max_zones: int = 1
    lead: str = "physician"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicationEntry:
    text: Text
    is_public: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class StepEntry:
    drawing: str
    title: Text
    text: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqEntry:
    question: Text
    answer: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class DepartureEntry:
    code: str
    subject: Text
    source_says: Text
    we_do: Text
    reason: Text
    treatment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentEntry:
    """`texts`: by field of Treatment."""

    slug: str
    category: Category
    texts: Mapping[str, Text]
    uses_exosomes: bool = False
    indications: tuple[IndicationEntry, ...] = ()
    steps: tuple[StepEntry, ...] = ()
    faqs: tuple[FaqEntry, ...] = ()
    protocols: tuple[ProtocolEntry, ...] = field(default=())
