"""Which way a run went: what each edge of its graph has said so far. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from corral_hub.workflows import edges
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.model import Edge
from corral_hub.workflows.run import NODE_ENDED, NodeRun, Why, item_key
from corral_protocol.codec import Json, encode
from corral_protocol.vocabulary import NodeStatus

Nodes = Mapping[str, NodeRun]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An edge by its ends. `taken`: None as long as its source has not ended."""

    source: str
    source_handle: str
    target: str
    target_handle: str
    taken: bool | None


def steps(graph: Graph, nodes: Nodes, handles: Mapping[str, tuple[str, ...] | None]) -> tuple[Step, ...]:
    """Return every edge between steps. `nodes`: with their items; `handles`: those that a node has said were live.

    The same judgement that the run itself goes by, so that no picture says anything else. Outputs that no fact has
    (of what failed, of what is switched off, of all items together) follow from the others here as they do there.
    """
    found: list[Step] = []
    known: dict[str, Json] = {}
    taken: dict[str, list[str]] = {}
    for id in (id for layer in graph.layers for id in layer):
        run = nodes.get(id)
        if run is not None and run.status in NODE_ENDED:
            before = {source: known.get(source) for source in taken.get(id, ())}
            run = run._replace(output=_output(graph, id, run, nodes, before))
            known[id] = run.output
        for edge, live in _judged(graph, id, run, handles.get(id)):
            found.append(_step(edge, live))
            if live:
                taken.setdefault(edge.target, []).append(edge.source)
    return tuple(found)


def _output(graph: Graph, id: str, run: NodeRun, nodes: Nodes, before: Mapping[str, Json]) -> Json:
    if run.status is NodeStatus.FAILED:
        return _of(run)
    if run.why is Why.DISABLED:
        in_order = {edge.source: before[edge.source] for edge in graph.incoming[id] if edge.source in before}
        return edges.merged(in_order)
    if graph.nodes[id].each is None or run.output is not None:
        return run.output
    items: list[Json] = []
    while (item := nodes.get(item_key(id, len(items)))) is not None:
        items.append(_of(item))
    return {"items": items, "count": len(items)}


def _of(run: NodeRun) -> Json:
    if run.status is not NodeStatus.FAILED or run.error is None:
        return run.output
    return {"error": encode(run.error)}


def _judged(
    graph: Graph, id: str, run: NodeRun | None, handles: tuple[str, ...] | None
) -> list[tuple[Edge, bool | None]]:
    if run is None or run.status not in NODE_ENDED:
        return [(edge, None) for edge in graph.outgoing[id]]
    return list(edges.judge(graph.nodes[id], run, graph.outgoing[id], handles))


def _step(edge: Edge, live: bool | None) -> Step:
    return Step(
        source=edge.source, source_handle=edge.source_handle, target=edge.target, target_handle=edge.target_handle,
        taken=live,
    )  # fmt: skip
