"""The lease in SQL. Time is the database's: the clocks of hubs need not agree."""

from uuid import UUID

import asyncpg

from corral_hub.lease.model import Seen, session_name

EXISTS = "select to_regclass('hub_lease') is not null"
LOOK = """
    select epoch, holder, name, expires_at, expires_at <= clock_timestamp() as expired,
        (select count(*) from pg_stat_activity where datname = current_database()
            and application_name = 'corral-hub ' || l.holder) as sessions,
        coalesce((select pg_has_role(oid, 'member') from pg_roles where rolname = l.role), l.role = '') as may_fence,
        clock_timestamp() - pg_postmaster_start_time() > interval '3 seconds' as settled
    from hub_lease l"""
# Who renewed it after it was looked at keeps it.
TAKE = """
    update hub_lease set epoch = epoch + 1, holder = $3, name = $4, role = session_user, taken_at = clock_timestamp(),
        expires_at = clock_timestamp() + make_interval(secs => $5)
    where epoch = $1 and expires_at = $2 returning epoch"""
RENEW = """
    update hub_lease set expires_at = clock_timestamp() + make_interval(secs => $2) where epoch = $1 returning true"""
RELEASE = "update hub_lease set holder = null, expires_at = clock_timestamp() where epoch = $1"
EPOCH = "select epoch from hub_lease"
VISIBLE = """
    select count(*) from pg_stat_activity where datname = current_database() and application_name = $1"""
END = """
    select pid, pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = $1 and pid <> pg_backend_pid()"""


async def exists(connection: asyncpg.Connection) -> bool:
    return bool(await connection.fetchval(EXISTS))


async def look(connection: asyncpg.Connection) -> Seen:
    row = await connection.fetchrow(LOOK)
    assert row is not None, "the migration wrote the row"
    return Seen(**dict(row))


async def take(connection: asyncpg.Connection, seen: Seen, holder: UUID, name: str, ttl: float) -> int | None:
    """Return the new epoch; None if the lease is not as it was seen."""
    return await connection.fetchval(TAKE, seen.epoch, seen.expires_at, holder, name, ttl)


async def renew(connection: asyncpg.Connection, epoch: int, ttl: float) -> bool:
    """Return whether it is still ours."""
    return bool(await connection.fetchval(RENEW, epoch, ttl))


async def release(connection: asyncpg.Connection, epoch: int) -> None:
    await connection.execute(RELEASE, epoch)


async def epoch(connection: asyncpg.Connection) -> int:
    found: int | None = await connection.fetchval(EPOCH)
    assert found is not None, "the migration wrote the row"
    return found


async def is_visible(connection: asyncpg.Connection, holder: UUID) -> bool:
    """Return whether the holder's sessions can be told by their name."""
    return bool(await connection.fetchval(VISIBLE, session_name(holder)))


async def end_sessions(connection: asyncpg.Connection, holder: UUID) -> int:
    """Tell the sessions of a holder to end; return how many there still were."""
    return len(await connection.fetch(END, session_name(holder)))
