"""A crowd that does everything a clinic's people do, at random and at once; and what must be true when it has gone.

Patients, reception and the worker are threads with connections of their own. One clock goes on for all of them, half an
hour with each thing done, so that visits come due while courses change.
"""

import random
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from threading import Lock

from django.db import connection, connections

from bookings import absences, booking, displaced, nearness, offers, proposals, rescheduling, restored, screening, visits
from bookings.models import Absence, Appointment, AppointmentStatus, Claim, Course, CourseStatus, Patient
from bookings.models.states import OPEN, RUNNING
from bookings.proposals import CourseRequest
from bookings.refusals import Refusal
from clinic.models import Clinic, Resource, User
from treatments.models import Protocol, ProtocolZone

TICK = timedelta(minutes=30)
AHEAD_DAYS = 60  # how far ahead a first visit is looked for


@dataclass
class Crowd:
    """Who acts, where, from `now` (aware) on. `user` is a member of the team."""

    clinic: Clinic
    protocol: Protocol
    zones: Sequence[ProtocolZone]
    user: User
    now: datetime
    outcomes: Counter[str] = field(default_factory=Counter)
    errors: list[BaseException] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _number: "count[int]" = field(default_factory=count)

    def run(self, *, workers: int, seed: int, actions: int | None = None, seconds: float | None = None) -> None:
        """Let `workers` act at once until each has done so many `actions`, or for so many `seconds`."""
        until = time.monotonic() + seconds if seconds is not None else None

        def work(number: int) -> None:
            chance, done = random.Random(f"{seed}-{number}"), 0
            try:
                while (actions is None or done < actions) and (until is None or time.monotonic() < until):
                    self.act(chance)
                    done += 1
            finally:
                connections.close_all()

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, range(workers)))

    def act(self, chance: random.Random) -> None:
        """One thing at random. Whatever is not a refusal is an error."""
        action = chance.choice(ACTIONS)
        with self._lock:
            self.now += TICK
            now = self.now
        try:
            kind = "done" if action(self, chance, now) else "nothing to do"
        except Refusal as refusal:
            kind = type(refusal).__name__
        except Exception as error:  # noqa: BLE001 - what went wrong is what the caller looks at
            kind = type(error).__name__
            self.errors.append(error)
        self.outcomes[f"{action.__name__}: {kind}"] += 1

    # What they do: True when it was done, False when there was nothing to do it with

    def book(self, chance: random.Random, now: datetime) -> bool:
        course = self._held(chance, now)
        if course is None:
            return False
        number = next(self._number)
        patient = Patient.objects.create(
            first_name=f"P{number}", last_name="Crowd", birth_date=date(1985, 5, 17), phone="+33612345678"
        )
        booking.confirm(course, patient, answers=None, decision=screening.Decision(), by=None, now=now)
        Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at=now)
        return True

    def hold(self, chance: random.Random, now: datetime) -> bool:
        return self._held(chance, now) is not None

    def change_a_hold(self, chance: random.Random, now: datetime) -> bool:
        course = self._any(chance, CourseStatus.HELD)
        session = course and self._session(chance, course)
        if course is None or session is None:
            return False
        seen = proposals.standing(course, now)
        proposal = proposals.exactly(proposals.request_of(course, seen), seen.slots, stay=seen.slots, now=now)[0]
        found = proposals.alternatives(proposal, session.position, now=now)
        if found:
            booking.change_session(course, session.position, chance.choice(found).offer.slot, now=now)
        return bool(found)

    def sweep(self, chance: random.Random, now: datetime) -> bool:
        return booking.sweep(now) + rescheduling.release_abandoned(now) > 0

    def move(self, chance: random.Random, now: datetime) -> bool:
        course = self._any(chance, CourseStatus.BOOKED)
        session = course and self._session(chance, course)
        if course is None or session is None:
            return False
        found = rescheduling.options(course, session.position, now=now, late=chance.random() < 0.3)
        if found:
            reflow = rescheduling.move(course, session.position, chance.choice(found).offer.slot, now=now, late=True)
            rescheduling.apply(reflow, by=self.user, now=now)
        return bool(found)

    def leave_out(self, chance: random.Random, now: datetime) -> bool:
        course = self._any(chance, CourseStatus.BOOKED)
        session = course and self._session(chance, course)
        if course is None or session is None:
            return False
        rescheduling.apply(rescheduling.drop(course, session.position, team=True, now=now), by=self.user, now=now)
        return True

    def give_back(self, chance: random.Random, now: datetime) -> bool:
        course = self._any(chance, CourseStatus.BOOKED)
        session = course and self._session(chance, course)
        if session is None:
            return False
        rescheduling.cannot_come(session, by=self.user, now=now)
        return True

    def refill(self, chance: random.Random, now: datetime) -> bool:
        course = self._any(chance, CourseStatus.BOOKED)
        if course is None:
            return False
        rescheduling.apply(rescheduling.refill(course, now=now), by=self.user, now=now)
        return True

    def pause(self, chance: random.Random, now: datetime) -> bool:
        course = self._any(chance, CourseStatus.BOOKED)
        if course is None:
            return False
        rescheduling.suspend(course, by=self.user, now=now)
        return True

    def go_on(self, chance: random.Random, now: datetime) -> bool:
        course = self._any(chance, CourseStatus.SUSPENDED)
        if course is None:
            return False
        rescheduling.apply(rescheduling.resume(course, now.date(), now=now), by=self.user, now=now)
        return True

    def end(self, chance: random.Random, now: datetime) -> bool:
        course = self._any(chance, CourseStatus.BOOKED, CourseStatus.SUSPENDED)
        if course is None or chance.random() < 0.7:
            return False
        booking.end_course(course, CourseStatus.CANCELLED, by=self.user, now=now)
        return True

    def visit(self, chance: random.Random, now: datetime) -> bool:
        """What has come due took place, was missed, or is undone a moment later."""
        due = Appointment.objects.filter(status=AppointmentStatus.BOOKED, during__startswith__lte=now)
        appointment = due.select_related("course__clinic").order_by("during").first()
        if appointment is None:
            return False
        if chance.random() < 0.3:
            visits.miss(appointment, by=self.user, now=now)
            if chance.random() < 0.5:
                visits.undo(appointment, "miss", by=self.user, now=now)
            return True
        begins = appointment.during.lower
        visits.start(appointment, by=self.user, now=begins)
        visits.complete(appointment, by=self.user, now=begins + timedelta(minutes=chance.choice([30, 90, 120])))
        return True

    # With what

    def _held(self, chance: random.Random, now: datetime) -> Course | None:
        request = CourseRequest(self.clinic, self.protocol, tuple(self.zones), with_consultation=False)
        start = now.date() + timedelta(days=chance.randrange(AHEAD_DAYS))
        firsts = proposals.first_offers(request, start=start, end=start + timedelta(days=4), now=now)
        if not firsts:
            return None
        proposal = proposals.propose(request, chance.choice(firsts).slot, now=now)
        slots = proposal.slots
        pins = {position: slot for position, slot in slots.items() if position}
        return booking.hold(request, slots[0], pins, visitor=f"{id(self)}-{next(self._number)}", network="", now=now)

    def away(self, chance: random.Random, now: datetime) -> bool:
        """Somebody is ill, or something broken, for a few hours of the next weeks."""
        resource = chance.choice(list(Resource.objects.order_by("pk")))
        starts = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=chance.randrange(24 * 30))
        absences.enter(resource, starts, starts + timedelta(hours=chance.randrange(1, 9)), reason="", by=self.user)
        return True

    def back(self, chance: random.Random, now: datetime) -> bool:
        absence = Absence.objects.filter(during__endswith__gt=now).order_by("pk").first()
        if absence is None:
            return False
        restored.lift(absence, by=self.user, now=now)
        return True

    def reassign(self, chance: random.Random, now: datetime) -> bool:
        """Another room, device or assistant for a visit that lost one."""
        rows = [row for row in displaced.displaced(self.clinic, now) if not row.lead_is_missing]
        return bool(rows) and displaced.reassign(chance.choice(rows).visit, by=self.user, now=now)

    def propose(self, chance: random.Random, now: datetime) -> bool:
        """Another date kept for a session, or a first one for what is planned, until the patient answers."""
        course = self._any(chance, CourseStatus.BOOKED)
        session = course and self._session(chance, course)
        if course is None or session is None:
            return False
        seen = proposals.standing(course, now)
        found = proposals.alone(proposals.request_of(course, seen), seen, session.position, now=now)
        if found is None or not found[1]:
            return False
        offers.offer(session, chance.choice(found[1]), within=timedelta(hours=chance.randrange(1, 48)), by=self.user, now=now)
        return True

    def answer(self, chance: random.Random, now: datetime) -> bool:
        """A patient accepts, reception withdraws, or nobody answers."""
        keys = list(Appointment.offers.order_by("pk").values_list("pk", flat=True))
        kept = Appointment.offers.filter(pk=chance.choice(keys)).first() if keys else None
        if kept is None:
            return restored.tell(now) + offers.lapse(now) + offers.offer_due(now) > 0
        if chance.random() < 0.2:
            offers.withdraw(kept, by=self.user, now=now)
        else:
            offers.accept(kept, by=self.user, now=now)
        return True

    @staticmethod
    def _any(chance: random.Random, *status: str) -> Course | None:
        keys = list(Course.objects.filter(status__in=status).order_by("pk").values_list("pk", flat=True))
        return Course.objects.get(pk=chance.choice(keys)) if keys else None

    @staticmethod
    def _session(chance: random.Random, course: Course) -> Appointment | None:
        rows = list(course.appointments.filter(status__in=OPEN).select_related("phase", "course__clinic").order_by("position"))
        return chance.choice(rows) if rows else None

    # What must be true afterwards

    def broken(self) -> list[str]:
        """Everything that is not as it must be; nothing, if all is well."""
        found = ["".join(traceback.format_exception(error)) for error in self.errors]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM bookings_claim a JOIN bookings_claim b"
                " ON a.resource_id = b.resource_id AND a.id < b.id AND a.during && b.during"
            )
            found += [f"{number} claims overlap" for (number,) in cursor.fetchall() if number]
        orphans = Claim.objects.filter(appointment__during=None).count()
        found += [f"{orphans} claims without a session"] if orphans else []
        timed = Appointment.objects.filter(during__isnull=False, status__in=OPEN).select_related("course")
        for row in timed.prefetch_related("claims__resource"):
            kinds = {claim.resource.kind for claim in row.claims.all()}
            if kinds != {"person", "room", "device"}:
                found.append(f"{row.course_id}/{row.position} has only {sorted(kinds)}")
            day = row.during.lower.astimezone(self.clinic.zone).date()
            if not row.earliest <= day <= row.latest and not self._waits(row):
                found.append(f"{row.course_id}/{row.position} on {day} lies outside {row.earliest} to {row.latest}")
        found += [
            f"{kept.course_id}/{kept.position} is kept for nothing" for kept in Appointment.offers.all() if not self._open(kept)
        ]
        ended = Course.objects.filter(status__in=[CourseStatus.CANCELLED, CourseStatus.EXPIRED], appointments__status="held")
        found += [f"{course.pk} has ended and is still held" for course in ended.distinct()]
        found += [text for course in Course.objects.filter(status__in=RUNNING) for text in self._unexplained(course)]
        return found

    def _waits(self, row: Appointment) -> bool:
        """Whether something it is counted from has no date: until that has one, it stays where it is."""
        rows = {each.position: each for each in row.course.appointments.all()}
        anchors = proposals.anchors(proposals.request_of(row.course, proposals.standing(row.course, self.now)))
        position = anchors[row.position]
        while position is not None and rows[position].during:
            position = anchors[position]
        return position is not None

    def _unexplained(self, course: Course) -> list[str]:
        """Whatever has become of a course, its page says why its dates are where they are."""
        rows = list(course.appointments.select_related("phase"))
        try:
            reasons = nearness.of_course(course, rows, now=self.now)
        except Exception as error:  # noqa: BLE001 - the page would answer 500
            return [f"{course.pk} cannot be explained: {type(error).__name__}: {error}"]
        coming = [row for row in rows if row.status in OPEN and row.during and row.position and row.during.lower > self.now]
        ideal = {row.position: max(row.target, course.not_before or row.target) for row in coming}
        off = [
            row for row in coming if row.during and row.during.lower.astimezone(self.clinic.zone).date() != ideal[row.position]
        ]
        return [f"{course.pk}/{row.position} is not on its ideal day for no reason" for row in off if row.position not in reasons]

    @staticmethod
    def _open(kept: Appointment) -> bool:
        """Whether there is a session for which this is kept, and only until the patient answers."""
        for_ever = kept.claims.exclude(held_until=kept.reply_by).exists()
        rows = Appointment.objects.filter(course=kept.course_id, position=kept.position, course__status=CourseStatus.BOOKED)
        return not for_ever and rows.exists()


ACTIONS: Sequence[Callable[[Crowd, random.Random, datetime], bool]] = (
    *[Crowd.book] * 4,
    Crowd.hold,
    Crowd.change_a_hold,
    Crowd.sweep,
    *[Crowd.move] * 3,
    Crowd.leave_out,
    Crowd.give_back,
    Crowd.refill,
    Crowd.pause,
    *[Crowd.go_on] * 2,
    Crowd.end,
    *[Crowd.visit] * 3,
    *[Crowd.propose] * 2,
    *[Crowd.answer] * 2,
    Crowd.away,
    Crowd.back,
    *[Crowd.reassign] * 2,
)
