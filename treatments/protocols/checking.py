"""All that stands in the way of publishing a protocol, as data: the editor shows it, `publish` refuses on it."""

from itertools import chain

from treatments.models import Protocol
from treatments.protocols import course_checks, text_checks, visit_checks
from treatments.protocols.problem import Problem

__all__ = ["Problem", "problems"]

CHECKS = (
    course_checks.phases_make_a_course,
    course_checks.sessions_keep_their_order,
    visit_checks.visits_can_be_given,
    visit_checks.needling_is_a_medical_act,
    visit_checks.exosomes_go_with_needling,
    visit_checks.needs_are_served,
    visit_checks.zones_are_listed,
    text_checks.questions_are_complete,
    text_checks.both_languages_are_there,
    text_checks.evidence_and_consent_are_there,
    text_checks.no_authorisation_is_claimed,
    text_checks.one_protocol_is_booked_online,
)


def problems(protocol: Protocol) -> list[Problem]:
    """Every reason not to publish the protocol as it stands in the database; sentences are in the active language."""
    loaded = Protocol.objects.with_parts().get(pk=protocol.pk)
    return list(chain.from_iterable(check(loaded) for check in CHECKS))
