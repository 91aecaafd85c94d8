"""The way down from a workflow's folder, as its nodes are told of it when it ends early."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from corral_daemon.failure import NodeFailed
from corral_daemon.rooted import walk
from corral_daemon.rooted.walk import FOLDER, LINKS, Blocked, Reason, Spot
from corral_protocol.vocabulary import ErrorClass


@contextmanager
def folder(spot: Spot, *, parent: bool = False, make: bool = False) -> Iterator[int]:
    """Open the folder at `spot`, or the one it is in. `make`: make those that are missing. Raises NodeFailed."""
    try:
        with walk.folder(spot, parent=parent, make=_made if make else None) as current:
            yield current
    except Blocked as obstacle:
        raise _told(obstacle) from obstacle


def refused(error: OSError, name: str, current: int) -> NodeFailed:
    """Return why a name cannot be used in this folder."""
    return _told(walk.blocked(error, name, current))


def hand_over(opened: int, current: int, *, close: bool = False) -> None:
    """Give a new file to the owner of its folder: code behind walls is another user than a daemon that is root."""
    try:
        owner = os.fstat(current)
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(opened, owner.st_uid, owner.st_gid)
    finally:
        if close:
            os.close(opened)


def _made(name: str, current: int) -> None:
    walk.made(name, current)
    hand_over(os.open(name, FOLDER, dir_fd=current), current, close=True)


def _told(obstacle: Blocked) -> NodeFailed:
    said = _SAID.get(obstacle.reason)
    if said is not None:
        return NodeFailed(ErrorClass.BAD_INPUT, said.format(name=repr(obstacle.name)))
    if obstacle.reason is Reason.NO_ROOT:
        return NodeFailed(ErrorClass.NODE_CRASHED, f"the workflow's folder is not there: {obstacle.said}")
    kind = ErrorClass.DISK_FULL if obstacle.reason is Reason.DISK_FULL else ErrorClass.NODE_CRASHED
    return NodeFailed(kind, str(obstacle))


_SAID = {
    Reason.LINK: f"{{name}} is a symbolic link; {LINKS}",
    Reason.NO_FOLDER: "{name} is no folder",
    Reason.A_FOLDER: "{name} is a folder",
    Reason.MISSING: "there is no {name}",
    Reason.NO_ACCESS: "the daemon's user may not open {name}",
}
