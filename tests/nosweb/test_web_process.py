"""The web process stays light, and says whether it is well."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

ROOT = Path(__file__).parent.parent.parent

LOAD_EVERYTHING = """
import sys
import nosweb.asgi
from django.urls import get_resolver
def load(resolver):
    for pattern in resolver.url_patterns:
        load(pattern) if hasattr(pattern, "url_patterns") else pattern.callback
load(get_resolver())
import searchapp.services, searchapp.selectors, searchapp.estimates, searchapp.consumers
import engine.export, engine.config, engine.registry, engine.children.process
import engine.evaluation.surfaces, engine.evaluation.transfers, engine.evaluation.confirm
heavy = sorted({"torch", "torchvision", "sklearn"} & sys.modules.keys())
sys.exit(f"the web process has loaded {heavy}" if heavy else 0)
"""


def test_the_web_process_never_imports_torch(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LOAD_EVERYTHING]
    env = {"VAR_DIR": str(tmp_path / "var"), "DJANGO_SETTINGS_MODULE": "nosweb.settings", "PATH": ""}
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.django_db
def test_health_is_the_database_and_redis(client: Client) -> None:
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"database": "ok", "redis": "ok"}


@pytest.mark.django_db
def test_health_names_the_part_that_cannot_be_reached(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "REDIS_URL", "redis://127.0.0.1:1/0")
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json() == {"database": "ok", "redis": "unreachable (ConnectionError)"}


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/accounts/login/", "/healthz", "/no-such-page/"])
def test_every_answer_carries_the_security_headers(client: Client, address: str) -> None:
    headers = client.get(address).headers
    policy = dict(part.split(maxsplit=1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["script-src"] == policy["default-src"] == policy["connect-src"] == "'self'"
    assert policy["object-src"] == policy["frame-ancestors"] == "'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
