"""A hub's life on a database that others may share: it stands by, it works, and it ends when another takes over."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import structlog

from corral_hub.db.database import Database
from corral_hub.db.migrate import migrate
from corral_hub.lease.keeper import Keeper, has_lease
from corral_hub.settings import Settings

log = structlog.get_logger()
PATIENCE = 2.0
"""Seconds in which a hub that was killed is found dead, and its successor need not answer as one that stands by."""
END_WITHIN = 15.0
LOST = 3
"""Exit status of a hub that ends because another has taken over; started again, it stands by."""
Open = Callable[[AsyncExitStack], Awaitable[None]]


def keeper_of(settings: Settings, database: Database, state: Any) -> Keeper:
    """Return the keeper of this hub's lease. When the lease is lost, the process ends: what it remembers is old."""

    def lost() -> None:
        state.ready, state.lost = False, True
        last = threading.Timer(END_WITHIN, os._exit, (LOST,))
        last.daemon = True
        last.start()  # if something waits for the database for ever
        signal.raise_signal(signal.SIGTERM)

    return Keeper(database, f"{socket.gethostname()}:{settings.port}", settings.lease_ttl, lost)


@asynccontextmanager
async def in_turn(state: Any, database: Database, keeper: Keeper, open_parts: Open) -> AsyncIterator[None]:
    """Open the hub's parts once the lease is ours; at the end close them, then give it back.

    Whoever finds no other hub at work serves when this yields. Others yield at once, to answer that they stand by.
    """
    async with AsyncExitStack() as stack:
        stack.push_async_callback(keeper.release)
        if not await has_lease(database):
            await migrate(database.engine)
        if await keeper.take(PATIENCE):
            await _work(state, database, open_parts, stack)
            yield
        else:
            waiting = asyncio.create_task(_stand_by(state, database, keeper, open_parts, stack), name="standby")
            try:
                yield
            finally:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)
        state.ready = False


async def _work(state: Any, database: Database, open_parts: Open, stack: AsyncExitStack) -> None:
    await migrate(database.engine)  # only by the one that works: others may be of an older version
    await open_parts(stack)
    state.ready = True


async def _stand_by(state: Any, database: Database, keeper: Keeper, open_parts: Open, stack: AsyncExitStack) -> None:
    try:
        await keeper.take()
        await _work(state, database, open_parts, stack)
        log.info("hub_took_over")
    except Exception:
        log.exception("hub_could_not_take_over")
        state.lost = True
        signal.raise_signal(signal.SIGTERM)
