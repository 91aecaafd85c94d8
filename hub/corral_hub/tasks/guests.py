"""Other nouns that decide in the reactor's batches: what they change is committed with everything else.

So one commit carries a node's end, the start of what follows it and the acknowledgement of the daemon's spool.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

import asyncpg

from corral_hub.db.blocks import Block, Row
from corral_hub.tasks import commands as cmd


class Guest(Protocol):
    """Memory is its own; it is read anew after a commit that failed."""

    commands: frozenset[type[Any]]
    """What it decides."""
    reports: frozenset[type[Any]]
    """Durable messages of daemons that are for it."""

    def decide(self, command: Any, now: datetime) -> Any:
        """Return the answer. Raises Refused before anything has changed."""
        ...

    def report(self, report: cmd.Report, now: datetime) -> None:
        """Take a durable message. Raises Conflict for one that changes nothing."""
        ...

    def conclude(self, now: datetime) -> Iterable[tuple[Block, list[Row]]]:
        """End the batch: return what must be written."""
        ...

    def tell(self) -> None:
        """It is committed: let it be known."""
        ...

    def next_wake(self) -> datetime | None:
        """Return when the next batch is needed, if nothing happens before."""
        ...

    async def rebuild(self, connection: asyncpg.Connection) -> None:
        """Read memory from the database."""
        ...


class Guests:
    """All of them, as the reactor needs them."""

    def __init__(self, guests: Iterable[Guest] = ()) -> None:
        self._guests = tuple(guests)
        self._deciders = {kind: guest for guest in self._guests for kind in guest.commands}
        self.reports = {kind: guest.report for guest in self._guests for kind in guest.reports}

    def has(self, command: Any) -> bool:
        return type(command) in self._deciders

    def decide(self, command: Any, now: datetime) -> Any:
        """Raises Refused."""
        return self._deciders[type(command)].decide(command, now)

    def conclude(self, now: datetime) -> list[tuple[Block, list[Row]]]:
        return [change for guest in self._guests for change in guest.conclude(now)]

    def tell(self) -> None:
        for guest in self._guests:
            guest.tell()

    def next_wake(self) -> datetime | None:
        return min((at for guest in self._guests if (at := guest.next_wake()) is not None), default=None)

    async def rebuild(self, connection: asyncpg.Connection) -> None:
        for guest in self._guests:
            await guest.rebuild(connection)
