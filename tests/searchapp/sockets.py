"""A browser's end of a websocket, for tests. (channels.testing has one, but imports the server daphne.)"""

import json
from typing import Any

from asgiref.testing import ApplicationCommunicator
from asgiref.typing import ASGI3Application


class Socket(ApplicationCommunicator):
    def __init__(self, application: ASGI3Application, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {"type": "websocket", "path": path, "query_string": b"", "headers": headers, "subprotocols": []}
        super().__init__(application, scope)

    async def connect(self) -> None:
        await self.send_input({"type": "websocket.connect"})
        assert (await self.receive_output(5))["type"] == "websocket.accept"

    async def send(self, text: str | None = None, data: bytes | None = None) -> None:
        await self.send_input({"type": "websocket.receive", "text": text, "bytes": data})

    async def replay(self, after: int = 0) -> dict[str, Any]:
        await self.send(json.dumps({"type": "replay", "after": after}))
        return await self.receive()

    async def receive(self, timeout: float = 5, kinds: tuple[str, ...] = ("events", "error")) -> dict[str, Any]:
        """The next message of one of these types; lists of workers come between them by themselves."""
        while True:
            message = await self.receive_output(timeout)
            assert message["type"] == "websocket.send", message
            content = dict(json.loads(message["text"]))
            if content["type"] in kinds:
                return content

    async def closing_code(self) -> int:
        """The code that the server closes with. The application is then told so, as a server tells it, and ends."""
        while (message := await self.receive_output(5))["type"] != "websocket.close":
            pass
        await self.disconnect()
        return int(message["code"])

    async def disconnect(self) -> None:
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait(5)
