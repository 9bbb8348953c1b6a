"""Prices and means of payment: public, from the protocols, per session and for the course."""

import pytest
from django.urls import reverse

from tests.factories.clinic import make_clinic
from tests.factories.treatments import make_protocol, make_treatment

pytestmark = pytest.mark.django_db

QUERIES = 9  # the protocols and each kind of their parts, the others, the clinic


@pytest.fixture(autouse=True)
def house(db):
    return make_clinic(name="Clinique Test")


def page(client) -> str:
    response = client.get(reverse("clinic:prices"), headers={"Accept-Language": "en"})
    return " ".join(response.content.decode().split())


def test_every_zone_has_a_price_per_session_and_for_the_firm_course(client):
    make_protocol(published=True)

    table = client.get(reverse("clinic:prices")).context["tables"][0]

    assert [(line.session, line.course) for line in table.lines] == [(250, 60 + 5 * 250), (150, 60 + 5 * 150)]
    assert (table.sessions, table.consultation) == (5, 60)


def test_the_page_shows_them_as_money(client):
    make_protocol(published=True)

    text = page(client)

    assert "€250" in text
    assert "€1,310" in text
    assert "consultation and 5 sessions" in text


def test_it_says_how_one_pays(client):
    text = page(client)

    for said in ("after it took place", "no deposit", "not reimbursed", "From €300", "By card, cheque, transfer or in cash"):
        assert said in text


def test_prices_of_a_demonstration_are_marked_as_examples(client, settings):
    assert "examples" not in page(client)

    settings.CADENCE_DEMO = True
    assert "These prices are examples" in page(client)


def test_what_has_no_price_online_is_on_quote_and_drafts_are_not_shown(client):
    make_treatment("Retinol")
    make_treatment("Hidden", is_published=False)
    make_protocol(make_treatment("Draft"))

    response = client.get(reverse("clinic:prices"), headers={"Accept-Language": "en"})

    assert not response.context["tables"]
    assert {treatment.name for treatment in response.context["on_quote"]} == {"Draft", "Retinol"}


@pytest.mark.parametrize("many", [1, 5])
def test_it_asks_the_database_alike_for_one_treatment_and_for_many(client, many, django_assert_max_num_queries):
    for _treatment in range(many):
        make_protocol(make_treatment("Exosomes"), published=True)

    with django_assert_max_num_queries(20) as queries:
        page(client)

    assert len(queries) == QUERIES
