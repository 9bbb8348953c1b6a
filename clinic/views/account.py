"""The way into allauth's pages: one address to log in, and what allauth forgets on the way."""

from allauth.account import views as allauth_views
from allauth.account.internal.stagekit import clear_login, get_pending_stage
from allauth.account.utils import get_next_redirect_url
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.accounts import NEXT_KEY


@login_not_required
def login(request: HttpRequest) -> HttpResponse:
    """Ask for an address; whoever has already asked for a code goes on to the page that takes it."""
    address, begun = get_next_redirect_url(request), request.method == "POST" or get_pending_stage(request)
    if address and begun:
        request.session[NEXT_KEY] = address
    elif not begun:
        request.session.pop(NEXT_KEY, None)  # and looking at the form makes no session
    return allauth_views.request_login_code(request)


@login_not_required
def login_again(request: HttpRequest) -> HttpResponse:
    """Where allauth sends those whose code is too old or was wrong too often; we still know where they were going."""
    return _to_login(request)


@require_POST
@login_not_required
def login_other(request: HttpRequest) -> HttpResponse:
    """A mistyped address: forget the code, and nothing else (a course this browser holds stays held)."""
    clear_login(request)
    return _to_login(request)


@login_not_required
def closed(request: HttpRequest) -> HttpResponse:
    """Pages of allauth that we do not have: signing up by form, passwords, other addresses."""
    return redirect("account_login")


def _to_login(request: HttpRequest) -> HttpResponse:
    address = request.session.get(NEXT_KEY)
    return redirect(reverse("account_login", query={REDIRECT_FIELD_NAME: address} if address else None))
