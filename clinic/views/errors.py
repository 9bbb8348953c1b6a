"""The pages for what went wrong: in the site's look and language, with the clinic's phone and a way on.

They are shown just when something is broken, so they need less than other pages: without the database they appear in a
bare frame, with the phone of the settings; the page for our own failure (500) never touches the database at all.
"""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import Error as NoDatabase
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from phonenumber_field.phonenumber import PhoneNumber, to_python

from clinic.context import current_clinic

BARE = "base_bare.html"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: an address or a form that no page of ours has made."""
    return _page(request, "400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: logged in, and not the one whom the page is for."""
    return _page(request, "403.html", 403)


@login_not_required
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form from a page that was open too long; the way on is that page, opened anew."""
    return _page(request, "403_csrf.html", 403, again=_came_from(request))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page, or a page of somebody else's: both look alike."""
    return _page(request, "404.html", 404)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: more attempts than we allow, such as codes asked for in a row."""
    return _page(request, "429.html", 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our own failure, in both languages; whatever failed, this must not need it."""
    return HttpResponse(render_to_string("500.html", {"phone": _own_phone()}), status=500)


class OwnPagesMiddleware:
    """Our page for what is not found, also where DEBUG would show Django's: the demo is looked at by patients, too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if settings.DEBUG and response.status_code == HTTPStatus.NOT_FOUND:
            return page_not_found(request, Http404())
        return response


def _page(request: HttpRequest, template: str, status: int, **facts: object) -> HttpResponse:
    """The page in the visitor's language, which what failed may have had no time to find out."""
    with translation.override(translation.get_language_from_request(request)):
        try:
            clinic = current_clinic()
            text = render_to_string(template, {**facts, "phone": clinic.phone if clinic else _own_phone()}, request)
        except NoDatabase:
            text = render_to_string(template, {**facts, "phone": _own_phone(), "layout": BARE})
    return HttpResponse(text, status=status)


def _own_phone() -> PhoneNumber | None:
    """The phone that does not come from the database; None when the settings name none."""
    return to_python(settings.CLINIC_PHONE) or None


def _came_from(request: HttpRequest) -> str:
    """The page of ours on which the form stood, else the first one."""
    page = request.headers.get("Referer", "")
    ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return page if ours else "/"
