"""When to look at a run again.

The hub's dashboard socket says nothing of runs yet; once it does, only this file changes.
"""

from typing import Self

from corral_cli import clock

FIRST, LAST, FACTOR = 0.1, 2.0, 1.5
"""Seconds between looks: soon after something has happened, later and later while nothing does."""


class Pulse:
    """Use it in a `with`, as the news of tasks."""

    def __init__(self) -> None:
        self._pause = FIRST

    def noticed(self) -> None:
        """Something has happened: more is likely to."""
        self._pause = FIRST

    def wait_for_news(self, seconds: float) -> None:
        clock.sleep(max(0.0, min(seconds, self._pause)))
        self._pause = min(self._pause * FACTOR, LAST)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is held."""
