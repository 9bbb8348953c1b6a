"""Which starts a search offers, and which claims they make: the issue's promises, on a small clinic."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from bookings import availability, proposals
from bookings.availability import Search
from bookings.models import Absence, Claim
from bookings.planner import Slot
from clinic import timegrid
from clinic.models import Clinic, Kind, Resource
from tests.factories.clinic import (
    make_capability,
    make_clinic,
    make_closure,
    make_device,
    make_opening,
    make_person,
    make_room,
    make_shift,
    open_week,
)
from tests.factories.treatments import make_protocol, make_segment
from tests.factories.visits import at, make_course, make_patient, make_visit
from treatments.models import Visit

pytestmark = pytest.mark.django_db

NOW = datetime.fromisoformat("2026-02-23T08:00+01:00")
MONDAY = date(2026, 3, 2)


class House:
    """A clinic with one physician, one assistant, a room and a Dermapen, and a visit in five segments:

    cleanse 10 minutes (care), numbing 30, needling 20 (the physician and the device), massage 10 (care), clean-up 10
    (room and device, the patient has left).
    """

    def __init__(self, clinic: Clinic) -> None:
        self.clinic = clinic
        self.ada = make_person("Dr Ada", can=["physician", "care"])
        self.cy = make_person("Cy", can=["care"])
        self.room = make_room(clinic, "Room 1", can=["treatment-room"])
        self.pen = make_device(clinic, "Pen 1", can=["dermapen"])
        open_week(clinic, self.ada, self.cy)
        protocol = make_protocol()
        self.consultation = protocol.visits.get(code="consultation")
        self.session = Visit.objects.create(protocol=protocol, code="short", name="Short")
        make_segment(self.session, "cleanse", 10, needs=["care", "treatment-room"])
        make_segment(self.session, "numbing-wait", 30, needs=["treatment-room"])
        make_segment(self.session, "needling", 20, needs=["physician", "treatment-room", "dermapen"], needling=True)
        make_segment(self.session, "massage", 10, needs=["care", "treatment-room"])
        make_segment(self.session, "clean-up", 10, needs=["treatment-room", "dermapen"], patient_present=False)

    def search(
        self, visit: Visit | None = None, *, day: date = MONDAY, days: int = 1, now: datetime = NOW, **options: Any
    ) -> Search:
        last = day + timedelta(days=days - 1)
        shape = availability.shape(visit or self.session, [])
        return availability.search(self.clinic, [shape], day, last, now, **options)

    def starts(self, visit: Visit | None = None, *, lead: Resource | None = None, **options: Any) -> list[str]:
        """The starts on offer, as "10:15"."""
        visit = visit or self.session
        slots = self.search(visit, **options).candidates[visit.code].slots()
        return [f"{slot.minute // 60:02}:{slot.minute % 60:02}" for slot in slots if lead is None or slot.lead == lead.pk]

    def slot(self, text: str, lead: Resource | None = None) -> Slot:
        return proposals.slot_at(timegrid.tick(at(text, self.clinic)), (lead or self.ada).pk, self.clinic)

    def claims(
        self, text: str, visit: Visit | None = None, *, lead: Resource | None = None, **options: Any
    ) -> dict[str, list[str]] | None:
        """What the start would claim, by the resource's name: "10:00–10:20"."""
        visit = visit or self.session
        prefer = options.pop("prefer", ())
        wanted = self.search(visit, raster_minutes=5, **options).wanted(visit.code, self.slot(text, lead), prefer=prefer)
        if wanted is None:
            return None
        names = dict(Resource.objects.values_list("pk", "name"))
        shown: dict[str, list[str]] = {}
        for claim in wanted:
            shown.setdefault(names[claim.resource], []).append(f"{self.wall(claim.start)}–{self.wall(claim.end)}")
        return shown

    def wall(self, tick: int) -> str:
        return f"{timegrid.instant(tick).astimezone(self.clinic.zone):%H:%M}"

    def book(self, text: str, **options: Any) -> Any:
        """Store the claims of this start, as `booking` would; the appointment."""
        course = make_course(self.clinic, options.pop("patient", None) or make_patient())
        visit = make_visit(course, text, lead=self.ada, minutes=70)
        visit.claims.all().delete()
        for claim in self.search(raster_minutes=5, **options).wanted("short", self.slot(text)) or []:
            self.take(claim.resource, timegrid.instant(claim.start), timegrid.instant(claim.end), visit)
        return visit

    def take(self, resource: int, start: datetime, end: datetime, visit: Any) -> Claim:
        return Claim.objects.create(resource_id=resource, during=DateTimeTZRange(start, end), appointment=visit)

    def absent(self, who: Resource, start: str, end: str) -> None:
        Absence.objects.create(resource=who, during=DateTimeTZRange(at(start, self.clinic), at(end, self.clinic)))


