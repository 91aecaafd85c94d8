"""One channel to a machine, as whoever asked sees it. What comes in waits here, a window of it at most."""

import asyncio
from collections import deque
from typing import Final
from uuid import UUID

from corral_hub.errors import Conflict, Refused
from corral_hub.sessions.feeds import Lines
from corral_protocol.codec import Malformed
from corral_protocol.credit import Credit
from corral_protocol.frames import HEADER, PAYLOAD_LIMIT, Kind, pack, read_header
from corral_protocol.remote import (
    WINDOW,
    ExecEnded,
    FileDone,
    FileListing,
    FileOpened,
    FileReady,
    FileStatus,
    RemoteRefused,
    RemoteStop,
)
from corral_protocol.to_daemon import ToDaemon
from corral_protocol.to_hub import OfRemote

LAST: Final = (ExecEnded, RemoteRefused, FileListing, FileStatus, FileDone)
"""Nothing more comes after these."""
_FROM_MACHINES = frozenset({Kind.STDOUT, Kind.STDERR, Kind.CHUNK, Kind.ACK})


class Call:
    """`over`: the machine has said its last word, or is gone; nothing is said to it any more."""

    def __init__(self, lines: Lines, number: int, server_id: UUID, server_name: str, passes_acks: bool = False) -> None:
        """`passes_acks`: whoever asked keeps to the window itself, and is told what the machine has taken."""
        self.number = number
        self.server_id = server_id
        self.server_name = server_name
        self.over = False
        self._lines = lines
        self._passes_acks = passes_acks
        self._to_machine = Credit(WINDOW)
        self._from_machine = Credit(WINDOW)
        self._ended_input = False
        self._roomy = asyncio.Event()
        self._inbox: deque[bytes | OfRemote] = deque()
        self._trouble: Refused | None = None
        self._news = asyncio.Event()

    # -- whoever asked ----------------------------------------------------------------

    async def next(self) -> bytes | OfRemote:
        """Return the next frame or message. Raises Conflict once the machine is gone and nothing waits any more."""
        while not self._inbox:
            if self._trouble is not None:
                raise self._trouble
            self._news.clear()
            await self._news.wait()
        return self._inbox.popleft()

    def say(self, message: ToDaemon) -> None:
        if not self.over:
            self._lines.send(self.server_id, message)

    def acknowledge(self, offset: int) -> None:
        """Everything before `offset` was taken. Raises Malformed for what never came."""
        before = self._from_machine.acked
        self._from_machine.acknowledge(offset)
        if offset > before:
            self._send(pack(Kind.ACK, self.number, offset))

    def forward(self, kind: Kind, offset: int, payload: bytes | memoryview) -> None:
        """Pass on what a caller sends within the window. Raises Malformed."""
        size, credit = len(payload), self._to_machine
        if offset != credit.sent or size > PAYLOAD_LIMIT or not credit.allows(size) or self._ended_input:
            raise Malformed("", f"{size} bytes at {offset} do not follow on, or are beyond the window")
        self._ended_input = not size
        credit.send(size)
        self._send(pack(kind, self.number, offset, payload))

    @property
    def position(self) -> int:
        """Where what is sent next belongs."""
        return self._to_machine.sent

    @property
    def credit(self) -> int:
        """So many bytes may be sent now."""
        return self._to_machine.room

    async def room(self) -> None:
        """Return once more may be sent to the machine, or it has said its last word."""
        while not self._to_machine.room and not self.over:
            self._roomy.clear()
            await self._roomy.wait()

    # -- the machine ------------------------------------------------------------------

    def feed(self, frame: bytes) -> None:
        """Raises Malformed for what a machine that keeps to the window does not send."""
        kind, _, offset = read_header(frame)
        size = len(frame) - HEADER.size
        if kind not in _FROM_MACHINES or size > PAYLOAD_LIMIT:
            raise Malformed("", f"a machine sends no {kind.name} frame like this")
        if kind is Kind.ACK:
            self._to_machine.acknowledge(offset)
            self._roomy.set()
            if self._passes_acks:
                self._wake(frame)
            return
        if offset != self._from_machine.sent or not self._from_machine.allows(size):
            self.fail(Conflict("machine_misbehaves", f"{self.server_name} sent more than it was allowed to", _LOST))
            raise Malformed("", f"{size} bytes at {offset} do not follow on, or are beyond the window")
        self._from_machine.send(size)
        self._wake(frame)

    def hear(self, message: OfRemote) -> None:
        if isinstance(message, FileOpened | FileReady):
            self._begin_at(message.offset)
        self._wake(message)
        if isinstance(message, LAST):
            self.over = True
            self._roomy.set()

    def fail(self, trouble: Refused) -> None:
        self._trouble = self._trouble or trouble
        self.over = True
        self._news.set()
        self._roomy.set()

    def stop(self, grace: float) -> None:
        self.say(RemoteStop(channel=self.number, grace=grace))

    def _begin_at(self, offset: int) -> None:
        """Count bytes from here on: what comes, or what is sent, begins in the middle of a file."""
        self._to_machine, self._from_machine = Credit(WINDOW, offset), Credit(WINDOW, offset)

    def _wake(self, item: bytes | OfRemote) -> None:
        if not self.over:
            self._inbox.append(item)
            self._news.set()
            self._roomy.set()

    def _send(self, frame: bytes) -> None:
        if not self.over:
            self._lines.send_bytes(self.server_id, frame)


_LOST = "look into its daemon's log, and update it: corral daemon install"
