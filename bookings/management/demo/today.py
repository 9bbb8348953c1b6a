"""The demo's day goes on: the numbing hour is short, and visitors come at any hour."""

from datetime import datetime, timedelta

from bookings.management.demo.cast import NUMBED, SINCE_START
from bookings.models import Appointment, AppointmentStatus
from clinic import hours
from clinic.models import Clinic

AGAIN = timedelta(minutes=70)  # since the start: a quarter of an hour before the numbing is over


def keep_numbing(now: datetime) -> None:
    """Until its day is over, the visit that the demo loaded as in numbing has begun half an hour ago, again and again."""
    for clinic in Clinic.objects.all():
        midnight = hours.local_day_span(now.astimezone(clinic.zone).date(), clinic.zone)[0]
        started = now - SINCE_START
        Appointment.objects.filter(
            course__clinic=clinic,
            patient__email=NUMBED,
            status=AppointmentStatus.IN_PROGRESS,
            during__startswith__gte=midnight,
            started_at__lt=now - AGAIN,
        ).update(arrived_at=started - timedelta(minutes=10), started_at=started)
