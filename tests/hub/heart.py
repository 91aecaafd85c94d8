"""A reactor on a real database, without HTTP and without daemons: what it would send is kept in `sent`."""

import asyncio
from typing import Any, Self
from uuid import UUID

import asyncpg

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import OutputStored, TaskEvent
from corral_hub.db.database import Database
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView
from corral_hub.sessions.model import Session
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.effects import Effects
from corral_hub.tasks.model import Task
from corral_hub.tasks.reactor import Reactor
from corral_hub.tasks.rows import dump, read_task
from corral_protocol.codec import encode
from corral_protocol.to_daemon import TaskAssigned, TaskCancel, ToDaemon
from corral_protocol.vocabulary import DependencyType
from tests.hub.reporting import Spool
from tests.hub.samples import ADMIN, ELSEWHERE, PROJECT, new_task

PROJECT_ROW = "insert into projects (id, name, status, settings, created_at) values ($1, $2, 'active', '{}', now())"
SERVER_ROW = "insert into servers (id, name, status, effective, created_at) values ($1, $2, 'online', $3, now())"
VERSION_ROW = """
    insert into server_versions (server_id, version, name, effective, created_at) values ($1, $2, $3, $4, now())"""
AGAIN = " on conflict do nothing"


class Heart:
    """`async with Heart(database, server("anvil")) as heart: await heart.create("A")`."""

    def __init__(self, database: Database, *servers: ServerView) -> None:
        self.fleet = Fleet()
        self.sent: list[tuple[UUID, ToDaemon]] = []
        self._arrived = asyncio.Event()
        self.flushed: list[UUID] = []
        self.sessions: dict[UUID, Session] = {}
        self.events: list[TaskEvent] = []
        self.outputs: list[OutputStored] = []
        bus = Bus()
        bus.subscribe(TaskEvent, self.events.append)
        bus.subscribe(OutputStored, self.outputs.append)
        self.reactor = Reactor(database, self.fleet, Effects(bus, self, lambda task, unit: f"token-{unit.epoch}", self))
        self._database = database
        self._servers = servers
        self.rows: asyncpg.Connection

    async def __aenter__(self) -> Self:
        self.rows = await self._database.connect_raw()
        for id, name in ((PROJECT, "ours"), (ELSEWHERE, "theirs")):
            await self.rows.execute(PROJECT_ROW + AGAIN, id, name)
        for view in self._servers:
            await self.join(view)
        await self.reactor.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.reactor.stop()
        await self.rows.close()

    async def join(self, view: ServerView) -> None:
        effective = dump(encode(view.capabilities))
        await self.rows.execute(SERVER_ROW + AGAIN, view.id, view.name, effective)
        await self.rows.execute(VERSION_ROW + AGAIN, view.id, view.version, view.name, effective)
        self.fleet.put(view)

    # -- the way to the daemons ---------------------------------------------------

    def send(self, server_id: UUID, message: ToDaemon) -> None:
        self.sent.append((server_id, message))
        self._arrived.set()

    def flush(self, server_id: UUID) -> None:
        self.flushed.append(server_id)

    # -- the living sessions --------------------------------------------------------

    def adopt(self, session: Session) -> None:
        self.sessions[session.id] = session

    def orphaned(self, session_id: UUID) -> None:
        self.sessions.pop(session_id, None)

    def assigned(self) -> list[TaskAssigned]:
        return [message for _, message in self.sent if isinstance(message, TaskAssigned)]

    async def handed_out(self, count: int) -> None:
        """Return once so many hand-outs were sent. Raises TimeoutError."""
        async with asyncio.timeout(30):
            while len(self.assigned()) < count:
                self._arrived.clear()
                await self._arrived.wait()

    def cancelled(self) -> list[tuple[str, int]]:
        return [(message.task_id, message.epoch) for _, message in self.sent if isinstance(message, TaskCancel)]

    # -- asking -------------------------------------------------------------------

    async def ask(self, command: cmd.Command) -> Any:
        return await self.reactor.ask(command)

    async def create(self, title: str = "a task", *edges: cmd.EdgeDraft, **arguments: Any) -> Task:
        """Create a task; what is made by hand says run=None."""
        return await self.add(new_task(title, now=clock.now(), **arguments), *edges)

    async def add(self, task: Task, *edges: cmd.EdgeDraft) -> Task:
        made, _ = await self.ask(cmd.Create(task=task, edges=edges, principal=ADMIN))
        return made

    async def do(self, request: type[cmd.Request], task_id: UUID, /, **arguments: Any) -> Any:
        """Ask something of a task as an admin."""
        return await self.ask(request(task_id=task_id, principal=ADMIN, **arguments))

    # -- looking --------------------------------------------------------------------

    async def task(self, id: UUID) -> Task:
        """Return the task as it is stored."""
        names = ", ".join(name for name in Task.__dataclass_fields__ if name != "machine")
        row = await self.rows.fetchrow(f"select {names} from tasks where id = $1", id)
        assert row is not None
        return read_task(row)

    async def statuses(self) -> dict[str, str]:
        return {row["title"]: row["status"] for row in await self.rows.fetch("select title, status from tasks")}

    async def units(self, task_id: UUID) -> list[tuple[int, str, str]]:
        """Return (epoch, phase, state) of every hand-out."""
        rows = await self.rows.fetch(
            "select epoch, phase, state from assignments where task_id = $1 order by epoch", task_id
        )
        return [(row["epoch"], row["phase"], row["state"]) for row in rows]

    async def log(self, task_id: UUID) -> list[str]:
        rows = await self.rows.fetch("select event_type from activity_log where task_id = $1 order by id", task_id)
        return [row["event_type"] for row in rows]


def blocks(upstream: Task) -> cmd.EdgeDraft:
    return cmd.EdgeDraft(id=clock.new_id(), upstream=upstream.id, kind=DependencyType.BLOCKS)


def takes(upstream: Task, key: str) -> cmd.EdgeDraft:
    return cmd.EdgeDraft(id=clock.new_id(), upstream=upstream.id, kind=DependencyType.INPUT, contract_key=key)


async def run(heart: Heart, spool: Spool, task: Task, result: Any = None) -> None:
    """Let a daemon do the task's newest unit."""
    epoch = (await heart.task(task.id)).epoch
    await heart.ask(spool.started(task.id, epoch))
    await heart.ask(spool.finished(task.id, epoch, result))
