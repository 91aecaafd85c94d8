"""Which way a run went: what each edge of its graph has said so far. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from corral_hub.workflows import edges
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.model import Edge
from corral_hub.workflows.run import NODE_ENDED, NodeRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """An edge by its ends. `taken`: None as long as its source has not ended."""

    source: str
    source_handle: str
    target: str
    target_handle: str
    taken: bool | None


def steps(
    graph: Graph, nodes: Mapping[str, NodeRun], handles: Mapping[str, tuple[str, ...] | None]
) -> tuple[Step, ...]:
    """Return every edge between steps, in the order of their sources. `handles`: those that a node has said were live.

    The same judgement that the run itself goes by, so that no picture says anything else.
    """
    return tuple(
        Step(
            source=edge.source,
            source_handle=edge.source_handle,
            target=edge.target,
            target_handle=edge.target_handle,
            taken=live,
        )
        for id in graph.nodes
        for edge, live in _judged(graph, id, nodes.get(id), handles.get(id))
    )


def _judged(
    graph: Graph, id: str, run: NodeRun | None, handles: tuple[str, ...] | None
) -> list[tuple[Edge, bool | None]]:
    if run is None or run.status not in NODE_ENDED:
        return [(edge, None) for edge in graph.outgoing[id]]
    return list(edges.judge(graph.nodes[id], run, graph.outgoing[id], handles))
