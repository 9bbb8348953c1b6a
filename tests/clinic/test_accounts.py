"""Logging in by code: one way for everybody, which tells nobody who is known; the team with a second factor."""

import re
import time
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.contrib.auth.decorators import login_not_required
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinic import accounts
from clinic.models import Role, User
from tests.factories.clinic import make_clinic

pytestmark = pytest.mark.django_db

LOGIN, CONFIRM = "/account/login/", "/account/login/code/confirm/"
KNOWN, UNKNOWN = "known@example.com", "unknown@example.com"


@pytest.fixture(autouse=True)
def quiet_house(db: None) -> None:
    cache.clear()
    make_clinic(name="Clinique Test")


@pytest.fixture
def pia() -> User:
    return User.objects.create_user(KNOWN)


def ask(client: Client, email: str, **data: str) -> HttpResponse:
    return client.post(LOGIN, {"email": email, **data})


def code_in_mail() -> str:
    found = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
    assert found
    return found[0]


def log_in(client: Client, email: str, **data: str) -> HttpResponse:
    ask(client, email, **data)
    return client.post(CONFIRM, {"code": code_in_mail(), **data})


def without_tokens(page: bytes, email: str) -> str:
    """The page without what differs by chance: CSRF tokens and the address typed."""
    return re.sub(r"[A-Za-z0-9]{64}", "token", page.decode()).replace(email, "you")


def test_a_stranger_comes_in_with_a_code_and_has_proved_the_address(client):
    response = log_in(client, "New.Person@Example.com")

    user = User.objects.get()
    assert response.url == reverse("bookings:course-list")
    assert (user.email, user.role, user.has_usable_password()) == ("new.person@example.com", Role.PATIENT, False)
    assert EmailAddress.objects.get(user=user).verified
    assert client.session["_auth_user_id"] == str(user.pk)


def test_a_known_person_needs_one_code_even_without_an_address_row(client, pia):
    log_in(client, KNOWN)

    assert len(mail.outbox) == 1
    assert EmailAddress.objects.get(user=pia).verified
    assert client.session["_auth_user_id"] == str(pia.pk)


def test_letter_case_does_not_make_a_second_log_in(client, pia):
    log_in(client, "KNOWN@Example.COM")

    assert User.objects.count() == 1


def test_known_and_unknown_addresses_get_the_same_answer_page_and_mail(pia):
    seen = []
    for email in (KNOWN, UNKNOWN):
        visitor = Client()
        answer = ask(visitor, email)
        page = visitor.get(answer.url)
        message = mail.outbox[-1]
        seen.append(
            (
                answer.status_code,
                answer.url,
                without_tokens(page.content, email),
                message.subject,
                re.sub(r"\d{6}", "code", message.body),
                sorted(answer.headers),
                sorted(answer.cookies),
            )
        )
    assert seen[0] == seen[1]
    assert len(mail.outbox) == 2


def test_a_closed_log_in_gets_the_same_answer_a_mail_without_a_code_and_stays_closed(client, pia):
    User.objects.update(is_active=False)

    answer = ask(client, KNOWN)

    assert answer.url == CONFIRM
    assert client.get(CONFIRM).status_code == 200
    assert not re.search(r"\b\d{6}\b", mail.outbox[0].body)
    assert User.objects.count() == 1
    assert client.post(CONFIRM, {"code": ""}).status_code == 200
    assert "_auth_user_id" not in client.session


def test_a_wrong_code_does_not_come_in_and_five_end_it(client, pia):
    ask(client, KNOWN)
    wrong = "000000" if code_in_mail() != "000000" else "111111"

    assert [client.post(CONFIRM, {"code": wrong}).status_code for _attempt in range(5)] == [200, 200, 200, 200, 302]
    assert client.post(CONFIRM, {"code": code_in_mail()}).status_code == 302
    assert "_auth_user_id" not in client.session


def test_where_one_was_going_is_kept(client, pia):
    assert log_in(client, KNOWN, next="/hold/1/you/").url == "/hold/1/you/"


def test_where_one_was_going_survives_an_ended_code(client, pia):
    client.get(LOGIN, {"next": "/hold/1/you/"})
    ask(client, KNOWN, next="/hold/1/you/")
    wrong = "000000" if code_in_mail() != "000000" else "111111"
    for _attempt in range(5):
        response = client.post(CONFIRM, {"code": wrong, "next": "/hold/1/you/"})

    again = client.get(response.url, follow=True)

    assert parse_qs(urlsplit(again.redirect_chain[-1][0]).query)["next"] == ["/hold/1/you/"]


def test_nobody_is_sent_to_another_site(client, pia):
    assert log_in(client, KNOWN, next="https://evil.example/").url == reverse("bookings:course-list")


def test_an_old_destination_is_forgotten(client, pia):
    client.get(LOGIN, {"next": "/hold/1/you/"})
    client.get(LOGIN)

    assert log_in(client, KNOWN).url == reverse("bookings:course-list")


def test_a_mistyped_address_can_be_changed_without_losing_the_session(client, pia):
    session = client.session
    session["visitor"] = "token"
    session.save()
    ask(client, "knwon@example.com", next="/hold/1/you/")
    client.get(LOGIN, {"next": "/hold/1/you/"})

    client.post("/account/login/other/")

    assert client.get(LOGIN).status_code == 200
    assert log_in(client, KNOWN, next="/hold/1/you/").url == "/hold/1/you/"
    assert client.session["visitor"] == "token"


def test_what_a_visitor_holds_is_still_theirs_after_the_log_in(client, pia):
    session = client.session
    session["visitor"] = "token"
    session.save()

    log_in(client, KNOWN)

    assert client.session["visitor"] == "token"


