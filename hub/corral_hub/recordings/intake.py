"""Segments that machines send: kept in batches, off the path of the terminals, and acknowledged after the commit."""

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from corral_hub import clock
from corral_hub.db.database import UNREACHABLE, Database
from corral_hub.recordings import store
from corral_hub.recordings.model import Arrived
from corral_protocol.codec import Malformed
from corral_protocol.frames import HEADER
from corral_protocol.recordings import IN_FLIGHT, SEGMENT_LIMIT, RecordingTaken, read_label

log = structlog.get_logger()
BATCH = 16
AGAIN = 1.0
"""Seconds until a database is tried again that did not answer."""
SLACK = 4 << 20
"""Bytes beyond its limit up to which a recording is taken: the machine ends it there, give or take a segment."""
Tell = Callable[[RecordingTaken], None]


@dataclass(frozen=True, slots=True)
class _Waiting:
    """`tell` answers on the connection on which it came."""

    server_id: UUID
    arrived: Arrived
    tell: Tell


class Intake:
    """What waits is bounded: a machine sends a few segments before it has heard of the first."""

    def __init__(self, database: Database, each: int) -> None:
        self._database = database
        self._each = each
        self._waiting: deque[_Waiting] = deque()
        self._of_server: Counter[UUID] = Counter()
        self._wake = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._pump = asyncio.create_task(self._run(), name="recordings")

    async def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            await asyncio.gather(self._pump, return_exceptions=True)

    def take(self, server_id: UUID, frame: bytes, tell: Tell) -> None:
        """Take a frame of kind RECORDING. Raises Malformed."""
        if len(frame) > SEGMENT_LIMIT + HEADER.size:
            raise Malformed("", f"a segment has at most {SEGMENT_LIMIT} bytes")
        if self._of_server[server_id] >= 2 * IN_FLIGHT:  # twice: it may have connected anew meanwhile
            raise Malformed("", f"more than {IN_FLIGHT} segments at once")
        data = frame[HEADER.size :]
        label, start = read_label(data)
        try:
            session_id = UUID(label.session_id)
        except ValueError:
            tell(RecordingTaken(session_id=label.session_id[:64], number=label.number, refused="no_session"))
            return
        self._of_server[server_id] += 1
        self._waiting.append(_Waiting(server_id, Arrived(session_id, label, data[start:]), tell))
        self._wake.set()

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch = [self._waiting[place] for place in range(min(BATCH, len(self._waiting)))]
                if await self._try(batch):
                    self._settle(len(batch))
                else:
                    await asyncio.sleep(AGAIN)

    async def _try(self, batch: Sequence[_Waiting]) -> bool:
        """Keep a batch and say so; False: the database does not answer, everything is as before."""
        try:
            refused = await self._keep(batch)
        except (*UNREACHABLE, PoolTimeout) as error:
            log.warning("recordings_not_written", error=str(error)[:200])
            return False
        except DBAPIError as error:
            if error.connection_invalidated or len(batch) > 1:
                return not error.connection_invalidated and all([await self._try([one]) for one in batch])
            log.exception("segment_not_written", session=str(batch[0].arrived.session_id))
            refused = ["not_stored"]
        for one, why in zip(batch, refused, strict=True):
            label = one.arrived.label
            one.tell(RecordingTaken(session_id=label.session_id, number=label.number, refused=why))
        return True

    async def _keep(self, batch: Sequence[_Waiting]) -> list[str | None]:
        """Return why each is refused, or None."""
        ids = {one.arrived.session_id for one in batch}
        async with self._database.begin() as tx:
            owners = await store.owners(tx, ids)
            sizes = await store.sizes(tx, ids)
            refused = [self._judge(one, owners, sizes) for one in batch]
            arrived = [one.arrived for one, why in zip(batch, refused, strict=True) if why is None]
            if arrived:
                await store.add(tx, arrived, clock.now())
        return refused

    def _judge(self, one: _Waiting, owners: dict[UUID, UUID], sizes: dict[UUID, int]) -> str | None:
        id = one.arrived.session_id
        if owners.get(id) != one.server_id:
            return "no_session"
        return "too_large" if sizes.get(id, 0) > self._each + SLACK else None

    def _settle(self, count: int) -> None:
        for _ in range(count):
            one = self._waiting.popleft()
            self._of_server[one.server_id] -= 1
            if not self._of_server[one.server_id]:
                del self._of_server[one.server_id]
