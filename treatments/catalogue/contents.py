"""The whole catalogue, in the order patients see it."""

from treatments.catalogue.alternatives import ALTERNATIVES
from treatments.catalogue.consultation import CONSULTATION
from treatments.catalogue.departures import DEPARTURES
from treatments.catalogue.hair import HAIR
from treatments.catalogue.shared import GENERAL_QUESTIONS
from treatments.catalogue.skin import SKIN

TREATMENTS = (SKIN, HAIR, CONSULTATION, *ALTERNATIVES)

__all__ = ["DEPARTURES", "GENERAL_QUESTIONS", "TREATMENTS"]
