"""availability: the first twenty starts in the next 28 days with any practitioner; the floor reads the same claims."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
from django.db import connection

from benchmarks import database
from benchmarks.busy_clinic import NOW, TODAY
from benchmarks.measure import Row
from bookings import availability
from clinic.models import Clinic, Resource
from treatments.models import Protocol

DAYS, STARTS = 28, 20


@contextmanager
def row(past_years: int = 1) -> Iterator[Row]:
    with database.copied(past_years):
        clinic = Clinic.objects.get()
        protocol = Protocol.objects.get(status="published")
        shape = availability.shape(protocol.visits.get(code="session"), protocol.zones.filter(zone__code="face"))
        last_day = TODAY + timedelta(days=DAYS - 1)

        def ours() -> object:
            found = availability.search(clinic, [shape], TODAY, last_day, NOW).candidates[shape.key]
            return found.where(slice(STARTS)).slots()

        statement = database.floor("availability")
        span = {"start": NOW, "end": NOW + timedelta(days=DAYS), "now": NOW}
        parameters = {"resources": list(Resource.objects.values_list("pk", flat=True)), **span}
        bare = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
        with bare, bare.cursor() as cursor:

            def floor() -> object:
                cursor.execute(statement, parameters)
                return cursor.fetchall()

            yield Row("availability", "first 20 starts in 28 days, any practitioner", ours, floor, most_ms=15, most_ratio=3)
        bare.close()
