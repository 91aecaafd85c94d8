"""Stop what an earlier daemon left behind, found by the cookie in its environment."""

import asyncio
import signal
from dataclasses import dataclass, field

from corral_daemon import clock
from corral_daemon.processes import table
from corral_daemon.processes.tree import Known, alive, family, remember

_LOOK_EVERY = 0.05


@dataclass(slots=True)
class Hunt:
    """One tree that nobody watches over. Every look sends the signal to those that have not had it."""

    cookie: str
    known: Known = frozenset()
    told: set[tuple[int, str, int]] = field(default_factory=set)

    def look(self, number: int) -> bool:
        """Return whether somebody of the tree is still there."""
        snapshot = table.read(cookies=True)
        members = alive(snapshot, family(snapshot, root=None, cookie=self.cookie, known=self.known))
        found = remember(snapshot, members)
        self.known |= found
        for pid, started in found:
            if (pid, started, number) not in self.told:
                table.send(pid, started, number)
                table.send(pid, started, signal.SIGCONT)
                self.told.add((pid, started, number))
        return bool(members)


async def kill_cookie(cookie: str, grace: float) -> int:
    """Stop every process that carries the cookie, and its descendants; return how many there were."""
    if not cookie:
        return 0
    hunt = Hunt(cookie)
    deadline = clock.steady() + grace
    number = signal.SIGTERM
    while await asyncio.to_thread(hunt.look, number):
        if clock.steady() >= deadline:
            number = signal.SIGKILL
        await asyncio.sleep(_LOOK_EVERY)
    return len(hunt.known)
