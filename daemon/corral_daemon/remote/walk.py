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

from corral_daemon.errors import RemoteFailed

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
    """Open the folder at `spot`, or the one it is in. `make`: make those that are missing. Raises RemoteFailed."""
    try:
        current = os.open(spot.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise RemoteFailed("the folder in which it would be is not there", "is it mounted?", "root_missing") from error
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
    try:
        return os.open(name, _FOLDER, dir_fd=current)
    except OSError as error:
        raise refused(error, name, current) from error


def refused(error: OSError, name: str, current: int) -> RemoteFailed:
    """Return why a name cannot be used in this folder."""
    if error.errno in (errno.ELOOP, errno.ENOTDIR) and _is_link(name, current):
        return RemoteFailed(f"{name!r} is a symbolic link", _LINKS, "symlink_refused")
    if error.errno == errno.ENOTDIR:
        return RemoteFailed(f"{name!r} is no folder", "corral file list shows what is there", "not_a_folder")
    if error.errno == errno.ENOENT:
        return RemoteFailed(f"there is no {name!r}", "corral file list shows what is there", "file_missing")
    if error.errno in (errno.EACCES, errno.EPERM):
        return RemoteFailed(f"the daemon's user may not open {name!r}", "change its owner or mode there", "no_access")
    return failed(error, name)


def failed(error: OSError, name: str) -> RemoteFailed:
    """Return what the system said about a file."""
    code = "disk_full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "io_error"
    return RemoteFailed(f"{name!r}: {error.strerror or error}", "see to that on the machine", code)


def look(name: str, current: int) -> os.stat_result | None:
    """Return what stands in a folder under this name, a link as itself."""
    try:
        return os.stat(name, dir_fd=current, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _is_link(name: str, current: int) -> bool:
    found = look(name, current)
    return found is not None and stat.S_ISLNK(found.st_mode)
