import pytest
from django.db import connection

from tests.processes import run


@pytest.mark.django_db
def test_healthz_is_for_everyone_and_is_never_kept(client):
    response = client.get("/healthz")

    assert (response.status_code, response.content) == (200, b"ok")
    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_healthz_says_when_migrations_are_missing(client):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

    response = client.get("/healthz")

    assert (response.status_code, response.content) == (503, b"Migrations not applied: 1. Run manage.py migrate.")


ASK = """
import django; django.setup()
from django.test import Client
response = Client(headers={"host": "localhost"}).get("/healthz")
print(response.status_code, response.content.decode())
"""


def test_healthz_says_when_the_database_cannot_be_reached(free_port):
    result = run("-c", ASK, DATABASE_URL=f"postgresql://nobody@127.0.0.1:{free_port}/none", DEBUG="1")

    assert result.stdout == "503 The database cannot be reached.\n"
