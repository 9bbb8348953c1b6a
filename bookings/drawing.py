"""The course timeline: where each phase, session, window and label stands on a true time axis.

Pure geometry in SVG units; words and dates are put in by the template. Two drawings of the same course: a wide one
along the page, and a tall one for phones. Sessions two weeks apart in a course of sixteen months stand a few units from
each other, so labels hang on leaders like steps of a stair, each deep enough that no leader crosses a label.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from typing import Protocol

from dateutil.relativedelta import relativedelta

WIDE, LEFT, RIGHT = 820, 16, 112
AXIS_Y, LABEL_Y, ROW_HEIGHT, LABEL_WIDTH = 92, 140, 38, 100
DOT_RADIUS = 12
TALL_STEP, TALL_SCALE, TALL_TOP, TALL_X = 46, 0.3, 30, 20


class Session(Protocol):
    """What a timeline needs to know of a session, whether proposed or stored."""

    position: int
    number: int
    optional: bool
    target: date
    earliest: date
    latest: date

    @property
    def starts(self) -> datetime | None: ...
    @property
    def phase(self) -> object: ...


@dataclass(frozen=True, slots=True)
class Dot:
    """One session. `shape` says what it is without colour: circle, square (consultation), diamond (recommended)."""

    session: Session
    day: date
    x: float
    y: float
    window_from: float
    window_to: float
    label_y: float
    shape: str
    state: str

    @property
    def label_x(self) -> float:
        return self.x + 6

    @property
    def leader_end(self) -> float:
        return self.label_y + 18

    @property
    def hour_y(self) -> float:
        return self.label_y + 16


@dataclass(frozen=True, slots=True)
class Placed:
    """A dot in the tall drawing, with its two lines of text."""

    dot: Dot
    y: float

    @property
    def date_y(self) -> float:
        return self.y - 2

    @property
    def name_y(self) -> float:
        return self.y + 15


@dataclass(frozen=True, slots=True)
class Band:
    """A phase, from its first session to its last."""

    name: str
    start: float
    end: float
    row: int


@dataclass(frozen=True, slots=True)
class Tick:
    day: date
    x: float
    is_year: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    dots: tuple[Dot, ...]
    tall: tuple[Placed, ...]
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    today_x: float | None
    height: float
    tall_height: float


def draw(sessions: Sequence[Session], today: date) -> Timeline:
    """Lay out a course; `today` (clinic-local) gets a line when it lies within. An empty course has no dots."""
    days = [_day(session) for session in sessions]
    if not days:
        return Timeline((), (), (), (), None, 0, 0)
    first, last = min(days) - relativedelta(days=8), max(days) + relativedelta(days=24)
    scale = (WIDE - LEFT - RIGHT) / (last - first).days

    def x(day: date) -> float:
        return round(LEFT + (min(max(day, first), last) - first).days * scale, 1)

    rows = _rows([x(day) for day in days])
    dots = tuple(
        Dot(
            session=session,
            day=day,
            x=x(day),
            y=AXIS_Y,
            window_from=x(session.earliest),
            window_to=max(x(session.latest), x(session.earliest) + 2),
            label_y=LABEL_Y + row * ROW_HEIGHT,
            shape=_shape(session),
            state=_state(session),
        )
        for session, day, row in zip(sessions, days, rows, strict=True)
    )
    height = LABEL_Y + (max(rows) + 1) * ROW_HEIGHT - 8
    today_x = x(today) if first <= today <= last else None
    tall = _tall(dots)
    return Timeline(dots, tall, _bands(dots), _ticks(first, last, x), today_x, height, tall[-1].y + 34)


def _tall(dots: Sequence[Dot]) -> tuple[Placed, ...]:
    """The dots below each other: the further apart the dates, the further the dots, but never too close to read."""
    y = float(TALL_TOP)
    places = [Placed(dots[0], y)]
    for before, dot in pairwise(dots):
        y = round(y + TALL_STEP + max(0, (dot.day - before.day).days - 31) * TALL_SCALE, 1)
        places.append(Placed(dot, y))
    return tuple(places)


def _day(session: Session) -> date:
    return session.starts.date() if session.starts else session.target


def _rows(places: Sequence[float]) -> list[int]:
    """The depth of each label, which begins at its dot and reaches right: one deeper than any whose leader it would meet."""
    rows: list[int] = []
    for index in reversed(range(len(places))):
        met = [row for place, row in zip(places[index + 1 :], rows, strict=True) if place < places[index] + LABEL_WIDTH]
        rows.insert(0, max(met, default=-1) + 1)
    return rows


def _bands(dots: Sequence[Dot]) -> tuple[Band, ...]:
    names: dict[str, list[float]] = {}
    for dot in dots:
        names.setdefault(str(dot.session.phase), []).append(dot.x)
    return tuple(Band(name, min(xs), max(xs), row % 2) for row, (name, xs) in enumerate(names.items()))


def _ticks(first: date, last: date, x: Callable[[date], float]) -> tuple[Tick, ...]:
    day = first.replace(day=1) + relativedelta(months=1)
    ticks = []
    while day <= last:
        ticks.append(Tick(day, x(day), day.month == 1))
        day += relativedelta(months=1)
    return tuple(ticks)


def _shape(session: Session) -> str:
    if session.number == 0:
        return "square"
    return "diamond" if getattr(session.phase, "recommended", False) else "circle"


def _state(session: Session) -> str:
    status = str(getattr(session, "status", "booked"))
    if session.starts is None:
        return status if status in ("missed", "cancelled", "skipped") else "planned"
    return "done" if status == "completed" else "now" if status in ("arrived", "in_progress") else "dated"
