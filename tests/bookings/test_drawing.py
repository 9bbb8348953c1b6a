"""The course timeline: true to scale, and nothing on top of anything else."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

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
gaps = st.lists(st.integers(1, 200), min_size=1, max_size=9)


@given(gaps)
def test_no_label_meets_another_or_the_leader_of_another(gaps: list[int]) -> None:
    days = [FIRST + timedelta(days=sum(gaps[:count])) for count in range(len(gaps) + 1)]

    dots = drawing.draw([dated(number, day) for number, day in enumerate(days)], FIRST).dots

    for index, dot in enumerate(dots):
        for later in dots[index + 1 :]:
            reaches = dot.x + drawing.LABEL_WIDTH > later.x
            assert not reaches or dot.label_y > later.leader_end - 18  # it hangs deeper than the later leader goes


@given(gaps)
def test_the_axis_is_true_to_scale(gaps: list[int]) -> None:
    days = [FIRST + timedelta(days=sum(gaps[:count])) for count in range(len(gaps) + 1)]

    dots = drawing.draw([dated(number, day) for number, day in enumerate(days)], FIRST).dots

    scale = (dots[-1].x - dots[0].x) / (days[-1] - days[0]).days
    for before, after in pairwise(dots):
        assert abs((after.x - before.x) - (after.day - before.day).days * scale) < 0.2
    assert all(0 <= dot.x <= drawing.WIDE - drawing.LABEL_WIDTH for dot in dots)


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
