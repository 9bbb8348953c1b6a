"""Putting courses on resources and taking them off again: the only module that creates, changes or deletes claims.

The order of every write: search, lock the resources in key order, lock the courses in the way, look again, store.
Freeing time deletes claims; what was, the journal keeps. Every function runs inside the caller's transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings import availability, proposals
from bookings.locking import lock_courses, take_turns
from bookings.messages import Move, name_of
from bookings.models import Appointment, AppointmentStatus, Claim, Course, CourseStatus, JournalEntry, Task
from bookings.models.states import EXPECTED, OPEN, UNDECIDED
from bookings.planner import Slot
from bookings.proposals import CourseRequest, Proposal, ProposedSession
from bookings.refusals import LostMeanwhile, SlotTaken
from clinic import timegrid
from clinic.models import User

Needs = Mapping[int, Sequence[availability.Wanted]]
NO_TIME = {"during": None, "lead": None, "agreed_at": None, "asked_at": None}


def claimable(
    request: CourseRequest,
    slots: Mapping[int, Slot],
    now: datetime,
    *,
    replaces: Collection[int] = (),
    stay: Collection[int] = (),
) -> tuple[Proposal, Needs]:
    """The course on exactly these slots with concrete resources, locked and seen to be free; the sessions at the positions
    in `stay` keep what they have.

    Courses of `request.ignore_courses` (keys) do not stand in the way and are locked too; of these, the holds in
    `replaces` are released. Raises what `proposals.exactly` raises.
    """
    proposal, search = proposals.exactly(request, slots, stay=stay, now=now)
    present = _present(request.ignore_courses)
    needs = search.needs(proposal, present, stay)
    wanted = [claim for claims in needs.values() for claim in claims]
    take_turns({claim.resource for claim in wanted})
    if lost := search.lost(proposal, present, stay, now):  # first of all: of many who want the same, all but one end here
        raise SlotTaken() if lost & {slot.lead for slot in slots.values()} else LostMeanwhile()  # a room has a substitute
    _clear_the_way({claim.resource for claim in wanted}, request.ignore_courses, replaces, now)
    proposals.check_still_booked(request)
    return proposal, needs


def _present(courses: Collection[int]) -> dict[int, set[int]]:
    """The resources these courses have, by position of the session: what stays where it is keeps its room."""
    present: dict[int, set[int]] = {}
    rows = Claim.objects.filter(appointment__course__in=courses).values_list("appointment__position", "resource")
    for position, resource in rows if courses else ():
        present.setdefault(position, set()).add(resource)
    return present


def _clear_the_way(resources: Collection[int], own: Collection[int], replaces: Collection[int], now: datetime) -> None:
    """Under the resources' locks: release holds that have run out on them, and the visitor's own earlier hold."""
    over = Claim.objects.filter(resource__in=resources, held_until__lte=now).values_list("appointment__course", flat=True)
    for course in lock_courses({*over, *own}).values():
        if course.pk in replaces and course.status == CourseStatus.HELD:
            expire(course, now, verb="replaced")
        elif course.pk not in own:
            expire_if_over(course, now)
        lapse(course, now)


def store(course: Course, proposal: Proposal, needs: Needs, now: datetime) -> Course:
    """Insert a held course with all its sessions and claims."""
    course.save()
    course.zones.add(*proposal.request.zones)
    rows = Appointment.objects.bulk_create(_fill(Appointment(course=course), session, now) for session in proposal.sessions)
    Claim.objects.bulk_create(claim for row in rows for claim in _claims(row, needs.get(row.position, ()), course.held_until))
    JournalEntry.objects.record("held", course=course, at=now, until=course.held_until)
    return course


def rearrange(course: Course, proposal: Proposal, needs: Needs, *, now: datetime, stay: Collection[int] = ()) -> list[Move]:
    """Bring the sessions of a stored course that are still to come to `proposal`; those whose claims are the same are not
    touched. What the proposal does not have is skipped, and what it takes up again is no longer."""
    undecided = course.appointments.filter(status__in=[*UNDECIDED, AppointmentStatus.SKIPPED])
    coming = undecided.exclude(position__in=proposal.request.done).select_related("phase", "lead__practitioner")
    rows = {row.position: row for row in coming.prefetch_related("claims")}
    sessions = [session for session in proposal.sessions if session.position not in proposal.request.done]
    for session in sessions:
        if session.position not in rows:
            rows[session.position] = _added(course, session, now)
    dropped = [rows.pop(position) for position in sorted(set(rows) - {session.position for session in sessions})]
    looked_at = [item.position for item in sessions if item.position not in stay]
    changed = [rows[position] for position in looked_at if claimed(rows[position]) != list(needs.get(position, ()))]
    moves = [move for item in sessions if (move := _move(rows[item.position], item))]
    left_out = [row for row in dropped if row.status != AppointmentStatus.SKIPPED]
    kept = set(Appointment.offers.filter(course=course).values_list("position", flat=True))
    told = {move.position for move in moves} | {row.position for row in left_out}
    withdraw(course, *kept & (told | {row.position for row in changed}))
    for row in changed:
        if row.position in kept - told:  # its patient waits to hear from us
            Task.objects.ensure(Task.Kind.CALL_BACK, course=course, appointment=row, due=now)
    moves += [Move.away(row) for row in left_out]
    # Everything that changes gives its time back first, so that two sessions may exchange theirs.
    Claim.objects.filter(appointment__in=[*changed, *left_out]).delete()
    course.appointments.filter(pk__in=[row.pk for row in left_out]).update(status=AppointmentStatus.SKIPPED, **NO_TIME)
    course.appointments.filter(pk__in=[row.pk for row in changed]).update(status=AppointmentStatus.PLANNED, **NO_TIME)
    for session in sessions:
        _fill(rows[session.position], session, now, course).save()
    Claim.objects.bulk_create(claim for row in changed for claim in _claims(row, needs.get(row.position, ()), course.held_until))
    return moves


def reassign(visit: Appointment, now: datetime) -> bool:
    """Give a visit (with its course, zones and the segments of its phase) other resources for those it can no longer have, at
    the same time with the same practitioner; False where that is not possible. The lead is never exchanged.

    Resources are locked before the course, which is looked at again. Raises LostMeanwhile when somebody was quicker.
    """
    wanted = at_the_same_time(visit, now)
    if wanted is None:
        return False
    make_way({claim.resource for claim in wanted}, visit.course_id, now)
    same = {"status__in": EXPECTED, "during": visit.during, "lead": visit.lead_id, "phase": visit.phase_id}
    zones = set(Course.zones.through.objects.filter(course=visit.course_id).values_list("protocolzone", flat=True))
    changed = zones != {zone.pk for zone in visit.course.zones.all()}
    if (
        changed
        or not Appointment.objects.filter(pk=visit.pk, **same).exists()
        or at_the_same_time(visit, now, prefer={claim.resource for claim in wanted}) != wanted
    ):
        raise LostMeanwhile()
    free(visit)
    Claim.objects.bulk_create(_claims(visit, wanted, None))
    return True


def at_the_same_time(
    visit: Appointment, now: datetime, *, taken: Collection[availability.Wanted] = (), prefer: Collection[int] | None = None
) -> list[availability.Wanted] | None:
    """What a booked visit could claim at its own time: the resources in `prefer` (keys; those it has) where they can serve;
    `taken` counts as claimed by others. None where its time is not possible, or its practitioner not there."""
    slot, clinic = proposals.appointment_slot(visit, visit.course.clinic), visit.course.clinic
    shape = availability.shape(visit.phase.visit, visit.course.zones.all())
    day = date.fromordinal(slot.day)
    found = availability.search(
        clinic, [shape], day, day, now, days={slot.day}, ignore_courses=(visit.course_id,), taken=taken, notice=False
    )
    has = {claim.resource_id for claim in visit.claims.all()} if prefer is None else prefer
    return found.wanted(shape.key, slot, prefer=has)


def _added(course: Course, session: ProposedSession, now: datetime) -> Appointment:
    """A session the course did not have, since another protocol has more of them; still without a time."""
    undated = replace(session, slot=None, starts=None, ends=None, practitioner=None)
    row = _fill(Appointment(course=course, patient=course.patient), undated, now)
    row.save()
    return row


def _move(row: Appointment, session: ProposedSession) -> Move | None:
    """What the patient is told of this session; None where neither its time nor its practitioner changes."""
    before = row.during.lower if row.during else None
    if (before, row.lead) == (session.starts, session.practitioner):
        return None
    return Move(session.position, session.label, before, session.starts, name_of(row.lead), name_of(session.practitioner))


def _fill(row: Appointment, session: ProposedSession, now: datetime, course: Course | None = None) -> Appointment:
    """Write a proposed session into an appointment row; without a time it is planned. Another time is agreed to at `now`."""
    course = course or row.course
    row.position, row.number, row.phase, row.optional = session.position, session.number, session.phase, session.optional
    row.target, row.earliest, row.latest, row.put_off_to = session.target, session.earliest, session.latest, session.put_off_to
    if session.starts != (row.during.lower if row.during else None):
        row.agreed_at, row.asked_at = now if session.starts else None, None
    row.lead = session.practitioner
    row.during = DateTimeTZRange(session.starts, session.ends) if session.starts else None
    firm = AppointmentStatus.HELD if course.status == CourseStatus.HELD else AppointmentStatus.BOOKED
    row.status, row.reply_by = firm if session.starts else AppointmentStatus.PLANNED, None
    return row


def _claims(row: Appointment, wanted: Sequence[availability.Wanted], held_until: datetime | None) -> list[Claim]:
    return [
        Claim(
            resource_id=item.resource,
            during=DateTimeTZRange(timegrid.instant(item.start), timegrid.instant(item.end)),
            appointment=row,
            held_until=held_until,
        )
        for item in wanted
    ]


def claimed(row: Appointment) -> list[availability.Wanted]:
    """What a stored appointment claims, in the order of `Search.wanted`."""
    return sorted(_wanted(claim) for claim in row.claims.all())


def _wanted(claim: Claim) -> availability.Wanted:
    return availability.Wanted(claim.resource_id, timegrid.tick(claim.during.lower), timegrid.tick(claim.during.upper))


# Times kept until the patient answers -----------------------------------------------------------------------------------------


def keep(
    session: Appointment, during: tuple[datetime, datetime], lead: int, wanted: Sequence[availability.Wanted], until: datetime
) -> Appointment:
    """Keep a time (aware) for a session beside the one it has, until the patient answers: what it would claim is claimed, unless
    the session claims it already."""
    kept = Appointment.offers.create(
        course_id=session.course_id,
        patient_id=session.patient_id,
        position=session.position,
        number=session.number,
        phase_id=session.phase_id,
        optional=session.optional,
        target=session.target,
        earliest=session.earliest,
        latest=session.latest,
        during=DateTimeTZRange(*during),
        lead_id=lead,
        status=AppointmentStatus.PROPOSED,
        reply_by=until,
    )
    Claim.objects.bulk_create(_claims(kept, availability.beyond(wanted, claimed(session)), until))
    return kept


def take(session: Appointment, kept: Appointment, wanted: Sequence[availability.Wanted], *, now: datetime) -> None:
    """The session gives its time back and takes the one kept for it, agreed to at `now`; all that it then claims (`wanted`) was
    claimed for it."""
    session.claims.all().delete()
    kept.delete()
    session.status, session.during, session.lead = AppointmentStatus.BOOKED, kept.during, kept.lead
    session.agreed_at, session.asked_at = now, None
    session.save(update_fields=["status", "during", "lead", "agreed_at", "asked_at"])
    Claim.objects.bulk_create(_claims(session, wanted, None))


def retarget(course: Course, proposal: Proposal) -> None:
    """Count the ideal days and windows of the sessions still to come from the dates the others have now."""
    rows = {row.position: row for row in course.appointments.filter(status__in=UNDECIDED)}
    for session in proposal.sessions:
        if (row := rows.get(session.position)) and session.position not in proposal.request.done:
            row.target, row.earliest, row.latest = session.target, session.earliest, session.latest
            row.save(update_fields=["target", "earliest", "latest"])


def withdraw(course: Course, *positions: int) -> int:
    """Free the times kept for the sessions at these positions; how many. The caller holds the course's lock."""
    return Appointment.offers.filter(course=course, position__in=positions).delete()[1].get("bookings.Appointment", 0)


