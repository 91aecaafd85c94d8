"""A reactor in this process with simulated daemons: everything of the hub but HTTP and WebSockets."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from bench.daemons import Daemons
from corral_hub import clock
from corral_hub.accounts.model import Person, Role
from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.draft import Draft, build
from corral_hub.tasks.effects import Effects
from corral_hub.tasks.model import Policy, Task
from corral_hub.tasks.reactor import Reactor
from corral_protocol.capabilities import Capabilities

PROJECT = UUID(int=1)
ADMIN = Person(id=UUID(int=2), email="bench@example.org", role=Role.ADMIN)
COMMAND = {"kind": "command", "argv": ["true"]}
SERVER = "insert into servers(id, name, status, created_at) values ($1, $2, 'online', now()) on conflict do nothing"
TOKEN = "x" * 180
"""As long as a real one. Signing one for each hand-out is paid for in the end-to-end case."""


@dataclass(frozen=True, slots=True)
class Hub:
    url: str
    reactor: Reactor
    fleet: Fleet
    daemons: Daemons
    raw: asyncpg.Connection

    async def put(self, servers: Iterable[ServerView]) -> None:
        """Let these servers, and no others, take work; dispatch looks again."""
        self.leave()
        known = list(servers)
        await self.raw.executemany(SERVER, [(view.id, view.name) for view in known])
        for server in known:
            self.fleet.put(server)
        await self.reactor.ask(cmd.Look())

    def leave(self) -> None:
        """Take every server away; nothing is handed out from now on."""
        for view in self.fleet.views():
            self.fleet.remove(view.id)


@asynccontextmanager
async def hub(url: str) -> AsyncIterator[Hub]:
    """A hub over this database, which must be migrated and may hold tasks already."""
    database, fleet, daemons = Database(url), Fleet(), Daemons()
    raw = await database.connect_raw()
    await raw.execute(
        "insert into projects(id, name, status, settings, created_at) values ($1, 'bench', 'active', '{}', now())"
        " on conflict do nothing", PROJECT,
    )  # fmt: skip
    reactor = Reactor(database, fleet, Effects(Bus(), daemons, lambda task, unit: TOKEN, daemons))
    daemons.reactor = reactor
    await reactor.start()
    try:
        yield Hub(url, reactor, fleet, daemons, raw)
    finally:
        await reactor.stop()
        await raw.close()
        await database.close()


def machines(count: int, slots: int) -> list[ServerView]:
    return [
        ServerView(
            id=UUID(int=1000 + number), name=f"machine-{number}", version=1, maximum=slots,
            capabilities=Capabilities(max_concurrent=slots),
        )
        for number in range(count)
    ]  # fmt: skip


def new_task(title: str, by_hand: bool = False) -> Task:
    draft = Draft(title=title, project_id=PROJECT, run=None if by_hand else COMMAND)
    return build(draft, Policy(), clock.new_id(), ADMIN.label, clock.now(), {"title": title})
