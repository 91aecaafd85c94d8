"""The terminals that units run in, as the runner asks for them. Implements ports.Stages."""

import asyncio
from collections.abc import Mapping
from typing import Any

from corral_daemon import clock
from corral_daemon.errors import DaemonError, SessionFailed
from corral_daemon.ports import Opening, Stage
from corral_daemon.processes.ending import Exit
from corral_daemon.pty.client import Launch
from corral_daemon.pty.session import Session
from corral_daemon.pty.sessions import Sessions
from corral_protocol.recordings import SIZE_LIMIT
from corral_protocol.sessions import SessionForget

UNIT = "unit"
"""The key of a session's note under which its unit is; a session without one is nobody's work."""
_COLS, _ROWS = 120, 40
_LINES = 20
_LOOK_WITHIN = 5.0


class SessionStages:
    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def open(self, opening: Opening) -> Stage:
        async def prepare() -> Launch:
            return Launch(
                argv=opening.argv,
                directory=opening.directory,
                environment=opening.environment,
                cols=_COLS,
                rows=_ROWS,
                note={
                    "directory": opening.directory,
                    "agent": opening.agent,
                    "said": opening.said,
                    "secrets": list(opening.secrets),
                    "record": {"began": clock.unix(), "on": True, "limit": SIZE_LIMIT},
                    UNIT: dict(opening.note),
                },
            )

        return self._stage(await self._sessions.begin(opening.session_id, prepare))

    def give_up(self, session_id: str, why: str) -> None:
        self._sessions.give_up(session_id, SessionFailed(why))

    def left(self) -> tuple[Stage, ...]:
        found = self._sessions.holder.sessions.values()
        return tuple(self._stage(session) for session in found if UNIT in session.note)

    def _stage(self, session: Session) -> Stage:
        session.wanted = True
        return SessionStage(self._sessions, session)


class SessionStage:
    def __init__(self, sessions: Sessions, session: Session) -> None:
        self._sessions = sessions
        self._session = session

    @property
    def session_id(self) -> str:
        return self._session.id

    @property
    def pid(self) -> int:
        return self._session.pid

    @property
    def note(self) -> Mapping[str, Any]:
        return self._session.note[UNIT]

    async def end(self) -> Exit:
        await self._session.gone.wait()
        assert self._session.ended is not None
        return self._session.ended

    def kill(self, grace: float) -> None:
        if self._session.ended is None:
            self._sessions.holder.end(self._session, grace)

    def release(self) -> None:
        self._session.wanted = False
        if self._session.forgotten:
            self._sessions.hear(SessionForget(session_id=self._session.id))

    async def last_lines(self) -> tuple[str, ...]:
        try:
            async with asyncio.timeout(_LOOK_WITHIN):
                look = await self._sessions.screens.look(self._session.id, None)
        except (OSError, DaemonError, TimeoutError):
            return ()
        return tuple(line.rstrip() for line in look.lines if line.strip())[-_LINES:]
