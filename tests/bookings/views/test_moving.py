"""One session of a course moved online: the times there are, before and after, and every way to be told no."""

from copy import deepcopy
from datetime import date
from itertools import product
from types import SimpleNamespace

import pytest
from django.urls import reverse
from django.utils import timezone

from bookings import rescheduling, visits
from bookings.forms import plan_text
from bookings.models import AppointmentStatus, Claim, Course, CourseStatus, Message, Task
from bookings.placing import NO_TIME
from clinic.models import Role, User
from tests.factories.clinic import make_closure
from tests.factories.courses import House, open_house
from tests.factories.visits import make_patient, make_user

pytestmark = pytest.mark.django_db

OPTIONAL, HALF_YEAR, YEAR = 5, 6, 7  # positions in a course without a consultation
SKIPPED, PLANNED = AppointmentStatus.SKIPPED, AppointmentStatus.PLANNED
QUERIES_OF_THE_TIMES = 28
MOVES = ["move", "leave-out", "cannot-come"]


@pytest.fixture(scope="module")
def shared(shared_rows) -> SimpleNamespace:
    """A house open every day, holidays too, for two years, so that only what has to moves; and a course booked there."""
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    pia = make_user(Role.PATIENT, email="pia@example.org", language="en")
    course = house.book(make_patient(user=pia))
    Course.objects.filter(pk=course.pk).update(clearance="cleared", review_due=None, cleared_at=house.now)
    return SimpleNamespace(house=house, pia=pia, course=course)


@pytest.fixture
def house(shared, monkeypatch) -> House:
    house = deepcopy(shared.house)
    monkeypatch.setattr(timezone, "now", lambda: house.now)
    return house


@pytest.fixture
def pia(shared, client) -> User:
    pia = deepcopy(shared.pia)
    client.force_login(pia)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return pia


@pytest.fixture
def course(shared, house, pia) -> Course:
    """Cleared, at 10:00 on 2, 16, 30 March, 30 April, 30 May, 30 June, 30 December 2026 and 30 June 2027."""
    return Course.objects.get(pk=shared.course.pk)


@pytest.fixture
def later(client, house, pia):
    """Time passes, and Pia is still logged in."""

    def later(text: str) -> None:
        house.now = house.at(text)
        client.force_login(pia)

    return later


def url(course, name="move", position=1, **query) -> str:
    return reverse(f"bookings:course-{name}", args=[course.uuid, position], query=query or None)


def detail(course) -> str:
    return reverse("bookings:course-detail", args=[course.uuid])


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def slot(house, text: str) -> str:
    chosen = house.slot(text)
    return f"{chosen.start}-{chosen.lead}"


def days(course) -> list[date | None]:
    return [row.during.lower.date() if row.during else None for row in course.appointments.order_by("position")]


def agree(client, course, shown, **changes):
    """Press the button of a page that shows before and after."""
    data = {name: shown.context[name] for name in ("slot", "plan") if shown.context[name]}
    return client.post(shown.request["PATH_INFO"], data | changes)


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Course, Claim, Task, Message)]


# The times there are


def test_every_other_time_says_what_it_means_for_the_rest(client, house, course):
    make_closure(house.clinic, house.at("2026-03-15 00:00"), house.at("2026-03-19 00:00"))

    response = client.get(url(course))

    page = text_of(response)
    found = rescheduling.options(course, 1, now=house.now)
    assert [day for day, _items in response.context["alternatives"]] == sorted({item.offer.starts.date() for item in found})
    assert all(f"?slot={item.offer.slot.start}-{item.offer.slot.lead}" in page for item in found)
    assert "Now: Monday 16 March 2026, 10:00" in page
    assert "3 days after the ideal day" in page
    assert any(item.moved for item in found)
    assert "also moves: Session 3" in page


def test_the_first_visit_has_no_ideal_day_to_be_far_from(client, course):
    assert "ideal day" not in text_of(client.get(url(course, position=0)))


def test_where_nothing_else_is_free_the_phone_is_named(client, house, course):
    make_closure(house.clinic, house.at("2026-03-02 00:00"), house.at("2026-06-01 00:00"))

    page = text_of(client.get(url(course)))

    assert "no other free time keeps the rhythm" in page
    assert house.clinic.phone.as_national in page


