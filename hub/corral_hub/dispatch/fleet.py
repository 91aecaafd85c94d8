"""The machines there are, in memory: who fits what, who has a slot. Rebuilt from the database at start. No I/O.

`choose` gives the same answer as `score.best` over all servers, without judging each of them each time: the standing
of a server for one kind of work is computed once for each capability version; only load and presence are read live.
"""

import hashlib
import json
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from corral_hub.dispatch.model import Placement, ServerView, Wanted
from corral_hub.dispatch.score import standing

MAX_RANKINGS = 512
MAX_SNAPSHOTS = 64


class Fleet:
    """Holds ServerViews. One writer: the task reactor and the facts it listens to run on one loop."""

    def __init__(self) -> None:
        self._servers: dict[UUID, ServerView] = {}
        self._used: dict[UUID, int] = {}
        self._rankings: dict[Wanted, list[tuple[int, UUID]]] = {}
        self._members: list[UUID] = []
        self._snapshot: tuple[int, str] | None = None
        self._snapshots: dict[int, str] = {}  # the newest ones: a decision is stored a moment after it was made

    def put(self, server: ServerView) -> None:
        """Add or replace a server; its slots in use are kept."""
        self._used.setdefault(server.id, server.used)
        if self._servers.get(server.id) != server:
            self._servers[server.id] = server
            self._forget()

    def set_connected(self, server_id: UUID, connected: bool) -> None:
        server = self._servers.get(server_id)
        if server is not None and server.connected != connected:
            self._servers[server_id] = replace(server, connected=connected)
            self._snapshot = None  # rankings stand: presence is no part of a server's standing

    def remove(self, server_id: UUID) -> None:
        if self._servers.pop(server_id, None) is not None:
            self._forget()

    def clear(self) -> None:
        self._servers.clear()
        self._used.clear()
        self._forget()

    def take(self, server_id: UUID) -> None:
        self._used[server_id] = self._used.get(server_id, 0) + 1

    def release(self, server_id: UUID) -> None:
        self._used[server_id] = max(0, self._used.get(server_id, 0) - 1)

    def set_used(self, used: Mapping[UUID, int]) -> None:
        self._used = dict(used)

    def get(self, server_id: UUID) -> ServerView | None:
        """Return the server with its current load."""
        server = self._servers.get(server_id)
        return None if server is None else replace(server, used=self._used.get(server_id, 0))

    def holders(self) -> list[UUID]:
        """Return the ids of the servers that hold work."""
        return [id for id, used in self._used.items() if used]

    def find(self, name_or_id: str) -> ServerView | None:
        """Return the server with this name or id."""
        for server in self._servers.values():
            if name_or_id in (server.name, str(server.id)):
                return self.get(server.id)
        return None

    def slots(self, server_id: UUID) -> tuple[int, int]:
        """Return (used, maximum)."""
        server = self._servers.get(server_id)
        return self._used.get(server_id, 0), server.maximum if server else 0

    def views(self) -> list[ServerView]:
        return [replace(server, used=self._used.get(server.id, 0)) for server in self._servers.values()]

    def any_free(self) -> bool:
        return any(self._has_slot(server) for server in self._servers.values())

    def choose(self, wanted: Wanted) -> Placement | None:
        """Return where this work goes now, or None."""
        for score, group in groupby(self._ranking(wanted), key=lambda entry: entry[0]):
            free = [server for _, id in group if self._has_slot(server := self._servers[id])]
            if free:
                server = min(free, key=self._load)
                return self.place(wanted, server.id, score + 75)
        return None

    def place(self, wanted: Wanted, server_id: UUID, score: int) -> Placement:
        """Return the decision for this server, with the fleet as it is now. Takes no slot."""
        server = self.get(server_id)
        assert server is not None
        fleet_id, _ = self.snapshot()
        return Placement(server=server, score=score, wanted=wanted, fleet_id=fleet_id, loads=self._loads())

    def can_ever(self, wanted: Wanted) -> bool:
        """Whether an enrolled server could run this once it is online and free."""
        return bool(self._ranking(wanted))

    def snapshot(self) -> tuple[int, str]:
        """Return (id, members JSON). The id is a hash of the members, so equal fleets share one row."""
        if self._snapshot is None:
            self._members = sorted(self._servers)
            text = json.dumps([_member(self._servers[id]) for id in self._members])
            digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
            self._snapshot = (int.from_bytes(digest, "big") >> 1, text)
            self._snapshots[self._snapshot[0]] = text
            if len(self._snapshots) > MAX_SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]
        return self._snapshot

    def members(self, fleet_id: int) -> str:
        """Return the members JSON of a recent snapshot, also when the fleet has changed since."""
        return self._snapshots[fleet_id]

    def _ranking(self, wanted: Wanted) -> list[tuple[int, UUID]]:
        ranking = self._rankings.get(wanted)
        if ranking is None:
            if len(self._rankings) >= MAX_RANKINGS:
                self._rankings.clear()
            scored = ((standing(wanted, server), id) for id, server in self._servers.items())
            ranking = sorted(((score, id) for score, id in scored if score is not None), key=lambda entry: -entry[0])
            self._rankings[wanted] = ranking
        return ranking

    def _has_slot(self, server: ServerView) -> bool:
        return server.connected and self._used.get(server.id, 0) < server.maximum

    def _load(self, server: ServerView) -> tuple[float, str, str]:
        return (self._used.get(server.id, 0) / max(server.maximum, 1), server.name, str(server.id))

    def _loads(self) -> bytes:
        return array("H", [min(self._used.get(id, 0), 65_535) for id in self._members]).tobytes()

    def _forget(self) -> None:
        self._rankings.clear()
        self._snapshot = None


def read_loads(loads: bytes) -> list[int]:
    """Return the slots in use of each fleet member at the time of the decision."""
    return list(array("H", loads))


def _member(server: ServerView) -> Mapping[str, object]:
    return {
        "server_id": str(server.id),
        "version": server.version,
        "name": server.name,
        "project_id": str(server.project_id) if server.project_id else None,
        "connected": server.connected,
        "managed": server.managed,
        "cordoned": server.cordoned,
        "draining": server.draining,
        "maximum": server.maximum,
    }


def sort_views(views: Iterable[ServerView]) -> list[ServerView]:
    return sorted(views, key=lambda view: view.name)
