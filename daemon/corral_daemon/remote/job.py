"""What goes on on a channel, as whoever hands out frames sees it."""

from typing import Protocol


class Job(Protocol):
    """`run` says its own end on its channel. Cancelled, it leaves nothing behind."""

    async def run(self) -> None: ...

    def take(self, offset: int, payload: bytes) -> None:
        """STDIN or CHUNK; an empty one is the end. Never waits. Raises Malformed."""
        ...

    def stop(self, grace: float) -> None: ...