@pytest.mark.parametrize("others", [0, 2])
def test_the_times_cost_the_database_alike_in_an_empty_and_in_a_full_house(
    client, house, course, others, django_assert_num_queries
):
    for hour in range(others):
        house.book(make_patient(), house.propose(f"2026-03-02 {12 + 3 * hour}:00"))

    with django_assert_num_queries(QUERIES_OF_THE_TIMES):
        client.get(url(course))


# Before and after


def test_one_chosen_shows_every_session_that_changes_and_keeps_nothing(client, house, course):
    before = everything()

    response = client.get(url(course, slot=slot(house, "2026-03-21 10:00")))

    page = text_of(response)
    assert [change.position for change in response.context["changes"]] == [1, 2]
    for day in ("Monday 16 March", "Saturday 21 March", "Monday 30 March", "Saturday 4 April"):
        assert f"<span>{day} 2026,</span> <span>10:00</span>" in page
    assert "All your other dates stay as they are." in page
    assert "Accept these dates" in page
    assert everything() == before


def test_accepting_stores_what_was_shown_and_says_so(client, house, course, pia):
    shown = client.get(url(course, slot=slot(house, "2026-03-21 10:00")))

    response = agree(client, course, shown)

    assert response.url == detail(course)
    assert days(course)[:4] == [date(2026, 3, 2), date(2026, 3, 21), date(2026, 4, 4), date(2026, 4, 30)]
    assert course.journal.get(verb="replanned").actor == pia
    assert "These are your dates now." in text_of(client.get(response.url))


def test_accepting_twice_changes_once(client, house, course):
    shown = client.get(url(course, slot=slot(house, "2026-03-21 10:00")))

    responses = [agree(client, course, shown) for _twice in range(2)]

    assert [response.url for response in responses] == [detail(course)] * 2
    assert course.journal.filter(verb="replanned").count() == 1


def test_the_same_accepted_in_another_window_at_that_moment_is_no_refusal(client, house, course, monkeypatch):
    """The other window's change is stored between computing this one and storing it."""
    shown = client.get(url(course, slot=slot(house, "2026-03-21 10:00")))
    apply = rescheduling.apply

    def overtaken(reflow, **kwargs):
        apply(rescheduling.move(course, 1, house.slot("2026-03-21 10:00"), now=house.now), by=None, now=house.now)
        return apply(reflow, **kwargs)

    monkeypatch.setattr(rescheduling, "apply", overtaken)

    assert agree(client, course, shown).url == detail(course)
    assert course.journal.filter(verb="replanned").count() == 1


def test_without_the_dates_agreed_to_nothing_is_stored(client, house, course):
    response = client.post(url(course), {"slot": slot(house, "2026-03-21 10:00")})

    assert response.status_code == 200
    assert "Accept these dates" in text_of(response)
    assert days(course)[1] == date(2026, 3, 16)


def test_dates_that_changed_meanwhile_are_shown_again(client, house, course):
    shown = client.get(url(course, slot=slot(house, "2026-03-21 10:00")))
    other = rescheduling.move(course, 3, house.slot("2026-05-02 10:00"), now=house.now)
    rescheduling.apply(other, by=None, now=house.now)

    again = agree(client, course, shown)

    assert again.status_code == 409
    assert "The dates have changed since they were shown" in text_of(again)
    assert days(course)[1] == date(2026, 3, 16)
    assert agree(client, course, again).status_code == 302
    assert days(course)[1:4] == [date(2026, 3, 21), date(2026, 4, 4), date(2026, 5, 2)]


