"""The tree of tasks: each task once, under an upstream, whatever the graph looks like."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import hypothesis.strategies as st
from hypothesis import given
from rich.cells import cell_len
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


def print_tree(tasks: list[dict[str, Any]], width: int = 200, *, cut: bool = False) -> str:
    stream = io.StringIO()
    Console(file=stream, width=width, color_system=None).print(render(tasks, NOW, width=width if cut else None))
    return stream.getvalue()


@given(st.one_of(graphs(), graphs(cyclic=True)))
def test_every_task_stands_exactly_once(tasks: list[dict[str, Any]]) -> None:
    names = [node.task["id"] for node, _, _ in walk(layout(tasks))]
    assert sorted(names) == sorted(item["id"] for item in tasks)


@given(st.one_of(graphs(), graphs(cyclic=True)))
def test_a_parent_is_an_upstream_and_the_others_are_named_or_implied(tasks: list[dict[str, Any]]) -> None:
    edges = {item["id"]: {edge["depends_on_task_id"] for edge in item["dependencies"]} for item in tasks}
    for node, parent, _ in walk(layout(tasks)):
        upstreams = edges[node.task["id"]] - {node.task["id"]}
        placed = {parent.task["id"]} if parent else set()
        assert placed <= upstreams
        assert set(node.also) <= upstreams - placed
        assert upstreams <= with_all_before({*placed, *node.also}, edges)


@given(graphs())
def test_nothing_is_named_that_another_upstream_implies(tasks: list[dict[str, Any]]) -> None:
    edges = {item["id"]: {edge["depends_on_task_id"] for edge in item["dependencies"]} for item in tasks}
    for node, _, _ in walk(layout(tasks)):
        for other in node.also:
            rest = edges[node.task["id"]] - {other}
            assert other not in with_all_before(rest, edges)


def with_all_before(names: set[str], edges: dict[str, set[str]]) -> set[str]:
    found, todo = set(names), list(names)
    while todo:
        new = edges.get(todo.pop(), set()) - found
        found |= new
        todo.extend(new)
    return found


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
    assert "✓ one  title one " in text and "  done      atlas · 42s\n" in text
    assert "● two  title two " in text and "  running   atlas · 1m00s · attempt 2\n" in text
    assert "upstream_pending: waits for title two" in text
    assert "(also after title two)" in text


def test_hostile_titles_cannot_steer_the_terminal() -> None:
    text = print_tree([task("x", title="\x1b[2J\x9b31m\u202eevil\nrm -rf [red]/[/red]")])
    assert not any(ord(char) < 32 and char != "\n" for char in text)
    assert "\x9b" not in text and "\u202e" not in text
    assert "[red]" in text and text.count("\n") == 1


def test_states_stand_below_each_other_whatever_the_depth() -> None:
    tasks = [task("a"), task("b", "a"), task("c", "b", title="广告 title"), task("d", status="needs_human"), task("e")]
    tasks[-1]["title"] = "x" * 10_000
    lines = print_tree(tasks, width=20_000).splitlines()
    ends = {cell_len(line.partition("  pending")[0].partition("  needs_human")[0]) for line in lines[:4]}
    assert len(ends) == 1 and max(ends) < 100
    assert lines[4].endswith("x  pending")


def test_a_long_title_is_cut_to_what_the_terminal_has_room_for() -> None:
    text = print_tree([task("a", title="x" * 500), task("b", "a", title="y" * 500)], width=80, cut=True)
    assert [len(line) for line in text.splitlines()] == [57, 57]
    assert text.count("…") == 2 and text.count("  pending") == 2


def test_of_open_upstreams_only_the_nearest_are_named() -> None:
    edges = [{"depends_on_task_id": name, "title": f"title {name}"} for name in "ab"]
    text = print_tree([task("a"), task("b", "a"), task("c", dependencies=edges)])
    assert text.splitlines()[-1].endswith("waits for title b")


def test_what_goes_well_takes_one_line_of_a_terminal_and_what_does_not_tells_all() -> None:
    failed = {"code": "exit_code", "detail": "it said " + "no " * 60}
    tasks = [task("a", assigned_server_name="h" * 200, status="running"), task("b", status="failed", reason=failed)]
    lines = print_tree(tasks, width=60, cut=True).splitlines()
    assert lines[0].endswith("h…") and len(lines[0]) == 60
    assert " ".join("".join(lines[1:]).split()).count("no") == 60


def test_ids_can_be_left_out() -> None:
    stream = io.StringIO()
    Console(file=stream, width=80, color_system=None).print(render([task("a")], NOW, ids=False))
    assert stream.getvalue() == "○ title a  pending\n"


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
    assert "  waits for open one" in text
    assert "upstream_failed: open one failed" in text
    assert "resolved one" not in text and "related one" not in text
