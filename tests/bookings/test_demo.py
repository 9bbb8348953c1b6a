"""The demo clinic: whatever the hour at which it is loaded, its day shows every state."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from django.core.management import call_command
from django.db.models import Count, F
from django.utils import timezone

from bookings import proposals, visits
from bookings.management.demo import year
from bookings.models import AppointmentStatus, Clearance, Course, CourseStatus, JournalEntry, Task
from bookings.planner import Wishes
from bookings.proposals import CourseRequest
from bookings.views.staff.rows import VisitRow, rows_between
from clinic.models import Clinic
from treatments import protocols, regulation
from treatments.models import Product, Treatment

S = AppointmentStatus
PARIS = ZoneInfo("Europe/Paris")
NUMBING = "Numbing until"

pytestmark = pytest.mark.django_db


def load(monkeypatch: pytest.MonkeyPatch, settings: Any, now: str) -> datetime:
    """Load the demo at this wall-clock time in Paris; without its year of other bookings, which is what takes long."""
    moment = at(monkeypatch, now)
    settings.CADENCE_DEMO = True
    monkeypatch.setattr(year, "live", lambda *_: [])
    call_command("load_catalogue", verbosity=0)
    call_command("load_demo", verbosity=0)
    return moment


def at(monkeypatch: pytest.MonkeyPatch, now: str) -> datetime:
    moment = datetime.fromisoformat(now).replace(tzinfo=PARIS)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    return moment


def rows(day: date, now: datetime) -> list[VisitRow]:
    return rows_between(Clinic.objects.get(), day, day, now=now)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-23 00:38", "2026-11-23"),  # a Monday at night
        ("2026-11-25 17:30", "2026-11-25"),  # Wednesday: one physician is off
        ("2026-11-29 15:00", "2026-11-30"),  # Sunday: the next open day
    ],
)
def test_the_day_shows_every_state_whatever_the_hour_of_loading(
    monkeypatch: pytest.MonkeyPatch, settings: Any, now: str, day: str
) -> None:
    moment = load(monkeypatch, settings, now)

    shown = rows(date.fromisoformat(day), moment)

    states = Counter(row.visit.status for row in shown)
    assert [states[state] for state in (S.ARRIVED, S.IN_PROGRESS, S.MISSED)] == [1, 1, 1]
    assert states[S.BOOKED] >= 2 and states[S.COMPLETED] >= 1
    [numbing] = [row for row in shown if row.visit.status == S.IN_PROGRESS]
    assert numbing.segment.startswith(NUMBING)
    assert {Clearance.TO_REVIEW, Clearance.ANSWERS_MISSING} <= {row.visit.course.clearance for row in shown}
    [missed] = [row for row in shown if row.visit.status == S.MISSED]
    assert missed.flag and missed.flag.text == "call back"
    assert missed.visit.course.status == CourseStatus.SUSPENDED and missed.visit.course.release_at > moment
    assert any(row.visit.course.appointments.filter(status=S.PLANNED).exists() for row in shown if row != missed)
    assert {row.name for row in shown if row.is_namesake} == {"LAURENT Marie (1984)", "LAURENT Marie (1991)"}
    assert max(len(row.patient.full_name) for row in shown) >= 60
    assert "" in {row.patient.email for row in shown}
    courses = Counter(row.patient.pk for row in shown)
    assert sorted(courses.values())[-2:] == [1, 2]


def test_no_fact_lies_in_the_future(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    moment = load(monkeypatch, settings, "2026-11-23 00:38")

    facts = [
        fact for row in rows(moment.date(), moment) for fact in (row.visit.arrived_at, row.visit.started_at, row.visit.ended_at)
    ]
    assert max(filter(None, facts)) <= moment
    assert JournalEntry.objects.latest("at").at <= moment


def test_a_review_is_due_after_the_booking_and_before_the_visit(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    load(monkeypatch, settings, "2026-11-24 11:00")

    course = Course.objects.get(patient__last_name="Fontaine")

    first = course.appointments.get(position=0)
    assert course.booked_at is not None and course.review_due is not None and first.during is not None
    assert course.booked_at < course.review_due < first.during.lower
    assert course.answers.latest("given_at").given_at == course.booked_at


def test_nobody_has_more_zones_than_the_protocol_allows(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    load(monkeypatch, settings, "2026-11-23 00:38")

    assert Course.objects.count() > 10
    assert not Course.objects.annotate(chosen=Count("zones")).filter(chosen__gt=F("protocol__max_zones")).exists()


def test_a_missed_first_visit_can_be_taken_up_again(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """What the demo stores is what `bookings.visits` would have."""
    load(monkeypatch, settings, "2026-11-24 11:00")

    task = Task.objects.get(kind=Task.Kind.CALL_BACK)
    entry = JournalEntry.objects.get(appointment=task.appointment, verb=visits.MISS.past)

    assert entry.details["paused"] is True
    assert task.course.release_at == entry.at + visits.KEPT_AFTER_A_MISS
    assert task.course.appointments.filter(status=S.BOOKED).count() >= 5


def test_a_new_course_has_a_date_for_the_booster_a_year_later(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    moment = load(monkeypatch, settings, "2026-11-24 11:00")
    protocol = protocols.booked_online(Treatment.objects.get(slug="exosomes-skin"))
    assert protocol is not None
    zones = tuple(protocol.zones.filter(zone__code="face"))
    wanted = CourseRequest(Clinic.objects.get(), protocol, zones, with_consultation=True, wishes=Wishes())

    [soonest, *_] = proposals.suggestions(wanted, now=moment)
    proposal = proposals.propose(replace(wanted, wishes=soonest.wishes), soonest.offer.slot, now=moment)

    assert [session.starts is None for session in proposal.sessions] == [False] * len(proposal.sessions)
    assert proposal.sessions[-1].starts > moment + relativedelta(months=12) + timedelta(days=100)


def test_each_exosome_treatment_has_a_product_that_is_said_to_be_an_example(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    load(monkeypatch, settings, "2026-11-24 11:00")

    assert {slug for product in Product.objects.all() for slug in product.treatments.values_list("slug", flat=True)} == {
        "exosomes-skin",
        "exosomes-hair",
    }
    for product in Product.objects.all():
        assert product.name.startswith("Exemple : ")
        assert regulation.check_product(product) == []
