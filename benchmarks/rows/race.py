"""race: 50 visitors want the same first slot at the same moment, ten rounds; each loser is offered the nearest course."""

import statistics
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

from django.db import OperationalError, connections

from benchmarks import database
from benchmarks.busy_clinic import NOW, TODAY
from benchmarks.measure import Counts
from bookings import booking, proposals
from bookings.models import Course, CourseStatus
from bookings.proposals import CourseRequest, Proposal
from bookings.refusals import SlotTaken
from clinic.models import Clinic
from treatments.models import Protocol

CLIENTS, ROUNDS, MOST_P95 = 50, 10, 1000


def counts() -> Counts:
    """`winners` a round, `deadlocks` and `partial` courses in all, `losers` shown another course, `p95_ms` until a client has an
    answer, `p95_with_course_ms` until a loser has another course as well."""
    with database.copied():
        clinic, protocol = Clinic.objects.get(), Protocol.objects.with_parts().get(status="published")
        Clinic.objects.update(max_open_holds=1000)
        face = tuple(zone for zone in protocol.zones.all() if zone.zone.code == "face")
        request = CourseRequest(clinic, protocol, face, with_consultation=False)
        outcomes, spent, shown = Counter[str](), list[float](), list[float]()
        for number in range(ROUNDS):
            offers = proposals.first_offers(request, start=TODAY, end=TODAY + timedelta(days=31), now=NOW)
            proposal = proposals.propose(request, offers[number * len(offers) // ROUNDS].slot, now=NOW)
            found = _round(proposal, number)
            outcomes.update(kind for kind, _, _ in found)
            spent += [milliseconds for _, milliseconds, _ in found]
            shown += [milliseconds for _, _, milliseconds in found]
        held = Course.objects.filter(status=CourseStatus.HELD)
        partial = sum(course.appointments.filter(claims=None, during__isnull=False).exists() for course in held)
        p95, p95_shown = (statistics.quantiles(each, n=20)[-1] for each in (spent, shown))
    figures = {
        "winners": outcomes["held"] / ROUNDS,
        "losers": outcomes["taken"] / ROUNDS,
        "deadlocks": outcomes["deadlock"],
        "errors": outcomes["error"],
        "partial": partial,
        "p95_ms": round(p95, 1),
        "p95_with_course_ms": round(p95_shown, 1),
    }
    as_it_must = (outcomes["held"], outcomes["taken"], partial) == (ROUNDS, ROUNDS * (CLIENTS - 1), 0)
    return Counts("race", f"{CLIENTS} clients, one first slot, {ROUNDS} rounds", figures, as_it_must and p95 <= MOST_P95)


def _round(proposal: Proposal, number: int) -> list[tuple[str, float, float]]:
    """Of each client: how it ended, and the milliseconds to the answer, and to the course that a loser is shown instead."""
    start, answered, slots = Barrier(CLIENTS), Barrier(CLIENTS), proposal.slots
    pins = {position: slot for position, slot in slots.items() if position}

    def client(visitor: int) -> tuple[str, float, float]:
        start.wait(timeout=60)
        began = time.perf_counter()
        try:
            booking.hold(proposal.request, slots[0], pins, visitor=f"{number}-{visitor}", network="", now=NOW)
            kind = "held"
        except SlotTaken:
            kind = "taken"
        except OperationalError:
            kind = "deadlock"
        except Exception:  # noqa: BLE001 - counted
            kind = "error"
        answer = time.perf_counter() - began
        answered.wait(timeout=60)  # so that what comes after is not in the way of those who still wait for their answer
        began = time.perf_counter()
        if kind == "taken" and proposals.nearest(proposal.request, slots[0], now=NOW) is None:
            kind = "without a course"
        connections.close_all()
        return kind, answer * 1000, (answer + time.perf_counter() - began) * 1000

    with ThreadPoolExecutor(CLIENTS) as pool:
        return list(pool.map(client, range(CLIENTS)))
