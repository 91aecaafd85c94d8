"""One channel to the hub: what goes out stays within the window, what has come in is acknowledged."""

import asyncio
from collections.abc import Callable

from corral_daemon.errors import RemoteFailed
from corral_protocol.credit import Credit
from corral_protocol.frames import Kind, pack
from corral_protocol.remote import WINDOW, RemoteRefused
from corral_protocol.to_hub import OfRemote

Post = Callable[[bytes | OfRemote], None]
"""Puts frames and messages on their way, in this order."""


class Channel:
    def __init__(self, number: int, post: Post) -> None:
        self.number = number
        self._post = post
        self._credit = Credit(WINDOW)
        self._roomy = asyncio.Event()
        self._roomy.set()

    @property
    def sent(self) -> int:
        return self._credit.sent

    def say(self, message: OfRemote) -> None:
        self._post(message)

    def refuse(self, error: RemoteFailed) -> None:
        refused = RemoteRefused(
            channel=self.number, code=error.code, detail=str(error), hint=error.hint, version=error.version
        )
        self._post(refused)

    def begin_at(self, offset: int) -> None:
        """Count bytes from here on: what is sent begins in the middle of a file."""
        self._credit = Credit(WINDOW, offset)

    async def room(self) -> int:
        """Return how many bytes may be sent, once there are any."""
        while not self._credit.room:  # another stream of this channel may have been quicker
            await self._roomy.wait()
        return self._credit.room

    def send(self, kind: Kind, data: bytes) -> None:
        """Send what there was room for."""
        self._post(pack(kind, self.number, self._credit.send(len(data)), data))
        if not self._credit.room:
            self._roomy.clear()

    def acknowledged(self, offset: int) -> None:
        """Raises Malformed."""
        self._credit.acknowledge(offset)
        if self._credit.room:
            self._roomy.set()

    def acknowledge(self, offset: int) -> None:
        """Everything that came in before `offset` was taken."""
        self._post(pack(Kind.ACK, self.number, offset))
