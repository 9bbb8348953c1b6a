"""The catalogue the clinic begins with: complete, in both languages, in words that may be used."""

import re
from collections.abc import Iterator
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import models
from modeltranslation.translator import translator
from modeltranslation.utils import build_localized_fieldname

from clinic.models import Capability
from tests.factories.treatments import furnish
from treatments import catalogue, protocols
from treatments.catalogue.words import NO_BREAK, Text
from treatments.models import Departure, Indication, Outcome, Protocol, ScreeningRule, Stage, Status, Step, Treatment, Zone

MODELS = [model for model in translator.get_registered_models() if model._meta.app_label == "treatments"]
MAY_BE_EMPTY = {("screeningrule", "help"), ("screeningrule", "date_question")}


@pytest.fixture
def loaded(db: None) -> catalogue.Loaded:
    return catalogue.load()


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("load_catalogue", *arguments, stdout=out)
    return out.getvalue()


def texts() -> Iterator[tuple[str, str, str]]:
    """(where, language, text) of every translated text of the catalogue that is filled in."""
    for model in MODELS:
        for row in model._default_manager.all():
            for field in translator.get_options_for_model(model).all_fields:
                for language in ("fr", "en"):
                    text = getattr(row, build_localized_fieldname(field, language))
                    if text:
                        yield f"{model._meta.model_name} {row.pk} {field}", language, text


def test_a_second_loading_changes_nothing(loaded: catalogue.Loaded) -> None:
    treatment = Treatment.objects.get(slug="exosomes-skin")
    treatment.name_fr = "Notre soin"
    treatment.save()
    before = {model: list(model._default_manager.order_by("pk").values()) for model in MODELS}

    again = catalogue.load()

    assert (again.treatments, again.drafts) == ([], [])
    assert {model: list(model._default_manager.order_by("pk").values()) for model in MODELS} == before


def test_what_is_offered(loaded: catalogue.Loaded) -> None:
    assert [treatment.slug for treatment in Treatment.objects.public()] == [
        "exosomes-skin",
        "exosomes-hair",
        "consultation",
        "antioxidant-microneedling",
        "retinol-microneedling",
        "dna-repair",
    ]
    assert sorted((draft.treatment.slug, draft.code, draft.bookable_online) for draft in loaded.drafts) == [
        ("consultation", "consultation", True),
        ("exosomes-hair", "dermapen", True),
        ("exosomes-skin", "dermapen", True),
        ("exosomes-skin", "morpheus8", False),
    ]


def test_the_zones_are_those_of_the_source(loaded: catalogue.Loaded) -> None:
    skin = Protocol.objects.get(treatment__slug="exosomes-skin", code="dermapen")
    hair = Protocol.objects.get(treatment__slug="exosomes-hair")

    assert [listed.zone.code for listed in skin.zones.all()] == ["face", "neck", "decollete", "hands", "abdomen"]
    assert [listed.zone.code for listed in hair.zones.all()] == ["hair"]
    assert [zone.name_fr for zone in Zone.objects.all()] == ["Visage", "Cou", "Décolleté", "Mains", "Ventre", "Cuir chevelu"]


def test_every_text_is_there_in_both_languages(loaded: catalogue.Loaded) -> None:
    missing = []
    for model in MODELS:
        for row in model._default_manager.all():
            for field in translator.get_options_for_model(model).all_fields:
                french, english = (getattr(row, build_localized_fieldname(field, language)) for language in ("fr", "en"))
                optional = model is Treatment or (model._meta.model_name, field) in MAY_BE_EMPTY
                if bool(french) != bool(english) or not (french or optional):
                    missing.append(f"{model._meta.model_name} {row.pk} {field}")
    assert missing == []


def test_every_public_treatment_says_who_cannot_have_it_and_how_it_is_paid(loaded: catalogue.Loaded) -> None:
    for treatment in Treatment.objects.public().exclude(category="consultation"):
        for field in ("not_for", "side_effects", "evidence", "legal_basis", "rhythm", "payment"):
            for language in ("fr", "en"):
                assert getattr(treatment, f"{field}_{language}"), (treatment.slug, field, language)


def test_each_other_approach_has_contraindications_of_its_own(loaded: catalogue.Loaded) -> None:
    others = Treatment.objects.filter(category="alternative")

    assert len({treatment.not_for_fr for treatment in others}) == 3
    assert not Protocol.objects.filter(treatment__in=others).exists()
    assert all("consultation" in treatment.rhythm_en for treatment in others)


