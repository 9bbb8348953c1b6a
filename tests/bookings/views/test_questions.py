"""Write to us: anybody may ask, programs and floods are kept out, and the text never travels by mail."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from bookings.models import Question
from clinic.models import Role
from tests.factories.clinic import make_clinic
from tests.factories.visits import make_patient, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def open_house(db):
    cache.clear()
    make_clinic(name="Clinique Test")


def ask(client, **data):
    filled = {"name": "Ann", "email": "ann@example.org", "phone": "", "treatment": "", "text": "How long?", **data}
    return client.post(reverse("bookings:question-create"), filled)


def test_anybody_can_ask(client, django_capture_on_commit_callbacks, mailoutbox):
    with django_capture_on_commit_callbacks(execute=True):
        answer = ask(client)

    assert answer.url == reverse("bookings:question-sent")
    assert client.get(answer.url).status_code == 200
    question = Question.objects.get()
    assert (question.name, question.email, question.text) == ("Ann", "ann@example.org", "How long?")
    assert [message.to for message in mailoutbox] == [["clinic@example.com"], ["ann@example.org"]]
    assert not any("How long?" in message.body + str(message.alternatives) for message in mailoutbox)


@pytest.mark.parametrize("about", ["nothing-we-offer", "\0", "x" * 3000])
def test_a_strange_address_still_opens_the_form(client, about):
    assert client.get(reverse("bookings:question-create"), {"about": about}).status_code == 200


def test_a_program_that_fills_in_every_field_reaches_nobody_and_is_not_told(client):
    assert ask(client, website="https://spam.example").url == reverse("bookings:question-sent")
    assert not Question.objects.exists()


def test_one_address_may_ask_three_times_a_day(client):
    assert [ask(client).status_code for _question in range(4)] == [302, 302, 302, 409]


def test_one_network_may_ask_ten_times_an_hour(client):
    answers = [ask(client, email=f"a{number}@example.org").status_code for number in range(11)]

    assert answers == [302] * 10 + [409]


@pytest.mark.parametrize(
    "data",
    [
        {"name": ""},
        {"name": "x" * 151},
        {"email": "no"},
        {"text": ""},
        {"text": "x" * 4001},
        {"treatment": "999"},
        {"text": "a\x00b"},
    ],
)
def test_what_is_missing_is_said(client, data):
    assert ask(client, **data).status_code == 422
    assert not Question.objects.exists()


def test_who_is_logged_in_need_not_say_who_they_are(client):
    pia = make_user(Role.PATIENT, email="pia@example.org")
    client.force_login(pia)
    make_patient(user=pia)

    form = client.get(reverse("bookings:question-create")).context["form"]

    assert (form.initial["name"], form.initial["email"]) == ("Pia Petit", "pia@example.org")


def test_the_summary_names_each_field_and_leads_to_it():
    page = ask(Client(headers={"accept-language": "en"}), name="", email="", text="").content.decode()

    for field, name in {"name": "Your name", "email": "Your e-mail", "text": "Your question"}.items():
        assert f'<a href="#id_{field}">{name}: this field is required</a>' in page
