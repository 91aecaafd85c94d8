"""Keeps the in-memory fleet in step with the servers noun, fact by fact."""

import asyncio
from datetime import datetime
from uuid import UUID

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import ServerChanged, ServerEvent, ServerLost
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView
from corral_hub.servers.actions import Servers
from corral_hub.servers.model import Server
from corral_protocol.vocabulary import Feature


class Roster:
    """Reads servers into the fleet at start and whenever one changed; `look` is called after each change."""

    def __init__(self, servers: Servers, fleet: Fleet, bus: Bus) -> None:
        self._servers = servers
        self._fleet = fleet
        self._changed: asyncio.Queue[UUID] = asyncio.Queue()
        self._bus = bus
        self.look = lambda: None
        self._pump: asyncio.Task[None] | None = None
        bus.subscribe(ServerChanged, lambda fact: self._note(fact.server_id))
        bus.subscribe(ServerLost, lambda fact: self._note(fact.server_id))

    async def start(self) -> None:
        for server in await self._servers.all():
            self._fleet.put(view(server, self._servers.is_connected(server.id)))
        self._pump = asyncio.create_task(self._run(), name="roster")

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    def _note(self, server_id: UUID) -> None:
        """Whether it is connected counts at once: nothing may be placed on a host that has just gone."""
        self._fleet.set_connected(server_id, self._servers.is_connected(server_id))
        self._changed.put_nowait(server_id)

    async def _run(self) -> None:
        while True:
            changed = {await self._changed.get()}
            while not self._changed.empty():
                changed.add(self._changed.get_nowait())
            for server_id in changed:
                await self._read(server_id)
            self.look()

    async def _read(self, server_id: UUID) -> None:
        server = await self._servers.find(server_id)
        if server is None or server.removed_at is not None:
            self._fleet.remove(server_id)
        else:
            self._fleet.put(view(server, self._servers.is_connected(server_id)))
        if server is not None:
            self._bus.publish(event(server, self._servers.is_connected(server_id), clock.now()))


def view(server: Server, connected: bool) -> ServerView:
    """Return a server as dispatch sees it. Pure."""
    return ServerView(
        id=server.id,
        name=server.name,
        version=server.version,
        capabilities=server.effective,
        project_id=server.project_id,
        connected=connected,
        managed=Feature.UNITS.value in server.features,
        terminals=Feature.SESSIONS.value in server.features,
        cordoned=server.cordoned,
        draining=server.draining,
        maximum=server.max_concurrent or server.effective.max_concurrent,
    )


def event(server: Server, connected: bool, at: datetime) -> ServerEvent:
    """Return a server as people see it. Pure."""
    return ServerEvent(
        server_id=server.id,
        project_id=server.project_id,
        name=server.name,
        connected=connected,
        status="online" if connected else server.status,
        cordoned=server.cordoned,
        draining=server.draining,
        version=server.version,
        removed=server.removed_at is not None,
        at=at,
    )
