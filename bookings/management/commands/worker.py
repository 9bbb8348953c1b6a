"""The clockwork beside the web server: releases holds and paused courses whose time is over, tells reception about overdue reviews, and
forgets e-mail addresses that were entered for a code and never proved."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from bookings import booking, clearance, rescheduling
from clinic import accounts

EVERY_SECONDS = 20
log = logging.getLogger(__name__)


def work() -> None:
    """One round of everything that is due now."""
    now = timezone.now()
    released = booking.sweep(now)
    paused = rescheduling.release_abandoned(now)
    overdue = clearance.raise_overdue(now)
    forgotten = accounts.forget_unproved(now)
    if released or paused or overdue or forgotten:
        log.info(
            "worker: %d holds and %d paused courses released, %d reviews overdue, %d log-ins forgotten",
            released,
            paused,
            overdue,
            forgotten,
        )


class Command(BaseCommand):
    help = "Release expired holds, raise overdue reviews and forget unproved log-ins, every 20 seconds (or once, with --once)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="one round, then stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        if once:
            work()
            return
        stopped = threading.Event()

        def stop(signum: int, frame: FrameType | None) -> None:
            stopped.set()

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        while not stopped.is_set():
            try:
                work()
            except DatabaseError:  # the database restarts, the next round tries again
                log.exception("worker: this round failed")
            close_old_connections()
            stopped.wait(EVERY_SECONDS)
