import pytest
from django.test import override_settings

from clinic.models import User
from clinic.security import client_address


def policy(response) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {name: values for name, *values in parts}


@pytest.mark.django_db
def test_pages_run_nothing_inline_and_nothing_from_elsewhere(client):
    response = client.get("/account/login/")

    assert response.status_code == 200
    assert policy(response) == {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }


@pytest.mark.django_db
def test_only_the_admin_may_evaluate_and_it_too_loads_nothing_from_elsewhere(client):
    found = policy(client.get("/admin/"))

    assert found["script-src"] == ["'self'", "'unsafe-inline'", "'unsafe-eval'"]
    assert found["style-src"] == ["'self'", "'unsafe-inline'"]
    assert found["frame-ancestors"] == found["default-src"] == ["'none'"]


@pytest.mark.django_db
def test_an_address_that_merely_looks_like_the_admins_gets_the_strict_policy(client):
    assert policy(client.get("/administration/"))["script-src"] == ["'self'"]


@pytest.mark.parametrize(("proxies", "address"), [(0, "192.0.2.1"), (1, "203.0.113.9"), (2, "198.51.100.7")])
def test_the_visitors_address_is_the_one_our_proxies_vouch_for(rf, proxies, address):
    request = rf.get("/", REMOTE_ADDR="192.0.2.1", headers={"x-forwarded-for": "10.9.8.7, 198.51.100.7, 203.0.113.9"})

    with override_settings(ALLAUTH_TRUSTED_PROXY_COUNT=proxies):
        assert client_address(request) == address


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/admin/clinic/clinic/", "/account/2fa/"])
def test_whoever_is_not_logged_in_is_sent_to_the_one_log_in(client, address):
    response = client.get(address, follow=True)

    assert response.redirect_chain[-1][0].startswith("/account/login/?next=")


@pytest.mark.django_db
def test_the_language_may_be_chosen_by_anyone_and_stays(client):
    response = client.post("/language/", {"language": "en", "next": "/account/login/"}, headers={"accept-language": "fr"})

    assert response["Location"] == "/account/login/"
    assert client.get("/account/login/", headers={"accept-language": "fr"})["Content-Language"] == "en"


@pytest.mark.django_db
@pytest.mark.parametrize(("asked", "answered"), [("fr-FR,fr;q=0.9", "fr"), ("en-GB,en", "en"), ("de", "fr")])
def test_the_browser_decides_the_language(client, asked, answered):
    assert client.get("/account/login/", headers={"accept-language": asked})["Content-Language"] == answered


@pytest.fixture
def complaints(page) -> list[str]:
    """What the browser says in its console, such as a thing that the policy forbade."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text) if "Content Security Policy" in message.text else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_admin_works_under_its_policy(live_server, page, client, complaints, settings):
    settings.SECOND_FACTOR_FOR_STAFF = False
    client.force_login(User.objects.create_superuser("manager@example.com"))
    cookie = client.cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])

    page.goto(f"{live_server.url}/admin/")
    page.wait_for_load_state("networkidle")

    assert page.evaluate("typeof window.Alpine") == "object"
    assert complaints == []


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_browser_complains_where_a_page_has_a_style_of_its_own(live_server, page, complaints):
    page.goto(f"{live_server.url}/account/login/")
    assert complaints == []

    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">red</p>')")
    page.wait_for_timeout(100)

    assert len(complaints) == 1
