"""Where the secrets of webhooks are kept: sealed, in rows of their own, each for one place of one workflow."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from corral_hub import clock
from corral_hub.db.database import Database
from corral_hub.workflows import secrets
from corral_hub.workflows.sealing import NONCE, key_of, seal, unseal
from corral_hub.workflows.secrets import Catalogue, Place
from corral_hub.workflows.tables import workflow_secrets as rows
from corral_protocol.codec import Json

log = structlog.get_logger()
MOST_OPEN = 1024
"""Secrets that are remembered once somebody has called: who calls a webhook must not cost a query each time."""


class Vault:
    """`secret`: the hub's own, from which the key follows. A row never changes, but for being published."""

    def __init__(self, database: Database, secret: str) -> None:
        self._database = database
        self._key = key_of(secret)
        self._open: dict[UUID, str] = {}

    async def seal_bare(self) -> None:
        """Seal what a migration took out of definitions: it had no key."""
        query = select(rows).where(rows.c.sealed.is_(False))
        async with self._database.begin() as tx:
            found = (await tx.execute(query)).all()
            for row in found:
                box = self._box(row.workflow_id, row.id, bytes(row.box).decode())
                await tx.execute(update(rows).where(rows.c.id == row.id).values(box=box, sealed=True))
        if found:
            log.info("secrets_sealed", count=len(found))

    async def keep(
        self, tx: AsyncConnection, workflow_id: int, written: Json, catalogue: Catalogue, now: datetime
    ) -> Json:
        """Return the definition with references for its secrets, which are kept. The workflow's row must be locked.

        A secret that stands where it stood before keeps its reference: the same file gives the same definition.
        """
        given = secrets.given(secrets.find(written, catalogue))
        if not given:
            return written
        known = await self._known_texts(tx, workflow_id)
        references: dict[Place, UUID] = {}
        for place, text in given.items():
            id = known.get((place.node_id, place.name, text))
            references[place] = id or await self._add(tx, workflow_id, place, text, now)
        return secrets.put(written, references)

    async def _known_texts(self, tx: AsyncConnection, workflow_id: int) -> dict[tuple[str, str, str], UUID]:
        found = (await tx.execute(select(rows).where(rows.c.workflow_id == workflow_id))).all()
        texts = {row: unseal(self._key, bytes(row.box), _bound(workflow_id, row.id)) for row in found}
        return {(row.node_id, row.parameter, text): row.id for row, text in texts.items() if text is not None}

    async def _add(self, tx: AsyncConnection, workflow_id: int, place: Place, text: str, now: datetime) -> UUID:
        id = clock.new_id()
        row = {
            "id": id, "workflow_id": workflow_id, "node_id": place.node_id, "parameter": place.name,
            "box": self._box(workflow_id, id, text), "sealed": True, "published": False, "created_at": now,
        }  # fmt: skip
        await tx.execute(insert(rows).values(**row))
        return id

    async def sweep(self, tx: AsyncConnection, workflow_id: int, named: Collection[UUID]) -> None:
        """Let go of what only an older draft has named."""
        unnamed = rows.c.id.not_in(named)
        await tx.execute(delete(rows).where(rows.c.workflow_id == workflow_id, rows.c.published.is_(False), unnamed))

    async def publish(self, tx: AsyncConnection, workflow_id: int, named: Collection[UUID]) -> bool:
        """Keep what a version names for as long as there are versions; return whether all of it is there."""
        mine = (rows.c.workflow_id == workflow_id, rows.c.id.in_(named))
        return (await tx.execute(update(rows).where(*mine).values(published=True))).rowcount == len(set(named))

    async def forget(self, tx: AsyncConnection, workflow_id: int) -> None:
        await tx.execute(delete(rows).where(rows.c.workflow_id == workflow_id))

    async def ids(self, workflow_id: int) -> frozenset[UUID]:
        """Return which secrets are kept for a workflow."""
        async with self._database.read() as connection:
            return frozenset(await connection.scalars(select(rows.c.id).where(rows.c.workflow_id == workflow_id)))

    async def open(self, workflow_id: int, text: str) -> str | None:
        """Return the secret that a definition names; None if it is gone, or was sealed with another key."""
        id = secrets.read_reference(text)
        if id is None:
            return text
        if id not in self._open:
            query = select(rows.c.box).where(rows.c.id == id, rows.c.workflow_id == workflow_id, rows.c.sealed)
            async with self._database.read() as connection:
                box = (await connection.execute(query)).scalar_one_or_none()
            found = unseal(self._key, bytes(box), _bound(workflow_id, id)) if box is not None else None
            if found is None:
                return None
            if len(self._open) >= MOST_OPEN:
                del self._open[next(iter(self._open))]
            self._open[id] = found
        return self._open[id]

    def _box(self, workflow_id: int, id: UUID, text: str) -> bytes:
        return seal(self._key, clock.random_bytes(NONCE), text, _bound(workflow_id, id))


def _bound(workflow_id: int, id: UUID) -> str:
    return f"{workflow_id}/{id}"
