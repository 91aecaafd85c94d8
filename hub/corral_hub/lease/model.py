"""A lease as it is seen, and whether it may be taken. Pure."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

MISSES = 4
"""Looks in a row at which the holder had no session, or no time left: the first may have met it between two."""


class LeaseLost(ConnectionError):
    """Another hub works by now. What handles a database that went away handles this: nothing was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`sessions`: the holder's, on this database. `may_fence`: whether we could see and end them.

    `settled`: the server has been up for a while, so that whoever lives has connected again.
    """

    epoch: int
    holder: UUID | None
    name: str
    expires_at: datetime
    expired: bool
    sessions: int
    may_fence: bool
    settled: bool


def count_misses(seen: Seen, before: Seen | None, misses: int) -> int:
    """Return at how many looks in a row the holder seemed dead.

    One without a session died: nobody needs to wait for the end of its lease. One whose time is over may have been kept
    from renewing it by PostgreSQL, which is back just now: it has these looks to do so.
    """
    dead = seen.expired or (seen.sessions == 0 and seen.settled)
    if not dead:
        return 0
    return misses + 1 if before is None or before.epoch == seen.epoch else 1


def is_free(seen: Seen, misses: int, name: str) -> bool:
    """Return whether the lease may be taken: nobody has it, its time is over, or its holder is dead.

    `name`: ours; a holder of the same name had our address, and does not live.
    """
    if seen.holder is None:
        return True
    if not seen.may_fence:
        return False
    return misses >= MISSES or (seen.sessions == 0 and seen.name == name)


def session_name(holder: UUID) -> str:
    """Return the application_name of a hub's sessions, by which it is fenced off."""
    return f"corral-hub {holder}"
