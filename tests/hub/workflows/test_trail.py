"""Which edges a run has taken: of random graphs and outcomes, the same that the run itself has counted."""

from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corral_hub.workflows import facts as f
from corral_hub.workflows.graph import Graph
from corral_hub.workflows.trail import Step, steps
from tests.hub.workflows.playing import Play, graph_of
from tests.hub.workflows.test_decide_random import graphs, outcomes_of, play_out


def seen(play: Play) -> tuple[Step, ...]:
    """Return the steps as they follow from what is stored: outputs only where a fact has one."""
    facts = [fact for _, many in play.history for fact in many if isinstance(fact, f.Completed)]
    handles = {fact.key: fact.handles for fact in facts}
    outputs = {fact.key: fact.output for fact in facts}
    nodes = {key: run._replace(output=outputs.get(key)) for key, run in play.run.nodes.items()}
    return steps(play.graph, nodes, handles)


def taken(found: tuple[Step, ...]) -> list[tuple[str, str]]:
    return [(step.source, step.target) for step in found if step.taken]


@settings(max_examples=5 * settings().max_examples, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs(), st.integers(0, 2**48))
def test_what_is_shown_is_what_the_run_has_counted(graph: Graph, chance: int) -> None:
    random = Random(chance)
    play, _ = play_out(graph, random, outcomes_of(graph, random))
    found = seen(play)
    counted = sorted((source, id) for id, tally in play.run.tallies.items() for source in tally.sources)
    assert sorted(taken(found)) == counted
    assert all(step.taken is not None for step in found)
    assert len(found) == sum(len(graph.outgoing[id]) for id in graph.steps)


def test_an_edge_is_open_until_its_source_has_ended() -> None:
    play = Play(graph_of("a", "b", "c", edges="a>b b>c")).complete("a")
    assert [step.taken for step in seen(play)] == [True, None]


def test_the_outputs_of_all_items_together_decide_as_well() -> None:
    more: list[dict[str, Any]] = [
        {"source": "a", "target": "b", "condition": {"field": "count", "operator": "eq", "value": 2}},
        {"source": "a", "target": "c", "otherwise": True},
    ]
    play = Play(graph_of({"id": "a", "each": {"items": [1, 2]}}, "b", "c", more=more))
    play.complete("a[0]", "a[1]", output=1)
    assert taken(seen(play)) == [("a", "b")]
