"""A graph of tasks as a tree for the terminal: states, hosts, durations and reasons. Pure.

A task can have several upstreams, a tree only one parent: each task stands once, under its deepest upstream, and names
those of the others that nothing else implies. `layout` decides that; `render` draws it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce
from operator import or_
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
    # nodes and runs of workflows
    "scheduled": ("◔", "cyan"),
    "waiting": ("◷", "yellow"),
    "paused": ("‖", "yellow"),
    "completed": ("✓", "green"),
    "cached": ("✓", "green"),
    "skipped": ("–", "dim"),
}
"""State → mark and style. The word is always printed too, so that nothing depends on colour."""

_UNKNOWN_MARK = ("·", "")
_TITLE_STYLES: Mapping[str, str] = {
    "pending": "dim", "done": "", "cancelled": "dim", "completed": "", "cached": "", "skipped": "dim",
}  # fmt: skip
_QUIET = ("pending", "assigned", "running", "done", "scheduled", "completed", "cached", "skipped")
"""States in which a line may end at the edge of the terminal; elsewhere the reason is what matters."""
_REASON_IN_STATES = frozenset(MARKS) - {"running", "done"}
_WAITING = (None, "upstream_pending")
_GUIDE = 4
"""Columns of one level."""
_BEHIND = 28
"""Columns kept free behind a title: state, host, duration."""
_STATE = len("assigned")
_SHORTEST, _LONGEST = 16, 64
"""Columns a title gets at least; columns beyond which one that is longer does not move the others' states."""


@dataclass(frozen=True, slots=True)
class Node:
    """A task in its place, under `parent`. `also` holds the other upstreams that none of its upstreams comes after."""

    task: Task
    children: list["Node"] = field(default_factory=list)
    parent: str | None = None
    also: tuple[str, ...] = ()


def layout(tasks: Sequence[Task]) -> list[Node]:
    """Return the roots; every task stands exactly once. Repeated ids: the last wins. Cycles are cut, never followed."""
    known = {str(task.get("id")): task for task in tasks}
    upstreams = {name: _upstreams(task) for name, task in known.items()}
    depths = _depths(upstreams)
    order = sorted(known, key=lambda name: depths[name])  # sorted is stable: siblings keep their order
    place = {name: 1 << at for at, name in enumerate(order)}
    before = _before(order, upstreams, depths, place)
    nodes: dict[str, Node] = {}
    roots: list[Node] = []
    for name in order:
        ups = [up for up in upstreams[name] if up != name]
        parent = _deepest([up for up in ups if up in known and depths[up] < depths[name]], depths)
        implied = reduce(or_, (before.get(up, 0) for up in ups), 0)
        also = tuple(up for up in ups if up != parent and not implied & place.get(up, 0))
        nodes[name] = Node(known[name], [], parent, also)
        (nodes[parent].children if parent else roots).append(nodes[name])
    return roots


def render(
    tasks: Sequence[Task], now: datetime, title: str = "", *, width: int | None = None, ids: bool = True
) -> "rich_console.RenderableType":
    """Return the tree as something rich can print; `width` cuts long titles. Texts of the hub are neutralised."""
    drawing = _Drawing(tasks, now, width, ids)
    top = rich_tree.Tree(rich_text.Text(clean(title), style="bold"), hide_root=not title, guide_style="dim")
    todo = [(top, node, 0) for node in reversed(drawing.roots)]
    while todo:  # a loop, not recursion: chains of thousands are legal
        branch, node, depth = todo.pop()
        grown = branch.add(drawing.line(node, depth))
        todo.extend((grown, child, depth + 1) for child in reversed(node.children))
    return top


def describe(task: Task, now: datetime, nearest: Collection[str] = ()) -> str:
    """Return what stands behind the title: host, duration, reason, attempt; empty if there is nothing to say.

    `nearest` holds the upstreams that all others come before; of those that are open, only they are named.
    """
    status = str(task.get("status", ""))
    parts = [clean(task["assigned_server_name"])] if task.get("assigned_server_name") else []
    if (length := duration(task, now)) is not None:
        parts.append(format_duration(length))
    if int(task.get("attempt") or 1) > 1:
        parts.append(f"attempt {task['attempt']}")
    if status in _REASON_IN_STATES and (reason := waits_for(task, nearest) or reason_text(task)):
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


