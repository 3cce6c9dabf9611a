"""No request makes the API answer 5xx or something that its description does not have, and no frame breaks the socket.

Schemathesis writes the requests from /api/openapi.json, right and wrong ones, as a program with a token does.
The budget is small and each run is the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

import pytest
import schemathesis
from asgiref.sync import sync_to_async
from django.contrib.auth.models import User
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from searchapp.api import api
from searchapp.frames import LONGEST_FRAME, BadFrame, read_replay
from searchapp.models import Search
from searchapp.tokens import keeping
from tests.searchapp.sockets import Socket
from tests.searchapp.test_consumer import connect, quick_goodbyes

__all__ = ["quick_goodbyes"]  # a fixture
EXAMPLES = 8  # requests of a kind, to each address
CHECKS = [
    schemathesis.checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
QUIET = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
BUDGET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=QUIET,
)


@lru_cache(maxsize=1)
def operations() -> dict[str, Any]:
    description = api.get_openapi_schema(path_prefix="/api/")
    schema = schemathesis.openapi.from_dict(json.loads(json.dumps(description)))
    schema.app = WSGIHandler()
    found = (one.ok() for one in schema.get_all_operations())
    return {f"{one.method.upper()} {one.path}": one for one in found}


@pytest.fixture
def one_connection() -> Iterator[None]:
    """The end of a request would close the connection that the test's transaction is on."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def token(owner: User) -> str:
    return keeping.create_token(owner=owner, name="fuzz").text


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/nothing", "/api/searches/-1/baselines", "/api/searches/x"])
def test_an_address_that_is_none_is_told_in_json(mine: Client, address: str) -> None:
    answer = mine.get(address)
    assert (answer.status_code, answer.json()) == (404, {"message": "The API has no such address."})
    assert mine.get("/nothing/")["Content-Type"].startswith("text/html")


@pytest.mark.django_db
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("name", operations())
def test_whatever_is_sent_the_answer_is_one_that_is_described(name: str, trained_search: Search, token: str) -> None:
    """Half of the requests name a search that is there; what they change is undone."""
    operation = operations()[name]
    there = {"search_id": trained_search.pk, "index": 0}

    def ask(case: Any, real: bool) -> None:
        if real:
            case.path_parameters |= {key: there[key] for key in there if key in case.path_parameters}
        with transaction.atomic():
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, checks=CHECKS)
            transaction.set_rollback(True)

    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        try:
            cases = operation.as_strategy(generation_mode=mode)
        except schemathesis.errors.SchemathesisError:
            continue  # nothing about this address can be wrong
        BUDGET(given(case=cases, real=st.booleans())(ask))()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=10,
)
REQUEST = st.fixed_dictionaries({"type": st.just("replay") | JSON}, optional={"after": JSON})
TEXTS = st.text(max_size=80) | (JSON | REQUEST).map(json.dumps)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXTS)
def test_a_frame_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        after = read_replay(text)
    except BadFrame as error:
        after, sentence = 0, str(error)
    else:
        sentence = "."
    assert sentence.endswith(".")
    assert 0 <= after < 2**63


FRAMES = st.lists(TEXTS | st.binary(max_size=80), min_size=1, max_size=6)


@pytest.mark.django_db(transaction=True)
async def test_no_frame_breaks_the_socket(make_search: Callable[..., Search], owner: User) -> None:
    """After any frames the socket still answers a request, or has closed with a code of its own."""
    search = await sync_to_async(make_search)()
    examples: list[list[str | bytes]] = []

    @settings(max_examples=12, deadline=None, derandomize=True, database=None, phases=[Phase.generate])
    @given(FRAMES)
    def choose(frames: list[str | bytes]) -> None:
        examples.append(frames)

    choose()
    assert len(examples) >= 10
    for frames in examples:
        socket = await connect(search.pk, owner)
        await asyncio.wait_for(send_all(socket, frames), 20)
        answer = await socket.replay(0)
        while answer["type"] == "error" or not answer["events"]:
            answer = await socket.receive()
        assert answer["events"][0]["seq"] == 1
        await socket.disconnect()


async def send_all(socket: Socket, frames: list[str | bytes]) -> None:
    for frame in frames:
        assert len(frame) <= LONGEST_FRAME
        await (socket.send(data=frame) if isinstance(frame, bytes) else socket.send(frame))