def test_the_prices_are_said_to_be_examples(loaded: catalogue.Loaded) -> None:
    for slug in ("exosomes-skin", "exosomes-hair", "consultation"):
        treatment = Treatment.objects.get(slug=slug)
        assert "examples" in treatment.payment_en
        assert "exemples" in treatment.payment_fr


FORBIDDEN = [
    r"autoris\w+ par l.ANSM",
    r"authori[sz]ed by (the )?ANSM",
    r"\bforfaits?\b",
    r"\bclient(e|s|es)?\b",
    r"\bpackages?\b",
    r"\bpromotions?\b",
    r"garanti",
    r"guarantee",
    r"miracle",
    r"Alzheimer",
    r"arrêtez (de prendre )?votre traitement",
    r"stop (taking )?your (medicine|treatment)",
]


def test_no_forbidden_words(loaded: catalogue.Loaded) -> None:
    internal = {f"departure {pk}" for pk in Departure.objects.values_list("pk", flat=True)}
    found = [
        (where, pattern)
        for where, _language, text in texts()
        for pattern in FORBIDDEN
        if re.search(pattern, text, re.IGNORECASE) and " ".join(where.split()[:2]) not in internal
    ]
    assert found == []


def test_the_articles_are_not_copied(loaded: catalogue.Loaded) -> None:
    """Sentences that stand in the source articles, picked by hand where ours speak of the same thing."""
    theirs = [
        "afin d’éliminer toutes les impuretés",
        "pour limiter l’inconfort pendant l’intervention",
        "favoriser la diffusion des actifs",
        "véritables messagers biologiques",
        "faute de recul",
        "parfaitement maîtrisées",
        "boostant la production de collagène",
    ]
    assert [(where, phrase) for where, _language, text in texts() for phrase in theirs if phrase.lower() in text.lower()] == []


def test_french_is_typeset(loaded: catalogue.Loaded) -> None:
    wrong = [
        (where, text)
        for where, language, text in texts()
        if language == "fr" and re.search(r"[^\s\u00a0][;!?»]|[^\s\u00a0\d]:(?!//)| [:;!?»]|« |'|\d €|\"", text)
    ]
    assert wrong == []


def test_english_is_typeset(loaded: catalogue.Loaded) -> None:
    assert [(where, text) for where, language, text in texts() if language == "en" and re.search(r"['\"]| [:;!?]", text)] == []


def test_typesetting() -> None:
    typeset = Text("« L'eau » : 300 €, n° 22 !", "It's here").typeset()

    assert typeset == {
        "fr": f"«{NO_BREAK}L’eau{NO_BREAK}»{NO_BREAK}: 300{NO_BREAK}€, n°{NO_BREAK}22{NO_BREAK}!",
        "en": "It’s here",
    }


def test_the_session_happens_in_the_order_of_the_source(loaded: catalogue.Loaded) -> None:
    drawings = {
        slug: [step.drawing for step in Step.objects.filter(treatment__slug=slug)] for slug in ("exosomes-skin", "exosomes-hair")
    }

    assert drawings["exosomes-skin"] == ["skin-cleanse", "skin-numbing", "skin-needling", "skin-exosomes", "skin-massage"]
    assert drawings["exosomes-hair"] == ["hair-wash", "hair-exfoliation", "hair-needling", "hair-led"]


def test_hair_has_no_numbing_and_its_exfoliation_is_the_physicians(loaded: catalogue.Loaded) -> None:
    visit = Protocol.objects.get(treatment__slug="exosomes-hair").visits.get(code="session")
    segments = {segment.code: {need.code for need in segment.needs.all()} for segment in visit.segments.all()}

    assert list(segments) == ["welcome", "wash", "exfoliation", "needling", "led", "aftercare", "clean-up"]
    assert segments["exfoliation"] == {"physician", "basin-room"}
    assert segments["needling"] == {"physician", "basin-room", "dermapen"}


def test_during_the_numbing_only_the_room_is_taken_and_clean_up_takes_room_and_device(loaded: catalogue.Loaded) -> None:
    visit = Protocol.objects.get(treatment__slug="exosomes-skin", code="dermapen").visits.get(code="session")
    wait, clean_up = visit.segments.get(code="numbing-wait"), visit.segments.get(code="clean-up")

    assert (wait.minutes, {need.code for need in wait.needs.all()}) == (60, {"treatment-room"})
    assert not clean_up.patient_present
    assert {"treatment-room", "dermapen"} <= {need.code for need in clean_up.needs.all()}


