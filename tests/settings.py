"""The settings of a test run: those of production where it matters, quick where it does not.

The database is `DATABASE_URL`'s server, or an embedded one of the tests' own beside the one that `script/server` uses.
Each run names its databases after its process, so that several runs may share a server.
"""

import os
from pathlib import Path

from clinic import database
from tests.processes import drop_leftovers

QUICK = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "400"}

os.environ["DEBUG"] = "1"
os.environ["DEMO"] = "0"
if not os.environ.get("DATABASE_URL"):
    os.environ["TEST_SERVER"] = "embedded"
    drop_leftovers(database.start(Path(__file__).resolve().parent.parent / "var" / "postgres-test", QUICK))
EMBEDDED = os.environ.get("TEST_SERVER") == "embedded"
RUN = os.environ.setdefault("TEST_RUN", str(os.getpid()))

from clinic.settings import *  # noqa: E402, F403
from clinic.settings import DATABASES, STORAGES  # noqa: E402

DEBUG = False
SECOND_FACTOR_FOR_STAFF = False  # the tests that are about it switch it on
SECRET_KEY = "a key that only tests use, and that protects nothing at all"
ANSWERS_KEYS = ["dGVzdHMgdXNlIHRoaXMga2V5LCBub2JvZHkgZWxzZSE="]
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
DATABASES["default"] |= {"CONN_MAX_AGE": 0, "TEST": {"NAME": f"test_{RUN}"}}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True
