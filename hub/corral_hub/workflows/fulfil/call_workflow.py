"""The wish for another workflow: a run of its published version, whose end is the node's."""

import asyncio
from collections import defaultdict
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson

from corral_hub.errors import NotFound
from corral_hub.tasks.reactor import Reactor
from corral_hub.workflows import facts as f
from corral_hub.workflows.actions import Workflows
from corral_hub.workflows.beginning import Asked, begin
from corral_hub.workflows.fulfil.wanted import Wanted
from corral_hub.workflows.live import Live
from corral_hub.workflows.orders import StartRun, TellRun
from corral_hub.workflows.runs import graph_of
from corral_protocol.nodes import CallWorkflow
from corral_protocol.vocabulary import ErrorClass, RunStatus

DEEPEST = 20
"""Runs above each other: who calls itself finds an end."""


class WorkflowWishes:
    """Implements fulfiller.Kind. The child's id follows from the wish's name."""

    def __init__(self, workflows: Workflows, reactor: Reactor) -> None:
        self._workflows = workflows
        self._reactor = reactor
        self._ends: defaultdict[UUID, asyncio.Event] = defaultdict(asyncio.Event)

    async def fulfil(self, wanted: Wanted, wish: CallWorkflow) -> f.Completed | f.Failed:
        if wanted.depth >= DEEPEST:
            return wanted.failed(ErrorClass.BAD_INPUT, f"workflows call each other {DEEPEST} deep, and no further")
        child_id = _child(wanted)
        ended = self._ends[child_id]
        try:
            if await self._workflows.queries.run(child_id) is None:
                await self._begin(wanted, wish, child_id)
            return await self._end_of(wanted, child_id, ended)
        finally:
            self._ends.pop(child_id, None)

    async def withdraw(self, wanted: Wanted, wish: CallWorkflow) -> None:
        reason = f"run {wanted.run_id} does not need it any more"
        await self._reactor.ask(TellRun(run_id=_child(wanted), fact=f.Cancelled(reason=reason)))

    def run_ended(self, live: Live) -> None:
        """Called once the end is committed."""
        if live.id in self._ends:
            self._ends[live.id].set()

    async def _begin(self, wanted: Wanted, wish: CallWorkflow, child_id: UUID) -> None:
        row = await self._find(wanted, wish.workflow)
        version = await self._workflows.version(row["id"], row["version"])
        graph = graph_of(version["definition"])
        order = StartRun(
            run_id=child_id,
            workflow_id=row["id"],
            version=version["number"],
            project_id=row["project_id"],
            graph=graph,
            begun=begin(graph, self._workflows.catalogue(), Asked(inputs=wish.inputs)),
            started_by=f"run:{wanted.run_id}",
            parent=wanted.place,
        )
        try:
            await self._reactor.ask(order)
        except asyncpg.UniqueViolationError:  # it was begun before, and is over by now
            return

    async def _find(self, wanted: Wanted, name: str) -> Any:
        """Return the row of a workflow of the same project, by id or name. Raises NotFound."""
        queries = self._workflows.queries
        row = await queries.workflow(int(name)) if name.isdecimal() and len(name) < 10 else None
        if row is None:
            row = next(iter(await queries.named(name, wanted.project_id)), None)
        if row is None or row["project_id"] != wanted.project_id:
            raise NotFound("workflow_not_found", f"this project has no workflow {name[:64]}", "corral workflow list")
        return row

    async def _end_of(self, wanted: Wanted, child_id: UUID, ended: asyncio.Event) -> f.Completed | f.Failed:
        while True:
            ended.clear()  # before looking: what happens from here on is heard
            row = await self._workflows.queries.run(child_id)
            if row is not None and row["ended_at"] is not None:
                return await self._outcome(wanted, row)
            await ended.wait()

    async def _outcome(self, wanted: Wanted, row: Any) -> f.Completed | f.Failed:
        status = RunStatus(row["status"])
        if status is RunStatus.COMPLETED:
            outputs = orjson.loads(row["output"]) if row["output"] else {}
            return wanted.done({"run_id": str(row["id"]), "status": status.value, "outputs": outputs})
        if status is RunStatus.CANCELLED:
            return wanted.failed(ErrorClass.CANCELLED, f"run {row['id']} was cancelled")
        nodes = {node["key"]: node for node in await self._workflows.queries.nodes(row["id"])}
        error = orjson.loads(nodes[row["failed"]]["error"] or "{}") if row["failed"] in nodes else {}
        kind = str(error.get("kind", ""))
        known = ErrorClass(kind) if kind in frozenset(ErrorClass) else ErrorClass.UPSTREAM_FAILED
        return wanted.failed(known, f"run {row['id']}: {row['failed']}: {error.get('message', 'it failed')}")


def _child(wanted: Wanted) -> UUID:
    return uuid5(wanted.run_id, wanted.name)
