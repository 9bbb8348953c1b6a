"""The course timeline: true to scale above, and below it room for every session."""

import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import drawing


@dataclass
class Phase:
    name: str = "Core"
    recommended: bool = False

    def __str__(self) -> str:
        return self.name


@dataclass
class Session:
    number: int
    target: date
    starts: datetime | None = None
    optional: bool = False
    status: str = "booked"
    phase: Phase = field(default_factory=Phase)

    @property
    def label(self) -> str:
        return f"Session {self.number}"

    @property
    def position(self) -> int:
        return self.number

    @property
    def earliest(self) -> date:
        return self.target - timedelta(days=1)

    @property
    def latest(self) -> date:
        return self.target + timedelta(days=7)


def dated(number: int, day: date, **fields: object) -> Session:
    return Session(number, day, datetime(day.year, day.month, day.day, 10, tzinfo=UTC), **fields)  # type: ignore[arg-type]


FIRST = date(2026, 3, 2)
gaps = st.lists(st.integers(1, 200), min_size=1, max_size=11)


def drawn(gaps: list[int]) -> drawing.Timeline:
    days = [FIRST + timedelta(days=sum(gaps[:count])) for count in range(len(gaps) + 1)]
    return drawing.draw([dated(number, day) for number, day in enumerate(days)], FIRST)


@given(gaps)
def test_the_axis_is_true_to_scale(gaps: list[int]) -> None:
    dots = drawn(gaps).dots

    scale = (dots[-1].x - dots[0].x) / (dots[-1].day - dots[0].day).days
    for before, after in pairwise(dots):
        assert abs((after.x - before.x) - (after.day - before.day).days * scale) < 0.02
    assert all(0 <= dot.window_from < dot.window_to <= 100 for dot in dots)


@given(gaps)
def test_every_session_has_a_column_of_its_own_in_the_order_of_the_axis(gaps: list[int]) -> None:
    dots = drawn(gaps).dots

    columns = [dot.column for dot in dots]
    assert columns[0] > 0
    assert columns[-1] < 100
    assert all(abs(after - before - 100 / len(dots)) < 0.02 for before, after in pairwise(columns))


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def test_a_thread_leads_from_the_place_on_the_axis_to_the_column() -> None:
    for dot in drawn([14, 14, 31, 180]).dots:
        thread = numbers(dot.thread)
        assert thread[:2] == [pytest.approx(dot.x * 10), 0]
        assert thread[-2:] == [pytest.approx(dot.column * 10), drawing.THREAD_HEIGHT]


def test_the_ribbon_of_a_phase_holds_its_threads_and_no_other() -> None:
    core, booster = Phase("Core"), Phase("Booster", recommended=True)
    phases = [core, core, core, booster]
    sessions = [dated(n, FIRST + timedelta(days=14 * n), phase=phase) for n, phase in enumerate(phases)]

    bands = drawing.draw(sessions, FIRST).bands

    assert [(band.name, len(band.dots)) for band in bands] == [("Core", 3), ("Booster", 1)]
    edges = [
        (numbers(band.ribbon)[0], numbers(band.ribbon)[-2], numbers(band.ribbon)[6], numbers(band.ribbon)[8]) for band in bands
    ]
    for band, (start, end, left, right) in zip(bands, edges, strict=True):
        assert all(start <= dot.x * 10 <= end and left < dot.column * 10 < right for dot in band.dots)
    assert edges[0][1] < edges[1][0]
    assert edges[0][3] < edges[1][2]


@pytest.mark.parametrize(
    ("days", "told"),
    [
        (1, "1 day"),
        (6, "6 days"),
        (14, "2 weeks"),
        (27, "4 weeks"),
        (28, "1 month"),
        (31, "1 month"),
        (42, "6 weeks"),
        (183, "6 months"),
    ],
)
def test_a_gap_is_told_in_its_natural_unit(days: int, told: str) -> None:
    gap = drawing.Gap(days)

    count, unit = next((n, unit) for n, unit in [(gap.months, "month"), (gap.weeks, "week"), (gap.days, "day")] if n)
    assert f"{count} {unit}{'s' if count > 1 else ''}" == told


