"""Two clicks, two tabs, two log-ins at the same moment: one file, and one owner."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from threading import Barrier, Thread

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import connection

from bookings import identity
from bookings.models import Patient
from clinic.models import User
from tests.factories.clinic import make_clinic
from tests.factories.visits import make_patient

pytestmark = pytest.mark.django_db(transaction=True)

BORN = date(1985, 5, 17)
CLICKS = 5


def at_once(*deeds: Callable[[], object]) -> None:
    """Run the deeds at the same moment, each on its own connection."""
    ready = Barrier(len(deeds))

    def run(deed: Callable[[], object]) -> None:
        ready.wait()
        try:
            deed()
        finally:
            connection.close()

    threads = [Thread(target=run, args=[deed]) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def reach(user: User) -> None:
    identity.find_or_create_patient(
        user, first_name="Pia", last_name="Petit", birth_date=BORN, language="fr", now=datetime.now(UTC)
    )


@pytest.fixture(autouse=True)
def open_clinic(transactional_db):
    cache.clear()
    return make_clinic()


def proved(email: str, address: str) -> User:
    user = User.objects.create_user(email)
    EmailAddress.objects.create(user=user, email=address, verified=True)
    return user


def test_a_double_click_makes_one_file():
    pia = proved("pia@example.org", "pia@example.org")

    at_once(*[lambda: reach(pia)] * CLICKS)

    assert Patient.objects.get().user == pia


def test_a_file_of_reception_is_linked_once():
    theirs = make_patient(email="pia@example.org", birth_date=BORN)
    pia = proved("pia@example.org", "pia@example.org")

    at_once(*[lambda: reach(pia)] * CLICKS)

    assert Patient.objects.get() == theirs
    assert list(identity.patients_of(pia)) == [theirs]
