"""Wall clock to instants: weekly hours, clock changes, public holidays, closures."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from clinic import hours, timegrid
from clinic.hours import Days, Weekly
from clinic.models import Clinic
from tests.factories.clinic import make_clinic, make_closure, make_opening, open_week

PARIS = ZoneInfo("Europe/Paris")
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # Sundays on which Paris changes its clocks
SUNDAY = 7
EVER = 1
"""An ordinal before every day a test speaks of."""

# Zones with every kind of change: at night, by half an hour, at midnight, across the date line, never.
ZONES = {
    "Europe/Paris": date(2026, 3, 1),
    "America/New_York": date(2026, 10, 1),
    "Australia/Lord_Howe": date(2026, 4, 1),
    "Africa/Cairo": date(2026, 4, 10),
    "America/Havana": date(2026, 10, 20),
    "America/Sao_Paulo": date(2018, 2, 1),
    "Pacific/Apia": date(2011, 12, 20),
    "Asia/Kathmandu": date(2026, 1, 1),
}


def shifts_on(day: date, starts: str, ends: str, zone: ZoneInfo = PARIS) -> list[tuple[datetime, datetime]]:
    """The stretches of time (local) that a shift of these hours covers on one day."""
    days = Days.between(day, day, zone)
    row = Weekly(day.isoweekday(), minute(starts), minute(ends), EVER, None)
    return [
        (timegrid.instant(days.base + start).astimezone(zone), timegrid.instant(days.base + end).astimezone(zone))
        for start, end in timegrid.runs(hours.weekly_masks({1: [row]}, days)[1])
    ]


def minute(text: str) -> int:
    at = time.fromisoformat(text)
    return at.hour * 60 + at.minute


def clock_and_length(day: date, starts: str, ends: str, zone: ZoneInfo = PARIS) -> tuple[str, str, timedelta]:
    [(start, end)] = shifts_on(day, starts, ends, zone)
    return f"{start:%H:%M}", f"{end:%H:%M}", end.astimezone(UTC) - start.astimezone(UTC)


# Clock changes --------------------------------------------------------------------------------------------------------


def test_ten_in_paris_is_ten_in_winter_and_in_summer() -> None:
    assert hours.local_instant(date(2026, 3, 28), time(10), PARIS) == datetime(2026, 3, 28, 9, tzinfo=UTC)
    assert hours.local_instant(SPRING, time(10), PARIS) == datetime(2026, 3, 29, 8, tzinfo=UTC)


def test_a_shift_that_starts_in_the_gap_starts_after_it() -> None:
    assert clock_and_length(SPRING, "02:30", "05:00") == ("03:00", "05:00", timedelta(hours=2))


def test_a_shift_that_ends_in_the_gap_ends_at_the_change() -> None:
    assert clock_and_length(SPRING, "01:00", "02:30") == ("01:00", "03:00", timedelta(hours=1))


def test_a_shift_inside_the_gap_does_not_take_place() -> None:
    assert shifts_on(SPRING, "02:10", "02:50") == []


def test_a_shift_across_the_gap_is_an_hour_shorter() -> None:
    assert clock_and_length(SPRING, "00:00", "09:00") == ("00:00", "09:00", timedelta(hours=8))


def test_a_shift_that_starts_in_the_fold_starts_at_the_first_of_the_two() -> None:
    assert clock_and_length(AUTUMN, "02:30", "05:00") == ("02:30", "05:00", timedelta(hours=3, minutes=30))


def test_a_shift_that_ends_in_the_fold_ends_at_the_first_of_the_two() -> None:
    assert clock_and_length(AUTUMN, "01:00", "02:30") == ("01:00", "02:30", timedelta(minutes=90))


def test_shifts_that_touch_on_the_wall_touch_in_time() -> None:
    assert len(shifts_on(AUTUMN, "01:00", "02:30")) == 1
    days = Days.between(AUTUMN, AUTUMN, PARIS)
    both = [Weekly(SUNDAY, 60, 150, EVER, None), Weekly(SUNDAY, 150, 300, EVER, None)]
    assert timegrid.runs(hours.weekly_masks({1: both}, days)[1]) == [(12, 72)]


def test_lord_howe_changes_by_half_an_hour() -> None:
    zone = ZoneInfo("Australia/Lord_Howe")
    assert clock_and_length(date(2026, 10, 4), "02:15", "09:00", zone) == ("02:30", "09:00", timedelta(hours=6, minutes=30))
    assert clock_and_length(date(2026, 4, 5), "01:45", "09:00", zone) == ("01:45", "09:00", timedelta(hours=7, minutes=45))


def test_new_york_changes_on_other_days_than_paris() -> None:
    zone = ZoneInfo("America/New_York")
    assert clock_and_length(date(2026, 3, 8), "02:00", "09:00", zone) == ("03:00", "09:00", timedelta(hours=6))
    assert clock_and_length(SPRING, "02:00", "09:00", zone) == ("02:00", "09:00", timedelta(hours=7))


def test_a_day_that_begins_with_the_change_begins_after_it() -> None:
    cairo = ZoneInfo("Africa/Cairo")
    start, end = hours.local_day_span(date(2026, 4, 24), cairo)
    assert (f"{start.astimezone(cairo):%H:%M}", end - start) == ("01:00", timedelta(hours=23))


def test_a_zone_off_the_five_minute_grid_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="Europe/Paris was 0:09:21 from UTC on 1900-01-01"):
        hours.day_span(date(1900, 1, 1), date(1900, 1, 1), PARIS)


def test_a_wall_clock_time_off_the_grid_is_refused() -> None:
    for at in (time(10, 3), time(10, 0, 30), time(10, 0, 0, 1)):
        with pytest.raises(ValueError, match="five-minute grid"):
            hours.local_instant(SPRING, at, PARIS)


def test_days_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="comes before"):
        hours.day_span(AUTUMN, SPRING, PARIS)


# The same by a second way: ask the clock at every tick -----------------------------------------------------------------


@st.composite
def spans(draw: st.DrawFn) -> Days:
    name = draw(st.sampled_from(sorted(ZONES)))
    first = ZONES[name] + timedelta(days=draw(st.integers(0, 30)))
    return Days.between(first, first + timedelta(days=draw(st.integers(0, 20))), ZoneInfo(name))


@st.composite
def spans_and_hours(draw: st.DrawFn) -> tuple[Days, dict[str, list[Weekly]]]:
    days = draw(spans())
    return days, {owner: apart(draw(st.lists(weekly_hours(days), max_size=4))) for owner in ("ada", "bo", "cy")}


def apart(rows: list[Weekly]) -> list[Weekly]:
    """Those that overlap none before them on the same weekday, as the database demands of shifts and opening hours."""
    kept: list[Weekly] = []
    for row in rows:
        if all(row.weekday != other.weekday or row.ends <= other.starts or other.ends <= row.starts for other in kept):
            kept.append(row)
    return kept


@st.composite
def weekly_hours(draw: st.DrawFn, days: Days) -> Weekly:
    starts = draw(st.integers(0, 286))
    ends = draw(st.integers(starts + 1, 287))
    first = days.first + draw(st.integers(-10, 25))
    last = draw(st.none() | st.integers(first, first + 20))
    return Weekly(draw(st.integers(1, 7)), starts * 5, ends * 5, first, last)


def reached(clock: list[datetime], day: date, minute: int) -> int:
    """The first tick at which the clock shows this day and at least this minute, or a later day."""
    wall = datetime.combine(day, time.min) + timedelta(minutes=minute)
    return next((index for index, shown in enumerate(clock) if shown >= wall), len(clock))


@given(spans_and_hours())
def test_weekly_hours_are_what_the_clock_shows(case: tuple[Days, dict[str, list[Weekly]]]) -> None:
    days, weekly = case
    clock = [timegrid.instant(tick).astimezone(days.zone).replace(tzinfo=None) for tick in range(days.base, days.end)]
    every_day = [date.fromordinal(days.first + index) for index in range(len(days))]

    def shown(row: Weekly) -> list[tuple[int, int]]:
        valid = [day for day in every_day if row.first <= day.toordinal() <= (row.last or day.toordinal())]
        on = [day for day in valid if day.isoweekday() == row.weekday]
        return [(reached(clock, day, row.starts), reached(clock, day, row.ends)) for day in on]

    assert hours.weekly_masks(weekly, days) == {
        owner: timegrid.from_spans([span for row in rows for span in shown(row)], 0, days.length)
        for owner, rows in weekly.items()
    }


@given(spans())
def test_every_tick_knows_its_local_day_and_minute(days: Days) -> None:
    day, shown = days.wall(np.arange(days.base, days.end))
    clock = [timegrid.instant(tick).astimezone(days.zone) for tick in range(days.base, days.end)]

    assert day.tolist() == [local.toordinal() for local in clock]
    assert shown.tolist() == [local.hour * 60 + local.minute for local in clock]


@given(spans(), st.sampled_from([5, 10, 15, 30, 60]))
def test_the_raster_is_where_the_clock_shows_a_round_time(days: Days, minutes: int) -> None:
    _, shown = days.wall(np.arange(days.base, days.end))
    assert list(timegrid.bits(hours.raster_mask(days, minutes))) == np.flatnonzero(shown % minutes == 0).tolist()


def test_a_raster_that_does_not_divide_the_day_is_refused() -> None:
    days = Days.between(SPRING, SPRING, PARIS)
    for minutes in (7, 35):
        with pytest.raises(ValueError, match="do not divide a day"):
            hours.raster_mask(days, minutes)


# Clinics --------------------------------------------------------------------------------------------------------------


def paris(**fields: object) -> Clinic:
    return Clinic(**{"timezone": "Europe/Paris", "country": "FR", "horizon_months": 18, **fields})


def test_a_clinic_is_closed_on_the_public_holidays_of_its_country() -> None:
    assert date(2026, 7, 14) in hours.holidays_of(paris(), [2026])
    assert date(2026, 7, 14) not in hours.holidays_of(paris(country="BE"), [2026])


def test_alsace_has_a_holiday_more() -> None:
    assert hours.holidays_of(paris(subdivision="57"), [2026]) - hours.holidays_of(paris(), [2026]) == {
        date(2026, 4, 3),
        date(2026, 12, 26),
    }


def test_a_clinic_may_open_on_holidays() -> None:
    assert hours.holidays_of(paris(closes_on_holidays=False), [2026]) == frozenset()


def test_an_unknown_country_is_named() -> None:
    with pytest.raises(ValueError, match="no public holidays are known for XX"):
        hours.holidays_of(paris(country="XX"), [2026])


@pytest.mark.parametrize("unknown", [{"country": "XX"}, {"subdivision": "Atlantis"}])
def test_an_unknown_country_or_region_is_refused_in_the_form(unknown: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="No public holidays are known"):
        paris(**unknown).clean()


def test_the_horizon_is_the_nearer_of_months_ahead_and_published_rosters() -> None:
    today = date(2026, 8, 31)
    assert hours.horizon(paris(), today) == date(2028, 2, 29)
    assert hours.horizon(paris(roster_published_until=date(2026, 12, 31)), today) == date(2026, 12, 31)
    assert hours.horizon(paris(roster_published_until=date(2030, 1, 1)), today) == date(2028, 2, 29)


@pytest.mark.django_db
def test_the_next_open_day_passes_over_sundays_holidays_and_closures() -> None:
    clinic = open_week(make_clinic())
    friday, saturday, wednesday = date(2026, 5, 22), date(2026, 5, 23), date(2026, 5, 27)  # Whit Monday is 25 May
    tuesday = hours.local_day_span(date(2026, 5, 26), PARIS)
    make_closure(clinic, *tuesday)

    assert [day for day in (friday, saturday) if hours.is_open_day(clinic, day)] == [friday, saturday]
    assert hours.next_open_day(clinic, friday) == friday
    assert hours.next_open_day(clinic, date(2026, 5, 24)) == wednesday


@pytest.mark.django_db
def test_a_closure_of_some_hours_leaves_the_day_open() -> None:
    clinic = open_week(make_clinic())
    monday = date(2026, 6, 1)
    make_closure(clinic, hours.local_instant(monday, time(9), PARIS), hours.local_instant(monday, time(17, 55), PARIS))
    assert hours.is_open_day(clinic, monday)


@pytest.mark.django_db
def test_a_closure_off_the_grid_closes_the_whole_five_minutes() -> None:
    clinic = open_week(make_clinic())
    monday = date(2026, 6, 1)
    nine = hours.local_instant(monday, time(9), PARIS)
    make_closure(clinic, nine + timedelta(minutes=2), hours.local_instant(monday, time(18), PARIS) - timedelta(minutes=2))
    assert not hours.is_open_day(clinic, monday)


@pytest.mark.django_db
def test_a_clinic_without_opening_hours_has_no_next_open_day() -> None:
    assert hours.next_open_day(make_clinic(), date(2026, 6, 1)) is None


@pytest.mark.django_db
def test_opening_hours_end_with_their_last_day() -> None:
    clinic = make_clinic()
    make_opening(clinic, weekday=1, valid_from=date(2026, 6, 1), valid_until=date(2026, 6, 8))
    open_days = [day for day in (1, 8, 15) if hours.is_open_day(clinic, date(2026, 6, day))]
    assert open_days == [1, 8]