def test_the_further_apart_the_dates_the_further_apart_the_lines() -> None:
    steps = [drawing.Gap(days).step for days in (7, 14, 31, 90, 180)]

    assert steps == [1, 2, 3, 4, 5]


def test_the_distance_has_a_sign() -> None:
    sessions = [
        Session(1, FIRST, datetime(2026, 3, 4, 10, tzinfo=UTC)),
        Session(2, date(2026, 3, 20), datetime(2026, 3, 18, 10, tzinfo=UTC)),
        Session(3, date(2026, 4, 20)),
    ]

    dots = drawing.draw(sessions, FIRST).dots

    assert [(dot.distance, dot.signed) for dot in dots] == [(2, "+2"), (-2, "−2"), (0, "+0")]


def test_the_distance_counts_from_no_day_before_the_first_that_the_answers_allow() -> None:
    sessions = [Session(1, FIRST, datetime(2026, 3, 24, 10, tzinfo=UTC)), dated(2, date(2026, 4, 7))]

    dots = drawing.draw(sessions, FIRST, not_before=date(2026, 3, 23)).dots

    assert [dot.distance for dot in dots] == [1, 0]
    assert [drawing.is_too_early(session, date(2026, 3, 23)) for session in sessions] == [True, False]


def test_what_is_only_offered_is_not_drawn_as_booked() -> None:
    day = {"target": FIRST, "earliest": FIRST, "latest": FIRST}
    offered = SimpleNamespace(
        number=1, position=1, label="Session 1", optional=False, phase=Phase(), starts=dated(1, FIRST).starts, **day
    )

    assert [dot.state for dot in drawing.draw([offered], FIRST).dots] == ["offered"]


def test_state_and_kind_are_told_by_shape() -> None:
    sessions = [
        dated(0, FIRST, status="completed"),
        dated(1, FIRST + timedelta(days=14), status="in_progress"),
        Session(2, FIRST + timedelta(days=28), status="missed"),
        Session(3, FIRST + timedelta(days=200), phase=Phase("Booster", recommended=True), status="planned"),
    ]

    dots = drawing.draw(sessions, FIRST).dots

    assert [(dot.shape, dot.state) for dot in dots] == [
        ("square", "done"),
        ("circle", "now"),
        ("circle", "missed"),
        ("diamond", "planned"),
    ]


def test_today_is_marked_only_when_the_course_spans_it() -> None:
    sessions = [dated(1, FIRST), dated(2, FIRST + timedelta(days=60))]

    assert drawing.draw(sessions, FIRST + timedelta(days=10)).today_x is not None
    assert drawing.draw(sessions, FIRST + timedelta(days=400)).today_x is None


def test_a_course_without_sessions_draws_nothing() -> None:
    assert drawing.draw([], FIRST).dots == ()


def test_years_stand_at_the_first_month_and_each_january_but_never_on_top_of_each_other() -> None:
    spring = [dated(1, date(2026, 2, 20)), dated(2, date(2027, 3, 20))]
    winter = [dated(1, date(2027, 1, 10)), dated(2, date(2028, 3, 20))]

    years = [[tick.day for tick in drawing.draw(sessions, FIRST).ticks if tick.is_year] for sessions in (spring, winter)]

    assert years == [[date(2026, 2, 1), date(2027, 1, 1)], [date(2027, 1, 1), date(2028, 1, 1)]]


def test_no_month_is_named_where_its_name_would_leave_the_page() -> None:
    """Places are percentages; a name is centred on its place."""
    for length in (40, 200, 330, 480, 600):
        ticks = drawing.draw([dated(1, FIRST), dated(2, FIRST + timedelta(days=length))], FIRST).ticks
        assert ticks
        assert all(drawing.EDGE <= tick.x <= 100 - drawing.EDGE for tick in ticks)
