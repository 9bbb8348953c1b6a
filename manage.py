#!/usr/bin/env python
"""Django's command line, for this project."""

import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

PRODUCTION_SIGNS = ("DEBUG", "SECRET_KEY", "DATABASE_URL", "ALLOWED_HOSTS")


def main() -> None:
    """Run the command; a wrong setting is told in its one sentence, without a traceback.

    On a machine where nothing is set, this is a developer's command line: DEBUG is on.
    """
    if not any(name in os.environ for name in PRODUCTION_SIGNS):
        os.environ["DEBUG"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
    try:
        settings.INSTALLED_APPS  # noqa: B018  the first access loads the settings
    except ImproperlyConfigured as error:
        sys.exit(f"manage.py: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
