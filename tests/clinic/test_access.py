"""Roles: who comes in where, and what each may do in the admin site."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from clinic.access import PHYSICIANS, TEAM, RoleBackend, role_required
from clinic.models import Clinic, Role, User


@role_required(*TEAM)
def team_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(timezone.get_current_timezone_name())


@role_required(*PHYSICIANS)
def physicians_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("seen")


def somebody(role: str, clinic: Clinic | None = None) -> User:
    return User(email=f"{role}@example.org", role=role, clinic=clinic)


def request_of(user: User | AnonymousUser) -> HttpRequest:
    request = RequestFactory().get("/staff/day/?date=2026-03-02")
    request.user = user
    return request


def test_a_stranger_is_sent_to_the_log_in_and_back() -> None:
    response = team_page(request_of(AnonymousUser()))

    assert response.status_code == 302
    assert response["Location"] == "/account/login/?next=/staff/day/%3Fdate%3D2026-03-02"


@pytest.mark.parametrize("role", TEAM)
def test_every_role_of_the_team_may_see_a_page_of_the_team(role: str) -> None:
    assert team_page(request_of(somebody(role, Clinic()))).status_code == 200


@pytest.mark.parametrize("role", [Role.PATIENT, Role.RECEPTION, Role.ASSISTANT, Role.MANAGER])
def test_what_is_for_physicians_is_refused_to_all_others(role: str) -> None:
    with pytest.raises(PermissionDenied):
        physicians_page(request_of(somebody(role, Clinic())))


def test_who_works_for_no_clinic_sees_none() -> None:
    with pytest.raises(PermissionDenied):
        team_page(request_of(somebody(Role.RECEPTION)))


def test_pages_of_the_team_speak_in_the_time_of_its_clinic() -> None:
    there = Clinic(timezone="Indian/Reunion")

    assert team_page(request_of(somebody(Role.RECEPTION, there))).content == b"Indian/Reunion"
    assert timezone.get_current_timezone_name() == "Europe/Paris"


ADMIN = [
    # permission, who has it
    ("clinic.change_clinic", {Role.MANAGER}),
    ("clinic.add_user", {Role.MANAGER}),
    ("clinic.delete_shift", {Role.MANAGER}),
    ("treatments.view_treatment", {Role.MANAGER, Role.PRACTITIONER}),
    ("treatments.change_treatment", {Role.MANAGER}),
    ("treatments.change_departure", {Role.MANAGER, Role.PRACTITIONER}),
    ("treatments.delete_departure", {Role.MANAGER}),
    ("bookings.view_course", {Role.MANAGER}),
    ("bookings.change_course", set()),
    ("bookings.delete_patient", set()),
    ("bookings.view_screeninganswers", set()),
    ("bookings.view_answersreading", set()),
    ("account.view_emailaddress", set()),
]


@pytest.mark.parametrize(("permission", "who"), ADMIN)
def test_what_each_role_may_do_in_the_admin(permission: str, who: set[str]) -> None:
    assert {role for role in Role.values if RoleBackend().has_perm(somebody(role), permission)} == who


def test_only_managers_and_physicians_see_apps_in_the_admin() -> None:
    seen = {
        role: {
            app for app in ("clinic", "treatments", "bookings", "account") if RoleBackend().has_module_perms(somebody(role), app)
        }
        for role in Role.values
    }

    assert seen == {
        Role.PATIENT: set(),
        Role.RECEPTION: set(),
        Role.ASSISTANT: set(),
        Role.PRACTITIONER: {"treatments"},
        Role.MANAGER: {"clinic", "treatments", "bookings"},
    }


def test_a_closed_log_in_may_do_nothing() -> None:
    gone = User(email="gone@example.org", role=Role.MANAGER, is_active=False)

    assert not RoleBackend().has_perm(gone, "clinic.change_clinic")
    assert not RoleBackend().has_module_perms(gone, "clinic")
