"""What a run does next: order, branches, joins, skips, failures. One test a rule."""

from typing import Any

import pytest

from corral_hub.workflows import commands as c
from corral_hub.workflows import facts as f
from corral_hub.workflows.run import Why
from corral_protocol.vocabulary import ErrorClass, NodeStatus, RunStatus
from tests.hub.workflows.playing import Play, graph_of

HIGH = {"field": "score", "operator": "gte", "value": 50}
LOW = {"field": "score", "operator": "lt", "value": 50}
FORK = [{"source": "s", "target": "a", "condition": HIGH}, {"source": "s", "target": "b", "condition": LOW}]


def test_a_node_starts_when_its_own_inputs_are_there() -> None:
    play = Play(graph_of("a", "b", "slow", "after_b", edges="a>after_a b>after_b".replace("a>after_a ", "")))
    assert play.active == {"a", "b", "slow"}
    play.complete("b")
    assert play.active == {"a", "slow", "after_b"}
    play.complete("a", "slow", "after_b")
    assert play.run.status is RunStatus.COMPLETED
    assert play.said(c.End) == [c.End(status=RunStatus.COMPLETED, output=dict.fromkeys(("a", "slow", "after_b")))]


def test_inputs_are_the_outputs_of_the_sources_by_id() -> None:
    play = Play(graph_of("a", "b", "c", edges="a>c b>c"))
    play.complete("b", output={"n": 2}).complete("a", output={"n": 1})
    assert play.executed["c"].inputs == {"a": {"n": 1}, "b": {"n": 2}}
    assert play.executed["c"].idempotency_key == "r1/c"


def test_a_false_branch_is_skipped_to_its_end_and_the_run_completes() -> None:
    """S3: the reference hangs here."""
    edges = [
        {"source": "start", "target": "a", "condition": HIGH},
        {"source": "start", "target": "b", "condition": LOW},
    ]
    play = Play(graph_of("start", "a", "b", "c", edges="b>c", more=edges), trigger="start", payload={"score": 70})
    assert play.active == {"a"}
    assert play.run.nodes["b"].why is Why.BRANCH_NOT_TAKEN
    assert play.run.nodes["c"].why is Why.UPSTREAM_SKIPPED
    assert play.complete("a").run.status is RunStatus.COMPLETED


def test_otherwise_is_taken_where_no_condition_holds() -> None:
    edges = [{"source": "s", "target": "a", "condition": HIGH}]
    graph = graph_of("s", "a", "b", edges="s>b?", more=edges)
    assert Play(graph, trigger="s", payload={"score": 1}).active == {"b"}
    assert Play(graph, trigger="s", payload={"score": 99}).active == {"a"}


def test_a_join_waits_for_all_and_runs_if_one_branch_was_taken() -> None:
    play = Play(graph_of("s", "a", "b", "join", edges="a>join b>join", more=FORK), trigger="s", payload={"score": 1})
    assert play.active == {"b"}
    play.complete("b", output=2)
    assert play.active == {"join"}
    assert play.executed["join"].inputs == {"b": 2}


def test_a_join_of_any_begins_once_at_the_first() -> None:
    play = Play(graph_of("a", "b", {"id": "join", "join": "any"}, edges="a>join b>join"))
    play.complete("b", output=2)
    assert play.active == {"a", "join"}
    play.complete("join", "a")
    assert [command.key for command in play.said(c.Execute)].count("join") == 1
    assert play.run.status is RunStatus.COMPLETED


def test_a_condition_on_an_edge_is_a_gate_that_another_edge_does_not_open() -> None:
    gate = [{"source": "a", "target": "c", "condition": HIGH}]
    play = Play(graph_of("a", "b", "c", edges="b>c", more=gate))
    play.complete("b").complete("a", output={"score": 1})
    assert play.run.nodes["c"].status is NodeStatus.SKIPPED


def test_handles_that_a_node_names_are_the_only_open_ones() -> None:
    edges = [{"source": "s", "target": name, "source_handle": name} for name in ("yes", "no")]
    play = Play(graph_of("s", "yes", "no", more=edges))
    play.complete("s", handles=("no",))
    assert play.active == {"no"}


def test_a_disabled_node_passes_on_what_it_was_given() -> None:
    """S8."""
    play = Play(graph_of("a", {"id": "off", "disabled": True}, "b", edges="a>off off>b"))
    play.complete("a", output={"n": 1})
    assert play.run.nodes["off"].why is Why.DISABLED
    assert play.executed["b"].inputs == {"off": {"n": 1}}


def test_triggers_that_did_not_fire_are_skipped_with_what_only_they_reach() -> None:
    graph = graph_of("t1", "t2", "a", "b", "both", edges="t1>a t2>b a>both b>both")
    play = Play(graph, trigger="t1", payload=1, idle=("t2",))
    assert play.run.nodes["t2"].why is Why.NOT_TRIGGERED
    assert play.run.nodes["b"].why is Why.UPSTREAM_SKIPPED
    assert play.complete("a", "both").run.status is RunStatus.COMPLETED


