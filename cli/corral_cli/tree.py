"""A graph of tasks as a tree for the terminal: states, hosts, durations and reasons. Pure.

A task can have several upstreams, a tree only one parent: each task stands once, under its deepest upstream, and names
the others. `layout` decides that; `render` draws it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from corral_cli.lazy import lazy
from corral_cli.text import clean, format_duration, parse_time, short_id

if TYPE_CHECKING:
    import rich.console as rich_console
    import rich.text as rich_text
    import rich.tree as rich_tree
else:
    rich_text = lazy("rich.text")
    rich_tree = lazy("rich.tree")

Task = Mapping[str, Any]

MARKS: Mapping[str, tuple[str, str]] = {
    "pending": ("○", "dim"),
    "assigned": ("◔", "cyan"),
    "planning": ("◔", "cyan"),
    "plan_review": ("?", "bold yellow"),
    "running": ("●", "bold blue"),
    "review": ("?", "bold yellow"),
    "needs_human": ("!", "bold yellow"),
    "done": ("✓", "green"),
    "failed": ("✗", "bold red"),
    "cancelled": ("⊘", "dim"),
}
"""State → mark and style. The word is always printed too, so that nothing depends on colour."""

_UNKNOWN_MARK = ("·", "")
_REASON_IN_STATES = frozenset(MARKS) - {"running", "done"}
_WAITING = (None, "upstream_pending")


@dataclass(frozen=True, slots=True)
class Node:
    """A task in its place. `also` holds the other tasks it depends on: ids, in the order they were declared."""

    task: Task
    children: list["Node"] = field(default_factory=list)
    also: tuple[str, ...] = ()


def layout(tasks: Sequence[Task]) -> list[Node]:
    """Return the roots; every task stands exactly once. Repeated ids: the last wins. Cycles are cut, never followed."""
    known = {str(task.get("id")): task for task in tasks}
    upstreams = {name: _upstreams(task) for name, task in known.items()}
    depths = _depths(upstreams)
    nodes: dict[str, Node] = {}
    roots: list[Node] = []
    for name in sorted(known, key=lambda name: depths[name]):  # sorted is stable: siblings keep their order
        parent = _deepest([up for up in upstreams[name] if up in known and depths[up] < depths[name]], depths)
        nodes[name] = Node(known[name], [], tuple(up for up in upstreams[name] if up != parent and up != name))
        (nodes[parent].children if parent else roots).append(nodes[name])
    return roots


def render(tasks: Sequence[Task], now: datetime, title: str = "") -> "rich_console.RenderableType":
    """Return the tree as something rich can print. Texts of the hub are neutralised."""
    titles = {str(task.get("id")): clean(task.get("title", "")) for task in tasks}
    top = rich_tree.Tree(rich_text.Text(clean(title), style="bold"), hide_root=not title, guide_style="dim")
    todo = [(top, node) for node in reversed(layout(tasks))]
    while todo:  # a loop, not recursion: chains of thousands are legal
        branch, node = todo.pop()
        grown = branch.add(_line(node, titles, now))
        todo.extend((grown, child) for child in reversed(node.children))
    return top


def describe(task: Task, now: datetime) -> str:
    """Return what stands behind the title: host, duration, reason, attempt; empty if there is nothing to say."""
    status = str(task.get("status", ""))
    parts = [clean(task["assigned_server_name"])] if task.get("assigned_server_name") else []
    if (length := duration(task, now)) is not None:
        parts.append(format_duration(length))
    if int(task.get("attempt") or 1) > 1:
        parts.append(f"attempt {task['attempt']}")
    if status in _REASON_IN_STATES and (reason := waits_for(task) or reason_text(task)):
        parts.append(reason)
    return " · ".join(parts)


def duration(task: Task, now: datetime) -> float | None:
    """Return seconds from start to end, or to `now` while the task runs; None before it started."""
    start = parse_time(task.get("started_at"))
    if start is None:
        return None
    end = parse_time(task.get("completed_at"))
    return max(0.0, ((end or now) - start).total_seconds())


def reason_text(task: Task) -> str:
    """Return why the task is where it is, as one line."""
    reason = task.get("reason")
    if isinstance(reason, Mapping):
        detail = clean(reason.get("detail") or "")
        code = clean(reason.get("code") or "")
        return f"{code}: {detail}" if code and detail else code or detail
    return clean(reason) if reason else ""


def waits_for(task: Task) -> str:
    """Return the titles of the upstreams a pending task still waits for, as one line; empty where none is named."""
    reason = task.get("reason") or {}
    if task.get("status") != "pending" or (isinstance(reason, Mapping) and reason.get("code") not in _WAITING):
        return ""
    edges = [edge for edge in task.get("dependencies") or () if isinstance(edge, Mapping) and not edge.get("resolved")]
    titles = [clean(edge["title"]) for edge in edges if edge.get("title") and edge.get("dependency_type") != "related"]
    return f"upstream_pending: waits for {', '.join(titles)}" if titles else ""


def _line(node: Node, titles: Mapping[str, str], now: datetime) -> "rich_text.Text":
    status = clean(node.task.get("status", "unknown"))
    mark, style = MARKS.get(status, _UNKNOWN_MARK)
    line = rich_text.Text(f"{mark} {status:<9} ", style=style)
    line.append(clean(node.task.get("title", "")), style="bold")
    if details := describe(node.task, now):
        line.append(f"  {details}", style="not bold")
    if node.also:
        others = ", ".join(titles.get(other) or short_id(other) for other in node.also)
        line.append(f"  (also after {others})", style="dim not bold")
    return line


def _upstreams(task: Task) -> list[str]:
    edges = task.get("dependencies") or ()
    ids = (
        str(edge["depends_on_task_id"]) for edge in edges if isinstance(edge, Mapping) and "depends_on_task_id" in edge
    )
    return list(dict.fromkeys(ids))


def _depths(upstreams: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Return the longest way from a root to each task, computed without recursion.

    What stands on a cycle cannot be ordered; it and what follows it counts as a root once nothing else is left.
    """
    waiting = {name: {up for up in ups if up in upstreams and up != name} for name, ups in upstreams.items()}
    followers: dict[str, list[str]] = {name: [] for name in upstreams}
    for name, ups in waiting.items():
        for up in ups:
            followers[up].append(name)
    depths: dict[str, int] = {}
    queue = [name for name, ups in waiting.items() if not ups]
    left = dict.fromkeys(name for name, ups in waiting.items() if ups)
    while queue or left:
        if not queue:
            queue.append(next(iter(left)))
            left.pop(queue[0])
        name = queue.pop()
        depths[name] = 1 + max((depths[up] for up in upstreams[name] if up in depths and up != name), default=-1)
        for follower in followers[name]:
            waiting[follower].discard(name)
            if follower in left and not waiting[follower]:
                left.pop(follower)
                queue.append(follower)
    return depths


def _deepest(names: Sequence[str], depths: Mapping[str, int]) -> str | None:
    return max(names, key=lambda name: depths[name], default=None)
