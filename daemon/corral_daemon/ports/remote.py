"""Single commands and files, as the link sees them."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from corral_protocol.to_daemon import OfRemote
from corral_protocol.to_hub import OfRemote as RemoteAnswer


class Remote(Protocol):
    """Single commands and files, as the link sees them. `hear` and `take` never wait and never fail."""

    async def serve(
        self, send: Callable[[bytes], Awaitable[None]], say: Callable[[RemoteAnswer], Awaitable[None]]
    ) -> None:
        """Send frames and answers, in their order, until cancelled; then everything that goes on is ended."""
        ...

    def hear(self, message: OfRemote) -> None: ...

    def take(self, frame: bytes) -> None:
        """A binary frame from the hub."""
        ...

    async def close(self) -> None:
        """End everything, and return when nothing is left of it."""
        ...
