"""What stands in a folder, as it is told."""

import hashlib
import heapq
import os
import stat
from collections.abc import Iterator
from typing import Protocol

from corral_daemon.errors import RemoteFailed
from corral_daemon.remote.walk import folder, refused
from corral_daemon.rooted.walk import Spot, look
from corral_protocol.remote import FileEntry
from corral_protocol.vocabulary import FileKind

MOST = 5000
"""Entries in one answer."""
PIECE = 1 << 20
_REGULAR = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | getattr(os, "O_NOCTTY", 0)


def version(found: os.stat_result) -> str:
    """Return a word that changes with the content."""
    return f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"


def entry(name: str, found: os.stat_result) -> FileEntry:
    kind = _kind(found.st_mode)
    regular = kind is FileKind.FILE
    return FileEntry(
        name=name,
        kind=kind,
        size=found.st_size if regular else 0,
        modified=found.st_mtime,
        executable=regular and bool(found.st_mode & stat.S_IXUSR),
        version=version(found) if regular else None,
    )


def virtual(names: list[str]) -> tuple[FileEntry, ...]:
    """The folders above the roots, which are nowhere."""
    return tuple(FileEntry(name=name, kind=FileKind.DIRECTORY) for name in sorted(names))


def listing(spot: Spot, after: str | None, limit: int) -> tuple[tuple[FileEntry, ...], str | None]:
    """Return a page of a folder by name, and the name after which it goes on. Raises RemoteFailed, OSError."""
    limit = min(max(limit, 1), MOST)
    begin = b"" if after is None else os.fsencode(after)
    with folder(spot) as current:
        with os.scandir(current) as found:
            names = heapq.nsmallest(limit + 1, (raw for one in found if (raw := os.fsencode(one.name)) > begin))
        entries = tuple(_entries(names[:limit], current))
    return entries, _told(names[limit - 1]) if len(names) > limit else None


def _entries(names: list[bytes], current: int) -> Iterator[FileEntry]:
    for raw in names:
        found = look(os.fsdecode(raw), current)
        if found is None:
            continue  # gone since
        try:
            yield entry(raw.decode(), found)
        except UnicodeDecodeError:
            yield FileEntry(name=_told(raw), kind=_kind(found.st_mode), size=found.st_size, opaque=True)


def _told(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")


def open_regular(name: str, current: int) -> tuple[int, os.stat_result]:
    """Open a file to read. Raises RemoteFailed: links, devices and pipes are not opened, or closed at once."""
    try:
        descriptor = os.open(name, _REGULAR, dir_fd=current)
    except OSError as error:
        raise refused(error, name, current) from error
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise RemoteFailed(f"{name!r} is no regular file", "only regular files are read and written", "not_a_file")
    return descriptor, found


class Digest(Protocol):
    """The part of a hashlib object that is used."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def digest(descriptor: int, size: int) -> Digest:
    """Return the SHA-256 of the first `size` bytes, to go on with. Raises RemoteFailed when there are fewer."""
    sha, offset = hashlib.sha256(), 0
    while offset < size:
        piece = os.pread(descriptor, min(PIECE, size - offset), offset)
        if not piece:
            raise RemoteFailed("the file became shorter meanwhile", "try again", "file_changed")
        sha.update(piece)
        offset += len(piece)
    return sha


def _kind(mode: int) -> FileKind:
    if stat.S_ISREG(mode):
        return FileKind.FILE
    if stat.S_ISDIR(mode):
        return FileKind.DIRECTORY
    return FileKind.SYMLINK if stat.S_ISLNK(mode) else FileKind.OTHER
