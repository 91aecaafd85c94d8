"""MachinaOs exports, as its editor writes them: parameters beside the nodes, edges with handles."""

from itertools import pairwise
from typing import Any

Json = dict[str, Any]
_WHEN = "2026-01-01T00:00:00.000Z"


def node(id: str, type: str, label: str = "", **parameters: Any) -> tuple[Json, Json]:
    """Return the node and its parameters."""
    written = {"id": id, "type": type, "position": {"x": 0, "y": 0}, "data": {"label": label} if label else {}}
    return written, parameters


def edge(source: str, target: str, condition: Json | None = None) -> Json:
    data = {"data": {"condition": condition}} if condition else {}
    ends = {"source": source, "target": target, "sourceHandle": "output-main", "targetHandle": "input-main"}
    return {"id": f"e-{source}-{target}", "type": "smoothstep", "animated": True, **ends, **data}


def export(nodes: list[tuple[Json, Json]], edges: list[Json], disabled: tuple[str, ...] = ()) -> Json:
    written = [_disabled(node) if node["id"] in disabled else node for node, _ in nodes]
    return {
        "id": "workflow-1700000000000-abcdefghi",
        "name": "synthetic",
        "createdAt": _WHEN,
        "lastModified": _WHEN,
        "version": "0.0.67",
        "nodes": written,
        "edges": edges,
        "nodeParameters": {node["id"]: parameters for node, parameters in nodes},
    }


def chain(*nodes: tuple[Json, Json], disabled: tuple[str, ...] = ()) -> Json:
    ids = [node["id"] for node, _ in nodes]
    return export(list(nodes), [edge(a, b) for a, b in pairwise(ids)], disabled)


def _disabled(node: Json) -> Json:
    return {**node, "data": {**node["data"], "disabled": True}}
