"""What an ended node means for its edges: live, or dead. Pure."""

from collections.abc import Iterator, Mapping

from corral_hub.workflows import condition
from corral_hub.workflows.model import ERROR, Edge, Join, Node, OnError
from corral_hub.workflows.run import NodeRun, Tally, Why
from corral_protocol.codec import Json
from corral_protocol.vocabulary import NodeStatus


def judge(
    node: Node, run: NodeRun, edges: tuple[Edge, ...], handles: tuple[str, ...] | None
) -> Iterator[tuple[Edge, bool]]:
    """Return each edge out of an ended node with whether it is live.

    `otherwise` edges are live where no conditional edge from the same handle is.
    """
    open_ = [edge for edge in edges if _passes(node, run, edge, handles)]
    taken = {
        edge.source_handle
        for edge in open_
        if edge.condition is not None and condition.holds(edge.condition, run.output)
    }
    passing = {id(edge) for edge in open_}
    for edge in edges:
        live = id(edge) in passing
        if live and edge.condition is not None:
            live = edge.source_handle in taken and condition.holds(edge.condition, run.output)
        elif live and edge.otherwise:
            live = edge.source_handle not in taken
        yield edge, live


def count(tally: Tally, edge: Edge, live: bool, by_failure: bool) -> Tally:
    """Return the tally after one more edge has been decided. `by_failure`: its source has failed."""
    return tally._replace(
        open=tally.open - 1,
        yes=tally.yes + (live and edge.is_gate),
        sources=(*tally.sources, edge.source) if live else tally.sources,
        by_failure=tally.by_failure or (by_failure and not live),
    )


def heard(tally: Tally) -> Tally:
    """Return the tally after one more of the nodes that it waits for has ended."""
    return tally._replace(waits=tally.waits - 1)


def begins(join: Join, tally: Tally) -> bool | None:
    """Return whether a node with this tally runs; None as long as it cannot be told.

    Of a node with conditional edges one must hold (MachinaOs: the others do not matter then).
    """
    if tally.waits:
        return None
    says_yes = tally.edges == 0 or (bool(tally.sources) and (tally.gates == 0 or tally.yes > 0))
    if tally.open == 0:
        return says_yes
    return True if join is Join.ANY and says_yes else None


def merged(inputs: Mapping[str, Json]) -> Json:
    """Return what a node that is switched off passes on: what it was given."""
    return next(iter(inputs.values()), None) if len(inputs) < 2 else dict(inputs)


def _passes(node: Node, run: NodeRun, edge: Edge, handles: tuple[str, ...] | None) -> bool:
    """Whether anything goes along this edge at all, before its condition is asked."""
    if run.status is NodeStatus.SKIPPED:
        return run.why is Why.DISABLED
    if run.status is NodeStatus.FAILED:
        if node.on_error is OnError.BRANCH:
            return edge.source_handle == ERROR
        return node.on_error is OnError.CONTINUE
    if run.status is NodeStatus.CANCELLED:
        return False
    if node.on_error is OnError.BRANCH and edge.source_handle == ERROR:
        return False
    return handles is None or edge.source_handle in handles
