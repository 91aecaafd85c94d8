"""Many alarms, of which the earliest is known. Setting one anew forgets what it was set to. No I/O."""

import heapq
import itertools
from collections.abc import Iterator
from datetime import datetime

Key = tuple[int, str]
"""(workflow id, node id)."""


class Timers:
    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int, Key]] = []
        self._set: dict[Key, int] = {}
        self._order = itertools.count()

    def set(self, key: Key, at: datetime | None) -> None:
        """None: not again."""
        number = self._set[key] = next(self._order)
        if at is not None:
            heapq.heappush(self._heap, (at, number, key))

    def forget(self, key: Key) -> None:
        self._set.pop(key, None)

    def clear(self) -> None:
        self._heap.clear()
        self._set.clear()

    def pop_due(self, now: datetime, most: int) -> Iterator[Key]:
        """Return what is due, at most `most` of it, in order."""
        while most > 0 and self._heap and self._heap[0][0] <= now:
            _, number, key = heapq.heappop(self._heap)
            if self._set.get(key) == number:
                most -= 1
                yield key

    def next(self) -> datetime | None:
        return self._heap[0][0] if self._heap else None
