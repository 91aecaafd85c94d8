"""Read, write and find files below a root. Everything here blocks, and is bounded."""

import contextlib
import fnmatch
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from corral_daemon import clock
from corral_daemon.confined.walk import folder, hand_over, refused
from corral_daemon.failure import NodeFailed
from corral_daemon.rooted.paths import PathRefused, split
from corral_daemon.rooted.walk import Spot, look
from corral_protocol.vocabulary import ErrorClass

MOST_BYTES = 16 << 20
MOST_VISITED = 50_000
DEEPEST = 64
_READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_KINDS = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink"}


@dataclass(frozen=True, slots=True)
class Entry:
    """`path`: below the root. Links are named, and not followed."""

    path: str
    type: str
    size: int

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def spot(root: Path, path: str) -> Spot:
    """Raises NodeFailed for a path that leads out of the root."""
    try:
        return Spot(root, split(path))
    except PathRefused as error:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"{path[:200]!r} is not taken: {error}") from error


def read(where: Spot, most: int = MOST_BYTES) -> bytes:
    """Raises NodeFailed: only regular files are read, and none that are larger than `most`."""
    with folder(where, parent=True) as current:
        try:
            opened = os.open(where.name or ".", _READ, dir_fd=current)
        except OSError as error:
            raise refused(error, where.name, current) from error
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        os.close(opened)
        raise NodeFailed(ErrorClass.BAD_INPUT, f"{where.name!r} is no regular file")
    with os.fdopen(opened, "rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise NodeFailed(ErrorClass.BAD_INPUT, f"{where.name!r} is larger than {most} bytes")
    return data


def write(where: Spot, data: bytes) -> None:
    """Put a file in its place in one step; what was there before keeps its mode. Raises NodeFailed."""
    if not where.names:
        raise NodeFailed(ErrorClass.BAD_INPUT, "the workflow's folder itself cannot be written")
    with folder(where, parent=True, make=True) as current:
        before = look(where.name, current)
        if before is not None and not stat.S_ISREG(before.st_mode):
            raise NodeFailed(ErrorClass.BAD_INPUT, f"{where.name!r} is there, and is no regular file")
        beside = f".corral-{clock.identity()}.part"
        try:
            _fill(beside, data, 0o644 if before is None else stat.S_IMODE(before.st_mode) & 0o777, current)
            os.rename(beside, where.name, src_dir_fd=current, dst_dir_fd=current)
        except OSError as error:
            raise refused(error, where.name, current) from error
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(beside, dir_fd=current)


def _fill(name: str, data: bytes, mode: int, current: int) -> None:
    opened = os.open(name, _NEW, mode, dir_fd=current)
    hand_over(opened, current)
    with os.fdopen(opened, "wb") as file:
        file.write(data)


def listing(where: Spot) -> list[Entry]:
    """Return what stands in a folder, by name. Raises NodeFailed."""
    with folder(where) as current:
        return list(_entries(current, "/".join(where.names)))


def below(where: Spot) -> Iterator[Entry]:
    """Yield everything below a folder, each folder before what is in it. Raises NodeFailed where that is too much."""
    visited, todo = 0, [where]
    while todo:
        place = todo.pop()
        try:
            found = listing(place)
        except NodeFailed:
            if place is where:
                raise
            continue  # it is gone, or became something else
        visited += len(found) + 1
        if visited > MOST_VISITED:
            raise NodeFailed(ErrorClass.BAD_INPUT, f"there is more than {MOST_VISITED} to look through; name a folder")
        yield from found
        deeper = [Spot(place.root, (*place.names, entry.name)) for entry in found if entry.type == "directory"]
        todo += reversed([spot for spot in deeper if len(spot.names) <= DEEPEST])


def _entries(current: int, prefix: str) -> Iterator[Entry]:
    with os.scandir(current) as found:
        names = sorted(entry.name for entry in found)
    for name in names:
        seen = look(name, current)
        if seen is not None:
            shown = name.encode("utf-8", "replace").decode()
            kind = _KINDS.get(stat.S_IFMT(seen.st_mode), "other")
            yield Entry(f"{prefix}/{shown}" if prefix else shown, kind, seen.st_size if kind == "file" else 0)


def matches(path: str, pattern: str) -> bool:
    """Return whether a path matches a pattern of `*`, `?`, `[…]` and `**` for any number of folders."""
    parts, wanted = path.split("/"), pattern.split("/")
    reached = [True] + [False] * len(parts)
    for word in wanted:
        if word == "**":
            first = reached.index(True) if True in reached else len(reached)
            reached = [at >= first for at in range(len(reached))]
        else:
            reached = [False, *(reached[at] and fnmatch.fnmatchcase(part, word) for at, part in enumerate(parts))]
    return reached[-1]
