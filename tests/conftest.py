"""What every test may rely on: quick Hypothesis profiles, and browser tests that are left out where no browser starts."""

import os
import socket
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import connection, transaction
from django.utils import translation
from hypothesis import HealthCheck, settings

from tests import browser, template

settings.register_profile(
    "quick", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
settings.register_profile("deep", max_examples=10_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))

# Playwright runs an event loop in the thread of the test; without this Django would refuse the test its database.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

NO_BROWSER = "no Chromium starts here"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and leave it out where there is none."""
    driving = [item for item in items if {"browser", "browser_type"} & set(getattr(item, "fixturenames", []))]
    for item in driving:
        item.add_marker(pytest.mark.browser)
        if browser.executable() is None:
            item.add_marker(pytest.mark.skip(reason=NO_BROWSER))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One loud line, so that a green run without a browser is not mistaken for a whole one."""
    left_out = [report for report in terminalreporter.stats.get("skipped", []) if NO_BROWSER in str(report.longrepr)]
    if left_out:
        terminalreporter.write_line(
            f"!!! {len(left_out)} BROWSER TESTS LEFT OUT: NO CHROMIUM STARTS HERE !!!", red=True, bold=True
        )


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Sentences are the ones of the code, whatever language the test before left behind: a request's stays active after it."""
    with translation.override("en"):
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Begin with a copy of the migrated database; on a server of someone else's, migrate."""
    if django_settings.EMBEDDED:
        connection.settings_dict["TEST"]["TEMPLATE"] = template.template(django_settings.DATABASE_URL)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """At the end nobody holds on to the database: a page asked for when its browser closed may still be in the making."""
    yield
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


@pytest.fixture(scope="module")
def shared_rows(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What fixtures of a module's scope store under this one, every test of the module begins with, and none can change.

    It lies in a transaction around those of the tests, so it is not for tests that commit. Objects are shared too: hand
    each test a `deepcopy`.
    """
    committing = [item.nodeid for item in request.session.items if item.path == request.path and _commits(item)]
    assert not committing, f"these commit, and belong in a file of their own: {committing}"
    with django_db_blocker.unblock(), translation.override("en"), transaction.atomic():
        yield
        transaction.set_rollback(True)


def _commits(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    return {**browser_type_launch_args, "executable_path": browser.executable(), "args": browser.FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, object]) -> dict[str, object]:
    """A patient in Paris who reads French, unless a test says otherwise."""
    return {**browser_context_args, "locale": "fr-FR", "timezone_id": "Europe/Paris"}


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
