"""What can take place after all: nobody is left believing otherwise, and nobody else hears of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail

from bookings import absences, displaced, offers, reconfirming, restored
from bookings.models import Absence, Appointment, Course, JournalEntry, Task
from clinic.models import Closure, Role
from tests.factories.clinic import make_clinic, make_closure
from tests.factories.courses import open_house
from tests.factories.visits import make_patient, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> SimpleNamespace:
    house = open_house()
    course = house.book(make_patient("Anna", "Alvarez", email="anna@example.org"))
    return SimpleNamespace(house=house, course=course, rita=make_user(Role.RECEPTION, house.clinic))


@pytest.fixture
def desk(shared: SimpleNamespace, django_capture_on_commit_callbacks: Callable[..., Any]) -> SimpleNamespace:
    """Anna Alvarez comes on Monday 2 March, 10:00, to Dr Ada, who is ill on that day and the next."""
    desk = deepcopy(shared)
    desk.written = django_capture_on_commit_callbacks
    desk.absence = away(desk, "2026-03-02", "2026-03-04")
    return desk


def away(desk: SimpleNamespace, starts: str, ends: str) -> Absence:
    house = desk.house
    ada = house.resources["Dr Ada"]
    return absences.enter(ada, house.at(f"{starts} 00:00"), house.at(f"{ends} 00:00"), reason="", by=None)


def visit(desk: SimpleNamespace, position: int = 0) -> Appointment:
    found: Appointment = desk.course.appointments.get(position=position)
    return found


def ask(desk: SimpleNamespace) -> Appointment:
    rows = displaced.displaced(desk.house.clinic, desk.house.now)
    place = displaced.places(rows, desk.house.now)[visit(desk).pk]
    assert place and place.alternative
    slot = place.alternative.offer.slot
    return offers.offer(visit(desk), slot, within=timedelta(hours=24), by=desk.rita, now=desk.house.now)


@contextmanager
def letters(desk: SimpleNamespace) -> Iterator[list[Any]]:
    """What is written meanwhile."""
    mail.outbox.clear()
    with desk.written(execute=True):
        yield mail.outbox


def lift(desk: SimpleNamespace, absence: Absence | None = None) -> int:
    return restored.lift(absence or desk.absence, by=desk.rita, now=desk.house.now)


def test_who_was_asked_is_told_that_the_first_date_stands(desk: SimpleNamespace) -> None:
    before = visit(desk)
    ask(desk)

    with letters(desk) as written:
        assert lift(desk) == 1

    after = visit(desk)
    assert (after.status, after.during, after.lead) == (before.status, before.during, before.lead)
    assert not Appointment.offers.exists()
    [letter] = written
    assert letter.to == ["anna@example.org"]
    assert "votre rendez-vous du lundi 2 mars 2026 à 10:00 avec Dr Ada peut finalement avoir lieu" in " ".join(
        letter.body.split()
    )
    assert JournalEntry.objects.get(verb="stands").actor == desk.rita


@pytest.mark.parametrize("waits", ["asks to be called", "has not answered", "was told of a call"])
def test_who_waits_for_a_call_is_told_so_and_nobody_calls(desk: SimpleNamespace, waits: str) -> None:
    kept = ask(desk)
    if waits == "asks to be called":
        offers.call_me(kept, now=desk.house.now)
    elif waits == "has not answered":
        desk.house.now = kept.reply_by
        offers.lapse(desk.house.now)
    else:
        offers.withdraw(kept, by=desk.rita, now=desk.house.now)
    assert Task.objects.open_calls().exists()

    with letters(desk) as written:
        assert lift(desk) == 1

    assert not Task.objects.open_calls().exists()
    assert len(written) == 1


def test_who_heard_nothing_hears_nothing(desk: SimpleNamespace) -> None:
    with letters(desk) as written:
        assert lift(desk) == 0

    assert not written
    assert not JournalEntry.objects.filter(verb="stands").exists()


def test_who_still_cannot_be_received_is_not_told_otherwise(desk: SimpleNamespace) -> None:
    """Two absences: the visit is possible only when both are over."""
    ask(desk)
    other = away(desk, "2026-03-01", "2026-03-03")

    with letters(desk) as written:
        assert lift(desk, other) == 0
    assert not written
    assert Appointment.offers.exists()

    assert lift(desk) == 1


def test_a_call_about_something_else_stays_open(desk: SimpleNamespace) -> None:
    far = visit(desk, 5)
    Task.objects.ensure(Task.Kind.CALL_BACK, course=desk.course, appointment=far, due=desk.house.now)
    ask(desk)

    lift(desk)

    assert [task.appointment for task in Task.objects.open()] == [far]


def test_who_is_to_confirm_a_date_and_asks_to_be_called_is_still_called(desk: SimpleNamespace) -> None:
    """The absence has nothing to do with it: no other date was ever written about."""
    Appointment.objects.filter(pk=visit(desk).pk).update(
        agreed_at=visit(desk).during.lower - timedelta(days=300), asked_at=desk.house.now
    )
    reconfirming.call_me(visit(desk), now=desk.house.now)

    with letters(desk) as written:
        assert lift(desk) == 0

    assert not written
    assert Task.objects.open_calls().exists()


def test_who_was_asked_to_confirm_as_well_is_told_all_the_same(desk: SimpleNamespace) -> None:
    """Reception took the date proposed back, and said somebody would call."""
    kept = ask(desk)
    Appointment.objects.filter(pk=visit(desk).pk).update(
        agreed_at=visit(desk).during.lower - timedelta(days=300), asked_at=desk.house.now
    )
    offers.withdraw(kept, by=desk.rita, now=desk.house.now)

    assert [row.visit for row in restored.waiting(desk.absence, desk.house.clinic, desk.house.now)] == [visit(desk)]
    assert lift(desk) == 1
    assert not Task.objects.open_calls().exists()


def test_a_paused_course_waits_for_nothing(desk: SimpleNamespace) -> None:
    ask(desk)
    Course.objects.filter(pk=desk.course.pk).update(status="suspended", release_at=desk.house.now)

    assert restored.waiting(desk.absence, desk.house.clinic, desk.house.now) == []
    assert lift(desk) == 0


def test_patients_of_another_clinic_are_counted_and_not_named(desk: SimpleNamespace) -> None:
    ask(desk)
    other = make_clinic()

    assert restored.waiting(desk.absence, other, desk.house.now) == []
    assert restored.waiting_elsewhere(desk.absence, other, desk.house.now) == 1
    assert restored.waiting_elsewhere(desk.absence, desk.house.clinic, desk.house.now) == 0


def test_patients_of_every_clinic_are_told(desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody works in two clinics: what an absence displaces is looked for in both."""
    ask(desk)
    other, really = make_clinic(), displaced.displaced
    looked = []
    monkeypatch.setattr(displaced, "displaced", lambda clinic, now: looked.append(clinic) or really(clinic, now))

    assert lift(desk) == 1
    assert set(looked) == {desk.house.clinic, other}


