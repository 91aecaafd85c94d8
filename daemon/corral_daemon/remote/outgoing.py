"""A file on its way out."""

import os
import threading

from corral_daemon.errors import RemoteFailed
from corral_daemon.remote import entries
from corral_daemon.remote.incoming import changed
from corral_daemon.remote.walk import folder
from corral_daemon.rooted.paths import span
from corral_daemon.rooted.walk import Spot
from corral_protocol.remote import FileOpened, FileRead


class Outgoing:
    """Everything here blocks. `close` may come from another thread, and waits for what goes on."""

    def __init__(self, spot: Spot, message: FileRead, limit: int) -> None:
        self._spot = spot
        self._message = message
        self._limit = limit
        self._turn = threading.Lock()
        self._file = -1
        self._version = ""

    def open(self) -> FileOpened:
        """Raises RemoteFailed, OSError."""
        with self._turn, folder(self._spot, parent=True) as current:
            self._file, found = entries.open_regular(self._spot.name, current)
        self._version = entries.version(found)
        if self._message.if_version not in (None, self._version):
            raise changed(self._spot.name, self._version)
        part = span(found.st_size, self._message.offset, self._message.length)
        if part is None:
            hint = f"it has {found.st_size} bytes"
            raise RemoteFailed("the part asked for begins behind its end", hint, "range_invalid", self._version)
        if part[1] > self._limit:
            hint = "raise file_limit_mb in the daemon's configuration, or read a part of it"
            raise RemoteFailed(f"more than {self._limit} bytes are not sent from here", hint, "file_too_large")
        told = entries.entry(self._spot.name, found)
        return FileOpened(channel=self._message.channel, entry=told, offset=part[0], length=part[1])

    def read(self, offset: int, size: int) -> bytes:
        """Raises RemoteFailed when there is less than there was."""
        with self._turn:
            piece = os.pread(self._file, size, offset) if self._file >= 0 else b""
        if not piece:
            raise changed(self._spot.name, None)
        return piece

    def check(self) -> None:
        """Raises RemoteFailed if it was changed while it was read."""
        with self._turn:
            now = entries.version(os.fstat(self._file))
        if now != self._version:
            raise changed(self._spot.name, now)

    def close(self) -> None:
        with self._turn:
            if self._file >= 0:
                os.close(self._file)
            self._file = -1