@pytest.fixture
def house() -> House:
    return House(make_clinic())


# What a visit takes ---------------------------------------------------------------------------------------------------


def test_each_resource_is_claimed_for_its_own_segments_and_adjacent_ones_are_one_claim(house: House) -> None:
    assert house.claims("2026-03-02 10:00") == {
        "Dr Ada": ["10:40–11:00"],
        "Cy": ["10:00–10:10", "11:00–11:10"],
        "Room 1": ["10:00–11:20"],
        "Pen 1": ["10:40–11:00", "11:10–11:20"],
    }


def test_during_the_numbing_wait_the_physician_is_bookable_elsewhere(house: House) -> None:
    make_room(house.clinic, "Room 2", can=["treatment-room"])
    house.book("2026-03-02 10:00")

    interview = house.starts(house.consultation, lead=house.ada)

    assert [start for start in interview if "09:45" <= start <= "11:15"] == ["09:45", "10:00", "11:00", "11:15"]


def test_during_clean_up_room_and_device_are_not_free(house: House) -> None:
    house.book("2026-03-02 10:00")
    assert [start for start in house.starts(raster_minutes=5) if "08:00" <= start <= "11:30"] == ["11:20", "11:25", "11:30"]

    # With a second room the pen decides: its clean-up ends at 11:20, and needling begins 40 minutes into a visit.
    make_room(house.clinic, "Room 2", can=["treatment-room"])
    assert [start for start in house.starts(raster_minutes=5) if "10:00" <= start <= "10:45"] == ["10:40", "10:45"]


def test_a_physician_only_segment_is_never_given_to_anyone_else(house: House) -> None:
    house.absent(house.ada, "2026-03-02 00:00", "2026-03-03 00:00")
    assert house.starts() == []
    assert house.claims("2026-03-02 10:00") is None
    assert house.claims("2026-03-02 10:00", lead=house.cy) is None


def test_an_either_or_need_takes_whoever_has_it(house: House) -> None:
    house.absent(house.cy, "2026-03-02 00:00", "2026-03-03 00:00")
    assert house.claims("2026-03-02 10:00") == {
        "Dr Ada": ["10:00–10:10", "10:40–11:10"],
        "Room 1": ["10:00–11:20"],
        "Pen 1": ["10:40–11:00", "11:10–11:20"],
    }


def test_two_needs_of_one_segment_take_two_people(house: House) -> None:
    together = Visit.objects.create(protocol=house.session.protocol, code="together", name="Together")
    make_segment(together, "both", 30, needs=["physician", "care", "treatment-room"])
    assert house.claims("2026-03-02 10:00", together) == {
        "Dr Ada": ["10:00–10:30"],
        "Cy": ["10:00–10:30"],
        "Room 1": ["10:00–10:30"],
    }
    house.absent(house.cy, "2026-03-02 00:00", "2026-03-03 00:00")
    assert house.starts(together) == []


def test_a_capability_is_served_by_the_same_resource_through_the_visit(house: House) -> None:
    """Two rooms, each free for half of the visit, are not one room."""
    make_room(house.clinic, "Room 2", can=["treatment-room"])
    house.absent(house.room, "2026-03-02 10:40", "2026-03-02 18:00")
    house.absent(Resource.objects.get(name="Room 2"), "2026-03-02 09:00", "2026-03-02 10:40")
    assert house.claims("2026-03-02 10:00") is None
    assert house.claims("2026-03-02 10:40") is not None


