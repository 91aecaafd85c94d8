"""What comes again and again is written down a few times, then less and less, so that it cannot fill a log. Pure.

Of what comes from one place the first five within an hour are told, then the 10th, the 100th, and so on, each with how
many there were by then. Of places there are only so many; all others count as one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

FREE: Final = 5
WINDOW: Final = timedelta(hours=1)
MOST: Final = 256
OTHERS: Final = ""


@dataclass(frozen=True, slots=True)
class Seen:
    since: datetime
    count: int


class Flood:
    """Counts in memory, by place."""

    def __init__(self) -> None:
        self._seen: dict[str, Seen] = {}

    def count(self, place: str, now: datetime) -> int | None:
        """Return how many there were from this place within the hour, with this one; None: it need not be told."""
        place = self._known(place, now)
        before = self._seen.get(place)
        fresh = before is None or not timedelta() <= now - before.since < WINDOW
        seen = self._seen[place] = Seen(now, 1) if fresh or before is None else Seen(before.since, before.count + 1)
        return seen.count if is_told(seen.count) else None

    def _known(self, place: str, now: datetime) -> str:
        if place in self._seen or len(self._seen) < MOST:
            return place
        self._seen = {other: seen for other, seen in self._seen.items() if now - seen.since < WINDOW}
        return place if len(self._seen) < MOST else OTHERS


def is_told(count: int) -> bool:
    return count <= FREE or str(count).strip("0") == "1"
