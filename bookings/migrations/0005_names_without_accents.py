"""Reception finds Élodie by typing elodie."""

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("bookings", "0004_missed_visits_by_time")]

    operations = [UnaccentExtension()]
