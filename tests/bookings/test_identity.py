"""Which patient files a log-in reaches: a proved address, the birth date, an agreeing name; never another's file."""

from datetime import UTC, date, datetime

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache

from bookings import identity
from bookings.models import Patient
from bookings.refusals import AdultsOnly, FileNotReached, TooManyAttempts
from clinic.models import User
from tests.factories.clinic import make_clinic
from tests.factories.visits import make_course, make_patient
from treatments.regulation import adult_from

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BORN = date(1985, 5, 17)
ADDRESS = "pia@example.org"


@pytest.fixture(autouse=True)
def open_clinic(db):
    cache.clear()
    return make_clinic()


@pytest.fixture
def pia() -> User:
    return proved(ADDRESS)


def proved(email: str) -> User:
    """A log-in whose address was proved by a code."""
    user = User.objects.create_user(email)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def reach(user: User, first_name: str = "Pia", birth_date: date = BORN, last_name: str = "Petit", now: datetime = NOW) -> Patient:
    return identity.find_or_create_patient(
        user, first_name=first_name, last_name=last_name, birth_date=birth_date, phone="", language="fr", now=now
    )


def test_a_stranger_gets_a_new_file_with_tidy_names(pia):
    patient = reach(pia, "  Zoe\u0301 ", last_name=" de  La   Tour ")

    assert (patient.user, patient.email, patient.birth_date) == (pia, ADDRESS, BORN)
    assert (patient.first_name, patient.last_name) == ("Zoé", "de La Tour")


def test_the_file_reception_made_is_linked(pia):
    theirs = make_patient(email="PIA@Example.ORG", birth_date=BORN)

    assert reach(pia) == theirs
    assert list(identity.patients_of(pia)) == [theirs]


def test_asking_again_gives_the_same_file_and_keeps_a_new_phone(pia):
    first = reach(pia)

    again = identity.find_or_create_patient(
        pia, first_name="PIA", last_name="Other", birth_date=BORN, phone="+33698765432", language="en", now=NOW
    )

    assert again == first
    assert (again.last_name, str(again.phone), again.language) == ("Petit", "+33698765432", "en")


def test_an_empty_phone_does_not_erase_the_one_on_file(pia):
    make_patient(email=ADDRESS, birth_date=BORN, phone="+33612345678")

    assert str(reach(pia).phone) == "+33612345678"


def test_without_a_proved_address_no_file_is_linked():
    make_patient(email=ADDRESS, birth_date=BORN)
    unproved = User.objects.create_user(ADDRESS)
    EmailAddress.objects.create(user=unproved, email=ADDRESS, verified=False)

    reach(unproved)

    assert Patient.objects.count() == 2
    assert Patient.objects.filter(user=None).count() == 1


def test_another_address_reaches_nothing():
    make_patient(email=ADDRESS, birth_date=BORN)

    reach(proved("someone@example.org"))

    assert Patient.objects.filter(user=None).count() == 1


def test_a_wrong_birth_date_makes_a_new_file_and_leaves_the_other_alone(pia):
    theirs = make_patient(email=ADDRESS, birth_date=BORN)

    new = reach(pia, birth_date=date(1985, 5, 18))

    assert new != theirs
    theirs.refresh_from_db()
    assert theirs.user is None


def test_a_file_of_another_log_in_is_never_taken_over(pia):
    other = proved("other@example.org")
    theirs = make_patient(email=ADDRESS, birth_date=BORN, user=other)

    new = reach(pia)

    theirs.refresh_from_db()
    assert new != theirs
    assert theirs.user == other


def test_mother_and_daughter_share_an_address_and_a_log_in(pia):
    mother = make_patient("Anne", email=ADDRESS, birth_date=date(1960, 1, 2))
    daughter = make_patient("Pia", email=ADDRESS, birth_date=BORN)

    assert reach(pia) == daughter
    assert reach(pia, "Anne", date(1960, 1, 2)) == mother
    assert list(identity.patients_of(pia)) == [mother, daughter]


def test_twins_are_told_apart_by_their_first_names(pia):
    make_patient("Ève", email=ADDRESS, birth_date=BORN)
    zoe = make_patient("Zoé-Lou", email=ADDRESS, birth_date=BORN)

    assert reach(pia, "zoe lou") == zoe
    assert list(identity.patients_of(pia)) == [zoe]


def test_a_twin_without_a_file_does_not_get_the_others(pia):
    eve = make_patient("Ève", email=ADDRESS, birth_date=BORN)

    assert reach(pia, "Zoé") != eve


