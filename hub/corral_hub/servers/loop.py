"""The presence loop: looks at who was heard of, and says once when somebody is lost."""

import asyncio
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import ServerChanged, ServerLost
from corral_hub.db.database import UNREACHABLE
from corral_hub.servers.actions import Servers
from corral_hub.servers.presence import Presence, judge
from corral_hub.settings import Settings

log = structlog.get_logger()


class PresenceLoop:
    """One pass costs the number of known machines, not of connections times time."""

    def __init__(self, servers: Servers, settings: Settings, bus: Bus) -> None:
        self._servers = servers
        self._settings = settings
        self._bus = bus
        self._started = clock.monotonic()
        self._flushed: dict[UUID, float] = {}
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._pump = asyncio.create_task(self._run(), name="presence")

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    async def _run(self) -> None:
        period = min(5.0, self._settings.offline_after / 5)
        while True:
            before = clock.monotonic()
            await asyncio.sleep(period)
            if clock.monotonic() - before > 3 * period:
                self._started = clock.monotonic()  # the hub itself stood still: the silence was ours
            try:
                await self._sweep()
            except (*UNREACHABLE, DBAPIError) as error:
                log.warning("presence_not_written", error=str(error)[:200])

    async def _sweep(self) -> None:
        servers, now = self._servers, clock.monotonic()
        lost = frozenset(
            id
            for id in servers.online | servers.last_seen.keys()
            if self._judge(now, servers.last_seen.get(id, self._started)) is Presence.LOST
        )
        arrived = (servers.last_seen.keys() - servers.online) - lost
        if lost or servers.last_seen != self._flushed:
            await servers.flush(lost)
            self._flushed = dict(servers.last_seen)
        servers.online = (servers.online | arrived) - lost
        for id in sorted(lost):
            log.warning("server_lost", server=str(id), after=self._settings.offline_after)
            self._bus.publish(ServerLost(server_id=id))
        self._bus.publish(*(ServerChanged(server_id=id) for id in sorted(arrived)))

    def _judge(self, now: float, seen: float) -> Presence:
        settings = self._settings
        return judge(now, seen, settings.offline_after, self._started, settings.grace)
