"""What visitors read when something goes wrong: in their language, with the clinic's phone and a way on."""

import re
from pathlib import Path

import pytest
from allauth.core.ratelimit import respond_429
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import path, reverse

from clinic import urls as site
from clinic.models import Clinic, Role
from clinic.urls import handler400, handler403, handler404, handler429, handler500  # noqa: F401 - Django looks for them here
from tests.factories.clinic import make_clinic
from tests.factories.visits import make_course, make_patient, make_protocol, make_user

LANGUAGES = pytest.mark.parametrize("language", ["en", "fr"])
PHONE = ("tel:+33-1-42-00-00-00", "01 42 00 00 00")
OWN_PHONE = ("tel:+33-1-43-00-00-00", "01 43 00 00 00")
SECRET = "what only our logs may say"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/nothing/", "/treatments/nothing/"])
def test_the_demo_has_our_page_for_what_is_not_found_too(client, settings, address):
    """DEBUG shows Django's own page, in English and without a phone: nothing for those who look at the demo."""
    make_clinic()
    settings.DEBUG = True

    page = client.get(address, headers={"accept-language": "fr"})

    assert page.status_code == 404
    assert PHONE[1] in page.content.decode()
    assert client.get("/treatments").status_code == 301  # a slash forgotten is still added


@login_not_required
def fail(request):
    raise LookupError(SECRET)


@login_not_required
def refuse(request):
    raise SuspiciousOperation(SECRET)


@login_not_required
def lose(request):
    raise OperationalError(SECRET)


@login_not_required
def too_many(request):
    return respond_429(request)


urlpatterns = [
    path("fail/", fail),
    path("refuse/", refuse),
    path("lose/", lose),
    path("too-many/", too_many),
    *site.urlpatterns,
]

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.clinic.test_errors")]


@pytest.fixture(autouse=True)
def house(db, settings) -> Clinic:
    settings.CLINIC_PHONE = "+33143000000"
    return make_clinic(name="Clinique Test", phone="+33142000000")


@pytest.fixture
def no_database(monkeypatch):
    """The clinic cannot be read any more."""

    def gone() -> None:
        raise OperationalError(SECRET)

    monkeypatch.setattr("clinic.views.errors.current_clinic", gone)
    monkeypatch.setattr("clinic.context.current_clinic", gone)


def visitor(language: str = "en", **options: bool) -> Client:
    return Client(headers={"accept-language": language}, raise_request_exception=False, **options)


def main(response) -> str:
    """The content of the page, without its frame."""
    return re.search(r"<main.*</main>", " ".join(response.content.decode().split()))[0]


def title(response) -> str:
    return re.search(r"<h1> *(.*?) *</h1>", main(response))[1]


def phone(response) -> tuple[str, str]:
    return re.search(r'<a class="text-nowrap" href="(tel:[^"]*)">([^<]*)</a>', main(response)).groups()


def ways_on(response) -> list[str]:
    return re.findall(r'<a class="btn [^"]*" href="([^"]*)"', main(response))


def language_of(response) -> str:
    return re.search(r'<html lang="(\w+)"', response.content.decode())[1]


@LANGUAGES
def test_an_unknown_address_leads_to_courses_and_treatments(language):
    response = visitor(language).get("/nothing/")

    assert (response.status_code, language_of(response), phone(response)) == (404, language, PHONE)
    assert ways_on(response) == [reverse("bookings:course-list"), reverse("treatments:treatment-list")]


@LANGUAGES
def test_another_patients_course_is_not_found_and_not_named(language, house):
    course = make_course(house, make_patient(first_name="Zoé", user=make_user(Role.PATIENT)), make_protocol())
    client = visitor(language)
    client.force_login(make_user(Role.PATIENT))

    response = client.get(reverse("bookings:course-detail", args=[course.uuid]))

    assert (response.status_code, language_of(response), phone(response)) == (404, language, PHONE)
    assert "Zoé" not in response.content.decode()
    assert ways_on(response)[0] == reverse("bookings:course-list")


