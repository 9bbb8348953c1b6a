"""The scripts a newcomer types: what they say when something is in the way, and that they leave nothing running."""

import importlib
import os
import resource
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import psycopg2
import pytest
from django.conf import settings
from django.db import connection

from tests.processes import ROOT, environment, run, start


@pytest.fixture
def clone(tmp_path) -> Path:
    """The scripts in a folder where nothing is installed yet."""
    shutil.copytree(ROOT / "script", tmp_path / "a clone" / "script")
    for name in ("requirements.txt", "requirements-dev.txt", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path / "a clone" / name)
    return tmp_path / "a clone"


def program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("backend", "folder", "said"),
    [
        ("filebased", ROOT / "var" / "mail", "Its e-mails are written to var/mail/"),
        ("filebased", Path("/elsewhere/mail"), "Its e-mails are written to /elsewhere/mail/"),
        ("smtp", ROOT / "var" / "mail", "Its e-mails go where EMAIL_URL says."),
    ],
)
def test_the_server_says_where_its_e_mails_are(monkeypatch, settings, backend: str, folder: Path, said: str) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "script"))
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = f"django.core.mail.backends.{backend}.EmailBackend", folder
    assert importlib.import_module("serve").where_mail_goes() == said


def only_these_programs(tmp_path: Path, **programs: str) -> dict[str, str]:
    """An environment whose PATH holds the everyday commands and `programs`, but no other Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "env", "dirname", "basename", "cat", "cksum", "mkdir", "mktemp", "rm", "head", "grep", "id"):
        (folder / name).symlink_to(shutil.which(name))
    for name, text in programs.items():
        program(folder, name.replace("_", "."), text)
    return {**environment(), "PATH": str(folder)}


OLD = "case $1 in --version) echo Python 3.9.2;; *) exit 1;; esac"


@pytest.mark.parametrize("script", ["setup", "server", "test", "check"])
def test_a_python_that_is_too_old_is_named(clone, tmp_path, script):
    result = subprocess.run(
        [clone / "script" / script], env=only_these_programs(tmp_path, python3=OLD), cwd="/", capture_output=True, text=True
    )

    assert result.returncode == 1
    assert result.stderr == (
        f"\nscript/{script}: Cadence needs Python 3.11 or newer, and this machine has Python 3.9.2:"
        " install a newer Python and run this again.\n"
    )


def test_a_newer_python_beside_an_old_one_is_found(clone, tmp_path):
    newer = 'case $* in "-m venv .venv") echo "ensurepip is missing"; exit 1;; --version) echo Python 3.12.1;; esac'

    result = subprocess.run(
        [clone / "script" / "setup"],
        env=only_these_programs(tmp_path, python3=OLD, python3_12=newer),
        capture_output=True,
        text=True,
    )

    assert result.returncode == 1
    assert "Python 3.12.1" in result.stdout
    assert "“python3.12 -m venv” failed: install Python's venv module" in result.stderr
    assert not (clone / ".venv").exists()


def test_a_step_that_fails_says_which_and_shows_why(clone, tmp_path):
    broken = 'case $* in "-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python;; *pip*) echo "no network"; exit 1;; esac'
    programs = only_these_programs(tmp_path, python3=broken)
    (tmp_path / "bin" / "cp").symlink_to(shutil.which("cp"))

    result = subprocess.run([clone / "script" / "setup"], env=programs, capture_output=True, text=True)

    assert result.returncode == 1
    assert "no network" in result.stderr
    assert "“Python packages (site)” failed" in result.stderr


def test_setup_takes_no_time_when_nothing_has_changed():
    made_at = ROOT / ".venv" / ".made-at"
    if not made_at.exists() or made_at.read_text().strip() != str(ROOT):
        pytest.skip("script/setup has not been run here")  # it would make the environment anew, under the running tests
    subprocess.run([ROOT / "script" / "setup"], check=True, capture_output=True, env=environment())

    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([ROOT / "script" / "setup"], check=True, capture_output=True, env=environment(), cwd="/")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)

    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 1  # seconds of work, however busy the machine


def test_a_port_that_is_taken_is_named_with_a_way_out():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run("script/serve.py", PORT=str(port))

    assert result.returncode == 1
    assert result.stderr == (
        f"script/server: port {port} cannot be used (Address already in use)."
        f" Stop what uses it, or choose another: PORT={port + 1} script/server\n"
    )


@pytest.mark.parametrize("port", ["eighty", "0", "70000"])
def test_a_port_that_is_none_is_refused(port):
    result = run("script/serve.py", PORT=port)

    assert (result.returncode, result.stderr) == (1, f"script/server: PORT is “{port}”: write a whole number from 1 to 65535.\n")


def test_manage_py_tells_a_wrong_setting_in_one_line():
    result = run("manage.py", "check", DEBUG="0")

    assert result.returncode == 1
    assert result.stderr.startswith("manage.py: Set SECRET_KEY to a long random text")
    assert result.stderr.count("\n") == 1


def test_gunicorn_tells_a_wrong_setting_in_one_line():
    result = run("-m", "gunicorn", "clinic.wsgi", DEBUG="0")

    assert result.returncode == 1
    assert result.stderr.startswith("gunicorn: Set SECRET_KEY to a long random text")
    assert result.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def empty_database(django_db_setup):
    """The address of a database on the server of this run that holds tables at most, and no rows."""
    name = f"test_{settings.RUN}_{os.getpid()}_empty"
    parts = connection.settings_dict
    server = {"host": parts["HOST"], "port": parts["PORT"] or None, "user": parts["USER"], "password": parts["PASSWORD"]}
    admin = psycopg2.connect(dbname="postgres", **server)
    admin.autocommit = True
    admin.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {parts['TEST'].get('TEMPLATE') or 'template1'}")
    yield "postgresql:///{}?{}".format(name, "&".join(f"{key}={value}" for key, value in server.items() if value))
    admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    admin.close()


def status(port: int) -> int | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2) as response:
            return response.status
    except OSError:
        return None


@contextmanager
def served(port: int, stop_with: signal.Signals, **settings: str) -> Iterator[list[psutil.Process]]:
    """The server, up and healthy, as its processes; then stopped, after which nothing of it may run or complain."""
    server = start("script/serve.py", PORT=str(port), **settings)
    family: list[psutil.Process] = []
    try:
        deadline = time.monotonic() + 120
        while status(port) != 200:
            assert server.poll() is None, server.stdout.read()
            assert time.monotonic() < deadline, "it does not answer"
            time.sleep(0.1)
        family = psutil.Process(server.pid).children(recursive=True)
        yield family
    finally:
        server.send_signal(stop_with)
        said, _ = server.communicate(timeout=60)

    assert f"http://localhost:{port}" in said
    assert "Traceback" not in said
    assert [process for process in family if process.is_running() and process.status() != psutil.STATUS_ZOMBIE] == []
    assert status(port) is None


@pytest.mark.slow
def test_the_server_fills_an_empty_database_serves_and_leaves_nothing_running(empty_database, free_port):
    with served(free_port, signal.SIGINT, DATABASE_URL=empty_database, DEMO="0") as family:
        assert len(family) >= 4  # gunicorn, two that answer, and the worker

    with served(free_port, signal.SIGTERM, DATABASE_URL=empty_database, DEMO="0"):
        pass  # nothing is loaded a second time, and the port is free again


@pytest.mark.slow
def test_when_a_part_of_the_server_dies_the_rest_stops_and_says_so(empty_database, free_port):
    server = start("script/serve.py", PORT=str(free_port), DATABASE_URL=empty_database, DEMO="0")
    while status(free_port) != 200:
        assert server.poll() is None, server.stdout.read()
        time.sleep(0.1)
    family = psutil.Process(server.pid).children(recursive=True)
    (worker,) = [process for process in family if "worker" in process.cmdline()]

    worker.kill()
    said, _ = server.communicate(timeout=60)

    assert server.returncode == 1
    assert "script/server: worker stopped by itself (exit code -9); everything else is stopped too." in said
    assert status(free_port) is None