def test_templates_name_earlier_nodes_and_wait_for_them_without_an_edge() -> None:
    nodes: list[Any] = [{"id": "a", "label": "First One"}, {"id": "b", "parameters": {"x": "{{ first one.n }}!"}}]
    play = Play(graph_of(*nodes))
    assert play.active == {"a"}
    assert play.complete("a", output={"n": 7}).executed["b"].parameters == {"x": "7!"}


def test_a_template_that_names_what_comes_later_stands_for_nothing() -> None:
    play = Play(graph_of({"id": "a", "parameters": {"x": "{{b.n}}"}}, "b", edges="a>b"))
    assert play.executed["a"].parameters == {"x": ""}
    assert play.graph.too_early == (("a", "b"),)


def test_inputs_and_variables_can_be_named() -> None:
    node: Any = {
        "id": "a",
        "parameters": {"who": "{{inputs.name}}", "where": "{{variables.city}}", "run": "{{run.id}}"},
    }
    play = Play(graph_of(node, variables={"city": "Oslo"}), inputs={"name": "Ada"})
    assert play.executed["a"].parameters == {"who": "Ada", "where": "Oslo", "run": "r1"}


def test_parts_are_no_steps_and_go_along_with_their_node() -> None:
    part = [{"source": "memory", "target": "agent", "target_handle": "memory", "part": True}]
    nodes: list[Any] = [{"id": "memory", "parameters": {"size": 5}}, "agent"]
    play = Play(graph_of(*nodes, more=part))
    assert play.active == {"agent"}
    assert "memory" not in play.run.nodes
    assert play.executed["agent"].parts == (
        {"id": "memory", "type": "work", "label": "", "role": "memory", "parameters": {"size": 5}},
    )


def test_a_failure_stops_the_run_and_what_is_running() -> None:
    play = Play(graph_of("a", "b", "c", edges="a>c"))
    play.fail("a")
    assert play.run.status is RunStatus.FAILED
    assert play.run.failed == "a"
    assert play.said(c.Stop) == [c.Stop(key="b", attempt=1)]
    assert play.statuses == {"a": "failed", "b": "cancelled", "c": "cancelled"}
    assert [command.key for command in play.said(c.Bury)] == ["a"]


def test_a_run_that_finishes_skips_only_what_hangs_on_the_failure() -> None:
    play = Play(graph_of("a", "b", "c", "d", edges="a>c b>d", on_failure="finish"))
    play.fail("a").complete("b", "d")
    assert play.run.nodes["c"].why is Why.UPSTREAM_FAILED
    assert play.run.nodes["d"].status is NodeStatus.COMPLETED
    assert play.run.status is RunStatus.FAILED


@pytest.mark.parametrize(("caught", "runs"), [("continue", {"next", "rescue"}), ("branch", {"rescue"})])
def test_a_workflow_can_catch_a_failure(caught: str, runs: set[str]) -> None:
    edges = [{"source": "a", "target": "rescue", "source_handle": "error"}]
    play = Play(graph_of({"id": "a", "on_error": caught}, "next", "rescue", edges="a>next", more=edges))
    play.fail("a")
    assert play.active == runs
    assert play.executed["rescue"].inputs["a"] == {"error": {"kind": "exit_nonzero", "message": "no"}}
    assert play.said(c.Bury) == []


def test_without_a_failure_the_error_branch_is_skipped() -> None:
    edges = [{"source": "a", "target": "rescue", "source_handle": "error"}]
    play = Play(graph_of({"id": "a", "on_error": "branch"}, "next", "rescue", edges="a>next", more=edges))
    assert play.complete("a").active == {"next"}


def test_a_run_limits_how_many_nodes_work_at_a_time() -> None:
    play = Play(graph_of(*(f"n{i}" for i in range(10)), concurrency=3))
    while play.active:
        assert len(play.active) <= 3
        play.complete(sorted(play.active)[0])
    assert play.run.status is RunStatus.COMPLETED


def test_a_pinned_node_is_not_run() -> None:
    play = Play(graph_of("a", "b", edges="a>b"), pinned={"a": {"n": 1}})
    assert play.run.nodes["a"].why is Why.PINNED
    assert play.executed["b"].inputs == {"a": {"n": 1}}


def test_a_cycle_that_slipped_through_fails_and_does_not_hang() -> None:
    """S9."""
    assert Play(graph_of("a", "b", edges="a>b b>a")).run.status is RunStatus.FAILED


def test_a_cached_result_completes_the_node_as_cached() -> None:
    play = Play(graph_of({"id": "a", "cache": {"seconds": 60}, "parameters": {"x": 1}}, "b", edges="a>b"))
    key = play.executed["a"].cache_key
    assert key is not None
    play.feed(f.Completed(key="a", attempt=1, output=5, cached=True))
    assert play.run.nodes["a"].status is NodeStatus.CACHED
    again = Play(graph_of({"id": "a", "cache": {"seconds": 60}, "parameters": {"x": 2}}))
    assert again.executed["a"].cache_key != key
    assert play.executed["b"].cache_key is None


def test_a_failure_of_a_class_that_is_not_retried_is_final() -> None:
    retry = {"max_attempts": 5, "on": ["timeout"]}
    play = Play(graph_of({"id": "a", "retry": retry})).fail("a", ErrorClass.EXIT_NONZERO)
    assert play.run.status is RunStatus.FAILED
