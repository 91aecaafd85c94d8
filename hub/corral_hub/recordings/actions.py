"""What the API can do with recordings. Who may look at a session may read its recording."""

import asyncio
from collections.abc import AsyncIterator

from corral_hub import clock
from corral_hub.accounts.model import Principal
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, NotFound
from corral_hub.recordings import store, views
from corral_hub.recordings.cast import Cast
from corral_hub.recordings.queries import RecordingQueries
from corral_hub.sessions import access
from corral_hub.sessions.actions import Sessions
from corral_hub.sessions.model import Session
from corral_hub.sessions.state import Recorded
from corral_hub.sessions.store import log
from corral_protocol.recordings import SessionRecord
from corral_protocol.vocabulary import Feature

AT_ONCE = 4
"""Segments in memory for one reader."""


class Recordings:
    """The recordings API without its transport. `each`: bytes that one recording may have."""

    def __init__(self, database: Database, queries: RecordingQueries, sessions: Sessions, each: int) -> None:
        self._database = database
        self._queries = queries
        self._sessions = sessions
        self._each = each

    async def show(self, principal: Principal, text: str) -> views.RecordingView:
        session, _ = await self._sessions.get(principal, text)
        return views.recording(session, await self._queries.get(session.id))

    async def index(self, principal: Principal, text: str, after: int, limit: int) -> views.Segments:
        session, _ = await self._sessions.get(principal, text)
        rows = await self._queries.index(session.id, after, limit)
        return {"segments": [views.segment(row) for row in rows], "next": rows[-1]["number"] if rows else after}

    async def switch(self, principal: Principal, text: str, on: bool) -> views.RecordingView:
        """Record from now on, or no longer. A machine that is away hears of it when it is back."""
        session, server = await self._sessions.get(principal, text)
        access.drive(principal, session.server_id)
        parts = self._sessions.parts
        connected = parts.servers.is_connected(session.server_id)
        if on and connected and not parts.lines.has(session.server_id, Feature.RECORDINGS):
            raise Conflict("no_recordings_feature", f"the daemon of {server} cannot record", "update it")
        after = await parts.registry.apply(session.id, Recorded(on=on), principal.label)
        if after is None:
            raise Conflict(
                "session_ended", f"session {session.name} is {session.status.value}", "corral session replay plays it"
            )
        parts.lines.send(session.server_id, SessionRecord(session_id=str(session.id), on=on, limit=self._each))
        return views.recording(after, await self._queries.get(session.id))

    async def remove(self, principal: Principal, text: str) -> views.RecordingView:
        """Delete what is recorded so far."""
        session, _ = await self._sessions.get(principal, text)
        access.drive(principal, session.server_id)
        found = await self._queries.get(session.id)
        if found is None:
            raise _nothing(session)
        async with self._database.begin() as tx:
            await store.remove(tx, session.id)
            details = {"segments": found.segments, "size": found.size}
            await log(tx, session, "session_recording_deleted", principal.label, details, clock.now())
        return views.recording(session, None)

    async def cast(self, principal: Principal, text: str, begin: float) -> AsyncIterator[bytes]:
        """Return the recording as asciicast from this second on, in pieces. Raises NotFound before the first."""
        session, _ = await self._sessions.get(principal, text)
        if await self._queries.get(session.id) is None:
            raise _nothing(session)
        return self._render(session, int(begin * 1000))

    async def _render(self, session: Session, begin: int) -> AsyncIterator[bytes]:
        cast, number = Cast(begin), await self._queries.entry(session.id, begin)
        parts = await self._queries.parts(session.id, number, AT_ONCE)
        since = session.started_at or session.created_at
        yield cast.header(parts[0] if parts else None, session.name, int(since.timestamp()) + begin // 1000)
        while parts:
            for part in parts:
                yield await asyncio.to_thread(cast.part, part)
            parts = await self._queries.parts(session.id, parts[-1].number + 1, AT_ONCE)
        yield cast.end()


def _nothing(session: Session) -> NotFound:
    what = "nothing of it has arrived yet" if session.live and session.record else "it is not recorded"
    return NotFound(
        "recording_not_found", f"there is no recording of {session.name}: {what}",
        "corral session record SESSION --on records what it prints from now on",
    )  # fmt: skip
