import io
import json
import logging

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils.log import log_response

from clinic import logs


@pytest.fixture
def lines():
    """What the logs say, as the objects that production writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonFormatter())
    handler.addFilter(logs.without_traceback)
    root, requests = logging.getLogger(), logging.getLogger("clinic.requests")
    root.addHandler(handler)
    requests.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    requests.setLevel(logging.NOTSET)
    root.removeHandler(handler)


@pytest.mark.django_db
def test_a_request_is_one_json_line_with_its_id(client, lines, monkeypatch):
    monkeypatch.setattr(logs, "SLOW", 60_000)
    response = client.get("/healthz?d=secret", headers={"X-Request-ID": "proxy-12345678"})

    (line,) = lines()
    assert response["X-Request-ID"] == "proxy-12345678"
    milliseconds = line.pop("ms")
    assert milliseconds >= 0
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "info",
        "logger": "clinic.requests",
        "message": f"GET /healthz 200 in {milliseconds} ms",
        "request_id": "proxy-12345678",
        "method": "GET",
        "path": "/healthz",
        "status": 200,
        "user": None,
    }


@pytest.mark.django_db
def test_a_slow_request_is_a_warning(client, lines, monkeypatch):
    monkeypatch.setattr(logs, "SLOW", -1)
    client.get("/healthz")

    assert [line["level"] for line in lines()] == ["warning"]


@pytest.mark.django_db
@pytest.mark.parametrize("forged", ["", "short", "x" * 65, 'a"}\n{"level": "info', "é" * 10])
def test_an_id_that_no_proxy_would_write_is_replaced(client, forged):
    given = client.get("/healthz", headers={"X-Request-ID": forged})["X-Request-ID"]

    assert given != forged
    assert len(given) == 32


@pytest.mark.django_db
def test_what_django_logs_during_a_request_carries_the_same_id(client, lines):
    response = client.post("/healthz")

    assert response.status_code == 405
    assert [line["request_id"] for line in lines()] == [response["X-Request-ID"]] * 2


def test_a_failure_keeps_its_traceback_in_the_same_line(lines):
    try:
        raise LookupError("nobody")
    except LookupError:
        logging.getLogger("clinic").exception("It went wrong.")

    (line,) = lines()
    assert "request_id" not in line
    assert line["traceback"].endswith("LookupError: nobody")


def test_who_is_refused_leaves_a_line_and_no_traceback(lines):
    try:
        raise PermissionDenied
    except PermissionDenied as error:
        log_response("Forbidden: %s", "/staff/", response=HttpResponse(status=403), exception=error)

    (line,) = lines()
    assert (line["message"], "traceback" in line) == ("Forbidden: /staff/", False)


def test_production_writes_json_and_a_developer_reads_plain_text():
    assert logs.config(json=True)["handlers"]["stderr"]["formatter"] == "json"
    assert logs.config(json=False)["handlers"]["stderr"]["formatter"] == "plain"
