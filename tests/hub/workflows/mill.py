"""The reactor with the engine as its guest, on a real database; machines are lists of what they were sent."""

import asyncio
import json
from collections.abc import Callable
from typing import Any, Self
from uuid import UUID

import asyncpg

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import RunEvent
from corral_hub.db.database import Database
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView
from corral_hub.tasks.ledger import Ledger
from corral_hub.tasks.reactor import Reactor
from corral_hub.workflows import facts as f
from corral_hub.workflows import store
from corral_hub.workflows.drafts import digest
from corral_hub.workflows.effects import Effects
from corral_hub.workflows.engine import Engine
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.live import Live
from corral_hub.workflows.orders import HoldNodes, StartRun, TellRun
from corral_hub.workflows.reading import write_definition
from corral_protocol.capabilities import NodeManifest
from corral_protocol.nodes import HeldNode, NodeAssigned, NodeCancel, NodeFinished, NodeLog, NodeResult
from corral_protocol.outcome import UnitError
from corral_protocol.to_daemon import ToDaemon
from corral_protocol.vocabulary import ErrorClass
from tests.hub.heart import PROJECT_ROW, SERVER_ROW
from tests.hub.reporting import Spool
from tests.hub.samples import PROJECT, server

WORK = NodeManifest(type="work", aliases=("toil",))
ANVIL = server("anvil", nodes=(WORK,), id=UUID(int=71))
BELLOWS = server("bellows", nodes=(WORK,), id=UUID(int=72))
AGAIN = " on conflict do nothing"


