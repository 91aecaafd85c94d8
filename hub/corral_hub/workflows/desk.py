"""The working copy of a run while facts are applied to it, and what is to be done about it. Pure."""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from corral_hub.workflows import template
from corral_hub.workflows.commands import Command
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.model import Node
from corral_hub.workflows.run import NodeRun, Run, Tally, Why, split_key
from corral_protocol.codec import Json
from corral_protocol.vocabulary import NodeStatus, RunStatus


class Desk:
    """Mutable, and never handed out: `decide` makes one per batch and takes a `Run` from it."""

    def __init__(self, graph: Graph, run: Run, now: datetime) -> None:
        self.graph = graph
        self.now = now
        self.before = run
        self.origin = run.origin
        self.status = run.status
        self.trigger = run.trigger
        self.inputs = run.inputs
        self.pinned = run.pinned
        self.nodes: dict[str, NodeRun] = dict(run.nodes)
        self.tallies: dict[str, Tally] = dict(run.tallies)
        self.ready = deque(run.ready)
        self.active: set[str] = set(run.active)
        self.left = run.left
        self.failed = run.failed
        self.commands: list[Command] = []
        self.touched: dict[str, None] = {}
        self.spreading: deque[tuple[str, tuple[str, ...] | None]] = deque()
        """Nodes that have ended and whose edges have not been told, with the handles that are open."""

    def result(self) -> Run:
        return Run(
            id=self.before.id,
            origin=self.origin,
            status=self.status,
            trigger=self.trigger,
            inputs=self.inputs,
            pinned=self.pinned,
            nodes=self.nodes,
            tallies=self.tallies,
            ready=tuple(self.ready),
            active=frozenset(self.active),
            left=self.left,
            failed=self.failed,
        )

    @property
    def is_over(self) -> bool:
        return self.status in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)

    def current(self, key: str, attempt: int) -> NodeRun | None:
        """Return the node's run if this attempt of it is the one that counts."""
        run = self.nodes.get(key)
        return run if run is not None and run.attempt == attempt and not run.ended and not self.is_over else None

    def set(self, key: str, status: NodeStatus, why: Why | None = None, **changes: Any) -> NodeRun:
        """Change a node's run; `since` moves when its status does."""
        run = self.nodes[key]
        since = run.since if run.status is status else self.now
        return self.put(key, run._replace(status=status, since=since, why=why, **changes))

    def put(self, key: str, run: NodeRun) -> NodeRun:
        self.nodes[key] = run
        self.touched[key] = None
        return run

    def node(self, key: str) -> Node:
        return self.graph.nodes[split_key(key)[0]]

    # -- what a node is given -----------------------------------------------------------

    def outputs_before(self, id: str) -> Mapping[str, Json]:
        """Return the outputs along the live edges into a node, by the ids of their sources."""
        live = set(self.tallies[id].sources)
        return {edge.source: self.nodes[edge.source].output for edge in self.graph.incoming[id] if edge.source in live}

    def scope(self, id: str) -> dict[str, Json]:
        """Return what the templates of a node may name."""
        named = {name: self.nodes[other].output for name, other in self.graph.named[id].items()}
        common = {"inputs": self.inputs, "variables": self.graph.definition.variables, "run": {"id": self.before.id}}
        return {**common, **named}

    def parameters(self, key: str) -> Mapping[str, Json]:
        """Raises template.TooDeep."""
        id, index = split_key(key)
        scope = self.scope(id)
        if index is not None:
            items = self.nodes[id].items or ()
            scope = {**scope, "item": items[index], "index": index}
        return template.fill(self.node(key).parameters, scope, self.graph.definition.dialect)

    def parts(self, id: str) -> tuple[Json, ...]:
        """Return the nodes that are parts of this one: {id, type, label, role, parameters}. Raises template.TooDeep."""
        scope, dialect = self.scope(id), self.graph.definition.dialect
        found: list[Json] = []
        for edge in self.graph.parts[id]:
            part = self.graph.nodes[edge.source]
            parameters = template.fill(part.parameters, scope, dialect)
            described = {"id": part.id, "type": part.type, "label": part.label, "role": edge.target_handle}
            found.append({**described, "parameters": parameters})
        return tuple(found)
