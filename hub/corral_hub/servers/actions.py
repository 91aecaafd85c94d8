"""What can be done with machines. One action, one transaction; news of a change goes up as facts."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from corral_hub import clock, short_ids
from corral_hub.accounts.model import Machine
from corral_hub.audit.log import Noted, note
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import KeyRevoked, ServerChanged, ServerLost, TokenEvent
from corral_hub.db.database import Database
from corral_hub.errors import Conflict, NotFound, Unauthenticated
from corral_hub.servers import capabilities, store
from corral_hub.servers.model import Server
from corral_hub.servers.naming import free_name, returning
from corral_hub.settings import Settings
from corral_protocol.capabilities import Capabilities, SystemInfo
from corral_protocol.codec import encode
from corral_protocol.tokens import BadToken, format_token, parse_token

log = structlog.get_logger()
TOKEN_TTL = 900.0


def digest(secret: str) -> bytes:
    """Return how keys and token secrets are stored: SHA-256 of a long random text."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).digest()


class Servers:
    """Enrolment, keys, capabilities, admission, presence. Keys and presence are cached in memory."""

    def __init__(self, database: Database, settings: Settings, bus: Bus) -> None:
        self._database = database
        self._settings = settings
        self._bus = bus
        self._keys: dict[bytes, Machine] = {}
        self._revocations = 0
        self._gone: set[UUID] = set()
        self._written: dict[UUID, float] = {}
        self._connected: set[UUID] = set()
        self.last_seen: dict[UUID, float] = {}
        self.online: set[UUID] = set()

    async def start(self) -> None:
        """Those that were online before get the hub's grace period to come back."""
        self.online = {server.id for server in await self.all() if server.status == "online"}

    def watch(self, server_ids: Iterable[UUID]) -> None:
        """Expect these machines too: they hold work, whatever their row says."""
        self.online |= set(server_ids)

    async def stop(self) -> None:
        await self.flush()

    # -- enrolment ------------------------------------------------------------

    async def create_token(self, created_by: str, project_id: UUID | None, ttl: float | None) -> dict[str, Any]:
        secret, now, id = clock.new_secret(24), clock.now(), clock.new_id()
        expires_at = now + timedelta(seconds=ttl or TOKEN_TTL)
        values = {
            "id": id, "project_id": project_id, "secret_hash": digest(secret), "expires_at": expires_at,
            "created_by": created_by, "created_at": now,
        }  # fmt: skip
        async with self._database.begin() as tx:
            await store.add_token(tx, **values)
            await note(tx, "token.create", values["id"], expires_at=expires_at.isoformat(timespec="seconds"))
        self._token("created", id, project_id, None)
        return {**values, "token": format_token(self._settings.url, secret)}

    async def tokens(self) -> list[Any]:
        async with self._database.read() as connection:
            return await store.tokens(connection)

    async def revoke_token(self, id: UUID) -> None:
        async with self._database.begin() as tx:
            if not await store.revoke_token(tx, id, clock.now()):
                raise NotFound("token_not_found", "there is no unused token with this id", "corral token list")
            await note(tx, "token.revoke", id)
        self._token("revoked", id, None, None)

    async def register(self, token: str, facts: dict[str, Any], announced: Capabilities) -> tuple[Server, str]:
        """Enrol a machine with a one-time token; return it and its API key. A machine that returns gets a new key."""
        try:
            secret = parse_token(token).secret
        except BadToken as error:
            raise Unauthenticated(
                "bad_registration_token", str(error), "corral token create makes a new one"
            ) from error
        key, now = f"orc_{clock.new_secret(32)}", clock.now()
        async with self._database.begin() as tx:
            used = await store.use_token(tx, digest(secret), now)
            if used is None:
                said = "the token is unknown, used or expired"
                raise Unauthenticated("bad_registration_token", said, "corral token create makes a new one")
            await store.lock_names(tx)
            known = await store.present(tx)
            server = before = returning(known, facts, used.project_id)
            effective = capabilities.merge(announced, server.overrides if server else {})
            if server is None:
                names = {other.name for other in known}
                server = Server(
                    id=clock.new_id(), name=free_name(facts["name"], names), enrolled_as=facts["name"],
                    hostname=facts["hostname"], os=facts["os"], machine_id=facts["machine_id"], status="offline",
                    created_at=now, project_id=used.project_id,
                    key_hash=digest(key), announced=announced, effective=effective, system_info=facts["system_info"],
                )  # fmt: skip
                await store.add(tx, server)
            else:
                server = _next_version(replace(server, key_hash=digest(key), announced=announced), effective)
                await store.put(tx, server)
            await store.keep_version(tx, server, now)
            await store.note_user(tx, used.id, server.id)
            await note(tx, "server.enrol", server.id, server.name, token=str(used.id), again=before is not None)
        log.info("server_enrolled", server=server.name, id=str(server.id), again=before is not None, token=str(used.id))
        self._forget_key(before)
        self._bus.publish(KeyRevoked(server_id=server.id), ServerChanged(server_id=server.id))
        self._token("used", used.id, used.project_id, server.id)
        return server, key

    def _token(self, event: str, id: UUID, project_id: UUID | None, server_id: UUID | None) -> None:
        self._bus.publish(
            TokenEvent(event=event, token_id=id, project_id=project_id, server_id=server_id, at=clock.now())
        )

    async def authenticate_key(self, key: str) -> Machine:
        """Return whose key this is; from memory after the first time. Raises Unauthenticated."""
        hashed = digest(key)
        machine = self._keys.get(hashed)
        if machine is None:
            revocations = self._revocations
            async with self._database.read() as connection:
                server = await store.by_key(connection, hashed)
            if server is None:
                raise Unauthenticated(
                    "bad_api_key", "this API key is not known", "enrol the machine again: corral join TOKEN"
                )
            machine = Machine(server_id=server.id, name=server.name, project_id=server.project_id)
            if revocations == self._revocations:  # what was read may be revoked by now: do not keep it
                self._keys[hashed] = machine
        return machine

    # -- what machines say ------------------------------------------------------

    async def greet(self, server_id: UUID, agent_version: str | None, features: list[str]) -> None:
        """Note what a new connection agreed on."""
        async with self._database.begin() as tx:
            server = await store.one(tx, server_id, lock=True)
            if server is not None and (server.agent_version, server.features) != (agent_version, tuple(features)):
                await store.put(tx, replace(server, agent_version=agent_version, features=tuple(features)))

    async def heartbeat(
        self, server_id: UUID, info: SystemInfo | None, changes: Mapping[str, Any] | None = None
    ) -> None:
        """Note a sign of life, with the machine's figures, and news of its capabilities. Raises Unprocessable."""
        self.seen(server_id)
        if changes is not None:
            await self._change(
                server_id, lambda server: replace(server, announced=capabilities.amend(server.announced, changes))
            )
        if info is not None:
            async with self._database.begin() as tx:
                server = await store.one(tx, server_id, lock=True)
                if server is not None:
                    await store.put(tx, replace(server, system_info=encode(info)))

    async def announce(self, server_id: UUID, announced: Capabilities) -> None:
        """Take over what a machine can do now; a new version only if something changed."""
        await self._change(server_id, lambda server: replace(server, announced=capabilities.normal(announced)))

    def seen(self, server_id: UUID) -> None:
        if server_id not in self._gone:
            self.last_seen[server_id] = clock.monotonic()

    def connected(self, server_id: UUID) -> None:
        self.seen(server_id)
        self._connected.add(server_id)
        self._bus.publish(ServerChanged(server_id=server_id))

    def disconnected(self, server_id: UUID) -> None:
        self._connected.discard(server_id)
        self._bus.publish(ServerChanged(server_id=server_id))

    def is_connected(self, server_id: UUID) -> bool:
        return server_id in self._connected

    # -- what people do -----------------------------------------------------------

    async def all(self) -> list[Server]:
        async with self._database.read() as connection:
            return await store.present(connection)

    async def find(self, server_id: UUID) -> Server | None:
        async with self._database.read() as connection:
            return await store.one(connection, server_id)

    async def get(self, text: str) -> Server:
        """Return the server with this id, name or id prefix. Raises NotFound, Conflict(ambiguous_id)."""
        every = await self.all()
        by_id = {str(server.id): server for server in every}
        named = by_id.get(text) or next((server for server in every if server.name == text), None)
        if named is not None:
            return named
        parsed = short_ids.parse(text, "server")
        prefix = str(parsed) if isinstance(parsed, UUID) else parsed.text
        found = [(server.id, server.name) for server in every if str(server.id).startswith(prefix)]
        id = short_ids.pick(found, text, "server")
        return next(server for server in every if server.id == id)

    async def change(self, server: Server, changes: dict[str, Any]) -> Server:
        """Apply an admin's changes: name, max_concurrent, overrides, cordoned, draining."""
        if "name" in changes and any(o.name == changes["name"] and o.id != server.id for o in await self.all()):
            raise _name_taken(changes["name"])
        try:
            change = Noted("server.change", {name: _plain(value) for name, value in changes.items()})
            after = await self._change(server.id, lambda current: replace(current, **changes), change)
        except IntegrityError as error:
            raise _name_taken(changes["name"]) from error
        self._forget_key(after)
        return after

    async def remove(self, server: Server) -> None:
        """Revoke the key and forget the machine; its work is given away."""
        gone = f"{server.name} (removed {str(server.id)[:8]})"
        await self._change(
            server.id,
            lambda now: replace(now, key_hash=None, removed_at=clock.now(), status="offline", name=gone),
            Noted("server.remove", {}),
        )
        self._forget_key(server)
        self._gone.add(server.id)
        for known in (self.online, self._connected):
            known.discard(server.id)
        self.last_seen.pop(server.id, None)
        self._bus.publish(KeyRevoked(server_id=server.id), ServerLost(server_id=server.id))

    async def _change(self, server_id: UUID, change: Any, noted: Noted | None = None) -> Server:
        async with self._database.begin() as tx:
            before = await store.one(tx, server_id, lock=True)
            if before is None:
                raise NotFound("server_not_found", f"there is no server {server_id}", "corral server list")
            after = change(before)
            after = _next_version(after, capabilities.merge(after.announced, after.overrides))
            if after != before:
                await store.put(tx, after)
                await store.keep_version(tx, after, clock.now())
                if noted is not None:
                    await note(tx, noted.action, server_id, before.name, **noted.details)
        if after != before:
            self._bus.publish(ServerChanged(server_id=server_id))
        return after

    # -- presence -------------------------------------------------------------------

    async def flush(self, lost: frozenset[UUID] = frozenset()) -> None:
        """Write who was heard of since the last time, and who is lost, in one statement; without news, nothing."""
        heard, now, at = dict(self.last_seen), clock.monotonic(), clock.now()
        rows = [
            {"id": id, "status": "offline" if id in lost else "online",
             "last_heartbeat": at - timedelta(seconds=max(0.0, now - heard[id])) if id in heard else at}
            for id in ({id for id, seen in heard.items() if self._written.get(id) != seen} | lost)
        ]  # fmt: skip
        for id, seen in heard.items():
            if self.last_seen.get(id) == seen and id in lost:
                del self.last_seen[id]
        if rows:
            async with self._database.begin() as tx:
                await store.flush_presence(tx, rows)
        self._written = heard

    def _forget_key(self, server: Server | None) -> None:
        """Ask the database next time; also lookups under way must not keep what they read. Call after the commit."""
        self._revocations += 1
        if server is not None and server.key_hash is not None:
            self._keys.pop(server.key_hash, None)


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else value


def _name_taken(name: str) -> Conflict:
    return Conflict("name_taken", f"there is a server named {name!r} already", "choose another name")


def _next_version(server: Server, effective: Capabilities) -> Server:
    if server.effective == effective:
        return server
    return replace(server, effective=effective, version=server.version + 1)
