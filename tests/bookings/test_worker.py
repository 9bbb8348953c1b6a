"""The clockwork: every job of a round is done, whatever becomes of the others."""

from datetime import datetime, timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from bookings.management.commands import worker
from bookings.models import Course, CourseStatus
from tests.factories.courses import open_house

pytestmark = pytest.mark.django_db


def test_a_round_releases_what_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    house = open_house()
    held = house.hold()
    monkeypatch.setattr(timezone, "now", lambda: house.now + timedelta(minutes=16))

    call_command("worker", once=True)

    assert Course.objects.get(pk=held.pk).status == CourseStatus.EXPIRED


def test_a_job_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def fail(now: datetime) -> int:
        raise RuntimeError("no luck")

    done: list[datetime] = []
    monkeypatch.setattr(worker, "JOBS", {"failures": fail, "rounds": lambda now: done.append(now) or 1})

    call_command("worker", once=True)

    assert len(done) == 1
    assert "worker: failures: failed" in caplog.text
