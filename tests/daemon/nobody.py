"""Parts of a daemon in which nothing happens, for tests that are about others."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from corral_protocol.to_daemon import OfRemote


class FakeMail:
    """Implements ports.Mail: everything is in the inbox."""

    def take(self, message: Any, received: Callable[[int], None]) -> None:
        if message.delivery is not None:
            received(message.delivery)

    async def close(self) -> None:
        return None


class FakeRemote:
    """Implements ports.Remote: nothing is run, no file is there."""

    def __init__(self) -> None:
        self.heard: list[Any] = []
        self.taken: list[bytes] = []

    async def serve(self, send: Callable[[bytes], Awaitable[None]], say: Callable[[Any], Awaitable[None]]) -> None:
        await asyncio.Event().wait()

    def hear(self, message: OfRemote) -> None:
        self.heard.append(message)

    def take(self, frame: bytes) -> None:
        self.taken.append(frame)

    async def close(self) -> None:
        return None
