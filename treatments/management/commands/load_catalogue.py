from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone, translation

from treatments import catalogue, protocols
from treatments.models import Protocol, Status


class Command(BaseCommand):
    help = (
        "Stores the treatments the clinic begins with, in French and English, with draft protocols and example prices. "
        "What exists already is never touched. With --publish, drafts of a first version are published where nothing stands "
        "in the way: people, rooms and devices must be entered first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--publish", action="store_true", help="publish the drafts of the catalogue that are ready")

    def handle(self, *args: Any, publish: bool, **options: Any) -> None:
        loaded = catalogue.load()
        if loaded.treatments or loaded.drafts:
            self.stdout.write(f"{len(loaded.treatments)} treatments and {len(loaded.drafts)} draft protocols added.")
        if publish:
            with translation.override("en"):
                for draft in _first_drafts():
                    self._publish(draft)

    def _publish(self, draft: Protocol) -> None:
        try:
            protocols.publish(draft, by=None, now=timezone.now())
        except protocols.Unpublishable as refusal:
            self.stdout.write(self.style.WARNING(f"{draft} stays a draft:"))
            for problem in refusal.problems:
                self.stdout.write(f"  {problem.sentence}")
        else:
            self.stdout.write(f"{draft} published.")


def _first_drafts() -> list[Protocol]:
    """The catalogue's own drafts: version 1 of its codes. What the clinic drafted itself is for the clinic to publish."""
    own = {(entry.slug, protocol.code) for entry in catalogue.TREATMENTS for protocol in entry.protocols}
    drafts = Protocol.objects.filter(status=Status.DRAFT, version=1).select_related("treatment")
    return [draft for draft in drafts if (draft.treatment.slug, draft.code) in own]