def test_who_is_away_again_before_the_patient_is_told_is_not_said_to_be_there(
    desk: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(desk)
    really = restored.lock_course

    def ill_again(pk: int) -> Course:
        away(desk, "2026-03-02", "2026-03-04")
        return really(pk)

    monkeypatch.setattr(restored, "lock_course", ill_again)

    with letters(desk) as written:
        assert lift(desk) == 0
    assert not written
    assert Appointment.offers.exists()


def test_who_has_no_address_is_told_by_the_team(desk: SimpleNamespace) -> None:
    ask(desk)
    desk.course.patient.email = ""
    desk.course.patient.save()

    with letters(desk) as written:
        assert lift(desk) == 1

    assert not written
    assert [task.kind for task in Task.objects.open()] == [Task.Kind.TELL]


def test_once_accepted_the_new_date_stays(desk: SimpleNamespace) -> None:
    kept = ask(desk)
    offers.accept(kept, by=desk.rita, now=desk.house.now)

    assert lift(desk) == 0
    assert visit(desk).during == kept.during


def test_a_course_that_has_been_paused_is_left_alone(desk: SimpleNamespace) -> None:
    ask(desk)
    Course.objects.filter(pk=desk.course.pk).update(status="suspended", release_at=desk.house.now + timedelta(days=2))

    assert lift(desk) == 0


def test_the_worker_finds_what_can_be_for_any_other_reason(desk: SimpleNamespace) -> None:
    """A closure that is taken out in the admin tells nobody by itself."""
    absences.lift(desk.absence, now=desk.house.now)
    make_closure(desk.house.clinic, desk.house.at("2026-03-02 00:00"), desk.house.at("2026-03-03 00:00"))
    ask(desk)
    assert restored.tell(desk.house.now) == 0
    assert Appointment.offers.exists()

    Closure.objects.all().delete()

    with letters(desk) as written:
        assert [restored.tell(desk.house.now) for _round in (1, 2)] == [1, 0]
    assert len(written) == 1


def test_the_worker_does_not_look_at_the_agenda_where_nobody_is_asked_instead_of_a_date(
    desk: SimpleNamespace, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    planned = visit(desk, 1)
    planned.claims.all().delete()
    Appointment.objects.filter(pk=planned.pk).update(status="planned", during=None, lead=None, agreed_at=None)
    offers.offer(visit(desk, 1), desk.house.slot("2026-03-16 10:00"), within=timedelta(days=3), by=None, now=desk.house.now)

    with django_assert_max_num_queries(3):
        assert restored.tell(desk.house.now) == 0


def test_a_first_date_proposed_for_a_planned_session_is_nobodys_second_choice(desk: SimpleNamespace) -> None:
    """It stands instead of nothing: there is no first date that could stand."""
    planned = visit(desk, 1)
    slot = desk.house.slot("2026-03-16 10:00")
    planned.claims.all().delete()
    Appointment.objects.filter(pk=planned.pk).update(status="planned", during=None, lead=None, agreed_at=None)
    absences.lift(desk.absence, now=desk.house.now)
    offers.offer(visit(desk, 1), slot, within=timedelta(days=3), by=None, now=desk.house.now)

    assert restored.tell(desk.house.now) == 0
    assert Appointment.offers.exists()
