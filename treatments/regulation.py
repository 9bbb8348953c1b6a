"""What may be offered, by whom and on what terms: the rules of a legal profile, each with its source.

The database itself refuses forbidden products (`Product.Meta.constraints`); `protocols.problems` refuses protocols
that break a rule here. The clinic's medical director and counsel confirm every reading: `docs/rules/regulation.md`.

How sure we are: V read in the law or at an official source, S read in a secondary source, C sources disagree or the
text can be read in two ways, G general knowledge, not verified.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from dateutil.relativedelta import relativedelta
from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext_lazy as _

from clinic.models import Role, User
from clinic.models.places import LegalProfile
from treatments.models import Departure, Origin, Product, Route
from treatments.models.claims import claims_authorisation

Confidence = Literal["V", "S", "C", "G"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: `sentence` is shown as it is (lazily translated), `source` is what a lawyer would look up."""

    code: str
    sentence: Any
    source: str
    confidence: Confidence


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one country and kind of practice, as sentences for people and as values for code."""

    code: str
    rules: tuple[Rule, ...]
    origins: frozenset[str]
    routes: frozenset[str]
    needling_by: frozenset[str]  # codes of the capabilities that may needle
    adult_age: int  # years
    quote_from: Decimal  # euros, tax included
    reflection_days: int
    consultation_first: bool
    deposits: bool
    prepaid_courses: bool
    missed_visit_fees: bool

    def rule(self, code: str) -> Rule:
        """The rule of that code; KeyError if the profile has none."""
        for rule in self.rules:
            if rule.code == code:
                return rule
        raise KeyError(code)


FRANCE_MEDICAL = Profile(
    code=LegalProfile.FR_MEDICAL,
    origins=frozenset({Origin.PLANT, Origin.BACTERIAL}),
    routes=frozenset({Route.TOPICAL}),
    needling_by=frozenset({"physician"}),
    adult_age=18,
    quote_from=Decimal(300),
    reflection_days=15,
    consultation_first=True,
    deposits=False,
    prepaid_courses=False,
    missed_visit_fees=False,
    rules=(
        Rule(
            "origin",
            _(
                "Only exosomes of plant or bacterial origin may be used in aesthetic medicine. Those of human or animal origin "
                "are medicines that need a marketing authorisation, and are not used here."
            ),
            "Articles of the catalogue; Regulation (EC) 1223/2009, Annex II (human cells and tissues). "
            "Inserm's page accepts animal origin: the stricter reading is kept",
            "C",
        ),
        Rule(
            "route",
            _("Exosomes are applied to the skin together with microneedling. They are never injected."),
            "Articles of the catalogue; AFME, Les exosomes, une nouveauté en médecine esthétique",
            "S",
        ),
        Rule(
            "intended-use",
            _("The supplier’s written statement that a product may be used after microneedling is kept with the product."),
            "Definition of a cosmetic, Regulation (EC) 1223/2009, art. 2 (superficial parts of the body)",
            "C",
        ),
        Rule(
            "needling",
            _("Microneedling is a medical act: only a physician performs it."),
            "Cass. crim., 31 January 2023, no. 22-83.399",
            "V",
        ),
        Rule(
            "adults",
            _("Online booking is for adults. Minors and their parents call the clinic."),
            "House rule; no single ban was found in the law",
            "C",
        ),
        Rule(
            "consultation",
            _("A new patient first sees a physician, who informs, examines and answers before anything is agreed."),
            "Code de la santé publique, art. L.1111-2, L.1111-4 and R.4127-36",
            "S",
        ),
        Rule(
            "reflection",
            _("At least 15 days pass between the quote, given at the consultation, and the first session."),
            "Arrêté of 17 October 1996; the 15 days of art. D.6322-30 CSP bind cosmetic surgery, for other acts readings differ",
            "C",
        ),
        Rule(
            "quote",
            _("A written quote is given from €300 for the whole course, and below on request."),
            "Arrêté of 17 October 1996, art. 1",
            "V",
        ),
        Rule(
            "no-prepaid-course",
            _("Each session is paid after it took place. No course is sold as a whole."),
            "Code de la santé publique, art. R.4127-53 and R.4127-55",
            "V",
        ),
        Rule(
            "no-deposit",
            _("Nothing is paid in advance: no deposit, and no card is asked for."),
            "Code de la santé publique, art. R.4127-55; reading of the Ordre des médecins",
            "S",
        ),
        Rule(
            "no-missed-visit-fee",
            _("A missed appointment is not charged."),
            "Code de la santé publique, art. R.4127-53 (fees for acts performed)",
            "S",
        ),
        Rule(
            "loyal-information",
            _("Every public page on exosomes says what the evidence shows and does not show."),
            "Code de la santé publique, art. R.4127-13 and R.4127-19-1",
            "S",
        ),
        Rule(
            "no-authorisation-claim",
            _("No text says that an exosome product or treatment is authorised or approved by the ANSM."),
            "No page of the ANSM on exosomes was found; a cosmetic is notified, not authorised: Regulation (EC) 1223/2009, art. 13; "
            "loyal information: Code de la santé publique, art. R.4127-19-1",
            "C",
        ),
    ),
)

SIGNERS = frozenset({Role.PRACTITIONER, Role.MANAGER})

PROFILES = {FRANCE_MEDICAL.code: FRANCE_MEDICAL}


def profile(code: str = LegalProfile.FR_MEDICAL) -> Profile:
    """The legal profile of a clinic (`Clinic.legal_profile`); KeyError if it is unknown."""
    return PROFILES[code]


def check_product(product: Product, rules: Profile = FRANCE_MEDICAL) -> list[Rule]:
    """The rules this product breaks; empty when it may be used."""
    broken = []
    if product.origin not in rules.origins:
        broken.append(rules.rule("origin"))
    if product.route not in rules.routes:
        broken.append(rules.rule("route"))
    return broken


def check_text(text: str, rules: Profile = FRANCE_MEDICAL) -> list[Rule]:
    """The rules that a text for patients breaks; empty when it may be shown."""
    return [rules.rule("no-authorisation-claim")] if claims_authorisation(text) else []


def may_needle(persons: Iterable[str], rules: Profile = FRANCE_MEDICAL) -> bool:
    """Whether the persons a segment needs (codes of capabilities) may needle: at least one, and nobody else.

    Source: Cass. crim., 31 January 2023, no. 22-83.399.
    """
    codes = set(persons)
    return bool(codes) and codes <= rules.needling_by


def quote_required(total: Decimal, rules: Profile = FRANCE_MEDICAL) -> bool:
    """Whether a written quote must be given for a course of this total (euros, tax included).

    Source: arrêté of 17 October 1996, art. 1: from 300 €, counted on the whole course.
    """
    return total >= rules.quote_from


def is_adult(birth_date: date, on: date, rules: Profile = FRANCE_MEDICAL) -> bool:
    """Whether somebody born that day is of age on the given day (clinic-local dates)."""
    return adult_from(birth_date, rules) <= on


def adult_from(birth_date: date, rules: Profile = FRANCE_MEDICAL) -> date:
    """The day somebody comes of age. Born on 29 February: 1 March of a common year, when the last year has fully passed."""
    day = birth_date + relativedelta(years=rules.adult_age)
    return day if day.day == birth_date.day else day + relativedelta(days=1)


def sign(departure: Departure, *, by: User, now: datetime) -> None:
    """Agree to a departure from the sources. The first signature stays; other words than signed need another.

    Raises PermissionDenied unless a physician or the manager signs.
    """
    if by.role not in SIGNERS:
        raise PermissionDenied
    Departure.objects.filter(pk=departure.pk, signed_by=None).update(signed_by=by, signed_at=now)
    departure.refresh_from_db()