def test_preparation_before_the_patient_comes_is_claimed_too(house: House) -> None:
    prepared = Visit.objects.create(protocol=house.session.protocol, code="prepared", name="Prepared")
    make_segment(prepared, "set-up", 15, needs=["treatment-room"], patient_present=False)
    make_segment(prepared, "needling", 30, needs=["physician", "treatment-room"], needling=True)

    assert house.starts(prepared)[0] == "09:15"
    assert house.claims("2026-03-02 10:00", prepared) == {"Dr Ada": ["10:00–10:30"], "Room 1": ["09:45–10:30"]}
    assert availability.shape(prepared, []).ticks == 6


def test_segments_grow_with_the_zones(house: House) -> None:
    protocol = house.session.protocol
    face_and_neck = availability.shape(protocol.visits.get(code="session"), protocol.zones.all())
    face = availability.shape(protocol.visits.get(code="session"), protocol.zones.filter(zone__code="face"))
    assert (face.ticks * 5, face_and_neck.ticks * 5) == (125, 135)


def test_a_visit_that_publishing_refuses_has_no_shape(house: House) -> None:
    nobody = Visit.objects.create(protocol=house.session.protocol, code="nobody", name="Nobody")
    make_segment(nobody, "clean-up", 10, needs=["treatment-room"], patient_present=False)
    with pytest.raises(ValueError, match="the patient is never present"):
        availability.shape(nobody, [])
    make_segment(nobody, "massage", 10, needs=["care"])
    with pytest.raises(ValueError, match="nothing in “nobody” needs"):
        availability.shape(nobody, [])


# When -----------------------------------------------------------------------------------------------------------------


def test_the_whole_visit_with_clean_up_lies_inside_opening_hours(house: House) -> None:
    assert house.starts()[0] == "09:00"
    assert house.starts()[-1] == "16:30"  # 80 minutes; 16:40 is not on a quarter of an hour
    assert house.starts(raster_minutes=5)[-1] == "16:40"


def test_no_visit_spans_the_lunch_break() -> None:
    clinic = make_clinic()
    house = House(clinic)
    clinic.opening_hours.all().delete()
    for starts, ends in (("09:00", "12:00"), ("13:00", "18:00")):
        make_opening(clinic, 1, starts, ends)
    offered = house.starts(raster_minutes=5)
    assert [start for start in offered if "10:30" <= start <= "13:00"] == ["10:30", "10:35", "10:40", "13:00"]


def test_an_absence_that_began_before_the_searched_span_still_blocks(house: House) -> None:
    house.absent(house.ada, "2026-01-05 00:00", "2026-03-02 12:00")
    assert house.starts()[0] == "11:30"  # needling begins at 12:10


def test_public_holidays_and_closures_are_closed(house: House) -> None:
    assert house.starts(day=date(2026, 4, 6)) == []
    make_closure(house.clinic, at("2026-03-02 10:00", house.clinic), at("2026-03-02 16:00", house.clinic))
    assert house.starts() == ["16:00", "16:15", "16:30"]


def test_the_clinic_is_told_in_good_time(house: House) -> None:
    """Two hours of notice, and ten minutes to read what is offered; a start exactly at their end is offered."""
    assert house.starts(now=at("2026-03-02 09:50", house.clinic))[0] == "12:00"
    assert house.starts(now=at("2026-03-02 09:50", house.clinic) + timedelta(seconds=1))[0] == "12:15"


def test_what_was_offered_can_be_had_until_the_notice_is_over(house: House) -> None:
    offered = house.search(now=at("2026-03-02 09:50", house.clinic)).candidates["short"].slot(0)
    assert house.search(now=at("2026-03-02 10:00", house.clinic)).offers("short", offered)
    assert not house.search(now=at("2026-03-02 10:00", house.clinic) + timedelta(seconds=1)).offers("short", offered)


def test_nothing_is_offered_in_the_past(house: House) -> None:
    house.clinic.booking_notice_minutes = 0
    assert house.starts(now=at("2026-03-02 13:05", house.clinic))[0] == "13:15"
    assert house.starts(now=at("2026-03-02 13:07", house.clinic))[0] == "13:30"  # ten minutes to read
    assert house.starts(now=at("2026-03-03 00:00", house.clinic)) == []
    assert house.starts(day=date(1970, 1, 1), days=2) == []


