"""Run our own programs as an operator would, in a process of their own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import psycopg2

ROOT = Path(__file__).resolve().parent.parent


def environment(**changes: str) -> dict[str, str]:
    """This process's environment without the test run's own settings, and with `changes`."""
    ours = ("DATABASE_URL", "DEBUG", "DEMO", "SECRET_KEY", "PORT", "TEST_RUN", "TEST_SERVER", "PYTEST_CURRENT_TEST")
    inherited = {name: value for name, value in os.environ.items() if name not in ours}
    return {**inherited, "DJANGO_SETTINGS_MODULE": "clinic.settings", "PYTHONPATH": str(ROOT), **changes}


def run(*arguments: str, timeout: float = 60, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run Python with these arguments to its end and return what it said; `timeout` in seconds."""
    return subprocess.run(
        [sys.executable, *arguments], env=environment(**changes), cwd=ROOT, capture_output=True, text=True, timeout=timeout
    )


def start(*arguments: str, **changes: str) -> subprocess.Popen[str]:
    """Start Python with these arguments; the caller stops it."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(**changes),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_signals,
    )


def _hear_signals() -> None:
    """A run started by nohup or in the background hands down SIGHUP and SIGINT ignored; what is tested must hear them."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def drop_leftovers(url: str) -> None:
    """Drop the databases of test runs that were killed: they are named after a process that is no more."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT datname FROM pg_database WHERE datname ~ '^test_\d+(_\w+)?$'")
        for (name,) in cursor.fetchall():
            if not psutil.pid_exists(int(name.split("_")[1])):
                cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    connection.close()
