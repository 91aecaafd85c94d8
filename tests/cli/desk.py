"""The real program in a real terminal: a PTY whose other end a test types into and looks at."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

PATIENCE = 20.0


class Desk:
    def __init__(self, words: list[str], cols: int, rows: int, variables: dict[str, str]) -> None:
        self.keyboard, self.terminal = pty.openpty()
        self.resize(cols, rows)
        self.before = self.settings()
        self.screen = b""
        self.process = subprocess.Popen(
            [sys.executable, "-c", _BECOME_LEADER, *words],
            stdin=self.terminal, stdout=self.terminal, stderr=self.terminal,
            env={**os.environ, "TERM": "xterm-256color", **variables}, start_new_session=True,
        )  # fmt: skip

    def type(self, keys: bytes) -> None:
        while keys:
            keys = keys[os.write(self.keyboard, keys) :]

    def sees(self, text: bytes) -> bytes:
        """Return what was printed up to and with `text`, and forget it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.screen:
            assert self._read(deadline), f"{text!r} did not come, but {self.screen[-2000:]!r}"
        before, _, self.screen = self.screen.partition(text)
        return before + text

    def resize(self, cols: int, rows: int) -> None:
        fcntl.ioctl(self.keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", rows, cols, 0, 0))

    def settings(self) -> list[Any]:
        return termios.tcgetattr(self.terminal)

    def is_raw(self) -> None:
        """Wait until keys are no longer interpreted here."""
        deadline = time.monotonic() + PATIENCE
        while self.settings()[3] & termios.ICANON:
            assert time.monotonic() < deadline and self.process.poll() is None
            time.sleep(0.002)

    def ends(self) -> int:
        """Wait for the end of the program, reading what it prints; return its exit code."""
        deadline = time.monotonic() + PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < deadline, self.screen[-2000:]
            self._read(time.monotonic() + 0.02)
        while self._read(time.monotonic()):
            pass
        return self.process.returncode

    def leave(self, keys: bytes = b"\x1cd") -> None:
        self.type(keys)
        assert self.ends() == 0

    @property
    def restored(self) -> bool:
        """Whether the terminal is set as it was before."""
        return self.settings() == self.before

    def hang_up(self) -> None:
        os.close(self.keyboard)
        self.keyboard = -1

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait(PATIENCE)
        for end in (self.keyboard, self.terminal):
            if end >= 0:
                os.close(end)

    def _read(self, deadline: float) -> bool:
        ready, _, _ = select.select([self.keyboard], [], [], max(0.0, deadline - time.monotonic()))
        if ready:
            self.screen += os.read(self.keyboard, 1 << 16)
        return bool(ready)


_BECOME_LEADER = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "corral_cli", *sys.argv[1:]])
"""


@contextmanager
def sitting(*words: str, cols: int = 100, rows: int = 30, **variables: str) -> Iterator[Desk]:
    """Run `corral WORDS` in a terminal of its own until the block ends."""
    desk = Desk(list(words), cols, rows, variables)
    try:
        yield desk
    finally:
        desk.close()
