"""Stands by until the lease is free, takes it, fences off whoever had it, and keeps it.

The fence is where the connections are: who takes over ends every session of the hub before, and waits until they are
gone; and a hub opens none without looking whether it is still its turn. So a hub that was suspended writes nothing,
with no check in any transaction.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import asyncpg
import structlog

from corral_hub import clock
from corral_hub.db.database import GONE, Database
from corral_hub.errors import StartupError
from corral_hub.lease import store
from corral_hub.lease.model import LeaseLost, Seen, count_misses, is_free

log = structlog.get_logger()
LOOK_EVERY = 0.25
AWAY = (*GONE, asyncpg.OperatorInterventionError)


class Keeper:
    """`seen`: the lease when it was last looked at. `lost` is called once, when another hub has taken over."""

    def __init__(self, database: Database, name: str, ttl: float, lost: Callable[[], None]) -> None:
        self._database = database
        self._name = name
        self._ttl = ttl
        self._lost = lost
        self._epoch: int | None = None
        self._sure_until = 0.0
        self._connection: asyncpg.Connection | None = None
        self._renewing: asyncio.Task[None] | None = None
        self.seen: Seen | None = None

    @property
    def is_held(self) -> bool:
        return self._epoch is not None

    @property
    def is_sure(self) -> bool:
        """Whether nobody else can have taken the lease, by our own clock."""
        return self._epoch is not None and clock.monotonic() < self._sure_until

    async def take(self, patience: float | None = None) -> bool:
        """Stand by until the lease is ours, for `patience` seconds at most. Return whether it is."""
        begin, misses, before = clock.monotonic(), 0, None
        while True:
            try:
                seen = await store.look(await self._line())
                misses, before = count_misses(seen, before, misses), seen
                if is_free(seen, misses, self._name) and await self._seize(seen):
                    return True
                self._note(seen)
            except AWAY as error:
                log.warning("lease_not_seen", error=str(error)[:200])
                misses = 0
            if patience is not None and clock.monotonic() - begin > patience:
                return False
            await asyncio.sleep(LOOK_EVERY)

    async def release(self) -> None:
        """Give the lease back, so that whoever stands by need not wait for its end."""
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.gather(self._renewing, return_exceptions=True)
        if (epoch := self._epoch) is not None:
            try:
                await store.release(await self._line(), epoch)
                log.info("lease_released", epoch=epoch)
            except AWAY as error:
                log.warning("lease_not_released", error=str(error)[:200], hint="it expires by itself")
            self._epoch = None
        if self._connection is not None:
            self._connection.terminate()

    # -- taking it --------------------------------------------------------------------

    def _note(self, seen: Seen) -> None:
        if self.seen is None or self.seen.epoch != seen.epoch:
            log.info("standing_by", active=seen.name, epoch=seen.epoch)
            if not seen.may_fence:
                hint = "let all hubs connect to the database by the same account"
                log.error("lease_cannot_be_taken", active=seen.name, hint=hint)
        self.seen = seen

    async def _seize(self, seen: Seen) -> bool:
        line, own = await self._line(), self._database.holder
        if not await store.is_visible(line, own):
            raise StartupError(
                "PostgreSQL does not show the hub's sessions by their application_name, so that no other hub could be "
                "fenced off. Connect to PostgreSQL itself, not through a pooler: CORRAL_DATABASE_URL."
            )
        asked = clock.monotonic()
        epoch = await store.take(line, seen, own, self._name, self._ttl)
        if epoch is None:
            return False
        self._epoch, self._sure_until = epoch, asked + self._ttl
        self._database.guard = self._check
        self._renewing = asyncio.create_task(self._renew(epoch), name="lease")
        while self._epoch == epoch and not await self._fence(seen.holder):  # noqa: ASYNC110
            await asyncio.sleep(LOOK_EVERY)
        if self._epoch == epoch:
            log.info("lease_taken", epoch=epoch, before=seen.name or None)
        return self._epoch == epoch

    async def _fence(self, before: UUID | None) -> bool:
        """Return whether no session of the holder before is left: what it had sent is committed by then, or never."""
        if before is None:
            return True
        try:
            connection = await self._database.connect_raw()
            try:
                while left := await store.end_sessions(connection, before):
                    log.info("sessions_of_the_hub_before", left=left)
                    await asyncio.sleep(0.02)
            finally:
                await connection.close()
        except AWAY as error:
            log.warning("not_fenced_off_yet", error=str(error)[:200])
            return False
        return True

    async def _check(self, connection: asyncpg.Connection) -> None:
        """Let nobody use a new connection when another hub's turn has come. Raises LeaseLost."""
        if self._epoch is None or await store.epoch(connection) != self._epoch:
            self._lose()
            raise LeaseLost("another hub has taken over")

    # -- keeping it -------------------------------------------------------------------

    async def _renew(self, epoch: int) -> None:
        pause = self._ttl / 4
        while self._epoch == epoch:
            await asyncio.sleep(pause)
            pause = self._ttl / 4 if await self.renew(epoch) else LOOK_EVERY

    async def renew(self, epoch: int) -> bool:
        """Return whether it was renewed. One that was taken is lost; a database that is away is asked again soon."""
        asked = clock.monotonic()
        try:
            async with asyncio.timeout(self._ttl / 2):
                if not await store.renew(await self._line(), epoch, self._ttl):
                    self._lose()
                    return False
        except AWAY as error:
            log.warning("lease_not_renewed", error=str(error)[:200] or type(error).__name__)
            self._hang_up()
            return False
        except Exception:  # whatever it is: a hub that does not renew serves nobody
            log.exception("lease_not_renewed")
            self._hang_up()
            return False
        self._sure_until = asked + self._ttl
        return True

    def _lose(self) -> None:
        if self._epoch is not None:
            log.error("lease_lost", epoch=self._epoch, hint="another hub has taken over; this one ends")
            self._epoch = None
            self._lost()

    async def _line(self) -> asyncpg.Connection:
        """Return the keeper's own connection; nothing else waits for it, and it waits for nothing else."""
        if self._connection is None or self._connection.is_closed():
            self._connection = await self._database.connect_raw()
        return self._connection

    def _hang_up(self) -> None:
        if self._connection is not None:
            with suppress(*AWAY):
                self._connection.terminate()
            self._connection = None


async def has_lease(database: Database) -> bool:
    """Return whether the schema knows of leases yet."""
    connection = await database.connect_raw()
    try:
        return await store.exists(connection)
    finally:
        await connection.close()
