"""A new patient books the skin course, from the home page to the confirmation: on a phone without scripts, and on a desk with.

The same way on a phone with scripts, page by page, is `test_accessibility`.
"""

from datetime import date, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from bookings.models import AppointmentStatus, Claim, Clearance, Course, CourseStatus
from tests.journeys.conftest import DESKTOP, PHONE

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ADDRESS = "anais@example.com"
PERSON = {"first_name": "Anaïs", "last_name": "Lefèvre", "birth_date": "1988-05-17", "phone": "0612345678"}


def choose_what(visitor):
    visitor.go("/")
    visitor.check_page()
    visitor.page.locator(".treatment-card a").first.click()
    visitor.check_page()
    visitor.link("Choose my dates").click()
    visitor.page.locator(".zone-chip").first.click()
    visitor.check_page()
    visitor.button("Continue").click()
    visitor.check_page()
    visitor.button("None of these applies to me").click()
    visitor.check_page()


def choose_when(visitor):
    visitor.page.locator(".suggestion a").first.click()
    visitor.check_page()
    visitor.page.locator("#session-2 .session-change").click()
    visitor.page.locator(".alternatives a.time").first.click()
    visitor.page.locator(".alternatives").wait_for(state="detached")
    visitor.check_page()
    chosen = visitor.page.locator("#session-2 time").get_attribute("datetime")
    visitor.button("Keep these dates").click()
    visitor.check_page()
    return chosen


def say_who(visitor):
    visitor.page.get_by_label(visitor.say("Your e-mail address")).fill(ADDRESS)
    visitor.button("Send me the code").click()
    visitor.page.locator("input[name=code]").fill(visitor.code_from_mail())
    visitor.page.locator("form:has(input[name=code]) button[type=submit]").first.click()
    visitor.check_page()
    for name, value in PERSON.items():
        visitor.page.locator(f"[name={name}]").fill(value)
    visitor.button("Continue").click()
    visitor.check_page()


def confirm(visitor):
    visitor.page.get_by_label(visitor.say("None of these applies to me")).check()
    visitor.page.get_by_label(visitor.say("I have read the information about this treatment")).check()
    visitor.button("Confirm my course").click()
    visitor.check_page()


def look_at(visitor, course):
    """The pages of the course that is booked."""
    for name, *key in [("course-list",), ("course-detail", course.uuid), ("course-cancel", course.uuid)]:
        visitor.go(reverse(f"bookings:{name}", args=key))
        visitor.check_page()
    visitor.go(reverse("bookings:patient-edit", args=[course.patient.uuid]))
    visitor.check_page()


@pytest.mark.parametrize(("language", "screen", "scripts"), [("fr", PHONE, False), ("en", DESKTOP, True)])
def test_a_new_patient_books_the_skin_course(visit, language, screen, scripts):
    visitor = visit(language, screen, scripts=scripts)
    choose_what(visitor)
    chosen = choose_when(visitor)
    say_who(visitor)
    confirm(visitor)

    course = Course.objects.get()
    sessions = list(course.appointments.order_by("position"))
    assert (course.status, course.clearance, course.patient.full_name) == (
        CourseStatus.BOOKED,
        Clearance.TO_REVIEW,
        "Anaïs Lefèvre",
    )
    assert [session.number for session in sessions] == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    assert [session.status for session in sessions] == [AppointmentStatus.BOOKED] * 8 + [AppointmentStatus.PLANNED]
    assert sessions[2].starts.isoformat() == chosen
    assert Claim.objects.filter(held_until=None).count() == Claim.objects.count() > 9
    assert visitor.say("Thank you, your course is reserved") in visitor.page.locator("h1").inner_text()
    assert mail.outbox[-1].to == [ADDRESS]

    look_at(visitor, course)


def test_back_and_forward_close_and_open_the_other_dates_of_a_session(visit):
    visitor = visit("en", DESKTOP)
    choose_what(visitor)
    visitor.page.locator(".suggestion a").first.click()
    visitor.page.locator("#session-2").wait_for()
    before, others = visitor.page.url, visitor.page.locator("#session-2 .alternatives")
    visitor.page.locator("#session-2 .session-change").click()
    others.wait_for()

    visitor.page.go_back()
    others.wait_for(state="detached")
    assert visitor.page.url == before
    assert visitor.page.get_by_role("heading", level=1).inner_text() == "Your course"

    visitor.page.go_forward()
    others.wait_for()
    visitor.check_page()


@pytest.mark.parametrize("scripts", [True, False])
def test_an_answer_taken_back_does_not_stand_in_the_way(visit, scripts):
    """Ticked, dated, unticked: the day is out of sight then, and "none" goes on."""
    visitor = visit("fr", PHONE, scripts=scripts)
    visitor.go(reverse("bookings:book-zones", args=["exosomes-skin"]))
    visitor.page.locator(".zone-chip").first.click()
    visitor.page.locator("form:has(.zone-chips) button[type=submit]").last.click()
    line = visitor.page.locator(".safety-line", has=visitor.page.locator("input[type=date]")).first
    line.locator("> input").check()
    line.locator("input[type=date]").fill(f"{date.today() - timedelta(days=60)}")
    line.locator("> input").uncheck()

    visitor.page.locator("button[name=none]").click()

    visitor.page.locator(".suggestion a").first.wait_for()
    visitor.check_page()
