"""What the clinic begins with, as data: two exosome treatments, the consultation, three other approaches.

Facts come from two French articles on exosomes and from published practice; the words are ours, in French and English.
Where we differ from the articles, `departures` says so, and each difference waits for the medical director's signature.
Prices are examples. Sources and reasons: `docs/rules/catalogue.md`, `docs/rules/screening.md`.
"""

from treatments.catalogue.contents import DEPARTURES, GENERAL_QUESTIONS, TREATMENTS
from treatments.catalogue.house import CAPABILITIES, ZONES
from treatments.catalogue.loading import Loaded, load

__all__ = ["CAPABILITIES", "DEPARTURES", "GENERAL_QUESTIONS", "TREATMENTS", "ZONES", "Loaded", "load"]