def test_the_fourth_code_within_a_minute_is_refused_for_known_and_unknown(pia):
    for email in (KNOWN, UNKNOWN):
        for _attempt in range(3):
            assert ask(Client(), email).status_code == 302
        assert ask(Client(), email).status_code == 200
    assert len(mail.outbox) == 6


def test_the_code_is_shown_in_demo_mode_only(client, pia, settings):
    ask(client, KNOWN)
    code = code_in_mail()
    page = client.get(CONFIRM)
    assert code not in page.content.decode()
    assert page.context["form"].demo_code == ""

    settings.CADENCE_DEMO = True
    assert client.get(CONFIRM).context["form"].demo_code == code


def test_the_code_field_is_filled_by_phones(client, pia):
    ask(client, KNOWN)

    page = client.get(CONFIRM).content.decode()

    assert 'autocomplete="one-time-code"' in page
    assert 'inputmode="numeric"' in page


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 250 + "@example.com", "a\x00b@example.com"])
def test_what_is_no_address_is_said_and_stores_nothing(client, email):
    assert ask(client, email).status_code == 200
    assert not User.objects.exists()
    assert not mail.outbox


def test_a_dead_mail_server_is_said_on_the_page(client, pia):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.core.mail.EmailMessage.send", _dead)
        answer = client.post(LOGIN, {"email": KNOWN}, headers={"Accept-Language": "en"}, follow=True)

    assert any("e-mail does not work" in str(message) for message in answer.context["messages"])


def _dead(*_args: object, **_options: object) -> None:
    raise SMTPServerDisconnected


@pytest.mark.parametrize(
    "name",
    [
        "account_signup",
        "account_email",
        "account_change_password",
        "account_set_password",
        "account_reset_password",
        "account_email_verification_sent",
    ],
)
def test_there_are_no_passwords_and_no_sign_up_form(client, name):
    for response in (client.get(reverse(name)), client.post(reverse(name), {"email": UNKNOWN})):
        assert (response.status_code, response.url) == (302, LOGIN)
    assert not User.objects.exists()


def test_a_log_in_never_proved_is_forgotten_after_a_day(client, pia):
    make = User.objects.create_user
    make("staff@example.com", role=Role.RECEPTION)
    proved = make("proved@example.com")
    EmailAddress.objects.create(user=proved, email=proved.email, verified=True)
    now = timezone.now()

    assert accounts.forget_unproved(now) == 0
    assert accounts.forget_unproved(now + timedelta(days=1, minutes=1)) == 1
    assert not User.objects.filter(pk=pia.pk).exists()
    assert User.objects.count() == 2


def test_the_session_of_a_browser_is_forgotten_when_it_is_over(client, pia):
    client.force_login(pia)
    ends = Session.objects.get().expire_date
    assert accounts.forget_sessions(ends) == 0
    assert accounts.forget_sessions(ends + timedelta(seconds=1)) == 1
    assert "_auth_user_id" not in client.session


class TestSecondFactor:
    @pytest.fixture(autouse=True)
    def required(self, settings):
        settings.SECOND_FACTOR_FOR_STAFF = True

    @pytest.fixture
    def rosa(self) -> User:
        return User.objects.create_user("rosa@example.com", role=Role.RECEPTION)

    def test_the_team_is_sent_to_set_one_up(self, client, rosa):
        client.force_login(rosa)

        assert client.get(reverse("bookings:course-list")).url == reverse("mfa_index")
        assert client.get("/admin/").url == reverse("mfa_index")
        assert client.get(reverse("mfa_activate_totp")).status_code == 200

    def test_patients_need_none(self, client, pia):
        client.force_login(pia)

        assert client.get(reverse("bookings:course-list")).status_code == 200

    @pytest.mark.django_db(transaction=True)  # what happens at the commit belongs to it
    def test_one_that_is_set_up_here_opens_the_door(self, client, rosa, settings):
        settings.MFA_TOTP_TOLERANCE = 1  # the half minute may change between making the code and entering it
        log_in(client, rosa.email)
        client.get(reverse("mfa_activate_totp"))
        code = totp.format_hotp_value(totp.hotp_value(client.session[totp.SECRET_SESSION_KEY], int(time.time()) // 30))
        client.post(reverse("mfa_activate_totp"), {"code": code})

        assert client.get(reverse("bookings:course-list")).url == reverse("bookings:staff-day")

    def test_one_that_was_set_up_elsewhere_has_to_be_shown(self, client, rosa):
        """A session that began before, on a machine left behind, is not let in, nor to the settings of the second factor."""
        client.force_login(rosa)
        Authenticator.objects.create(user=rosa, type=Authenticator.Type.TOTP, data={"secret": "x"})

        for address in (reverse("bookings:course-list"), reverse("mfa_index"), reverse("mfa_generate_recovery_codes")):
            asked = client.get(address)
            assert asked.url == f"{reverse('mfa_reauthenticate')}?{urlencode({'next': address})}"
        assert client.get(asked.url).status_code == 200

    def test_the_code_alone_does_not_let_them_in(self, client, rosa):
        Authenticator.objects.create(user=rosa, type=Authenticator.Type.TOTP, data={"secret": "x"})

        assert log_in(client, rosa.email).url == reverse("mfa_authenticate")
        assert "_auth_user_id" not in client.session

    def test_public_pages_stay_open(self, client, rosa, rf):
        middleware = accounts.SecondFactorMiddleware(lambda request: HttpResponse())
        request = rf.get("/")
        request.user = rosa

        assert middleware.process_view(request, login_not_required(lambda request: HttpResponse()), (), {}) is None
