"""Addresses that log a user in once: for the first start, for a forgotten password, for a browser nearby."""

import hashlib
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, insert

from corral_hub import clock
from corral_hub.accounts.model import User
from corral_hub.accounts.tables import login_links
from corral_hub.audit.log import note
from corral_hub.db.database import Database

TTL = 900.0
PAGE = "/login#once="
"""What follows `#` is not sent to any server, and so stands in no log."""


class Links:
    def __init__(self, database: Database, url: str) -> None:
        self._database = database
        self._url = url

    async def make(self, user: User, ttl: float = TTL) -> tuple[str, datetime]:
        """Return (an address that logs this user in once, until when)."""
        secret, now = clock.new_secret(24), clock.now()
        until = now + timedelta(seconds=ttl)
        values = {"secret_hash": _digest(secret), "user_id": user.id, "expires_at": until}
        async with self._database.begin() as tx:
            await tx.execute(delete(login_links).where(login_links.c.expires_at <= now))
            await tx.execute(insert(login_links).values(**values))
            await note(tx, "user.link", user.id, user.email, until=until.isoformat(timespec="seconds"))
        return f"{self._url}{PAGE}{secret}", until

    async def use(self, secret: str) -> UUID | None:
        """Return the id of the user whom this link is for, and let it be used up; None: it is not, or no more."""
        statement = delete(login_links).where(login_links.c.secret_hash == _digest(secret))
        async with self._database.begin() as tx:
            row = (await tx.execute(statement.returning(login_links.c.user_id, login_links.c.expires_at))).one_or_none()
        return None if row is None or row.expires_at <= clock.now() else row.user_id


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()
