"""What a run had begun when the hub died before it could take it back: found at the next start, and ended."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import structlog

from corral_hub.accounts.model import RunAgent
from corral_hub.errors import Refused
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.reactor import Reactor
from corral_hub.workflows import facts as f
from corral_hub.workflows.engine import Engine
from corral_hub.workflows.fulfil.names import read_name
from corral_hub.workflows.orders import TellRun

log = structlog.get_logger()
REASON = "the run that began it is over"
TASKS = """
    select id, project_id, client_key from tasks
    where client_key like 'run:%' and status not in ('done', 'failed', 'cancelled')"""


class Orphans:
    def __init__(self, engine: Engine, reactor: Reactor, pool: asyncpg.Pool) -> None:
        self._engine = engine
        self._reactor = reactor
        self._pool = pool
        self._search: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._search = asyncio.create_task(self._end_all(), name="orphans")

    async def stop(self) -> None:
        if self._search is not None:
            self._search.cancel()
            await asyncio.gather(self._search, return_exceptions=True)

    async def _end_all(self) -> None:
        runs = self._engine.runs
        for live in [live for live in runs.values() if live.parent is not None and live.parent[0] not in runs]:
            await self._ask(TellRun(run_id=live.id, fact=f.Cancelled(reason=REASON)))
        for row in await self._pool.fetch(TASKS):
            run_id, key = read_name(row["client_key"])
            if run_id is not None and run_id not in self._engine.runs:
                await self._ask(_cancel(row, run_id, key))

    async def _ask(self, order: Any) -> None:
        try:
            await self._reactor.ask(order)
        except Refused as refusal:
            log.info("orphan_not_ended", why=refusal.detail)


def _cancel(row: Any, run_id: UUID, key: str) -> cmd.Cancel:
    agent = RunAgent(task_id=run_id, project_id=row["project_id"], epoch=0, key=key)
    return cmd.Cancel(task_id=row["id"], principal=agent, reason=REASON)
