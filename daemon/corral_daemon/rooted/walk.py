"""Down from a root, one name after the other, each opened below the one before: no link is followed on the way.

A path that is checked and then opened can be exchanged in between. Here nothing is looked up twice: whatever somebody
puts in the place of a folder, what was opened stays what it was.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
LINKS = "links are never followed; name the file itself"
Make = Callable[[str, int], None]
"""Makes a folder of this name in an open one. Raises FileExistsError."""


@dataclass(frozen=True, slots=True)
class Spot:
    """`names` below `root`, which may be reached by links: its owner configured it."""

    root: Path
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[-1] if self.names else ""


class Reason(Enum):
    NO_ROOT = auto()
    LINK = auto()
    NO_FOLDER = auto()
    A_FOLDER = auto()
    MISSING = auto()
    NO_ACCESS = auto()
    DISK_FULL = auto()
    OTHER = auto()


class Blocked(Exception):
    """The way ends here. Whoever walks says so to its own kind of asker; `said` is what the system said."""

    def __init__(self, reason: Reason, name: str, said: str) -> None:
        super().__init__(f"{name!r}: {said}")
        self.reason = reason
        self.name = name
        self.said = said


def made(name: str, current: int) -> None:
    os.mkdir(name, 0o755, dir_fd=current)


@contextmanager
def folder(spot: Spot, *, parent: bool = False, make: Make | None = None) -> Iterator[int]:
    """Open the folder at `spot`, or the one it is in. `make`: how those are made that are missing. Raises Blocked."""
    try:
        current = os.open(spot.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Blocked(Reason.NO_ROOT, str(spot.root), str(error)) from error
    try:
        for name in spot.names[:-1] if parent else spot.names:
            below = _enter(current, name, make)
            os.close(current)
            current = below
        yield current
    finally:
        os.close(current)


def _enter(current: int, name: str, make: Make | None) -> int:
    if make is not None:
        with contextlib.suppress(FileExistsError):  # what stands there is opened below, or refused
            make(name, current)
    try:
        return os.open(name, FOLDER, dir_fd=current)
    except OSError as error:
        raise blocked(error, name, current) from error


def blocked(error: OSError, name: str, current: int | None = None) -> Blocked:
    """Return why a name cannot be used; in the folder `current`, whether it is a link."""
    reason = _REASONS.get(error.errno or 0, Reason.OTHER)
    if error.errno in (errno.ELOOP, errno.ENOTDIR) and current is not None and _is_link(name, current):
        reason = Reason.LINK
    return Blocked(reason, name, error.strerror or str(error))


_REASONS = {
    errno.ENOTDIR: Reason.NO_FOLDER,
    errno.EISDIR: Reason.A_FOLDER,
    errno.ENOENT: Reason.MISSING,
    errno.EACCES: Reason.NO_ACCESS,
    errno.EPERM: Reason.NO_ACCESS,
    errno.ENOSPC: Reason.DISK_FULL,
    errno.EDQUOT: Reason.DISK_FULL,
}


def look(name: str, current: int) -> os.stat_result | None:
    """Return what stands in a folder under this name, a link as itself."""
    try:
        return os.stat(name, dir_fd=current, follow_symlinks=False)
    except FileNotFoundError:
        return None


def _is_link(name: str, current: int) -> bool:
    found = look(name, current)
    return found is not None and stat.S_ISLNK(found.st_mode)
