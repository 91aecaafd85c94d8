"""A run and its definition → what the tree of tasks can draw: nodes with states, times and reasons. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corral_cli.outline import is_empty
from corral_cli.text import clean, to_json
from corral_protocol.vocabulary import NodeStatus, RunStatus

Json = Any
Row = Mapping[str, Any]

NODE_ENDED = frozenset(
    {NodeStatus.COMPLETED, NodeStatus.FAILED, NodeStatus.CACHED, NodeStatus.CANCELLED, NodeStatus.SKIPPED}
)
RUN_ENDED = frozenset({RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED})
_DONE = frozenset({NodeStatus.COMPLETED, NodeStatus.CACHED})
_DULL = frozenset({NodeStatus.PENDING, NodeStatus.COMPLETED, NodeStatus.CACHED, NodeStatus.SKIPPED})
"""States of nodes that need not be seen where there is no room for all."""

_GOES_ON = frozenset({"retry_backoff", "no_server", "host_lost"})
"""Why a node stands still that goes on by itself."""


def node_id(key: str) -> str:
    """Return the node of a key: an item of a node with `each` has its index in brackets behind it."""
    return key.partition("[")[0]


def is_item(row: Row) -> bool:
    return "[" in str(row.get("key"))


def drawn(run: Row, definition: Row) -> list[dict[str, Any]]:
    """Return one task of the tree for each node, in the order of the definition; what has not begun is pending."""
    rows = {str(row.get("key")): row for row in run.get("nodes") or ()}
    items = _items(rows)
    sources: dict[str, list[str]] = {}
    lent: set[str] = set()
    linked: set[str] = set()
    for edge in definition.get("edges") or ():
        source, target = str(edge.get("source")), str(edge.get("target"))
        if edge.get("part"):
            lent.add(source)
        else:
            sources.setdefault(target, []).append(source)
            linked |= {source, target}
    nodes = [node for node in definition.get("nodes") or () if str(node.get("id")) not in lent - linked]
    known = {str(node.get("id")) for node in nodes}
    strangers = [{"id": key} for key in rows if node_id(key) not in known]  # the definition is gone, or is another
    return [
        _task(node, rows.get(str(node.get("id")), {}), items.get(str(node.get("id")), ()), sources)
        for node in [*nodes, *strangers]
    ]


def focused(tasks: Sequence[Row], room: int) -> list[Row]:
    """Return the tasks that fit: all of them, or those that something is happening to."""
    if len(tasks) <= room:
        return list(tasks)
    return [task for task in tasks if task.get("status") not in _DULL][: max(1, room)]


def counts(tasks: Sequence[Row]) -> str:
    """Return `3/8 done · 2 running · 1 waiting`."""
    found = Counter(str(task.get("status")) for task in tasks)
    done = sum(found.pop(status, 0) for status in _DONE)
    skipped = found.pop(NodeStatus.SKIPPED, 0)
    others = [f"{number} {clean(status)}" for status, number in found.items() if status != NodeStatus.PENDING]
    return " · ".join([f"{done}/{len(tasks) - skipped} done", *others, *([f"{skipped} skipped"] if skipped else [])])


def reason(row: Row) -> str:
    """Return why a node is where it is: its error, what it asks for, or the hub's word."""
    error, wish = row.get("error"), row.get("wish")
    if isinstance(error, Mapping):
        return f"{error.get('kind', 'error')}: {error.get('message', '')}"
    if row.get("status") == NodeStatus.WAITING and isinstance(wish, Mapping):
        return _wish(wish)
    return str(row.get("why") or "").replace("_", " ") or _come(row.get("progress"))


def _come(progress: Any) -> str:
    """Return how far a node has come: `40 % compiling`."""
    if not isinstance(progress, Mapping):
        return ""
    done, text = progress.get("done"), str(progress.get("text") or "")
    return f"{done:.0%} {text}".strip() if isinstance(done, int | float) else text


