"""Every open channel to a machine: hands out numbers, and what comes in to whom it is for."""

import itertools
from uuid import UUID

from corral_hub.errors import Conflict, TooMany
from corral_hub.remote.call import Call
from corral_hub.sessions.feeds import Lines
from corral_protocol.frames import read_header
from corral_protocol.remote import FIRST_CHANNEL
from corral_protocol.to_hub import OfRemote

_CHANNELS = range(FIRST_CHANNEL, 1 << 32)
MOST = 512
"""Commands and transfers at a time, on all machines."""


class Exchange:
    """All of it happens on one loop, and nothing here waits. What goes on ends with the machine's connection."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._numbers = itertools.cycle(_CHANNELS)
        self._calls: dict[int, Call] = {}

    def open(self, server_id: UUID, server_name: str, *, passes_acks: bool = False) -> Call:
        """Raises TooMany."""
        if len(self._calls) >= MOST:
            detail = f"{MOST} commands and transfers are going on"
            raise TooMany("too_many", detail, "wait until something has ended, and try again")
        call = Call(self._lines, next(self._numbers), server_id, server_name, passes_acks)
        self._calls[call.number] = call
        return call

    def close(self, call: Call, grace: float = 2.0) -> None:
        """Nobody wants the rest: what still goes on is ended."""
        if self._calls.pop(call.number, None) is not None:
            call.stop(grace)

    def feed(self, server_id: UUID, frame: bytes) -> None:
        """Raises Malformed. What is for a channel that is no more was on its way."""
        _, number, _ = read_header(frame)
        if (call := self._find(server_id, number)) is not None:
            call.feed(frame)

    def hear(self, server_id: UUID, message: OfRemote) -> None:
        if (call := self._find(server_id, message.channel)) is not None:
            call.hear(message)

    def lose(self, server_id: UUID) -> None:
        """The machine's connection is over: it ends whatever went on there, and nobody hears how."""
        for call in [call for call in self._calls.values() if call.server_id == server_id]:
            call.fail(
                Conflict(
                    "server_lost",
                    f"the connection to {call.server_name} was lost; what ran there is ended",
                    "is it there? corral server list",
                )
            )

    def _find(self, server_id: UUID, number: int) -> Call | None:
        call = self._calls.get(number)
        return call if call is not None and call.server_id == server_id else None
