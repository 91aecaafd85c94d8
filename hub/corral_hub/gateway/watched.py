"""The runs that one viewer watches node by node: what is told of them is made only while somebody asks for it."""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import LinesEvent, NodesEvent, ProgressEvent
from corral_hub.errors import Conflict, Unprocessable

MOST_RUNS = 64
KINDS: tuple[type, ...] = (NodesEvent, ProgressEvent, LinesEvent)


class Watched:
    """`offer` is called with the facts about them."""

    def __init__(self, bus: Bus, offer: Callable[[Any], None]) -> None:
        self._bus = bus
        self._offer = offer
        self._ends: dict[UUID, list[Callable[[], None]]] = {}

    def watch(self, texts: Iterable[str]) -> frozenset[str]:
        """Watch these and no others; return their ids. Raises Unprocessable for what is no id, Conflict: too many."""
        wanted = {_read(text) for text in texts}
        if len(wanted) > MOST_RUNS:
            raise Conflict("too_many_runs", f"{len(wanted)} runs are more than {MOST_RUNS}", "watch what is looked at")
        for run_id in self._ends.keys() - wanted:
            self._leave(run_id)
        for run_id in wanted - self._ends.keys():
            self._ends[run_id] = [self._bus.subscribe(kind, self._offer, about=run_id) for kind in KINDS]
        return frozenset(map(str, wanted))

    def close(self) -> None:
        for run_id in tuple(self._ends):
            self._leave(run_id)

    def _leave(self, run_id: UUID) -> None:
        for end in self._ends.pop(run_id):
            end()


def _read(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        hint = "the whole id, as GET /runs has it"
        raise Unprocessable("invalid_id", f"{text[:64]!r} is no id of a run", hint) from error
