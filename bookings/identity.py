"""Which patient files a log-in reaches.

A log-in is an e-mail address that was proved by a code; a patient file is a person. Reception makes files without a
log-in, and one address may serve several persons (mother and daughter). So:

- a file is reached only by a log-in whose *proved* address is the file's (letter case aside) and who knows the birth
  date; the first names must agree too, because twins share both, and a visit written into the wrong twin's file is
  worse than a second file that reception merges;
- a file that belongs to another log-in is never taken over;
- who does not know the birth date gets a new file, exactly as someone of whom there is none: nothing tells the two
  apart. Attempts are counted, so that nobody tries all birth dates;
- a file made by mistake (a typing error noticed before anything was booked) is corrected, not doubled;
- online booking is for adults: 18 years by the clinic's calendar; born on 29 February, on 1 March of a common year.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from uuid import UUID

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Q, QuerySet

from bookings.models import Course, CourseStatus, Patient
from bookings.refusals import AdultsOnly, FileNotReached, TooManyAttempts
from clinic import limits
from clinic.context import current_clinic
from clinic.models import User
from treatments.regulation import is_adult

HOUR, DAY = 3600, 24 * 3600  # seconds
MISTYPED_FOR = timedelta(hours=1)
BOOKED_ONCE = [status for status in CourseStatus.values if status not in (CourseStatus.HELD, CourseStatus.EXPIRED)]
ATTEMPTS = (("hour", 5, HOUR), ("day", 15, DAY))  # per log-in, at reaching or making a file


def patients_of(user: User) -> QuerySet[Patient]:
    """The files this log-in reaches, first made first."""
    return Patient.objects.of(user).order_by("pk")


def find_or_create_patient(
    user: User, *, first_name: str, last_name: str, birth_date: date, phone: str = "", language: str, now: datetime
) -> Patient:
    """The file of this person: one this log-in reaches already, one it may be linked to, or a new one.

    A given phone and the language are kept on the file. Raises `AdultsOnly`, and `TooManyAttempts` when the log-in
    reaches for too many persons. Names are normalised; that they fit the file is the form's care.
    """
    check_adult(birth_date, now)
    if not _named(patients_of(user).filter(birth_date=birth_date), first_name):
        _count_attempt(user)
    with transaction.atomic():
        _one_at_a_time(user)
        patient = _reach(user, first_name, birth_date)
        if patient is None:
            patient = _mistyped_file(user, first_name, birth_date, now) or Patient(user=user, email=user.email)
            patient.first_name, patient.last_name, patient.birth_date = tidy_name(first_name), tidy_name(last_name), birth_date
        patient.phone, patient.language = phone or patient.phone, language
        patient.save()
    return patient


def reach_patient(user: User, *, first_name: str, birth_date: date) -> Patient:
    """Link the file reception made for this person to the log-in; raises `FileNotReached` or `TooManyAttempts`."""
    _count_attempt(user)
    with transaction.atomic():
        _one_at_a_time(user)
        patient = _reach(user, first_name, birth_date)
    if patient is None:
        raise FileNotReached()
    return patient


def may_be_theirs(user: User, course: UUID) -> bool:
    """Whether this is a course of a file without a log-in that carries an address this one has proved: the birth date opens it."""
    free = Patient.objects.filter(_proved_address(user), user=None)
    return Course.objects.filter(uuid=course, patient__in=free, status__in=BOOKED_ONCE).exists()


def update_contact(patient: Patient, *, phone: str, language: str) -> None:
    """What a patient may change alone; names and birth dates are corrected by reception, who see a document."""
    patient.phone, patient.language = phone, language
    patient.save(update_fields=["phone", "language"])


def check_adult(birth_date: date, now: datetime) -> None:
    """Raises `AdultsOnly` unless the person is 18 on the clinic's calendar at `now` (aware)."""
    clinic = current_clinic()
    today = now.astimezone(clinic.zone).date() if clinic else now.date()
    if not is_adult(birth_date, today):
        raise AdultsOnly()


def tidy_name(name: str) -> str:
    """One spelling for what looks the same: composed letters (NFC), single blanks, none around."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def fold_name(name: str) -> str:
    """For comparing names: without accents, case, blanks, hyphens and apostrophes ("Zoé-Lou" and "ZOE LOU" agree)."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in decomposed if letter.isalnum())


def _reach(user: User, first_name: str, birth_date: date) -> Patient | None:
    """The person's file among those the log-in reaches, else among those it may be linked to, which it then is."""
    own = _named(patients_of(user).filter(birth_date=birth_date), first_name)
    if own:
        return own[0]
    free = Patient.objects.filter(_proved_address(user), user=None, birth_date=birth_date).order_by("pk")
    found = _named(free.select_for_update(no_key=True), first_name)
    for patient in found:  # several files of one person: all are theirs, and reception merges them
        patient.user = user
        patient.save(update_fields=["user"])
    return found[0] if found else None


def _named(patients: QuerySet[Patient], first_name: str) -> list[Patient]:
    """Those with this first name; failing that a single one, if one name begins with the other (Marie, Marie-Claude)."""
    wanted, files = fold_name(first_name), list(patients)
    exact = [patient for patient in files if fold_name(patient.first_name) == wanted]
    if exact or len(files) != 1 or not wanted:
        return exact
    stored, given = _words(files[0].first_name), _words(first_name)
    shorter = min(len(stored), len(given))
    return files if stored[:shorter] == given[:shorter] else []


def _words(name: str) -> list[str]:
    """The parts of a compound first name, folded: Jean is no beginning of Jeanne."""
    return [fold_name(word) for word in re.split(r"[\s-]+", name) if fold_name(word)]


def _mistyped_file(user: User, first_name: str, birth_date: date, now: datetime) -> Patient | None:
    """A file this log-in has just made and not booked with: whoever types again corrects it.

    The first name or the birth date must agree: who changes both writes of someone else.
    """
    just_made = patients_of(user).filter(created_at__gt=now - MISTYPED_FOR, email=user.email)
    unused = just_made.exclude(courses__status__in=BOOKED_ONCE).order_by("-pk")
    wanted = fold_name(first_name)
    return next((file for file in unused if file.birth_date == birth_date or fold_name(file.first_name) == wanted), None)


def _proved_address(user: User) -> Q:
    """Files with an address that this log-in has proved; letter case does not count."""
    condition = Q(pk__in=[])
    for address in EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True):
        condition |= Q(email__iexact=address)
    return condition


def _one_at_a_time(user: User) -> None:
    """A double click makes one file."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def _count_attempt(user: User) -> None:
    """Raises `TooManyAttempts`. Called outside transactions: a refusal must not undo the count."""
    for name, times, seconds in ATTEMPTS:
        if not limits.allow(f"identity-{name}", str(user.pk), times=times, seconds=seconds):
            raise TooManyAttempts()
