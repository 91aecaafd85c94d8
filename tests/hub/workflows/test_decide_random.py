"""Random graphs, outcomes and orders of completion: every run ends, in order, and as an independent reading says.

The oracle knows nothing of tallies or facts: it asks each node, backwards, whether it ran.
"""

from functools import cache
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corral_hub.workflows import commands as c
from corral_hub.workflows import facts as f
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.model import ERROR, Join
from corral_protocol.outcome import UnitError
from corral_protocol.vocabulary import ErrorClass, NodeStatus, RunStatus
from tests.hub.workflows.playing import Play, graph_of

GRAPHS = 167 * settings().max_examples
"""Ten thousand, unless a profile asks for fewer or for more."""
ERROR_OF = UnitError(kind=ErrorClass.EXIT_NONZERO, message="no")


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Small graphs have all the trouble there is. The shape comes from one number, so that drawing is cheap."""
    random = Random(draw(st.integers(0, 2**48)))
    size = draw(st.integers(1, 9))
    nodes = [
        {
            "id": f"n{i}",
            # What a disabled `any` passes on is what was there when it began: that hangs on the order, rightly.
            **random.choice([{"join": "all"}, {"join": "all"}, {"join": "any"}, {"disabled": True}]),
            "on_error": random.choice(["fail", "continue", "branch"]),
            "retry": {"max_attempts": random.choice([1, 1, 2]), "backoff": 0.0},
        }
        for i in range(size)
    ]
    edges = [
        {"source": f"n{i}", "target": f"n{j}", **random.choice(KINDS)}
        for i in range(size)
        for j in range(i + 1, size)
        if random.random() < 0.35
    ]
    on_failure, concurrency = random.choice(["stop", "finish", "finish"]), random.choice([None, None, 1, 2])
    return graph_of(*nodes, more=edges, on_failure=on_failure, concurrency=concurrency)


KINDS: tuple[dict[str, Any], ...] = (
    {}, {}, {}, {"condition": {"field": "", "operator": "gt", "value": 4}}, {"otherwise": True},
    {"source_handle": ERROR}, {"source_handle": "side"},
)  # fmt: skip


def play_out(graph: Graph, random: Random, outcomes: dict[str, Any]) -> tuple[Play, list[str]]:
    """Play to the end in random order; return the play and the order in which nodes were executed."""
    play = Play(graph)
    order: list[str] = []
    seen = 0
    for _ in range(2000):
        order += [command.key for command in play.commands[seen:] if isinstance(command, c.Execute)]
        seen = len(play.commands)
        due = [key for key, run in play.run.nodes.items() if run.due is not None]
        choices = sorted([*play.active, *due])
        if play.run.ended:
            return play, order
        play.feed(*(_news(play, key, outcomes) for key in random.sample(choices, random.randint(1, len(choices)))))
    raise AssertionError("the run does not end")


def _news(play: Play, key: str, outcomes: dict[str, Any]) -> f.Fact:
    run = play.run.nodes[key]
    if run.due is not None:
        return f.Due(key=key, attempt=run.attempt)
    succeeds_at, output, handles = outcomes[key]
    if run.attempt >= succeeds_at:
        return f.Completed(key=key, attempt=run.attempt, output=output, handles=handles)
    return f.Failed(key=key, attempt=run.attempt, error=ERROR_OF)


def outcomes_of(graph: Graph, random: Random) -> dict[str, Any]:
    """For each node: the attempt that succeeds, its output, and the handles that it opens."""
    handles = (None, None, ("main",), ("side",))
    return {id: (random.choice([1, 1, 1, 2, 9]), random.randint(0, 9), random.choice(handles)) for id in graph.steps}


def expected(graph: Graph, outcomes: dict[str, Any]) -> dict[str, str]:
    """Return how each node ends where nothing stops the run, without playing it."""

    @cache
    def ends(id: str) -> tuple[str, Any]:
        node, incoming = graph.nodes[id], graph.incoming[id]
        live = [edge for edge in incoming if alive(edge)]
        gates = [edge for edge in incoming if edge.is_gate]
        if incoming and (not live or (gates and not any(edge.is_gate for edge in live))):
            return "skipped", None
        if node.disabled:
            given = {edge.source: ends(edge.source)[1] for edge in incoming if edge in live}
            return "off", next(iter(given.values()), None) if len(given) < 2 else given
        succeeds_at, output, _ = outcomes[id]
        assert node.retry is not None
        ok = succeeds_at <= node.retry.max_attempts
        return ("completed", output) if ok else ("failed", {"error": {"kind": "exit_nonzero", "message": "no"}})

    def flows(edge: Any) -> bool:
        how, _ = ends(edge.source)
        caught = graph.nodes[edge.source].on_error.value
        if how == "failed":
            return caught == "continue" or (caught == "branch" and edge.source_handle == ERROR)
        handles = outcomes[edge.source][2] if how == "completed" else None
        if how == "completed" and caught == "branch" and edge.source_handle == ERROR:
            return False
        return how != "skipped" and (handles is None or edge.source_handle in handles)

    def says_yes(edge: Any) -> bool:
        output = ends(edge.source)[1]
        return (isinstance(output, int) and output > 4) or (isinstance(output, dict) and str(output) > "4")

    def alive(edge: Any) -> bool:
        if not flows(edge) or (edge.condition is not None and not says_yes(edge)):
            return False
        siblings = [other for other in graph.outgoing[edge.source] if other.source_handle == edge.source_handle]
        return not (edge.otherwise and any(o.condition is not None and flows(o) and says_yes(o) for o in siblings))

    return {id: {"off": "skipped"}.get(ends(id)[0], ends(id)[0]) for id in graph.steps}


@settings(max_examples=GRAPHS, deadline=None, suppress_health_check=list(HealthCheck))
@given(graphs(), st.integers(0, 2**48))
def test_every_run_ends_in_order_and_loses_no_branch(graph: Graph, chance: int) -> None:
    random = Random(chance)
    outcomes = outcomes_of(graph, random)
    play, order = play_out(graph, random, outcomes)
    run = play.run
    assert run.status in (RunStatus.COMPLETED, RunStatus.FAILED)
    assert all(node.ended for node in run.nodes.values())
    assert (run.left, run.active, run.ready) == (0, frozenset(), ())
    assert len(play.said(c.End)) == 1
    assert play.replay() == run
    _executed_in_order(graph, order)
    everything = expected(graph, outcomes)
    fatal = {id for id, how in everything.items() if how == "failed" and graph.nodes[id].on_error.value == "fail"}
    if graph.definition.on_failure.value == "finish" or not fatal:
        assert play.statuses == everything
        assert (run.status is RunStatus.FAILED) is bool(fatal)
    else:
        assert run.status is RunStatus.FAILED
        assert run.failed in fatal
        ran = {id: how for id, how in play.statuses.items() if run.nodes[id].status is not NodeStatus.CANCELLED}
        assert ran.items() <= everything.items()


def _executed_in_order(graph: Graph, order: list[str]) -> None:
    """No node was executed before a node that it takes its input from and that was executed as well."""
    first = {key: order.index(key) for key in dict.fromkeys(order)}
    for id, place in first.items():
        for edge in graph.incoming[id]:
            if graph.nodes[id].join is Join.ALL and edge.source in first:
                assert first[edge.source] < place
