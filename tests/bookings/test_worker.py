"""The clockwork: every job of a round is done, whatever becomes of the others."""

from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from bookings import booking, placing
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

    with pytest.raises(CommandError, match="the log says which"):
        call_command("worker", once=True)

    assert len(done) == 1
    assert "worker: failures: failed" in caplog.text


def test_a_course_that_fails_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    house = open_house()
    held = [house.hold(house.propose(start)) for start in ("2026-03-02 10:00", "2026-03-03 10:00")]
    expire = placing.expire_if_over

    def all_but_the_first(course: Course, now: datetime) -> bool:
        if course.pk == held[0].pk:
            raise RuntimeError("no luck")
        return expire(course, now)

    monkeypatch.setattr(placing, "expire_if_over", all_but_the_first)

    with pytest.raises(ExceptionGroup, match="1 failed, 1 done"):
        booking.sweep(house.now + timedelta(minutes=16))
    assert [Course.objects.get(pk=course.pk).status for course in held] == [CourseStatus.HELD, CourseStatus.EXPIRED]
