"""Wrong passwords: a few are forgiven, then the name is locked for the address that they came from."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from nosweb import settings
from searchapp.supervision.programs import programs

pytestmark = pytest.mark.django_db
SIGN_IN = "/accounts/login/"


def sign_in(password: str, name: str = "owner", **request: Any) -> Any:
    return Client().post(SIGN_IN, {"username": name, "password": password}, **request)


def fail(times: int, **request: Any) -> Any:
    return [sign_in("a wrong one", **request) for _ in range(times)][-1]


def test_after_five_wrong_passwords_the_right_one_waits_too(owner: User) -> None:
    assert fail(settings.AXES_FAILURE_LIMIT - 1).status_code == 200
    answer = fail(1)
    assert answer.status_code == 429
    assert sign_in("owner-password").status_code == 429
    page = answer.content.decode()
    assert "Sign-in is locked for a while" in page
    assert "Wait 15 minutes" in page
    assert "“owner”" in page
    assert "<header" in page


def test_four_wrong_ones_are_forgotten_by_a_right_one(owner: User) -> None:
    for _ in range(2):
        fail(settings.AXES_FAILURE_LIMIT - 1)
        assert sign_in("owner-password").status_code == 302


def test_the_lock_ends_by_itself_and_trying_does_not_make_it_longer(owner: User) -> None:
    fail(settings.AXES_FAILURE_LIMIT + 3)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert sign_in("owner-password").status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert sign_in("owner-password").status_code == 302


def test_nobody_else_is_locked_out(owner: User, stranger: User) -> None:
    fail(settings.AXES_FAILURE_LIMIT, REMOTE_ADDR="192.0.2.7")
    assert sign_in("owner-password", REMOTE_ADDR="192.0.2.7").status_code == 429
    assert sign_in("owner-password", REMOTE_ADDR="192.0.2.8").status_code == 302
    assert sign_in("stranger-password", "stranger", REMOTE_ADDR="192.0.2.7").status_code == 302


def test_a_header_is_no_address(owner: User) -> None:
    """Whoever writes another X-Forwarded-For with each try is counted all the same."""
    for number in range(settings.AXES_FAILURE_LIMIT):
        fail(1, HTTP_X_FORWARDED_FOR=f"192.0.2.{number}")
    assert sign_in("owner-password", HTTP_X_FORWARDED_FOR="192.0.2.99").status_code == 429


def test_the_admin_page_is_locked_with_it(owner: User) -> None:
    fail(settings.AXES_FAILURE_LIMIT)
    answer = Client().post("/admin/login/", {"username": "owner", "password": "owner-password"})
    assert answer.status_code == 429


def test_no_password_is_kept(owner: User) -> None:
    fail(2)
    rows = [str(row) for row in AccessAttempt.objects.values_list()]
    assert rows
    assert not any("a wrong one" in row for row in rows)


@pytest.mark.parametrize(
    ("trusted", "seen"), [(settings.FORWARDED_ALLOW_IPS, "192.0.2.1"), ("192.0.2.1", "198.51.100.9")]
)
def test_a_proxy_is_believed_only_when_it_is_named(trusted: str, seen: str) -> None:
    """What uvicorn makes of the header, by default and where FORWARDED_ALLOW_IPS names the proxy."""
    found: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        found.append(scope["client"][0])

    scope = {"type": "http", "client": ("192.0.2.1", 1), "headers": [(b"x-forwarded-for", b"198.51.100.9")]}
    asyncio.run(ProxyHeadersMiddleware(application, trusted)(scope, None, None))  # type: ignore[arg-type]
    assert found == [seen]


def test_the_web_server_is_told_whom_to_believe() -> None:
    web = next(program for program in programs("127.0.0.1", 8000, 1) if program.name == "web")
    assert web.command[web.command.index("--forwarded-allow-ips") + 1] == settings.FORWARDED_ALLOW_IPS == ""
