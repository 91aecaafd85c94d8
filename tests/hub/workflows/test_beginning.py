"""How a run begins: the whole of it, or one node alone with something standing in for every other one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.errors import Unprocessable
from corral_hub.workflows import facts as f
from corral_hub.workflows.beginning import Asked, alone, begin
from corral_hub.workflows.drafts import digest
from corral_hub.workflows.graph import Graph
from corral_protocol.capabilities import NodeManifest
from corral_protocol.vocabulary import NodeStatus
from tests.hub.workflows.playing import Play, graph_of
from tests.hub.workflows.test_decide_random import graphs

CATALOGUE = {
    "start": NodeManifest(type="start", trigger="manual"),
    "hook": NodeManifest(type="hook", trigger="webhook"),
    "work": NodeManifest(type="work"),
}
START: dict[str, Any] = {"id": "s", "type": "start"}
GRAPH = graph_of(START, "a", {"id": "b", "pinned": {"from": "b"}}, "c", "d", edges="s>a a>b b>c c>d")
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**31), 2**31) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
)


def outcome(graph: Graph, begun: f.Begun) -> dict[str, tuple[NodeStatus, Any]]:
    played = Play(graph, trigger=begun.trigger, payload=begun.payload, idle=begun.idle, pinned=begun.pinned)
    return {key: (run.status, run.output) for key, run in played.run.nodes.items()}


def test_what_is_given_counts_before_what_is_pinned_and_that_before_what_was_put_out() -> None:
    last = {"s": {"n": 1}, "a": "last a", "b": "last b", "c": "last c"}
    begun = alone(GRAPH, CATALOGUE, Asked(pinned={"a": "given"}), "c", last)
    assert begun.pinned == {"a": "given", "b": {"from": "b"}, "d": None}
    assert (begun.trigger, begun.payload, begun.inputs) == ("s", {"n": 1}, {"n": 1})
    assert outcome(GRAPH, begun)["c"] == (NodeStatus.SCHEDULED, None)


def test_a_pinned_node_is_run_when_it_is_the_one() -> None:
    assert "b" not in alone(GRAPH, CATALOGUE, Asked(), "b", {}).pinned


@pytest.mark.parametrize(("only", "why"), [("s", "is a trigger"), ("nobody", "is no node"), ("x" * 300, "is no node")])
def test_what_is_no_step_is_not_run(only: str, why: str) -> None:
    with pytest.raises(Unprocessable, match=why) as refused:
        alone(GRAPH, CATALOGUE, Asked(), only, {})
    assert "a, b, c, d" in (refused.value.hint or "") and len(str(refused.value)) < 300


@given(graphs(), st.data())
def test_nothing_but_that_node_is_ever_run(graph: Graph, data: st.DataObject) -> None:
    only = data.draw(st.sampled_from(sorted(graph.steps)))
    begun = alone(graph, CATALOGUE, Asked(), only, data.draw(st.dictionaries(st.sampled_from(graph.steps), json)))
    assert set(begun.pinned) == set(graph.steps) - {only}
    played = Play(graph, pinned=begun.pinned)
    assert {key.split("[")[0] for key in played.executed} <= {only}


def test_a_run_begins_at_the_manual_trigger_and_the_others_stay_idle() -> None:
    graph = graph_of({"id": "h", "type": "hook"}, START, "a", edges="h>a s>a")
    begun = begin(graph, CATALOGUE, Asked())
    assert (begun.trigger, begun.idle) == ("s", ("h",))
    with pytest.raises(Unprocessable, match="a is no trigger"):
        begin(graph, CATALOGUE, Asked(trigger="a"))


@given(json, json)
def test_two_drafts_are_the_same_if_their_json_is(one: Any, other: Any) -> None:
    assert digest(one) == digest(_turned(one))
    same = repr(_sorted(one)) == repr(_sorted(other))  # repr: True is no 1 here
    assert (digest(one) == digest(other)) == same


def _turned(value: Any) -> Any:
    """The same with the names of its objects the other way round."""
    if isinstance(value, dict):
        return {name: _turned(value[name]) for name in reversed(list(value))}
    return [_turned(item) for item in value] if isinstance(value, list) else value


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
