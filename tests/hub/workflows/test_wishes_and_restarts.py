"""What runs wish for while the hub goes down: taken up again after the start, or ended if nobody waits for it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from corral_hub.accounts.model import RunAgent
from corral_hub.bus.bus import Bus
from corral_hub.db.database import Database
from corral_hub.projects.actions import Projects
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Task
from corral_hub.workflows import facts as f
from corral_hub.workflows.actions import Workflows
from corral_hub.workflows.fulfil.call_workflow import WorkflowWishes
from corral_hub.workflows.fulfil.fulfiller import Fulfiller
from corral_hub.workflows.fulfil.names import write_name
from corral_hub.workflows.fulfil.orphans import REASON, Orphans
from corral_hub.workflows.live import Live
from corral_hub.workflows.orders import StartRun
from corral_hub.workflows.queries import WorkflowQueries
from corral_hub.workflows.vault import Vault
from corral_protocol.codec import encode
from corral_protocol.nodes import CallWorkflow, NodeAssigned
from tests.hub.samples import ADMIN, PROJECT, by_hand, new_id
from tests.hub.workflows.mill import Mill
from tests.hub.workflows.playing import graph_of

CHILD = graph_of("inner")
PARENT = graph_of("call", "after", edges="call>after")


@asynccontextmanager
async def hub(database: Database, projects: Projects) -> AsyncIterator[tuple[Mill, Orphans]]:
    """A hub that calls workflows for others; its search for orphans begins when a test says so."""
    pool = await database.pool()
    mill = Mill(database)
    calls = WorkflowWishes(
        Workflows(database, WorkflowQueries(pool), projects, mill.fleet, Bus(), Vault(database, "x" * 32)), mill.reactor
    )
    fulfiller = Fulfiller(mill.reactor, {CallWorkflow: calls}, lambda: mill.engine.runs)
    mill.effects.fulfil, mill.effects.withdraw = fulfiller.fulfil, fulfiller.withdraw
    mill.effects.ended = lambda live, _: calls.run_ended(live)
    orphans = Orphans(mill.engine, mill.reactor, pool)
    try:
        async with mill:
            yield mill, orphans
            await orphans.stop()
            await fulfiller.stop()
    finally:
        await pool.close()


async def searched(orphans: Orphans) -> None:
    """Let it look for orphans, to the end of its search."""
    orphans.start()
    assert orphans._search is not None
    await orphans._search


def plain(key: str, given: NodeAssigned) -> Any:
    return key


@pytest.mark.parametrize("ends_meanwhile", [False, True])
async def test_a_workflow_that_was_called_is_not_called_again(
    database: Database, projects: Projects, ends_meanwhile: bool
) -> None:
    async with hub(database, projects) as (mill, _):
        child = await mill.publish(CHILD)
        parent = await mill.start(PARENT)
        await mill.finish("call", wish=encode(CallWorkflow(workflow=str(child))))
        await mill.woken("inner")
    if ends_meanwhile:  # its end is committed, and the hub dies before the parent hears of it
        async with Mill(database) as mill:
            await mill.work_off(plain, steps=1)
    async with hub(database, projects) as (mill, orphans):
        await searched(orphans)
        await mill.work_off(plain)
        assert await mill.status(parent) == "completed"
        rows = await mill.rows.fetch("select status, parent_run_id from workflow_runs where workflow_id = $1", child)
        assert [(row["status"], row["parent_run_id"]) for row in rows] == [("completed", parent)]


async def test_a_called_workflow_whose_caller_is_over_is_ended(database: Database, projects: Projects) -> None:
    """The caller was cancelled, and the hub died before it could say so to what it had called."""
    async with Mill(database) as mill:
        parent = await mill.start(PARENT)
        child = await called(mill, parent)
        other = await mill.start(graph_of("work"))
        await mill.tell(parent, f.Cancelled())
        assert await mill.status(child) == "running"
    async with hub(database, projects) as (mill, orphans):
        await searched(orphans)
        assert await mill.status(child) == "cancelled"
        assert await mill.status(other) == "running"
        history = await mill.rows.fetchval(
            "select fact ->> 'reason' from run_history where run_id = $1 and type = 'workflow_cancelled'", child
        )
        assert history == REASON


async def called(mill: Mill, parent: UUID) -> UUID:
    id = new_id()
    live: Live = await mill.reactor.ask(
        StartRun(
            run_id=id, workflow_id=await mill.publish(CHILD), version=1, project_id=PROJECT, graph=CHILD,
            begun=f.Begun(), started_by=f"run:{parent}", parent=(parent, "call"),
        )
    )  # fmt: skip
    return live.id


async def test_tasks_of_runs_that_are_over_are_cancelled_and_all_others_are_not(
    database: Database, projects: Projects
) -> None:
    async with Mill(database) as mill:
        over, live = await mill.start(graph_of("job")), await mill.start(graph_of("job"))
        for run, number in ((over, 1), (over, 2), (live, 1)):
            name, maker = write_name(run, "job", number), RunAgent(task_id=run, project_id=PROJECT, epoch=0, key="job")
            await add(mill, by_hand(name, client_key=name, created_by=maker.label))
        await add(mill, by_hand("mine", client_key="mine"))
        await add(mill, by_hand("nameless"))
        await mill.tell(over, f.Cancelled())
    async with hub(database, projects) as (mill, orphans):
        await searched(orphans)
        statuses = await statuses_of(mill.rows)
        assert {name for name, status in statuses.items() if status == "cancelled"} == {
            write_name(over, "job", 1), write_name(over, "job", 2),
        }  # fmt: skip
        await searched(orphans)
        assert await statuses_of(mill.rows) == statuses


async def add(mill: Mill, task: Task) -> None:
    await mill.reactor.ask(cmd.Create(task=task, edges=(), principal=ADMIN))


async def statuses_of(rows: asyncpg.Connection) -> dict[str, str]:
    return {row["title"]: row["status"] for row in await rows.fetch("select title, status from tasks")}
