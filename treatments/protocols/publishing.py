"""The life of a version: drafted, published (frozen for good), archived. Nothing used is ever deleted."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from clinic.models import User
from treatments.models import Phase, Protocol, ProtocolZone, ScreeningRule, Segment, Status, Treatment, Visit
from treatments.protocols.checking import Problem, problems


class ProtocolRefusal(Exception):
    """`sentence` is shown as it is, in the reader's language."""

    sentence: Any


class NotADraft(ProtocolRefusal):
    sentence = _("Only a draft can be published. Make a new version to change what is offered.")


class NotPublished(ProtocolRefusal):
    sentence = _("Only a published protocol can be archived.")


class Unpublishable(ProtocolRefusal):
    sentence = _("The protocol is not ready to be published.")

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__("; ".join(problem.code for problem in found))
        self.problems = list(found)


@transaction.atomic
def publish(protocol: Protocol, *, by: User | None, now: datetime) -> None:
    """Freeze the draft and offer it from `now` on; the version published until now is archived, its courses keep it.

    Raises NotADraft, or Unpublishable with every problem found.
    """
    Treatment.objects.select_for_update(no_key=True).get(pk=protocol.treatment_id)  # one publication of a treatment at a time
    draft = Protocol.objects.select_for_update().get(pk=protocol.pk)
    if draft.status != Status.DRAFT:
        raise NotADraft
    found = problems(draft)
    if found:
        raise Unpublishable(found)
    Protocol.objects.published().filter(treatment=draft.treatment_id, code=draft.code).update(status=Status.ARCHIVED)
    draft.status, draft.published_at, draft.published_by = Status.PUBLISHED, now, by
    draft.save(update_fields=["status", "published_at", "published_by"])
    protocol.refresh_from_db()


@transaction.atomic
def archive(protocol: Protocol) -> None:
    """Offer the protocol no longer; its running courses keep it. Raises NotPublished."""
    if not Protocol.objects.published().filter(pk=protocol.pk).update(status=Status.ARCHIVED):
        raise NotPublished
    protocol.refresh_from_db()


@transaction.atomic
def new_draft(protocol: Protocol) -> Protocol:
    """A copy of the protocol with all its parts, as the next version, to be edited and published."""
    Treatment.objects.select_for_update(no_key=True).get(pk=protocol.treatment_id)
    versions = Protocol.objects.filter(treatment=protocol.treatment_id, code=protocol.code)
    draft = Protocol.objects.get(pk=protocol.pk)
    draft.version = versions.aggregate(last=Max("version"))["last"] + 1
    draft.status, draft.published_at, draft.published_by = Status.DRAFT, None, None
    _store_copy(draft)
    _copy_parts(protocol, draft)
    return draft


def booked_online(treatment: Treatment) -> Protocol | None:
    """The protocol patients book online, with all its parts; None: the page offers the consultation or a question."""
    online: Protocol | None = Protocol.objects.booked_online().with_parts().filter(treatment=treatment).first()
    return online


def _store_copy(row: Any) -> None:
    row.pk = None
    row.save(force_insert=True)


def _copy_parts(source: Protocol, draft: Protocol) -> None:
    for zone in ProtocolZone.objects.filter(protocol=source):
        zone.protocol = draft
        _store_copy(zone)
    visits = _copy_visits(source, draft)
    _copy_phases(source, draft, visits)
    for rule in ScreeningRule.objects.filter(protocol=source):
        zones = list(rule.zones.all())
        rule.protocol = draft
        _store_copy(rule)
        rule.zones.set(zones)


def _copy_visits(source: Protocol, draft: Protocol) -> dict[int, Visit]:
    copies = {}
    for visit in Visit.objects.filter(protocol=source):
        original = visit.pk
        visit.protocol = draft
        _store_copy(visit)
        copies[original] = visit
        for segment in Segment.objects.filter(visit=original):
            needs = list(segment.needs.all())
            segment.visit = visit
            _store_copy(segment)
            segment.needs.set(needs)
    return copies


def _copy_phases(source: Protocol, draft: Protocol, visits: dict[int, Visit]) -> None:
    """In order of position: a phase that counts from the end of another finds its copy, unless that one comes later."""
    copies: dict[int, Phase] = {}
    later: list[tuple[Phase, int]] = []
    for phase in Phase.objects.filter(protocol=source).order_by("position"):
        original, anchor = phase.pk, phase.anchor_phase_id
        phase.protocol, phase.visit = draft, visits[phase.visit_id]
        _store_copy(phase)
        copies[original] = phase
        if anchor is not None:
            later.append((phase, anchor))
    for phase, anchor in later:
        phase.anchor_phase = copies[anchor]
        phase.save(update_fields=["anchor_phase"])
