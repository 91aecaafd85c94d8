"""API keys of people: made, known again, revoked. Kept in memory once used; this process alone changes them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, insert, select, update

from corral_hub import clock
from corral_hub.accounts.model import Person, Role
from corral_hub.accounts.tables import admin_users, person_keys
from corral_hub.audit.log import note, turn_out_to_be
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, NotFound, Unauthenticated

BEGINS = "crl_"
SHOWN = 12
"""Characters of a key that stay readable."""
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKey:
    id: UUID
    user_id: UUID
    email: str
    name: str
    prefix: str
    role: Role
    created_at: datetime
    expires_at: datetime | None
    used_on: date | None
    revoked_at: datetime | None


class Keys:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[bytes, PersonKey] = {}
        self._used: dict[UUID, date] = {}
        self._revocations = 0

    async def create(self, owner: Person, name: str, role: Role, ttl: float | None) -> tuple[PersonKey, str]:
        """Return the key as it is kept, and the text that nobody can read again."""
        text, now = BEGINS + clock.new_secret(32), clock.now()
        key = PersonKey(
            id=clock.new_id(), user_id=owner.id, email=owner.email, name=name, prefix=text[:SHOWN], role=role,
            created_at=now, expires_at=None if ttl is None else now + timedelta(seconds=ttl), used_on=None,
            revoked_at=None,
        )  # fmt: skip
        values = {
            "id": key.id, "user_id": key.user_id, "name": name, "prefix": key.prefix, "key_hash": digest(text),
            "role": role.value, "created_at": now, "expires_at": key.expires_at,
        }  # fmt: skip
        async with self._database.begin() as tx:
            await tx.execute(insert(person_keys).values(**values))
            await note(tx, "key.create", key.id, name, role=role.value, prefix=key.prefix)
        return key, text

    async def all(self) -> Sequence[PersonKey]:
        """Return the keys, newest first."""
        query = _query().order_by(person_keys.c.created_at.desc(), person_keys.c.id).limit(MOST)
        async with self._database.read() as connection:
            return [_key(row) for row in await connection.execute(query)]

    async def revoke(self, key: PersonKey) -> PersonKey:
        """End a key, at once and for good; return it as it is now."""
        now = clock.now()
        ending = update(person_keys).where(person_keys.c.id == key.id, person_keys.c.revoked_at.is_(None))
        async with self._database.begin() as tx:
            if not (await tx.execute(ending.values(revoked_at=now))).rowcount:
                raise Conflict("key_revoked", f"the key {key.name!r} is revoked already", "corral key list")
            await note(tx, "key.revoke", key.id, key.name)
        self._revocations += 1
        self._known = {hashed: known for hashed, known in self._known.items() if known.id != key.id}
        return replace(key, revoked_at=now)

    async def find(self, text: str) -> PersonKey:
        """Return the key with this text, if it counts. Raises Unauthenticated."""
        hashed = digest(text)
        key = self._known.get(hashed)
        if key is None:
            revocations = self._revocations
            async with self._database.read() as connection:
                row = (await connection.execute(_query().where(person_keys.c.key_hash == hashed))).one_or_none()
            key = None if row is None else _key(row)
            if key is not None and key.revoked_at is None and revocations == self._revocations:
                self._known[hashed] = key
        now = clock.now()
        if key is None or key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now):
            raise Unauthenticated("bad_api_key", "the API key is unknown, revoked or expired", "corral key create")
        await self._note_use(key, now.date())
        return key

    async def _note_use(self, key: PersonKey, day: date) -> None:
        """Write down the day a key was last used, and from where that day: once a day, not once a request."""
        if self._used.get(key.id, key.used_on) == day:
            return
        self._used[key.id] = day
        async with self._database.begin() as tx:
            await tx.execute(update(person_keys).where(person_keys.c.id == key.id).values(used_on=day))
            turn_out_to_be(f"user:{key.email}", key.name)
            await note(tx, "key.use", key.id, key.name, day=day.isoformat())


def pick(keys: Sequence[PersonKey], wanted: str) -> PersonKey:
    """Return the key with this id, beginning of an id, or name; of several with a name the one that still counts."""
    found = [key for key in keys if str(key.id) == wanted or key.name == wanted] or [
        key for key in keys if len(wanted) >= 4 and str(key.id).startswith(wanted.lower())
    ]
    alive = [key for key in found if key.revoked_at is None] or found
    if not alive:
        raise NotFound("key_not_found", f"there is no API key {wanted!r}", "corral key list")
    if len(alive) > 1:
        raise Conflict("ambiguous_id", f"several API keys are called {wanted!r}", "use the id: corral key list")
    return alive[0]


def digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _query() -> Select[Any]:
    columns = [column for column in person_keys.c if column.name != "key_hash"]
    return select(*columns, admin_users.c.email).join_from(person_keys, admin_users)


def _key(row: Any) -> PersonKey:
    values: dict[str, Any] = dict(row._mapping)
    values["role"] = Role(values["role"])
    return PersonKey(**values)