def test_a_preparation_that_should_have_begun_is_not_offered(house: House) -> None:
    house.clinic.booking_notice_minutes = 0
    prepared = Visit.objects.create(protocol=house.session.protocol, code="prepared", name="Prepared")
    make_segment(prepared, "set-up", 15, needs=["treatment-room"], patient_present=False)
    make_segment(prepared, "needling", 30, needs=["physician", "treatment-room"], needling=True)
    assert house.starts(prepared, now=at("2026-03-02 12:50", house.clinic))[0] == "13:15"


def test_a_visit_that_needs_clearance_waits_for_its_day(house: House) -> None:
    slots = house.search(days=3, not_before={"short": date(2026, 3, 4)}).candidates["short"]
    assert slots.slot(0).day == date(2026, 3, 4).toordinal()


@pytest.mark.parametrize("change", [date(2026, 3, 29), date(2026, 10, 25)])
def test_ten_stays_ten_when_the_clock_changes(house: House, change: date) -> None:
    make_opening(house.clinic, weekday=7)
    make_shift(house.ada, house.clinic, weekday=7)
    search = house.search(house.consultation, day=change - timedelta(days=1), days=3)
    tens = [slot for slot in search.candidates["consultation"].slots() if slot.minute == 600]
    assert [slot.day - change.toordinal() for slot in tens] == [-1, 0, 1]
    assert [house.wall(slot.start) for slot in tens] == ["10:00"] * 3


def test_lord_howe_is_on_its_own_quarter_of_an_hour() -> None:
    house = House(make_clinic(timezone="Australia/Lord_Howe", country="AU"))
    assert house.starts(house.consultation, day=date(2026, 10, 5))[:2] == ["09:00", "09:15"]


# Who ------------------------------------------------------------------------------------------------------------------


def test_each_start_names_who_leads_it_in_order_of_time_and_key(house: House) -> None:
    bo = make_person("Dr Bo", can=["physician"])
    make_shift(bo, house.clinic, starts="10:00", ends="12:00")
    slots = house.search(house.consultation).candidates["consultation"].slots()
    assert [slot.lead for slot in slots if slot.minute in (585, 600)] == [house.ada.pk, house.ada.pk, bo.pk]
    assert house.starts(house.consultation, lead=bo)[-1] == "11:30"


def test_a_search_for_one_practitioner_finds_no_other(house: House) -> None:
    bo = make_person("Dr Bo", can=["physician"])
    make_shift(bo, house.clinic)
    leads = house.search(house.consultation).candidates["consultation"].leads.tolist()
    only_bo = availability.search(house.clinic, [availability.shape(house.consultation, [])], MONDAY, MONDAY, NOW, lead=bo.pk)
    assert (leads, only_bo.candidates["consultation"].leads.tolist()) == ([house.ada.pk, bo.pk], [bo.pk])


def test_who_is_not_in_use_or_works_elsewhere_serves_nobody(house: House) -> None:
    make_person("Old", can=["physician"], active=False)
    elsewhere = make_person("Dr Elsewhere", can=["physician"])
    make_shift(elsewhere, open_week(make_clinic()))
    make_shift(Resource.objects.get(name="Old"), house.clinic)
    assert house.search(house.consultation).candidates["consultation"].leads.tolist() == [house.ada.pk]


def test_a_patient_is_never_expected_in_two_places(house: House) -> None:
    make_room(house.clinic, "Room 2", can=["treatment-room"])
    visit = house.book("2026-03-02 10:00")
    assert "10:00" in house.starts(house.consultation)
    offered = house.starts(house.consultation, patient=visit.patient_id)
    assert [start for start in offered if "09:00" <= start < "11:30"] == ["09:00", "09:15", "09:30", "11:15"]


def test_the_course_being_replanned_does_not_stand_in_its_own_way(house: House) -> None:
    visit = house.book("2026-03-02 10:00")
    assert "10:00" not in house.starts()
    assert "10:00" in house.starts(ignore_courses=[visit.course_id], patient=visit.patient_id)


