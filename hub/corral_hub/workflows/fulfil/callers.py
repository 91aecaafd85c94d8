"""HTTP callers that wait for what a run answers. In memory only: a caller does not outlive its connection."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from corral_protocol.codec import Json


@dataclass(frozen=True, slots=True)
class Answer:
    """`content_type` and `status` were checked when the node gave them."""

    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Over:
    """The run has ended, and nothing was answered."""

    status: str
    output: Json


Word = Answer | Over


class Callers:
    def __init__(self) -> None:
        self._waiting: defaultdict[UUID, list[asyncio.Future[Word]]] = defaultdict(list)

    @asynccontextmanager
    async def waiting(self, run_id: UUID) -> AsyncIterator[asyncio.Future[Word]]:
        """Hold a place for the answer; enter before the run can give one."""
        place: asyncio.Future[Word] = asyncio.get_running_loop().create_future()
        self._waiting[run_id].append(place)
        try:
            yield place
        finally:
            self._waiting[run_id].remove(place)
            if not self._waiting[run_id]:
                del self._waiting[run_id]

    def tell(self, run_id: UUID, word: Word) -> bool:
        """Return whether anybody was still there."""
        heard = [place for place in self._waiting.get(run_id, ()) if not place.done()]
        for place in heard:
            place.set_result(word)
        return bool(heard)
