"""What is typed into a terminal: written to the PTY at once, without ever waiting for it."""

import asyncio
import os
from collections.abc import Callable

LIMIT = 1 << 20
"""Bytes that may wait for a program that does not read."""


class Keyboard:
    """Owns `fd`, the PTY's descriptor. Must be used inside a running event loop."""

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._waiting = bytearray()
        self.used: Callable[[], None] | None = None
        """Called when something is typed."""

    def type(self, data: bytes | memoryview) -> bool:
        """Write; return whether there was room. What is typed at once is refused as a whole or not at all."""
        taken = self._take(data)
        if self.used is not None:
            self.used()
        return taken

    def _take(self, data: bytes | memoryview) -> bool:
        if self._waiting:
            if len(self._waiting) + len(data) > LIMIT:
                return False
            self._waiting += data
            return True
        written = self._write(data)
        if written < len(data):
            self._waiting += data[written:]
            asyncio.get_running_loop().add_writer(self._fd, self._go_on)
        return True

    @property
    def fd(self) -> int:
        return self._fd

    @property
    def busy(self) -> bool:
        """Whether something that was typed waits for its program to read."""
        return bool(self._waiting)

    def close(self) -> None:
        if self._waiting:
            asyncio.get_running_loop().remove_writer(self._fd)
        os.close(self._fd)

    def _go_on(self) -> None:
        del self._waiting[: self._write(self._waiting)]
        if not self._waiting:
            asyncio.get_running_loop().remove_writer(self._fd)

    def _write(self, data: bytes | bytearray | memoryview) -> int:
        try:
            return os.write(self._fd, data)
        except BlockingIOError:
            return 0
        except OSError:  # its last process has gone; the session's end is on its way
            return len(data)
