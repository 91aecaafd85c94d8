"""The connection to PostgreSQL: an SQLAlchemy engine for administration, bare asyncpg connections for the hot path."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import orjson
import structlog
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from corral_hub import clock
from corral_hub.errors import StartupError

log = structlog.get_logger()
UNREACHABLE = (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError, TimeoutError)
GONE = (*UNREACHABLE, asyncpg.InterfaceError, PoolTimeout)
LONGEST_PAUSE = 0.4
"""Seconds between two looks at a database that does not answer: back-off ends here, since everybody waits for it."""
SAY_AGAIN = 10.0
"""Seconds after which a trouble that goes on is logged again."""


def is_away(error: BaseException) -> bool:
    """Whether the reason is that the database went away, or does not answer."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or isinstance(getattr(error.orig, "__cause__", None), GONE)
    return isinstance(error, GONE)


def dump_json(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_NON_STR_KEYS).decode()


Guard = Callable[[asyncpg.Connection], Awaitable[None]]


class Database:
    """One PostgreSQL database. `begin()` is a transaction that commits when the block ends without an error.

    `holder`: a number of this process's own, in the name of all its sessions. `guard`: may refuse a new connection.
    """

    def __init__(self, url: str) -> None:
        self._url = _asyncpg_url(url)
        self.holder = clock.new_id()
        self.guard: Guard = _nobody_minds
        self.engine: AsyncEngine = create_async_engine(
            self._url,
            async_creator=self._open,
            pool_size=8,
            max_overflow=8,
            pool_pre_ping=True,
            json_serializer=dump_json,
            json_deserializer=orjson.loads,
        )

    @asynccontextmanager
    async def begin(self) -> AsyncIterator[AsyncConnection]:
        async with self.engine.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for reading only; nothing is committed."""
        async with self.engine.connect() as connection:
            yield connection

    async def connect_raw(self) -> asyncpg.Connection:
        """Return a connection of its own for the hot path; jsonb is JSON text on it. The caller closes it."""
        return await self._open(statement_cache_size=512)

    async def pool(self) -> asyncpg.Pool:
        """Return a pool for reading; jsonb is JSON text on it. The caller closes it."""
        return await asyncpg.create_pool(min_size=1, max_size=8, reset=_as_it_is, connect=self._open)

    async def _open(self, *_: Any, **options: Any) -> asyncpg.Connection:
        """Every connection is opened here: under the name by which this hub is fenced off, if it is still its turn."""
        plain = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        named = {"application_name": f"corral-hub {self.holder}"}
        connection = await asyncpg.connect(plain, server_settings=named, **options)
        try:
            await self.guard(connection)
        except BaseException:
            connection.terminate()
            raise
        return connection

    async def ping(self) -> bool:
        """Whether a query gets through now."""
        return await self._trouble() is None

    async def _trouble(self) -> str | None:
        """Return why no query gets through now, on one line; None if one does."""
        try:
            async with self.read() as connection:
                await connection.execute(text("select 1"))
        except (*GONE, asyncpg.PostgresError, DBAPIError) as error:
            cause = error.orig if isinstance(error, DBAPIError) and error.orig else error
            return " ".join(str(cause).split()) or type(cause).__name__
        return None

    async def wait(self, stopping: Callable[[], bool] = lambda: False) -> None:
        """Return once the database answers; say so while it does not. Raises StartupError if told to stop meanwhile."""
        where = self._url.set(drivername="postgresql").render_as_string(hide_password=True)
        delay, said, said_at = 0.05, "", 0.0
        while (why := await self._trouble()) is not None:
            if stopping():
                raise StartupError(f"stopped while the database at {where} did not answer")
            if why != said or clock.monotonic() - said_at > SAY_AGAIN:
                hint = "waiting; start it or correct CORRAL_DATABASE_URL"
                log.warning("database_unreachable", database=where, error=why, hint=hint)
                said, said_at = why, clock.monotonic()
            await asyncio.sleep(delay * (0.5 + 0.5 * clock.chance()))
            delay = min(delay * 2, LONGEST_PAUSE)

    async def close(self) -> None:
        await self.engine.dispose()


async def _nobody_minds(_: asyncpg.Connection) -> None:
    """Whoever has no lease to lose may connect."""


async def _as_it_is(_: object) -> None:
    """Reads leave nothing behind on a connection: no lock, cursor or setting that would cost a round trip to undo."""


def _asyncpg_url(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise StartupError(f"CORRAL_DATABASE_URL is not a database URL: {error}") from error
    if not parsed.drivername.startswith(("postgresql", "postgres")):
        raise StartupError(f"CORRAL_DATABASE_URL names {parsed.drivername!r}; Corral needs postgresql://…")
    return parsed.set(drivername="postgresql+asyncpg")
