"""Logs: one JSON object a line in production, with the id of the request it belongs to.

No health data, no query strings (they carry a booking in progress), no names: a path, a status, a duration.
"""

import json as encoder
import logging
import re
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"
TRUSTWORTHY_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
SLOW = 1000  # milliseconds: a request above is logged as a warning

request_id: ContextVar[str] = ContextVar("request_id", default="")
requests_log = logging.getLogger("clinic.requests")


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, request_id, what `extra={"facts": {…}}` adds, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= getattr(record, "facts", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return encoder.dumps(line, ensure_ascii=False, default=str)


class RequestIdMiddleware:
    """Give each request an id, in the logs and in the answer's header, and log the request in one line.

    An id that a proxy has set is kept, so that one id leads through both logs.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get(HEADER, "")
        token = request_id.set(given if TRUSTWORTHY_ID.fullmatch(given) else uuid.uuid4().hex)
        started = time.perf_counter()
        try:
            response = self.get_response(request)
            response[HEADER] = request_id.get()
            log_request(request, response.status_code, milliseconds=round((time.perf_counter() - started) * 1000))
            return response
        finally:
            request_id.reset(token)


def log_request(request: HttpRequest, status: int, milliseconds: int) -> None:
    """One line: method, path without its query, status, duration, and the key of the user who is logged in."""
    user = getattr(request, "_cached_user", None)  # whom the page has asked for; to ask now would need the database once more
    facts = {
        "method": request.method,
        "path": request.path,
        "status": status,
        "ms": milliseconds,
        "user": user.pk if user is not None and user.is_authenticated else None,
    }
    level = logging.WARNING if milliseconds > SLOW else logging.INFO
    requests_log.log(level, "%s %s %s in %d ms", request.method, request.path, status, milliseconds, extra={"facts": facts})


def without_traceback(record: logging.LogRecord) -> bool:
    """Who is refused (403) has found no fault of ours: the line says it, where in our code says nothing more."""
    if getattr(record, "status_code", None) == HTTPStatus.FORBIDDEN:
        record.exc_info = None
    return True


def config(*, json: bool) -> dict[str, Any]:
    """The LOGGING setting: JSON lines, or plain text for a developer's terminal, which hides what went well."""
    level = "INFO" if json else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {"()": "clinic.logs.JsonFormatter"},
            "plain": {"format": "%(levelname)s %(name)s: %(message)s"},
        },
        "filters": {"without_traceback": {"()": lambda: without_traceback}},
        "handlers": {
            "stderr": {
                "class": "logging.StreamHandler",
                "formatter": "json" if json else "plain",
                "filters": ["without_traceback"],
            }
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"level": level},
            "django.security.DisallowedHost": {"level": "CRITICAL"},  # anyone can send a wrong host; our line shows the 400
            "django.server": {"handlers": [], "propagate": True},
            "gunicorn.error": {"handlers": ["stderr"], "level": level, "propagate": False},
            "gunicorn.access": {"handlers": [], "level": "CRITICAL"},  # it would write query strings; we write our own line
        },
    }
