"""Both ways to PostgreSQL: the address in DATABASE_URL, and the server that comes with the project."""

import json
import os
import signal
import socket
import stat
from pathlib import Path

import psutil
import psycopg2
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from clinic import database
from tests.processes import run, start

OWNER = """
import pathlib, sys, time
from clinic import database
print(database.start(pathlib.Path(sys.argv[1]), {"fsync": "off"}), flush=True)
time.sleep(float(sys.argv[2]))
"""
CONNECT = """
import os, psycopg2
psycopg2.connect(os.environ["DATABASE_URL"])
"""


def server_process(folder: Path) -> int | None:
    """The server's process, or None when none runs."""
    try:
        pid = int((folder / "postmaster.pid").read_text().split()[0])
    except FileNotFoundError:
        return None
    return pid if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE else None


def answers(url: str) -> bool:
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT upper('é') = 'É'")
        (answer,) = cursor.fetchone()
    connection.close()
    return answer


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Where the tests below start a server of their own; made by the first, found stopped by the others."""
    return tmp_path_factory.mktemp("pg") / "data"


# The embedded server --------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_this_very_run_is_on_postgresql_15_or_newer_with_a_database_of_its_own():
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_database(), current_setting('server_encoding')")
        name, encoding = cursor.fetchone()

    assert name.startswith("test_")
    assert encoding == "UTF8"
    assert connection.pg_version >= database.OLDEST_SERVER


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_server_stops_with_its_owner_however_politely_that_one_is_ended(folder, number):
    owner = start("-c", OWNER, str(folder), "60")
    url = owner.stdout.readline().strip()
    assert answers(url)

    owner.send_signal(number)
    owner.communicate(timeout=60)

    assert server_process(folder) is None


@pytest.mark.slow
def test_a_server_left_behind_is_adopted_and_then_stopped(folder):
    killed = start("-c", OWNER, str(folder), "60")
    url = killed.stdout.readline().strip()
    left_over = server_process(folder)
    killed.kill()
    killed.communicate()
    assert server_process(folder) == left_over is not None

    heir = start("-c", OWNER, str(folder), "60")
    assert heir.stdout.readline().strip() == url
    assert answers(url)
    assert server_process(folder) == left_over
    heir.terminate()
    heir.communicate(timeout=60)

    assert server_process(folder) is None


@pytest.mark.slow
def test_a_server_serves_several_and_stops_with_the_last(folder):
    first = start("-c", OWNER, str(folder), "60")
    second = start("-c", OWNER, str(folder), "60")
    urls = {first.stdout.readline().strip(), second.stdout.readline().strip()}
    assert len(urls) == 1

    first.terminate()
    first.communicate(timeout=60)
    assert answers(urls.pop())
    second.terminate()
    second.communicate(timeout=60)

    assert server_process(folder) is None


@pytest.mark.slow
def test_a_deep_folder_with_blanks_in_its_name_serves_too(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pg") / "a folder, with blanks & more" / ("deep" * 30) / "data"
    folder.parent.mkdir(parents=True)

    result = run("-c", OWNER + CONNECT, str(folder), "0")

    assert result.returncode == 0, result.stderr
    assert (folder / "PG_VERSION").exists()
    assert server_process(folder) is None


@pytest.mark.slow
def test_what_a_crash_left_is_not_taken_for_a_running_server(folder):
    run("-c", OWNER, str(folder), "0")
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n{folder}\n1\n5432\n{folder}\n\n1 1\nready\n")
    (folder / ".handle_pids.json").write_text(json.dumps([os.getpid(), 1]))
    os.utime(folder / ".handle_pids.json", (1, 1))

    owner = start("-c", OWNER, str(folder), "60")
    assert answers(owner.stdout.readline().strip())
    owner.terminate()
    owner.communicate(timeout=60)

    assert server_process(folder) is None


@pytest.mark.slow
def test_only_its_owner_reaches_a_server_that_asks_for_no_password(folder):
    owner = start("-c", OWNER, str(folder), "60")
    owner.stdout.readline()
    try:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert stat.S_IMODE((folder / ".s.PGSQL.5432").stat().st_mode) == 0o700
        assert not psutil.Process(server_process(folder)).net_connections("tcp")
    finally:
        owner.terminate()
        owner.communicate(timeout=60)


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path):
    (tmp_path / "var").write_text("in the way")

    result = run("-c", OWNER, str(tmp_path / "var" / "postgres"), "0")

    assert result.stderr.splitlines()[-1].startswith(
        "django.core.exceptions.ImproperlyConfigured: The bundled PostgreSQL did not start ("
    )


# A server reached by its address ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def other_server(tmp_path_factory):
    """A second PostgreSQL on a TCP port of this machine, as an operator would run one; yields its port."""
    library = database._library()
    folder = tmp_path_factory.mktemp("other") / "data"
    database._create(folder, {"fsync": "off"})
    account = folder.owner() if os.geteuid() == 0 else None
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = f"-h 127.0.0.1 -p {port} -c unix_socket_directories=''"
    library.pg_ctl(["-w", "-o", options, "-l", str(folder / "log"), "start"], pgdata=folder, user=account)
    yield port
    library.pg_ctl(["-w", "-m", "fast", "stop"], pgdata=folder, user=account)


MIGRATE_AND_ASK = """
from django.core.management import call_command
import django; django.setup()
call_command("migrate", verbosity=0)
from django.test import Client
print(Client(headers={"host": "localhost"}).get("/healthz").status_code)
from django.db import connection
print(connection.settings_dict["HOST"], connection.settings_dict["NAME"])
"""


@pytest.mark.slow
def test_another_server_is_reached_over_tcp_by_its_address(other_server):
    address = f"postgres://postgres:any@127.0.0.1:{other_server}"
    admin = psycopg2.connect(f"{address}/postgres")
    admin.autocommit = True
    admin.cursor().execute('CREATE DATABASE "the clinic"')
    admin.close()

    result = run("-c", MIGRATE_AND_ASK, DATABASE_URL=f"{address}/the%20clinic?sslmode=disable&connect_timeout=5", DEBUG="1")

    assert result.stdout == "200\n127.0.0.1 the clinic\n", result.stderr


def test_an_address_may_hold_anything_that_postgresql_allows():
    found = database.config("postgresql://us%40er:p%2Fw%3A@[::1]:6432/caf%C3%A9?sslmode=verify-full&sslrootcert=/etc/ca.pem")

    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "us@er",
        "p/w:",
        "::1",
        "6432",
        "café",
    )
    assert found["OPTIONS"] == {"sslmode": "verify-full", "sslrootcert": "/etc/ca.pem"}


@pytest.mark.parametrize("address", ["postgresql:///cadence?host=/run/Postgres", "postgres://%2Frun%2FPostgres/cadence"])
def test_a_socket_is_an_address_too(address):
    found = database.config(address)

    assert (found["HOST"], found["NAME"], found["OPTIONS"]) == ("/run/Postgres", "cadence", {})


def test_a_server_older_than_15_is_refused_with_its_version():
    database.refuse_old_server(150_000)

    with pytest.raises(
        ImproperlyConfigured, match=r"^Cadence needs PostgreSQL 15 or newer, and DATABASE_URL leads to PostgreSQL 14:"
    ):
        database.refuse_old_server(140_011)


@pytest.mark.django_db
def test_every_connection_is_checked_for_its_servers_version(monkeypatch):
    another = connection.copy()
    monkeypatch.setattr(database, "OLDEST_SERVER", 990_000)

    with pytest.raises(ImproperlyConfigured, match=r"^Cadence needs PostgreSQL 99 or newer, "):
        another.ensure_connection()
    another.close()
