"""From JSON to a definition, and back: every part that cannot be read is named by its path. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from corral_hub.workflows import condition
from corral_hub.workflows.model import Definition, Edge, Node
from corral_protocol.codec import Json, Malformed, decode, encode

T = TypeVar("T")

MOST_NODES = 5_000
MOST_EDGES = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """`path`: JSON pointer into the definition. A `warning` does not keep anybody from publishing."""

    path: str
    code: str
    problem: str
    hint: str = ""
    warning: bool = False


@dataclass(frozen=True, slots=True)
class _Edge:
    """An edge as it is written: its condition is read by itself."""

    source: str
    target: str
    source_handle: str = "main"
    target_handle: str = "main"
    condition: Json = None
    otherwise: bool = False
    part: bool = False


def read_definition(value: Json) -> tuple[Definition, list[Problem]]:
    """Return the definition of what can be read, and what cannot."""
    problems: list[Problem] = []
    if not isinstance(value, Mapping):
        return Definition(), [Problem("", "malformed", "a definition is an object", "{nodes: […], edges: […]}")]
    head = {name: item for name, item in value.items() if name not in ("nodes", "edges")}
    try:
        definition = decode(Definition, head)
    except Malformed as error:
        problems.append(Problem(error.pointer, "malformed", error.problem))
        definition = Definition()
    nodes = _read_all(value.get("nodes", []), "/nodes", Node, MOST_NODES, problems)
    edges = [
        edge
        for index, raw in enumerate(_read_all(value.get("edges", []), "/edges", _Edge, MOST_EDGES, problems))
        if (edge := _read_edge(raw, f"/edges/{index}", problems)) is not None
    ]
    return replace(definition, nodes=tuple(nodes), edges=tuple(edges)), problems


def write_definition(definition: Definition) -> dict[str, Json]:
    """Return the JSON of a definition, without what is as it would be anyway: the same for the same definition."""
    return _short(
        definition, nodes=[_short(node) for node in definition.nodes], edges=[_written(e) for e in definition.edges]
    )


def _read_all(raw: Json, path: str, cls: type[T], most: int, problems: list[Problem]) -> list[T]:
    if not isinstance(raw, list):
        problems.append(Problem(path, "malformed", "must be an array"))
        return []
    if len(raw) > most:
        problems.append(Problem(path, "too_many", f"{len(raw)} are more than {most}", "split it into sub-workflows"))
        return []
    found: list[T] = []
    for index, item in enumerate(raw):
        try:
            found.append(decode(cls, item))
        except Malformed as error:
            problems.append(Problem(f"{path}/{index}{error.pointer}", "malformed", error.problem))
    return found


def _read_edge(raw: _Edge, path: str, problems: list[Problem]) -> Edge | None:
    asked = None
    try:
        if raw.condition is not None:
            asked = condition.read(raw.condition, f"{path}/condition")
    except Malformed as error:
        problems.append(Problem(error.pointer, "malformed", error.problem))
        return None
    return Edge(
        source=raw.source,
        target=raw.target,
        source_handle=raw.source_handle,
        target_handle=raw.target_handle,
        condition=asked,
        otherwise=raw.otherwise,
        part=raw.part,
    )


def _written(edge: Edge) -> dict[str, Json]:
    asked = {"condition": condition.write(edge.condition)} if edge.condition is not None else {}
    return {**_short(replace(edge, condition=None)), **asked}


_PLAIN: Final[Mapping[type, Any]] = {
    Node: Node(id="", type=""),
    Edge: Edge(source="", target=""),
    Definition: Definition(),
}


def _short(value: Definition | Node | Edge, **parts: Json) -> dict[str, Json]:
    """Return an object's JSON without its defaults; `parts` are written by the caller."""
    plain = encode(_PLAIN[type(value)])
    written = {name: item for name, item in encode(value).items() if name not in plain or item != plain[name]}
    return {**{name: item for name, item in written.items() if name not in parts}, **parts}
