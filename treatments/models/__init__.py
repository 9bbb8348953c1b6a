from treatments.models.products import Origin, Product, Route
from treatments.models.protocols import (
    Anchor,
    Phase,
    Protocol,
    ProtocolZone,
    Segment,
    Status,
    Unit,
    Visit,
)
from treatments.models.screening import Outcome, ScreeningRule, Stage
from treatments.models.treatments import (
    Category,
    Departure,
    Faq,
    Indication,
    Step,
    Treatment,
    Zone,
)

__all__ = [
    "Anchor",
    "Category",
    "Departure",
    "Faq",
    "Indication",
    "Origin",
    "Outcome",
    "Phase",
    "Product",
    "Protocol",
    "ProtocolZone",
    "Route",
    "ScreeningRule",
    "Segment",
    "Stage",
    "Status",
    "Step",
    "Treatment",
    "Unit",
    "Visit",
    "Zone",
]