def test_nine_lines_are_asked_before_dates(loaded: catalogue.Loaded) -> None:
    for slug in ("exosomes-skin", "exosomes-hair"):
        rules = ScreeningRule.objects.filter(protocol__treatment__slug=slug, protocol__code="dermapen", stage=Stage.SAFETY)
        assert rules.count() == 9
        assert {rule.outcome for rule in rules} <= {Outcome.BLOCK, Outcome.DATE}, "the short list changes whether or when"


def test_what_the_source_rules_out_blocks(loaded: catalogue.Loaded) -> None:
    for protocol in Protocol.objects.exclude(code="consultation"):
        outcomes = dict(protocol.screening_rules.filter(code__in=("pregnancy", "autoimmune")).values_list("code", "outcome"))
        assert outcomes == {"pregnancy": Outcome.BLOCK, "autoimmune": Outcome.BLOCK}


def test_therapeutic_indications_are_kept_but_not_public(loaded: catalogue.Loaded) -> None:
    hidden = set(Indication.objects.all()) - set(Indication.objects.public())

    assert {indication.text_en for indication in hidden} == {"Wound healing", "Anti-inflammatory effect"}
    public = " ".join(indication.text_fr for indication in Indication.objects.public()).lower()
    assert "cicatris" not in public
    assert "inflamm" not in public


def test_departures_wait_for_a_signature(loaded: catalogue.Loaded) -> None:
    assert Departure.objects.count() == len(catalogue.DEPARTURES)
    assert not Departure.objects.exclude(signed_by=None).exists()


def test_only_exosome_treatments_are_bound_by_their_rules(loaded: catalogue.Loaded) -> None:
    assert set(Treatment.objects.filter(uses_exosomes=True).values_list("slug", flat=True)) == {"exosomes-skin", "exosomes-hair"}


def test_a_face_session_takes_two_hours_five_with_the_physician_for_25_minutes(loaded: catalogue.Loaded) -> None:
    protocol = Protocol.objects.get(treatment__slug="exosomes-skin", code="dermapen")
    visit, face = protocol.visits.get(code="session"), [protocol.zones.get(zone__code="face")]

    assert protocols.patient_minutes(visit, face) == 125
    assert protocols.visit_minutes(visit, face) == 135
    assert protocols.hands_on_minutes(visit, face) == 25
    assert protocols.course_price(protocol, face, with_consultation=True) == Decimal(60 + 5 * 250)


def test_without_resources_publishing_leaves_drafts_and_says_why(db: None) -> None:
    answer = run("--publish")

    assert "stays a draft" in answer
    assert not Protocol.objects.exclude(status=Status.DRAFT).exists()


def test_with_resources_everything_is_published(db: None) -> None:
    run()
    furnish()

    answer = run("--publish")

    assert "stays a draft" not in answer
    assert set(Protocol.objects.values_list("status", flat=True)) == {Status.PUBLISHED}
    for slug, code in (("exosomes-skin", "dermapen"), ("exosomes-hair", "dermapen"), ("consultation", "consultation")):
        online = protocols.booked_online(Treatment.objects.get(slug=slug))
        assert online is not None
        assert online.code == code
    assert protocols.booked_online(Treatment.objects.get(slug="dna-repair")) is None


def test_publishing_the_catalogue_leaves_the_clinics_own_drafts_alone(db: None) -> None:
    run()
    furnish()
    run("--publish")
    draft = protocols.new_draft(Protocol.objects.get(treatment__slug="exosomes-hair"))

    run("--publish")

    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_capabilities_are_known_by_their_codes(loaded: catalogue.Loaded) -> None:
    assert set(Capability.objects.values_list("code", flat=True)) == {
        "physician", "care", "treatment-room", "basin-room", "dermapen", "morpheus8", "led",
    }  # fmt: skip


def test_no_row_is_longer_than_its_field(loaded: catalogue.Loaded) -> None:
    for treatment in Treatment.objects.all():
        for field in treatment._meta.get_fields():
            if isinstance(field, models.CharField) and field.max_length:
                assert len(getattr(treatment, field.name) or "") <= field.max_length
