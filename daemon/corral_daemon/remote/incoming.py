"""A file on its way in: it has a name of its own beside its place until all of it is there, and right."""

import contextlib
import fcntl
import hashlib
import os
import stat
import threading
from collections.abc import Callable
from contextlib import ExitStack

from corral_daemon.errors import RemoteFailed
from corral_daemon.remote import entries
from corral_daemon.remote.walk import failed, folder
from corral_daemon.rooted.walk import Spot, look
from corral_protocol.remote import FileDone, FileEntry, FileWrite

_PLACING = threading.Lock()
"""Of two who write the same file against the same version, one comes second."""
_MODE = 0o644


def partial_name(name: str, sha256: str) -> str:
    """Return the name under which this content waits for this place."""
    return f".corral-{hashlib.sha256(f'{name}/{sha256}'.encode()).hexdigest()[:24]}.part"


class Incoming:
    """Everything here blocks. `close` may come from another thread, and waits for what goes on."""

    def __init__(self, spot: Spot, message: FileWrite, limit: int, identity: Callable[[], str]) -> None:
        self._spot = spot
        self._message = message
        self._limit = limit
        self.partial = partial_name(spot.name, message.sha256 or identity())
        self._stack = ExitStack()
        self._turn = threading.Lock()
        self._folder = self._file = -1
        self._offset = message.offset
        self._sha: entries.Digest = hashlib.sha256()
        self._closed = self._done = False

    def open(self) -> None:
        """Raises RemoteFailed, OSError."""
        self._check_size(self._message.size or 0)
        with self._turn:
            self._folder = self._stack.enter_context(folder(self._spot, parent=True, make=True))
            self._check_place()
            self._file = self._open_partial()
            self._sha = entries.digest(self._file, self._offset)
            os.ftruncate(self._file, self._offset)

    def write(self, data: bytes) -> int:
        """Return up to where it is written. Raises RemoteFailed, OSError."""
        self._check_size(self._offset + len(data))
        with self._turn:
            if self._closed:
                return self._offset
            rest, at = memoryview(data), self._offset
            while rest:
                written = os.pwrite(self._file, rest, at)
                rest, at = rest[written:], at + written
            self._sha.update(data)
            self._offset = at
            return at

    def place(self) -> FileDone:
        """Check it, and put it where it belongs. Raises RemoteFailed, OSError."""
        with self._turn:
            self._check_content()
            os.fchmod(self._file, self._mode())
            os.fsync(self._file)
            with _PLACING:
                self._check_place()
                self._rename()
                os.fsync(self._folder)
                found = look(self._spot.name, self._folder)
            self._done = True
            told: FileEntry | None = None if found is None else entries.entry(self._spot.name, found)
            return FileDone(channel=self._message.channel, entry=told, sha256=self._sha.hexdigest())

    def close(self) -> None:
        """Keep what came of a file whose digest is known; it goes on from there."""
        with self._turn:
            self._closed = True
            if self._file >= 0:
                if not self._done and self._message.sha256 is None:
                    self._discard()
                os.close(self._file)
                self._file = -1
            self._stack.close()

    def _open_partial(self) -> int:
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        descriptor = os.open(self.partial, flags, 0o600, dir_fd=self._folder)
        found = os.fstat(descriptor)
        try:
            if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1 or found.st_uid != os.geteuid():
                raise RemoteFailed("something else is in the way", f"remove {self.partial!r} there", "not_a_file")
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                hint = "wait until it has ended"
                raise RemoteFailed("the same file is on its way there already", hint, "upload_running") from error
            if found.st_size < self._offset:
                hint = "ask how much is there: status?partial=…"
                raise RemoteFailed(f"only {found.st_size} bytes of it are there yet", hint, "offset_invalid")
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def _check_size(self, size: int) -> None:
        if size > self._limit:
            hint = "raise file_limit_mb in the daemon's configuration, or send it another way"
            raise RemoteFailed(f"files of more than {self._limit} bytes are not taken here", hint, "file_too_large")

    def _check_place(self) -> None:
        """Raises RemoteFailed unless what stands there is what was expected."""
        found = look(self._spot.name, self._folder)
        now = None if found is None else entries.version(found)
        if found is not None and not stat.S_ISREG(found.st_mode):
            what = f"{self._spot.name!r} is there, and is no regular file"
            raise RemoteFailed(what, "remove it first, or choose another name", "not_a_file")
        if (self._message.if_absent and now is not None) or self._message.if_version not in (None, now):
            raise changed(self._spot.name, now)

    def _check_content(self) -> None:
        wanted = self._message
        if wanted.size is not None and self._offset != wanted.size:
            hint = "send the rest: it goes on from there"
            raise RemoteFailed(f"{self._offset} of {wanted.size} bytes came", hint, "incomplete")
        if wanted.sha256 is not None and self._sha.hexdigest() != wanted.sha256.lower():
            self._discard()
            hint = "send it again; what came is thrown away"
            raise RemoteFailed("what came is not what was announced: its SHA-256 differs", hint, "digest_mismatch")

    def _mode(self) -> int:
        found = look(self._spot.name, self._folder)
        mode = stat.S_IMODE(found.st_mode) & 0o777 if found is not None else _MODE
        if self._message.executable is None:
            return mode
        return mode | (mode & 0o444) >> 2 if self._message.executable else mode & ~0o111

    def _rename(self) -> None:
        if self._message.if_absent:
            try:
                os.link(self.partial, self._spot.name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            except FileExistsError as error:
                raise changed(self._spot.name, None) from error
            self._discard()
        else:
            os.rename(self.partial, self._spot.name, src_dir_fd=self._folder, dst_dir_fd=self._folder)

    def _discard(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.partial, dir_fd=self._folder)


def changed(name: str, now: str | None) -> RemoteFailed:
    if now is None:
        hint = "read the folder again, then decide"
        return RemoteFailed(f"{name!r} is not what was expected any more", hint, "version_changed", "")
    return RemoteFailed(
        f"{name!r} was changed meanwhile", "read it again, bring both together, write it", "version_changed", now
    )


def remove(spot: Spot, if_version: str | None) -> None:
    """Remove a file, a link itself, or a folder that is empty. Raises RemoteFailed, OSError."""
    with folder(spot, parent=True) as current, _PLACING:
        found = look(spot.name, current)
        if found is None:
            hint = "corral file list shows what is there"
            raise RemoteFailed(f"there is no {spot.name!r}", hint, "file_missing")
        if if_version not in (None, entries.version(found)):
            raise changed(spot.name, entries.version(found))
        try:
            (os.rmdir if stat.S_ISDIR(found.st_mode) else os.unlink)(spot.name, dir_fd=current)
        except OSError as error:
            raise failed(error, spot.name) from error
