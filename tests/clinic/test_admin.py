"""The manager's pages: they open, refuse bad hours with a sentence, and keep to the manager's own clinic."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookings.models import ScreeningAnswers
from clinic.models import Closure, OpeningHours, Resource, Role, Shift, User
from tests.factories.clinic import make_capability, make_clinic, make_opening, make_person, make_room, make_shift
from tests.factories.visits import at, make_course, make_patient, make_user, make_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic() -> Any:
    return make_clinic(name="Here")


@pytest.fixture
def manager(clinic: Any) -> User:
    return make_user(Role.MANAGER, clinic, name="Hélène")


@pytest.fixture
def site(client: Client, manager: User) -> Client:
    client.force_login(manager)
    return client


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


# Who comes in


@pytest.mark.parametrize(
    ("role", "status"), [(Role.MANAGER, 200), (Role.PRACTITIONER, 200), (Role.RECEPTION, 302), (Role.PATIENT, 302)]
)
def test_who_sees_the_admin(client: Client, clinic: Any, role: str, status: int) -> None:
    client.force_login(make_user(role, clinic if role != Role.PATIENT else None))

    assert client.get(page("index")).status_code == status


def test_a_physician_sees_nothing_of_the_house_or_of_bookings(client: Client, clinic: Any) -> None:
    client.force_login(make_user(Role.PRACTITIONER, clinic))

    for name in ("clinic_clinic", "clinic_user", "clinic_shift", "bookings_course", "bookings_patient"):
        assert client.get(page(f"{name}_changelist")).status_code == 403


def test_every_page_of_the_house_and_of_bookings_opens(site: Client, clinic: Any) -> None:
    person = make_person("Dr Roux", can=["physician"])
    make_room(clinic, "Room 1")
    make_shift(person, clinic)
    make_opening(clinic)
    Closure.objects.create(clinic=clinic, reason="Works", during=(at("2026-08-10 00:00", clinic), at("2026-08-17 00:00", clinic)))
    make_visit(make_course(clinic, make_patient()), "2026-03-02 10:00", lead=person)

    for model in admin.site._registry:
        if model._meta.app_label not in ("clinic", "bookings"):
            continue
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        assert site.get(page(f"{name}_changelist")).status_code == 200, name
        row = model._default_manager.first()
        if row:
            assert site.get(page(f"{name}_change", row.pk)).status_code == 200, name


def test_the_menu_leads_back_to_the_day(site: Client) -> None:
    assert reverse("bookings:staff-day") in site.get(page("index")).content.decode()


# Medical answers


def test_sealed_answers_are_nowhere_in_the_admin(site: Client, clinic: Any) -> None:
    course = make_course(clinic, make_patient())
    given = at("2026-03-02 10:00", clinic)
    ScreeningAnswers.objects.create(course=course, protocol=course.protocol, given_at=given, sealed=b"sealed-words")

    assert not {"screeninganswers", "answersreading"} & {model._meta.model_name for model in admin.site._registry}
    shown = site.get(page("bookings_course_change", course.pk)).content
    assert b"sealed-words" not in shown


@pytest.mark.parametrize("name", ["course", "patient", "message", "task"])
def test_bookings_are_only_looked_at(site: Client, name: str) -> None:
    assert site.get(page(f"bookings_{name}_add")).status_code == 403


def test_a_booking_cannot_be_changed_by_posting(site: Client, clinic: Any) -> None:
    course = make_course(clinic, make_patient())

    assert site.post(page("bookings_course_change", course.pk), {"status": "cancelled"}).status_code == 403
    assert site.post(page("bookings_course_delete", course.pk), {"post": "yes"}).status_code == 403


# Another clinic


def test_another_clinic_is_not_there(site: Client, clinic: Any) -> None:
    there = make_clinic(name="There")
    person = make_person("Dr Roux")
    mine, theirs = make_shift(person, clinic, 1), make_shift(person, there, 2)
    room = make_room(there, "Their room")
    course = make_course(there, make_patient())
    colleague = make_user(Role.RECEPTION, there)

    for name, row in [
        ("clinic_clinic", there),
        ("clinic_shift", theirs),
        ("clinic_resource", room),
        ("clinic_user", colleague),
        ("bookings_course", course),
        ("bookings_patient", course.patient),
    ]:
        assert site.get(page(f"{name}_change", row.pk)).status_code == 302, name  # Django sends home: no such row
    listed = site.get(page("clinic_shift_changelist")).context["cl"].result_list
    assert [shift.pk for shift in listed] == [mine.pk]


def test_a_shift_is_not_given_to_another_clinic(site: Client) -> None:
    there, person = make_clinic(name="There"), make_person("Dr Roux")

    response = site.post(page("clinic_shift_add"), shift_data(person, clinic=there.pk))

    assert response.status_code == 200
    assert not Shift.objects.exists()


# Hours


def shift_data(person: Resource, **fields: Any) -> dict[str, Any]:
    return {
        "person": person.pk,
        "clinic": "",
        "weekday": 1,
        "starts": "09:00",
        "ends": "17:00",
        "valid_from": "2026-01-01",
        "valid_until": "",
        **fields,
    }


BAD_SHIFTS = [
    ({"starts": "09:03"}, "Please keep to whole 5 minutes."),
    ({"ends": "17:00:30"}, "Please keep to whole 5 minutes."),
    ({"starts": "17:00", "ends": "09:00"}, "The end must come after the start."),
    ({"valid_until": "2025-12-31"}, "The last day must not come before the first."),
    ({"starts": "16:00", "ends": "18:00"}, "This person already has a shift at that time."),
    ({"weekday": "8"}, "Select a valid choice. 8 is not one of the available choices."),
    ({"starts": "25:00"}, "Enter a valid time."),
    ({"person": "999999"}, "Select a valid choice. That choice is not one of the available choices."),
]


@pytest.mark.parametrize(("fields", "sentence"), BAD_SHIFTS)
def test_a_bad_shift_is_refused_with_a_sentence(site: Client, clinic: Any, fields: dict[str, Any], sentence: str) -> None:
    person = make_person("Dr Roux")
    make_shift(person, clinic, 1, "09:00", "17:00")
    data = shift_data(person, clinic=clinic.pk, starts="17:00", ends="18:00") | fields

    response = site.post(page("clinic_shift_add"), data, headers={"accept-language": "en"})

    assert response.status_code == 200
    assert [str(error) for errors in response.context["errors"] for error in errors] == [sentence]
    assert Shift.objects.count() == 1


def test_a_good_shift_is_stored(site: Client, clinic: Any) -> None:
    person = make_person("Dr Roux")
    make_shift(person, clinic, 1, "09:00", "12:00")

    site.post(page("clinic_shift_add"), shift_data(person, clinic=clinic.pk, starts="12:00", ends="18:00"))

    assert list(Shift.objects.order_by("starts").values_list("starts", "ends")) == [
        (time(9), time(12)),
        (time(12), time(18)),
    ]


@pytest.mark.parametrize("what", ["shift", "resource", "closure"])
def test_hours_and_capabilities_change_in_turn_with_bookings(site: Client, clinic: Any, save_person: Any, what: str) -> None:
    """The resource is locked before anything is stored, as every booking locks it before it looks."""
    make_room(clinic)
    person = Resource.objects.get(kind="person")
    with CaptureQueriesContext(connection) as queries:
        if what == "shift":
            site.post(page("clinic_shift_add"), shift_data(person, clinic=clinic.pk))
        elif what == "resource":
            save_person(line(clinic))
        else:
            site.post(page("clinic_closure_add"), closure_data(clinic, "2026-08-10 00:00", "2026-08-17 00:00"))

    asked = [query["sql"] for query in queries]
    lock = next(place for place, sql in enumerate(asked) if "FOR NO KEY UPDATE" in sql and "clinic_resource" in sql)
    stored = next(place for place, sql in enumerate(asked) if "INSERT INTO" in sql and "clinic_" in sql)
    assert lock < stored


def inline(prefix: str, rows: list[dict[str, Any]], initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def line(clinic: Any, **fields: Any) -> dict[str, Any]:
    return {"clinic": clinic.pk, "weekday": 1, "starts": "09:00", "ends": "12:00", "valid_from": "2026-01-01", **fields}


@pytest.fixture
def save_person(site: Client, clinic: Any) -> Callable[..., Any]:
    """Posts a person's page with these shifts as new lines."""
    person = make_person("Dr Roux", can=["physician"])

    def save(*lines: dict[str, Any], **fields: Any) -> Any:
        data = {"name": "Dr Roux", "capabilities": [make_capability("physician").pk], "active": "on", **fields}
        data |= inline("practitioner", []) | inline("shifts", list(lines))
        return site.post(page("clinic_resource_change", person.pk), data, headers={"accept-language": "en"})

    return save


