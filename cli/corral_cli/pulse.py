"""When to look at a run again: when the hub says that something happened to it; without its socket, now and then."""

from corral_cli.client import Client
from corral_cli.live import News

FIRST, LAST, FACTOR = 0.1, 2.0, 1.5
"""Seconds between looks without the socket: soon after something has happened, later and later while nothing does."""
GATHER = 0.25
"""Seconds in which what comes is one reason to look: a run of many nodes has much to tell."""


class Pulse(News):
    """News of one run and of each of its nodes. Use it in a `with`. After a gap it is time to look, as always."""

    gather = GATHER

    def __init__(self, client: Client, run_id: str) -> None:
        super().__init__(client, run_ids=[run_id])
        self._pause = FIRST

    def noticed(self) -> None:
        """Something has happened: more is likely to."""
        self._pause = FIRST

    def pause(self) -> float:
        now, self._pause = self._pause, min(self._pause * FACTOR, LAST)
        return now
