"""The admin site of the catalogue: what each role may do there, and that nothing frozen can be edited."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from clinic.models import Role, User
from tests.factories.clinic import make_clinic
from tests.factories.treatments import force_publish, furnish, make_protocol, make_question
from treatments import catalogue, protocols, regulation
from treatments.models import Departure, Product, Protocol, ScreeningRule, Status, Step, Treatment, Visit, Zone

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def log_in(client: Client, role: str) -> User:
    user = User.objects.create_user(f"{role}@example.org", role=role, name=role.title(), clinic=make_clinic())
    client.force_login(user)
    return user


@pytest.fixture
def manager(client: Client, db: None) -> User:
    return log_in(client, Role.MANAGER)


@pytest.fixture
def physician(client: Client, db: None) -> User:
    return log_in(client, Role.PRACTITIONER)


def page(model: type, name: str = "changelist", *args: object) -> str:
    return reverse(f"admin:treatments_{model._meta.model_name}_{name}", args=args)


def action(protocol: Protocol | Departure, name: str) -> str:
    model = protocol._meta.model_name
    return reverse(f"admin:treatments_{model}_{name}", args=[protocol.pk])


def fields(response: Any) -> dict[str, Any]:
    """What a browser would post back, were nothing changed."""
    data: dict[str, Any] = {}
    context = response.context
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            data[bound.html_name] = (
                list(value) if isinstance(value, (list, set, tuple)) else str(value) if value is not True else "on"
            )
    return data


# Looking -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.MANAGER, Role.PRACTITIONER])
def test_every_page_opens(client: Client, db: None, role: str) -> None:
    catalogue.load()
    log_in(client, role)
    for model in (Treatment, Protocol, Departure, Product, Zone):
        assert client.get(page(model)).status_code == 200, model
    for model in (Treatment, Protocol, Visit, ScreeningRule, Departure, Zone):
        for row in model.objects.all()[:1]:
            assert client.get(page(model, "change", row.pk)).status_code == 200, row
    assert client.get(reverse("admin:treatments_departure_rules")).status_code == 200


@pytest.mark.parametrize("role", [Role.PATIENT, Role.RECEPTION, Role.ASSISTANT])
def test_others_do_not_come_in(client: Client, db: None, role: str) -> None:
    user = User.objects.create_user("x@example.org", role=role)
    client.force_login(user)

    assert client.get(page(Treatment)).status_code in (302, 403)


def test_a_list_makes_the_same_number_of_queries_with_one_row_and_with_many(
    client: Client, manager: User, django_assert_max_num_queries: Any
) -> None:
    catalogue.load()
    for model in (Treatment, Protocol, Departure):
        with django_assert_max_num_queries(18):
            client.get(page(model))


# Editing -------------------------------------------------------------------------------------------------------------


def test_the_manager_edits_a_treatment_in_both_languages(client: Client, manager: User) -> None:
    catalogue.load()
    treatment = Treatment.objects.get(slug="exosomes-skin")
    address = page(Treatment, "change", treatment.pk)
    data = fields(client.get(address)) | {"tagline_fr": "Une autre phrase", "tagline_en": "Another line"}

    response = client.post(address, data)

    assert response.status_code == 302
    treatment.refresh_from_db()
    assert (treatment.tagline_fr, treatment.tagline_en) == ("Une autre phrase", "Another line")


def test_a_required_text_is_required_in_both_languages(client: Client, manager: User) -> None:
    catalogue.load()
    address = page(Treatment, "change", Treatment.objects.get(slug="exosomes-skin").pk)

    response = client.post(address, fields(client.get(address)) | {"tagline_en": ""})

    assert response.status_code == 200
    assert set(response.context["adminform"].form.errors) == {"tagline_en"}


def test_an_exosome_treatment_is_not_shown_without_what_the_evidence_shows(client: Client, manager: User) -> None:
    catalogue.load()
    address = page(Treatment, "change", Treatment.objects.get(slug="exosomes-skin").pk)

    response = client.post(address, fields(client.get(address)) | {"evidence_en": ""})

    assert response.status_code == 200
    assert response.context["adminform"].form.non_field_errors()


def test_two_steps_swap_places(client: Client, manager: User) -> None:
    catalogue.load()
    treatment = Treatment.objects.get(slug="exosomes-hair")
    address = page(Treatment, "change", treatment.pk)
    data = fields(client.get(address)) | {"steps-0-position": "2", "steps-1-position": "1"}

    assert client.post(address, data).status_code == 302

    assert [step.drawing for step in Step.objects.filter(treatment=treatment)][:2] == ["hair-exfoliation", "hair-wash"]


def test_a_physician_changes_nothing_in_the_catalogue(client: Client, physician: User) -> None:
    catalogue.load()
    treatment = Treatment.objects.get(slug="exosomes-skin")

    assert client.post(page(Treatment, "change", treatment.pk), {"name_fr": "Autre"}).status_code == 403
    assert client.post(action(Protocol.objects.earliest("pk"), "publish")).status_code == 403


@pytest.mark.parametrize(
    ("field", "value", "rule"), [("origin", "human", "origin"), ("origin", "animal", "origin"), ("route", "injected", "route")]
)
def test_a_forbidden_product_is_refused_with_the_name_of_the_rule(
    client: Client, manager: User, field: str, value: str, rule: str
) -> None:
    data = {"name": "X", "supplier": "Y", "reference": "1", "origin": "plant", "source_species": "Rose", "route": "topical"}

    response = client.post(page(Product, "add"), data | {field: value}, headers={"accept-language": "en"})

    assert f"(rule “{rule}”)" in response.content.decode()
    assert not Product.objects.exists()


# Protocols -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def draft(manager: User) -> Protocol:
    furnish()
    protocol = make_protocol()
    make_question(protocol)
    return protocol


def test_a_draft_is_edited_with_its_parts(client: Client, draft: Protocol) -> None:
    address = page(Protocol, "change", draft.pk)
    data = fields(client.get(address)) | {"max_zones": "2", "phases-1-offset": "3", "zones-0-price": "260"}

    response = client.post(address, data)

    assert response.status_code == 302
    draft.refresh_from_db()
    assert (draft.max_zones, draft.phases.get(position=2).offset, draft.zones.earliest("zone__code").price) == (2, 3, 260)


def test_segments_of_a_draft_are_edited_on_the_page_of_their_visit(client: Client, draft: Protocol) -> None:
    visit = draft.visits.get(code="session")
    address = page(Visit, "change", visit.pk)

    response = client.post(address, fields(client.get(address)) | {"segments-0-minutes": "30"})

    assert response.status_code == 302
    assert visit.segments.get(position=1).minutes == 30


def test_a_question_of_a_draft_is_edited_on_its_own_page_and_a_published_one_is_not(client: Client, draft: Protocol) -> None:
    rule = draft.screening_rules.get()
    address = page(ScreeningRule, "change", rule.pk)
    data = fields(client.get(address)) | {"message_en": "Please write to us.", "zones": [str(draft.zones.earliest("pk").zone_id)]}

    assert client.post(address, data).status_code == 302
    rule.refresh_from_db()
    assert (rule.message_en, rule.zones.count()) == ("Please write to us.", 1)

    force_publish(draft)
    assert client.post(address, data).status_code == 403


def test_a_window_out_of_order_is_refused_on_the_form(client: Client, draft: Protocol) -> None:
    address = page(Protocol, "change", draft.pk)

    response = client.post(address, fields(client.get(address)) | {"phases-1-soft_max": "99"}, headers={"accept-language": "en"})

    assert response.status_code == 200
    assert "The window must be ordered: never earlier ≤ ideally not before" in response.content.decode()
    assert draft.phases.get(position=2).soft_max == 7


def test_a_phase_takes_visits_of_its_own_protocol_only(client: Client, draft: Protocol) -> None:
    foreign = make_protocol(code="other").visits.get(code="session")
    address = page(Protocol, "change", draft.pk)

    response = client.post(address, fields(client.get(address)) | {"phases-1-visit": str(foreign.pk)})

    assert response.status_code == 200
    assert draft.phases.get(position=2).visit != foreign


def test_what_is_published_is_only_looked_at(client: Client, draft: Protocol) -> None:
    address, visit = page(Protocol, "change", draft.pk), page(Visit, "change", draft.visits.get(code="session").pk)
    data, data_of_visit = fields(client.get(address)), fields(client.get(visit))
    force_publish(draft)

    assert client.post(address, data | {"max_zones": "9"}).status_code == 403
    assert client.post(visit, data_of_visit | {"segments-0-minutes": "30"}).status_code == 403
    assert client.post(page(Protocol, "delete", draft.pk), {"post": "yes"}).status_code == 403
    for read_only in (client.get(address), client.get(visit)):
        assert read_only.status_code == 200
        assert b'name="_save"' not in read_only.content


def test_saving_waits_for_a_publication_under_way(client: Client, draft: Protocol) -> None:
    address = page(Protocol, "change", draft.pk)
    data = fields(client.get(address))

    with CaptureQueriesContext(connection) as queries:
        assert client.post(address, data).status_code == 302

    statements = [query["sql"] for query in queries]
    lock = next(n for n, sql in enumerate(statements) if "FOR UPDATE" in sql and "treatments_protocol" in sql)
    write = next(n for n, sql in enumerate(statements) if sql.startswith('UPDATE "treatments'))
    assert lock < write


def test_a_treatment_is_deleted_only_while_it_has_no_protocol(client: Client, draft: Protocol) -> None:
    address, delete = page(Treatment, "change", draft.treatment.pk), page(Treatment, "delete", draft.treatment.pk)
    assert delete not in client.get(address).content.decode()
    assert client.post(delete, {"post": "yes"}).status_code == 403

    draft.delete()

    assert delete in client.get(address).content.decode()


def test_a_zone_is_renamed_but_not_deleted(client: Client, draft: Protocol) -> None:
    zone = Zone.objects.earliest("pk")

    assert client.post(page(Zone, "delete", zone.pk), {"post": "yes"}).status_code == 403
    assert (
        client.post(page(Zone, "change", zone.pk), {"name_fr": "Joues", "name_en": "Cheeks", "position": "1"}).status_code == 302
    )
    zone.refresh_from_db()
    assert (zone.name_en, zone.code) == ("Cheeks", "face")


def test_publishing_asks_first_and_only_a_post_publishes(client: Client, draft: Protocol, manager: User) -> None:
    assert client.get(action(draft, "publish")).status_code == 200
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT

    client.post(action(draft, "publish"))

    draft.refresh_from_db()
    assert (draft.status, draft.published_by) == (Status.PUBLISHED, manager)


def test_publishing_lists_every_obstacle_and_has_no_button(client: Client, draft: Protocol) -> None:
    draft.visits.update(needs_clearance=False)
    draft.zones.all().delete()

    response = client.get(action(draft, "publish"), headers={"accept-language": "en"})
    client.post(action(draft, "publish"))

    with translation.override("en"):
        assert response.context["obstacles"] == [problem.sentence for problem in protocols.problems(draft)]
    assert len(response.context["obstacles"]) == 2
    draft.refresh_from_db()
    assert draft.status == Status.DRAFT


def test_a_new_version_opens_as_a_draft(client: Client, draft: Protocol) -> None:
    force_publish(draft)

    response = client.post(action(draft, "new_version"))

    copy = Protocol.objects.get(version=2)
    assert response.url == page(Protocol, "change", copy.pk)  # type: ignore[attr-defined]
    assert copy.status == Status.DRAFT


def test_archiving(client: Client, draft: Protocol) -> None:
    force_publish(draft)

    client.post(action(draft, "archive"))
    again = client.post(action(draft, "archive"))

    draft.refresh_from_db()
    assert draft.status == Status.ARCHIVED
    assert again.status_code == 302


def test_actions_on_a_protocol_that_is_not_there(client: Client, manager: User) -> None:
    for name in ("publish", "new_version", "archive"):
        for key in ("999999", "garbage"):
            assert client.get(reverse(f"admin:treatments_protocol_{name}", args=[key])).status_code == 404


# Departures ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def departure(db: None) -> Departure:
    catalogue.load()
    return Departure.objects.get(code="booster-origin")


def test_a_physician_signs(client: Client, departure: Departure, physician: User) -> None:
    assert client.get(action(departure, "sign")).status_code == 200

    client.post(action(departure, "sign"))

    departure.refresh_from_db()
    assert departure.signed_by == physician
    assert departure.signed_at is not None


def test_a_physician_does_not_change_the_words(client: Client, departure: Departure, physician: User) -> None:
    client.post(page(Departure, "change", departure.pk), {"we_do_fr": "Autre chose", "code": "x"})

    departure.refresh_from_db()
    assert departure.we_do_fr != "Autre chose"


def test_other_words_need_another_signature(client: Client, departure: Departure, manager: User) -> None:
    regulation.sign(departure, by=manager, now=NOW)
    address = page(Departure, "change", departure.pk)

    client.post(address, fields(client.get(address)) | {"we_do_fr": "Autre chose"})

    departure.refresh_from_db()
    assert (departure.we_do_fr, departure.signed_by, departure.signed_at) == ("Autre chose", None, None)


def test_the_first_signature_stays(departure: Departure, db: None) -> None:
    first, second = (User.objects.create_user(f"{n}@example.org", role=Role.PRACTITIONER) for n in "ab")

    regulation.sign(departure, by=first, now=NOW)
    regulation.sign(departure, by=second, now=NOW)

    assert departure.signed_by == first


def test_reception_does_not_sign(departure: Departure) -> None:
    reception = User.objects.create_user("r@example.org", role=Role.RECEPTION)

    with pytest.raises(regulation.PermissionDenied):
        regulation.sign(departure, by=reception, now=NOW)
