"""What is drawn of a run: every node once, whatever its definition and its rows look like."""

from typing import Any

import hypothesis.strategies as st
from hypothesis import given

from corral_cli.text import clean
from corral_cli.workflow.picture import (
    asked,
    counts,
    drawn,
    focused,
    in_order,
    only_a_person_helps,
    reason,
    short,
    without_dull_items,
)
from corral_protocol.vocabulary import NodeStatus
from tests.cli.flow import DEFINITION, node, run

IDS = st.sampled_from("abcdef")
STATES = st.sampled_from([status.value for status in NodeStatus])
DEFINITIONS = st.fixed_dictionaries(
    {
        "nodes": st.lists(IDS, unique=True).map(lambda ids: [{"id": id, "type": "t"} for id in ids]),
        "edges": st.lists(st.fixed_dictionaries({"source": IDS, "target": IDS}, optional={"part": st.booleans()})),
    }
)
ROWS = st.lists(
    st.builds(node, IDS | st.builds("{}[{}]".format, IDS, st.integers(0, 30)), STATES),
    unique_by=lambda row: row["key"],
)


@given(DEFINITIONS | st.just({}), ROWS)
def test_every_step_is_drawn_once(definition: dict[str, Any], rows: list[dict[str, Any]]) -> None:
    ids = [task["id"] for task in drawn(run("running", *rows), definition)]
    edges = definition.get("edges", [])
    lent = {edge["source"] for edge in edges if edge.get("part")}
    linked = {edge[end] for edge in edges if not edge.get("part") for end in ("source", "target")}
    steps = {item["id"] for item in definition.get("nodes", [])} - (lent - linked)
    assert len(ids) == len(set(ids))
    assert set(ids) >= steps
    assert set(ids) - steps == {row["key"] for row in rows if row["key"].partition("[")[0] not in steps}


@given(ROWS, st.integers(0, 10))
def test_what_does_not_fit_is_what_nothing_happens_to(rows: list[dict[str, Any]], room: int) -> None:
    tasks = drawn(run("running", *rows), {})
    shown = focused(tasks, room)
    assert len(shown) <= max(1, room) or shown == tasks
    if len(tasks) > room:
        assert all(task["status"] not in ("completed", "pending", "skipped", "cached") for task in shown)
    assert counts(tasks)


@given(ROWS)
def test_the_order_loses_nobody(rows: list[dict[str, Any]]) -> None:
    ordered = in_order(rows)
    assert sorted(row["key"] for row in ordered) == sorted(row["key"] for row in rows)
    left_out = {row["key"] for row in rows} - {row["key"] for row in without_dull_items(ordered)}
    assert all("[" in key for key in left_out)


def test_nodes_stand_as_they_began_with_their_items_below() -> None:
    rows = [
        node("z", "pending", begun_at=None, since="1"), node("b[10]", begun_at="6"), node("b[2]", begun_at="5"),
        node("a", begun_at="7"), node("s", begun_at=None, since="1"), node("b", "running", begun_at="4"),
    ]  # fmt: skip
    assert [row["key"] for row in in_order(rows)] == ["s", "b", "b[2]", "b[10]", "a", "z"]
    rows.append(node("b[3]", "failed"))
    shown = without_dull_items(in_order(rows))
    assert [row["key"] for row in shown] == ["s", "b", "b[3]", "a", "z"]
    assert shown[1]["items"] == "3 of 3 begun items ended, 1 failed"


def test_a_node_tells_its_label_its_machine_and_why() -> None:
    tasks = drawn(run("running", node("build", "failed", error={"kind": "bad_exit", "message": "2"})), DEFINITION)
    build = {task["id"]: task for task in tasks}["build"]
    assert (build["title"], build["assigned_server_name"]) == ("build: Build it", "atlas")
    assert (build["reason"], build["dependencies"]) == ("bad_exit: 2", [{"depends_on_task_id": "s"}])
    assert counts(tasks) == "0/3 done · 1 failed"


def test_only_a_person_helps_where_nothing_else_is_under_way() -> None:
    asking = node("q", "waiting", wish={"type": "approve", "question": "?"})
    assert only_a_person_helps(run("running", asking, node("a"), node("b", "pending")))
    assert not only_a_person_helps(run("running", asking, node("a", "running")))
    assert not only_a_person_helps(run("running", asking, node("a", "waiting", wish={"type": "sleep", "seconds": 9})))
    assert not only_a_person_helps(run("running", asking, node("a", "pending", why="retry_backoff")))
    assert not only_a_person_helps(run("running", node("a", "pending")))
    assert [row["key"] for row in asked(run("running", asking))] == ["q"]


def test_what_a_node_wishes_for_is_said() -> None:
    for wish, said in (
        ({"type": "sleep", "seconds": 5.0}, "sleeps 5.0 s"),
        ({"type": "sleep", "until": "2026-01-01"}, "sleeps until 2026-01-01"),
        ({"type": "call_workflow", "workflow": "w"}, "runs workflow w"),
        ({"type": "create_task"}, "waits for its task"),
        ({"type": "something_new"}, "something new"),
        ({}, ""),
    ):
        assert reason(node("a", "waiting", wish=wish)) == said


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists))
def test_an_output_is_one_harmless_line(value: Any) -> None:
    assert len(short(value)) <= 100 and clean(short(value)) == short(value)
