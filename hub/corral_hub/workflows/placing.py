"""Which machine runs a node now: those who have its type, with the fewest nodes in hand. No I/O."""

import heapq
from collections import Counter, deque
from collections.abc import Iterator
from itertools import count
from uuid import UUID

from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import Wanted
from corral_hub.workflows.commands import Execute
from corral_hub.workflows.live import Live, Place

MOST = 64
"""Nodes on one machine at a time: they are short, and what is long waits or sleeps elsewhere."""
Queued = tuple[int, Live, Execute]
"""With its number in the order of all."""


class Placing:
    """`queue`: what waits for a machine, by number. `at`: where an attempt is.

    What asks the same of a machine waits in one line: if the first of it cannot go, nobody behind it can.
    """

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.queue: dict[Place, int] = {}
        self.at: dict[Place, tuple[UUID, int]] = {}
        self._lines: dict[Wanted, deque[Queued]] = {}
        self._numbers = count()
        self._in_hand: Counter[UUID] = Counter()

    def clear(self) -> None:
        self.queue.clear()
        self.at.clear()
        self._lines.clear()
        self._in_hand.clear()

    def put(self, live: Live, execute: Execute) -> None:
        number = self.queue[live.id, execute.key] = next(self._numbers)
        wanted = Wanted(requirements=live.graph.needs[execute.node_id], project_id=live.project_id)
        self._lines.setdefault(wanted, deque()).append((number, live, execute))

    def take(self, place: Place, server_id: UUID, attempt: int) -> None:
        self.at[place] = (server_id, attempt)
        self._in_hand[server_id] += 1

    def release(self, place: Place) -> tuple[UUID, int] | None:
        """Forget where the node is; return (server, attempt) if it was anywhere."""
        self.queue.pop(place, None)
        found = self.at.pop(place, None)
        if found is not None:
            self._in_hand[found[0]] -= 1
        return found

    def of(self, server_id: UUID) -> list[tuple[Place, int]]:
        """Return what a machine has in hand."""
        return [(place, attempt) for place, (server, attempt) in self.at.items() if server == server_id]

    def settle(self) -> Iterator[tuple[Live, Execute, UUID]]:
        """Place what can be placed, in order. Work that nobody can take now does not hold up what is behind it."""
        heads = [
            (first, line, wanted)
            for line, wanted in enumerate(list(self._lines))
            if (first := self._first(wanted)) >= 0
        ]
        heapq.heapify(heads)
        while heads:
            _, line, wanted = heads[0]
            server_id = self._fleet.lightest(wanted, self._in_hand, MOST)
            if server_id is None:
                heapq.heappop(heads)
                continue
            _, live, execute = self._lines[wanted].popleft()
            del self.queue[live.id, execute.key]
            self.take((live.id, execute.key), server_id, execute.attempt)
            yield live, execute, server_id
            first = self._first(wanted)
            if first >= 0:
                heapq.heapreplace(heads, (first, line, wanted))
            else:
                heapq.heappop(heads)

    def _first(self, wanted: Wanted) -> int:
        """Return the number of the first in a line that still waits; -1 if nobody does, and then the line is gone."""
        line = self._lines[wanted]
        while line:
            number, live, execute = line[0]
            if self.queue.get((live.id, execute.key)) == number:
                return number
            line.popleft()
        del self._lines[wanted]
        return -1
