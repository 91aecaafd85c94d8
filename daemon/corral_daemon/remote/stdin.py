"""What a command reads: a pipe that is filled as the command empties it, and acknowledged as far as it was."""

import asyncio
import os
from collections import deque
from collections.abc import Callable

from corral_protocol.codec import Malformed
from corral_protocol.remote import WINDOW


class Stdin:
    """`theirs` is the end for the command. Of a command that reads no more, the rest is taken and thrown away."""

    def __init__(self, acknowledge: Callable[[int], None]) -> None:
        self.theirs, self._pipe = os.pipe()
        os.set_blocking(self._pipe, False)
        self._acknowledge = acknowledge
        self._waiting: deque[memoryview] = deque()
        self._arrived = self._written = 0
        self._listening = self._ended = self._closed = False

    def take(self, offset: int, payload: bytes) -> None:
        """Raises Malformed for what does not follow on, or is more than the window."""
        if offset != self._arrived or self._ended or len(payload) > WINDOW - (self._arrived - self._written):
            raise Malformed("", f"standard input at {offset} does not follow on {self._arrived}")
        self._arrived += len(payload)
        self._ended = not payload
        if payload:
            self._waiting.append(memoryview(payload))
        self._write()

    def close_theirs(self) -> None:
        os.close(self.theirs)

    def close(self) -> None:
        """Nobody reads any more."""
        if self._closed:
            return
        self._hush()
        self._closed = True
        os.close(self._pipe)

    def _write(self) -> None:
        before = self._written
        try:
            while self._waiting and not self._closed:
                taken = os.write(self._pipe, self._waiting[0])
                self._written += taken
                rest = self._waiting[0][taken:]
                if rest:
                    self._waiting[0] = rest
                else:
                    self._waiting.popleft()
        except BlockingIOError:
            self._listen()
        except BrokenPipeError:
            self.close()
        if self._closed:
            self._waiting.clear()
            self._written = self._arrived
        if self._written > before:
            self._acknowledge(self._written)
        if not self._waiting:
            self._hush()
            if self._ended:
                self.close()

    def _listen(self) -> None:
        if not self._listening:
            asyncio.get_running_loop().add_writer(self._pipe, self._write)
            self._listening = True

    def _hush(self) -> None:
        if self._listening:
            asyncio.get_running_loop().remove_writer(self._pipe)
            self._listening = False
