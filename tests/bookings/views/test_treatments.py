"""The pages that inform: what is offered, what it costs, what is known, and the first free date before anything is asked."""

import re

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories.treatments import both, force_publish, make_protocol, make_treatment
from treatments.catalogue.entries import PhaseEntry
from treatments.catalogue.words import Text
from treatments.models import Category, Faq, Indication, Step, Treatment


@pytest.fixture(autouse=True)
def nothing_remembered():
    cache.clear()


def test_home_shows_each_treatment_with_its_first_free_date_and_price(visitor, house):
    page = visitor.get(reverse("home")).content.decode()

    assert house.protocol.treatment.name in page
    assert "Monday 23 February, 10:15" in page
    assert "from €150 a session" in page


def test_other_approaches_stand_apart_and_need_a_consultation(visitor, house):
    make_treatment("Retinol", category=Category.ALTERNATIVE)
    response = visitor.get(reverse("home"))

    assert [card.treatment.name for card in response.context["alternatives"]] == ["Retinol"]
    assert "After a consultation" in response.content.decode()


def test_what_is_not_public_is_not_shown(visitor, house):
    hidden = make_treatment("Secret", is_published=False)

    assert "Secret" not in visitor.get(reverse("home")).content.decode()
    assert visitor.get(hidden.get_absolute_url()).status_code == 404


def test_home_makes_as_many_queries_for_many_treatments_as_for_one(visitor, house):
    def queries():
        visitor.get(reverse("home"))  # the first dates are remembered for two minutes
        with CaptureQueriesContext(connection) as captured:
            visitor.get(reverse("home"))
        return len(captured)

    before = queries()
    for number in range(5):
        make_protocol(make_treatment(f"Treatment {number}"), published=True)

    assert queries() == before


def test_a_first_date_is_remembered_for_a_while(visitor, house, monkeypatch):
    visitor.get(reverse("home"))
    monkeypatch.setattr("bookings.proposals.first_free", None)

    assert "Monday 23 February, 10:15" in visitor.get(reverse("home")).content.decode()


def test_an_empty_house_has_a_home_all_the_same(visitor, db):
    make_treatment("Exosomes")

    assert visitor.get(reverse("home")).status_code == 200


@pytest.fixture
def told(house) -> Treatment:
    """The house's treatment with everything there is to say."""
    treatment = house.protocol.treatment
    for field in ["side_effects", "not_for", "legal_basis", "evidence", "payment"]:
        for language in ["en", "fr"]:
            setattr(treatment, f"{field}_{language}", f"All about {field}.")
    treatment.save()
    Indication.objects.create(treatment=treatment, **both("text", "Radiance"))
    Indication.objects.create(treatment=treatment, is_public=False, **both("text", "Wound healing"))
    Step.objects.create(
        treatment=treatment, position=1, drawing="skin-cleanse", **both("title", "Cleansing"), **both("text", "Gently.")
    )
    Faq.objects.create(treatment=treatment, **both("question", "Does it hurt?"), **both("answer", "Hardly."))
    return treatment


def test_a_treatment_page_says_everything_before_asking_anything(visitor, told):
    page = visitor.get(told.get_absolute_url()).content.decode()

    for text in ["side_effects", "not_for", "legal_basis", "evidence", "payment"]:
        assert f"All about {text}." in page
    for text in [
        "Radiance",
        "Cleansing",
        "skin-cleanse.svg",
        "Does it hurt?",
        "Monday 23 February",
        "nothing in advance",
        "Not reimbursed",
    ]:
        assert text in page
    assert reverse("bookings:book-zones", args=[told.slug]) in page
    assert "sessionid" not in visitor.cookies


def test_indications_that_sound_therapeutic_are_never_shown(visitor, told):
    assert "Wound healing" not in visitor.get(told.get_absolute_url()).content.decode()


def test_prices_by_zone_and_of_the_whole_course(visitor, told):
    lines = visitor.get(told.get_absolute_url()).context["zones"]

    assert [(str(line.zone), line.minutes, line.session_price, line.course_price) for line in lines] == [
        ("Face", 125, 250, 1310),
        ("Neck", 115, 150, 810),
    ]


def test_the_course_is_drawn_from_the_first_free_date(visitor, told):
    response = visitor.get(told.get_absolute_url())

    assert response.context["proposal"].sessions[0].starts == response.context["offer"].starts
    assert len(response.context["proposal"].sessions) == 9


def test_without_a_free_date_one_is_invited_to_write(visitor, told, house, monkeypatch):
    monkeypatch.setattr("bookings.proposals.first_free", lambda *args, **kwargs: None)
    page = visitor.get(told.get_absolute_url()).content.decode()

    assert "No whole course fits at the moment" in page


def test_a_treatment_that_cannot_be_booked_leads_to_the_consultation(visitor, house):
    treatment = make_treatment("Retinol")
    make_treatment("Consultation", category=Category.CONSULTATION)
    page = visitor.get(treatment.get_absolute_url()).content.decode()

    assert "Book a consultation" in page
    assert reverse("bookings:book-zones", args=[treatment.slug]) not in page


def test_the_list_of_treatments_is_open_to_all(visitor, house):
    assert house.protocol.treatment.name in visitor.get(reverse("treatments:treatment-list")).content.decode()


@pytest.fixture
def consultation(house) -> Treatment:
    """The consultation by itself: one visit, no zones."""
    treatment = make_treatment("Consultation", category=Category.CONSULTATION)
    only = PhaseEntry(visit="consultation", name=Text("Consultation", "Consultation"))
    protocol = make_protocol(treatment, zones=[], phases=[only])
    protocol.visits.get(code="session").delete()
    force_publish(protocol)
    Step.objects.create(treatment=treatment, position=1, **both("title", "Listening"), **both("text", "To you."))
    return treatment


def test_a_single_visit_is_spoken_of_as_one_visit(visitor, consultation):
    response = visitor.get(consultation.get_absolute_url())
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode().split("<main")[1].split("</main")[0]))

    assert [(line.zone, line.minutes, line.session_price) for line in response.context["zones"]] == [(None, 30, 60)]
    assert "Consultation 30 min €60" in page
    for words in ["The visit, step by step", "Paid after the visit", "Choose my date "]:
        assert words in page
    for words in ["course", "session", "dates"]:
        assert words not in page.lower()
