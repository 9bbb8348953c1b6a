"""Every page in French by the rules of WCAG 2.2 AA, on a phone and on a desk; and what no page may do, in either language.

No page, however narrow, scrolls sideways, complains in the console, asks another host, sets a cookie we do not need, or loosens the policy.
The rules ask for structure and layout, which both languages share; the way to a course in English is `test_new_patient`.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, Response

from bookings import absences, proposals
from bookings.models import Absence, Appointment, Course, Question
from clinic.models import Clinic, Practitioner, Resource, Role, User
from tests.factories.courses import House
from tests.factories.visits import make_patient, make_user
from tests.journeys.conftest import DESKTOP, NARROWEST, PHONE, Visitor
from treatments import protocols
from treatments.models import Treatment

pytestmark = [pytest.mark.browser, pytest.mark.slow]
in_both_languages = pytest.mark.parametrize("language", ["fr", "en"])

WCAG = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
JUDGED = "fr"  # the language that is looked at by the rules, which take a third of a second a screen
LONG = "e" * 90
COOKIES = {"sessionid", "csrftoken", "django_language"}
AXE = Axe().axe_script
RUN = "options => axe.run(document, options).then(found => found.violations)"
AT_REST = "() => !document.querySelector('.htmx-request, .htmx-swapping, .htmx-settling')"
REFUSED = "the server responded with a status of 4"  # what the browser says of every error page, however good


class Inspector:
    """Looks at each page a visitor comes to, and notes what is wrong with it."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor, self.page = visitor, visitor.page
        self.faults: list[str] = []
        self.page.on("response", self._received)
        if visitor.language == JUDGED:
            self.page.add_init_script(AXE)  # before each page: a script of its own our policy would refuse

    def go(self, name: str, *arguments: object, query: dict[str, str] | None = None) -> None:
        self.visitor.go(reverse(name, args=arguments, query=query))
        self.look(name)

    def look(self, what: str) -> None:
        """The page as it stands, on three screens; `what` names it in the notes."""
        self.page.wait_for_load_state()
        if not self.page.evaluate(AT_REST):
            self.page.wait_for_function(AT_REST)
        if self.page.evaluate("document.documentElement.lang") != self.visitor.language:
            self.faults.append(f"{what}: not in the visitor's language")
        for screen in (NARROWEST, DESKTOP, PHONE):  # the last is the one the visitor goes on with
            self.page.set_viewport_size(screen)  # type: ignore[arg-type]
            self._measure(f"{what} at {screen['width']}")
            if self.visitor.language == JUDGED and screen != NARROWEST:
                self._judge(f"{what} at {screen['width']}")
        self.faults += [f"{what}: {text}" for text in self.visitor.complaints if REFUSED not in text]
        self.visitor.complaints.clear()

    def _measure(self, what: str) -> None:
        if self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            self.faults.append(f"{what}: wider than the screen")

    def _judge(self, what: str) -> None:
        for violation in self.page.evaluate(RUN, WCAG):
            places = [node["html"][:150] for node in violation["nodes"][:3]]
            self.faults.append(f"{what}: {violation['id']}: {violation['help']}: {places}")

    def _received(self, response: Response) -> None:
        address = urlsplit(response.url)
        if address.scheme != "data" and f"{address.scheme}://{address.netloc}" != self.visitor.home:
            self.faults.append(f"{response.url}: another host")
        if response.request.resource_type == "document" and not self._strict(response):
            self.faults.append(f"{response.url}: not the strict policy")

    @staticmethod
    def _strict(response: Response) -> bool:
        policy = response.headers.get("content-security-policy", "")
        return "default-src 'none'" in policy and "script-src 'self'" in policy and "unsafe" not in policy

    def verdict(self) -> list[str]:
        cookies = {str(cookie.get("name")) for cookie in self.page.context.cookies()}
        return [*self.faults, *(f"the cookie {name}" for name in sorted(cookies - COOKIES))]


@pytest.fixture
def inspect(visit: Callable[..., Visitor], language: str) -> Iterator[Callable[[], Inspector]]:
    """Someone who looks at pages: `inspect()`. What they noted must be nothing in the end."""
    made: list[Inspector] = []

    def inspect() -> Inspector:
        made.append(Inspector(visit(language)))
        return made[-1]

    yield inspect
    faults = [fault for inspector in made for fault in inspector.verdict()]
    assert not faults, "\n".join(faults)


@pytest.fixture
def house(clinic: Clinic) -> Clinic:
    """The clinic with physicians who have a page, and a treatment whose name has no space to break at."""
    Treatment.objects.filter(pk=skin().pk).update(name_fr=f"Exosomes{LONG}", name_en=f"Exosomes{LONG}")
    for resource in Resource.objects.filter(capabilities__code="physician"):
        Practitioner.objects.create(resource=resource, title="Dr", profession="Médecin", order_number="10101234567")
    return clinic


def skin() -> Treatment:
    return Treatment.objects.get(slug="exosomes-skin")


def book(clinic: Clinic) -> Course:
    """The earliest course of a new patient, which a physician has still to allow."""
    protocol = protocols.booked_online(skin())
    assert protocol is not None
    house = House(clinic, protocol, timezone.now())
    request = house.request(zones=["face"], with_consultation=True)
    first = proposals.first_free(request, now=house.now)
    assert first is not None
    return house.book(make_patient("Anaïs", f"Lefèvre{LONG}"), proposals.propose(request, first.slot, now=house.now))


def log_in(page: Page, home: str, user: User) -> None:
    client = Client()
    client.force_login(user)
    page.context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": home}])


def submit(page: Page, within: str) -> None:
    page.locator(f"{within} button[type=submit]").last.click()


