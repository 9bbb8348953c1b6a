"""Fill an empty database with the demo clinic: people, rosters, a year of bookings, and a day with every state."""

from random import Random
from typing import Any

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.utils import timezone

from bookings import screening
from bookings.management.demo import cast, courses, house, year
from bookings.management.demo.agenda import DemoAgenda
from bookings.models import Clearance, Patient
from clinic import hours
from clinic.models import Clinic, Closure, Resource, User
from treatments import protocols
from treatments.models import Protocol, Treatment

SEED = 20260302
SLUGS = {"skin": "exosomes-skin", "hair": "exosomes-hair"}


class Command(BaseCommand):
    help = "Load the demo clinic into an empty database (demo mode only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CADENCE_DEMO:
            raise CommandError("The demo is loaded only with DEMO=1, which needs DEBUG=1.")
        if Clinic.objects.exists():
            raise CommandError("There is a clinic already: the demo is loaded into an empty database only.")
        with transaction.atomic():
            self._load()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _load(self) -> None:
        now = timezone.now()
        clinic = house.build(timezone.localdate(now))
        call_command("load_catalogue", publish=True, verbosity=0, stdout=self.stdout)  # needs the people, rooms and devices
        house.products()
        today = timezone.localdate(now, clinic.zone)
        day = today if hours.is_open_day(clinic, today) else hours.next_open_day(clinic, today)
        assert day is not None
        monday, reopening = house.closed_week(today)
        zone = clinic.zone
        Closure.objects.create(
            clinic=clinic,
            during=(hours.local_day_span(monday, zone)[0], hours.local_day_span(reopening, zone)[0]),
            reason="Congés d’été",
        )
        first_day, last_day = today - relativedelta(years=1), hours.horizon(clinic, today)
        agenda = DemoAgenda(clinic, first_day, last_day, now)
        stage = cast.Stage(
            agenda=agenda,
            protocols={name: _protocol(slug) for name, slug in SLUGS.items()},
            day=day,
            leads=list(Resource.objects.filter(capabilities__code="physician").order_by("pk").values_list("pk", flat=True)),
            last_day=last_day,
            now=now,
            moment=cast.moment(agenda, day, now),
        )
        known = _demo_patient()
        booked = [*cast.perform(stage), *cast.demo_patient(stage, known), *year.live(stage, first_day, now, Random(SEED))]  # noqa: S311 - a fixed seed is the point
        people = {id(course.patient): course.patient for course in booked if course.patient.pk is None}
        Patient.objects.bulk_create(people.values())
        courses.store(booked, clinic.pk, User.objects.get(name="Claire Vasseur"), now)
        for course in booked:
            if course.clearance == Clearance.TO_REVIEW and not course.with_consultation:
                assert course.row.booked_at is not None
                screening.store(course.row, {"anticoagulant": None}, course.row.booked_at)


def _protocol(slug: str) -> Protocol:
    protocol = protocols.booked_online(Treatment.objects.get(slug=slug))
    assert protocol is not None
    return protocol


def _demo_patient() -> Patient:
    user = User.objects.create_user(house.PATIENT, name="Camille Durand")
    return Patient.objects.create(
        user=user,
        first_name="Camille",
        last_name="Durand",
        birth_date="1986-09-12",
        email=house.PATIENT,
        phone="+33639980012",
    )
