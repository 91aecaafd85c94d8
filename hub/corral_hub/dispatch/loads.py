"""The slots in use of every machine, as numbers in one order: choosing among a thousand costs microseconds. No I/O."""

import math
from array import array
from collections.abc import Iterable, Mapping
from uuid import UUID

from corral_hub.dispatch.model import ServerView

FULL = math.inf
MOST = 65_535


class Loads:
    """`ids` is the order. `shares`: slots in use to slots there are; FULL where nothing can be started now."""

    def __init__(self, servers: Iterable[ServerView], used: Mapping[UUID, int]) -> None:
        known = sorted(servers, key=lambda server: server.id.int)
        self.ids = [server.id for server in known]
        self.shares = [FULL] * len(known)
        self.free = 0  # machines with a free slot
        self._places = {id: place for place, id in enumerate(self.ids)}
        self._used = array("H", bytes(2 * len(known)))
        for server in known:
            self.note(server, used.get(server.id, 0))

    def note(self, server: ServerView, used: int) -> None:
        """Take down a machine's new load or presence. It must be one of those given at the start."""
        place = self._places[server.id]
        share = used / server.maximum if server.connected and used < server.maximum else FULL
        self.free += (share < FULL) - (self.shares[place] < FULL)
        self.shares[place] = share
        self._used[place] = min(used, MOST)

    def find(self, server_id: UUID) -> int:
        """Return the server's place in the order."""
        return self._places[server_id]

    def evidence(self) -> bytes:
        """Return the slots in use as `read_loads` reads them."""
        return self._used.tobytes()


def read_loads(loads: bytes) -> list[int]:
    """Return the slots in use of each fleet member at the time of the decision."""
    return list(array("H", loads))
