"""The work that could start now, grouped by what it asks for. In memory, rebuilt from the database. No I/O."""

import heapq
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import Placement, Wanted
from corral_protocol.vocabulary import Priority

RANK = {Priority.CRITICAL: 0, Priority.HIGH: 1, Priority.NORMAL: 2, Priority.LOW: 3}
Order = tuple[int, datetime, UUID]


@dataclass(slots=True)
class _Group:
    heap: list[Order] = field(default_factory=list)


class ReadyQueue:
    """Most urgent first, then oldest first; work nobody can take now never blocks work behind it."""

    def __init__(self) -> None:
        self._groups: dict[Wanted, _Group] = {}
        self._wanted: dict[UUID, tuple[Wanted, Order]] = {}
        self._later: dict[UUID, tuple[datetime, Wanted, Order]] = {}

    def __len__(self) -> int:
        return len(self._wanted)

    def __contains__(self, task_id: object) -> bool:
        return task_id in self._wanted

    def put(self, task_id: UUID, wanted: Wanted, priority: Priority, created_at: datetime) -> None:
        self._later.pop(task_id, None)
        self._push(wanted, (RANK[priority], created_at, task_id))

    def put_later(self, at: datetime, task_id: UUID, wanted: Wanted, priority: Priority, created_at: datetime) -> None:
        """Keep the task back until `at` (its retry backoff)."""
        self.discard(task_id)
        self._later[task_id] = (at, wanted, (RANK[priority], created_at, task_id))

    def wake(self, now: datetime) -> None:
        """Let the tasks whose time has come take their place in the queue."""
        for task_id in [id for id, (at, _, _) in self._later.items() if at <= now]:
            _, wanted, order = self._later.pop(task_id)
            self._push(wanted, order)

    def next_wake(self) -> datetime | None:
        return min((at for at, _, _ in self._later.values()), default=None)

    def discard(self, task_id: UUID) -> None:
        self._wanted.pop(task_id, None)
        self._later.pop(task_id, None)

    def clear(self) -> None:
        self._groups.clear()
        self._wanted.clear()
        self._later.clear()

    def _push(self, wanted: Wanted, order: Order) -> None:
        if self._wanted.get(order[2]) != (wanted, order):
            self._wanted[order[2]] = (wanted, order)
            heapq.heappush(self._groups.setdefault(wanted, _Group()).heap, order)

    def pick(self, fleet: Fleet) -> tuple[UUID, Placement] | None:
        """Take the most urgent task that a server can start now off the queue, or return None."""
        if not self._wanted or not fleet.any_free():
            return None
        for order, wanted in sorted(self._heads(), key=lambda head: head[0]):
            placement = fleet.choose(wanted)
            if placement is not None:
                self.discard(order[2])
                return order[2], placement
        return None

    def _heads(self) -> list[tuple[Order, Wanted]]:
        heads: list[tuple[Order, Wanted]] = []
        for wanted, group in list(self._groups.items()):
            while group.heap and self._wanted.get(group.heap[0][2]) != (wanted, group.heap[0]):
                heapq.heappop(group.heap)
            if group.heap:
                heads.append((group.heap[0], wanted))
            else:
                del self._groups[wanted]
        return heads
