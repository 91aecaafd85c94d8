"""The way down from a root, as people at a distance are told of it when it ends early."""

from collections.abc import Iterator
from contextlib import contextmanager

from corral_daemon.errors import RemoteFailed
from corral_daemon.rooted import walk
from corral_daemon.rooted.walk import LINKS, Blocked, Reason, Spot

_LIST = "corral file list shows what is there"


@contextmanager
def folder(spot: Spot, *, parent: bool = False, make: bool = False) -> Iterator[int]:
    """Open the folder at `spot`, or the one it is in. `make`: make those that are missing. Raises RemoteFailed."""
    try:
        with walk.folder(spot, parent=parent, make=walk.made if make else None) as current:
            yield current
    except Blocked as obstacle:
        raise _told(obstacle) from obstacle


def refused(error: OSError, name: str, current: int) -> RemoteFailed:
    """Return why a name cannot be used in this folder."""
    return _told(walk.blocked(error, name, current))


def failed(error: OSError, name: str) -> RemoteFailed:
    """Return what the system said about a file."""
    return _unforeseen(walk.blocked(error, name))


def _told(obstacle: Blocked) -> RemoteFailed:
    if obstacle.reason not in _SAID:
        return _unforeseen(obstacle)
    said, hint, code = _SAID[obstacle.reason]
    return RemoteFailed(said.format(name=repr(obstacle.name)), hint, code)


def _unforeseen(obstacle: Blocked) -> RemoteFailed:
    code = "disk_full" if obstacle.reason is Reason.DISK_FULL else "io_error"
    return RemoteFailed(str(obstacle), "see to that on the machine", code)


_SAID = {
    Reason.NO_ROOT: ("the folder in which it would be is not there", "is it mounted?", "root_missing"),
    Reason.LINK: ("{name} is a symbolic link", LINKS, "symlink_refused"),
    Reason.NO_FOLDER: ("{name} is no folder", _LIST, "not_a_folder"),
    Reason.MISSING: ("there is no {name}", _LIST, "file_missing"),
    Reason.NO_ACCESS: ("the daemon's user may not open {name}", "change its owner or mode there", "no_access"),
}
