"""Prefect: its server on the benchmark's PostgreSQL where that has `pg_trgm`, else on SQLite, as it comes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import asyncpg

from bench.lab import Lab
from bench.peers.engines.running import HERE, INSIDE, Driven, driver, server, until_answers
from bench.peers.install import environment
from bench.processes import free_port
from bench.workflows.contender import Contender

SCRIPT = "prefect_engine.py"


@asynccontextmanager
async def opened(lab: Lab) -> AsyncIterator[list[Contender]]:
    python, folder, port = environment("prefect", HERE / "prefect.txt"), lab.folder / "prefect", free_port()
    folder.mkdir()
    url, stored = await _database(lab)
    settings = {
        "PREFECT_HOME": str(folder), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1", "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_LOGGING_TO_API_ENABLED": "false", "PREFECT_LOGGING_LEVEL": "ERROR",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR", **({"PREFECT_API_DATABASE_CONNECTION_URL": url} if url else {}),
    }  # fmt: skip
    command = [str(python.parent / "prefect"), "server", "start", "--host", "127.0.0.1", "--port", str(port), "--no-ui"]
    async with AsyncExitStack() as stack:
        process = stack.enter_context(server(folder, "server", command, settings))
        await until_answers(f"http://127.0.0.1:{port}/api/health", process)
        stack.enter_context(server(folder, "worker", [str(python), str(INSIDE / SCRIPT), "serve"], settings))
        await asyncio.sleep(6.0)
        asking = await stack.enter_async_context(driver(python, SCRIPT, settings))
        yield [Driven(f"Prefect, {stored}", frozenset({"singles", "starts", "chains", "fan"}), "", asking)]


async def _database(lab: Lab) -> tuple[str, str]:
    """Return a URL for it, and what it is; no URL where it must have a file of its own."""
    url = await lab.databases.fresh(migrated=False)
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("create extension pg_trgm")
    except asyncpg.PostgresError:
        return "", "SQLite"
    finally:
        await connection.close()
    return url.replace("postgresql://", "postgresql+asyncpg://"), "PostgreSQL"
