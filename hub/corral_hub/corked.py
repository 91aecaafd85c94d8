"""A transport that sends what one turn of the loop wrote at the end of it: an answer's head and body leave together.

uvloop sends every write at once. Two writes are two system calls, two packets, and two wake-ups for who reads them.
"""

import asyncio
from typing import Any

MUCH = 1 << 16
"""Bytes that are not held back: whoever writes more than that is to hear how fast they go."""


class Corked:
    """Everything but writing is the plain transport's."""

    def __init__(self, plain: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.plain = plain
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plain, name)

    def write(self, data: bytes) -> None:
        if not self._held:
            self._loop.call_soon(self.let_go)
        self._held.append(data)
        self._size += len(data)
        if self._size >= MUCH:
            self.let_go()

    def let_go(self) -> None:
        held, self._held, self._size = self._held, [], 0
        if held and not self.plain.is_closing():
            self.plain.write(b"".join(held))

    def close(self) -> None:
        self.let_go()
        self.plain.close()