def waits_for(task: Task, nearest: Collection[str] = ()) -> str:
    """Return the titles of the upstreams a pending task still waits for, as one line; empty where none is named."""
    reason = task.get("reason") or {}
    if task.get("status") != "pending" or (isinstance(reason, Mapping) and reason.get("code") not in _WAITING):
        return ""
    edges = [edge for edge in task.get("dependencies") or () if isinstance(edge, Mapping) and not edge.get("resolved")]
    edges = [edge for edge in edges if edge.get("title") and edge.get("dependency_type") != "related"]
    close = [edge for edge in edges if edge.get("depends_on_task_id") in nearest]
    titles = [clean(edge["title"]) for edge in close or edges]
    return f"waits for {', '.join(titles)}" if titles else ""


class _Drawing:
    """Lines whose states stand below each other, however deep their tasks are."""

    def __init__(self, tasks: Sequence[Task], now: datetime, width: int | None, ids: bool) -> None:
        self.roots = layout(tasks)
        self._now, self._width, self._ids = now, width, ids
        self._titles = {str(task.get("id")): clean(task.get("title", "")) for task in tasks}
        self._states = max(_STATE, *(len(clean(task.get("status", ""))) for task in tasks), 0)
        found = [(self._head(node, depth).cell_len, depth) for node, depth in _walk(self.roots)]
        ends = [length + depth * _GUIDE for length, depth in found]
        self._column = max((end for end in ends if end <= _LONGEST), default=_LONGEST)

    def line(self, node: Node, depth: int) -> "rich_text.Text":
        status = clean(node.task.get("status", "unknown"))
        line = self._head(node, depth)
        line.append(" " * (self._column - depth * _GUIDE - line.cell_len))
        line.append(f"  {status:<{self._states}}", style=MARKS.get(status, _UNKNOWN_MARK)[1])
        waits = waits_for(node.task)
        if details := describe(node.task, self._now, (str(node.parent), *node.also)):
            line.append(f"  {details}", style="dim" if waits else "")
        if node.also and not waits:
            others = ", ".join(self._titles.get(other) or short_id(other) for other in node.also)
            line.append(f"  (also after {others})", style="dim")
        line.rstrip()
        if status in _QUIET and self._width is not None:
            line.no_wrap, line.overflow = True, "ellipsis"
        return line

    def _head(self, node: Node, depth: int) -> "rich_text.Text":
        """Return the mark, the id and the title, cut to what this level has room for."""
        status = str(node.task.get("status"))
        mark, style = MARKS.get(status, _UNKNOWN_MARK)
        head = rich_text.Text.assemble((f"{mark} ", style))
        if self._ids:
            head.append(f"{short_id(node.task.get('id'))}  ", style="dim")
        title = rich_text.Text(clean(node.task.get("title", "")), style=_TITLE_STYLES.get(status, "bold"))
        if self._width is not None:
            room = self._width - _BEHIND - (depth + 1) * _GUIDE - head.cell_len
            title.truncate(max(_SHORTEST, room), overflow="ellipsis")
        return head.append_text(title)


def _walk(roots: Sequence[Node]) -> Iterator[tuple[Node, int]]:
    todo = [(node, 0) for node in roots]
    while todo:
        node, depth = todo.pop()
        yield node, depth
        todo.extend((child, depth + 1) for child in node.children)


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


def _before(
    order: Sequence[str], upstreams: Mapping[str, Sequence[str]], depths: Mapping[str, int], place: Mapping[str, int]
) -> dict[str, int]:
    """Return for each task all that come before it, as a number in which each has the bit of its `place`."""
    before: dict[str, int] = {}
    for name in order:
        above = [up for up in upstreams[name] if up in place and depths[up] < depths[name]]
        before[name] = reduce(or_, (before[up] | place[up] for up in above), 0)
    return before


def _deepest(names: Sequence[str], depths: Mapping[str, int]) -> str | None:
    return max(names, key=lambda name: depths[name], default=None)
