"""Terminal sessions, as the link sees them."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from corral_protocol.sessions import SessionsHeld
from corral_protocol.to_daemon import OfSession
from corral_protocol.to_hub import ToHub


class Line(Protocol):
    """The way of binary frames to the hub. Whoever posts looks before whether there is room, or waits to be told."""

    @property
    def has_room(self) -> bool: ...

    def post(self, frame: bytes) -> None:
        """Send at once; never waits, never fails."""
        ...

    def on_room(self, roomy: Callable[[], None]) -> None: ...


class Terminals(Protocol):
    """The terminal sessions, as the link sees them. `hear` and `take` never wait and never fail."""

    def attach(self, say: Callable[[ToHub], None]) -> SessionsHeld:
        """Say by `say` what happens to sessions from now on; return what is so far.

        That is every session of this machine, ended ones included until the hub has said `session_forget`.
        """
        ...

    async def serve(self, line: Line) -> None:
        """Send output in binary frames until cancelled; then nobody is attached any more."""
        ...

    async def ship(self, send: Callable[[bytes], Awaitable[None]]) -> None:
        """Send recordings until cancelled, to a hub that takes them."""
        ...

    def hear(self, message: OfSession) -> None: ...

    def expect(self, session_id: str) -> None:
        """A unit brings this session along: keep what is said about it until it is there, or is given up."""
        ...

    def take(self, frame: bytes) -> None:
        """A binary frame from the hub."""
        ...

    async def open(self) -> None:
        """Find the sessions that outlived an earlier daemon."""
        ...

    async def close(self) -> None:
        """Let go of the sessions; they go on."""
        ...
