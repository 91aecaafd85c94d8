"""A file on this machine: hashed as it is read, complete or not there."""

import base64
import contextlib
import hashlib
import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from corral_cli.errors import Failed, NotFound, Usage

PIECE = 1 << 18
Moved = Callable[[int], None]
"""Told how many bytes have been dealt with."""


class Source:
    """What is to be sent: a regular file that is opened once, so that what was hashed is what is sent."""

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("rb")
        except FileNotFoundError as error:
            raise NotFound(f"there is no file {path}", hint="Check the path.") from error
        except OSError as error:
            raise Usage(f"{path} cannot be read: {error.strerror}", hint="Name a file that you may read.") from error
        found = os.fstat(self._file.fileno())
        if not stat.S_ISREG(found.st_mode):
            self._file.close()
            raise Usage(f"{path} is no regular file", hint="Pack a folder first: tar c FOLDER > FILE.")
        self.size = found.st_size
        self.executable = bool(found.st_mode & stat.S_IXUSR)

    def digest(self, size: int, moved: Moved = lambda _: None) -> str:
        """Return the SHA-256 of the first `size` bytes."""
        sha = hashlib.sha256()
        for piece in self.pieces(0, size):
            sha.update(piece)
            moved(len(piece))
        return sha.hexdigest()

    def pieces(self, offset: int, end: int, moved: Moved = lambda _: None) -> Iterator[bytes]:
        """Raises Failed if the file became shorter."""
        while offset < end:
            piece = os.pread(self._file.fileno(), min(PIECE, end - offset), offset)
            if not piece:
                raise Failed("the file became shorter while it was read", hint="Send it again once it is complete.")
            yield piece
            offset += len(piece)
            moved(len(piece))

    def close(self) -> None:
        self._file.close()


class Target:
    """What comes, beside its place until it is complete. `sha256` names it, so that it goes on where it stopped."""

    def __init__(self, path: Path, sha256: str) -> None:
        self._path = path
        self._sha256 = sha256
        self._partial = path.with_name(_partial_name(path.name, sha256))
        try:
            flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.open(self._partial, flags, 0o600)
        except OSError as error:
            hint = "Name a folder that is there, and in which you may write."
            raise Usage(f"{path} cannot be written: {error.strerror}", hint=hint) from error
        self.size = os.fstat(self._file).st_size
        self._hash = hashlib.sha256()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._file)

    def resume(self, size: int, moved: Moved) -> int:
        """Hash what is there of a file of `size` bytes; return from where on it is wanted."""
        kept = self.size if self.size <= size else 0
        os.ftruncate(self._file, kept)
        self._hash, at = hashlib.sha256(), 0
        while at < kept:
            piece = os.pread(self._file, min(PIECE, kept - at), at)
            self._hash.update(piece)
            at += len(piece)
            moved(len(piece))
        self.size = kept
        return kept

    def write(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            written = os.pwrite(self._file, rest, self.size)
            self.size += written
            rest = rest[written:]
        self._hash.update(data)

    def place(self, executable: bool) -> None:
        """Check it, and give it its name. Raises Failed."""
        if self._hash.hexdigest() != self._sha256:
            self._partial.unlink(missing_ok=True)
            raise Failed(
                "what came is not what is there: its SHA-256 differs", code="digest_mismatch", hint="Pull it again."
            )
        mode = 0o644
        with contextlib.suppress(FileNotFoundError):
            mode = stat.S_IMODE(self._path.stat().st_mode) & 0o777
        os.fchmod(self._file, mode | (mode & 0o444) >> 2 if executable else mode & ~0o111)
        os.fsync(self._file)
        self._partial.replace(self._path)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _partial_name(name: str, sha256: str) -> str:
    told = hashlib.sha256(f"{name}/{sha256}".encode("utf-8", "surrogateescape")).hexdigest()
    return f".corral-{told[:24]}.part"


def read_whole(path: Path) -> bytes:
    """Return a file's content. Raises CliError."""
    source = Source(path)
    try:
        return b"".join(source.pieces(0, source.size))
    finally:
        source.close()


def as_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def repr_digest(sha256: str) -> str:
    """Return the header of RFC 9530."""
    return f"sha-256=:{base64.b64encode(bytes.fromhex(sha256)).decode()}:"
