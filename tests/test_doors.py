"""Every door of the site: which are open to all, and that nobody gets through another's."""

from collections.abc import Iterator
from itertools import product
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from bookings.models import Appointment, Course, Patient
from clinic.models import Role
from tests.factories.clinic import make_clinic, make_person
from tests.factories.visits import make_course, make_patient, make_protocol, make_user, make_visit

pytestmark = pytest.mark.django_db

# Open without a log-in. A new page is closed until it is written here on purpose.
OPEN = {
    "account_login",
    "account_login_other",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_inactive",
    "account_logout",
    "account_signup",
    "account_email",
    "account_email_verification_sent",
    "account_change_password",
    "account_set_password",
    "account_reset_password",
    "bookings:book-confirm",
    "bookings:book-course",
    "bookings:book-first",
    "bookings:book-hold",
    "bookings:book-identity",
    "bookings:book-questions",
    "bookings:book-safety",
    "bookings:book-zones",
    "bookings:hold-change",
    "bookings:hold-confirm",
    "bookings:hold-extend",
    "bookings:hold-identity",
    "bookings:hold-questions",
    "bookings:hold-release",
    "bookings:question-create",
    "bookings:question-sent",
    "clinic:accessibility",
    "clinic:legal",
    "clinic:physicians",
    "clinic:prices",
    "clinic:privacy",
    "clinic:robots",
    "healthz",
    "home",
    "mfa_authenticate",
    "mfa_login_webauthn",
    "set_language",
    "treatments:treatment-detail",
    "treatments:treatment-list",
}
LOGIN = "/account/login/"
SAMPLES = {
    "uuid": str(uuid4()),
    "offer": str(uuid4()),
    "slug": "nothing",
    "pk": "999999",
    "number": "1",
    "position": "1",
    "key": "x",
}


def doors(
    resolver: URLResolver | None = None, prefix: str = "", outer: tuple[str, ...] = ()
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every named address outside the admin site, with the names of its parameters."""
    for entry in (resolver or get_resolver()).url_patterns:
        parameters = (*outer, *entry.pattern.regex.groupindex)
        if isinstance(entry, URLResolver):
            if entry.namespace != "admin":
                yield from doors(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix, parameters)
        elif entry.name:
            yield prefix + entry.name, parameters


ALL = sorted(doors())
CLOSED = [door for door in ALL if door[0] not in OPEN]
OF_THE_TEAM = [door for door in CLOSED if ":staff-" in door[0]]
WITH_A_KEY = [door for door in ALL if door[0].startswith("bookings:") and "uuid" in door[1] and door not in OF_THE_TEAM]


def address(name: str, parameters: tuple[str, ...], **given: object) -> str:
    return reverse(name, kwargs={parameter: given.get(parameter, SAMPLES.get(parameter, "1")) for parameter in parameters})


@pytest.fixture(autouse=True)
def house(db):
    cache.clear()
    return make_clinic(name="Clinique Test")


def knock(client: Client, wanted: list[tuple[str, tuple[str, ...]]], keys: list[UUID]) -> dict[str, set[int]]:
    """What each door answers to GET and POST with each of the keys: its name -> status codes."""
    answers: dict[str, set[int]] = {}
    for (name, parameters), key, method in product(wanted, keys, ["get", "post"]):
        answer = getattr(client, method)(address(name, parameters, uuid=key))
        answers.setdefault(name, set()).add(answer.status_code)
    return answers


def test_every_door_that_is_open_exists():
    assert {name for name, _parameters in ALL} >= OPEN


def test_closed_doors_send_strangers_to_the_log_in(client):
    sent_elsewhere = {
        (name, method): answer
        for (name, parameters), method in product(CLOSED, ["get", "post"])
        if urlsplit((answer := getattr(client, method)(address(name, parameters))).headers.get("Location", "")).path != LOGIN
    }
    assert sent_elsewhere == {}


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_admin_site_sends_strangers_to_the_log_in(client, method):
    for target in ["/admin/", "/admin/bookings/course/", "/admin/clinic/user/add/", "/admin/nothing/"]:
        answer = getattr(client, method)(target, follow=True)
        assert urlsplit(answer.redirect_chain[-1][0]).path == reverse("account_login")


def test_the_admin_site_is_closed_to_patients_and_to_the_desk(client, house):
    for user in [make_user(Role.PATIENT), make_user(Role.RECEPTION, house), make_user(Role.ASSISTANT, house)]:
        client.force_login(user)
        assert client.get("/admin/").status_code in (302, 403)
        assert client.get("/admin/bookings/patient/").status_code in (302, 403)


def a_strangers_rows(house) -> list[UUID]:
    """Keys of a file, a course and a visit that belong to somebody else."""
    patient = make_patient(user=make_user(Role.PATIENT), email="other@example.org")
    visit = make_visit(make_course(house, patient, make_protocol()), "2030-03-04 10:00", lead=make_person())
    return [patient.uuid, visit.course.uuid, visit.uuid]


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Patient, Course, Appointment)]


def test_there_are_doors_with_keys():
    assert len(WITH_A_KEY) >= 10
    assert len([door for door in OF_THE_TEAM if "uuid" in door[1]]) >= 5


def unless(answers: dict[str, set[int]], *expected: int) -> dict[str, set[int]]:
    """The doors that answered anything but what is expected, or "not this method"."""
    return {name: codes for name, codes in answers.items() if not codes <= {*expected, 405}}


def test_a_patient_finds_nothing_behind_anothers_key(client, house):
    keys = a_strangers_rows(house)
    me = make_user(Role.PATIENT)
    make_course(house, make_patient(user=me), make_protocol())
    client.force_login(me)
    before = everything()

    assert unless(knock(client, WITH_A_KEY, keys), 404) == {}
    assert everything() == before


def test_a_visitor_finds_nothing_behind_anothers_key(client, house):
    keys = a_strangers_rows(house)
    before = everything()

    assert unless(knock(client, [door for door in WITH_A_KEY if door[0] in OPEN], keys), 404) == {}
    assert everything() == before


def test_patients_do_not_enter_the_teams_rooms(client, house):
    keys = a_strangers_rows(house)
    client.force_login(make_user(Role.PATIENT))
    before = everything()

    assert unless(knock(client, OF_THE_TEAM, keys), 403) == {}
    assert everything() == before


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.ASSISTANT, Role.PRACTITIONER, Role.MANAGER])
def test_the_team_of_another_clinic_finds_nothing(client, house, role):
    keys = a_strangers_rows(house)
    client.force_login(make_user(role, make_clinic()))
    before = everything()

    assert unless(knock(client, [door for door in OF_THE_TEAM if "uuid" in door[1]], keys), 403, 404) == {}
    assert everything() == before


def test_open_doors_open(client):
    answers = {name: client.get(reverse(name)).status_code for name, parameters in ALL if name in OPEN and not parameters}

    assert {name for name, code in answers.items() if code not in (200, 302, 405)} == set()
    assert {name for name, code in answers.items() if code == 302 and not name.startswith(("account_", "mfa_"))} == {
        "set_language"
    }


def test_search_engines_are_told_what_to_leave_alone(client):
    text = client.get("/robots.txt").content.decode()

    for prefix in ("/courses/", "/hold/", "/staff/", "/my-details/", "/account/", "/admin/"):
        assert f"Disallow: {prefix}\n" in text
