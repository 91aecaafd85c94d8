"""DBOS on the benchmark's own PostgreSQL, so with the same settings: one process that runs workflows, one that asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bench.lab import Lab
from bench.peers.engines.running import HERE, INSIDE, Driven, driver, server
from bench.peers.install import environment
from bench.workflows.contender import Contender

SCRIPT = "dbos_engine.py"
SETTLED = 6.0
"""Seconds in which it makes its tables."""


@asynccontextmanager
async def opened(lab: Lab) -> AsyncIterator[list[Contender]]:
    python, folder = environment("dbos", HERE / "dbos.txt"), lab.folder / "dbos"
    folder.mkdir()
    url = (await lab.databases.fresh(migrated=False)).replace("postgresql://", "postgresql+psycopg://")
    settings = {"BENCH_DATABASE": url}
    async with AsyncExitStack() as stack:
        stack.enter_context(server(folder, "server", [str(python), str(INSIDE / SCRIPT), "serve"], settings))
        await asyncio.sleep(SETTLED)
        asking = await stack.enter_async_context(driver(python, SCRIPT, settings))
        every, some = frozenset({"singles", "starts", "chains", "fan"}), frozenset({"chains", "fan"})
        yield [Driven("DBOS, dispatched", every, "", asking), Driven("DBOS, in process", some, "inside", asking)]
