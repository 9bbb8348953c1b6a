"""A missing or unsafe setting stops the start with one sentence that says what to do."""

import runpy
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

import clinic.settings
from clinic import environment

PRODUCTION = {
    "DEBUG": "0",
    "DEMO": "0",
    "SECRET_KEY": "wT4-Vd1u_Q9xk7bPz2mJr8sYc5nHg3aLf6eKo0iXtRqUyBvWZab",
    "ALLOWED_HOSTS": "booking.example.com, www.example.com",
    "ANSWERS_KEYS": Fernet.generate_key().decode(),
    "DATABASE_URL": "postgresql://cadence:secret@db.example.com/cadence?sslmode=require",
    "EMAIL_URL": "submission://clinic:p%40ss@mail.example.com:587",
    "DEFAULT_FROM_EMAIL": "Clinic <clinic@example.com>",
}
CLEARED = ("HOST", "PORT", "PROXIES", "CSRF_TRUSTED_ORIGINS", "CLINIC_PHONE")


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """Reads clinic/settings.py anew with these variables changed; None removes one."""

    def load(**changes: str | None) -> dict[str, Any]:
        for name in CLEARED:
            monkeypatch.delenv(name, raising=False)
        for name, value in {**PRODUCTION, **changes}.items():
            monkeypatch.setenv(name, value) if value is not None else monkeypatch.delenv(name, raising=False)
        return runpy.run_path(clinic.settings.__file__)

    return load


def test_a_whole_set_of_production_settings_is_accepted(load):
    settings = load()

    assert settings["ALLOWED_HOSTS"] == ["booking.example.com", "www.example.com"]
    assert settings["DATABASES"]["default"]["OPTIONS"] == {"sslmode": "require"}
    assert (settings["EMAIL_HOST_PASSWORD"], settings["EMAIL_PORT"], settings["EMAIL_USE_TLS"]) == ("p@ss", 587, True)
    assert settings["SESSION_COOKIE_SECURE"] and settings["CSRF_COOKIE_SECURE"] and settings["SECURE_SSL_REDIRECT"]
    assert "SECURE_PROXY_SSL_HEADER" not in settings


@pytest.mark.parametrize(
    "name", ["SECRET_KEY", "ALLOWED_HOSTS", "ANSWERS_KEYS", "DATABASE_URL", "EMAIL_URL", "DEFAULT_FROM_EMAIL"]
)
@pytest.mark.parametrize("value", [None, "  "])
def test_what_production_needs_is_named_when_it_is_missing(load, name, value):
    with pytest.raises(ImproperlyConfigured, match=f"^Set {name} to "):
        load(**{name: value})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("DEMO", "1", "DEMO shows log-in codes to everyone"),
        ("DEMO", "maybe", "DEMO is “maybe”: write 1 for yes or 0 for no."),
        ("SECRET_KEY", "short", "SECRET_KEY is too easy to guess"),
        ("SECRET_KEY", "a" * 60, "SECRET_KEY is too easy to guess"),
        ("SECRET_KEY", "django-insecure-" + "Xk3_9" * 12, "SECRET_KEY is too easy to guess"),
        ("ALLOWED_HOSTS", "booking.example.com,*", "ALLOWED_HOSTS is “\\*”"),
        ("ANSWERS_KEYS", "password", "ANSWERS_KEYS holds something that is no key"),
        ("DATABASE_URL", "sqlite:///cadence.db", "DATABASE_URL is not the address of a PostgreSQL database"),
        ("DATABASE_URL", "postgresql://cadence:%zz@db.example.com/cadence", "DATABASE_URL is not the address"),
        ("DATABASE_URL", "postgresql://db.example.com", "DATABASE_URL is not the address"),
        ("EMAIL_URL", "mail.example.com", "EMAIL_URL is not the address of a mail server"),
        ("EMAIL_URL", "submission://mail.example.com:port", "EMAIL_URL is not the address of a mail server"),
        ("PROXIES", "-1", "PROXIES is “-1”: write a whole number from 0 to 9."),
    ],
)
def test_an_unsafe_or_unreadable_setting_is_refused(load, name, value, sentence):
    with pytest.raises(ImproperlyConfigured, match=f"^{sentence}"):
        load(**{name: value})


def test_a_refusal_never_repeats_a_password(load):
    with pytest.raises(ImproperlyConfigured) as refusal:
        load(DATABASE_URL="mysql://cadence:hunter2@db.example.com/cadence")

    assert "hunter2" not in str(refusal.value)


def test_behind_proxies_their_word_for_https_and_the_address_is_taken(load):
    settings = load(PROXIES="2")

    assert settings["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")
    assert settings["ALLAUTH_TRUSTED_PROXY_COUNT"] == 2


def test_a_developers_machine_needs_no_settings_but_may_show_the_demo(load):
    settings = load(
        DEBUG="1", DEMO="1", **dict.fromkeys(["SECRET_KEY", "ALLOWED_HOSTS", "ANSWERS_KEYS", "EMAIL_URL", "DEFAULT_FROM_EMAIL"])
    )

    assert settings["CADENCE_DEMO"] is True
    assert "localhost" in settings["ALLOWED_HOSTS"]
    assert len(settings["SECRET_KEY"]) >= 50
    assert not settings["SESSION_COOKIE_SECURE"]


def test_a_development_secret_is_made_once_and_is_for_its_owner_only(tmp_path):
    path = tmp_path / "var" / "secret"

    assert environment.kept(path, "first") == "first"
    assert environment.kept(path, "second") == "first"
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_phone_for_our_own_failures_is_a_phone(load):
    assert load(CLINIC_PHONE=" +33 1 42 00 00 00 ")["CLINIC_PHONE"] == "+33142000000"
    assert load()["CLINIC_PHONE"] == ""
    for wrong in ("01 42 00 00 00", "+33 1", "call us"):
        with pytest.raises(ImproperlyConfigured, match=r"CLINIC_PHONE is “.*”: write an international phone number"):
            load(CLINIC_PHONE=wrong)