def test_a_time_someone_took_meanwhile_leads_back_to_those_left(client, house, course):
    shown = client.get(url(course, slot=slot(house, "2026-03-21 10:00")))
    house.hold(house.propose("2026-03-21 10:00"))

    response = agree(client, course, shown)

    assert response.status_code == 409
    assert "Someone has just taken one of these dates" in text_of(response)
    assert response.context["alternatives"]
    assert days(course)[1] == date(2026, 3, 16)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("2026-03-27 10:00", "does not keep the rhythm"),
        ("2026-03-14 10:00", "does not keep the rhythm"),
        ("2026-03-18 03:00", "outside the hours"),
        ("2026-02-01 10:00", "It is too late by now"),
    ],
)
def test_a_time_that_cannot_be_had_is_refused_beside_those_that_can(client, house, course, text, sentence):
    for response in (
        client.get(url(course, slot=slot(house, text))),
        client.post(url(course), {"slot": slot(house, text), "plan": ""}),
    ):
        assert response.status_code == 409
        assert sentence in text_of(response)
        assert response.context["alternatives"]


def test_garbage_for_a_slot_is_answered_with_a_sentence(client, course):
    answers = [client.get(url(course, slot=garbage)) for garbage in ("x", "1-2-3", "-", "9" * 41, "123", "²-1", "١٢-٣")]

    assert {answer.status_code for answer in [*answers, client.post(url(course), {"slot": "x"})]} == {422}
    assert all("This is not one of the dates we proposed" in text_of(answer) for answer in answers if answer is not answers[3])


def test_a_slot_from_nowhere_is_refused(client, course):
    answers = [client.get(url(course, slot=strange)) for strange in ("99999999-1", "0-0", f"5912376-{'9' * 18}")]

    assert {answer.status_code for answer in answers} == {409}


def test_garbage_for_a_plan_is_answered_with_a_sentence(client, house, course):
    chosen = slot(house, "2026-03-21 10:00")
    for garbage in ("x", "1:2", "1:2-3:4", "²:1-1", "9" * 2001):
        for answer in (
            client.post(url(course), {"slot": chosen, "plan": garbage}),
            client.post(url(course, "leave-out", OPTIONAL), {"plan": garbage}),
        ):
            assert answer.status_code == 422
            assert 'role="alert"' in text_of(answer)
    assert days(course)[1] == date(2026, 3, 16)


def test_a_session_there_is_not_is_not_found(client, course):
    for name, position, method in product(MOVES, [8, 77, 10**30], [client.get, client.post]):
        assert method(url(course, name, position)).status_code == 404


def test_anothers_session_is_not_found(client, course):
    client.force_login(make_user(Role.PATIENT))
    before = everything()

    for name, method in product(MOVES, [client.get, client.post]):
        assert method(url(course, name)).status_code == 404
    assert everything() == before


# Too late, and not coming


def test_inside_the_notice_nothing_moves_online_and_not_coming_is_offered(client, house, course, later):
    shown = client.get(url(course, slot=slot(house, "2026-03-21 10:00")))
    later("2026-03-14 10:01")

    for response in (
        client.get(url(course)),
        client.get(url(course, slot=slot(house, "2026-03-21 10:00"))),
        agree(client, course, shown),
    ):
        page = text_of(response)
        assert response.status_code == 409
        assert "can be changed online until 48 hours before it" in page
        assert house.clinic.phone.as_national in page
        assert url(course, "cannot-come") in page
    assert days(course)[1] == date(2026, 3, 16)


def test_accepting_twice_is_no_refusal_when_the_new_date_is_near(client, house, course):
    shown = client.get(url(course, position=0, slot=slot(house, "2026-02-24 10:00")))

    responses = [agree(client, course, shown) for _twice in range(2)]

    assert [response.status_code for response in responses] == [302, 302]
    assert days(course)[0] == date(2026, 2, 24)


def test_who_cannot_come_is_asked_first(client, course):
    before = everything()

    page = text_of(client.get(url(course, "cannot-come")))

    assert "Monday 16 March 2026, 10:00" in page
    assert "we call you about another date" in page
    assert everything() == before


@pytest.mark.parametrize("now", ["2026-02-23 08:00", "2026-03-16 10:05"])
def test_who_cannot_come_frees_the_time_and_is_called_however_late(client, house, course, now, later):
    later(now)

    for _twice in range(2):
        assert client.post(url(course, "cannot-come")).url == detail(course)

    visit = course.appointments.get(position=1)
    assert (visit.status, visit.claims.count()) == (PLANNED, 0)
    assert Task.objects.open().filter(kind=Task.Kind.CANNOT_COME, appointment=visit).count() == 1
    page = text_of(client.get(detail(course)))
    assert "We will call you about another date." in page
    assert "We will call you about a date." in page
    assert url(course) not in page


