"""The clockwork beside the web server: releases holds, paused courses and proposed dates whose time is over, proposes dates for
planned sessions, asks about dates far ahead, tells reception about overdue reviews, and forgets
e-mail addresses that were entered for a code and never proved, and sessions of browsers that have ended."""

import logging
import signal
import threading
from collections.abc import Callable
from datetime import datetime
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import close_old_connections
from django.utils import timezone

from bookings import booking, clearance, offers, reconfirming, rescheduling, restored
from clinic import accounts

EVERY_SECONDS = 20
log = logging.getLogger(__name__)


JOBS: dict[str, Callable[[datetime], int]] = {
    "holds released": booking.sweep,
    "paused courses released": rescheduling.release_abandoned,
    "first dates that stand after all": restored.tell,
    "proposals not answered": offers.lapse,
    "dates proposed": offers.offer_due,
    "patients asked to confirm": reconfirming.ask_due,
    "dates not confirmed": reconfirming.remind_reception,
    "reviews overdue": clearance.keep_overdue,
    "log-ins forgotten": accounts.forget_unproved,
    "sessions of browsers forgotten": accounts.forget_sessions,
}


def work() -> bool:
    """One round of everything that is due now; whether all went well. A job that fails is tried again in the next round, and
    stops no other."""
    now, well = timezone.now(), True
    for what, job in JOBS.items():
        try:
            if count := job(now):
                log.info("worker: %d %s", count, what)
        except Exception:
            log.exception("worker: %s: failed", what)
            well = False
    return well


class Command(BaseCommand):
    help = "Release what is over, propose dates that are due, raise overdue reviews: every 20 seconds (or once, with --once)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            if not work():
                raise CommandError("A job failed; the log says which.")
            return
        stopped = threading.Event()

        def stop(signum: int, frame: FrameType | None) -> None:
            stopped.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not stopped.is_set():
            work()
            close_old_connections()
            stopped.wait(EVERY_SECONDS)
