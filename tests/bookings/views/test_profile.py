"""My details: phone and language, and the file that reception made."""

from datetime import date

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.urls import reverse

from clinic.models import Role, User
from tests.factories.clinic import make_clinic
from tests.factories.visits import make_course, make_patient, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def house(db):
    cache.clear()
    return make_clinic(name="Clinique Test")


@pytest.fixture
def pia(client) -> User:
    user = make_user(Role.PATIENT, email="pia@example.org", language="en")
    EmailAddress.objects.create(user=user, email=user.email, verified=True)
    client.force_login(user)
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return user


def test_who_booked_by_phone_finds_the_course(client, pia, house):
    course = make_course(house, make_patient(email="pia@example.org", birth_date=date(1985, 5, 17)))

    answer = client.post(reverse("bookings:patient-find"), {"first_name": "pia", "birth_date": "1985-05-17"}, follow=True)

    assert [item.course for item in answer.context["running"]] == [course]


def test_the_sixth_search_in_an_hour_is_refused(client, pia):
    make_patient(email="pia@example.org", birth_date=date(1985, 5, 17))
    for day in range(1, 6):
        client.post(reverse("bookings:patient-find"), {"first_name": "Pia", "birth_date": f"1985-04-0{day}"})

    answer = client.post(reverse("bookings:patient-find"), {"first_name": "Pia", "birth_date": "1985-05-17"})

    assert answer.status_code == 409
    assert "too many attempts" in answer.content.decode()


def test_details_can_be_changed_except_the_name(client, pia):
    patient = make_patient(user=pia)
    address = reverse("bookings:patient-edit", args=[patient.uuid])

    answer = client.post(address, {"phone": "+49 151 12345678", "language": "en", "first_name": "Eve"})

    assert answer.status_code == 302
    patient.refresh_from_db()
    assert (str(patient.phone), patient.language, patient.first_name) == ("+4915112345678", "en", "Pia")


@pytest.mark.parametrize("data", [{}, {"phone": "12"}, {"phone": "+33612345678", "language": "xx"}, {"phone": "x" * 500}])
def test_details_that_make_no_sense_are_refused(client, pia, data):
    patient = make_patient(user=pia)

    assert client.post(reverse("bookings:patient-edit", args=[patient.uuid]), data).status_code == 422


@pytest.mark.parametrize(
    ("data", "status"),
    [
        ({"first_name": "Pia", "birth_date": "1985-05-18"}, 409),
        ({"first_name": "x" * 300, "birth_date": "1985-05-17"}, 422),
        ({"first_name": "Pia", "birth_date": "yesterday"}, 422),
        ({"first_name": "Pia", "birth_date": "1785-05-17"}, 422),
        ({}, 422),
    ],
)
def test_a_file_that_is_not_found_is_said_with_one_sentence(client, pia, data, status):
    assert client.post(reverse("bookings:patient-find"), data).status_code == status


@pytest.mark.parametrize("wanted", ["x", "\0", "9" * 5000, "00000000-0000-4000-8000-000000000000"])
def test_only_to_whom_a_course_may_belong_it_is_said_that_it_was_booked_for_them(client, wanted: str) -> None:
    client.force_login(make_user(Role.PATIENT, language="en"))
    page = client.get(reverse("bookings:patient-find"), {"course": wanted}, headers={"accept-language": "en"})
    assert page.status_code == 200
    assert "Your course was booked for you" not in page.content.decode()