def test_what_has_been_given_back_is_talked_about_on_the_phone(client, house, course, pia):
    rescheduling.cannot_come(course.appointments.get(position=1), by=pia, now=house.now)

    for response in (client.get(url(course)), client.get(url(course, "cannot-come"))):
        assert response.status_code == 409
        assert "no longer possible" in text_of(response)
        assert house.clinic.phone.as_national in text_of(response)


def test_what_took_place_stays(client, house, course, later):
    rita, visit = make_user(Role.RECEPTION, house.clinic), course.appointments.get(position=0)
    visits.start(visit, by=rita, now=visit.during.lower)
    visits.complete(visit, by=rita, now=visit.during.upper)
    later("2026-03-02 18:00")

    for name in MOVES:
        for response in (client.get(url(course, name, 0)), client.post(url(course, name, 0))):
            assert response.status_code == 409
    assert url(course, position=0) not in text_of(client.get(detail(course)))


def test_a_visit_whose_time_is_over_cannot_be_given_back(client, house, course, later):
    later("2026-03-02 19:00")

    for method in (client.get, client.post):
        assert method(url(course, "cannot-come", 0)).status_code == 409


# Leaving out


def test_the_optional_session_is_left_out_after_before_and_after(client, house, course, pia):
    shown = client.get(url(course, "leave-out", OPTIONAL))
    assert [change.position for change in shown.context["changes"]] == [OPTIONAL]
    assert "you leave it out" in text_of(shown)
    assert "What follows is counted anew" in text_of(shown)
    assert course.appointments.get(position=OPTIONAL).status == AppointmentStatus.BOOKED

    responses = [agree(client, course, shown) for _twice in range(2)]

    assert [response.url for response in responses] == [detail(course)] * 2
    assert course.appointments.get(position=OPTIONAL).status == SKIPPED
    assert course.journal.filter(verb="replanned").count() == 1


def test_a_booster_without_a_date_can_be_left_out_too(client, house, course, pia):
    rescheduling.cannot_come(course.appointments.get(position=YEAR), by=pia, now=house.now)
    assert url(course, "leave-out", YEAR) in text_of(client.get(detail(course)))

    shown = client.get(url(course, "leave-out", YEAR))
    agree(client, course, shown)

    assert course.appointments.get(position=YEAR).status == SKIPPED


def test_the_last_that_is_left_can_be_left_out(client, house, course, pia, later):
    for position in (*range(1, OPTIONAL + 1), HALF_YEAR):
        course.appointments.filter(position=position).update(status=SKIPPED, **NO_TIME)
    visit, rita = course.appointments.get(position=0), make_user(Role.RECEPTION, house.clinic)
    visits.start(visit, by=rita, now=visit.during.lower)
    visits.complete(visit, by=rita, now=visit.during.upper)
    later("2026-03-10 10:00")

    response = client.post(url(course, "leave-out", YEAR), {"plan": plan_text({})})

    course.refresh_from_db()
    assert (response.status_code, course.status) == (302, CourseStatus.COMPLETED)


def test_only_what_is_theirs_to_leave_out_is_offered(client, course):
    for position in range(8):
        offered = url(course, "leave-out", position) in text_of(client.get(url(course, position=position)))
        assert offered == (position >= OPTIONAL)


def test_a_core_session_is_not_left_out(client, course):
    for position, method in product([0, 1], [client.get, client.post]):
        response = method(url(course, "leave-out", position), {"plan": ""})
        assert response.status_code == 409
        assert "The treatment needs this session" in text_of(response)


def test_what_changed_meanwhile_is_shown_again_before_leaving_out(client, house, course):
    shown = client.get(url(course, "leave-out", OPTIONAL))
    rescheduling.apply(rescheduling.move(course, 1, house.slot("2026-03-17 10:00"), now=house.now), by=None, now=house.now)

    again = agree(client, course, shown)

    assert again.status_code == 409
    assert "The dates have changed since they were shown" in text_of(again)
    assert agree(client, course, again).status_code == 302


