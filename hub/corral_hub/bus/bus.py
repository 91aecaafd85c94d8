"""Facts travel here, in this process. Subscribers are called in order, at once, and must not block or raise."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

F = TypeVar("F")


class Bus:
    """Publish and subscribe by fact type. News goes up this way; calls go down by import."""

    def __init__(self) -> None:
        self._subscribers: dict[type, list[Callable[[Any], None]]] = defaultdict(list)

    def subscribe(self, kind: type[F], react: Callable[[F], None]) -> Callable[[], None]:
        """Call `react` for every fact of `kind`; return the function that ends it."""
        self._subscribers[kind].append(react)
        return lambda: self._subscribers[kind].remove(react)

    def publish(self, *facts: object) -> None:
        for fact in facts:
            for react in tuple(self._subscribers[type(fact)]):
                react(fact)
