"""first_slots: every first slot of a month, each priced with its complete course; the floor reads the claims of its span."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import psycopg2
from django.db import connection

from benchmarks import database
from benchmarks.busy_clinic import NOW, TODAY
from benchmarks.measure import Row
from bookings import proposals
from bookings.proposals import CourseRequest
from clinic import hours
from clinic.models import Clinic, Resource
from treatments.models import Protocol

MONTH = timedelta(days=31)


@contextmanager
def row(past_years: int = 1) -> Iterator[Row]:
    with database.copied(past_years):
        clinic = Clinic.objects.get()
        protocol = Protocol.objects.with_parts().get(status="published")
        face = tuple(zone for zone in protocol.zones.all() if zone.zone.code == "face")
        request = CourseRequest(clinic, protocol, face, with_consultation=False)

        def ours() -> object:
            return proposals.first_offers(request, start=TODAY, end=TODAY + MONTH, now=NOW)

        assert ours(), "the clinic is so busy that no course begins this month: nothing would be measured"
        statement = database.floor("availability")
        end = hours.local_day_span(hours.horizon(clinic, TODAY), clinic.zone)[1]
        parameters = {"resources": list(Resource.objects.values_list("pk", flat=True)), "start": NOW, "end": end, "now": NOW}
        bare = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
        with bare, bare.cursor() as cursor:

            def floor() -> object:
                cursor.execute(statement, parameters)
                return cursor.fetchall()

            what = "every first slot of a month, each priced with its 8-session course"
            yield Row("first_slots", what, ours, floor, most_ms=300, most_ratio=3)
        bare.close()
