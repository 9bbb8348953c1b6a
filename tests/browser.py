"""Which Chromium the browser tests drive. `python -m tests.browser` succeeds when one starts."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from playwright.sync_api import sync_playwright

# The first is Chromium without anything to look at: a third less work a page. The others bring a whole browser along.
SYSTEM_CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
STARTS_WITHIN = 60  # seconds; the first start on a slow machine


@cache
def executable() -> str | None:
    """The system's Chromium, else the one Playwright downloaded; None when neither starts."""
    return next((str(path) for path in candidates() if starts(path)), None)


def candidates() -> Iterator[Path]:
    yield from (Path(path) for name in SYSTEM_CHROMIUM if (path := shutil.which(name)))
    if (own := downloaded()) is not None:
        yield own


def downloaded() -> Path | None:
    """Playwright's Chromium without a window; Playwright itself names only the one with a window."""
    with sync_playwright() as playwright:
        path = Path(playwright.chromium.executable_path)
    shells = sorted(path.parents[2].glob("chromium_headless_shell-*/*/*headless*shell*")) if len(path.parents) > 2 else []
    return path if path.exists() else next((shell for shell in shells if os.access(shell, os.X_OK)), None)


def starts(path: Path) -> bool:
    command = [str(path), "--headless", *FLAGS, "--dump-dom", "about:blank"]
    try:
        return subprocess.run(command, capture_output=True, timeout=STARTS_WITHIN).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


if __name__ == "__main__":
    sys.exit(executable() is None)
