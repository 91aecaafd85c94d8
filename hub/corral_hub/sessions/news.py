"""What machines say about sessions, one method a message. Each is committed before anything leaves the hub for it."""

import asyncio
import base64
import binascii
from collections.abc import Coroutine, Iterable
from typing import Any
from uuid import UUID

import orjson
import structlog

from corral_hub import clock
from corral_hub.accounts.model import Machine
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import ServerLost
from corral_hub.sessions import state
from corral_hub.sessions.actions import Parts
from corral_hub.sessions.drafts import start_message
from corral_hub.sessions.model import SIDE, Session
from corral_protocol import sessions as wire
from corral_protocol.codec import Malformed
from corral_protocol.recordings import SessionRecord
from corral_protocol.vocabulary import Feature, SessionStatus

log = structlog.get_logger()
HUB = "hub"
SAID_LITTLE = 4000
"""Characters of an error, a reason or a path that are kept."""
EVIDENCE = 16 * 1024


class News:
    """`grace`: seconds after the hub's own start in which no session is called lost, and that an older agent has."""

    def __init__(self, parts: Parts, bus: Bus, grace: float) -> None:
        self._parts = parts
        self._grace = grace
        self._settled = clock.monotonic() + grace
        self._expected: dict[UUID, set[UUID]] = {}  # by server: what it should have and has not spoken of
        self._timers: dict[UUID, asyncio.TimerHandle] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        bus.subscribe(ServerLost, lambda fact: self._run(self._if_removed(fact.server_id)))

    # -- what they hold -------------------------------------------------------------

    def connected(self, server_id: UUID) -> None:
        """An older agent never says what it holds: what it has not spoken of after a while, it does not have."""
        if not self._framed(server_id):
            living = self._parts.registry.of_server(server_id)
            self._expect(server_id, {session.id for session in living}, self._grace)

    async def held(self, machine: Machine, message: wire.SessionsHeld) -> None:
        """Repair the difference, then let the output go on."""
        registry, lines = self._parts.registry, self._parts.lines
        repair = state.reconcile(message.sessions, registry.of_server(machine.server_id))
        for session, event in repair.changes:
            await registry.apply(session.id, event, machine.label)
        forget = set(repair.forget)
        for session, event in repair.changes:
            if isinstance(event, state.Ended):
                forget.discard(str(session.id))
                self._say_goodbye(session, event.output_bytes)
        if lines.has(machine.server_id, Feature.RECORDINGS):
            for session in (row for row, event in repair.changes if isinstance(event, state.Started)):
                limit = self._parts.record_limit
                lines.send(machine.server_id, SessionRecord(session_id=str(session.id), on=session.record, limit=limit))
        for session in repair.again:
            lines.send(machine.server_id, start_message(session))
        for id in sorted(forget):
            if not self._parts.relay.is_leaving(id):
                lines.send(machine.server_id, wire.SessionForget(session_id=id))
        self._parts.relay.resume(machine.server_id)
        missing = {session.id for session in repair.missing}
        self._expect(machine.server_id, missing, max(0.0, self._settled - clock.monotonic()))

    async def recovered(self, machine: Machine, message: wire.SessionRecovered) -> None:
        """An older agent found a tmux session: it is one of ours, or it must not stay."""
        session = self._called(machine.server_id, message.tmux_name)
        if session is None:
            self._parts.lines.send(machine.server_id, wire.SessionClose(session_id=message.tmux_name))
            return
        event = state.Started(pid=message.pid, tmux_name=message.tmux_name)
        await self._parts.registry.apply(session.id, event, machine.label)
        ack = wire.SessionRecoveredAck(tmux_name=message.tmux_name, session_id=str(session.id))
        self._parts.lines.send(machine.server_id, ack)

    # -- what happens ---------------------------------------------------------------

    async def started(self, machine: Machine, message: wire.SessionStarted) -> None:
        session = self._called(machine.server_id, message.session_id)
        if session is None:
            self._disown(machine.server_id, message.session_id)
            return
        event = state.Started(
            pid=message.pid, tmux_name=(message.tmux_name or "")[:SAID_LITTLE] or None,
            working_directory=(message.working_directory or "")[:SAID_LITTLE] or None,
        )  # fmt: skip
        await self._parts.registry.apply(session.id, event, machine.label)

    async def closed(self, machine: Machine, message: wire.SessionClosed) -> None:
        session = self._called(machine.server_id, message.session_id)
        if session is None:
            self._parts.lines.send(machine.server_id, wire.SessionForget(session_id=message.session_id))
            return
        event = state.Ended(exit_code=message.exit_code, signal=message.signal, output_bytes=message.offset)
        if not session.framed:  # what older agents give as an exit code is that of a tmux client
            event = state.Ended()
        await self._parts.registry.apply(session.id, event, machine.label)
        self._say_goodbye(session, event.output_bytes)

    async def failed(self, machine: Machine, message: wire.SessionError) -> None:
        """It could not be started, or a question could not be answered."""
        if message.request_id is not None:
            self._parts.looks.refused(machine.server_id, message)
            return
        session = self._called(machine.server_id, message.session_id)
        if session is None or session.status is not SessionStatus.STARTING:
            log.warning("session_error", session=message.session_id[:64], error=message.error[:300])
            return
        event = state.NotStarted(error=message.error[:SAID_LITTLE])
        await self._parts.registry.apply(session.id, event, machine.label)
        self._say_goodbye(session, None)

    async def attention(self, machine: Machine, message: wire.SessionAttention) -> None:
        session = self._called(machine.server_id, message.session_id)
        if session is not None:
            seen = {"attention": message.attention.value, "why": message.why[:SAID_LITTLE], "since": message.since}
            short = len(orjson.dumps(message.evidence)) <= EVIDENCE
            event = state.Noticed(attention={**seen, "evidence": message.evidence if short else None})
            await self._parts.registry.apply(session.id, event, machine.label)

    def screen(self, server_id: UUID, message: wire.SessionScreen) -> None:
        if message.request_id is not None:
            self._parts.looks.answered(server_id, message)
        elif (session := self._called(server_id, message.session_id)) is not None:
            lines = tuple(line[:SIDE] for line in message.lines[:SIDE])
            self._parts.looks.remember(session.id, wire.SessionScreen(session_id=str(session.id), lines=lines))

    def output(self, server_id: UUID, message: wire.SessionOutput) -> None:
        """Raises Malformed."""
        session = self._called(server_id, message.session_id)
        if session is None or session.framed:
            return
        try:
            payload = base64.b64decode(message.data, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Malformed("/data", f"is not base64: {error}") from error
        self._parts.relay.feed_older(session, payload)

    # -- parts ----------------------------------------------------------------------

    async def stop(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        for job in self._jobs:
            job.cancel()
        await asyncio.gather(*self._jobs, return_exceptions=True)

    def _called(self, server_id: UUID, text: str) -> Session | None:
        session = self._parts.registry.called(server_id, text)
        if session is not None:
            self._expected.get(server_id, set()).discard(session.id)
        return session

    def _framed(self, server_id: UUID) -> bool:
        return self._parts.lines.has(server_id, Feature.SESSIONS)

    def _disown(self, server_id: UUID, text: str) -> None:
        """Nobody knows this session: it is ended and forgotten."""
        unknown = wire.SessionForget if self._framed(server_id) else wire.SessionClose
        self._parts.lines.send(server_id, unknown(session_id=text))

    def _say_goodbye(self, session: Session, end: int | None) -> None:
        """Once the viewers have the last byte, the machine may forget the session."""
        forget = wire.SessionForget(session_id=str(session.id))
        self._parts.looks.forget(session.id)
        self._parts.relay.finish(session.id, end, lambda: self._parts.lines.send(session.server_id, forget))

    def _expect(self, server_id: UUID, ids: set[UUID], seconds: float) -> None:
        """What is not spoken of within so many seconds is lost."""
        if (timer := self._timers.pop(server_id, None)) is not None:
            timer.cancel()
        self._expected[server_id] = ids
        if ids:
            loop = asyncio.get_running_loop()
            self._timers[server_id] = loop.call_later(seconds, lambda: self._run(self._give_up(server_id)))

    async def _give_up(self, server_id: UUID) -> None:
        if self._parts.servers.is_connected(server_id):  # one that is away says what it holds when it is back
            await self._lose(self._expected.pop(server_id, set()), "its machine does not have it any more")

    async def _lose(self, ids: Iterable[UUID], why: str) -> None:
        for id in sorted(ids):
            after = await self._parts.registry.apply(id, state.Vanished(detail=why), HUB)
            if after is not None:
                self._say_goodbye(after, None)

    async def _if_removed(self, server_id: UUID) -> None:
        server = await self._parts.servers.find(server_id)
        if server is not None and server.removed_at is not None:
            living = self._parts.registry.of_server(server_id)
            await self._lose({session.id for session in living}, "its machine was removed")

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        job = asyncio.get_running_loop().create_task(work)
        self._jobs.add(job)
        job.add_done_callback(self._done)

    def _done(self, job: asyncio.Task[None]) -> None:
        self._jobs.discard(job)
        if not job.cancelled() and (error := job.exception()) is not None:
            log.error("sessions_not_judged", error=str(error)[:300])
