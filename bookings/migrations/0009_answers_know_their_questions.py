from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.deletion import PROTECT


def take_the_protocol_of_the_course(apps, schema_editor):
    answers = apps.get_model('bookings', 'ScreeningAnswers').objects
    courses = apps.get_model('bookings', 'Course').objects
    answers.update(protocol=Subquery(courses.filter(pk=OuterRef('course')).values('protocol')[:1]))
    # The column cannot be altered while the foreign key waits to be checked.
    schema_editor.execute('SET CONSTRAINTS ALL IMMEDIATE')


def field(**options):
    return models.ForeignKey(
        help_text='Whose questions were answered: a physician may choose another one for the course afterwards.',
        on_delete=PROTECT, related_name='+', to='treatments.protocol', verbose_name='protocol', **options,
    )


class Migration(migrations.Migration):

    dependencies = [
        ('bookings', '0008_what_allows_and_puts_off_a_session'),
    ]

    operations = [
        migrations.AddField('screeninganswers', 'protocol', field(null=True)),
        migrations.RunPython(take_the_protocol_of_the_course, migrations.RunPython.noop),
        migrations.AlterField('screeninganswers', 'protocol', field()),
    ]
