"""What a command prints: read as far as there is room for it on the channel, so that a slow reader slows it down."""

import asyncio
import os

from corral_daemon.remote.channel import Channel
from corral_protocol.frames import PAYLOAD_LIMIT, Kind


class Outlet:
    """Both streams of one command, on one channel."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._over = asyncio.Event()
        self._waiting: set[asyncio.Future[None]] = set()

    async def pump(self, kind: Kind, descriptor: int) -> None:
        """Send everything until the end of the stream, then close the descriptor."""
        try:
            while True:
                room = await self._channel.room()
                last = self._over.is_set()
                data = _read(descriptor, min(room, PAYLOAD_LIMIT))
                if data:
                    self._channel.send(kind, data)
                    await asyncio.sleep(0)  # others have their turn in a flood
                elif data is not None or last:
                    return
                else:
                    await self._readable(descriptor)
        finally:
            os.close(descriptor)

    def finish(self) -> None:
        """The whole tree is gone: what is in the pipes now is all. A stranger may hold them open for ever."""
        self._over.set()
        for ready in self._waiting:
            _wake(ready)

    async def _readable(self, descriptor: int) -> None:
        loop = asyncio.get_running_loop()
        ready: asyncio.Future[None] = loop.create_future()
        loop.add_reader(descriptor, _wake, ready)
        self._waiting.add(ready)
        try:
            await ready
        finally:
            self._waiting.discard(ready)
            loop.remove_reader(descriptor)


def _read(descriptor: int, size: int) -> bytes | None:
    """Return what is there, nothing at the end, None while nothing is there."""
    try:
        return os.read(descriptor, size)
    except BlockingIOError:
        return None


def _wake(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)
