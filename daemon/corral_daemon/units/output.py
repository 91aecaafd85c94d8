"""Read a unit's output as it comes and report it, byte for byte; wait where the reporter does."""

import asyncio
import os

from corral_daemon.ports import Reporter, Unit
from corral_protocol.vocabulary import Stream

CHUNK = 1 << 16
KEPT = {Stream.STDOUT: 1 << 20, Stream.STDERR: 1 << 16}
"""Bytes at the end of each stream that are kept, for adapters and error messages."""


class Output:
    """Both streams of one unit. `mute` stops the reports, not the reading: a full pipe would hold the unit up."""

    def __init__(self, reporter: Reporter, unit: Unit) -> None:
        self._reporter = reporter
        self._unit = unit
        self._turn = asyncio.Lock()
        self._tails = {stream: bytearray() for stream in Stream}
        self._waiting: set[asyncio.Future[None]] = set()
        self._over = asyncio.Event()
        self.mute = False

    def tail(self, stream: Stream) -> bytes:
        return bytes(self._tails[stream])

    async def pump(self, stream: Stream, descriptor: int) -> None:
        """Report everything until the end of the stream, then close the descriptor.

        Without room for it, it is not read, so that the process waits. What is left of a process that has ended is
        little and holds nobody up any more: that is taken, room or not, or the unit could not end.
        """
        offset = 0
        try:
            while data := await self._read(descriptor):
                self._keep(stream, data)
                if not self.mute:
                    async with self._turn:
                        await self._reporter.output(self._unit, stream, offset, data)
                offset += len(data)
        finally:
            os.close(descriptor)

    def finish(self) -> None:
        """The whole tree is gone: what is in the pipes now is all. A stranger may hold them open for ever."""
        self._over.set()
        for waiting in self._waiting:
            _wake(waiting)

    def _keep(self, stream: Stream, data: bytes) -> None:
        tail = self._tails[stream]
        tail += data
        del tail[: -KEPT[stream]]

    async def _read(self, descriptor: int) -> bytes:
        """Return what is there, up to CHUNK bytes, as soon as there is something; nothing at the end."""
        await self._room()
        while True:
            last = self._over.is_set()
            data, ended = _take(descriptor)
            if data or ended or last:
                return data
            await self._readable(descriptor)

    async def _room(self) -> None:
        room = self._reporter.room
        if room.is_set() or self.mute or self._over.is_set():
            return
        waits = [asyncio.create_task(wait) for wait in (room.wait(), self._over.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

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


def _take(descriptor: int) -> tuple[bytes, bool]:
    taken = b""
    while len(taken) < CHUNK:
        try:
            piece = os.read(descriptor, CHUNK - len(taken))
        except BlockingIOError:
            return taken, False
        if not piece:
            return taken, True
        taken += piece
    return taken, False


def _wake(waiting: asyncio.Future[None]) -> None:
    if not waiting.done():
        waiting.set_result(None)
