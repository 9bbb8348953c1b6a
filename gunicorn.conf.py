"""How gunicorn serves the site: `gunicorn clinic.wsgi` reads this file. PORT, HOST and WEB_CONCURRENCY change it."""

from pathlib import Path

from clinic import environment, logs

bind = f"{environment.text('HOST', '127.0.0.1')}:{environment.number('PORT', 8000, least=1, most=65535)}"
workers = environment.number("WEB_CONCURRENCY", 2, least=1, most=64)
threads = 4
preload_app = True  # loaded once for all: a quicker start, less memory, and a wrong setting ends the start at once
timeout = 60  # seconds
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108  memory: a slow disk must not look like a stuck worker
control_socket_disable = True  # it would lie in the home folder, shared by every site of this account
logconfig_dict = logs.config(json=not environment.flag("DEBUG", False))
