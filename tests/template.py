"""A migrated, empty database that test runs copy instead of migrating their own: a second instead of eight.

It is named after the migrations it holds, lies on the tests' embedded server, and is made by the first run that needs it.
"""

import fcntl
import hashlib

import psycopg2

from clinic.database import DATABASE
from tests.processes import ROOT, run

SOURCES = ("requirements.txt", "clinic/apps.py", "clinic/settings.py", "*/migrations/*.py")
LOCK = ROOT / "var" / "test-template.lock"


def template(server: str) -> str:
    """The name of the template on the embedded server, whose address is `server`; made first where there is none."""
    name = f"template_{digest()}"
    connection = psycopg2.connect(server)
    connection.autocommit = True
    with LOCK.open("w") as lock, connection.cursor() as cursor:
        fcntl.flock(lock, fcntl.LOCK_EX)
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^template_[0-9a-f]{12}'")
        found = {row[0] for row in cursor.fetchall()}
        if name not in found:
            for old in found:
                cursor.execute(f"DROP DATABASE {old} WITH (FORCE)")
            make(name, server, cursor)
    connection.close()
    return name


def make(name: str, server: str, cursor: psycopg2.extensions.cursor) -> None:
    """Migrate a new database, which takes the name only when it is whole."""
    cursor.execute(f"CREATE DATABASE {name}_unfinished")
    address = server.replace(f"/{DATABASE}?", f"/{name}_unfinished?")
    result = run("manage.py", "migrate", "--verbosity=0", timeout=300, DATABASE_URL=address, DEBUG="1")
    if result.returncode:
        raise RuntimeError(f"The migrations do not run:\n{result.stderr}")
    cursor.execute(f"ALTER DATABASE {name}_unfinished RENAME TO {name}")


def digest() -> str:
    """Twelve letters that change with anything that shapes an empty database."""
    content = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        content.update(path.read_bytes())
    return content.hexdigest()[:12]
