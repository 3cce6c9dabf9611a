"""Children in training, as a browser is told of them: the newest of each worker, a few messages a second in all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

BETWEEN = 0.4  # seconds between two messages
MOST = 100  # children in one message


class News:
    """Keeps the newest word of each worker until the next message goes out."""

    def __init__(self, send: Callable[[dict[str, Any]], Awaitable[None]]) -> None:
        self._send = send
        self._children: dict[str, dict[str, Any]] = {}
        self._some = asyncio.Event()

    def add(self, child: dict[str, Any]) -> None:
        if len(self._children) < MOST or child["worker"] in self._children:
            self._children[child["worker"]] = child
            self._some.set()

    async def tell_for_ever(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            children, self._children = list(self._children.values()), {}
            await self._send({"type": "training", "children": children})
            await asyncio.sleep(BETWEEN)
