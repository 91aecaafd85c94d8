"""When a node's function began, told by a datagram on loopback, by all engines alike (some five microseconds)."""

import asyncio
import time
from typing import Any


class Stamps(asyncio.DatagramProtocol):
    """`port` is where to send to. What a datagram says is the steady time at which it was sent."""

    def __init__(self) -> None:
        self.port = 0
        self._next: asyncio.Future[float] | None = None

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self.port = transport.get_extra_info("sockname")[1]

    def datagram_received(self, data: bytes, addr: object) -> None:
        if self._next is not None and not self._next.done():
            self._next.set_result(float(data))

    @classmethod
    async def open(cls) -> "Stamps":
        _, made = await asyncio.get_running_loop().create_datagram_endpoint(cls, ("127.0.0.1", 0))
        return made

    def close(self) -> None:
        self._transport.close()

    async def after(self, begin: "asyncio.Future[bytes]", since: float) -> float:
        """Return the seconds from `since` (steady) to the next stamp; `begin` must have been answered, too."""
        self._next = asyncio.get_running_loop().create_future()
        at = await asyncio.wait_for(self._next, 30)
        await begin
        return at - since


def steady() -> float:
    return time.monotonic()
