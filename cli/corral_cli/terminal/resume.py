"""Where one viewer stands in a session's output: what is new, what was shown, what to say so. Pure."""

from corral_protocol.frames import Kind

ACKNOWLEDGE_EVERY = 1 << 15
"""Bytes shown before the hub is told, while more is waiting to be shown; at rest it is told at once."""
_FIRST_BACKOFF, _LAST_BACKOFF = 0.1, 10.0


class Position:
    """Counts bytes of the session's output from its first. None: nothing has come yet."""

    def __init__(self, start: int | None = None) -> None:
        self.received = start
        self.shown = start
        self.acknowledged = start

    def take(self, kind: Kind, offset: int, payload: bytes) -> tuple[bytes, int]:
        """Return (what of a frame's payload is new, how many bytes before it never came).

        After a reconnect frames may come again, and a snapshot may stand in for what is gone.
        """
        received = offset if self.received is None else self.received
        if kind is Kind.SNAPSHOT:
            self.received = offset
            return payload, max(0, offset - received)
        if offset > received:
            self.received = offset + len(payload)
            return payload, offset - received
        fresh = payload[received - offset :]
        self.received = received + len(fresh)
        return fresh, 0

    def show(self, offset: int) -> None:
        """Everything before `offset` is on the terminal."""
        self.shown = offset

    def acknowledge(self) -> int | None:
        """Return the offset that the hub should be told now, None if that can wait."""
        if self.shown is None or self.shown == self.acknowledged:
            return None
        told = self.acknowledged or 0
        if self.shown != self.received and 0 <= self.shown - told < ACKNOWLEDGE_EVERY:
            return None
        self.acknowledged = self.shown
        return self.shown

    def start_over(self) -> None:
        """A new connection knows nothing of what was acknowledged on the last one."""
        self.acknowledged = None


def backoff(failures: int, chance: float) -> float:
    """Return seconds until the next try to connect, with full jitter; `chance` is from [0, 1)."""
    return _FIRST_BACKOFF + chance * min(_LAST_BACKOFF - _FIRST_BACKOFF, _FIRST_BACKOFF * 2 ** min(failures, 10))