def withdraw_all(course: Course, *, from_position: int = 0) -> None:
    """The same for every session of the course from this position on."""
    Appointment.offers.filter(course=course, position__gte=from_position).delete()


def lapse(course: Course, now: datetime) -> bool:
    """Under the course's lock: free the times kept for it whose patient has not answered by `now`; reception is to call."""
    over = list(Appointment.offers.filter(course=course, reply_by__lte=now))
    rows = {row.position: row for row in course.appointments.all() if over}
    for kept in over:
        session = rows[kept.position]
        if course.status != CourseStatus.BOOKED or session.status not in UNDECIDED:
            continue
        Task.objects.ensure(Task.Kind.UNANSWERED, course=course, appointment=session, due=now)
        JournalEntry.objects.record("unanswered", course=course, appointment=session, at=now, starts=kept.during.lower)
    return withdraw(course, *(kept.position for kept in over)) > 0


def claims_for(course: Course, position: int) -> list[availability.Wanted]:
    """What is claimed for one session: by itself, and by what is kept for it."""
    rows = Claim.objects.filter(appointment__course=course, appointment__position=position)
    return sorted(_wanted(claim) for claim in rows)


def taken_by(course: Course, *, but_for: int) -> tuple[availability.Wanted, ...]:
    """What this course claims for all sessions but the one at that position."""
    rows = Claim.objects.filter(appointment__course=course).exclude(appointment__position=but_for)
    return tuple(_wanted(claim) for claim in rows)


