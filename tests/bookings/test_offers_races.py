"""A proposed date answered by many at once, with real threads and transactions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import F

from bookings import absences, displaced, offers, restored
from bookings.models import Appointment, AppointmentStatus, Claim, JournalEntry, Task
from bookings.refusals import OfferOver, PlanChanged, SlotTaken
from clinic.models import Role
from tests.factories.courses import open_house
from tests.factories.treatments import make_protocol
from tests.factories.visits import make_course, make_patient, make_user, make_visit
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

DAY = timedelta(hours=24)


def test_of_answers_at_the_same_moment_one_counts_and_the_course_is_whole() -> None:
    """The patient accepts, reception accepts for them, another withdraws, the worker lets it lapse."""
    house = open_house()
    course = house.book(make_patient("Anna", "Alvarez"))
    rita = make_user(Role.RECEPTION, house.clinic)
    ada = house.resources["Dr Ada"]
    absences.enter(ada, house.at("2026-03-02 00:00"), house.at("2026-03-04 00:00"), reason="", by=None)
    [row] = displaced.displaced(house.clinic, house.now)
    place = displaced.places([row], house.now)[row.visit.pk]
    assert place and place.alternative
    kept = offers.offer(row.visit, place.alternative.offer.slot, within=DAY, by=None, now=house.now)

    jobs: list[Callable[[], Any]] = [
        lambda: offers.accept(kept, by=rita, now=house.now),
        lambda: offers.withdraw(kept, by=rita, now=house.now),
        lambda: offers.lapse(kept.reply_by or house.now),
        lambda: offers.offer(row.visit, house.slot("2026-02-27 10:00"), within=DAY, by=rita, now=house.now),
    ]
    at_once(jobs * 2, expected=(OfferOver, SlotTaken, PlanChanged))  # anything else is raised

    visit = course.appointments.get(position=0)
    assert visit.status == AppointmentStatus.BOOKED
    starts = {claim.during.lower for claim in visit.claims.all()}
    assert starts and min(starts) <= visit.during.lower
    assert not Claim.objects.filter(appointment__during=None).exists()
    assert Appointment.offers.count() <= 1
    assert not Claim.objects.exclude(held_until=F("appointment__reply_by")).filter(appointment__status="proposed").exists()


def test_the_patient_is_in_one_place_whatever_is_booked_at_the_moment_of_the_answer() -> None:
    """A yes, and another course for the same hour: one is had; where it is the other, reception calls about this one."""
    house = open_house()
    course = house.book(make_patient("Anna", "Alvarez"))
    rita = make_user(Role.RECEPTION, house.clinic)
    kept = offers.offer(course.appointments.get(position=0), house.slot("2026-02-27 10:00"), within=DAY, by=None, now=house.now)
    other = make_course(house.clinic, course.patient, make_protocol(code="other", published=True))
    jobs: list[Callable[[], Any]] = [
        lambda: offers.accept(kept, by=rita, now=house.now),
        lambda: make_visit(other, "2026-02-27 10:00", lead=house.resources["Dr Bo"]),
    ]
    accepted, booked = at_once(jobs, expected=(OfferOver, IntegrityError))

    assert isinstance(accepted, OfferOver) != isinstance(booked, IntegrityError)
    assert not Appointment.offers.exists()
    assert Task.objects.open().filter(kind=Task.Kind.CALL_BACK).exists() == isinstance(accepted, OfferOver)


def test_a_yes_while_the_first_date_becomes_possible_again_is_heard_or_the_first_date_stands() -> None:
    """Reception ends the absence twice, the worker notices too, and the patient says yes: one of these is what happened."""
    house = open_house()
    course = house.book(make_patient("Anna", "Alvarez"))
    rita, first = make_user(Role.RECEPTION, house.clinic), course.appointments.get(position=0).during
    ada = house.resources["Dr Ada"]
    absence = absences.enter(ada, house.at("2026-03-02 00:00"), house.at("2026-03-04 00:00"), reason="", by=None)
    kept = offers.offer(course.appointments.get(position=0), house.slot("2026-02-27 10:00"), within=DAY, by=None, now=house.now)
    jobs: list[Callable[[], Any]] = [
        lambda: offers.accept(kept, by=rita, now=house.now),
        lambda: restored.lift(absence, by=rita, now=house.now),
        lambda: restored.lift(absence, by=rita, now=house.now),
        lambda: restored.tell(house.now),
    ]
    accepted, *told = at_once(jobs, expected=(OfferOver,))

    visit = course.appointments.get(position=0)
    assert not Appointment.offers.exists()
    assert (visit.during == first) == isinstance(accepted, OfferOver)
    stands = JournalEntry.objects.filter(verb="stands").count()
    assert sum(count for count in told if isinstance(count, int)) == stands == isinstance(accepted, OfferOver)
    assert not Task.objects.open_calls().exists()
