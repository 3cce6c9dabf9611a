"""The server's API as this machine calls it; whatever goes wrong is one sentence and an exit code."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx

TOKEN = "NOS_TOKEN"
SERVER = "NOS_SERVER"
REFUSED, WRONG_VALUE = 1, 2  # exit codes
TIMEOUT = httpx.Timeout(30.0, connect=5.0)  # seconds
BRIEFLY_AWAY = {429, 500, 502, 503, 504}  # statuses after which the same request may succeed
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class RemoteError(Exception):
    """What the server or the way to it does not allow, as a sentence, and the exit code that it means."""

    def __init__(self, message: str, code: int = REFUSED) -> None:
        super().__init__(message)
        self.code = code


class Unreachable(RemoteError):
    """No answer, or none that counts: asking again later may help."""


class Remote:
    """One server, in the name of the token's owner."""

    def __init__(self, server: str | None, transport: httpx.BaseTransport | None = None) -> None:
        self.server = _address(server)
        headers = {"Authorization": f"Bearer {_token()}", "Accept": "application/json"}
        # No redirect is followed: a token belongs to the server that it was meant for.
        self.http = httpx.Client(base_url=self.server, headers=headers, timeout=TIMEOUT, transport=transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.http.close()

    @property
    def is_in_the_clear(self) -> bool:
        """Whether the token goes to another machine unencrypted."""
        url = self.http.base_url
        return url.scheme == "http" and url.host not in LOOPBACK

    def get(self, path: str, **query: Any) -> Any:
        return _json(self._answer("GET", path, params=query))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        return _json(self._answer("POST", path, json=body or {}))

    def file(self, path: str) -> httpx.Response:
        return self._answer("GET", path)

    def _answer(self, method: str, path: str, **request: Any) -> httpx.Response:
        try:
            answer = self.http.request(method, f"/api/{path}", **request)
        except httpx.HTTPError as error:
            raise Unreachable(_unreachable(self.server, method, error)) from None
        if answer.status_code in BRIEFLY_AWAY:
            raise Unreachable(f"{self.server} answers with status {answer.status_code}: {_sentence(answer)}")
        if answer.is_redirect:
            raise RemoteError(f"{self.server} sends on to {answer.headers['Location']}; give that server's address.")
        if answer.is_error:
            raise RemoteError(_sentence(answer), WRONG_VALUE if answer.status_code == 422 else REFUSED)
        return answer


def _address(server: str | None) -> str:
    """Raises RemoteError unless it is the address of a server."""
    given = (server or os.environ.get(SERVER, "")).strip().rstrip("/")
    if not given:
        raise RemoteError(f"Name the server: --server http://host:8000, or {SERVER} in the environment.", WRONG_VALUE)
    try:
        url = httpx.URL(given)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.path.strip("/") or url.query or url.userinfo:
        raise RemoteError(f"“{given}” is no server's address; write it as http://host:8000.", WRONG_VALUE)
    return given


def _token() -> str:
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        hint = "make a token on the server's page Account, API tokens"
        raise RemoteError(f"There is no {TOKEN} in the environment; {hint}.", WRONG_VALUE)
    if not token.isascii() or not token.isprintable():
        raise RemoteError(f"{TOKEN} holds characters that no token has.", WRONG_VALUE)
    return token


def _unreachable(server: str, method: str, error: httpx.HTTPError) -> str:
    reason = str(error) or type(error).__name__
    hint = " What was asked for may have been done; look before asking again." if method == "POST" else ""
    return f"{server} does not answer ({reason}).{hint}"


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        raise RemoteError(f"{answer.url} does not answer as this application's server does.") from None


def _sentence(answer: httpx.Response) -> str:
    """The server's own sentences, on one line each."""
    try:
        told = answer.json()
    except ValueError:
        told = {}
    if isinstance(told, dict) and isinstance(told.get("errors"), dict):
        return "\n".join(f"{field}: {' '.join(map(str, texts))}" for field, texts in told["errors"].items())
    if isinstance(told, dict) and told.get("message"):
        return str(told["message"])
    return f"{answer.url} answers with status {answer.status_code}."
