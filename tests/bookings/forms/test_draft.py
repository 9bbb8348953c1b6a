import json
from datetime import UTC, date, datetime

import pytest
from cryptography.fernet import Fernet
from django.utils import translation

from bookings import screening
from bookings.forms import Draft, DraftForm
from bookings.forms.draft import DRAFT_SECONDS

DRAFT = Draft(7, ("face", "neck"), {"sunburn": date(2026, 2, 27)}, patient="some-uuid", dates="first=1-2")


def test_a_draft_comes_back_as_it_went():
    assert Draft.unseal(DRAFT.seal()) == DRAFT


def test_unanswered_is_not_the_same_as_nothing_to_say():
    assert Draft.unseal(Draft(7).seal()).answers is None
    assert Draft.unseal(Draft(7, answers={}).seal()).answers == {}


def test_nothing_can_be_read_in_the_address():
    token = DRAFT.seal()

    assert all(word not in token for word in ("face", "sunburn", "2026"))


def test_a_draft_is_forgotten_after_two_hours(settings):
    data = screening.unseal(DRAFT.seal(), None)
    long_ago = int(datetime.now(tz=UTC).timestamp()) - DRAFT_SECONDS - 1
    token = Fernet(settings.ANSWERS_KEYS[0]).encrypt_at_time(json.dumps(data).encode(), long_ago).decode()
    form = DraftForm({"d": token})

    with translation.override("en"):
        assert "two hours" in form.errors["d"][0]


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"p": 1, "z": 3, "a": None, "who": "", "on": ""},
        {"p": "x", "z": [], "a": {}, "who": "", "on": ""},
        {"p": 1, "z": [], "a": [1], "who": "", "on": ""},
        {"p": 1, "z": [], "a": {"sunburn": "soon"}, "who": "", "on": ""},
    ],
)
def test_a_token_of_another_kind_is_refused(data):
    with pytest.raises(ValueError):
        Draft.unseal(screening.seal(data))
