"""What stands in the way of publishing, one test for each reason; and the life of a version."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.utils import translation

from clinic.models import Clinic, Kind, Resource, Role, User
from tests.factories.clinic import make_capability, make_device
from tests.factories.treatments import furnish, make_phase, make_protocol, make_question, make_segment, make_treatment
from treatments import protocols
from treatments.models import Anchor, Phase, Protocol, Segment, Status, Treatment, Visit

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def draft(db: None) -> Protocol:
    """A draft that can be published, in a clinic that can give it."""
    furnish()
    return make_protocol()


@pytest.fixture(autouse=True)
def english() -> object:
    with translation.override("en"):
        yield


def codes(protocol: Protocol) -> list[str]:
    return [problem.code for problem in protocols.problems(protocol)]


def session(protocol: Protocol) -> Visit:
    return protocol.visits.get(code="session")


# Ready ---------------------------------------------------------------------------------------------------------------


def test_a_complete_draft_has_no_problem(draft: Protocol) -> None:
    assert protocols.problems(draft) == []


def test_publishing_freezes_and_says_when_and_by_whom(draft: Protocol) -> None:
    manager = User.objects.create_user("manager@example.org", role=Role.MANAGER)

    protocols.publish(draft, by=manager, now=NOW)

    assert (draft.status, draft.published_at, draft.published_by) == (Status.PUBLISHED, NOW, manager)


def test_what_is_not_ready_is_not_published_and_every_reason_is_given(draft: Protocol) -> None:
    Resource.objects.filter(kind=Kind.DEVICE).update(active=False)
    draft.consent_en = ""
    draft.save()

    with pytest.raises(protocols.Unpublishable) as refusal:
        protocols.publish(draft, by=None, now=NOW)

    assert [problem.code for problem in refusal.value.problems] == ["no_resource", "not_translated"]
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_only_a_draft_is_published(draft: Protocol) -> None:
    protocols.publish(draft, by=None, now=NOW)

    with pytest.raises(protocols.NotADraft):
        protocols.publish(draft, by=None, now=NOW)


# Each reason ---------------------------------------------------------------------------------------------------------

Break = Callable[[Protocol], object]

REASONS: dict[str, tuple[str, Break]] = {
    "no phase": ("no_phase", lambda p: [p.phases.update(anchor="previous", anchor_phase=None), p.phases.all().delete()]),
    "the consultation comes later": ("consultation_place", lambda p: p.phases.filter(position=1).update(position=9)),
    "the consultation comes twice": ("consultation_place", lambda p: p.phases.filter(position=1).update(sessions=2)),
    "the first session is a booster": ("first_session_not_firm", lambda p: p.phases.filter(position=2).update(recommended=True)),
    "the first session is optional": (
        "first_session_not_firm",
        lambda p: p.phases.filter(position=2).update(sessions=1, optional_last=True),
    ),
    "a core session after a booster": ("core_after_booster", lambda p: make_phase(p)),
    "the boosters count from the first session, before the core is over": (
        "out_of_order",
        lambda p: p.phases.filter(position=4).update(anchor=Anchor.FIRST, anchor_phase=None),
    ),
    "a window that reaches the session before": ("out_of_order", lambda p: p.phases.filter(position=2).update(hard_min=-14)),
    "a month that can be shorter than the window is wide": (
        "out_of_order",
        lambda p: p.phases.filter(position=3).update(hard_min=-28),
    ),
    "boosters less than three months apart": (
        "boosters_too_close",
        lambda p: p.phases.filter(position=4).update(soft_max=60),
    ),
    "a visit no phase uses": (
        "unused_visit",
        lambda p: make_segment(_visit(p), "talk", 10, needs=("physician", "treatment-room")),
    ),
    "a visit without segments": ("empty_visit", lambda p: session(p).segments.all().delete()),
    "a visit without the patient": ("patient_absent", lambda p: session(p).segments.update(patient_present=False)),
    "a visit that does not need its lead": ("lead_not_needed", lambda p: session(p).segments.filter(needling=True).delete()),
    "a lead that is a room": ("lead_is_no_person", lambda p: _lead(p, "treatment-room")),
    "a segment that needs nothing": ("needs_nothing", lambda p: make_segment(session(p), "pause", 10)),
    "needling by an assistant": (
        "needling",
        lambda p: _needling(p).needs.set(_capabilities("care", "treatment-room", "dermapen")),
    ),
    "needling by a physician and an assistant": ("needling", lambda p: _needling(p).needs.add(*_capabilities("care"))),
    "needling without clearance": ("clearance", lambda p: p.visits.filter(code="session").update(needs_clearance=False)),
    "needling by nobody": ("needling", lambda p: _needling(p).needs.set(_capabilities("treatment-room"))),
    "nothing in use has what is needed": ("no_resource", lambda p: Resource.objects.filter(name="Dermapen").update(active=False)),
    "two needs that one room alone serves": ("too_few_resources", lambda p: _needling(p).needs.add(_only_room_1())),
    "no zone": ("no_zone", lambda p: p.zones.all().delete()),
    "a question that blocks without a word": ("no_message", lambda p: make_question(p, message_fr="", message_en="")),
    "a question about a segment that is not there": ("unknown_segment", lambda p: make_question(p, segment_code="led")),
    "a name in one language": ("not_translated", lambda p: Protocol.objects.filter(pk=p.pk).update(name_en="")),
    "a phase in one language": ("not_translated", lambda p: p.phases.filter(position=2).update(name_fr=None)),
    "a help text in one language": ("not_translated", lambda p: make_question(p, help_fr="Par exemple")),
    "a treatment in one language": (
        "not_translated",
        lambda p: Treatment.objects.filter(pk=p.treatment_id).update(summary_en=""),
    ),
    "a consent that claims an approval": (
        "authorisation_claim",
        lambda p: Protocol.objects.filter(pk=p.pk).update(consent_en="A product approved by the ANSM"),
    ),
    "no consent": ("no_consent", lambda p: Protocol.objects.filter(pk=p.pk).update(consent="", consent_fr="", consent_en="")),
}


def _visit(protocol: Protocol) -> Visit:
    return Visit.objects.create(protocol=protocol, code="talk", name_fr="Entretien", name_en="Talk", charges_zones=False)


def _needling(protocol: Protocol) -> Segment:
    return session(protocol).segments.get(needling=True)


def _capabilities(*names: str) -> list[object]:
    return [make_capability(name) for name in names]


def _lead(protocol: Protocol, code: str) -> None:
    Protocol.objects.filter(pk=protocol.pk).update(lead_capability=make_capability(code))


def _only_room_1() -> object:
    """A capability that the only room left in use has beside “treatment-room”."""
    Resource.objects.filter(name="Room 2").update(active=False)
    quiet = make_capability("quiet-room", kind=Kind.ROOM)
    Resource.objects.get(name="Room 1").capabilities.add(quiet)
    return quiet


@pytest.mark.parametrize("reason", REASONS)
def test_it_is_not_published_when(draft: Protocol, reason: str) -> None:
    code, spoil = REASONS[reason]

    spoil(draft)

    found = [problem for problem in protocols.problems(draft) if problem.code == code]
    assert found, f"found instead: {codes(draft)}"
    assert all(problem.sentence.endswith(".") and "%" not in problem.sentence for problem in found)
    with pytest.raises(protocols.Unpublishable):
        protocols.publish(draft, by=None, now=NOW)


def test_a_phase_counts_from_one_that_comes_earlier(draft: Protocol) -> None:
    first, booster = draft.phases.get(position=2), draft.phases.get(position=4)
    draft.phases.filter(pk=first.pk).update(anchor=Anchor.END_OF_PHASE, anchor_phase=booster)

    [problem] = [problem for problem in protocols.problems(draft) if problem.code == "anchor_not_earlier"]
    assert problem.sentence == "“Intensive phase” counts from the end of “Booster at 6 months”, which does not come before it."
    assert (problem.subject, problem.field) == (first, "anchor_phase")


def test_no_phase_counts_from_the_consultation_which_known_patients_skip(draft: Protocol) -> None:
    consultation = draft.phases.get(position=1)
    draft.phases.filter(position=5).update(anchor_phase=consultation)

    assert "anchor_is_consultation" in codes(draft)


def test_the_windows_of_the_source_leave_three_months_between_boosters(draft: Protocol) -> None:
    """59 days late, then 30 days early: found by trying every day of ten years."""
    draft.phases.filter(position=4).update(soft_max=59)

    assert codes(draft) == []


def test_an_exosome_treatment_says_what_the_evidence_shows(draft: Protocol) -> None:
    Treatment.objects.update(uses_exosomes=True, is_published=False, evidence="", evidence_fr="", evidence_en="")

    assert codes(draft) == ["no_evidence"]


def test_exosomes_go_with_microneedling(draft: Protocol) -> None:
    Treatment.objects.update(uses_exosomes=True)
    session(draft).segments.filter(needling=True).update(needling=False)

    assert codes(draft) == ["exosomes_without_needling"]


def test_without_exosomes_a_session_may_do_without_needles(draft: Protocol) -> None:
    session(draft).segments.filter(needling=True).update(needling=False)

    assert codes(draft) == []


def test_rooms_and_devices_of_two_clinics_do_not_serve_one_visit(draft: Protocol) -> None:
    device = Resource.objects.get(name="Dermapen")
    device.clinic = Clinic.objects.create(name="Elsewhere", slug="elsewhere", phone="+33142000001", email="e@example.com")
    device.save()

    assert set(codes(draft)) == {"too_few_resources"}


def test_one_protocol_of_a_treatment_is_booked_online(draft: Protocol) -> None:
    protocols.publish(draft, by=None, now=NOW)
    other = make_protocol(draft.treatment, code="morpheus8")

    assert codes(other) == ["already_online"]

    Protocol.objects.filter(pk=other.pk).update(bookable_online=False)
    protocols.publish(other, by=None, now=NOW)
    assert protocols.booked_online(draft.treatment) == draft


def test_problems_are_said_in_the_language_of_the_reader(draft: Protocol) -> None:
    draft.phases.filter(position=2).update(hard_min=-14)

    with translation.override("fr"):
        [first, *_] = protocols.problems(draft)

        assert first.subject.name == "Phase intensive"  # type: ignore[attr-defined]


def test_checking_reads_the_database_a_constant_number_of_times(draft: Protocol, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    for number in range(20):
        make_question(draft, f"question-{number}")

    with django_assert_max_num_queries(20):
        protocols.problems(draft)


# The life of a version -----------------------------------------------------------------------------------------------


def test_a_new_version_replaces_the_published_one(draft: Protocol) -> None:
    protocols.publish(draft, by=None, now=NOW)
    second = protocols.new_draft(draft)

    protocols.publish(second, by=None, now=NOW)

    draft.refresh_from_db()
    assert (draft.status, second.version, second.status) == (Status.ARCHIVED, 2, Status.PUBLISHED)
    assert protocols.booked_online(draft.treatment) == second


def test_a_new_draft_is_a_copy_with_all_its_parts(draft: Protocol) -> None:
    make_question(draft).zones.add(draft.zones.earliest("pk").zone)
    protocols.publish(draft, by=None, now=NOW)

    copy = protocols.new_draft(draft)

    assert _shape(copy) == _shape(draft)
    assert (copy.version, copy.status, copy.published_at) == (2, Status.DRAFT, None)
    assert not set(copy.phases.values_list("pk", flat=True)) & set(draft.phases.values_list("pk", flat=True))
    assert codes(copy) == []


def _shape(protocol: Protocol) -> dict[str, object]:
    """Everything about a protocol except its keys, version and state."""
    return {
        "texts": (protocol.name_fr, protocol.name_en, protocol.consent_fr, protocol.consent_en, protocol.lead_capability_id),
        "zones": list(protocol.zones.values_list("zone", "minutes", "price")),
        "segments": list(
            Segment.objects.filter(visit__protocol=protocol)
            .order_by("visit__code", "position", "needs")
            .values_list("visit__code", "position", "code", "name_fr", "minutes", "needling", "patient_present", "needs")
        ),
        "phases": list(
            protocol.phases.values_list(
                "position", "name_en", "visit__code", "sessions", "anchor", "anchor_phase__position", "offset", "hard_max"
            )
        ),
        "rules": list(protocol.screening_rules.values_list("code", "outcome", "zones__code", "message_fr")),
    }


def test_archiving_ends_the_offer(draft: Protocol) -> None:
    protocols.publish(draft, by=None, now=NOW)

    protocols.archive(draft)

    assert draft.status == Status.ARCHIVED
    assert protocols.booked_online(draft.treatment) is None
    with pytest.raises(protocols.NotPublished):
        protocols.archive(draft)


def test_a_hidden_treatment_is_not_booked_online(draft: Protocol) -> None:
    protocols.publish(draft, by=None, now=NOW)
    Treatment.objects.update(is_published=False)

    assert protocols.booked_online(draft.treatment) is None


def test_a_draft_can_be_deleted_with_all_its_parts(draft: Protocol) -> None:
    draft.delete()

    assert not Segment.objects.exists()
    assert not Phase.objects.exists()


def test_a_second_device_makes_no_difference_to_a_visit(draft: Protocol) -> None:
    make_device(Clinic.objects.get(), "Dermapen 2", can=("dermapen",))
    make_treatment()

    assert codes(draft) == []
