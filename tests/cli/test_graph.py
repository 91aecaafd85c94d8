"""Pipeline files: local names, orders in which upstreams come first, cycles shown as a path."""

from itertools import pairwise
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from corral_cli.errors import Usage
from corral_cli.graph import Edge, find_cycle, plan

GRAPHS = st.integers(1, 9).flatmap(
    lambda size: st.fixed_dictionaries(
        {str(name): st.lists(st.integers(0, size - 1).map(str), max_size=3) for name in range(size)}
    )
)


def is_cyclic(edges: dict[str, list[str]]) -> bool:
    left = {name: set(upstreams) for name, upstreams in edges.items()}
    while free := [name for name, upstreams in left.items() if not upstreams & left.keys()]:
        for name in free:
            del left[name]
    return bool(left)


@given(GRAPHS)
def test_a_cycle_is_found_exactly_when_there_is_one(edges: dict[str, list[str]]) -> None:
    path = find_cycle(edges)
    assert (path is not None) is is_cyclic(edges)
    if path:
        assert path[0] == path[-1] and len(path) > 1
        assert all(after in edges[before] for before, after in pairwise(path))


@given(GRAPHS)
def test_upstreams_come_first_and_nothing_is_lost(edges: dict[str, list[str]]) -> None:
    document = {"tasks": [{"id": name, "title": name, "depends_on": upstreams} for name, upstreams in edges.items()]}
    if is_cyclic(edges):
        with pytest.raises(Usage, match="→"):
            plan(document)
        return
    order = [step.name for step in plan(document)]
    assert sorted(order) == sorted(edges)
    assert all(order.index(upstream) < order.index(name) for name in edges for upstream in edges[name])


def test_a_chain_of_thousands_is_no_problem() -> None:
    edges = {str(number): [str(number - 1)] if number else [] for number in range(5000)}
    assert find_cycle(edges) is None
    assert find_cycle({**edges, "0": ["4999"]})


def test_dependencies_may_be_names_positions_ids_and_objects() -> None:
    steps = plan(
        [
            {"id": "api", "title": "A"},
            {
                "title": "B",
                "depends_on": [0, {"task": "api", "contract_key": "spec"}, "deadbeef", {"task": 0, "type": "related"}],
            },
        ]
    )
    assert steps[1].name == "1"
    assert steps[1].edges == (
        Edge("api", True),
        Edge("api", True, "input", "spec"),
        Edge("deadbeef", False),
        Edge("api", True, "related"),
    )


def test_fields_reach_their_places() -> None:
    (step,) = plan(
        {
            "tasks": [
                {"title": "T", "repo": "shop", "run": {"kind": "manual"}, "contracts": [{"key": "k"}], "assign": "s1"}
            ]
        }
    )
    assert step.body == {
        "title": "T",
        "target_repo": "shop",
        "run": {"kind": "manual"},
        "structured_spec": {"contracts": [{"key": "k"}]},
    }
    assert step.assign == "s1"


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        ({}, "no tasks"),
        ([], "no tasks"),
        ("text", "no tasks"),
        ([1], "task 0 of the pipeline is not an object"),
        ([{"title": " "}], "has no title"),
        ([{"title": "a", "id": "x"}, {"title": "b", "id": "x"}], "two tasks"),
        ([{"title": "a", "titel": "b"}], "unknown key 'titel'"),
        ([{"title": "a", "depends_on": ["nobody"]}], "no task of this file"),
        ([{"title": "a", "depends_on": [7]}], "no task of this file"),
        ([{"title": "a", "id": "x", "depends_on": "x"}], "x → x"),
    ],
)
def test_what_is_wrong_is_named(document: Any, complaint: str) -> None:
    with pytest.raises(Usage, match=complaint):
        plan(document)
