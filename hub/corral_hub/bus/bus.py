"""Facts travel here, in this process. Subscribers are called in order, at once, and must not block or raise."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

F = TypeVar("F")
EVERYTHING = None


class Bus:
    """Publish and subscribe by fact type. News goes up this way; calls go down by import.

    A fact that few care for is published `about` something: whoever makes it asks `hears` first, and saves itself the
    work where nobody listens.
    """

    def __init__(self) -> None:
        self._subscribers: dict[type, dict[Hashable, list[Callable[[Any], None]]]] = {}

    def subscribe(self, kind: type[F], react: Callable[[F], None], about: Hashable = EVERYTHING) -> Callable[[], None]:
        """Call `react` for every fact of `kind`, or for those about one thing; return the function that ends it."""
        self._subscribers.setdefault(kind, {}).setdefault(about, []).append(react)
        return lambda: self._leave(kind, about, react)

    def hears(self, kind: type) -> bool:
        """Whether anybody listens to facts of `kind`, about whatever."""
        return kind in self._subscribers

    def publish(self, *facts: object, about: Hashable = EVERYTHING) -> None:
        for fact in facts:
            if listening := self._subscribers.get(type(fact)):
                for react in tuple(listening.get(about, ())):
                    react(fact)

    def about(self, kind: type) -> frozenset[Hashable]:
        """Return what somebody listens for."""
        return frozenset(self._subscribers.get(kind, ()))

    def _leave(self, kind: type, about: Hashable, react: Callable[[Any], None]) -> None:
        listening = self._subscribers[kind]
        listening[about].remove(react)
        if not listening[about]:
            del listening[about]
        if not listening:
            del self._subscribers[kind]
