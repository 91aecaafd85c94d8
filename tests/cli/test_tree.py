"""The tree of tasks: each task once, under an upstream, whatever the graph looks like."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
from hypothesis import given
from rich.console import Console

from corral_cli.tree import MARKS, Node, layout, render

NOW = datetime(2025, 1, 1, 12, tzinfo=UTC)


def task(name: str, *upstreams: str, **fields: Any) -> dict[str, Any]:
    edges = [{"depends_on_task_id": upstream} for upstream in upstreams]
    return {"id": name, "title": f"title {name}", "status": "pending", "dependencies": edges, **fields}


@st.composite
def graphs(draw: st.DrawFn, cyclic: bool = False) -> list[dict[str, Any]]:
    size = draw(st.integers(0, 12))
    tasks = []
    for number in range(size):
        others = range(size) if cyclic else range(number)
        chosen = draw(st.lists(st.sampled_from(list(others)), max_size=4)) if others else []
        tasks.append(task(str(number), *map(str, chosen)))
    return draw(st.permutations(tasks))


def walk(roots: Sequence[Node]) -> list[tuple[Node, Node | None, int]]:
    found: list[tuple[Node, Node | None, int]] = []
    todo: list[tuple[Node, Node | None, int]] = [(root, None, 0) for root in roots]
    while todo:
        node, parent, depth = todo.pop()
        found.append((node, parent, depth))
        todo.extend((child, node, depth + 1) for child in node.children)
    return found


def print_tree(tasks: list[dict[str, Any]], width: int = 200) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(render(tasks, NOW))
    return stream.getvalue()


@given(st.one_of(graphs(), graphs(cyclic=True)))
def test_every_task_stands_exactly_once(tasks: list[dict[str, Any]]) -> None:
    names = [node.task["id"] for node, _, _ in walk(layout(tasks))]
    assert sorted(names) == sorted(item["id"] for item in tasks)


@given(st.one_of(graphs(), graphs(cyclic=True)))
def test_a_parent_is_an_upstream_and_the_others_are_named(tasks: list[dict[str, Any]]) -> None:
    for node, parent, _ in walk(layout(tasks)):
        upstreams = {edge["depends_on_task_id"] for edge in node.task["dependencies"]} - {node.task["id"]}
        placed = {parent.task["id"]} if parent else set()
        assert placed <= upstreams
        assert set(node.also) == upstreams - placed


@given(graphs())
def test_without_cycles_a_task_stands_deeper_than_all_its_upstreams(tasks: list[dict[str, Any]]) -> None:
    depths = {node.task["id"]: depth for node, _, depth in walk(layout(tasks))}
    for item in tasks:
        for edge in item["dependencies"]:
            assert depths[edge["depends_on_task_id"]] < depths[item["id"]]


@given(graphs(cyclic=True))
def test_rendering_shows_every_title(tasks: list[dict[str, Any]]) -> None:
    text = print_tree(tasks)
    assert all(item["title"] in text for item in tasks)


def test_siblings_keep_the_order_they_came_in() -> None:
    roots = layout([task("b"), task("a"), task("d", "b"), task("c", "b")])
    assert [root.task["id"] for root in roots] == ["b", "a"]
    assert [child.task["id"] for child in roots[0].children] == ["d", "c"]


def test_a_line_tells_state_host_duration_reason_and_other_upstreams() -> None:
    started = {"started_at": "2025-01-01T11:59:00Z", "assigned_server_name": "atlas"}
    tasks = [
        task("one", status="done", completed_at="2025-01-01T11:59:42Z", **started),
        task("two", status="running", attempt=2, **started),
        task("three", "one", "two", reason={"code": "upstream_pending", "detail": "waits for title two"}),
    ]
    text = print_tree(tasks)
    assert "✓ done" in text and "atlas · 42s" in text
    assert "● running" in text and "1m00s · attempt 2" in text
    assert "upstream_pending: waits for title two" in text
    assert "(also after title two)" in text


def test_hostile_titles_cannot_steer_the_terminal() -> None:
    text = print_tree([task("x", title="\x1b[2J\x9b31m\u202eevil\nrm -rf [red]/[/red]")])
    assert not any(ord(char) < 32 and char != "\n" for char in text)
    assert "\x9b" not in text and "\u202e" not in text
    assert "[red]" in text and text.count("\n") == 1


def test_a_chain_of_thousands_is_laid_out() -> None:
    tasks = [task(str(number), *([str(number - 1)] if number else [])) for number in range(5000)]
    assert len(walk(layout(tasks))) == 5000


def test_every_state_has_its_own_word_and_mark() -> None:
    assert set(MARKS) >= {"pending", "assigned", "running", "done", "failed", "cancelled", "needs_human", "review"}


def test_open_upstreams_are_named_unless_the_hub_gives_another_reason() -> None:
    edges = [
        {"depends_on_task_id": "a", "title": "open one"},
        {"depends_on_task_id": "b", "title": "resolved one", "resolved": True},
        {"depends_on_task_id": "c", "title": "related one", "dependency_type": "related"},
    ]
    waiting = task("x", dependencies=edges, reason={"code": "upstream_pending", "detail": "waits for 1"})
    failed = task("y", dependencies=edges, reason={"code": "upstream_failed", "detail": "open one failed"})
    text = print_tree([waiting, failed])
    assert "upstream_pending: waits for open one" in text
    assert "upstream_failed: open one failed" in text
    assert "resolved one" not in text and "related one" not in text
