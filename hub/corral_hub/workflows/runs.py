"""What the API can do with runs: begin them, look at them, steer them."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import asyncpg
import orjson

from corral_hub import clock, short_ids
from corral_hub.accounts.model import Person, Principal
from corral_hub.errors import Conflict, NotFound
from corral_hub.tasks.reactor import Reactor
from corral_hub.workflows import access, bodies, fresh, shapes, trail, views
from corral_hub.workflows import facts as f
from corral_hub.workflows.actions import Workflows
from corral_hub.workflows.beginning import Asked, alone, begin
from corral_hub.workflows.engine import Engine
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.live import Live
from corral_hub.workflows.orders import StartRun, TellRun
from corral_hub.workflows.progress import Progress
from corral_hub.workflows.queries import Wanted
from corral_hub.workflows.reading import read_definition
from corral_hub.workflows.runnable import Runnable, runnable
from corral_protocol.codec import Json
from corral_protocol.vocabulary import NodeStatus

DONE = frozenset({NodeStatus.COMPLETED.value, NodeStatus.CACHED.value})
MOST_GRAPHS = 256
"""Versions whose graphs are kept."""


@lru_cache(maxsize=256)
def graph_of(text: str) -> Graph:
    """Return the graph of a stored definition; what runs are bound to never changes."""
    return Graph(read_definition(orjson.loads(text))[0])


class Bound(NamedTuple):
    """What a run is of: a published version, or a draft that it tries out."""

    version: int | None
    draft: int | None
    graph: Graph


class Runs:
    def __init__(self, workflows: Workflows, reactor: Reactor, engine: Engine, progress: Progress) -> None:
        self.workflows = workflows
        self.queries = workflows.queries
        self._reactor = reactor
        self._engine = engine
        self.progress = progress
        self._graphs: dict[tuple[int, int], Graph] = {}

    # -- beginning ----------------------------------------------------------------------

    async def start(self, principal: Principal, text: str, body: bodies.RunBody) -> shapes.RunWhole:
        """Begin a run of the published version, or of the one that is named, or try out the draft."""
        access.change(principal)
        if body.draft or body.only is not None:
            return await self._try_out(principal, text, body)
        workflow = await self.workflows.runnable(principal, text)
        bound = await self._published(workflow.id, body.version or workflow.version)
        begun = begin(bound.graph, self.workflows.catalogue(), _asked(body))
        return await self._begin(workflow, bound, begun, principal.label)

    async def _try_out(self, principal: Principal, text: str, body: bodies.RunBody) -> shapes.RunWhole:
        row = await self.workflows.get(principal, text)
        if body.draft:
            draft, written = await self.workflows.keep_draft(principal, row, body.if_unchanged_since)
            bound = Bound(None, draft, graph_of(written))
        else:
            bound = await self._published(row["id"], body.version or row["version"])
        catalogue = self.workflows.catalogue()
        if body.only is None:
            begun = begin(bound.graph, catalogue, _asked(body))
        else:
            begun = alone(bound.graph, catalogue, _asked(body), body.only, await self._last_outputs(row["run_id"]))
        return await self._begin(runnable(row), bound, begun, principal.label)

    async def _last_outputs(self, run_id: UUID | None) -> Mapping[str, Json]:
        """Return what the nodes of a run have put out, by their ids."""
        nodes = await self.queries.nodes(run_id) if run_id is not None else []
        return {
            node["key"]: orjson.loads(node["output"]) for node in nodes if node["status"] in DONE and node["output"]
        }

    async def _published(self, workflow_id: int, number: int | None) -> Bound:
        """Return a version, whose graph is read once: it never changes. Raises NotFound."""
        if number is not None and (known := self._graphs.get((workflow_id, number))) is not None:
            return Bound(number, None, known)
        version = await self.workflows.version(workflow_id, number)
        if len(self._graphs) >= MOST_GRAPHS:
            del self._graphs[next(iter(self._graphs))]
        graph = self._graphs[workflow_id, version["number"]] = graph_of(version["definition"])
        return Bound(version["number"], None, graph)

    async def retry(
        self,
        principal: Principal,
        text: str,
        from_node: str | None,
        run_id: UUID | None = None,
        letter: int | None = None,
    ) -> shapes.RunWhole:
        """Begin a new run of the same version that takes over what the old one has put out, up to some nodes.

        What is tried again because it failed keeps its idempotency keys; what is run again on purpose gets new ones.
        """
        access.change(principal)
        old = await self.get(principal, text)
        if old["ended_at"] is None:
            raise Conflict("run_is_live", f"run {str(old['id'])[:8]} is not over", "corral run cancel")
        workflow = await self.workflows.runnable(principal, str(old["workflow_id"]))
        graph, nodes = graph_of(await self.queries.definition_of(old["id"])), await self.queries.nodes(old["id"])
        first = await self._first(old["id"])
        starts = {from_node} if from_node else {node["key"] for node in nodes if node["status"] == "failed"}
        if from_node is not None and from_node not in graph.nodes:
            raise NotFound("node_not_found", f"there is no node {from_node[:64]}", "corral run show")
        again = graph.downstream(starts) if starts else frozenset(graph.steps)
        kept = {n["key"]: n for n in nodes if n["status"] in DONE and n["key"] in graph.nodes and n["key"] not in again}
        pinned = {key: orjson.loads(node["output"]) if node["output"] else None for key, node in kept.items()}
        trigger = first.trigger if first.trigger not in pinned else None
        origin = None if from_node else first.origin or str(old["id"])
        begun = f.Begun(
            trigger=trigger, payload=first.payload, inputs=first.inputs, idle=first.idle, pinned=pinned, origin=origin
        )
        bound = Bound(old["version"], old["draft_id"], graph)
        if bound.draft is not None:
            await self.workflows.use_draft(bound.draft)
        return await self._begin(workflow, bound, begun, principal.label, run_id, letter)

    async def _begin(
        self,
        workflow: Runnable,
        bound: Bound,
        begun: f.Begun,
        who: str,
        run_id: UUID | None = None,
        letter: int | None = None,
    ) -> shapes.RunWhole:
        order = StartRun(
            run_id=run_id or clock.new_id(),
            workflow_id=workflow.id,
            version=bound.version,
            draft=bound.draft,
            project_id=workflow.project_id,
            graph=bound.graph,
            begun=begun,
            started_by=who,
            letter=letter,
        )
        try:
            live: Live = await self._reactor.ask(order)
        except asyncpg.UniqueViolationError:
            if run_id is None:
                raise
            # somebody else was asked for the very same run, and it is over by now
            return await self._shown(order.run_id)
        if live.run.ended or live.number > 1:  # it is over by now, or was there before
            return await self._shown(live.id)
        return self._fresh(live, workflow.name)

    async def _first(self, run_id: UUID) -> f.Begun:
        rows = await self.queries.history(run_id, 0, 1)
        fact = orjson.loads(rows[0]["fact"])
        return f.Begun(
            trigger=fact.get("trigger"),
            payload=fact.get("payload"),
            inputs=fact.get("inputs"),
            idle=tuple(fact.get("idle", ())),
            pinned=fact.get("pinned", {}),
            origin=fact.get("origin"),
        )

    # -- looking --------------------------------------------------------------------------

    async def get(self, principal: Principal, text: str) -> Any:
        """Return the row of a run by its id or the beginning of it. Raises NotFound, Conflict."""
        parsed = short_ids.parse(text, "run")
        if not isinstance(parsed, UUID):
            rows = await self.queries.runs_starting_with(parsed.text)
            seen = [(row["id"], row["workflow"]) for row in rows if access.may_see(principal, row["project_id"])]
            parsed = short_ids.pick(seen, text, "run")
        row = await self.queries.run(parsed)
        if row is None or not access.may_see(principal, row["project_id"]):
            raise access.no_run(text)
        return row

    async def show(self, principal: Principal, text: str) -> shapes.RunWhole:
        row = await self.get(principal, text)
        return await self._shown(row["id"])

    async def listing(self, principal: Principal, wanted: Wanted) -> shapes.RunPage:
        rows, cursor = await self.queries.runs(wanted)
        seen = [views.run(row) for row in rows if access.may_see(principal, row["project_id"])]
        return {"runs": seen, "next_cursor": cursor}

    async def logs(self, principal: Principal, text: str, node: str | None, after: int, limit: int) -> shapes.LogPage:
        """Return what nodes have logged behind `after`, in the order in which it came, in pieces."""
        row = await self.get(principal, text)
        found = [views.lines(piece) for piece in await self.queries.logs(row["id"], node, after, limit)]
        return {"logs": found, "next": found[-1]["id"] if found else after}

    async def definition(self, principal: Principal, text: str) -> shapes.RunDefinition:
        row = await self.get(principal, text)
        return {"version": row["version"], "definition": orjson.loads(await self.queries.definition_of(row["id"]))}

    async def steps(self, principal: Principal, text: str) -> list[shapes.RunStep]:
        """Return which edges of its graph a run has taken, and which not."""
        row = await self.get(principal, text)
        graph = graph_of(await self.queries.definition_of(row["id"]))
        first, rows = await self._first(row["id"]), await self.queries.ends(row["id"])
        given = {**first.pinned, **({first.trigger: first.payload} if first.trigger else {})}
        handles = {end["key"]: views.handles(end) for end in rows}
        found = trail.steps(graph, {end["key"]: views.ended(end, given) for end in rows}, handles)
        return [views.step(step) for step in found]

    def _fresh(self, live: Live, workflow: str) -> shapes.RunWhole:
        """Return a run that has just begun: what its rows say is in memory still."""
        placing = self._engine.placing

        def server(key: str) -> tuple[UUID, str | None] | None:
            place = placing.at.get((live.id, key))
            return None if place is None else (place[0], self.workflows.server_name(place[0]))

        found = fresh.view(live, workflow, lambda key: self._engine.parameters((live.id, key)), server)
        return {**found, "nodes": [self._waiting(live.id, node) for node in found["nodes"]]}

    def _waiting(self, id: UUID, node: shapes.NodeView) -> shapes.NodeView:
        return {**node, "why": "no_server"} if (id, node["key"]) in self._engine.placing.queue else node

    async def _shown(self, id: UUID) -> shapes.RunWhole:
        row = await self.queries.run(id)
        assert row is not None
        nodes = [self._waiting(id, views.node(node)) for node in await self.queries.nodes(id)]
        live = self._engine.runs.get(id)
        waiting = live.waiting() if live is not None else {}
        for node in nodes:
            if node["key"] in waiting:
                node["wish"] = waiting[node["key"]]
            if (come := self.progress.of((id, node["key"]))) is not None:
                node["progress"] = {"done": come.done, "text": come.text, "at": views.stamp(come.at)}
        return {**views.run(row), "nodes": nodes}

    # -- steering -------------------------------------------------------------------------

    async def tell(self, principal: Principal, text: str, fact: f.Fact) -> shapes.RunWhole:
        access.change(principal)
        row = await self.get(principal, text)
        await self._reactor.ask(TellRun(run_id=row["id"], fact=fact))
        return await self._shown(row["id"])

    async def answer(self, principal: Principal, text: str, key: str, body: bodies.AnswerBody) -> shapes.RunWhole:
        """Give a person's word to a node that asked for it."""
        access.change(principal)
        if not isinstance(principal, Person):
            raise Conflict("person_required", "approvals are given by people", "ask an admin")
        row = await self.get(principal, text)
        live = self._engine.runs.get(row["id"])
        wish = live.waiting().get(key) if live is not None else None
        if live is None or not isinstance(wish, Mapping) or wish.get("type") != "approve":
            raise Conflict("nothing_asked", f"node {key[:64]} of this run asks nothing", "corral run show")
        given = {
            "approved": body.approved,
            "comment": body.comment,
            "by": principal.label,
            "at": views.stamp(clock.now()),
        }
        handles = ("main", "approved" if body.approved else "refused")
        attempt = live.run.nodes[key].attempt
        return await self.tell(principal, text, f.Completed(key=key, attempt=attempt, output=given, handles=handles))


def _asked(body: bodies.RunBody) -> Asked:
    return Asked(trigger=body.trigger, inputs=body.inputs, pinned=body.pinned)
