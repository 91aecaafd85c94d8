"""When an event of a recording is shown: its speed, its pauses, and where in it we are. Pure."""

from dataclasses import dataclass, replace

SLOWEST, FASTEST = 0.1, 100.0
HOP = 10.0
"""Seconds that an arrow key goes forward or back."""


@dataclass(frozen=True, slots=True)
class Pace:
    """`idle_limit`: no pause is longer than so many seconds of the recording.

    At the moment `since` of the clock, the recording was at second `at`; while `paused` it stays there.
    `hops`: how often somebody went elsewhere.
    """

    speed: float = 1.0
    idle_limit: float | None = None
    at: float = 0.0
    since: float = 0.0
    paused: bool = False
    hops: int = 0

    def place(self, clock: float) -> float:
        """Return where in the recording we are."""
        return self.at if self.paused else self.at + max(0.0, clock - self.since) * self.speed

    def due(self, event: float) -> float | None:
        """Return when an event is to be shown; None: not while it is paused."""
        if event <= self.at:
            return self.since
        if self.paused:
            return None
        gap = event - self.at
        if self.idle_limit is not None:
            gap = min(gap, self.idle_limit)
        return self.since + gap / self.speed

    def shown(self, event: float, clock: float) -> "Pace":
        """An event was shown: what follows is counted from when that was due, so that delays do not add up."""
        due = self.due(event)
        return replace(self, at=max(self.at, event), since=clock if due is None else min(due, clock))

    def toggle(self, clock: float) -> "Pace":
        return replace(self, at=self.place(clock), since=clock, paused=not self.paused)

    def times(self, factor: float, clock: float) -> "Pace":
        speed = min(FASTEST, max(SLOWEST, self.speed * factor))
        return replace(self, at=self.place(clock), since=clock, speed=speed)

    def jump(self, seconds: float, clock: float) -> "Pace":
        return replace(self, at=max(0.0, self.place(clock) + seconds), since=clock, hops=self.hops + 1)
