"""Messages to daemons that are not state: read from their rows, sent, and forgotten once the daemon has them."""

import asyncio
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import BigInteger, any_, cast, delete, select
from sqlalchemy.dialects.postgresql import ARRAY

from corral_hub.db.database import Database
from corral_hub.gateway.links import LinkRegistry
from corral_hub.servers.tables import outbox
from corral_protocol.codec import decode_tagged
from corral_protocol.to_daemon import TO_DAEMON
from corral_protocol.vocabulary import Feature


class Outbox:
    """One flush a server at a time, so that messages keep their order."""

    def __init__(self, database: Database, links: LinkRegistry) -> None:
        self._database = database
        self._links = links
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._running: set[asyncio.Task[None]] = set()
        self._sent: dict[UUID, int] = {}

    def flush_soon(self, server_id: UUID) -> None:
        job = asyncio.create_task(self.flush(server_id))
        self._running.add(job)
        job.add_done_callback(self._running.discard)

    def restart(self, server_id: UUID) -> None:
        """A new connection: what was sent on the old one may not have arrived."""
        self._sent.pop(server_id, None)
        self.flush_soon(server_id)

    async def flush(self, server_id: UUID) -> None:
        async with self._locks.setdefault(server_id, asyncio.Lock()):
            link = self._links.get(server_id)
            if link is None:
                return
            query = select(outbox).where(outbox.c.server_id == server_id, outbox.c.id > self._sent.get(server_id, 0))
            async with self._database.read() as connection:
                rows = (await connection.execute(query.order_by(outbox.c.id))).all()
            for row in rows:
                message = decode_tagged(TO_DAEMON, {**row.message, "delivery": row.id})
                link.send(message)
                self._sent[server_id] = row.id
            if rows and not link.has(Feature.ACKS):  # an older agent acknowledges nothing: sent is all there is
                await self.forget(server_id, [row.id for row in rows])

    async def forget(self, server_id: UUID, deliveries: Iterable[int]) -> None:
        ids = cast(list(deliveries), ARRAY(BigInteger))  # one parameter, however many there are
        async with self._database.begin() as connection:
            await connection.execute(delete(outbox).where(outbox.c.server_id == server_id, outbox.c.id == any_(ids)))
