"""My courses: only one's own, how far each has come, and cancelling the whole."""

from datetime import datetime, timedelta

import icalendar
import pytest
from allauth.account.models import EmailAddress
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from bookings import rescheduling
from bookings.models import AppointmentStatus, Claim, CourseStatus
from clinic.models import Clinic, Role, User
from tests.factories.clinic import make_clinic, make_closure, make_device, make_person, make_room
from tests.factories.courses import open_house
from tests.factories.visits import make_course, make_patient, make_protocol, make_user, make_visit

pytestmark = pytest.mark.django_db

YEAR = timezone.now().year + 1
QUERIES_OF_THE_LIST = 7
QUERIES_OF_THE_DATES = {"course-detail": 24, "course-done": 23}


@pytest.fixture
def house(db) -> Clinic:
    return make_clinic(name="Clinique Test")


@pytest.fixture
def pia(client) -> User:
    user = make_user(Role.PATIENT, email="pia@example.org", language="en")
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def course_of(user: User, house: Clinic, **fields):
    """One session done, one to come, one planned."""
    lead = make_person()
    course = make_course(house, make_patient(user=user), make_protocol(), **fields)
    done = {"started_at": timezone.now(), "ended_at": timezone.now() + timedelta(hours=1)}
    make_visit(course, f"{YEAR - 2}-03-02 10:00", lead=lead, number=1, status=AppointmentStatus.COMPLETED, **done)
    make_visit(
        course, f"{YEAR}-03-16 10:00", lead=lead, number=2, others=[make_room(house, "Room 7"), make_device(house, "Pen 3")]
    )
    make_visit(course, f"{YEAR}-03-30 10:00", lead=lead, number=3, status=AppointmentStatus.PLANNED)
    return course


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_list_shows_progress_status_and_the_next_appointment(client, pia, house):
    course = course_of(pia, house)

    page = text_of(client.get(reverse("bookings:course-list")))

    assert "1 of 3 sessions done" in page
    assert "Confirmed" in page
    assert f"16 March {YEAR}, 10:00" in page
    assert reverse("bookings:course-detail", args=[course.uuid]) in page


def test_the_detail_shows_every_date_the_way_there_and_the_calendar(client, pia, house):
    course = course_of(pia, house)

    page = text_of(client.get(reverse("bookings:course-detail", args=[course.uuid])))

    assert f"16 March {YEAR}, 10:00" in page
    assert "Room 7 · Pen 3" in page
    assert f"planned for March {YEAR}" in page
    assert "1 rue de la Paix" in page
    assert "openstreetmap.org/search?query=1%20rue%20de%20la%20Paix%2C%2075002%20Paris" in page
    assert reverse("bookings:course-calendar", args=[course.uuid]) in page


def test_a_single_visit_is_booked_as_one_visit(client, pia, house):
    course = make_course(house, make_patient(user=pia), make_protocol())
    make_visit(course, f"{YEAR}-03-02 10:00", lead=make_person(), number=0)

    page = text_of(client.get(reverse("bookings:course-done", args=[course.uuid])))

    for words in ["Your appointment is booked", "you pay after the visit", "Put the date into my calendar"]:
        assert words in page
    assert "each session" not in page


def test_the_first_visit_has_no_ideal_day(client, pia, house):
    lead = make_person()
    course = make_course(house, make_patient(user=pia), make_protocol())
    make_visit(course, f"{YEAR}-03-02 10:00", lead=lead, number=0)
    make_visit(course, f"{YEAR}-03-16 10:00", lead=lead, number=1)

    for name in ("course-done", "course-detail"):
        dates = text_of(client.get(reverse(f"bookings:{name}", args=[course.uuid]))).split('class="session-list"')[1]
        assert dates.count("on the ideal day") == 1


@pytest.mark.parametrize("many", [1, 6])
def test_the_list_asks_the_database_alike_for_one_course_and_for_many(client, pia, house, many, django_assert_max_num_queries):
    for _course in range(many):
        course_of(pia, house)

    with django_assert_max_num_queries(10) as queries:
        client.get(reverse("bookings:course-list"))

    assert len(queries) == QUERIES_OF_THE_LIST


@pytest.mark.parametrize("name", ["course-detail", "course-done"])
@pytest.mark.parametrize("many", [1, 6])
def test_the_dates_ask_the_database_alike_for_few_and_for_many_visits(client, pia, house, many, name, django_assert_num_queries):
    """None of them is on its ideal day: each says why."""
    course = make_course(house, make_patient(user=pia), make_protocol())
    for number in range(1, many + 1):
        make_visit(course, f"{YEAR}-03-{number + 10} 10:00", lead=make_person(), number=number)
    course.appointments.update(target=F("earliest"))

    with django_assert_num_queries(QUERIES_OF_THE_DATES[name]):
        client.get(reverse(f"bookings:{name}", args=[course.uuid]))