# Releasing ------------------------------------------------------------------------------------------------------------------


def expire_if_over(course: Course, now: datetime) -> bool:
    """Under the course's lock: release the hold if its time is over, looked at again."""
    if course.status != CourseStatus.HELD or course.held_until is None or course.held_until > now:
        return False
    expire(course, now, verb="expired")
    return True


def expire(course: Course, now: datetime, *, verb: str, by: User | None = None) -> None:
    free_course(course)
    course.status, course.held_until, course.visitor, course.network = CourseStatus.EXPIRED, None, "", ""
    course.save(update_fields=["status", "held_until", "visitor", "network"])
    JournalEntry.objects.record(verb, course=course, at=now, by=by)


def to_come(course: Course, *, now: datetime | None) -> list[Appointment]:
    """The sessions of a course still to come, in order, with or without a time: what has not begun by `now` (aware)."""
    rows = course.appointments.filter(status__in=OPEN).select_related("phase", "lead__practitioner")
    return [row for row in rows.order_by("position") if not (now and row.has_begun(now))]


def free_course(
    course: Course,
    status: AppointmentStatus = AppointmentStatus.CANCELLED,
    *,
    after: datetime | None = None,
    from_position: int = 0,
) -> list[Move]:
    """Leave every session still to come without a time, in `status`, and delete its claims; returns those that had one, or for
    which one was kept.

    `after` (aware): what has begun by then stays as it is, for somebody to note what became of it.
    """
    coming = [row for row in to_come(course, now=after) if row.position >= from_position]
    kept = Appointment.offers.filter(course=course, position__gte=from_position).select_related("phase", "lead__practitioner")
    dated = {row.position: row for row in kept} | {row.position: row for row in coming if row.during}
    moves = [Move.away(dated[row.position]) for row in coming if row.position in dated]
    withdraw_all(course, from_position=from_position)
    Claim.objects.filter(appointment__in=coming).delete()
    course.appointments.filter(pk__in=[row.pk for row in coming]).update(status=status, **NO_TIME)
    return moves


