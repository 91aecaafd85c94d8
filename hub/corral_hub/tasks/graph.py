"""Paths through dependencies. Pure."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import TypeVar

N = TypeVar("N")


def find_path(upstreams: Mapping[N, Iterable[N]], start: N, goal: N) -> list[N] | None:
    """Return a shortest path from `start` to `goal` along upstream links, both ends included, or None."""
    came_from: dict[N, N | None] = {start: None}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        if node == goal:
            return _walk_back(came_from, node)
        for following in upstreams.get(node, ()):
            if following not in came_from:
                came_from[following] = node
                queue.append(following)
    return None


def _walk_back(came_from: Mapping[N, N | None], end: N) -> list[N]:
    path = [end]
    node = came_from[end]
    while node is not None:
        path.append(node)
        node = came_from[node]
    return path[::-1]
