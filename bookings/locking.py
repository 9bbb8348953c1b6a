"""Who goes first: every writer of claims locks the resources it is about to use, in key order, before it looks.

Order everywhere: resources (`take_turns`), then courses (`lock_courses`), then a patient or the clinic's holds, each in key
order. Lock what you consume, never what you free. The exclusion constraint on claims stays the guarantee; the locks make it quiet and quick.
"""

from collections.abc import Collection

from django.db import transaction

from bookings.models import Course, Patient
from clinic.models import Clinic, Resource


def take_turns(resource_ids: Collection[int]) -> None:
    """Hold these resources until the transaction ends. Raises TransactionManagementError outside a transaction."""
    rows = Resource.objects.filter(pk__in=resource_ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))


def lock_courses(course_ids: Collection[int]) -> dict[int, Course]:
    """Hold these courses until the transaction ends and return them as they are now, by key."""
    rows = Course.objects.filter(pk__in=course_ids).order_by("pk")
    return {course.pk: course for course in rows.select_for_update(no_key=True, of=("self",))}


def lock_patient(patient_id: int) -> None:
    """Hold one patient file until the transaction ends, after resources and courses: one course at a time is booked."""
    Patient.objects.select_for_update(no_key=True).values_list("pk").get(pk=patient_id)


def lock_holds(clinic: Clinic) -> None:
    """Hold the right to begin a hold in this clinic until the transaction ends, last of all: who counts, counts alone."""
    Clinic.objects.select_for_update(no_key=True).values_list("pk").get(pk=clinic.pk)


def lock_course(course_id: int) -> Course:
    """Hold one course until the transaction ends. Raises Course.DoesNotExist."""
    if transaction.get_connection().in_atomic_block is False:
        raise transaction.TransactionManagementError("A course is locked inside a transaction only.")
    return Course.objects.select_for_update(no_key=True, of=("self",)).get(pk=course_id)
