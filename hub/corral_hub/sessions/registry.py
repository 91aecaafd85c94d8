"""Every change to a session: one transaction, then the living sessions in memory, then the fact. Rebuilt at start."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID
from weakref import WeakValueDictionary

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import SessionEvent
from corral_hub.db.database import Database
from corral_hub.sessions import state, store
from corral_hub.sessions.model import Session
from corral_protocol.codec import encode
from corral_protocol.vocabulary import SessionStatus

NOT_LOGGED = frozenset({state.Noticed})
"""What changes by itself all the time is no line in the log; the newest is in the row."""


class Registry:
    """`live` holds the sessions that start or run: what the hot path needs to know without asking the database."""

    def __init__(self, database: Database, bus: Bus) -> None:
        self._database = database
        self._bus = bus
        self.live: dict[UUID, Session] = {}
        self._turns: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    async def start(self) -> None:
        async with self._database.read() as connection:
            self.live = {session.id: session for session in await store.live(connection)}

    def of_server(self, server_id: UUID) -> list[Session]:
        return [session for session in self.live.values() if session.server_id == server_id]

    def called(self, server_id: UUID, text: str) -> Session | None:
        """Return the living session that this machine calls so: by its id, or, older agents, by its tmux name."""
        try:
            session = self.live.get(UUID(text))
            return session if session is not None and session.server_id == server_id else None
        except ValueError:
            named = (one for one in self.of_server(server_id) if text in (one.tmux_name, tmux_name(one.id)))
            return next(named, None)

    async def add(self, session: Session) -> None:
        """Raises IntegrityError when a living session of the project has this name."""
        async with self._database.begin() as tx:
            await store.add(tx, session)
            await store.log(tx, session, "session_starting", session.created_by, _facts(session), session.created_at)
        self.live[session.id] = session
        self._publish(session, "starting", session.created_by)

    def adopt(self, session: Session) -> None:
        """Take in a session whose row was written by the transaction that needs it."""
        self.live[session.id] = session
        self._publish(session, "starting", session.created_by)

    def orphaned(self, session_id: UUID) -> None:
        """Forget a session that was to be started and now never is; its row says so already."""
        known = self.live.get(session_id)
        if known is not None and known.status is SessionStatus.STARTING:
            del self.live[session_id]
            self._publish(replace(known, status=SessionStatus.FAILED), "failed", known.created_by)

    async def apply(self, session_id: UUID, event: state.SessionEvent, actor: str) -> Session | None:
        """Let `event` happen; return the session after it, None if it is not there or past it.

        One after the other: what is in memory, and the facts, must not be older than what was committed last.
        """
        known = self.live.get(session_id)
        if known is not None and state.is_legal(known, event) and state.step(known, event, clock.now()) is known:
            return known  # said again, as after every connect
        turn = self._turns.setdefault(session_id, asyncio.Lock())
        async with turn:
            before, after = await self._commit(session_id, event, actor)
            if after is None:
                self._pass(session_id, before)
            if after is None or after == before:
                return after
            if after.live:
                self.live[after.id] = after
            else:
                self.live.pop(after.id, None)
            self._publish(after, state.WORD[type(event)], actor)
            return after

    def _pass(self, session_id: UUID, row: Session | None) -> None:
        """What has ended is not among the living, however its end was missed here."""
        if row is None or not row.live:
            self.live.pop(session_id, None)

    async def _commit(
        self, session_id: UUID, event: state.SessionEvent, actor: str
    ) -> tuple[Session | None, Session | None]:
        now = clock.now()
        async with self._database.begin() as tx:
            before = await store.one(tx, session_id, lock=True)
            if before is None or not state.is_legal(before, event):
                return before, None
            after = state.step(before, event, now)
            if after != before:
                await store.put(tx, before, after)
            if after != before and type(event) not in NOT_LOGGED:
                await store.log(tx, after, f"session_{state.WORD[type(event)]}", actor, encode(event), now)
        return before, after

    async def note(self, session: Session, event_type: str, actor: str) -> None:
        """Log what somebody asked for; the change itself comes from the machine."""
        async with self._database.begin() as tx:
            await store.log(tx, session, event_type, actor, {}, clock.now())

    async def remove(self, session: Session, actor: str) -> None:
        async with self._database.begin() as tx:
            await store.remove(tx, session.id)
            await store.log(tx, session, "session_deleted", actor, {"name": session.name}, clock.now())
        self._publish(session, "deleted", actor)

    def _publish(self, session: Session, event: str, actor: str) -> None:
        self._bus.publish(
            SessionEvent(
                event=event, project_id=session.project_id, session_id=session.id, server_id=session.server_id,
                task_id=session.task_id, actor=actor, at=clock.now(), details=_facts(session),
            )
        )  # fmt: skip


def tmux_name(session_id: UUID) -> str:
    """Return what older agents call the tmux session of a session."""
    return f"orc-{str(session_id)[:12]}"


def _facts(session: Session) -> dict[str, Any]:
    return {
        "name": session.name,
        "status": session.status.value,
        "cols": session.cols,
        "rows": session.rows,
        "attention": session.attention,
        "exit_code": session.exit_code,
        "signal": session.signal,
        "output_bytes": session.output_bytes,
        "error": session.error,
    }
