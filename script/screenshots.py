"""What `script/screenshots` runs: a patient's way from the home page to the booked course, and the team’s pages.

python script/screenshots.py FOLDER          start a demo whose database lies in FOLDER, then stop it
python script/screenshots.py FOLDER URL      use the demo at URL
"""

import io
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from clinic import database  # noqa: E402
from tests import browser  # noqa: E402

DRAFTS, KEPT = ROOT / "var" / "screenshots", ROOT / "docs" / "screenshots"
IN_THE_README = {"course-1440-en", "course-390-fr", "staff-day-1440-fr"}
TALLEST = {390: 2060, 1440: 1500}  # pixels of the kept ones; the README shows a glimpse
COLOURS = 128
SCREENS = {390: 844, 1440: 900}  # width -> height
LOCALES = {"fr": "fr-FR", "en": "en-GB"}
TEAM = {"reception": "reception@cadence.example", "manager": "manager@cadence.example"}
PARIS = ZoneInfo("Europe/Paris")
PATIENCE = 300  # seconds until the demo answers; it is loaded first


def main(data: Path, url: str | None) -> None:
    DRAFTS.mkdir(parents=True, exist_ok=True)
    KEPT.mkdir(parents=True, exist_ok=True)
    program = browser.executable()
    if program is None:
        sys.exit("script/screenshots: no Chromium starts here.")
    with demo(data, url) as home, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=browser.FLAGS)
        known = {role: log_in(chromium, home, address) for role, address in TEAM.items()}
        albums = [Album(chromium, home, width, language) for width in SCREENS for language in LOCALES]
        for album in albums:
            album.of_the_house(known)
        for album in albums:  # afterwards: their courses would fill the day
            album.of_a_patient()
        chromium.close()


@contextmanager
def demo(data: Path, url: str | None) -> Iterator[str]:
    """The address of a demo: the one that runs, or one of our own on a free port for as long as we need it."""
    if url:
        yield url.rstrip("/")
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "DEBUG": "1", "DEMO": "1", "PORT": str(port), "DATABASE_URL": database.start(data / "postgres")}
    server = subprocess.Popen([sys.executable, "script/serve.py"], env=environment, cwd=ROOT)
    try:
        wait_for(f"http://localhost:{port}/healthz", server)
        yield f"http://localhost:{port}"
    finally:
        server.terminate()
        server.wait()


