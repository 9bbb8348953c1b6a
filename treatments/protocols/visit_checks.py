"""Can each visit be given: by whom it must be, with what the house has, as the law wants it?"""

from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext as _

from clinic.models import Capability, Kind, Resource
from treatments.models import Protocol, Segment
from treatments.protocols.problem import Problem
from treatments.regulation import may_needle

GRID_MINUTES = 5


def _segments(protocol: Protocol) -> Iterator[Segment]:
    for visit in protocol.visits.all():
        yield from sorted(visit.segments.all(), key=lambda segment: segment.position)


def visits_can_be_given(protocol: Protocol) -> Iterator[Problem]:
    used = {phase.visit_id for phase in protocol.phases.all()}
    if protocol.lead_capability.kind != Kind.PERSON:
        yield Problem("lead_is_no_person", _("The visits must be led by a person."), protocol, "lead_capability")
    for visit in protocol.visits.all():
        segments = list(visit.segments.all())
        if visit.pk not in used:
            yield Problem("unused_visit", _("No phase uses the visit “%(visit)s”.") % {"visit": visit.name}, visit)
        if not segments:
            yield Problem("empty_visit", _("The visit “%(visit)s” has no segment.") % {"visit": visit.name}, visit)
        elif not any(segment.patient_present for segment in segments):
            yield Problem("patient_absent", _("The patient is never present at “%(visit)s”.") % {"visit": visit.name}, visit)
        elif not any(need.pk == protocol.lead_capability_id for segment in segments for need in segment.needs.all()):
            sentence = _("Nothing in “%(visit)s” needs the %(lead)s who leads the visits.")
            yield Problem("lead_not_needed", sentence % {"visit": visit.name, "lead": protocol.lead_capability.name}, visit)
    for segment in _segments(protocol):
        if segment.minutes % GRID_MINUTES:
            sentence = _("The minutes of “%(segment)s” must be a multiple of 5.")
            yield Problem("off_grid", sentence % {"segment": segment.name}, segment, "minutes")
        if not segment.needs.all():
            sentence = _("“%(segment)s” needs nobody and nothing: say at least which room.")
            yield Problem("needs_nothing", sentence % {"segment": segment.name}, segment, "needs")


def needling_is_a_medical_act(protocol: Protocol) -> Iterator[Problem]:
    """Source: Cass. crim., 31 January 2023, no. 22-83.399. No needling without a physician's clearance either."""
    for segment in _segments(protocol):
        if not segment.needling:
            continue
        if not may_needle(need.code for need in segment.needs.all() if need.kind == Kind.PERSON):
            sentence = _("“%(segment)s” is microneedling: it needs a physician, and nobody else may do it.")
            yield Problem("needling", sentence % {"segment": segment.name}, segment, "needs")
        if not segment.visit.needs_clearance:
            sentence = _("“%(visit)s” contains microneedling: it must need a physician’s clearance.")
            yield Problem("clearance", sentence % {"visit": segment.visit.name}, segment.visit, "needs_clearance")


def exosomes_go_with_needling(protocol: Protocol) -> Iterator[Problem]:
    """Rule “route” of the regulation: exosomes are applied together with microneedling."""
    if not protocol.treatment.uses_exosomes:
        return
    for visit in protocol.visits.all():
        if not visit.is_consultation and not any(segment.needling for segment in visit.segments.all()):
            sentence = _("“%(visit)s” uses exosomes without microneedling, which is not allowed.")
            yield Problem("exosomes_without_needling", sentence % {"visit": visit.name}, visit)


def needs_are_served(protocol: Protocol) -> Iterator[Problem]:
    """Each need has somebody or something in use, and the needs of one segment can be met at once in one clinic."""
    resources = list(Resource.objects.filter(active=True).prefetch_related("capabilities"))
    offered = {capability.pk for resource in resources for capability in resource.capabilities.all()}
    missing: dict[int, Capability] = {}
    for segment in _segments(protocol):
        needs = list(segment.needs.all())
        lacking = [need for need in needs if need.pk not in offered]
        missing |= {need.pk: need for need in lacking}
        if needs and not lacking and not _servable_somewhere(needs, resources):
            sentence = _(
                "The needs of “%(segment)s” cannot be met at once in any clinic: the same person, room or device would serve two."
            )
            yield Problem("too_few_resources", sentence % {"segment": segment.name}, segment, "needs")
    for need in missing.values():
        sentence = _("Nobody and nothing in use has the capability “%(need)s”.")
        yield Problem("no_resource", sentence % {"need": need.name}, need)


def _servable_somewhere(needs: Sequence[Capability], resources: Iterable[Resource]) -> bool:
    clinics: set[int | None] = {resource.clinic_id for resource in resources if resource.clinic_id is not None}
    return any(_servable(needs, [r for r in resources if r.clinic_id in (None, clinic)]) for clinic in clinics or {None})


def _servable(needs: Sequence[Capability], resources: Sequence[Resource]) -> bool:
    """Whether different resources can serve all the needs: the first need takes each in turn, the rest what is left."""
    if not needs:
        return True
    return any(
        _servable(needs[1:], [other for other in resources if other is not resource])
        for resource in resources
        if any(capability.pk == needs[0].pk for capability in resource.capabilities.all())
    )


def zones_are_listed(protocol: Protocol) -> Iterator[Problem]:
    depends = any(visit.charges_zones for visit in protocol.visits.all()) or any(s.grows_with_zones for s in _segments(protocol))
    if depends and not protocol.zones.all():
        yield Problem("no_zone", _("Time or price depends on the zones, but no zone is listed."), protocol)
