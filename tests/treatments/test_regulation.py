"""What may be offered, by whom and on what terms."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from treatments import regulation
from treatments.models import Faq, Indication, Origin, Product, Route, Step, Treatment
from treatments.regulation import FRANCE_MEDICAL

ORIGIN, ROUTE = "only_plant_or_bacterial_exosomes_in_aesthetic_medicine", "exosomes_are_applied_never_injected"
FORBIDDEN = [
    ({"origin": Origin.HUMAN}, ORIGIN, "origin"),
    ({"origin": Origin.ANIMAL}, ORIGIN, "origin"),
    ({"route": Route.INJECTED}, ROUTE, "route"),
]


def product(**fields: object) -> Product:
    return Product(
        **{
            "name": "Rose 5",
            "supplier": "Example Labs",
            "reference": "0000000",
            "origin": Origin.PLANT,
            "source_species": "Damask rose",
            "route": Route.TOPICAL,
            **fields,
        }
    )


def by_saving(fields: dict[str, object]) -> None:
    product(**fields).save()


def by_bulk_create(fields: dict[str, object]) -> None:
    Product.objects.bulk_create([product(**fields)])


def by_update(fields: dict[str, object]) -> None:
    product().save()
    Product.objects.update(**fields)


def by_sql(fields: dict[str, object]) -> None:
    product().save()
    [(column, value)] = fields.items()
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE treatments_product SET {column} = %s", [value])


@pytest.mark.parametrize("store", [by_saving, by_bulk_create, by_update, by_sql])
@pytest.mark.parametrize(("fields", "constraint", "rule"), FORBIDDEN)
def test_a_forbidden_product_is_stored_on_no_path(
    db: None, store: Callable[[dict[str, object]], None], fields: dict[str, object], constraint: str, rule: str
) -> None:
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        store(fields)

    assert error.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


@pytest.mark.parametrize(("fields", "constraint", "rule"), FORBIDDEN)
def test_the_form_names_the_rule(db: None, fields: dict[str, object], constraint: str, rule: str) -> None:
    with pytest.raises(ValidationError) as error:
        product(**fields).full_clean()

    assert f"(rule “{rule}”)" in str(error.value)
    assert [broken.code for broken in regulation.check_product(product(**fields))] == [rule]


@pytest.mark.parametrize("origin", [Origin.PLANT, Origin.BACTERIAL])
def test_what_may_be_used_is_stored(db: None, origin: str) -> None:
    fine = product(origin=origin)
    fine.full_clean()
    fine.save()

    assert regulation.check_product(fine) == []


def test_both_rules_are_named_when_both_are_broken() -> None:
    assert [rule.code for rule in regulation.check_product(product(origin=Origin.HUMAN, route=Route.INJECTED))] == [
        "origin",
        "route",
    ]


@pytest.mark.parametrize(
    ("persons", "allowed"),
    [({"physician"}, True), ({"care"}, False), ({"physician", "care"}, False), (set(), False)],
)
def test_only_physicians_needle(persons: set[str], allowed: bool) -> None:
    assert regulation.may_needle(persons) is allowed


@pytest.mark.parametrize(("total", "required"), [("299.99", False), ("300", True), ("1310", True)])
def test_a_quote_is_due_from_300_euros(total: str, required: bool) -> None:
    assert regulation.quote_required(Decimal(total)) is required


@pytest.mark.parametrize(
    ("born", "adult"), [(date(2008, 3, 2), True), (date(2008, 3, 3), False), (date(2008, 2, 29), True), (date(1950, 1, 1), True)]
)
def test_eighteen_on_the_day(born: date, adult: bool) -> None:
    assert regulation.is_adult(born, date(2026, 3, 2)) is adult


def test_the_french_profile_takes_no_money_in_advance() -> None:
    assert not (FRANCE_MEDICAL.deposits or FRANCE_MEDICAL.prepaid_courses or FRANCE_MEDICAL.missed_visit_fees)
    assert (FRANCE_MEDICAL.reflection_days, FRANCE_MEDICAL.consultation_first, FRANCE_MEDICAL.adult_age) == (15, True, 18)


def test_every_rule_has_a_sentence_a_source_and_a_confidence() -> None:
    assert len({rule.code for rule in FRANCE_MEDICAL.rules}) == len(FRANCE_MEDICAL.rules)
    for rule in FRANCE_MEDICAL.rules:
        assert str(rule.sentence).endswith(".")
        assert rule.source
        assert rule.confidence in {"V", "S", "C", "G"}


def test_the_clinics_profile_is_found() -> None:
    assert regulation.profile() is regulation.profile("fr_medical") is FRANCE_MEDICAL
    with pytest.raises(KeyError):
        FRANCE_MEDICAL.rule("no such rule")


CLAIMS = [
    "Des exosomes autorisés par l'ANSM",
    "DES EXOSOMES AUTORISÉS PAR L’ANSM",
    "une lotion autorisee  par l’ansm",
    "Des cures approuvées, en France, par l'ANSM.",
    "Produit agréé par l’A.N.S.M.",
    "Un produit homologué par l’Agence nationale de sécurité du médicament",
    "L’ANSM autorise nos exosomes",
    "L'ANSM a déjà approuvé ce soin.",
    "Exosomes authorised by ANSM",
    "Authorized by the ANSM",
    "APPROVED IN FRANCE BY THE ANSM",
    "An ANSM-approved treatment",
    "The ANSM has approved it",
    "licensed by the French agency ANSM",
]
NO_CLAIMS = [
    "",
    "Aucun exosome n’est un médicament ; signalez tout effet à l’ANSM.",
    "Ces produits ne sont pas autorisés par l’ANSM.",
    "They have not been approved by the ANSM.",
    "Les exosomes d’origine humaine sont des médicaments qui exigent une autorisation de mise sur le marché.",
    "Un soin autorisé. L’ANSM ne dit rien des exosomes.",
    "The transmission of signals is approved of; transmANSMission is no word.",
]


@pytest.mark.parametrize("text", CLAIMS)
def test_no_text_claims_an_authorisation_by_the_agency(text: str) -> None:
    assert [rule.code for rule in regulation.check_text(text)] == ["no-authorisation-claim"]


@pytest.mark.parametrize("text", NO_CLAIMS)
def test_what_claims_nothing_may_be_said(text: str) -> None:
    assert regulation.check_text(text) == []


@pytest.mark.parametrize("model", [Treatment, Indication, Step, Faq])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_public_text_that_claims_it_is_refused_and_the_rule_named(model: type[models.Model], language: str) -> None:
    field = {Treatment: "tagline", Indication: "text", Step: "text", Faq: "answer"}[model]

    with pytest.raises(ValidationError) as error:
        model(**{f"{field}_{language}": CLAIMS[0]}).clean()

    [message] = error.value.messages
    assert "(rule “no-authorisation-claim”)" in message
