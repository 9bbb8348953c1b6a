"""Databases to measure on: a busy clinic built once and kept as a template, and a copy of it for each row."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from benchmarks import busy_clinic

ROOT = Path(__file__).resolve().parent.parent
MIGRATIONS = [path for app in ("clinic", "treatments", "bookings") for path in sorted((ROOT / app / "migrations").glob("0*.py"))]


@contextmanager
def empty() -> Iterator[None]:
    """Point Django at a new database with nothing in it but the tables; drop it in the end."""
    name = f"cadence_bench_empty_{os.getpid()}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    home = _switch_to(name)
    try:
        call_command("migrate", verbosity=0)
        yield
    finally:
        _drop(name, home)


@contextmanager
def copied(past_years: int = 1) -> Iterator[None]:
    """Point Django at a fresh copy of the busy clinic with so many years behind it; drop it in the end."""
    template, copy = _template(past_years), f"cadence_bench_{os.getpid()}"
    home = _switch_to(connection.settings_dict["NAME"])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {copy} TEMPLATE {template}")
    _switch_to(copy)
    try:
        yield
    finally:
        _drop(copy, home)


def floor(name: str) -> str:
    """The statement of that name in floors.sql."""
    statements = (Path(__file__).parent / "floors.sql").read_text().split("-- name: ")
    return next(text.removeprefix(name).strip() for text in statements if text.startswith(f"{name}\n"))


def _template(past_years: int) -> str:
    """The template's name; it is built when there is none for this code yet."""
    sources = [Path(busy_clinic.__file__), *MIGRATIONS]
    written = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:12]
    name = f"cadence_bench_{past_years}y_{written}"
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone():
            return name
        unfinished = f"{name}_unfinished"
        cursor.execute(f"DROP DATABASE IF EXISTS {unfinished}")
        cursor.execute(f"CREATE DATABASE {unfinished}")
    home = _switch_to(unfinished)
    call_command("migrate", verbosity=0)
    busy_clinic.build(past_years)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    _switch_to(home)
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {unfinished} RENAME TO {name}")
    return name


def _drop(name: str, home: str) -> None:
    _switch_to(home)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _switch_to(name: str) -> str:
    """Let Django's connection use another database of the same server; the name of the one before."""
    connection.close()
    before: str = connection.settings_dict["NAME"]
    connection.settings_dict["NAME"] = name
    return before
