"""Print the demo's log-ins: nobody has a password, the code is shown on the page."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from bookings.management.demo import house


class Command(BaseCommand):
    help = "Print the e-mail addresses of the demo's log-ins (demo mode only)."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.CADENCE_DEMO:
            return
        self.stdout.write(
            "Log in at /courses/ (patient) or /staff/ (team) with one of these; in the demo the code is shown on the page:"
        )
        self.stdout.write(f"  {'patient':<12} {house.PATIENT}")
        for email, (role, name) in house.TEAM.items():
            self.stdout.write(f"  {role.value:<12} {email}  ({name})")
