"""What the API can do with machines directly: run a single command there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from corral_hub import clock
from corral_hub.accounts.model import Person, Principal
from corral_hub.errors import Conflict, NotFound, Refused
from corral_hub.remote import views
from corral_hub.remote.call import Call
from corral_hub.remote.collecting import Collected
from corral_hub.remote.exchange import Exchange
from corral_hub.remote.files import Files
from corral_hub.remote.log import Log
from corral_hub.remote.masking import masked
from corral_hub.remote.model import Order, Place
from corral_hub.servers.actions import Servers
from corral_hub.servers.model import Server
from corral_hub.sessions import access
from corral_hub.sessions.actions import Sessions
from corral_hub.sessions.feeds import Lines
from corral_protocol.remote import ExecEnded, ExecStart, RemoteRefused
from corral_protocol.vocabulary import Feature


@dataclass(frozen=True, slots=True)
class Parts:
    """What the actions work with."""

    exchange: Exchange
    servers: Servers
    sessions: Sessions
    lines: Lines
    log: Log


class Running:
    """A command that was begun: `ended` is what the machine said of its end, `trouble` what came instead of that."""

    def __init__(self, call: Call) -> None:
        self.call = call
        self.ended: ExecEnded | None = None
        self.trouble: str | None = None
        self._begun = clock.monotonic()

    async def next(self) -> Any:
        """Return the next frame or message. Raises Refused once the machine is lost."""
        try:
            item = await self.call.next()
        except Refused as error:
            self.trouble = error.code
            raise
        if isinstance(item, ExecEnded):
            self.ended = item
        elif isinstance(item, RemoteRefused):
            self.trouble = item.code
        return item

    def facts(self) -> dict[str, Any]:
        """Return how it ended, for the log."""
        seconds = round(clock.monotonic() - self._begun, 3)
        if self.ended is not None:
            return {"seconds": seconds, **views.ending(self.ended)}
        return {"seconds": seconds, "error": self.trouble or "abandoned"}


class Remote:
    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.files = Files(parts.exchange, parts.log)

    async def on_server(self, principal: Principal, text: str) -> Place:
        """Return the machine, if this principal may drive it. Raises NotFound, Forbidden, Conflict."""
        server = await self.parts.servers.get(text)
        if not isinstance(principal, Person) and server.project_id not in (None, principal.project_id):
            raise NotFound("server_not_found", f"there is no server {text[:64]}", "corral server list")
        access.drive(principal, server.id)
        self._check(server)
        return Place(server_id=server.id, server_name=server.name, project_id=server.project_id)

    async def in_session(self, principal: Principal, text: str) -> Place:
        """Return the place of a session, if this principal may drive it. Raises NotFound, Forbidden, Conflict."""
        session, server_name = await self.parts.sessions.get(principal, text)
        access.drive(principal, session.server_id)
        self._check(await self.parts.servers.get(str(session.server_id)))
        return Place(
            server_id=session.server_id, server_name=server_name, project_id=session.project_id, session_id=session.id
        )

    @asynccontextmanager
    async def running(
        self, principal: Principal, place: Place, order: Order, *, passes_acks: bool = False
    ) -> AsyncIterator[Running]:
        """Run a command for as long as the block lasts; its end is logged, whoever is still there to see it."""
        asked = {"argv": masked(order.argv), "directory": order.directory, "repo": order.repo, "env": sorted(order.env)}
        call = self.parts.exchange.open(place.server_id, place.server_name, passes_acks=passes_acks)
        running = Running(call)
        try:
            await self.parts.log.write(place, "exec_started", principal.label, asked)
        except BaseException:
            self.parts.exchange.close(call)
            raise
        call.say(
            ExecStart(
                channel=call.number, argv=order.argv, directory=order.directory, repo=order.repo, env=order.env,
                timeout=order.timeout, stdin=order.stdin,
                session_id=None if place.session_id is None else str(place.session_id),
            )
        )  # fmt: skip
        try:
            yield running
        finally:
            self.parts.exchange.close(call)
            done = {"argv": asked["argv"], **running.facts()}
            await asyncio.shield(self.parts.log.write(place, "exec_ended", principal.label, done))

    async def run(self, principal: Principal, place: Place, order: Order) -> Collected:
        """Run a command to its end and return what it printed, up to a limit. Raises Refused."""
        collected = Collected()
        async with self.running(principal, place, order) as running:
            while running.ended is None:
                item = await running.next()
                if isinstance(item, RemoteRefused):
                    raise views.refusal(item)
                if isinstance(item, bytes):
                    running.call.acknowledge(collected.take(item))
        collected.ending = running.ended
        return collected

    def _check(self, server: Server) -> None:
        if not self.parts.servers.is_connected(server.id):
            detail = f"{server.name} is not connected"
            raise Conflict("server_offline", detail, "try again when it is back: corral server list")
        if not self.parts.lines.has(server.id, Feature.REMOTE):
            detail = f"the daemon of {server.name} runs no single commands and hands out no files"
            raise Conflict("no_remote_feature", detail, "update it there: corral daemon install")
