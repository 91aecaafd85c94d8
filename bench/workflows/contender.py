"""What every engine that is measured can be asked for. All of them are asked by the same words, in turn."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

IN_FLIGHT = 50
"""Requests for single runs at a time."""


class Contender(Protocol):
    """An engine that runs. `skills`: the cases that it can do, by name."""

    name: str
    skills: frozenset[str]

    async def singles(self, count: int) -> float:
        """Begin so many independent runs of one no-op node, each by itself; return seconds until all have ended."""
        ...

    async def starts(self, count: int) -> list[float]:
        """Return, for runs one after another on an idle engine, the seconds from the request to the node's start."""
        ...

    async def chains(self, at_once: int) -> float:
        """Return the seconds that so many chains of forty no-op nodes take, begun together."""
        ...

    async def fan(self, width: int) -> float:
        """Return the seconds that 1 → width → 1 takes."""
        ...

    async def hooks(self, clients: int, seconds: float) -> list[float]:
        """Return the seconds that each call took which so many clients made, for so long."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """A contender that is not running yet. `singles`: how many it manages in a reasonable time."""

    name: str
    open: Callable[[], AbstractAsyncContextManager[Sequence[Contender]]]
    singles: int = 1000


Opened = AsyncIterator[Contender]
