"""Which machine runs a node now: those who have its type, with the fewest nodes in hand. No I/O."""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
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


class Placing:
    """`queue`: what waits for a machine, in order. `at`: where an attempt is."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self.queue: dict[Place, tuple[Live, Execute]] = {}
        self.at: dict[Place, tuple[UUID, int]] = {}
        self._in_hand: Counter[UUID] = Counter()
        self._missed: dict[UUID, dict[Held, datetime]] = {}

    def clear(self) -> None:
        self.queue.clear()
        self.at.clear()
        self._in_hand.clear()
        self._missed.clear()

    def put(self, live: Live, execute: Execute) -> None:
        self.queue[live.id, execute.key] = (live, execute)

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

    def missed(self, server_id: UUID, gone: AbstractSet[Held], now: datetime) -> set[Held]:
        """Return what a connected machine has been without for so long that it was not merely on its way there."""
        before = self._missed.pop(server_id, {})
        since = {one: before.get(one, now) for one in gone}
        lost = {one for one, at in since.items() if now - at >= ON_ITS_WAY}
        if since.keys() - lost:
            self._missed[server_id] = {one: at for one, at in since.items() if one not in lost}
        return lost

    def settle(self) -> Iterator[tuple[Live, Execute, UUID]]:
        """Place what can be placed. Work that nobody can take now does not hold up what is behind it."""
        hopeless: set[Wanted] = set()
        for place, (live, execute) in list(self.queue.items()):
            wanted = self.wanted(live, execute)
            if wanted in hopeless:
                continue
            server_id = self._choose(wanted)
            if server_id is None:
                hopeless.add(wanted)
                continue
            del self.queue[place]
            self.take(place, server_id, execute.attempt)
            yield live, execute, server_id

    def wanted(self, live: Live, execute: Execute) -> Wanted:
        node = live.graph.nodes[execute.node_id]
        nodes = tuple(sorted({node.type, *node.requires.nodes}))
        return Wanted(requirements=replace(node.requires, nodes=nodes), project_id=live.project_id)

    def _choose(self, wanted: Wanted) -> UUID | None:
        return self._fleet.lightest(wanted, self._in_hand, MOST)
