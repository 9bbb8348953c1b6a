"""The lines of the day and week lists: one visit each, as the team speaks of it.

A constant number of queries, whatever the number of visits. A missed visit has no time any more; it stays in the list
at the time it had, and one that ended early has given back what it no longer needed: the journal keeps both.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, IntegerField, Manager, OuterRef, Prefetch, Q, Subquery
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from bookings import displaced, visits
from bookings.models import Appointment, AppointmentStatus, Claim, Clearance, JournalEntry, Patient, Task
from bookings.overview import BEFORE_IT
from bookings.templatetags.wording import duration
from clinic import hours
from clinic.models import Clinic, Kind, Resource
from treatments.protocols import segment_minutes

S = AppointmentStatus
SHOWN = [S.PROPOSED, S.BOOKED, S.ARRIVED, S.IN_PROGRESS, S.COMPLETED]
NOT_COUNTED = [S.CANCELLED, S.SKIPPED]

LATE_MINUTES = 5
WAITING_MINUTES = 15
OVER_MINUTES = 5
NEAR_MINUTES = 45


@dataclass(frozen=True, slots=True)
class Flag:
    """The one thing to notice about a visit; `tone` is "warn" or "alert"."""

    text: str
    tone: str = "warn"


@dataclass(frozen=True)
class VisitRow:
    """One visit on one day; `starts` and `ends` are aware, in the clinic's zone, `now` too."""

    visit: Appointment
    starts: datetime
    ends: datetime
    lead: Resource | None
    resources: Sequence[Resource]
    now: datetime
    is_namesake: bool = False
    step: JournalEntry | None = None
    to_call: bool = False
    missing: Sequence[Resource] = ()
    """What it has, but can no longer have: it cannot take place as it stands."""
    asked: bool = False
    """Whether another date is proposed instead."""

    @property
    def patient(self) -> Patient:
        assert self.visit.patient is not None
        return self.visit.patient

    @property
    def name(self) -> str:
        """NAME First, with the year of birth where another patient of the day has the same name."""
        return f"{self.patient} ({self.patient.birth_date.year})" if self.is_namesake else str(self.patient)

    @property
    def session(self) -> str:
        """Which session of how many, such as “2/6”; a consultation or booster by its name."""
        visit = self.visit
        return visit.label if visit.phase.sessions == 1 else f"{visit.number}/{visit.sessions_in_all}"  # type: ignore[attr-defined]

    @property
    def zones(self) -> str:
        return ", ".join(str(zone) for zone in self.visit.course.zones.all())

    @property
    def assistants(self) -> list[Resource]:
        return [resource for resource in self.resources if resource.kind == Kind.PERSON and resource != self.lead]

    @property
    def rooms(self) -> list[Resource]:
        return [resource for resource in self.resources if resource.kind == Kind.ROOM]

    @property
    def devices(self) -> list[Resource]:
        return [resource for resource in self.resources if resource.kind == Kind.DEVICE]

    @property
    def is_today(self) -> bool:
        return self.starts.date() == self.now.date()

    @property
    def needs_clearance(self) -> bool:
        return self.visit.phase.visit.needs_clearance

    @property
    def is_cleared(self) -> bool:
        return self.visit.course.clearance == Clearance.CLEARED

    @cached_property
    def segment(self) -> str:
        """What the patient is having now, and until when, reckoned from the actual start; empty unless in progress."""
        if self.visit.status != S.IN_PROGRESS or self.visit.started_at is None:
            return ""
        for name, end in self._segments():
            if self.now < end:
                return _("%(segment)s until %(time)s") % {"segment": name, "time": f"{end.astimezone(self.now.tzinfo):%H:%M}"}
        return _("should be over")

    def _segments(self) -> Iterable[tuple[str, datetime]]:
        """The segments with the patient present, each with its end."""
        end = self.visit.started_at
        assert end is not None
        zones = self.visit.course.zones.all()
        for segment in sorted(self.visit.phase.visit.segments.all(), key=lambda segment: segment.position):
            end += timedelta(minutes=segment_minutes(segment, zones) if segment.patient_present else 0)
            yield segment.name, end

    @cached_property
    def flag(self) -> Flag | None:
        """The most urgent thing about this visit, if any."""
        return next(filter(None, (rule(self) for rule in FLAGS)), None)

    @property
    def actions(self) -> list[str]:
        """The steps offered, the likeliest first (verbs of `bookings.visits`)."""
        if self.visit.status == S.MISSED:
            return []
        if not self.is_today:
            past = self.starts.date() < self.now.date()
            return [verb for verb in ("record", "miss") if past and self.visit.status in visits.STEPS[verb].before]
        offered = ["arrive", "start", "complete"] if self.visit.status != S.BOOKED else ["arrive"]
        if self.starts <= self.now:
            offered.append("miss")
        return [verb for verb in offered if self.visit.status in visits.STEPS[verb].before]

    @property
    def is_near(self) -> bool:
        """Whether the next step is due about now: the buttons of the others stay in the background."""
        return self.visit.status in (S.ARRIVED, S.IN_PROGRESS) or self.minutes_since(self.starts) >= -NEAR_MINUTES

    @property
    def undo(self) -> str:
        """The verb of the step that can still be taken back, or nothing."""
        if self.step is None or not visits.may_undo(self.step, self.now):
            return ""
        verb = visits.verb_of(self.step)
        return verb if visits.STEPS[verb].after == self.visit.status else ""

    @property
    def undo_ends(self) -> bool:
        """Whether that will no longer be so in a minute."""
        return self.undo not in ("", visits.ARRIVE.verb)

    def minutes_since(self, moment: datetime) -> int:
        return int((self.now - moment).total_seconds() // 60)


def _displaced(row: VisitRow) -> Flag | None:
    if not row.missing:
        return None
    what = {"what": ", ".join(map(str, row.missing))}
    return Flag(
        (_("not there: %(what)s; a proposal waits for an answer") if row.asked else _("not there: %(what)s")) % what, "alert"
    )


def _uncleared(row: VisitRow) -> Flag | None:
    if row.visit.status not in (S.BOOKED, S.ARRIVED) or not row.needs_clearance or row.is_cleared:
        return None
    if row.visit.consultation_ahead and not row.is_today:  # type: ignore[attr-defined]
        return None  # it is decided there
    if row.visit.course.clearance == Clearance.ANSWERS_MISSING:
        return Flag(_("a physician asks the medical questions first"), "alert" if row.is_today else "warn")
    return Flag(_("a physician must decide first"), "alert" if row.is_today else "warn")


def _waiting(row: VisitRow) -> Flag | None:
    if row.visit.status != S.ARRIVED or row.visit.arrived_at is None or not row.is_today:
        return None
    minutes = row.minutes_since(max(row.visit.arrived_at, row.starts))
    return Flag(_("waiting for %(time)s") % {"time": duration(minutes)}) if minutes >= WAITING_MINUTES else None


def _late(row: VisitRow) -> Flag | None:
    minutes = row.minutes_since(row.starts)
    if row.visit.status != S.BOOKED or minutes < LATE_MINUTES:
        return None
    return (
        Flag(_("%(time)s late") % {"time": duration(minutes)}) if row.is_today else Flag(_("what became of this visit?"), "alert")
    )


def _over(row: VisitRow) -> Flag | None:
    minutes = row.minutes_since(row.ends)
    if row.visit.status not in (S.IN_PROGRESS, S.ARRIVED) or minutes < OVER_MINUTES:
        return None
    return Flag(_("%(time)s over time") % {"time": duration(minutes)}) if row.is_today else Flag(_("was it finished?"), "alert")


def _to_call(row: VisitRow) -> Flag | None:
    return Flag(_("call back")) if row.to_call else None


FLAGS = (_displaced, _uncleared, _waiting, _late, _over, _to_call)


# Reading --------------------------------------------------------------------------------------------------------------


def rows_between(clinic: Clinic, first: date, last: date, *, now: datetime) -> list[VisitRow]:
    """The visits of the clinic-local days [first, last], by hour, and the times kept there until patients answer."""
    start, end = hours.local_day_span(first, clinic.zone)[0], hours.local_day_span(last, clinic.zone)[1]
    missed = _missed(clinic, start, end)
    on_the_day = Q(status__in=SHOWN, during__startswith__gte=start, during__startswith__lt=end)
    there = list(_visits(Appointment.objects).filter(on_the_day | Q(pk__in=missed), course__clinic=clinic))
    there += _visits(Appointment.offers).filter(on_the_day, reply_by__gt=now, course__clinic=clinic)
    steps, to_call, used = _last_steps(there, now), _to_be_called(missed), _used(there)
    resources = _resources(missed, used)
    local = now.astimezone(clinic.zone)
    rows = [
        _booked_row(visit, clinic, local, steps, [resources[key] for key in used.get(visit.pk, ()) if key in resources])
        for visit in there
        if visit.status in SHOWN and visit.during and start <= visit.during.lower < end
    ]
    rows += [
        _missed_row(visit, missed[visit.pk], resources, clinic, local, steps, to_call) for visit in there if visit.pk in missed
    ]
    rows = _with_missing(rows, clinic, now)
    return _with_namesakes(sorted(rows, key=lambda row: (row.starts, row.patient.last_name, row.visit.pk)))


def with_person(rows: Iterable[VisitRow], person: Resource | None) -> list[VisitRow]:
    """Only the visits this person leads or takes part in; all of them without a person."""
    return [row for row in rows if person is None or person == row.lead or person in row.resources]


def _visits(rows: Manager[Appointment]) -> Any:
    """These appointments with everything a row shows."""
    core = Appointment.objects.filter(course=OuterRef("course"), number__gt=0, phase__recommended=False).exclude(
        status__in=NOT_COUNTED
    )
    counted = core.order_by().values("course").annotate(sessions=Count("number", distinct=True)).values("sessions")
    return (
        rows.select_related("patient", "lead__practitioner", "phase__visit", "course__protocol__treatment")
        .prefetch_related(
            Prefetch("claims", Claim.objects.select_related("resource").order_by("resource__kind", "resource__name")),
            "course__zones__zone",
            "phase__visit__segments",
        )
        .annotate(
            sessions_in_all=Coalesce(Subquery(counted), 0, output_field=IntegerField()),
            consultation_ahead=Exists(Appointment.objects.filter(course=OuterRef("course"), number=0, status__in=BEFORE_IT)),
        )
    )


def _missed(clinic: Clinic, start: datetime, end: datetime) -> dict[int, JournalEntry]:
    """What the journal says of the visits missed in [start, end), by key of the appointment; not those undone."""
    undone = JournalEntry.objects.filter(
        appointment=OuterRef("appointment"), verb=visits.UNDONE, details__step=visits.MISS.past, pk__gt=OuterRef("pk")
    )
    entries = JournalEntry.objects.filter(verb=visits.MISS.past, course__clinic=clinic).annotate(starts=KT("details__starts"))
    entries = entries.filter(starts__gte=_text(start), starts__lt=_text(end)).exclude(Exists(undone))
    return {entry.appointment_id: entry for entry in entries if entry.appointment_id}


def _text(moment: datetime) -> str:
    """An instant as the journal writes it, so that texts compare like instants."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _used(there: Iterable[Appointment]) -> dict[int, list[int]]:
    """The resources (keys) of each completed visit before it was over, by key of the appointment."""
    over = [visit.pk for visit in there if visit.status == S.COMPLETED]
    entries = JournalEntry.objects.filter(verb=visits.COMPLETE.past, appointment__in=over).order_by("at", "pk")
    return {
        entry.appointment_id: [claim[0] for claim in entry.details.get("claims", ())] for entry in entries if entry.appointment_id
    }


def _resources(missed: dict[int, JournalEntry], used: dict[int, list[int]]) -> dict[int, Resource]:
    """Everyone and everything the journal names, by key."""
    keys = {entry.details["lead"] for entry in missed.values()}.union(*used.values())
    return Resource.objects.select_related("practitioner").in_bulk(keys)


def _to_be_called(missed: dict[int, JournalEntry]) -> set[int | None]:
    tasks = Task.objects.open().filter(kind=Task.Kind.CALL_BACK, appointment__in=missed)
    return set(tasks.values_list("appointment", flat=True))


def _last_steps(there: Iterable[Appointment], now: datetime) -> dict[int, JournalEntry]:
    """The last step of each of these visits, by key of the appointment, where it can be undone."""
    young = Q(at__gte=now - timedelta(seconds=visits.UNDO_SECONDS)) | Q(appointment__status=S.ARRIVED)
    told = JournalEntry.objects.filter(young, appointment__in=[visit.pk for visit in there], verb__in=visits.TOLD)
    steps: dict[int, list[JournalEntry]] = defaultdict(list)
    for entry in told.order_by("at", "pk"):
        if entry.appointment_id:
            steps[entry.appointment_id].append(entry)
    return {visit: last for visit, entries in steps.items() if (last := visits.last_step(entries))}


def _booked_row(
    visit: Appointment, clinic: Clinic, now: datetime, steps: dict[int, JournalEntry], used: Sequence[Resource]
) -> VisitRow:
    assert visit.during is not None
    resources = list(dict.fromkeys([*used, *(claim.resource for claim in visit.claims.all())]))
    starts, ends = visit.during.lower.astimezone(clinic.zone), visit.during.upper.astimezone(clinic.zone)
    return VisitRow(visit, starts, ends, visit.lead, resources, now, step=steps.get(visit.pk))


def _missed_row(
    visit: Appointment,
    entry: JournalEntry,
    people: dict[int, Resource],
    clinic: Clinic,
    now: datetime,
    steps: dict[int, JournalEntry],
    to_call: set[int | None],
) -> VisitRow:
    """As it was: what stands in the row may long have been booked on another day."""
    visit = copy(visit)
    visit.status = S.MISSED
    starts, ends = (datetime.fromisoformat(entry.details[key]).astimezone(clinic.zone) for key in ("starts", "ends"))
    lead = people.get(entry.details["lead"])
    return VisitRow(visit, starts, ends, lead, [], now, step=steps.get(visit.pk), to_call=visit.pk in to_call)


def _with_missing(rows: list[VisitRow], clinic: Clinic, now: datetime) -> list[VisitRow]:
    """Marks visits that cannot take place, and those of them instead of which another date is proposed."""
    missing = displaced.missing(clinic, now, [row.visit for row in rows])
    courses = {row.visit.course_id for row in rows if row.visit.pk in missing}
    kept = Appointment.offers.filter(course__in=courses, reply_by__gt=now).values_list("course", "position")
    asked = set(kept) if courses else set()
    return [
        replace(row, missing=missing.get(row.visit.pk, ()), asked=(row.visit.course_id, row.visit.position) in asked)
        for row in rows
    ]


def _with_namesakes(rows: list[VisitRow]) -> list[VisitRow]:
    """Marks patients who share their name with another patient in the list."""
    people = {row.patient.pk: _plain_name(row.patient) for row in rows}
    often = Counter(people.values())
    return [replace(row, is_namesake=often[people[row.patient.pk]] > 1) for row in rows]


def _plain_name(patient: Patient) -> str:
    return f"{patient.last_name} {patient.first_name}".casefold()
