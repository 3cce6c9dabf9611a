"""Behind TLS the application is as strict as Django asks, and it does not start with what anybody could guess."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = (ROOT / ".env.example").read_text()
GOOD_KEY = "qX3v-9fLr0aZtYw2Bk7uHc5eJm8sPd1gNi4oRx6T_yUvKbQhWzEjSl"


def manage(var_dir: Path, *words: str, **variables: str) -> "subprocess.CompletedProcess[str]":
    env = {"VAR_DIR": str(var_dir), "PATH": os.environ["PATH"], **variables}
    command = [sys.executable, "manage.py", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False)


def test_the_deployment_check_finds_nothing(tmp_path: Path) -> None:
    ran = manage(
        tmp_path,
        *("check", "--deploy", "--fail-level", "WARNING"),
        **{"HTTPS": "true", "SECRET_KEY": GOOD_KEY, "ALLOWED_HOSTS": "search.example.org"},
    )
    assert ran.returncode == 0, ran.stderr
    assert "no issues" in ran.stdout
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("key", ["a-brief-one", "a" * 60, "django-insecure-" + GOOD_KEY])
@pytest.mark.parametrize("https", ["true", "false"])
def test_a_key_that_can_be_guessed_is_refused(tmp_path: Path, key: str, https: str) -> None:
    ran = manage(tmp_path, "check", HTTPS=https, SECRET_KEY=key)
    assert ran.returncode != 0
    assert "SECRET_KEY is too short or too simple" in ran.stderr
    assert key not in ran.stderr


def test_a_developer_may_use_any_key_and_needs_none(tmp_path: Path) -> None:
    assert manage(tmp_path, "check", DEBUG="true", SECRET_KEY="short").returncode == 0
    assert manage(tmp_path, "check", HTTPS="true").returncode == 0  # the one in the var folder is a good one
    assert manage(tmp_path, "check", DEBUG="true", HTTPS="true", SECRET_KEY="short").returncode != 0


ASK = """
import json
from django.test import Client
import django
django.setup()
found = {}
for name, host, more in (
    ("ours", "search.example.org", {"secure": True, "headers": {"x-forwarded-proto": "https"}}),
    ("plain", "search.example.org", {}),
    ("other", "evil.example.org", {"headers": {"x-forwarded-proto": "https"}}),
    ("health", "localhost", {}),
):
    path = "/healthz" if name == "health" else "/accounts/login/"
    answer = Client(raise_request_exception=False).get(path, HTTP_HOST=host, **more)
    cookies = {key: bool(morsel["secure"]) for key, morsel in answer.cookies.items()}
    found[name] = [answer.status_code, answer.headers.get("Strict-Transport-Security"), cookies]
print(json.dumps(found))
"""


def test_https_means_secure_cookies_hsts_and_our_hosts_only(tmp_path: Path) -> None:
    env = {
        "VAR_DIR": str(tmp_path),
        "PATH": "",
        "HTTPS": "true",
        "SECRET_KEY": GOOD_KEY,
        "ALLOWED_HOSTS": "search.example.org",
        "DJANGO_SETTINGS_MODULE": "nosweb.settings",
    }
    manage(tmp_path, "collectstatic", "--noinput", **env)
    ran = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found = ast.literal_eval(ran.stdout.replace("true", "True").replace("false", "False").replace("null", "None"))
    assert found["ours"] == [200, "max-age=2592000; includeSubDomains", {"csrftoken": True}]
    assert found["plain"][0] == 301
    assert found["other"][0] == 400
    assert found["health"][0] in {200, 503}  # answered over plain HTTP, whatever is there


def variables_read() -> set[str]:
    tree = ast.parse((ROOT / "nosweb" / "settings.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    ours = [call for call in calls if isinstance(call.func.value, ast.Name) and call.func.value.id == "env"]
    return {call.args[0].value for call in ours if isinstance(call.args[0], ast.Constant)} - {None}


def test_every_variable_that_the_settings_read_is_explained() -> None:
    found = variables_read()
    assert {"VAR_DIR", "HTTPS", "SECRET_KEY", "METRICS_TOKEN"} <= found
    assert found <= set(re.findall(r"^#([A-Z_]+)=", EXAMPLE, re.M))


def test_the_example_names_no_variable_that_nobody_reads() -> None:
    elsewhere = (ROOT / "docker-compose.yml").read_text() + "".join(
        path.read_text() for path in (ROOT / "engine").rglob("*.py")
    )
    for name in re.findall(r"^#([A-Z_]+)=", EXAMPLE, re.M):
        assert name in variables_read() or name in elsewhere, name