@pytest.mark.parametrize("name", ["course-detail", "course-done"])
def test_the_pages_of_a_booked_course_say_why_a_date_is_not_the_ideal_one_and_what_it_costs(client, pia, name, monkeypatch):
    house = open_house(weekdays=range(1, 8), closes_on_holidays=False, horizon_months=24)
    monkeypatch.setattr(timezone, "now", lambda: house.now)
    course = house.book(make_patient(user=pia))
    rescheduling.apply(rescheduling.move(course, 1, house.slot("2026-03-18 10:00"), now=house.now), by=pia, now=house.now)
    make_closure(house.clinic, house.at("2026-03-16 00:00"), house.at("2026-03-18 00:00"))
    client.force_login(pia)
    page = text_of(client.get(reverse(f"bookings:{name}", args=[course.uuid])))

    assert "2 days after the ideal day, 16 March (the clinic is closed on every nearer day)" in page
    assert "€250 a session, paid after it. The course comes to €1,250." in page


def test_once_it_has_begun_a_course_names_what_is_still_to_come(client, pia, house):
    """The first session took place with other zones: what it cost is not what the others will."""
    course = course_of(pia, house)
    client.force_login(pia)
    address = reverse("bookings:course-detail", args=[course.uuid])
    done = {"status": "completed", "started_at": timezone.now(), "ended_at": timezone.now(), "arrived_at": timezone.now()}
    done["ended_at"] += timedelta(hours=1)
    course.appointments.filter(number=1).update(**done)

    page = text_of(client.get(address))

    firm = course.appointments.filter(optional=False, phase__recommended=False).exclude(number=1).count()
    assert f"€250 a session, paid after it. What is still to come costs €{250 * firm:,}." in page


def test_a_session_that_may_not_take_place_is_not_counted_with_the_others(client, pia, house):
    course = course_of(pia, house)
    course.appointments.filter(number=3).update(optional=True)
    address = reverse("bookings:course-list")
    assert "1 of 2 sessions done (and 1 optional)" in text_of(client.get(address))

    done = {"started_at": timezone.now(), "ended_at": timezone.now() + timedelta(hours=1), "arrived_at": timezone.now()}
    course.appointments.filter(number=3).update(status="skipped")
    course.appointments.filter(number=1).update(optional=True, **done)
    page = text_of(client.get(address))
    assert "1 of 2 sessions done" in page
    assert "optional)" not in page


def test_a_course_that_is_over_names_no_price(client, pia, house):
    course = course_of(pia, house, status=CourseStatus.COMPLETED)

    assert "What it costs" not in text_of(client.get(reverse("bookings:course-detail", args=[course.uuid])))


def test_one_log_in_can_look_at_one_file_at_a_time(client, pia, house):
    mine, daughters = course_of(pia, house), course_of(pia, house)
    daughters.patient.first_name = "Zoé"
    daughters.patient.save()

    both = client.get(reverse("bookings:course-list"))
    one = client.get(reverse("bookings:course-list"), {"for": daughters.patient.uuid})

    assert {item.course for item in both.context["running"]} == {mine, daughters}
    assert [item.course for item in one.context["running"]] == [daughters]


