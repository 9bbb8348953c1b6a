"""The pages about the house: what the law and a patient look for on them."""

import pytest
from django.urls import reverse

from clinic.models import Clinic, Practitioner
from tests.factories.clinic import make_clinic, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house(db) -> Clinic:
    return make_clinic(name="Clinique Test", email="desk@example.org")


@pytest.fixture
def doctor() -> Practitioner:
    return Practitioner.objects.create(
        resource=make_person("Anne Roy"),
        title="Dr",
        profession="Physician",
        order_number="10101234567",
        biography="Trained in Paris.",
    )


def page(client, name: str) -> str:
    response = client.get(reverse(name), headers={"Accept-Language": "en"})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_physicians_stand_with_their_registration_number(client, doctor):
    text = page(client, "clinic:physicians")

    assert "Dr Anne Roy" in text
    assert "RPPS number 10101234567" in text
    assert "Trained in Paris." in text


def test_who_has_no_number_is_no_physician(client, doctor):
    Practitioner.objects.create(resource=make_person("Inès Faure"), profession="Assistant")

    text = page(client, "clinic:physicians")

    assert text.index("Dr Anne Roy") < text.index("The team") < text.index("Inès Faure")
    assert "Inès Faure" not in page(client, "clinic:legal")


@pytest.mark.parametrize("hidden", [{"is_public": False}, {"inactive": True}])
def test_who_is_not_shown_or_has_left_is_not_named(client, doctor, hidden):
    if hidden.pop("inactive", False):
        doctor.resource.active = False
        doctor.resource.save()
    Practitioner.objects.update(**hidden or {"is_public": True})

    assert "Anne Roy" not in page(client, "clinic:physicians")
    assert "Anne Roy" not in page(client, "clinic:legal")


def test_without_physicians_the_page_says_whom_to_call(client):
    assert "01 42 00 00 00" in page(client, "clinic:physicians").split("<main")[1].split("</main>")[0]


def test_the_legal_notice_names_publisher_director_and_host(client, settings):
    text = page(client, "clinic:legal")
    assert "Clinique Test" in text
    assert "the physicians of the practice" in text
    assert "run by the clinic itself" in text

    settings.PUBLICATION_DIRECTOR, settings.HOSTED_BY = "Ann Director", "Host SA, 1 rue X, Paris"
    text = page(client, "clinic:legal")
    assert "Ann Director" in text
    assert "Host SA, 1 rue X, Paris" in text


def test_privacy_says_what_why_who_and_how_long(client):
    text = page(client, "clinic:privacy")

    for said in ("desk@example.org", "Physicians only", "5 years after your last visit, then 15 years", "www.cnil.fr", "Cookies"):
        assert said in text


def test_the_cookies_are_those_that_privacy_names(client):
    client.get(reverse("home"))
    client.post(reverse("set_language"), {"language": "en", "next": "/"})
    client.post(reverse("account_login"), {"email": "a@example.org"})

    assert set(client.cookies) <= {"sessionid", "csrftoken", "django_language"}


def test_reading_a_page_makes_no_session(client):
    for name in (
        "clinic:privacy",
        "clinic:prices",
        "clinic:physicians",
        "clinic:legal",
        "clinic:accessibility",
        "bookings:question-create",
    ):
        page(client, name)

    assert "sessionid" not in client.cookies


def test_accessibility_claims_no_more_than_was_checked(client):
    text = page(client, "clinic:accessibility")

    assert "No independent audit" in text
    assert "01 42 00 00 00" in text
