"""Graphs: layers, cycles, names, and that reading and writing a definition are inverse."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.workflows.graph import Graph
from corral_hub.workflows.reading import read_definition, write_definition
from tests.hub.workflows.playing import graph_of


@st.composite
def shapes(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(1, 8))
    ids = st.integers(0, size - 1)
    pairs = draw(st.lists(st.tuples(ids, ids), max_size=12))
    nodes = [f"n{i}" for i in range(size)]
    return graph_of(*nodes, more=[{"source": f"n{a}", "target": f"n{b}"} for a, b in pairs])


@given(shapes())
def test_layers_hold_every_node_once_or_there_is_a_cycle(graph: Graph) -> None:
    layer_of = {id: number for number, layer in enumerate(graph.layers) for id in layer}
    assert sum(len(layer) for layer in graph.layers) == len(layer_of)
    for id in layer_of:
        sources = [layer_of[edge.source] for edge in graph.incoming[id]]
        assert layer_of[id] == max(sources, default=-1) + 1
    assert bool(graph.cycle) is (len(layer_of) < len(graph.steps))


@given(shapes())
def test_a_cycle_is_a_way_along_edges_back_to_its_start(graph: Graph) -> None:
    for source, target in zip(graph.cycle, graph.cycle[1:], strict=False):
        assert target in {edge.target for edge in graph.outgoing[source]}
    if graph.cycle:
        assert graph.cycle[0] == graph.cycle[-1]
        assert len(set(graph.cycle)) == len(graph.cycle) - 1


def test_layers_are_those_of_a_diamond() -> None:
    assert graph_of("a", "b", "c", "d", edges="a>b a>c b>d c>d").layers == (("a",), ("b", "c"), ("d",))


def test_labels_name_nodes_and_the_last_of_equal_ones_wins() -> None:
    nodes: list[Any] = [{"id": "1", "label": "My Step"}, {"id": "2", "label": "mystep"}, {"id": "3", "type": "Start"}]
    graph = graph_of(*nodes)
    assert graph.names == {"mystep": "2", "start": "3", "3": "3"}


def test_downstream_is_what_can_be_reached() -> None:
    graph = graph_of("a", "b", "c", "d", edges="a>b b>c")
    assert graph.downstream(["b", "gone"]) == {"b", "c"}


def test_templates_that_name_each_other_wait_one_way_only() -> None:
    nodes: list[Any] = [{"id": "a", "parameters": {"x": "{{b.x}}"}}, {"id": "b", "parameters": {"x": "{{a.x}}"}}]
    graph = graph_of(*nodes)
    assert graph.waits == {"a": (), "b": ("a",)}
    assert graph.too_early == (("b", "a"),)


FULL: dict[str, Any] = {
    "name": "Nightly", "description": "d", "variables": {"x": 1}, "concurrency": 4, "on_failure": "finish",
    "dialect": "machina", "inputs": {"type": "object"},
    "nodes": [
        {
            "id": "a", "type": "shell", "label": "A", "parameters": {"command": "ls", "list": [None, {}]},
            "requires": {"repo": "r", "languages": ["python"]}, "timeout": 5.0, "cache": {"seconds": 60.0},
            "retry": {"max_attempts": 3, "on": ["timeout"]}, "on_error": "branch", "join": "any", "disabled": True,
            "each": {"items": "{{inputs.all}}", "concurrency": 2}, "position": {"x": 1.0, "y": -2.5},
        },
        {"id": "b", "type": "console"},
    ],
    "edges": [
        {"source": "a", "target": "b", "source_handle": "error", "otherwise": True},
        {
            "source": "a", "target": "b", "target_handle": "tools", "part": True,
            "condition": {"any": [{"field": "x", "operator": "eq", "value": 0}, {"field": "", "operator": "exists"}]},
        },
    ],
}  # fmt: skip


def test_a_definition_is_read_and_written_without_loss() -> None:
    definition, problems = read_definition(FULL)
    assert problems == []
    written = write_definition(definition)
    assert read_definition(written) == (definition, [])
    assert write_definition(read_definition(written)[0]) == written
    assert written["nodes"][1] == {"id": "b", "type": "console"}
    assert written["edges"] == FULL["edges"]


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        (None, [""]), ([], [""]), ({"nodes": {}}, ["/nodes"]), ({"name": 3}, ["/name"]),
        ({"nodes": [{"id": "a"}, 7], "edges": [{"source": "a"}]}, ["/nodes/0/type", "/nodes/1", "/edges/0/target"]),
        ({"edges": [{"source": "a", "target": "b", "condition": {"operator": "?"}}]}, ["/edges/0/condition/operator"]),
        ({"nodes": [{"id": "a", "type": "t", "join": "some"}]}, ["/nodes/0/join"]),
        ({"nodes": [{"id": "a", "type": "t"}] * 5001}, ["/nodes"]),
    ],
)  # fmt: skip
def test_everything_that_cannot_be_read_is_named(value: Any, paths: list[str]) -> None:
    assert [problem.path for problem in read_definition(value)[1]] == paths
