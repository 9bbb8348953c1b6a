"""The settings of a measurement: those of production, on the database server that `script/server` uses."""

import os

os.environ["DEBUG"] = "1"
os.environ["DEMO"] = "0"

from clinic.settings import *  # noqa: F403
from clinic.settings import DATABASES

DEBUG = False
ALLOWED_HOSTS = ["testserver"]
DATABASES["default"]["CONN_MAX_AGE"] = None