# The course page


def test_every_session_to_come_that_has_a_time_can_be_moved(client, house, course, later):
    later("2026-03-20 10:00")

    page = text_of(client.get(detail(course)))

    assert [position for position in range(8) if url(course, position=position) in page] == list(range(2, 8))


def test_a_paused_course_says_so_and_how_it_goes_on(client, house, course):
    rescheduling.suspend(course, by=None, now=house.now)

    page = text_of(client.get(detail(course)))

    assert "Your course is paused. To take it up again, call us" in page
    assert "/move/" not in page
    assert "no date while the course is paused" in page
    for name in MOVES:
        response = client.get(url(course, name, OPTIONAL))
        assert response.status_code == 409
        assert "Your course is paused." in text_of(response)


def test_after_a_missed_first_visit_the_other_dates_are_kept_for_a_call(client, house, course, later):
    later("2026-03-02 11:00")
    visits.miss(course.appointments.get(position=0), by=make_user(Role.RECEPTION, house.clinic), now=house.now)

    page = text_of(client.get(detail(course)))

    assert "Paused: your other dates are kept for a short while." in page
    assert "Your other dates are kept for you until Wednesday 4 March, 11:00" in page
    assert "/move/" not in page


# What has begun, what waits, who is who


def test_the_same_hour_with_a_colleague_is_shown_and_then_stored(client, house, course):
    colleague = next(item for name, item in house.resources.items() if name.startswith("Dr") and name != "Dr Ada")
    chosen = house.slot("2026-03-16 10:00", colleague.name)

    shown = client.get(url(course, slot=f"{chosen.start}-{chosen.lead}"))
    assert shown.status_code == 200
    assert f"with {colleague.name}" in text_of(shown)

    agree(client, course, shown)
    assert course.appointments.get(position=1).lead == colleague


@pytest.mark.parametrize("moment", ["2026-06-30 10:10", "2026-07-02 10:00"])
def test_a_visit_that_has_begun_is_not_left_out(client, house, course, later, moment):
    later(moment)

    assert url(course, "leave-out", OPTIONAL) not in client.get(detail(course)).content.decode()
    response = client.get(url(course, "leave-out", OPTIONAL))
    assert response.status_code == 409
    assert "This is no longer possible" in text_of(response)


def test_while_we_are_to_call_about_one_session_the_others_stay(client, house, course, pia):
    rescheduling.cannot_come(course.appointments.get(position=2), by=pia, now=house.now)
    before = everything()

    for name, position in (("move", 1), ("leave-out", YEAR)):
        response = client.get(url(course, name, position))
        assert response.status_code == 409
        assert "“Session 3” has no date yet: the clinic is to call about it." in text_of(response)
    assert everything() == before


def test_what_waits_for_our_call_itself_can_be_left_out(client, house, course, pia, django_capture_on_commit_callbacks):
    """Not coming to the booster, then not wanting one: the mail says so, though no date is lost any more."""
    rescheduling.cannot_come(course.appointments.get(position=YEAR), by=pia, now=house.now)
    shown = client.get(url(course, "leave-out", YEAR))

    with django_capture_on_commit_callbacks(execute=True):
        agree(client, course, shown)

    assert course.appointments.get(position=YEAR).status == SKIPPED
    assert Message.objects.filter(kind="course_changed").count() == 1
    assert not Task.objects.open().filter(course=course).exists()


def test_who_works_here_has_a_patients_rights_in_a_course_of_their_own(client, house):
    rita = make_user(Role.RECEPTION, house.clinic, email="rita@example.org", language="en")
    own = house.book(make_patient(user=rita), house.propose("2026-03-02 14:00"))
    client.force_login(rita)

    assert client.get(url(own, "leave-out", 2)).status_code == 409
    house.now = house.at("2026-03-16 13:50")
    client.force_login(rita)
    assert client.get(url(own, "move", 1)).status_code == 409
