"""Down from a root, one name after the other, each opened below the one before: no link is followed on the way.

A path that is checked and then opened can be exchanged in between. Here nothing is looked up twice: whatever somebody
puts in the place of a folder, what was opened stays what it was.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.failure import NodeFailed
from corral_protocol.vocabulary import ErrorClass

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LINKS = "links are never followed; name the file itself"


@dataclass(frozen=True, slots=True)
class Spot:
    """`names` below `root`, which may be reached by links: its owner configured it."""

    root: Path
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else ""


@contextmanager
def folder(spot: Spot, *, parent: bool = False, make: bool = False) -> Iterator[int]:
    """Open the folder at `spot`, or the one it is in. `make`: make those that are missing. Raises NodeFailed."""
    try:
        current = os.open(spot.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise NodeFailed(ErrorClass.NODE_CRASHED, f"the workflow's folder is not there: {error}") from error
    try:
        for name in spot.names[:-1] if parent else spot.names:
            below = _enter(current, name, make)
            os.close(current)
            current = below
        yield current
    finally:
        os.close(current)


def _enter(current: int, name: str, make: bool) -> int:
    if make:
        with contextlib.suppress(FileExistsError):  # what stands there is opened below, or refused
            os.mkdir(name, 0o755, dir_fd=current)
            hand_over(os.open(name, _FOLDER, dir_fd=current), current, close=True)
    try:
        return os.open(name, _FOLDER, dir_fd=current)
    except OSError as error:
        raise refused(error, name, current) from error


def refused(error: OSError, name: str, current: int) -> NodeFailed:
    """Return why a name cannot be used in this folder."""
    if error.errno in (errno.ELOOP, errno.ENOTDIR) and _is_link(name, current):
        return NodeFailed(ErrorClass.BAD_INPUT, f"{name!r} is a symbolic link; {_LINKS}")
    said = _SAID.get(error.errno or 0)
    if said is not None:
        return NodeFailed(ErrorClass.BAD_INPUT, said.format(name=repr(name)))
    kind = ErrorClass.DISK_FULL if error.errno in (errno.ENOSPC, errno.EDQUOT) else ErrorClass.NODE_CRASHED
    return NodeFailed(kind, f"{name!r}: {error.strerror or error}")


_SAID = {
    errno.ENOTDIR: "{name} is no folder",
    errno.EISDIR: "{name} is a folder",
    errno.ENOENT: "there is no {name}",
    errno.EACCES: "the daemon's user may not open {name}",
    errno.EPERM: "the daemon's user may not open {name}",
}


def look(name: str, current: int) -> os.stat_result | None:
    """Return what stands in a folder under this name, a link as itself."""
    try:
        return os.stat(name, dir_fd=current, follow_symlinks=False)
    except FileNotFoundError:
        return None


def hand_over(opened: int, current: int, *, close: bool = False) -> None:
    """Give a new file to the owner of its folder: code behind walls is another user than a daemon that is root."""
    try:
        owner = os.fstat(current)
        if os.geteuid() == 0 and owner.st_uid != 0:
            os.fchown(opened, owner.st_uid, owner.st_gid)
    finally:
        if close:
            os.close(opened)


def _is_link(name: str, current: int) -> bool:
    found = look(name, current)
    return found is not None and stat.S_ISLNK(found.st_mode)