@pytest.mark.parametrize("garbage", ["", "x", "0' OR 1=1", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_file_in_the_address_changes_nothing(client, pia, house, garbage):
    course_of(pia, house)

    response = client.get(reverse("bookings:course-list"), {"for": garbage})

    assert len(response.context["running"]) == 1


def test_who_has_nothing_yet_is_shown_ways_on(client, pia, house):
    page = text_of(client.get(reverse("bookings:course-list")))

    assert reverse("treatments:treatment-list") in page
    assert reverse("bookings:patient-find") in page
    assert reverse("bookings:question-create") in page


def test_held_and_released_courses_are_not_mine_yet(client, pia, house):
    course = course_of(pia, house)
    course.status = CourseStatus.EXPIRED
    course.save()

    assert not client.get(reverse("bookings:course-list")).context["running"]
    assert client.get(reverse("bookings:course-detail", args=[course.uuid])).status_code == 404


def test_the_status_is_said_in_words(client, pia, house):
    course = course_of(pia, house)
    until = datetime(YEAR, 3, 5, 12, tzinfo=house.zone)
    for changes, sentence in [
        ({"clearance": "to_review", "cleared_at": None, "review_due": until}, "awaiting the physician until"),
        ({"with_consultation": True}, "subject to the physician"),
        ({"clearance": "cleared", "cleared_at": timezone.now(), "review_due": None}, "Confirmed"),
        ({"status": CourseStatus.SUSPENDED}, "Paused"),
        ({"status": CourseStatus.COMPLETED}, "Completed"),
        ({"status": CourseStatus.CANCELLED}, "Cancelled"),
    ]:
        for name, value in changes.items():
            setattr(course, name, value)
        course.save()

        assert sentence in text_of(client.get(reverse("bookings:course-detail", args=[course.uuid])))


def test_the_calendar_file_is_served_with_all_dates_to_come(client, pia, house):
    course = course_of(pia, house)

    response = client.get(reverse("bookings:course-calendar", args=[course.uuid]))

    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert len(icalendar.Calendar.from_ical(response.content).events) == 2
    assert "Exosomes" not in response.content.decode()


def test_without_dates_there_is_no_calendar_file(client, pia, house):
    course = make_course(house, make_patient(user=pia))

    assert client.get(reverse("bookings:course-calendar", args=[course.uuid])).status_code == 404


def test_cancelling_asks_first_with_both_lists(client, pia, house):
    course = course_of(pia, house)

    response = client.get(reverse("bookings:course-cancel", args=[course.uuid]))

    assert [visit.number for visit in response.context["freed"]] == [2, 3]
    assert [visit.number for visit in response.context["kept"]] == [1]
    course.refresh_from_db()
    assert course.status == CourseStatus.BOOKED


def test_cancelling_frees_what_is_to_come_and_keeps_what_was(client, pia, house):
    course = course_of(pia, house)
    kept = Claim.objects.filter(appointment__number=1).count()

    response = client.post(reverse("bookings:course-cancel", args=[course.uuid]))

    assert response.url == reverse("bookings:course-detail", args=[course.uuid])
    course.refresh_from_db()
    assert course.status == CourseStatus.CANCELLED
    assert Claim.objects.count() == kept
    assert course.journal.get(verb="cancelled").actor == pia


def test_a_course_that_has_ended_otherwise_cannot_be_cancelled(client, pia, house):
    course = course_of(pia, house, status=CourseStatus.COMPLETED)

    response = client.post(reverse("bookings:course-cancel", args=[course.uuid]))

    assert response.status_code == 409
    assert "no longer possible" in text_of(response)


@pytest.mark.parametrize(
    ("status", "sentence"),
    [(CourseStatus.CANCELLED, "This course is already cancelled."), (CourseStatus.COMPLETED, "This course has already ended.")],
)
def test_of_a_course_that_has_ended_nobody_is_asked_whether_to_cancel_it(client, pia, house, status, sentence):
    course = make_course(house, make_patient(user=pia), status=status)

    response = client.get(reverse("bookings:course-cancel", args=[course.uuid]), follow=True)

    assert response.redirect_chain == [(reverse("bookings:course-detail", args=[course.uuid]), 302)]
    assert sentence in text_of(response)


def test_the_team_finds_the_day_where_patients_find_their_courses(client, house):
    client.force_login(make_user(Role.RECEPTION, house))

    assert client.get(reverse("bookings:course-list")).url == reverse("bookings:staff-day")


def test_the_link_of_a_mail_leads_who_booked_by_phone_to_their_file_and_on(client, house):
    """The file carries the address proved at the log-in, and no log-in: the birth date opens it, and the course."""
    course = course_of(None, house)
    pia = make_user(Role.PATIENT, email="pia@example.org", language="en")
    EmailAddress.objects.create(user=pia, email="PIA@example.org", verified=True)
    client.force_login(pia)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    detail = reverse("bookings:course-detail", args=[course.uuid])

    asked = client.get(detail, follow=True)
    assert "please tell us once who you are" in asked.content.decode()
    wrong = {"first_name": "Pia", "birth_date": "1999-01-01", "course": str(course.uuid)}
    assert client.post(reverse("bookings:patient-find"), wrong).status_code == 409
    opened = client.post(reverse("bookings:patient-find"), wrong | {"birth_date": "1985-05-17"})
    assert opened.url == detail
    assert client.get(detail).status_code == 200


@pytest.mark.parametrize("address", ["somebody@example.org", None])
def test_the_link_tells_nobody_else_that_there_is_such_a_course(client, house, address):
    course = course_of(None, house)
    pia = make_user(Role.PATIENT, email="other@example.org")
    EmailAddress.objects.create(user=pia, email=address or "pia@example.org", verified=address is not None)
    client.force_login(pia)
    assert client.get(reverse("bookings:course-detail", args=[course.uuid])).status_code == 404
