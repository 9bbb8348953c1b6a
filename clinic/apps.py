from typing import Any

from django.apps import AppConfig
from django.core.management import call_command
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from clinic import database


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = _("The clinic")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        connection_created.connect(refuse_old_server)
        post_migrate.connect(create_cache_table, sender=self)


def refuse_old_server(connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    database.refuse_old_server(connection.connection.server_version)


def create_cache_table(using: str, **kwargs: Any) -> None:
    """The table of the cache has no migration; it is made after the others."""
    call_command("createcachetable", database=using, verbosity=0)