def test_a_moved_visit_keeps_the_resources_it_has_where_it_can(house: House) -> None:
    other = make_person("Di", can=["care"])
    make_shift(other, house.clinic)
    claims = house.claims("2026-03-02 10:00", prefer={other.pk})
    assert claims is not None
    assert "Di" in claims


# Looking again --------------------------------------------------------------------------------------------------------


def test_what_was_found_is_looked_at_again(house: House, django_assert_num_queries: Callable[..., Any]) -> None:
    served = house.search().served("short", house.slot("2026-03-02 10:00"))
    with django_assert_num_queries(3):
        assert availability.conflicts(house.clinic, served, now=NOW) == []
    assert availability.conflicts(house.clinic, [], now=NOW) == []


def refused_by(house: House, change: Callable[[], object]) -> set[str]:
    """The resources that no longer serve the visit at ten once `change` has happened."""
    served = house.search().served("short", house.slot("2026-03-02 10:00"))
    change()
    names = dict(Resource.objects.values_list("pk", "name"))
    return {names[item.resource] for item in availability.conflicts(house.clinic, served, now=NOW)}


def test_a_claim_made_meanwhile_is_a_conflict(house: House) -> None:
    assert refused_by(house, lambda: house.book("2026-03-02 10:40")) == {"Dr Ada", "Cy", "Room 1", "Pen 1"} - {
        "Dr Ada",
        "Cy",
        "Pen 1",
    }


def test_an_absence_a_lost_skill_and_a_resource_out_of_use_are_conflicts(house: House) -> None:
    assert refused_by(house, lambda: house.absent(house.cy, "2026-03-02 11:05", "2026-03-02 12:00")) == {"Cy"}
    Absence.objects.all().delete()
    assert refused_by(house, lambda: house.pen.capabilities.clear()) == {"Pen 1"}
    house.pen.capabilities.add(make_capability("dermapen", kind=Kind.DEVICE))
    assert refused_by(house, lambda: Resource.objects.filter(pk=house.room.pk).update(active=False)) == {"Room 1"}


def test_a_roster_changed_meanwhile_is_a_conflict(house: House) -> None:
    assert refused_by(house, lambda: house.ada.shifts.all().delete()) == {"Dr Ada"}


# Cost -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [14, 485])
@pytest.mark.parametrize("more", [0, 8])
def test_three_queries_whatever_the_span_and_the_number_of_resources(
    house: House, days: int, more: int, django_assert_num_queries: Callable[..., Any]
) -> None:
    for _ in range(more):
        make_shift(make_person(can=["physician", "care"]), house.clinic)
        make_room(house.clinic, can=["treatment-room"])
    shapes = [availability.shape(visit, []) for visit in (house.session, house.consultation)]
    last = MONDAY + timedelta(days=days - 1)
    with django_assert_num_queries(3):
        availability.search(house.clinic, shapes, MONDAY, last, NOW, not_before={"short": MONDAY + timedelta(days=7)})


def test_nothing_is_asked_when_there_is_no_day_to_look_at(house: House, django_assert_num_queries: Callable[..., Any]) -> None:
    shape = availability.shape(house.session, [])
    with django_assert_num_queries(0):
        backwards = availability.search(house.clinic, [shape], MONDAY, MONDAY - timedelta(days=1), NOW)
        no_day = availability.search(house.clinic, [shape], MONDAY, MONDAY, NOW, days=[])
    for search in (backwards, no_day):
        assert len(search.candidates["short"]) == 0
        assert not search.offers("short", house.slot("2026-03-02 10:00"))
        assert search.wanted("short", house.slot("2026-03-02 10:00")) is None


def test_only_the_days_asked_for_are_offered(house: House) -> None:
    wednesday = MONDAY.toordinal() + 2
    shape = availability.shape(house.session, [])
    found = availability.search(house.clinic, [shape], MONDAY, MONDAY + timedelta(days=4), NOW, days=[wednesday])
    assert set(found.candidates["short"].day.tolist()) == {wednesday}
