"""The machines there are, in memory: who fits what, who has a slot. Rebuilt from the database at start. No I/O.

`choose` gives the same answer as `score.best` over all servers, without judging each of them each time: the standing
of a server for one kind of work is computed once for each capability version; only load and presence are read live.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from uuid import UUID

from corral_hub.dispatch.loads import FULL, Loads
from corral_hub.dispatch.model import Placement, ServerView, Wanted
from corral_hub.dispatch.score import judge, preference, standing
from corral_protocol.capabilities import NodeManifest

MAX_RANKINGS = 512
MAX_HOPELESS = 20_000
MAX_SNAPSHOTS = 64
Ranking = list[tuple[int, list[int]]]
"""Standing and the places (in Loads) of the servers that have it, best first; among equals, by name."""


class Fleet:
    """Holds ServerViews. One writer: the task reactor and the facts it listens to run on one loop."""

    def __init__(self) -> None:
        self._servers: dict[UUID, ServerView] = {}
        self._used: dict[UUID, int] = {}
        self._rankings: dict[Wanted, Ranking] = {}
        self._standings: dict[Wanted, dict[UUID, tuple[ServerView, int | None]]] = {}
        self._hopeless: set[Wanted] = set()  # what no server can ever run; looked at first, and never crowded out
        self._board: Loads | None = None
        self._node_types: dict[str, NodeManifest] | None = None
        self._snapshot: tuple[int, str] | None = None
        self._snapshots: dict[int, str] = {}  # the newest ones: a decision is stored a moment after it was made

    def put(self, server: ServerView) -> None:
        """Add or replace a server; its slots in use are kept."""
        if self._servers.get(server.id) != server or server.id not in self._used:
            self._used.setdefault(server.id, server.used)
            self._servers[server.id] = server
            self._forget()

    def set_connected(self, server_id: UUID, connected: bool) -> None:
        server = self._servers.get(server_id)
        if server is not None and server.connected != connected:
            self._servers[server_id] = replace(server, connected=connected)
            self._note(server_id)
            self._snapshot = None  # rankings stand: presence is no part of a server's standing

    def remove(self, server_id: UUID) -> None:
        if self._servers.pop(server_id, None) is not None:
            for known in self._standings.values():
                known.pop(server_id, None)
            self._forget()

    def clear(self) -> None:
        self._servers.clear()
        self._used.clear()
        self._standings.clear()
        self._forget()

    def take(self, server_id: UUID) -> None:
        self._used[server_id] = self._used.get(server_id, 0) + 1
        self._note(server_id)

    def release(self, server_id: UUID) -> None:
        self._used[server_id] = max(0, self._used.get(server_id, 0) - 1)
        self._note(server_id)

    def set_used(self, used: Mapping[UUID, int]) -> None:
        self._used = dict(used)
        self._board = None

    def get(self, server_id: UUID) -> ServerView | None:
        """Return the server with its current load."""
        server = self._servers.get(server_id)
        return None if server is None else replace(server, used=self._used.get(server_id, 0))

    def holders(self) -> list[UUID]:
        """Return the ids of the servers that hold work."""
        return [id for id, used in self._used.items() if used]

    def find(self, name_or_id: str) -> ServerView | None:
        """Return the server with this name or id."""
        named = {server.name: server.id for server in self._servers.values()}
        by_id = {str(id): id for id in self._servers}
        id = by_id.get(name_or_id) or named.get(name_or_id)  # a name that looks like an id hides no machine
        return None if id is None else self.get(id)

    def slots(self, server_id: UUID) -> tuple[int, int]:
        """Return (used, maximum)."""
        server = self._servers.get(server_id)
        return self._used.get(server_id, 0), server.maximum if server else 0

    def views(self) -> list[ServerView]:
        return [replace(server, used=self._used.get(server.id, 0)) for server in self._servers.values()]

    def node_types(self) -> Mapping[str, NodeManifest]:
        """Return every node type that some server has, by its name and its aliases; put together once a change."""
        if self._node_types is None:
            manifests = (manifest for server in self._servers.values() for manifest in server.capabilities.nodes)
            self._node_types = {name: manifest for manifest in manifests for name in (manifest.type, *manifest.aliases)}
        return self._node_types

    def any_free(self) -> bool:
        return self._loads().free > 0

    def choose(self, wanted: Wanted) -> Placement | None:
        """Return where this work goes now, or None."""
        if wanted in self._hopeless:
            return None
        loads = self._loads()
        for score, places in self._ranking(wanted):
            place = min(places, key=loads.shares.__getitem__)
            if loads.shares[place] < FULL:
                return self.place(wanted, loads.ids[place], score + 75)
        return None

    def host(self, wanted: Wanted) -> ServerView | None:
        """Return where a terminal goes now, or None. It takes no slot: among equals, the least loaded."""
        verdicts = [judge(wanted, server) for server in self.views() if server.connected and server.terminals]
        best = min((verdict for verdict in verdicts if verdict.eligible), key=preference, default=None)
        return None if best is None else best.server

    def lightest(self, wanted: Wanted, in_hand: Mapping[UUID, int], most: int) -> UUID | None:
        """Return the server that runs such a node now: of the best ones that have less than `most`, the lightest.

        Nodes take no slots: `in_hand` counts them, by server.
        """
        if wanted in self._hopeless:
            return None
        loads = self._loads()
        for _, places in self._ranking(wanted):
            ids = [loads.ids[place] for place in places]
            fit = [id for id in ids if self._servers[id].connected and in_hand.get(id, 0) < most]
            if fit:
                return min(fit, key=lambda id: in_hand.get(id, 0))
        return None

    def place(self, wanted: Wanted, server_id: UUID, score: int) -> Placement:
        """Return the decision for this server, with the fleet as it is now. Takes no slot."""
        server = self.get(server_id)
        assert server is not None
        fleet_id, _ = self.snapshot()
        return Placement(server=server, score=score, wanted=wanted, fleet_id=fleet_id, loads=self._loads().evidence())

    def can_ever(self, wanted: Wanted) -> bool:
        """Whether an enrolled server could run this once it is online and free."""
        return wanted not in self._hopeless and bool(self._ranking(wanted))

    def snapshot(self) -> tuple[int, str]:
        """Return (id, members JSON). The id is a hash of the members, so equal fleets share one row."""
        if self._snapshot is None:
            text = json.dumps([_member(self._servers[id]) for id in self._loads().ids])
            digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
            self._snapshot = (int.from_bytes(digest, "big") >> 1, text)
            self._snapshots[self._snapshot[0]] = text
            if len(self._snapshots) > MAX_SNAPSHOTS:
                del self._snapshots[next(iter(self._snapshots))]
        return self._snapshot

    def members(self, fleet_id: int) -> str:
        """Return the members JSON of a recent snapshot, also when the fleet has changed since."""
        return self._snapshots[fleet_id]

    def _ranking(self, wanted: Wanted) -> Ranking:
        ranking = self._rankings.get(wanted)
        if ranking is None:
            if len(self._rankings) >= MAX_RANKINGS:
                self._rankings.clear()
                self._standings.clear()
            scored = [(score, id) for id in self._servers if (score := self._standing(wanted, id)) is not None]
            scored.sort(key=lambda entry: (-entry[0], self._servers[entry[1]].name, entry[1].int))
            find = self._loads().find
            grouped = groupby(scored, key=lambda entry: entry[0])
            ranking = self._rankings[wanted] = [(score, [find(id) for _, id in group]) for score, group in grouped]
            if not ranking and len(self._hopeless) < MAX_HOPELESS:
                self._hopeless.add(wanted)
        return ranking

    def _standing(self, wanted: Wanted, server_id: UUID) -> int | None:
        """Judge a server anew only if it changed: when one of a thousand announces something, 999 stand as they did."""
        known, server = self._standings.setdefault(wanted, {}), self._servers[server_id]
        entry = known.get(server_id)
        if entry is None or entry[0] is not server:
            entry = known[server_id] = (server, standing(wanted, server))
        return entry[1]

    def _loads(self) -> Loads:
        if self._board is None:
            self._board = Loads(self._servers.values(), self._used)
        return self._board

    def _note(self, server_id: UUID) -> None:
        server = self._servers.get(server_id)
        if server is not None and self._board is not None:
            self._board.note(server, self._used.get(server_id, 0))

    def _forget(self) -> None:
        self._rankings.clear()
        self._hopeless.clear()
        self._board = None
        self._node_types = None
        self._snapshot = None


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
