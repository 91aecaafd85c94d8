"""What is on the screen, asked of the machine: questions that wait for their answer, and no longer than they should."""

import asyncio
from typing import ClassVar
from uuid import UUID

from corral_hub import clock
from corral_hub.errors import Conflict, NotFound, Refused
from corral_hub.sessions.feeds import Lines
from corral_hub.sessions.model import Session
from corral_protocol.sessions import SessionError, SessionLook, SessionScreen

PATIENCE = 5.0


class Silent(Refused):
    status: ClassVar[int] = 504


class Looks:
    """Older agents cannot be asked: they say by themselves what is on the screen, and the last of it is kept."""

    def __init__(self, lines: Lines, patience: float = PATIENCE) -> None:
        self._lines = lines
        self._patience = patience
        self._open: dict[str, tuple[UUID, asyncio.Future[SessionScreen]]] = {}
        self._last: dict[UUID, SessionScreen] = {}

    async def ask(self, session: Session, lines: int | None) -> SessionScreen:
        """Raises Silent, and whatever the machine said instead of an answer."""
        if not session.framed:
            return self._remembered(session, lines)
        request_id = str(clock.new_id())
        answer: asyncio.Future[SessionScreen] = asyncio.get_running_loop().create_future()
        self._open[request_id] = (session.server_id, answer)
        try:
            look = SessionLook(request_id=request_id, session_id=str(session.id), lines=lines)
            self._lines.send(session.server_id, look)
            return await asyncio.wait_for(answer, self._patience)
        except TimeoutError as error:
            raise Silent(
                "server_silent",
                f"the machine of {session.name} did not say within {self._patience:g} s what is on the screen",
                "is it there? corral server list",
            ) from error
        finally:
            del self._open[request_id]

    def answered(self, server_id: UUID, screen: SessionScreen) -> None:
        asked = self._open.get(screen.request_id or "")
        if asked is not None and asked[0] == server_id and not asked[1].done():
            asked[1].set_result(screen)

    def refused(self, server_id: UUID, error: SessionError) -> None:
        asked = self._open.get(error.request_id or "")
        if asked is not None and asked[0] == server_id and not asked[1].done():
            asked[1].set_exception(Conflict(error.code or "screen_refused", error.error[:500], "try again"))

    def remember(self, session_id: UUID, screen: SessionScreen) -> None:
        self._last[session_id] = screen

    def forget(self, session_id: UUID) -> None:
        self._last.pop(session_id, None)

    def _remembered(self, session: Session, lines: int | None) -> SessionScreen:
        screen = self._last.get(session.id)
        if screen is None:
            raise NotFound(
                "no_screen_yet", f"nothing is known yet of what {session.name} shows", "try again in a few seconds"
            )
        return screen if lines is None else SessionScreen(session_id=screen.session_id, lines=screen.lines[-lines:])
