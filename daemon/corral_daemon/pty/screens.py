"""What terminals need of the scribe, which knows what is on their screens."""

from typing import Protocol


class Snapshot(Protocol):
    """Bytes that draw the screen as it is at `offset`, without secrets."""

    @property
    def offset(self) -> int: ...

    @property
    def data(self) -> bytes: ...


class Look(Protocol):
    @property
    def offset(self) -> int: ...

    @property
    def lines(self) -> tuple[str, ...]: ...

    @property
    def cols(self) -> int: ...

    @property
    def rows(self) -> int: ...

    @property
    def cursor(self) -> tuple[int, ...]: ...

    @property
    def title(self) -> str | None: ...


class Screens(Protocol):
    """`moved` and `forget` are cheap and never wait. The others raise OSError or DaemonError if there is no scribe."""

    async def open(self, session_id: str, ring_fd: int, cols: int, rows: int, secrets: tuple[str, ...]) -> None: ...

    def resize(self, session_id: str, offset: int, cols: int, rows: int) -> None: ...

    def moved(self, session_id: str, head: int) -> None: ...

    async def snapshot(self, session_id: str) -> Snapshot: ...

    async def look(self, session_id: str, lines: int | None) -> Look: ...

    def forget(self, session_id: str) -> None: ...

    async def close(self) -> None: ...