def wait_for(address: str, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers; exits with a sentence when it stops or says nothing for too long."""
    until = time.monotonic() + PATIENCE
    while server.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(address, timeout=5).close()
        except (urllib.error.URLError, OSError):
            time.sleep(0.5)
        else:
            return
    sys.exit("script/screenshots: the demo did not start; what it said stands above.")


def log_in(chromium: Browser, home: str, address: str) -> dict[str, object]:
    """The cookies of someone who has logged in."""
    context = chromium.new_context()
    page = context.new_page()
    page.goto(f"{home}/account/login/")
    ask_for_code(page, address)
    enter_code(page)
    cookies = context.storage_state()
    context.close()
    return dict(cookies)


def ask_for_code(page: Page, address: str) -> None:
    page.locator("main input[name=email]").fill(address)
    page.locator("main form:has(input[name=email]) button[type=submit]").first.click()


def enter_code(page: Page) -> None:
    """The demo shows it on the page."""
    page.locator("main input[name=code]").fill(page.locator(".demo-code").inner_text().strip())
    page.locator("main form:has(input[name=code]) button[type=submit]").first.click()


class Album:
    """The pictures of one width in one language."""

    def __init__(self, chromium: Browser, home: str, width: int, language: str) -> None:
        self.chromium, self.home, self.width, self.language = chromium, home, width, language
        self.page: Page

    def of_a_patient(self) -> None:
        with self.someone() as self.page:
            self.choose()
            self.say_who()
            self.afterwards()

    def of_the_house(self, known: dict[str, dict[str, object]]) -> None:
        with self.someone(known["reception"]) as self.page:
            self.of_the_team()
        with self.someone(known["manager"]) as self.page:
            self.of_the_manager()

    @contextmanager
    def someone(self, cookies: dict[str, object] | None = None) -> Iterator[Page]:
        context: BrowserContext = self.chromium.new_context(
            viewport={"width": self.width, "height": SCREENS[self.width]},
            locale=LOCALES[self.language],
            timezone_id="Europe/Paris",
            reduced_motion="reduce",
            storage_state=cookies,  # type: ignore[arg-type]
        )
        yield context.new_page()
        context.close()

    def choose(self) -> None:
        """Home, treatment, zones, safety, first visit, course."""
        page = self.page
        self.go("home", "/")
        page.locator(".treatment-card a").first.click()
        self.shoot("treatment")
        page.locator('main a[href*="/book/"]').first.click()
        page.locator(".zone-chip").first.click()
        page.wait_for_load_state("networkidle")
        self.shoot("zones")
        page.locator("form:has(.zone-chips) button[type=submit]").last.click()
        self.shoot("safety")
        page.locator("button[name=none]").click()
        self.shoot("first-visit")
        page.locator(".suggestion a").first.click()
        self.shoot("course")

    def say_who(self) -> None:
        """The dates are kept: address, code, identity, questions, done."""
        page = self.page
        page.locator('form[action*="/keep/"] button[type=submit]').last.click()
        self.shoot("you")
        ask_for_code(page, f"{uuid.uuid4().hex[:8]}@example.org")
        self.shoot("code")
        enter_code(page)
        for name, text in [
            ("first_name", "Anaïs"),
            ("last_name", "Lefèvre"),
            ("birth_date", "1988-05-17"),
            ("phone", "06 12 34 56 78"),
        ]:
            page.locator(f"main [name={name}]").fill(text)
        self.shoot("identity")
        page.locator("main form:has([name=first_name]) button[type=submit]").last.click()
        self.shoot("questions")
        page.locator("#id_none").check()
        page.locator("#id_informed").check()
        page.locator('form[action*="/confirm/"] button[type=submit]').last.click()
        self.shoot("done")

    def afterwards(self) -> None:
        self.go("my-courses", "/courses/")
        self.page.locator('main a[href*="/courses/"]').first.click()
        self.shoot("course-detail")

    def of_the_team(self) -> None:
        day = self.first_day_with_visits()
        self.go("staff-day", f"/staff/day/?date={day}")
        self.go("staff-week", f"/staff/week/?date={day}")
        self.page.goto(f"{self.home}/staff/day/?date={day}")
        self.page.locator('main a[href*="/staff/courses/"]').first.click()
        self.shoot("staff-course")

    def first_day_with_visits(self) -> date:
        """Today, or the next day on which the clinic is open."""
        today = datetime.now(PARIS).date()
        for day in (today + timedelta(days=ahead) for ahead in range(14)):
            self.page.goto(f"{self.home}/staff/day/?date={day}")
            if self.page.locator('main a[href*="/staff/courses/"]').count():
                return day
        sys.exit("script/screenshots: nobody comes in the next two weeks; a demo has visits every open day.")

    def of_the_manager(self) -> None:
        self.page.goto(f"{self.home}/admin/treatments/protocol/")
        self.page.locator('#result_list a[href*="/change/"]').first.click()
        self.shoot("admin-protocol")

    def go(self, step: str, path: str) -> None:
        self.page.goto(f"{self.home}{path}")
        self.shoot(step)

    def shoot(self, step: str) -> None:
        """Keep the whole page as it stands now, in few colours."""
        self.page.wait_for_load_state("networkidle")
        self.page.evaluate("document.fonts.ready")
        name = f"{step}-{self.width}-{self.language}"
        # A window as tall as the page: what sticks to its edge then lies at the end, not in the middle.
        height = max(SCREENS[self.width], self.page.evaluate("document.documentElement.scrollHeight"))
        self.page.set_viewport_size({"width": self.width, "height": height})
        picture = Image.open(io.BytesIO(self.page.screenshot(animations="disabled")))
        self.page.set_viewport_size({"width": self.width, "height": SCREENS[self.width]})
        save(picture, DRAFTS / f"{name}.png")
        if name in IN_THE_README:
            save(picture.crop((0, 0, picture.width, min(picture.height, TALLEST[self.width]))), KEPT / f"{name}.png")
        print(name, flush=True)


def save(picture: Image.Image, path: Path) -> None:
    few = picture.convert("RGB").quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else None)
