"""A house that is open on a fixed Monday, and visitors who read English."""

from collections.abc import Callable
from copy import deepcopy
from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from bookings.models import Patient
from clinic.models import User
from tests.factories.courses import House, open_house
from tests.factories.treatments import force_publish, make_protocol, make_question
from treatments.models import Outcome, Stage


@pytest.fixture(scope="module")
def shared(shared_rows: None) -> House:
    house = open_house(consultation_first=True, protocol=make_protocol())
    make_question(house.protocol, "pregnancy", outcome=Outcome.BLOCK, position=1)
    make_question(house.protocol, "sunburn", outcome=Outcome.DATE, delay_days=30, position=2, **_dated())
    make_question(house.protocol, "anticoagulant", outcome=Outcome.REVIEW, position=3)
    make_question(house.protocol, "keloid", outcome=Outcome.BLOCK, stage=Stage.DETAILS, position=4)
    make_question(house.protocol, "peel", outcome=Outcome.DATE, delay_days=90, stage=Stage.DETAILS, position=5, **_dated())
    force_publish(house.protocol)
    return house


@pytest.fixture
def house(shared: House, db: None, monkeypatch: pytest.MonkeyPatch) -> House:
    """New patients begin with the consultation; five questions are asked, one of each kind before dates and one at the end."""
    house = deepcopy(shared)
    monkeypatch.setattr(timezone, "now", lambda: house.now)
    return house


def _dated() -> dict[str, str]:
    return {"date_question_en": "When?", "date_question_fr": "Quand ?"}


@pytest.fixture
def visitor() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture
def log_in() -> Callable[..., Patient]:
    """Log a client in as a patient with a file."""

    def log_in(client: Client, email: str = "pia@example.com", first_name: str = "Pia") -> Patient:
        user, _made = User.objects.get_or_create(email=email)
        client.force_login(user)
        return Patient.objects.create(
            user=user, first_name=first_name, last_name="Roux", birth_date=date(1985, 4, 12), email=email, phone="+33612345678"
        )

    return log_in
