"""How gunicorn serves the site: `gunicorn clinic.wsgi` reads this file. PORT, HOST and WEB_CONCURRENCY change it."""

import os
import sys
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from clinic import environment, logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
try:  # a wrong setting is told in its one sentence, without a traceback
    settings.INSTALLED_APPS  # noqa: B018  the first access loads the settings
    bind = f"{environment.text('HOST', '127.0.0.1')}:{environment.number('PORT', 8000, least=1, most=65535)}"
    workers = environment.number("WEB_CONCURRENCY", 2, least=1, most=64)
except ImproperlyConfigured as error:
    sys.exit(f"gunicorn: {error}")
threads = 4
preload_app = True  # loaded once for all: a quicker start, less memory
timeout = 60  # seconds
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  memory: a slow disk must not look like a stuck worker
control_socket_disable = True  # it would lie in the home folder, shared by every site of this account
logconfig_dict = logs.config(json=not environment.flag("DEBUG", False))
