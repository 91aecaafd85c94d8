"""What terminals need of the scribe, which knows what is on their screens."""

import logging
from typing import Protocol

from corral_daemon.errors import DaemonError
from corral_daemon.pty.session import Session
from corral_daemon.recording.words import Wanted

log = logging.getLogger(__name__)


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

    @property
    def alternate(self) -> bool: ...

    @property
    def shown(self) -> bool: ...

    @property
    def pastes(self) -> bool: ...

    @property
    def bells(self) -> int: ...

    @property
    def notice(self) -> str: ...


class Screens(Protocol):
    """What is no coroutine is cheap and never waits. The others raise OSError or DaemonError if there is no scribe."""

    async def open(
        self,
        session_id: str,
        ring_fd: int,
        cols: int,
        rows: int,
        secrets: tuple[str, ...],
        record: Wanted | None = None,
    ) -> None: ...

    def resize(self, session_id: str, offset: int, cols: int, rows: int) -> None: ...

    def moved(self, session_id: str, head: int) -> None: ...

    async def snapshot(self, session_id: str) -> Snapshot: ...

    async def look(self, session_id: str, lines: int | None) -> Look: ...

    def record(self, session_id: str, *, on: bool, limit: int) -> None: ...

    def ended(self, session_id: str) -> None: ...

    def forget(self, session_id: str) -> None: ...

    async def close(self) -> None: ...


async def open_screen(screens: Screens, session: Session) -> None:
    """Have a session's screen kept, and what it prints recorded if it is to be. Without a scribe it goes on without."""
    note, size = session.note, session.size
    record = Wanted(**note["record"]) if "record" in note else None
    secrets = tuple(note.get("secrets", ()))
    try:
        await screens.open(session.id, session.ring.fd, size.cols, size.rows, secrets, record)
    except (OSError, DaemonError) as error:
        log.warning("event=no_screen session_id=%s reason=%r", session.id, str(error))