class Mill:
    """`async with Mill(database) as mill: run = await mill.start(graph)`."""

    def __init__(self, database: Database, *servers: ServerView) -> None:
        self.sent: list[tuple[UUID, ToDaemon]] = []
        self.events: list[RunEvent] = []
        self._arrived = asyncio.Event()
        self.fleet = Fleet()
        self.bus = Bus()
        self.bus.subscribe(RunEvent, self.events.append)
        self.effects = Effects(self.bus, self)
        self.engine = Engine(self.fleet, self.effects, lambda: 0.5)
        self.reactor = Reactor(database, self.fleet, _nothing, self.engine)
        self._database = database
        self._servers = servers or (ANVIL,)
        self._spools: dict[UUID, Spool] = {}
        self.rows: asyncpg.Connection

    async def __aenter__(self) -> Self:
        self.rows = await self._database.connect_raw()
        await self.rows.execute(PROJECT_ROW + AGAIN, PROJECT, "ours")
        for view in self._servers:
            await self.rows.execute(SERVER_ROW + AGAIN, view.id, view.name, "{}")
            self.fleet.put(view)
        await self.reactor.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.reactor.stop()
        await self.rows.close()

    def send(self, server_id: UUID, message: ToDaemon) -> None:
        self.sent.append((server_id, message))
        self._arrived.set()

    async def woken(self, *keys: str) -> None:
        """Return once these nodes were given out. Raises TimeoutError."""
        async with asyncio.timeout(30):
            while not set(keys) <= set(self.assigned()):
                self._arrived.clear()
                await self._arrived.wait()

    async def given(self, key: str, attempt: int) -> None:
        """Return once this attempt was given out. Raises TimeoutError."""
        async with asyncio.timeout(30):
            while key not in self.assigned() or self.assigned()[key].attempt < attempt:
                self._arrived.clear()
                await self._arrived.wait()

    async def publish(self, graph: Graph) -> int:
        """Store a definition as version 1 of a workflow; return the workflow's id."""
        written = json.dumps(write_definition(graph.definition))
        id = await self.rows.fetchval(
            "insert into workflows (project_id, name, draft, version, created_by, created_at, updated_at)"
            " values ($1, 'w', $2, 1, 'ada', now(), now()) returning id",
            PROJECT,
            written,
        )
        await self.rows.execute(
            "insert into workflow_versions (workflow_id, number, definition, created_by, created_at)"
            " values ($1, 1, $2, 'ada', now())",
            id,
            written,
        )
        return int(id)

    async def publish_again(self, workflow_id: int, number: int, graph: Graph) -> None:
        written = json.dumps(write_definition(graph.definition))
        await self.rows.execute(
            "insert into workflow_versions (workflow_id, number, definition, created_by, created_at)"
            " values ($1, $2, $3, 'ada', now())",
            workflow_id,
            number,
            written,
        )

    async def keep(self, workflow_id: int, graph: Graph) -> int:
        """Keep a draft of a workflow for those that try it out; return its id."""
        written = write_definition(graph.definition)
        async with self._database.begin() as tx:
            return await store.keep_draft(tx, workflow_id, digest(written), written, "ada", clock.now())

    async def start(self, graph: Graph, **begun: Any) -> UUID:
        return await self.begin(await self.publish(graph), 1, graph, **begun)

    async def begin(
        self, workflow_id: int, version: int | None, graph: Graph, draft: int | None = None, **begun: Any
    ) -> UUID:
        run_id = clock.new_id()
        live: Live = await self.reactor.ask(
            StartRun(
                run_id=run_id,
                workflow_id=workflow_id,
                version=version,
                draft=draft,
                project_id=PROJECT,
                graph=graph,
                begun=f.Begun(**begun),
                started_by="ada",
            )
        )
        assert live.id == run_id
        return run_id

    async def tell(self, run_id: UUID, fact: f.Fact) -> None:
        await self.reactor.ask(TellRun(run_id=run_id, fact=fact))

    def assigned(self) -> dict[str, NodeAssigned]:
        """Return the newest assignment of each key."""
        return {message.key: message for _, message in self.sent if isinstance(message, NodeAssigned)}

    def cancelled(self) -> set[str]:
        return {message.key for _, message in self.sent if isinstance(message, NodeCancel)}

    def where(self, key: str) -> UUID:
        return [id for id, message in self.sent if isinstance(message, NodeAssigned) and message.key == key][-1]

    async def finish(self, key: str, output: Any = None, wish: Any = None, attempt: int | None = None) -> None:
        await self.report(key, NodeResult(output=output, wish=wish, logs=(f"did {key}",)), attempt)

    async def fail(self, key: str, kind: ErrorClass = ErrorClass.EXIT_NONZERO) -> None:
        await self.report(key, NodeResult(error=UnitError(kind=kind, message="no")))

    async def report(self, key: str, result: NodeResult, attempt: int | None = None) -> None:
        given, server_id = self.assigned()[key], self.where(key)
        spool = self._spools.setdefault(server_id, Spool(server_id, str(id(self))))
        message = NodeFinished(
            seq=spool.next(), run_id=given.run_id, key=key, attempt=attempt or given.attempt, result=result
        )
        await self.reactor.ask(spool.report(message))

    async def log(self, key: str, first: int, *lines: str, attempt: int | None = None, dropped: int = 0) -> None:
        given, server_id = self.assigned()[key], self.where(key)
        spool = self._spools.setdefault(server_id, Spool(server_id, str(id(self))))
        message = NodeLog(
            seq=spool.next(), run_id=given.run_id, key=key, attempt=attempt or given.attempt, first=first, lines=lines,
            dropped=dropped,
        )  # fmt: skip
        await self.reactor.ask(spool.report(message))

    async def work_off(self, outcome: Callable[[str, NodeAssigned], Any], steps: int = 1_000_000) -> None:
        """Be a machine that does what it is given, node by node, until nothing is left or `steps` were done.

        It begins with nothing in hand: what an earlier mill gave out is given out again. An ErrorClass is a failure.
        """
        for view in self._servers:
            await self.held(view)
        done: set[tuple[str, str, int]] = set()
        while steps > 0 and self.engine.runs:
            newest = {(m.run_id, m.key): (id, m) for id, m in self.sent if isinstance(m, NodeAssigned)}
            fresh = [(id, m) for id, m in newest.values() if _key(m) not in done]
            if not fresh:  # a timer is on its way
                self._arrived.clear()
                async with asyncio.timeout(30):
                    await self._arrived.wait()
                continue
            for server_id, given in fresh[:steps]:
                done.add(_key(given))
                found = outcome(given.key, given)
                failed = isinstance(found, ErrorClass)
                error = UnitError(kind=found, message="no") if failed else None
                await self._answer(server_id, given, NodeResult(output=None if failed else found, error=error))
            steps -= len(fresh)

    async def _answer(self, server_id: UUID, given: NodeAssigned, result: NodeResult) -> None:
        spool = self._spools.setdefault(server_id, Spool(server_id, str(id(self))))
        message = NodeFinished(
            seq=spool.next(), run_id=given.run_id, key=given.key, attempt=given.attempt, result=result
        )
        await self.reactor.ask(spool.report(message))

    async def held(self, view: ServerView, *nodes: NodeAssigned, again: bool = False) -> None:
        holding = tuple(HeldNode(run_id=node.run_id, key=node.key, attempt=node.attempt) for node in nodes)
        await self.reactor.ask(HoldNodes(server_id=view.id, nodes=holding, again=again))

    async def status(self, run_id: UUID) -> str:
        return str(await self.rows.fetchval("select status from workflow_runs where id = $1", run_id))

    async def nodes(self, run_id: UUID) -> dict[str, str]:
        rows = await self.rows.fetch("select key, status from node_runs where run_id = $1", run_id)
        return {row["key"]: row["status"] for row in rows}

    async def history(self, run_id: UUID) -> list[str]:
        rows = await self.rows.fetch("select type from run_history where run_id = $1 order by number", run_id)
        return [row["type"] for row in rows]


def _key(given: NodeAssigned) -> tuple[str, str, int]:
    return given.run_id, given.key, given.attempt


def _nothing(_: Ledger) -> None:
    """Tasks are not what this is about."""
