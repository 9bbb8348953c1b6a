"""Logging in: everybody by a code sent to their e-mail address, the team with a second factor besides.

- One way in for new and known people. Whoever enters an address reads “we have sent you a code”, and the code comes: an
  unknown address gets a log-in (role patient, address unproved) so that there is something to send a code for. Page,
  mail and number of mails are the same, so nobody learns who is a patient. A closed log-in gets a mail as well.
- Only the code proves the address; a log-in that is never proved is forgotten after a day.
- In demo mode, and only there, the page shows the code, so that one can try the site without a mail server.
- Whoever works for the clinic needs a second factor before any page that is not public.
"""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlencode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.account.forms import ConfirmLoginCodeForm, RequestLoginCodeForm
from allauth.account.models import EmailAddress
from allauth.mfa.signals import authenticator_added
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.models import Session
from django.core.validators import MaxLengthValidator
from django.db import IntegrityError, transaction
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from clinic.context import current_clinic
from clinic.models import Role, User

LONGEST_ADDRESS = 254  # letters, as in the database
UNPROVED_FOR = timedelta(days=1)
CODE_SENT = "account/messages/login_code_sent.txt"
SET_UP_HERE = "second_factor_set_up_by"  # session: the user who set one up during it
NEXT_KEY = "login_next"  # session: where to go after the log-in, when allauth has lost it on the way

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks us: whether strangers may sign up by form, where to go after the log-in, how mail is sent."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "incorrect_code": _("This code is not the one we sent. Please check it, or ask for a new one."),
        "too_many_login_attempts": _("There were too many attempts. Please wait a moment, then ask for a new code."),
        "rate_limited": _("That was too often. Please wait a moment."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # the first code signs up

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        kept = request.session.pop(NEXT_KEY, None)
        if kept:
            return str(kept)
        return reverse("bookings:staff-day" if _works_here(request.user) else "bookings:course-list")

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **details)
        request.session.pop(NEXT_KEY, None)
        return response

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *args: Any, **details: Any
    ) -> None:
        """The page that takes the code says itself where the first was sent; only a new one is worth a message."""
        if message_template == CODE_SENT and request.POST.get("action") != "resend":
            return
        super().add_message(request, level, message_template, *args, **details)

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send, and when the mail server does not take it, say so on the page instead of failing."""
        try:
            super().send_mail(template_prefix, email, context | {"clinic": current_clinic()})
        except (SMTPException, OSError) as error:
            logger.warning("a log-in mail was not sent: %s", type(error).__name__)
            messages.error(self.request, _("Our e-mail does not work at the moment. Please try again later, or call the clinic."))


class RequestCodeForm(RequestLoginCodeForm):
    """An e-mail address; allauth limits how often, then reads `_user`, to whom the code belongs."""

    _user: User | None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        field.label = _("Your e-mail address")
        field.validators.append(MaxLengthValidator(LONGEST_ADDRESS))
        field.widget.attrs = {"type": "email", "autocomplete": "email", "inputmode": "email", "maxlength": LONGEST_ADDRESS}
        field.error_messages["invalid"] = _("This is not an e-mail address. Write it as in name@example.com.")

    def clean_email(self) -> str:
        email: str = super().clean_email()
        user: User | None = self._user or new_log_in(email)
        if user is not None:
            EmailAddress.objects.get_or_create(user=user, email=email, defaults={"primary": True, "verified": False})
        self._user = user
        return email


class ConfirmCodeForm(ConfirmLoginCodeForm):
    """The code; `demo_code` is what the page may show, which is nothing outside demo mode."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]
        field.label = _("Your code")
        field.widget.attrs = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True, "maxlength": 12}

    @property
    def demo_code(self) -> str:
        return str(self.expected_code or "") if settings.CADENCE_DEMO else ""


def new_log_in(email: str) -> User | None:
    """A patient's log-in for an address nobody has; None if the address has one that is closed."""
    language = (get_language() or settings.LANGUAGE_CODE)[:2]
    try:
        with transaction.atomic():
            return User.objects.create_user(email, role=Role.PATIENT, language=language)
    except IntegrityError:  # closed, or made by the same click a moment ago
        return User.objects.filter(email=email, is_active=True).first()


def forget_unproved(now: datetime) -> int:
    """Delete patients' log-ins whose address was never proved within a day (`now` aware); how many."""
    stale = User.objects.filter(role=Role.PATIENT, last_login=None, date_joined__lt=now - UNPROVED_FOR, patients=None)
    proved = EmailAddress.objects.filter(verified=True).values("user")
    return stale.exclude(pk__in=proved).delete()[1].get("clinic.User", 0)


def forget_sessions(now: datetime) -> int:
    """Delete the sessions of browsers that ended before `now` (aware); how many."""
    return Session.objects.filter(expire_date__lt=now).delete()[0]


class SecondFactorMiddleware:
    """Members of the team without a second factor are sent to set one up; public pages stay open to them."""

    FREE = frozenset({"account_logout", "account_reauthenticate", "mfa_reauthenticate", "mfa_reauthenticate_webauthn"})

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        if not settings.SECOND_FACTOR_FOR_STAFF or not getattr(view, "login_required", True):
            return None
        name = request.resolver_match.url_name or "" if request.resolver_match else ""
        if name in self.FREE or not _works_here(request.user) or _has_second_factor(request):
            return None
        if is_mfa_enabled(request.user):  # set up elsewhere since this session began: it has still to be shown here
            back = {"next": request.get_full_path()} if request.method == "GET" else {}
            return redirect(f"{reverse('mfa_reauthenticate')}?{urlencode(back)}")
        if name.startswith("mfa_"):
            return None
        messages.info(request, _("Whoever works for the clinic logs in with a second factor. Please set one up now."))
        return redirect("mfa_index")


def _works_here(user: Any) -> bool:
    return user.is_authenticated and (user.is_team or user.is_superuser)


def _has_second_factor(request: HttpRequest) -> bool:
    """Used in this session, or set up during it."""
    used = any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))
    return used or (request.session.get(SET_UP_HERE) == request.user.pk and is_mfa_enabled(request.user))


@receiver(authenticator_added)
def _remember_set_up(request: HttpRequest, user: Any, **_kwargs: Any) -> None:
    """Who has just set up a second factor holds it in their hands: this session need not ask for it once more."""
    request.session[SET_UP_HERE] = user.pk
