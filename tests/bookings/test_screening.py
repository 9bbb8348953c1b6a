from datetime import UTC, date, datetime
from io import StringIO

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from bookings import screening
from bookings.models import Course, ScreeningAnswers
from bookings.screening import UNSURE, assess
from clinic.models import Kind, Role, User
from tests.factories.clinic import make_capability, make_clinic
from tests.factories.treatments import make_protocol, make_question, make_zone
from treatments.models import Outcome, Product, Protocol, ScreeningRule, Stage, Treatment

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def rule(code: str, outcome: str, **fields: object) -> ScreeningRule:
    return ScreeningRule(code=code, outcome=outcome, **fields)


PREGNANCY = rule("pregnancy", Outcome.BLOCK)
ANTICOAGULANT = rule("anticoagulant", Outcome.REVIEW)
SUNBURN = rule("sunburn", Outcome.DATE, delay_days=14)
ISOTRETINOIN = rule("isotretinoin", Outcome.DATE, delay_days=180, also_review=True)
EXPECTATIONS = rule("expectations", Outcome.NOTE)
RULES = [PREGNANCY, ANTICOAGULANT, SUNBURN, ISOTRETINOIN, EXPECTATIONS]


def test_no_answer_is_no_and_changes_nothing():
    decision = assess(RULES, {}, TODAY)

    assert decision == screening.Decision()
    assert (decision.review, decision.earliest) == (False, None)


def test_a_block_names_its_rule():
    assert assess(RULES, {"pregnancy": None}, TODAY).blocked == (PREGNANCY,)


def test_a_review_neither_blocks_nor_delays():
    decision = assess(RULES, {"anticoagulant": None}, TODAY)

    assert (decision.blocked, decision.review, decision.earliest) == ((), True, None)


def test_days_to_wait_count_from_today_without_a_date():
    assert assess(RULES, {"sunburn": None}, TODAY).earliest == date(2026, 3, 16)


def test_days_to_wait_count_from_the_day_given():
    assert assess(RULES, {"sunburn": date(2026, 2, 25)}, TODAY).earliest == date(2026, 3, 11)


def test_a_day_to_come_counts_as_well():
    assert assess(RULES, {"sunburn": date(2026, 3, 10)}, TODAY).earliest == date(2026, 3, 24)


def test_a_delay_that_has_passed_asks_for_nothing():
    decision = assess(RULES, {"sunburn": date(2026, 2, 1)}, TODAY)

    assert (decision.earliest, decision.waits) == (None, ())


def test_a_date_rule_may_also_ask_a_physician_even_when_its_day_has_passed():
    decision = assess(RULES, {"isotretinoin": date(2025, 8, 1)}, TODAY)

    assert (decision.earliest, decision.to_review) == (None, (ISOTRETINOIN,))


def test_the_latest_of_several_days_holds():
    decision = assess(RULES, {"sunburn": None, "isotretinoin": date(2026, 1, 1)}, TODAY)

    assert decision.earliest == date(2026, 6, 30)
    assert [found.code for found, _ in decision.waits] == ["sunburn", "isotretinoin"]


def test_a_note_is_only_noted():
    decision = assess(RULES, {"expectations": None}, TODAY)

    assert (decision.notes, decision.blocked, decision.review) == ((EXPECTATIONS,), (), False)


@pytest.mark.parametrize("found", RULES)
def test_a_doubt_is_always_for_the_physician(found):
    decision = assess(RULES, {found.code: UNSURE}, TODAY)

    assert decision == screening.Decision(to_review=(found,))


def test_answers_to_other_questions_are_left_aside():
    assert assess([SUNBURN], {"pregnancy": None}, TODAY) == screening.Decision()


# The token -----------------------------------------------------------------------------------------------------------


def test_a_token_comes_back_as_it_went():
    answers = {"pregnancy": None, "sunburn": date(2026, 2, 25), "anticoagulant": UNSURE}
    token = screening.seal({"answers": screening.pack(answers)})

    assert screening.unpack(screening.unseal(token, max_age_s=60)["answers"]) == answers
    assert "pregnancy" not in token


def test_an_old_token_is_refused(settings):
    box = Fernet(settings.ANSWERS_KEYS[0])
    token = box.encrypt_at_time(b"{}", int(datetime.now(tz=UTC).timestamp()) - 61).decode()

    assert screening.unseal(token, max_age_s=None) == {}
    with pytest.raises(ValueError, match="too long ago"):
        screening.unseal(token, max_age_s=60)


@pytest.mark.parametrize("token", ["", "nonsense", "gAAAAA", "é" * 40])
def test_garbage_is_no_token(token):
    with pytest.raises(ValueError):
        screening.unseal(token, max_age_s=60)


