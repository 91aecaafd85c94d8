"""Who belongs to whom, over a snapshot of the process table. Pure.

A pid alone says nothing, for it may have been given to somebody else; a pid with its start time does.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Process(NamedTuple):
    """`started` is an opaque text that differs for two processes with one pid; `cookie` is its CORRAL_UNIT."""

    ppid: int
    pgid: int
    sid: int
    started: str
    cookie: str | None = None
    zombie: bool = False


Snapshot = Mapping[int, Process]
Known = frozenset[tuple[int, str]]
"""(pid, started) of processes that were once seen to belong to a unit."""


def below(snapshot: Snapshot, roots: Iterable[int]) -> frozenset[int]:
    """Return every descendant of `roots`, without the roots themselves."""
    children = _children(snapshot)
    start = frozenset(roots)
    found: set[int] = set()
    todo = list(start)
    while todo:
        fresh = [pid for pid in children.get(todo.pop(), ()) if pid not in found and pid not in start]
        found.update(fresh)
        todo.extend(fresh)
    return frozenset(found)


def family(snapshot: Snapshot, *, root: int | None, cookie: str, known: Known) -> frozenset[int]:
    """Return the processes of one unit where ancestry alone does not tell: by cookie, session, group and memory.

    `root` is the unit's warden, if there is one; it is not part of the answer.
    """
    # The kernel does not give a pid away while it names a session or a group, so a dead leader still identifies both.
    leaders = {pid for pid, started in known if pid not in snapshot or snapshot[pid].started == started}
    seeds = {
        pid
        for pid, process in snapshot.items()
        if (cookie and process.cookie == cookie)
        or (pid, process.started) in known
        or process.sid in leaders
        or process.pgid in leaders
    }
    ancestors = seeds if root is None else seeds | {root}
    return frozenset(seeds | below(snapshot, ancestors)) - {root if root is not None else 0}


def strays(snapshot: Snapshot, keeper: int, wardens: Iterable[int]) -> frozenset[int]:
    """Return what is below the keeper and no longer below a warden: the tree of a warden that was killed."""
    kept = frozenset(wardens)
    return below(snapshot, [keeper]) - kept - below(snapshot, kept)


def remember(snapshot: Snapshot, pids: Iterable[int]) -> Known:
    return frozenset((pid, snapshot[pid].started) for pid in pids)


def alive(snapshot: Snapshot, pids: Iterable[int]) -> frozenset[int]:
    """Without zombies: those have ended and only wait for their parent to notice."""
    return frozenset(pid for pid in pids if not snapshot[pid].zombie)


def _children(snapshot: Snapshot) -> Mapping[int, list[int]]:
    children: dict[int, list[int]] = {}
    for pid, process in snapshot.items():
        children.setdefault(process.ppid, []).append(pid)
    return children
