"""The admin pages of the catalogue. Managers edit; physicians look, and sign where we depart from our sources."""

from treatments.admin.departures import DepartureAdmin
from treatments.admin.products import ProductAdmin, ZoneAdmin
from treatments.admin.protocols import ProtocolAdmin, ScreeningRuleAdmin, VisitAdmin
from treatments.admin.treatments import FaqAdmin, TreatmentAdmin

__all__ = [
    "DepartureAdmin",
    "FaqAdmin",
    "ProductAdmin",
    "ProtocolAdmin",
    "ScreeningRuleAdmin",
    "TreatmentAdmin",
    "VisitAdmin",
    "ZoneAdmin",
]