@LANGUAGES
def test_the_wrong_role_is_told_where_it_belongs(language, house):
    for user, way in [
        (make_user(Role.PATIENT), "bookings:course-list"),
        (make_user(Role.ASSISTANT, house), "bookings:staff-day"),
    ]:
        client = visitor(language)
        client.force_login(user)
        response = client.get(reverse("bookings:staff-review"))

        assert (response.status_code, language_of(response), phone(response)) == (403, language, PHONE)
        assert ways_on(response)[0] == reverse(way)


def test_who_has_no_clinic_yet_is_told_so_and_may_enter_it():
    client = visitor()
    client.force_login(make_user(Role.MANAGER))
    response = client.get(reverse("bookings:staff-day"))

    assert "does not belong to a clinic yet" in main(response)
    assert ways_on(response) == [reverse("admin:index")]


@LANGUAGES
def test_a_form_that_was_open_too_long_can_be_sent_again(language):
    page = f"http://testserver{reverse('bookings:question-create')}?treatment=x"
    response = visitor(language, enforce_csrf_checks=True).post("/write-to-us/", {"text": "Hello"}, headers={"referer": page})

    assert (response.status_code, language_of(response), phone(response)) == (403, language, PHONE)
    assert ways_on(response) == [page]


def test_a_form_that_was_open_too_long_says_what_to_do():
    response = visitor(enforce_csrf_checks=True).post("/write-to-us/")

    assert title(response) == "This page was open for too long"
    assert "Reload it and send again: nothing is lost" in main(response)


@pytest.mark.parametrize("referer", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
def test_the_way_on_never_leads_to_another_site(referer):
    response = visitor(enforce_csrf_checks=True).post("/write-to-us/", headers={"referer": referer})

    assert ways_on(response) == ["/"]


@LANGUAGES
def test_what_we_cannot_read_is_said_so(language):
    response = visitor(language).get("/refuse/")

    assert (response.status_code, language_of(response), phone(response)) == (400, language, PHONE)
    assert ways_on(response) == ["/"]
    assert SECRET not in response.content.decode()


def test_a_wrong_host_is_refused_in_the_same_look():
    response = visitor("fr").get("/", headers={"host": "evil.example"})

    assert (response.status_code, language_of(response), phone(response)) == (400, "fr", PHONE)


@LANGUAGES
def test_too_many_attempts_are_asked_to_wait(language):
    response = visitor(language).get("/too-many/")

    assert (response.status_code, language_of(response), phone(response)) == (429, language, PHONE)
    assert ways_on(response) == ["/"]


@pytest.mark.parametrize("address", ["/fail/", "/lose/"])
def test_our_own_failure_is_said_in_both_languages_without_the_database(address, no_database, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = visitor().get(address)

    assert (response.status_code, phone(response)) == (500, OWN_PHONE)
    assert "Un incident de notre côté" in main(response)
    assert "Something went wrong on our side" in main(response)
    assert set(ways_on(response)) == {reverse("home"), reverse("bookings:course-list")}
    assert SECRET not in response.content.decode()
    assert "default-src 'none'" in response["Content-Security-Policy"]


def test_our_own_failure_needs_no_context():
    text = render_to_string("500.html")

    assert "text-nowrap" not in text
    assert "css/site.css" in text


@override_settings(CLINIC_PHONE="")
def test_without_a_phone_in_the_settings_none_is_shown():
    assert "text-nowrap" not in visitor().get("/fail/").content.decode()


@LANGUAGES
@pytest.mark.parametrize(("address", "status"), [("/nothing/", 404), ("/refuse/", 400)])
def test_without_the_database_the_others_still_appear(language, address, status, no_database):
    response = visitor(language).get(address)

    assert (response.status_code, language_of(response), phone(response)) == (status, language, OWN_PHONE)
    assert ways_on(response)


def test_every_error_page_is_in_place():
    templates = Path(__file__).resolve().parents[2] / "templates"

    assert {path.name for path in templates.glob("[45]*.html")} == {
        "400.html",
        "403.html",
        "403_csrf.html",
        "404.html",
        "429.html",
        "500.html",
    }