@in_both_languages
def test_pages_for_everybody(inspect, house):
    inspector = inspect()
    for name in ("home", "treatments:treatment-list", "account_login", "bookings:question-create"):
        inspector.go(name)
    for name in ("prices", "physicians", "legal", "privacy", "accessibility"):
        inspector.go(f"clinic:{name}")
    for shown in (skin(), Treatment.objects.filter(is_published=True).latest("position")):
        inspector.go("treatments:treatment-detail", shown.slug)
    inspector.visitor.go(reverse("bookings:question-create"))
    inspector.page.locator("main form:has(textarea)").evaluate("form => form.noValidate = true")
    submit(inspector.page, "main form:has(textarea)")
    inspector.look("a question that lacks everything")
    inspector.visitor.go("/nothing/")
    inspector.look("an unknown address")


@pytest.mark.parametrize("language", ["fr"])
def test_the_way_to_a_course_and_the_course(inspect, house):
    inspector = inspect()
    page = inspector.page
    choose(inspector, skin())
    keep_and_say_who(inspector)
    confirm(inspector)

    course = Course.objects.get()
    for name in ("course-list", "course-detail", "course-cancel"):
        inspector.go(f"bookings:{name}", *([course.uuid] if name != "course-list" else []))
    inspector.go("bookings:patient-edit", course.patient.uuid)
    inspector.go("account_logout")
    assert page.url.startswith(inspector.visitor.home)


def choose(inspector: Inspector, chosen: Treatment) -> None:
    page = inspector.page
    inspector.go("bookings:book-zones", chosen.slug)
    submit(page, "form:has(.zone-chips)")
    inspector.look("no zone chosen")
    page.locator(".zone-chip").first.click()
    inspector.look("a zone chosen")
    submit(page, "form:has(.zone-chips)")
    inspector.look("the safety list")
    page.locator(".safety-line > input").first.check()
    inspector.look("a tick in the safety list")
    page.locator(".safety-line > input").first.uncheck()
    page.wait_for_function(AT_REST)
    page.locator("button[name=none]").click()
    inspector.look("the first visit")
    page.locator(".suggestion a").first.click()
    inspector.look("the course")
    page.locator(".session-change").nth(1).click()
    page.locator(".alternatives").first.wait_for()
    inspector.look("other dates for a session")


def keep_and_say_who(inspector: Inspector) -> None:
    page = inspector.page
    submit(page, 'form[action*="/keep/"]')
    inspector.look("the address")
    page.locator("main input[name=email]").fill("anais@example.com")
    submit(page, "main form:has(input[name=email])")
    inspector.look("the code")
    page.locator("main input[name=code]").fill("000000")
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    inspector.look("a wrong code")
    page.locator("main input[name=code]").fill(inspector.visitor.code_from_mail())
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()
    inspector.look("who they are")
    submit(page, "main form:has([name=first_name])")
    inspector.look("who they are, with everything missing")


def confirm(inspector: Inspector) -> None:
    page = inspector.page
    for name, text in [
        ("first_name", "Anaïs"),
        ("last_name", f"Lefèvre{LONG}"),
        ("birth_date", "1988-05-17"),
        ("phone", "06 12 34 56 78"),
    ]:
        page.locator(f"main [name={name}]").fill(text)
    submit(page, "main form:has([name=first_name])")
    inspector.look("the last questions")
    page.locator("#id_none").check()
    page.locator("#id_informed").check()
    submit(page, 'form[action*="/confirm/"]')
    inspector.look("the course is booked")


def ill(house: Clinic, visit: Appointment) -> Absence:
    """Whoever leads this visit is away all that day."""
    assert visit.lead
    assert visit.starts
    day = visit.starts.astimezone(house.zone).replace(hour=0, minute=0)
    return absences.enter(visit.lead, day, day + timedelta(hours=23, minutes=55), reason="", by=None)


@in_both_languages
def test_pages_of_the_team(inspect, house):
    course = book(house)
    Question.objects.create(name="Pia Petit", email="pia@example.org", text="May I come by train?")
    day = course.appointments.order_by("position")[0].starts.astimezone(house.zone).date()
    sunday = day - timedelta(days=day.isoweekday())

    inspector = inspect()
    log_in(inspector.page, inspector.visitor.home, make_user(Role.RECEPTION, house, name="Inès Moreau"))
    for name in ("staff-tasks", "staff-questions", "staff-patients"):
        inspector.go(f"bookings:{name}")
    for date in (day, sunday):
        inspector.go("bookings:staff-day", query={"date": date.isoformat()})
    inspector.go("bookings:staff-week", query={"date": day.isoformat()})
    inspector.go("bookings:staff-course", course.uuid)
    inspector.go("bookings:staff-patient", course.patient.uuid)
    inspector.go("bookings:staff-patients", query={"q": "lefevre"})
    zone = course.zones.first()
    asked = {"protocol": course.protocol_id, "zones": zone.pk, "begins": "consultation", "at": f"{day}T10:00"}
    inspector.go("bookings:staff-why-not", query=asked)
    inspector.go("bookings:staff-review")  # not theirs
    absence = ill(house, course.appointments.get(position=1))
    inspector.go("bookings:staff-absences")
    inspector.go("bookings:staff-displaced")
    submit(inspector.page, 'main form[action*="propose"]')
    inspector.look("a patient is asked about another date")
    inspector.go("bookings:staff-day", query={"date": f"{absence.during.lower.astimezone(house.zone):%Y-%m-%d}"})
    inspector.go("bookings:staff-absence-lift", absence.pk)
    submit(inspector.page, "main form")
    inspector.look("the absence is over")

    inspector = inspect()
    log_in(inspector.page, inspector.visitor.home, make_user(Role.PRACTITIONER, house, name="Ada Blum"))
    inspector.go("bookings:staff-course", course.uuid)
    inspector.go("bookings:staff-review")