def test_an_older_key_still_opens_and_the_newest_seals(settings):
    older = settings.ANSWERS_KEYS[0]
    newest = Fernet.generate_key().decode()
    token = screening.seal({"zones": ["face"]})
    settings.ANSWERS_KEYS = [newest, older]

    assert screening.unseal(token, max_age_s=60) == {"zones": ["face"]}
    assert Fernet(newest).decrypt(screening.seal({}).encode()) == b"{}"


@pytest.mark.parametrize("packed", [{"sunburn": "yesterday"}, {"sunburn": "2026-02-30"}])
def test_a_day_that_is_no_day_is_refused(packed):
    with pytest.raises(ValueError):
        screening.unpack(packed)


def make_product(treatment: Treatment | None = None) -> Product:
    product = Product.objects.create(
        name="Rose", supplier="Maison", reference="CPNP 1", origin="plant", source_species="Damask rose"
    )
    product.treatments.set([treatment] if treatment else [])
    return product


def make_held_course() -> Course:
    until = datetime(2026, 3, 2, 9, 15, tzinfo=UTC)
    return Course.objects.create(
        protocol=make_protocol(), clinic=make_clinic(), visitor="someone", status="held", held_at=NOW, held_until=until
    )


# Which questions ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_only_questions_that_concern_the_course_are_asked():
    protocol = make_protocol()
    neck = make_zone("neck")
    make_question(protocol, "always")
    make_question(protocol, "another-zone").zones.set([make_zone("hands")])
    make_question(protocol, "this-zone").zones.set([neck, make_zone("hands")])
    make_question(protocol, "another-device", device=make_capability("morpheus8", kind=Kind.DEVICE))
    make_question(protocol, "this-device", device=make_capability("dermapen", kind=Kind.DEVICE))
    make_question(protocol, "another-segment", segment_code="led")
    make_question(protocol, "this-segment", segment_code="numbing-wait")
    make_question(protocol, "another-product", product=make_product())
    make_question(protocol, "this-product", product=make_product(treatment=protocol.treatment))
    make_question(protocol, "at-the-end", stage=Stage.DETAILS)

    asked = screening.questions(protocol, protocol.zones.filter(zone=neck), Stage.SAFETY)

    assert {found.code for found in asked} == {"always", "this-zone", "this-device", "this-segment", "this-product"}


@pytest.mark.django_db
def test_a_protocol_with_its_parts_is_asked_in_one_query(django_assert_num_queries):
    bare = make_protocol()
    for number in range(5):
        make_question(bare, f"question-{number}")
    protocol = Protocol.objects.with_parts().get()
    zones = list(protocol.zones.all())

    with django_assert_num_queries(1):
        assert len(screening.questions(protocol, zones, Stage.SAFETY)) == 5


# Keeping --------------------------------------------------------------------------------------------------------------

ANSWERS = {"pregnancy": None, "sunburn": date(2026, 2, 25), "anticoagulant": UNSURE}


@pytest.fixture
def stored(db: None) -> ScreeningAnswers:
    return screening.store(make_held_course(), ANSWERS, NOW)


@pytest.mark.django_db
def test_stored_answers_are_unreadable_in_the_database(stored):
    row = ScreeningAnswers.objects.values().get(pk=stored.pk)

    assert b"pregnancy" not in bytes(row["sealed"])
    assert row["given_at"] == NOW


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.PRACTITIONER])
def test_clinical_staff_read_them_and_the_reading_is_logged(stored, role):
    reader = User.objects.create_user("reader@example.com", role=role)
    row = ScreeningAnswers.objects.get(pk=stored.pk)

    assert screening.read(row, reader, NOW) == ANSWERS
    assert [(reading.reader, reading.at) for reading in row.readings.all()] == [(reader, NOW)]


@pytest.mark.django_db
@pytest.mark.parametrize("role", [Role.PATIENT, Role.RECEPTION, Role.MANAGER])
def test_nobody_else_reads_them(stored, role):
    reader = User.objects.create_user("reader@example.com", role=role)

    with pytest.raises(PermissionDenied):
        screening.read(stored, reader, NOW)
    assert not stored.readings.exists()


@pytest.mark.django_db
def test_all_stored_answers_move_to_a_new_key(stored, settings):
    older, newest = settings.ANSWERS_KEYS[0], Fernet.generate_key().decode()
    settings.ANSWERS_KEYS = [newest, older]
    call_command("rotate_answers", stdout=StringIO())
    settings.ANSWERS_KEYS = [newest]
    reader = User.objects.create_user("reader@example.com", role=Role.PRACTITIONER)

    assert screening.read(ScreeningAnswers.objects.get(), reader, NOW) == ANSWERS