def asked(run: Row) -> list[Row]:
    """Return the nodes that wait for a person's word."""
    return [
        row
        for row in run.get("nodes") or ()
        if isinstance(row.get("wish"), Mapping) and row["wish"].get("type") == "approve"
    ]


def only_a_person_helps(run: Row) -> bool:
    """Tell whether nothing will happen in this run before somebody answers."""
    live = {NodeStatus.SCHEDULED, NodeStatus.RUNNING, NodeStatus.WAITING}
    moving = [row for row in run.get("nodes") or () if row.get("status") in live or row.get("why") in _GOES_ON]
    asking = {str(row.get("key")) for row in asked(run)}
    return bool(asking) and all(str(row.get("key")) in asking for row in moving)


def in_order(rows: Sequence[Row]) -> list[Row]:
    """Return the nodes as they began, items below their node; what has not begun comes last."""
    began: dict[str, str] = {}
    for row in rows:
        id, at = node_id(str(row.get("key"))), str(row.get("begun_at") or row.get("since"))
        began[id] = min(began.get(id, at), at)

    def place(row: Row) -> tuple[bool, str, str, int]:
        key = str(row.get("key"))
        id, _, index = key.partition("[")
        number = index.rstrip("]")
        return row.get("status") == NodeStatus.PENDING, began[id], id, int(number) if number.isdecimal() else -1

    return sorted(rows, key=place)


def without_dull_items(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Return the nodes; of the items of a node only those that are under way or failed, the others as a number."""
    items = _items({str(row.get("key")): row for row in rows})
    shown = [row for row in rows if not is_item(row) or row.get("status") not in _DULL]
    return [{**row, "items": progress(items.get(str(row.get("key")), ()))} for row in shown]


def short(value: Json, width: int = 100) -> str:
    """Return a value as one line, cut where it is long."""
    if is_empty(value):
        return ""
    text = clean(value if isinstance(value, str) else to_json(value, None))
    return text if len(text) <= width else f"{text[: width - 1]}…"


def _items(rows: Mapping[str, Row]) -> Mapping[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for key, row in rows.items():
        if "[" in key:
            found.setdefault(node_id(key), []).append(row)
    return found


def _task(node: Row, row: Row, items: Sequence[Row], sources: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    id, label = str(node.get("id")), str(node.get("label") or "")
    status = str(row.get("status") or NodeStatus.PENDING.value)
    title = f"{id}: {label}" if label not in ("", id) else id
    task: dict[str, Any] = {
        "id": id, "title": title, "status": status, "items": progress(items) or _come(row.get("progress")),
        "dependencies": [{"depends_on_task_id": source} for source in sources.get(id, ())],
        "assigned_server_name": row.get("server"), "attempt": row.get("attempt") or 1, "reason": reason(row),
        "started_at": row.get("begun_at"), "completed_at": row.get("since") if status in NODE_ENDED else None,
    }  # fmt: skip
    return task


def progress(items: Sequence[Row]) -> str:
    """Return how far a node with `each` has come; empty for others."""
    if not items:
        return ""
    ended = sum(1 for row in items if row.get("status") in NODE_ENDED)
    failed = sum(1 for row in items if row.get("status") == NodeStatus.FAILED)
    return f"{ended} of {len(items)} begun items ended" + (f", {failed} failed" if failed else "")


def _wish(wish: Row) -> str:
    return " ".join(_wish_words(wish))


def _wish_words(wish: Row) -> Iterator[str]:
    match wish.get("type"):
        case "approve":
            yield f"asks: {wish.get('question', '')}"
        case "sleep":
            yield f"sleeps until {wish['until']}" if wish.get("until") else f"sleeps {wish.get('seconds')} s"
        case "call_workflow":
            yield f"runs workflow {wish.get('workflow')}"
        case "create_task":
            yield "waits for its task"
        case other:
            yield str(other or "").replace("_", " ")
