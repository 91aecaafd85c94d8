"""Which machine runs a node now: those who have its type, with the fewest nodes in hand. No I/O.

What waits stands in lines, one for everything that asks the same of a machine: when nobody can take the first of a
line, nobody can take the others, and thousands of them cost a batch nothing.
"""

import heapq
import itertools
from collections import Counter, OrderedDict
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import Wanted
from corral_hub.workflows.commands import Execute
from corral_hub.workflows.live import Live, Place

MOST = 64
"""Nodes on one machine at a time: they are short, and what is long waits or sleeps elsewhere."""
Held = tuple[str, str, int]
"""(run id, key, attempt) as machines name it."""
ON_ITS_WAY = timedelta(seconds=15)
"""Longer than an assignment takes to a machine that is connected."""


@dataclass(frozen=True, slots=True)
class Queued:
    """`number`: its place among all that wait."""

    live: Live
    execute: Execute
    wanted: Wanted
    number: int


class Placing:
    """`queue`: what waits for a machine. `at`: where an attempt is."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.queue: dict[Place, Queued] = {}
        self.at: dict[Place, tuple[UUID, int]] = {}
        self._lines: dict[Wanted, OrderedDict[Place, None]] = {}
        self._order = itertools.count()
        self._in_hand: Counter[UUID] = Counter()
        self._missed: dict[UUID, dict[Held, datetime]] = {}

    def clear(self) -> None:
        self.queue.clear()
        self._lines.clear()
        self.at.clear()
        self._in_hand.clear()
        self._missed.clear()

    def put(self, live: Live, execute: Execute) -> None:
        place, wanted = (live.id, execute.key), self.wanted(live, execute)
        self.leave(place)
        self.queue[place] = Queued(live, execute, wanted, next(self._order))
        self._lines.setdefault(wanted, OrderedDict())[place] = None

    def leave(self, place: Place) -> None:
        """It waits no longer, if it did."""
        queued = self.queue.pop(place, None)
        if queued is not None:
            line = self._lines[queued.wanted]
            del line[place]
            if not line:
                del self._lines[queued.wanted]

    def take(self, place: Place, server_id: UUID, attempt: int) -> None:
        self.at[place] = (server_id, attempt)
        self._in_hand[server_id] += 1

    def release(self, place: Place) -> tuple[UUID, int] | None:
        """Forget where the node is; return (server, attempt) if it was anywhere."""
        self.leave(place)
        found = self.at.pop(place, None)
        if found is not None:
            self._in_hand[found[0]] -= 1
        return found

    def of(self, server_id: UUID) -> list[tuple[Place, int]]:
        """Return what a machine has in hand."""
        return [(place, attempt) for place, (server, attempt) in self.at.items() if server == server_id]

    def missed(self, server_id: UUID, gone: AbstractSet[Held], now: datetime) -> set[Held]:
        """Return what a connected machine has been without for so long that it was not merely on its way there."""
        before = self._missed.pop(server_id, {})
        since = {one: before.get(one, now) for one in gone}
        lost = {one for one, at in since.items() if now - at >= ON_ITS_WAY}
        if since.keys() - lost:
            self._missed[server_id] = {one: at for one, at in since.items() if one not in lost}
        return lost

    def settle(self) -> Iterator[tuple[Live, Execute, UUID]]:
        """Place what can be placed, in order. Work that nobody can take now holds up only what asks the same."""
        heads = [(self._first(line).number, wanted) for wanted, line in self._lines.items()]
        heapq.heapify(heads)  # numbers differ: two lines are never compared by what they want
        while heads:
            _, wanted = heapq.heappop(heads)
            server_id = self._choose(wanted)
            if server_id is None:
                continue
            queued = self._first(self._lines[wanted])
            place = (queued.live.id, queued.execute.key)
            self.leave(place)
            self.take(place, server_id, queued.execute.attempt)
            if wanted in self._lines:
                heapq.heappush(heads, (self._first(self._lines[wanted]).number, wanted))
            yield queued.live, queued.execute, server_id

    def _first(self, line: OrderedDict[Place, None]) -> Queued:
        return self.queue[next(iter(line))]

    def wanted(self, live: Live, execute: Execute) -> Wanted:
        return Wanted(requirements=live.graph.needs[execute.node_id], project_id=live.project_id)

    def _choose(self, wanted: Wanted) -> UUID | None:
        return self._fleet.lightest(wanted, self._in_hand, MOST)
