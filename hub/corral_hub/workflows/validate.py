"""What is wrong with a definition: everything at once, each with its path and what to do about it. Pure."""

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any, Final, cast

from corral_hub.tasks import schemas
from corral_hub.tasks.schemas import Meter, Unjudged
from corral_hub.workflows import template
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.model import LONGEST_CACHE, Definition, Dialect, Edge, Node
from corral_hub.workflows.reading import Problem, read_definition
from corral_protocol.capabilities import NodeManifest
from corral_protocol.codec import Json

OURS: Final = frozenset({"inputs", "variables", "run", "item", "index"})
"""Names in templates that are no labels."""
_MOST = 200
_FORBIDDEN_IN_IDS = frozenset('[]{}/"\\')


def find_problems(value: Json, catalogue: Mapping[str, NodeManifest]) -> tuple[Definition, list[Problem]]:
    """Return the definition and everything that is wrong with it. `catalogue`: node types that some machine has."""
    definition, problems = read_definition(value)
    problems += _ids(definition)
    problems += _ends(definition)
    if not problems:
        graph = Graph(definition)
        problems += _shape(graph)
        problems += _nodes(definition, catalogue)
        if not graph.cycle:
            problems += _templates(graph)
    problems += _unread(value)
    return definition, problems[:_MOST]


def _unread(value: Json) -> Iterator[Problem]:
    """What stands there and is read by nobody: most often a name mistyped, and then a node does what nobody meant."""
    if not isinstance(value, Mapping):
        return
    yield from _strange(value, Definition, "")
    for part, cls in (("nodes", Node), ("edges", Edge)):
        items = value.get(part)
        for index, item in enumerate(cast("list[Json]", items) if isinstance(items, list) else ()):
            if isinstance(item, Mapping):
                yield from _strange(item, cls, f"/{part}/{index}")


def _strange(value: Mapping[str, Json], cls: type, path: str) -> Iterator[Problem]:
    known = {field.name for field in fields(cls)}
    for name in value:
        if name not in known and name != "$schema":
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(sorted(known))}"
            escaped = name.replace("~", "~0").replace("/", "~1")
            yield Problem(f"{path}/{escaped}", "unknown_field", f"{name[:60]!r} is read by nobody", hint, True)


def _ids(definition: Definition) -> Iterator[Problem]:
    seen = Counter(node.id for node in definition.nodes)
    for index, node in enumerate(definition.nodes):
        path = f"/nodes/{index}/id"
        if not node.id or _FORBIDDEN_IN_IDS & set(node.id) or not node.id.isprintable():
            yield Problem(path, "bad_id", f"{node.id!r} is no id", 'letters, digits and the like, without []{}/"\\')
        elif seen[node.id] > 1:
            yield Problem(path, "duplicate_id", f"{seen[node.id]} nodes have the id {node.id!r}", "give each its own")


def _ends(definition: Definition) -> Iterator[Problem]:
    known = {node.id for node in definition.nodes}
    for index, edge in enumerate(definition.edges):
        for end in ("source", "target"):
            if (id := getattr(edge, end)) not in known:
                yield Problem(f"/edges/{index}/{end}", "dangling_edge", f"there is no node {id!r}", "remove the edge")
        if edge.condition is not None and edge.otherwise:
            hint = "remove one of the two"
            yield Problem(f"/edges/{index}", "two_conditions", "it has a condition and is the `otherwise` edge", hint)


def _shape(graph: Graph) -> Iterator[Problem]:
    if graph.cycle:
        way = " → ".join(graph.cycle)
        yield Problem("/edges", "cycle", f"these nodes wait for each other: {way}", "use `each` to repeat a node")
    elif not graph.steps:
        yield Problem("/nodes", "empty", "there is no node to run", "add one")


def _nodes(definition: Definition, catalogue: Mapping[str, NodeManifest]) -> Iterator[Problem]:
    meter = Meter(schemas.STEPS)
    for index, node in enumerate(definition.nodes):
        path = f"/nodes/{index}"
        manifest = catalogue.get(node.type)
        if manifest is None:
            hint = "corral node list shows what your machines offer"
            yield Problem(f"{path}/type", "unknown_type", f"no machine has nodes of type {node.type!r}", hint)
        elif not node.disabled:
            yield from _parameters(node, manifest, f"{path}/parameters", meter)
        yield from _figures(node, path)


def _figures(node: Node, path: str) -> Iterator[Problem]:
    for name, seconds in (("timeout", node.timeout), ("heartbeat_timeout", node.heartbeat_timeout)):
        if seconds is not None and not 0 < seconds <= 7 * 86_400:
            yield Problem(f"{path}/{name}", "out_of_range", "must be seconds above 0, at most a week")
    if node.cache is not None and not 0 < node.cache.seconds <= LONGEST_CACHE:
        what = "no result is younger than that" if node.cache.seconds <= 0 else "results are deleted after 30 days"
        yield Problem(f"{path}/cache/seconds", "out_of_range", what, "seconds above 0, at most 2592000", True)
    if node.each is not None and not 1 <= node.each.concurrency <= 1000:
        yield Problem(f"{path}/each/concurrency", "out_of_range", "must be from 1 to 1000")
    if node.retry is not None and not 1 <= node.retry.max_attempts <= 100:
        yield Problem(f"{path}/retry/max_attempts", "out_of_range", "must be from 1 to 100")


def _parameters(node: Node, manifest: NodeManifest, path: str, meter: Meter) -> Iterator[Problem]:
    """What templates stand for is not known before they are resolved: such values are not judged yet."""
    required: Any = manifest.parameters.get("required", ())
    for name in required:
        if node.parameters.get(name) in (None, ""):
            yield Problem(
                f"{path}/{name}", "missing_parameter", f"{node.type} needs {name!r}", "corral node show tells"
            )
    properties: Any = manifest.parameters.get("properties", {})
    for name, value in node.parameters.items():
        if name in properties and value is not None and not _has_template(value):
            try:
                for error in schemas.find_errors(properties[name], value, meter, 3):
                    where = "".join(f"/{part}" for part in error.absolute_path)
                    yield Problem(f"{path}/{name}{where}", "bad_parameter", error.message[:300])
            except Unjudged as error:
                yield Problem(f"{path}/{name}", "unjudged", f"its schema cannot be evaluated: {error}", "", True)


def _templates(graph: Graph) -> Iterator[Problem]:
    early = set(graph.too_early)
    for index, node in enumerate(graph.definition.nodes):
        for name in dict.fromkeys(template.names(node.parameters, graph.definition.dialect)):
            path = f"/nodes/{index}/parameters"
            if (node.id, name) in early:
                what = f"{{{{{name}}}}} names a node that comes after this one"
                yield Problem(path, "too_early", what, "it stands for nothing here", True)
            elif name not in graph.names and not (graph.definition.dialect is Dialect.CORRAL and name in OURS):
                known = ", ".join(sorted(graph.names)[:10])
                what = f"{{{{{name[:60]}}}}} names no node"
                yield Problem(path, "unknown_name", what, f"it stands for nothing; names are: {known}", True)


def _has_template(value: Json) -> bool:
    return "{{" in value if isinstance(value, str) else isinstance(value, (dict, list)) and "{{" in str(value)
