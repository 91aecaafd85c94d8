"""A pipeline file → tasks to create, in an order in which every upstream comes first. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corral_cli.errors import Usage

FIELDS = {
    "title": "title",
    "spec": "spec",
    "priority": "priority",
    "type": "type",
    "repo": "target_repo",
    "target_repo": "target_repo",
    "branch": "target_branch",
    "target_branch": "target_branch",
    "acceptance_criteria": "acceptance_criteria",
    "structured_spec": "structured_spec",
    "run": "run",
    "project_id": "project_id",
}
"""Keys of a task in a pipeline file → keys of the request."""
_OWN = frozenset({"id", "depends_on", "assign", "require_plan", "contracts", "requires"})
_INTO_SPEC = ("contracts", "requires", "require_plan")
_BAD = "bad_pipeline"


@dataclass(frozen=True, slots=True)
class Edge:
    """`upstream` is a local name if `local`, otherwise an id the hub knows."""

    upstream: str
    local: bool
    kind: str = "blocks"
    contract_key: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    body: Mapping[str, Any]
    edges: tuple[Edge, ...]
    assign: str | None = None


def plan(document: Any) -> list[Step]:
    """Return the steps, upstreams first, else in the order of the file. Raises Usage naming the task at fault."""
    entries = document.get("tasks") if isinstance(document, Mapping) else document
    if not isinstance(entries, list) or not entries:
        raise Usage("the pipeline has no tasks", code=_BAD, hint='Write {"tasks": [{"id": "a", "title": "…"}, …]}.')
    names = _names(entries)
    steps = [_step(name, entry, names) for name, entry in zip(names, entries, strict=True)]
    return _ordered(steps)


def find_cycle(edges: Mapping[str, Sequence[str]]) -> list[str] | None:
    """Return one cycle as a path that ends where it began, or None. Names without an entry have no edges."""
    done: set[str] = set()
    for start in edges:
        path: list[str] = []
        on_path: set[str] = set()
        todo: list[tuple[str, bool]] = [(start, False)]
        while todo:
            name, leaving = todo.pop()
            if leaving:
                path.pop()
                on_path.discard(name)
                done.add(name)
            elif name in on_path:
                return [*path[path.index(name) :], name]
            elif name not in done:
                path.append(name)
                on_path.add(name)
                todo.append((name, True))
                todo.extend((upstream, False) for upstream in reversed(edges.get(name, ())))
    return None


def _names(entries: Sequence[Any]) -> list[str]:
    names: list[str] = []
    for at, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            raise Usage(f"task {at} of the pipeline is not an object", code=_BAD)
        name = str(entry.get("id", at))
        if name in names:
            raise Usage(f"two tasks of the pipeline are called {name!r}", code=_BAD, hint="Give each its own id.")
        names.append(name)
    return names


def _step(name: str, entry: Mapping[str, Any], names: Sequence[str]) -> Step:
    unknown = sorted(set(entry) - set(FIELDS) - _OWN)
    if unknown:
        legal = ", ".join(sorted({*FIELDS, *_OWN}))
        raise Usage(f"task {name!r}: unknown key {unknown[0]!r}", code=_BAD, hint=f"Known keys: {legal}.")
    if not isinstance(entry.get("title"), str) or not entry["title"].strip():
        raise Usage(f"task {name!r} has no title", code=_BAD, hint="Every task needs a title.")
    body = {FIELDS[key]: value for key, value in entry.items() if key in FIELDS}
    extra = {key: entry[key] for key in _INTO_SPEC if key in entry}
    if extra:
        body["structured_spec"] = {**(body.get("structured_spec") or {}), **extra}
    declared = entry.get("depends_on", [])
    edges = tuple(_edge(name, item, names) for item in (declared if isinstance(declared, list) else [declared]))
    return Step(name, body, edges, entry.get("assign"))


def _edge(name: str, item: Any, names: Sequence[str]) -> Edge:
    """Read `"a"`, 0, an id of the hub, or {"task": …, "type": …, "contract_key": …}."""
    fields: Mapping[str, Any] = item if isinstance(item, Mapping) else {"task": item}
    key = fields.get("contract_key")
    kind = str(fields.get("type", "input" if key else "blocks"))
    upstream = fields.get("task", fields.get("depends_on_task_id"))
    if isinstance(upstream, int) and not isinstance(upstream, bool) and 0 <= upstream < len(names):
        return Edge(names[upstream], True, kind, key)
    text = str(upstream or "")
    if text in names:
        return Edge(text, True, kind, key)
    if len(text) >= 4 and set(text.lower()) <= set("0123456789abcdef-"):
        return Edge(text, False, kind, key)
    raise Usage(
        f"task {name!r} depends on {upstream!r}, which is no task of this file and no id",
        code=_BAD,
        hint=f"Tasks of this file: {', '.join(names)}.",
    )


def _ordered(steps: Sequence[Step]) -> list[Step]:
    edges = {step.name: [edge.upstream for edge in step.edges if edge.local] for step in steps}
    if cycle := find_cycle(edges):
        raise Usage(
            "the dependencies form a cycle: " + " → ".join(cycle),
            code="dependency_cycle",
            hint="Remove one of these edges; an arrow reads: depends on.",
            details={"path": cycle},
        )
    placed: dict[str, Step] = {}
    waiting = {step.name: len(set(edges[step.name])) for step in steps}
    followers: dict[str, list[str]] = {step.name: [] for step in steps}
    for name, upstreams in edges.items():
        for upstream in set(upstreams):
            followers[upstream].append(name)
    by_name = {step.name: step for step in steps}
    queue = [step.name for step in steps if not waiting[step.name]]
    for name in queue:  # grows while it is read
        placed[name] = by_name[name]
        for follower in followers[name]:
            waiting[follower] -= 1
            if not waiting[follower]:
                queue.append(follower)
    return list(placed.values())
