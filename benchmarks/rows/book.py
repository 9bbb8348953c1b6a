"""book: hold and confirm an 8-session course; the floor writes the same rows to the same tables in two durable commits."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from itertools import count
from typing import Any

import psycopg2
from django.db import connection
from psycopg2.extras import execute_values, register_default_jsonb

from benchmarks import database
from benchmarks.busy_clinic import NOW, TODAY
from benchmarks.measure import Row
from bookings import booking, proposals
from bookings.models import Course, Patient
from bookings.proposals import CourseRequest, Proposal
from bookings.screening import Decision
from clinic.models import Clinic
from treatments.models import Protocol

TABLES = {
    "bookings_course": "id = %s",
    "bookings_course_zones": "course_id = %s",
    "bookings_appointment": "course_id = %s",
    "bookings_claim": "appointment_id IN (SELECT id FROM bookings_appointment WHERE course_id = %s)",
    "bookings_journalentry": "course_id = %s",
}


class Bookings:
    """Each turn books the next course of the list, then writes it once more by hand."""

    def __init__(self, bare: Any) -> None:
        clinic, protocol = Clinic.objects.get(), Protocol.objects.with_parts().get(status="published")
        face = tuple(zone for zone in protocol.zones.all() if zone.zone.code == "face")
        self.request = CourseRequest(clinic, protocol, face, with_consultation=False)
        self.number, self.bare = count(), bare
        self.rows: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {}
        self.proposal: Proposal
        self.patient: Patient
        self.course: Course

    def choose(self) -> None:
        """What the patient has on screen before they click: a course that fits."""
        number = next(self.number)
        offers = proposals.first_offers(self.request, start=TODAY, end=TODAY + timedelta(days=31), now=NOW)
        self.proposal = proposals.propose(self.request, offers[len(offers) // 2].slot, now=NOW)
        # Without an address: the mail is written after the commit, and is another matter.
        self.patient = Patient.objects.create(first_name="Pia", last_name=f"Petit {number}", birth_date=date(1985, 5, 17))

    def ours(self) -> None:
        slots = self.proposal.slots
        pins = {position: slot for position, slot in slots.items() if position}
        held = booking.hold(self.request, slots[0], pins, visitor=f"visitor {self.patient.pk}", network="", now=NOW)
        self.course = booking.confirm(held, self.patient, answers=None, decision=Decision(), by=None, now=NOW)

    def take_back(self) -> None:
        """Read what was written, and make room for it."""
        with self.bare, self.bare.cursor() as cursor:
            for table, mine in TABLES.items():
                cursor.execute(f"SELECT * FROM {table} WHERE {mine}", [self.course.pk])
                self.rows[table] = [column.name for column in cursor.description], cursor.fetchall()
            cursor.execute("SET LOCAL session_replication_role = replica")  # the journal is never deleted otherwise
            for table, mine in reversed(TABLES.items()):
                cursor.execute(f"DELETE FROM {table} WHERE {mine}", [self.course.pk])

    def floor(self) -> None:
        with self.bare, self.bare.cursor() as cursor:
            for table, (columns, rows) in self.rows.items():
                execute_values(cursor, f"INSERT INTO {table} ({', '.join(columns)}) VALUES %s", rows)
        with self.bare, self.bare.cursor() as cursor:
            cursor.execute("UPDATE bookings_course SET booked_at = now() WHERE id = %s", [self.course.pk])
            cursor.execute(
                "UPDATE bookings_appointment SET status = 'booked' WHERE course_id = %s AND during IS NOT NULL", [self.course.pk]
            )
            mine = TABLES["bookings_claim"]
            cursor.execute(f"UPDATE bookings_claim SET held_until = NULL WHERE {mine}", [self.course.pk])


@contextmanager
def row(past_years: int = 1) -> Iterator[Row]:
    with database.copied(past_years):
        bare = psycopg2.connect(**connection.get_connection_params() | {"cursor_factory": None})
        register_default_jsonb(bare, loads=lambda text: text)
        turns = Bookings(bare)
        yield Row(
            "book",
            "hold and confirm an 8-session course",
            turns.ours,
            turns.floor,
            most_ratio=2.5,
            rounds=15,
            before_ours=turns.choose,
            before_floor=turns.take_back,
        )
        bare.close()
