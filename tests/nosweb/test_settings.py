"""Settings follow the environment; what several processes or libraries share agrees."""

import json
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from nosweb import secret_key
from nosweb.environment import Environment
from searchapp.supervision import redis_address

ROOT = Path(__file__).parent.parent.parent
PRINT = """
import json, sys
from nosweb import settings
print(json.dumps({name: getattr(settings, name) for name in sys.argv[1:]}, default=str))
"""


def settings_with(tmp_path: Path, names: list[str], **variables: str) -> dict[str, object]:
    env = {"VAR_DIR": str(tmp_path), "PATH": "", **variables}
    ran = subprocess.run(
        [sys.executable, "-c", PRINT, *names], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    return dict(json.loads(ran.stdout))


def test_without_any_variable_all_is_local(tmp_path: Path) -> None:
    found = settings_with(tmp_path, ["DEBUG", "REDIS_URL", "REDIS_IS_EMBEDDED", "DATABASES", "HOST", "ALLOWED_HOSTS"])
    assert found["DEBUG"] is False
    assert found["REDIS_IS_EMBEDDED"] is True
    assert found["REDIS_URL"] == f"unix://{tmp_path}/redis/redis.sock"
    assert found["HOST"] == "127.0.0.1"
    databases = found["DATABASES"]
    assert isinstance(databases, dict)
    assert databases["default"]["NAME"] == str(tmp_path / "nos.sqlite3")
    assert databases["default"]["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_servers_are_named_by_variables(tmp_path: Path) -> None:
    found = settings_with(
        tmp_path,
        ["DATABASES", "REDIS_URL", "CELERY_BROKER_URL", "ALLOWED_HOSTS"],
        DATABASE_URL="postgres://me:secret@db:5433/nos",
        REDIS_URL="redis://cache:6379/3",
        ALLOWED_HOSTS="search.example.org",
    )
    databases = found["DATABASES"]
    assert isinstance(databases, dict)
    assert (databases["default"]["HOST"], databases["default"]["PORT"]) == ("db", 5433)
    assert found["REDIS_URL"] == found["CELERY_BROKER_URL"] == "redis://cache:6379/3"
    assert "search.example.org" in list(found["ALLOWED_HOSTS"])  # type: ignore[call-overload]


def test_the_visibility_timeout_is_alike_in_its_three_places() -> None:
    found = {
        settings.CELERY_VISIBILITY_TIMEOUT,
        settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"],
        settings.CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS["visibility_timeout"],
    }
    assert len(found) == 1


def test_the_secret_key_is_made_once_whoever_comes_first(tmp_path: Path) -> None:
    path = tmp_path / "var" / "secret_key"
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: secret_key.read_or_create(path), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret_key"]


@pytest.mark.parametrize(
    ("url", "celery"),
    [
        ("unix:///var/nos/redis.sock", "redis+socket:///var/nos/redis.sock?virtual_host=0"),
        ("unix:///var/nos/redis.sock?db=3", "redis+socket:///var/nos/redis.sock?virtual_host=3"),
        ("redis://:pw@127.0.0.1:6400/1", "redis://:pw@127.0.0.1:6400/1"),
        ("rediss://cache:6379/0", "rediss://cache:6379/0"),
    ],
)
def test_one_address_of_redis_is_spelled_for_celery(url: str, celery: str) -> None:
    assert redis_address.for_celery(url) == celery


@pytest.mark.parametrize("text", ["maybe", "2", "yes please"])
def test_a_switch_that_is_neither_on_nor_off_is_named(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("DEBUG", text)
    with pytest.raises(ImproperlyConfigured, match=r"DEBUG is “.*”; it must be true or false"):
        Environment().switch("DEBUG")


def test_a_database_address_that_is_wrong_is_named_without_its_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "oracle://me:secret-word@db/x")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL cannot be used") as error:
        Environment().database("DATABASE_URL", {})
    assert "secret-word" not in str(error.value)
