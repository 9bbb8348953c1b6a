"""The course timeline: where each phase, session, window and label stands on a true time axis.

Pure geometry; words and dates are put in by the template. Places along the axis are percentages of the width, so that
the drawing fits every page without its letters growing or shrinking. Sessions two weeks apart in a course of sixteen
months stand a few pixels from each other: below the axis every session therefore has a column of its own, all of one
width and in the same order, and a thread leads from each place on the axis to its column. The threads of a phase lie
on a ribbon. Narrow pages show the columns below each other, further apart where the dates are.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Protocol

from dateutil.relativedelta import relativedelta

WIDEST_MARGIN = 9  # percent left free at both ends of the axis
RIBBON_AROUND = 0.9  # percent by which a ribbon is wider than its sessions
BETWEEN_RIBBONS = 0.3
THREAD_HEIGHT = 88  # of the drawing of threads, whose width is 1000
EDGE = 2  # percent; the name of a month nearer to an end would leave the page, or touch the next one
YEAR_WIDTH = 20  # percent: on a phone, from the middle of a year's name to the start of one at the edge
MONTHS_IN_FULL = 20  # on a longer axis only every third month has a name
WEEK, MONTH = 7, 30.4  # days
ABOUT_A_MONTH = range(28, 34)  # days
COUNTED_IN_WEEKS = 56  # days; a longer gap is told in months
STEPS = (10, 20, 45, 120)  # days; how far apart two sessions below each other stand


class Session(Protocol):
    """What a timeline needs to know of a session, whether proposed or stored."""

    position: int
    number: int
    optional: bool
    target: date
    earliest: date
    latest: date

    @property
    def label(self) -> str: ...
    @property
    def starts(self) -> datetime | None: ...
    @property
    def phase(self) -> object: ...


def is_too_early(session: Session, not_before: date | None) -> bool:
    """Whether the answers, or the physician, rule out the ideal day."""
    return not_before is not None and session.target < not_before


def distance(session: Session, not_before: date | None = None) -> int:
    """Days from the ideal day, or from the first day allowed where that is later; negative is earlier, 0 without a time."""
    if session.starts is None:
        return 0
    return (session.starts.date() - (max(session.target, not_before) if not_before else session.target)).days


@dataclass(frozen=True, slots=True)
class Gap:
    """The time since the session before, in its natural unit; `step` from 1 to 5 is the distance on a narrow page."""

    days: int

    @property
    def months(self) -> int:
        return round(self.days / MONTH) if self.days in ABOUT_A_MONTH or self.days >= COUNTED_IN_WEEKS else 0

    @property
    def weeks(self) -> int:
        return round(self.days / WEEK) if self.days >= WEEK and not self.months else 0

    @property
    def step(self) -> int:
        return 1 + sum(self.days > limit for limit in STEPS)


@dataclass(frozen=True, slots=True)
class Dot:
    """One session. `shape` says what it is without colour: circle, square (consultation), diamond (recommended)."""

    session: Session
    day: date
    x: float
    column: float
    window_from: float
    window_to: float
    shape: str
    state: str
    gap: Gap | None
    new_year: bool
    distance: int

    @property
    def named_by_phase(self) -> bool:
        """A phase of one session that has its phase's name: it need not be said twice."""
        return str(self.session.label) == str(self.session.phase)

    @property
    def is_due(self) -> bool:
        """Not missed, cancelled or left out: then its ideal day is nobody's date."""
        return self.session.starts is not None or self.state == "planned"

    @property
    def signed(self) -> str:
        """The distance as +2 or −2, with a true minus."""
        return f"{self.distance:+d}".replace("-", "−")

    @property
    def thread(self) -> str:
        return f"M{_milli(self.x)} 0{_curve(self.x, self.column, down=True)}"