def test_two_new_lines_that_overlap_are_refused_together(save_person: Callable[..., Any], clinic: Any) -> None:
    response = save_person(line(clinic), line(clinic, starts="11:00", ends="18:00"))

    assert response.status_code == 200
    assert b"Two of these lines overlap." in response.content
    assert not Shift.objects.exists()


def test_lines_that_only_touch_or_follow_one_another_are_stored(save_person: Callable[..., Any], clinic: Any) -> None:
    response = save_person(
        line(clinic),
        line(clinic, starts="12:00", ends="18:00", valid_until="2026-06-30"),
        line(clinic, starts="12:00", ends="19:00", valid_from="2026-07-01"),
    )

    assert response.status_code == 302
    assert Shift.objects.count() == 3


def test_a_person_has_no_rooms_capability(save_person: Callable[..., Any]) -> None:
    basin = make_capability("basin-room", kind="room")

    response = save_person(capabilities=[basin.pk])

    assert b"Not for this kind of resource" in response.content


def test_overlapping_opening_hours_are_refused(site: Client, clinic: Any) -> None:
    fields = ["name", "slug", "address_line", "postal_code", "city", "phone", "email", "horizon_months", "booking_notice_minutes"]
    fields += [
        "change_notice_hours",
        "reply_hours",
        "first_reply_days",
        "hold_minutes",
        "max_open_holds",
        "legal_profile",
        "reflection_days",
        "review_hours",
        "timezone",
        "country",
    ]
    data = {name: str(getattr(clinic, name)) for name in fields}
    hours = {"weekday": 1, "starts": "09:00", "ends": "12:00", "valid_from": "2026-01-01"}

    refused = site.post(page("clinic_clinic_change", clinic.pk), data | inline("opening_hours", [hours, hours]))
    assert refused.status_code == 200
    assert not OpeningHours.objects.exists()

    assert site.post(page("clinic_clinic_change", clinic.pk), data | inline("opening_hours", [hours])).status_code == 302
    assert OpeningHours.objects.get().ends == time(12)


