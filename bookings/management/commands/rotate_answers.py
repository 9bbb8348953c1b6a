from typing import Any

from django.core.management.base import BaseCommand

from bookings import screening
from bookings.models import ScreeningAnswers


class Command(BaseCommand):
    help = (
        "Encrypts all stored medical answers anew with the first of ANSWERS_KEYS. Put a new key first, run this, then the "
        "older keys can be taken away. Nobody reads the answers; run it as often as you like."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        rows = ScreeningAnswers.objects.order_by("pk")
        for row in rows.iterator():
            screening.rotate(row)
        self.stdout.write(f"{rows.count()} answers encrypted with the first key.")