@dataclass(frozen=True, slots=True)
class Band:
    """A phase, from its first session to its last, and the columns of its sessions."""

    name: str
    dots: tuple[Dot, ...]
    column_width: float

    @property
    def start(self) -> float:
        return max(0, self.dots[0].x - RIBBON_AROUND)

    @property
    def end(self) -> float:
        return min(100, self.dots[-1].x + RIBBON_AROUND)

    @property
    def ribbon(self) -> str:
        left = self.dots[0].column - self.column_width / 2 + BETWEEN_RIBBONS
        right = self.dots[-1].column + self.column_width / 2 - BETWEEN_RIBBONS
        return (
            f"M{_milli(self.start)} 0{_curve(self.start, left, down=True)}H{_milli(right)}{_curve(right, self.end, down=False)}Z"
        )


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month. Narrow pages leave out the names of `minor` ones."""

    day: date
    x: float
    is_year: bool
    minor: bool


@dataclass(frozen=True, slots=True)
class Timeline:
    dots: tuple[Dot, ...]
    bands: tuple[Band, ...]
    ticks: tuple[Tick, ...]
    today_x: float | None
    months_in_full: bool


def draw(sessions: Sequence[Session], today: date, not_before: date | None = None) -> Timeline:
    """Lay out a course; `today` (clinic-local) gets a line when it lies within. An empty course has no dots.

    `not_before` is the first day allowed: distances count from no earlier one.
    """
    days = [_day(session) for session in sessions]
    if not days:
        return Timeline((), (), (), None, months_in_full=True)
    first, last, width = min(days), max(days), 100 / len(days)
    margin = min(width / 2, WIDEST_MARGIN)
    scale = (100 - 2 * margin) / max(1, (last - first).days)

    def x(day: date) -> float:
        return round(min(100, max(0, margin + (day - first).days * scale)), 2)

    gaps = [None, *(Gap((after - before).days) for before, after in pairwise(days))]
    years = [True, *(after.year != before.year for before, after in pairwise(days))]
    dots = tuple(
        Dot(
            session=session,
            day=day,
            x=x(day),
            column=round((column + 0.5) * width, 2),
            window_from=x(session.earliest),
            window_to=max(x(session.latest), x(session.earliest) + 0.4),
            shape=_shape(session),
            state=_state(session),
            gap=gap,
            new_year=new_year,
            distance=distance(session, not_before),
        )
        for column, (session, day, gap, new_year) in enumerate(zip(sessions, days, gaps, years, strict=True))
    )
    bands = tuple(Band(name, tuple(group), width) for name, group in groupby(dots, key=lambda dot: str(dot.session.phase)))
    ticks = _ticks(first - relativedelta(days=int(margin / scale)), last + relativedelta(days=int(margin / scale)), x)
    today_x = x(today) if first <= today <= last else None
    return Timeline(dots, bands, ticks, today_x, months_in_full=len(ticks) <= MONTHS_IN_FULL)


def _day(session: Session) -> date:
    return session.starts.date() if session.starts else session.target


def _milli(percent: float) -> str:
    """A percentage on a scale of 1000, as SVG writes it in every language."""
    return f"{percent * 10:g}"


def _curve(begin: float, end: float, *, down: bool) -> str:
    """A thread between the axis above and the columns below, leaving and arriving upright."""
    bend, foot = (THREAD_HEIGHT / 2, THREAD_HEIGHT) if down else (THREAD_HEIGHT / 2, 0)
    return f"C{_milli(begin)} {bend:g} {_milli(end)} {bend:g} {_milli(end)} {foot:g}"


def _ticks(first: date, last: date, x: Callable[[date], float]) -> tuple[Tick, ...]:
    """Every first of a month. Januaries bear their year; so does the first month, unless a January follows too closely."""
    day = first.replace(day=1) + relativedelta(months=1)
    days = []
    while day <= last:
        if EDGE <= x(day) <= 100 - EDGE:
            days.append(day)
        day += relativedelta(months=1)
    years = [day for day in days if day.month == 1]
    if days and (not years or x(years[0]) - x(days[0]) > YEAR_WIDTH):
        years.append(days[0])
    return tuple(Tick(day, x(day), is_year=day in years, minor=day.month % 3 != 1) for day in days)


def _shape(session: Session) -> str:
    if session.number == 0:
        return "square"
    return "diamond" if getattr(session.phase, "recommended", False) else "circle"


def _state(session: Session) -> str:
    """In the words of the drawing: offered (nothing kept yet), held, dated, now, done, planned, missed, cancelled."""
    status = str(getattr(session, "status", "offered"))
    if session.starts is None:
        return status if status in ("missed", "cancelled", "skipped") else "planned"
    return {"completed": "done", "arrived": "now", "in_progress": "now", "booked": "dated"}.get(status, status)