def closure_data(clinic: Any, start: str, end: str) -> dict[str, Any]:
    starts, ends = start.split(), end.split()
    return {
        "clinic": clinic.pk,
        "reason": "Works",
        "starts_0": starts[0],
        "starts_1": starts[1],
        "ends_0": ends[0],
        "ends_1": ends[1],
    }


def test_a_closure_is_written_in_the_clinics_time(site: Client, clinic: Any) -> None:
    clinic.timezone = "Indian/Reunion"
    clinic.save()

    site.post(page("clinic_closure_add"), closure_data(clinic, "2026-08-10 00:00", "2026-08-17 00:00"))

    closure = Closure.objects.get()
    assert (closure.during.lower, closure.during.upper) == (at("2026-08-10 00:00", clinic), at("2026-08-17 00:00", clinic))
    shown = site.get(page("clinic_closure_change", closure.pk)).context["adminform"].form.initial
    assert (shown["starts"].date(), shown["ends"].date()) == (date(2026, 8, 10), date(2026, 8, 17))


def test_a_closure_that_ends_before_it_begins_is_refused(site: Client, clinic: Any) -> None:
    response = site.post(
        page("clinic_closure_add"),
        closure_data(clinic, "2026-08-17 00:00", "2026-08-10 00:00"),
        headers={"accept-language": "en"},
    )

    assert b"The end must come after the start." in response.content
    assert not Closure.objects.exists()


# Log-ins


def test_a_new_log_in_has_no_password_and_works_here(site: Client, clinic: Any) -> None:
    data = {
        "email": "New.Face@Example.org",
        "name": "New",
        "role": "reception",
        "clinic": clinic.pk,
        "language": "fr",
        "is_active": "on",
    }
    site.post(page("clinic_user_add"), data)

    user = User.objects.get(email="new.face@example.org")
    assert (user.role, user.clinic, user.has_usable_password(), user.is_superuser) == (Role.RECEPTION, clinic, False, False)


def test_managers_neither_shut_themselves_out_nor_make_patients(site: Client, clinic: Any, manager: User) -> None:
    own = {"email": manager.email, "name": "H", "role": "reception", "language": "fr"}
    site.post(page("clinic_user_change", manager.pk), own)
    manager.refresh_from_db()
    assert (manager.role, manager.is_active, manager.name) == (Role.MANAGER, True, "H")

    patient = {"email": "p@example.org", "role": "patient", "clinic": clinic.pk, "language": "fr", "is_active": "on"}
    assert site.post(page("clinic_user_add"), patient).status_code == 200
    assert not User.objects.filter(email="p@example.org").exists()


@pytest.mark.parametrize("name", ["clinic", "resource", "capability", "user"])
def test_what_bookings_refer_to_is_not_deleted(site: Client, clinic: Any, manager: User, name: str) -> None:
    row = {
        "clinic": clinic,
        "resource": make_room(clinic),
        "capability": make_capability("physician"),
        "user": manager,
    }[name]

    assert site.post(page(f"clinic_{name}_delete", row.pk), {"post": "yes"}).status_code == 403