def free(appointment: Appointment) -> bool:
    """Give back everything this appointment claims, or is kept for it; whether a time was kept. The caller holds the course's lock
    and sets the status."""
    appointment.claims.all().delete()
    return withdraw(appointment.course, appointment.position) > 0


def trim(appointment: Appointment, *, at: datetime) -> None:
    """A visit that ended early frees its resources from the next 5 minutes on; what follows the patient's leaving
    (clean-up) keeps its length. `at` is aware; the caller holds the course's lock."""
    assert appointment.during is not None
    end = timegrid.instant(-(-int(at.timestamp()) // timegrid.TICK))
    for claim in appointment.claims.filter(during__endswith__gt=end):
        until = end + max(claim.during.upper - appointment.during.upper, timedelta())
        if until <= claim.during.lower:
            claim.delete()
        elif until < claim.during.upper:
            claim.during = DateTimeTZRange(claim.during.lower, until)
            claim.save(update_fields=["during"])


def make_way(resources: Collection[int], course: int, now: datetime) -> None:
    """Take turns on these resources (keys), lock the course (key) that wants them, and release the holds on them that have
    run out; before any other course is locked."""
    take_turns(resources)
    _clear_the_way(resources, (course,), (), now)


def reclaim(appointment: Appointment, claims: Sequence[tuple[int, datetime, datetime]]) -> None:
    """Give an appointment back what it claimed before it was freed or trimmed: (resource key, aware start, aware end).

    The caller has taken turns on these resources and made way; IntegrityError when someone else has the time by now.
    """
    appointment.claims.all().delete()
    Claim.objects.bulk_create(
        Claim(appointment=appointment, resource_id=resource, during=DateTimeTZRange(start, end))
        for resource, start, end in claims
    )
