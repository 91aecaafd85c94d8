"""Temporal: the development server of its CLI with a file (SQLite), one worker process, one that asks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from bench.lab import Lab
from bench.peers.engines.running import HERE, INSIDE, Driven, driver, server
from bench.peers.install import environment
from bench.processes import free_port, until_listening
from bench.workflows.contender import Contender

SCRIPT = "temporal_engine.py"


@asynccontextmanager
async def opened(lab: Lab) -> AsyncIterator[list[Contender]]:
    python, folder, port = environment("temporal", HERE / "temporal.txt"), lab.folder / "temporal", free_port()
    folder.mkdir()
    settings = {"BENCH_ADDRESS": f"127.0.0.1:{port}"}
    words = ["server", "start-dev", "--headless", "--db-filename", str(folder / "temporal.db"), "--log-level", "error"]
    command = [str(python.parent / "temporal"), *words, "--ip", "127.0.0.1", "--port", str(port)]
    async with AsyncExitStack() as stack:
        stack.enter_context(server(folder, "server", command, {}))
        await asyncio.to_thread(until_listening, port)
        await asyncio.sleep(3.0)
        stack.enter_context(server(folder, "worker", [str(python), str(INSIDE / SCRIPT), "serve"], settings))
        await asyncio.sleep(3.0)
        asking = await stack.enter_async_context(driver(python, SCRIPT, settings))
        every, some = frozenset({"singles", "starts", "chains", "fan"}), frozenset({"chains", "fan"})
        yield [
            Driven("Temporal, activities", every, "", asking),
            Driven("Temporal, local activities", some, "local", asking),
        ]
