"""The product's settings, with the few that a test run changes.

Every test process has a var folder of its own. Unless TEST_DATABASE_URL and TEST_REDIS_URL name servers, its database
is SQLite and its Redis the embedded one (tests/conftest.py starts it). Django makes and drops the test database.
"""

import atexit
import os
import shutil
import tempfile

VAR = tempfile.mkdtemp(prefix="nos-test-")
atexit.register(shutil.rmtree, VAR, ignore_errors=True)
os.environ["VAR_DIR"] = VAR
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["DATABASE_URL"] = os.environ.get("TEST_DATABASE_URL", "")
os.environ["REDIS_URL"] = os.environ.get("TEST_REDIS_URL", "")
os.environ["REDIS_PREFIX"] = f"nos-test-{os.getpid()}"
os.environ["SECRET_KEY"] = "not a secret: for tests only, and as long as one has to be"

from nosweb.settings import *  # noqa: E402, F403
from nosweb.settings import DATABASES, STORAGES, VAR_DIR  # noqa: E402

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, as in production: threads and processes of a test see the same rows.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "test.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick; the tests make many people
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
