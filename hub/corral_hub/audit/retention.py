"""The audit log does not stay for ever: what is older than CORRAL_AUDIT_DAYS goes."""

import asyncio
from datetime import timedelta

import structlog
from sqlalchemy import delete, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from corral_hub import clock
from corral_hub.audit.log import CHAIN
from corral_hub.audit.tables import audit
from corral_hub.db.database import UNREACHABLE, Database

log = structlog.get_logger()
PERIOD = 3600.0


class AuditRetention:
    """Looks once an hour. It costs what there is to delete."""

    def __init__(self, database: Database, days: float) -> None:
        self._database = database
        self._days = days
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._pump = asyncio.create_task(self._run(), name="audit retention")

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self.sweep()
            except (*UNREACHABLE, PoolTimeout, DBAPIError) as error:
                log.warning("audit_not_swept", error=str(error)[:200])
            await asyncio.sleep(PERIOD)

    async def sweep(self) -> int:
        """Delete what is too old, but never the newest entry: the chain goes on from it. Return how many went."""
        old = audit.c.at < clock.now() - timedelta(days=self._days)
        async with self._database.begin() as tx:
            await tx.execute(select(func.pg_advisory_xact_lock(CHAIN)))
            newest = select(func.max(audit.c.number)).scalar_subquery()
            return (await tx.execute(delete(audit).where(old, audit.c.number < newest))).rowcount
