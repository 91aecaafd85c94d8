"""The launcher beside the engine, on a real database: `mill.py` with deployments. Time is what the test says it is."""

import json
from datetime import datetime
from typing import Any, Self
from uuid import UUID

import asyncpg
import pytest

from corral_hub import clock
from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.dispatch.fleet import Fleet
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.ledger import Ledger
from corral_hub.tasks.reactor import Reactor
from corral_hub.triggers.arming import find_triggers
from corral_hub.triggers.launcher import Launcher
from corral_hub.triggers.model import Deployment, WhenBusy
from corral_hub.triggers.orders import Arm, Disarm, Fire, Launch
from corral_hub.workflows import facts as f
from corral_hub.workflows.effects import Effects
from corral_hub.workflows.engine import Engine
from corral_hub.workflows.orders import TellRun
from corral_hub.workflows.runs import graph_of
from corral_protocol.capabilities import NodeManifest
from corral_protocol.to_daemon import ToDaemon
from tests.hub.heart import PROJECT_ROW
from tests.hub.samples import PROJECT

CATALOGUE = {
    name: NodeManifest(type=name, trigger=trigger)
    for name, trigger in (
        ("start", "manual"), ("webhookTrigger", "webhook"), ("cronScheduler", "cron"), ("chatTrigger", "chat"),
        ("taskTrigger", "task"), ("work", None),
    )
}  # fmt: skip
Json = dict[str, Any]


class House:
    """`async with House(database) as house`. A second one on the same database is the hub after a restart."""

    def __init__(self, database: Database, patch: pytest.MonkeyPatch) -> None:
        self.now = datetime.fromisoformat("2026-11-26T05:00:00+00:00")
        patch.setattr(clock, "now", lambda: self.now)
        self.fleet, effects = Fleet(), Effects(Bus(), self)
        self.engine = Engine(self.fleet, effects, lambda: 0.5)
        self.launcher = Launcher(self.engine)
        self.reactor = Reactor(database, self.fleet, _nothing, self.launcher, self.engine)
        self.launcher.look = lambda: self.reactor.tell(cmd.Look())
        effects.ended = lambda live, _: self.launcher.run_ended(live)
        self._database = database
        self.rows: asyncpg.Connection

    async def __aenter__(self) -> Self:
        self.rows = await self._database.connect_raw()
        await self.rows.execute(PROJECT_ROW + " on conflict do nothing", PROJECT, "ours")
        await self.reactor.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.reactor.stop()
        await self.rows.close()

    def send(self, server_id: UUID, message: ToDaemon) -> None:
        raise AssertionError("there is no machine")

    async def workflow(self, *nodes: Json, edges: tuple[str, ...] = (), name: str = "w") -> tuple[int, str]:
        """Store a workflow with one version; `edges` are like `ab`. Return its id and its text."""
        links = [{"source": a, "target": b} for a, b in edges]
        text = await self.rows.fetchval("select $1::jsonb::text", json.dumps({"nodes": list(nodes), "edges": links}))
        id = await self.rows.fetchval(
            "insert into workflows (project_id, name, draft, version, created_by, created_at, updated_at)"
            " values ($1, $2, $3, 1, 'ada', now(), now()) returning id",
            PROJECT, name, text,
        )  # fmt: skip
        await self.version(int(id), 1, text)
        return int(id), text

    async def version(self, id: int, number: int, text: str) -> None:
        await self.rows.execute(
            "insert into workflow_versions (workflow_id, number, definition, created_by, created_at)"
            " values ($1, $2, $3, 'ada', now())", id, number, text,
        )  # fmt: skip

    async def deploy(self, *nodes: Json, edges: tuple[str, ...] = (), **more: Any) -> int:
        id, text = await self.workflow(*nodes, edges=edges)
        await self.arm(id, text, **more)
        return id

    async def arm(self, id: int, text: str, version: int = 1, **more: Any) -> Deployment:
        words: Json = {"concurrency": None, "when_busy": WhenBusy.QUEUE, **more}
        return await self.reactor.ask(
            Arm(
                deployment=Deployment(
                    id=UUID(int=1000 + id),
                    workflow_id=id,
                    workflow="w",
                    version=version,
                    project_id=PROJECT,
                    definition=text,
                    triggers=find_triggers(graph_of(text), CATALOGUE, self.now),
                    deployed_by="ada",
                    deployed_at=self.now,
                    changed_at=self.now,
                    **words,
                )
            )
        )

    async def disarm(self, id: int) -> None:
        await self.reactor.ask(Disarm(workflow_id=id, actor="ada"))

    async def fire(self, id: int, node_id: str = "t", run_id: UUID | None = None, payload: Any = None) -> Launch:
        order = Fire(workflow_id=id, node_id=node_id, run_id=run_id or clock.new_id(), payload=payload)
        return await self.reactor.ask(order)

    async def at(self, moment: datetime) -> None:
        """Let the clock show `moment`, and everything that is due by then begin."""
        self.now = moment
        while (wake := self.launcher.next_wake()) is not None and wake <= moment:
            await self.reactor.ask(cmd.Look())
        await self.reactor.ask(cmd.Look())

    async def end(self, run_id: UUID) -> None:
        await self.reactor.ask(TellRun(run_id=run_id, fact=f.Cancelled()))
        await self.reactor.ask(cmd.Look())

    async def runs(self, id: int) -> list[Any]:
        return await self.rows.fetch(
            "select r.*, h.fact from workflow_runs r join run_history h on h.run_id = r.id and h.number = 1"
            " where workflow_id = $1 order by r.created_at, h.fact -> 'payload' ->> 'scheduled_time'", id,
        )  # fmt: skip

    async def live(self, id: int) -> list[UUID]:
        return [row["id"] for row in await self.runs(id) if row["ended_at"] is None]


def tick(id: str = "t", **parameters: Any) -> Json:
    return {"id": id, "type": "cronScheduler", "parameters": parameters}


def hook(path: str, id: str = "t", **parameters: Any) -> Json:
    return {"id": id, "type": "webhookTrigger", "parameters": {"path": path, **parameters}}


WORK: Json = {"id": "w", "type": "work"}
"""A step that no machine can do: its run stays live until it is ended."""


def _nothing(_: Ledger) -> None:
    """Tasks are not what this is about."""