@pytest.mark.parametrize("typed", ["Marie", "marie-claude", "MARIE CLAUDE", "Mârie"])
def test_a_single_file_is_reached_by_a_name_that_begins_alike(pia, typed):
    marie = make_patient("Marie-Claude", email=ADDRESS, birth_date=BORN)

    assert reach(pia, typed) == marie


def test_jean_is_no_beginning_of_jeanne(pia):
    jeanne = make_patient("Jeanne", email=ADDRESS, birth_date=BORN)

    assert reach(pia, "Jean") != jeanne


def test_letters_typed_as_two_signs_are_one(pia):
    assert reach(pia, "Zoe\u0308").first_name == "Zo\u00eb"


def test_files_of_one_person_made_twice_are_all_linked(pia):
    first, second = make_patient(email=ADDRESS, birth_date=BORN), make_patient(email=ADDRESS, birth_date=BORN)

    assert reach(pia) == first
    assert list(identity.patients_of(pia)) == [first, second]


def test_a_typing_error_noticed_at_once_is_corrected_not_doubled(pia):
    first = reach(pia, birth_date=date(1958, 5, 17), now=now_of_the_database())

    corrected = reach(pia, birth_date=BORN, now=now_of_the_database())

    assert corrected.pk == first.pk
    assert corrected.birth_date == BORN


def test_a_file_that_was_booked_with_is_not_rewritten(pia, open_clinic):
    booked = reach(pia, now=now_of_the_database())
    make_course(open_clinic, booked)

    other = reach(pia, "Anne", date(1960, 1, 2), now=now_of_the_database())

    assert other != booked
    booked.refresh_from_db()
    assert booked.first_name == "Pia"


def test_writing_of_another_person_leaves_the_file_just_made_alone(pia):
    mine = reach(pia, now=now_of_the_database())

    other = reach(pia, "Anne", date(1960, 1, 2), now=now_of_the_database())

    mine.refresh_from_db()
    assert other != mine
    assert (mine.first_name, mine.birth_date) == ("Pia", BORN)


def now_of_the_database() -> datetime:
    return datetime.now(UTC)


def test_nobody_can_try_birth_dates_for_long(pia):
    theirs = make_patient(email=ADDRESS, birth_date=BORN)
    for day in range(1, 6):
        reach(pia, birth_date=date(1980, 1, day))

    with pytest.raises(TooManyAttempts):
        reach(pia)

    theirs.refresh_from_db()
    assert theirs.user is None


def test_a_returning_patient_is_never_counted(pia):
    for _visit in range(20):
        reach(pia)

    assert Patient.objects.count() == 1


def test_another_log_in_has_its_own_attempts(pia):
    for day in range(1, 6):
        reach(pia, birth_date=date(1980, 1, day))

    assert reach(proved("other@example.org")).pk


def test_a_file_can_be_found_without_making_one(pia):
    theirs = make_patient(email=ADDRESS, birth_date=BORN)

    with pytest.raises(FileNotReached):
        identity.reach_patient(pia, first_name="Pia", birth_date=date(1985, 5, 18))

    assert identity.reach_patient(pia, first_name="Pia", birth_date=BORN) == theirs
    assert Patient.objects.count() == 1


def test_searching_and_making_share_their_attempts(pia):
    for day in range(1, 6):
        with pytest.raises(FileNotReached):
            identity.reach_patient(pia, first_name="Pia", birth_date=date(1980, 1, day))

    with pytest.raises(TooManyAttempts):
        identity.reach_patient(pia, first_name="Pia", birth_date=BORN)
    with pytest.raises(TooManyAttempts):
        reach(pia)


@pytest.mark.parametrize(
    ("born", "adult"),
    [
        (date(2008, 3, 2), date(2026, 3, 2)),
        (date(2008, 2, 29), date(2026, 3, 1)),
        (date(2004, 2, 29), date(2022, 3, 1)),
        (date(2002, 12, 31), date(2020, 12, 31)),
    ],
)
def test_one_is_an_adult_on_the_eighteenth_birthday(born, adult):
    assert adult_from(born) == adult


def test_the_birthday_begins_at_the_clinics_midnight(pia):
    born = date(2008, 3, 3)
    with pytest.raises(AdultsOnly):
        reach(pia, birth_date=born, now=datetime(2026, 3, 2, 22, 59, tzinfo=UTC))

    assert reach(pia, birth_date=born, now=datetime(2026, 3, 2, 23, 0, tzinfo=UTC)).birth_date == born
    assert Patient.objects.count() == 1


def test_contact_details_change_and_nothing_else(pia):
    patient = reach(pia)

    identity.update_contact(patient, phone="+4915112345678", language="en")

    patient.refresh_from_db()
    assert (str(patient.phone), patient.language, patient.first_name) == ("+4915112345678", "en", "Pia")
