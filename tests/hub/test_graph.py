"""Paths through dependencies: found when there is one, shortest, and only along edges."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.tasks.graph import find_path

NODES = st.integers(0, 7)
GRAPHS = st.dictionaries(NODES, st.lists(NODES, max_size=4), max_size=8)


def reachable(graph: dict[int, list[int]], start: int) -> dict[int, int]:
    """Return the distance of everything that can be reached, by letting distances settle."""
    distance = {start: 0}
    for _ in range(len(graph) + 1):
        for node, near in graph.items():
            for other in near:
                if node in distance and distance[node] + 1 < distance.get(other, 99):
                    distance[other] = distance[node] + 1
    return distance


@given(GRAPHS, NODES, NODES)
def test_a_path_is_found_exactly_when_there_is_one(graph: dict[int, list[int]], start: int, goal: int) -> None:
    path, distance = find_path(graph, start, goal), reachable(graph, start)
    if path is None:
        assert goal not in distance
        return
    assert (path[0], path[-1]) == (start, goal)
    assert all(after in graph[before] for before, after in pairwise(path))
    assert len(path) == distance[goal] + 1


def test_a_long_chain_needs_no_recursion() -> None:
    graph = {number: [number + 1] for number in range(50_000)}
    path = find_path(graph, 0, 50_000)
    assert path is not None and len(path) == 50_001
