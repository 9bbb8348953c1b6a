"""A real clinic with the catalogue's treatments, open from today on, and people who come with a browser."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from io import StringIO

import pytest
from django.core import mail
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone, translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Locator, Page

from clinic.models import Clinic
from tests.factories.clinic import make_clinic, open_week
from tests.factories.treatments import furnish

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
NARROWEST = {"width": 320, "height": 720}
BOOKED_AHEAD = 480  # days; between the boosters of a course that begins with the consultation: the later one stays planned
LOCALES = {"fr": "fr-FR", "en": "en-GB"}


@pytest.fixture
def clinic(transactional_db: None) -> Clinic:
    """Two physicians, two assistants, two rooms, a device of each kind; new patients begin with the consultation."""
    cache.clear()
    clinic = make_clinic(roster_published_until=timezone.now().date() + timedelta(days=BOOKED_AHEAD), consultation_first=True)
    resources = furnish(clinic)
    open_week(clinic, *(item for item in resources if item.kind == "person"), starts="08:00", ends="20:00")
    call_command("load_catalogue", publish=True, verbosity=0, stdout=StringIO())
    return clinic


@dataclass
class Visitor:
    """Someone with a browser, who reads `language`. `complaints` are what the browser's console said."""

    page: Page
    home: str
    language: str
    complaints: list[str] = field(default_factory=list)

    def say(self, text: str) -> str:
        """A sentence of the site as this visitor reads it."""
        with translation.override(self.language):
            return gettext(text)

    def go(self, path: str) -> None:
        self.page.goto(f"{self.home}{path}")

    def button(self, text: str) -> Locator:
        return self.page.get_by_role("button", name=self.say(text), exact=True)

    def link(self, text: str) -> Locator:
        return self.page.get_by_role("link", name=self.say(text), exact=True)

    def check_page(self) -> None:
        """In the visitor's language, no wider than the narrowest screen and this one, without a complaint from the browser."""
        assert self.page.locator("html").get_attribute("lang") == self.language
        for screen in (NARROWEST, self.page.viewport_size):
            self.page.set_viewport_size(screen)  # type: ignore[arg-type]
            assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), f"{self.page.url} is too wide"
        assert self.page.locator("h1").count() == 1
        assert self.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto", "taps are lost"
        assert self.complaints == []

    def code_from_mail(self) -> str:
        match = re.search(r"\b\d{6}\b", str(mail.outbox[-1].body))
        assert match
        return match[0]


@pytest.fixture
def visit(browser: Browser, live_server: object, clinic: Clinic) -> Iterator[Callable[..., Visitor]]:
    """Open a browser: `visit(language, screen, scripts=True)`."""
    contexts = []

    def visit(language: str = "fr", screen: dict[str, int] = PHONE, *, scripts: bool = True) -> Visitor:
        context = browser.new_context(
            locale=LOCALES[language],
            timezone_id="Europe/Paris",
            viewport=screen,
            java_script_enabled=scripts,  # type: ignore[arg-type]
        )
        contexts.append(context)
        visitor = Visitor(context.new_page(), live_server.url, language)  # type: ignore[attr-defined]
        visitor.page.on("console", lambda message: visitor.complaints.append(message.text) if message.type == "error" else None)
        visitor.page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        return visitor

    yield visit
    for context in contexts:
        context.close()
