"""One session as the daemon holds it: a ring to read, a keyboard to type on, a bell to listen to."""

import asyncio
import contextlib
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from corral_daemon.processes.ending import Exit
from corral_daemon.processes.frames import Frame
from corral_daemon.pty.keyboard import Keyboard
from corral_daemon.pty.ring import Ring

_SWALLOW = 1 << 16


@dataclass(slots=True)
class Size:
    cols: int
    rows: int


class Session:
    """`note` is what the daemon that started it wrote down for the ones after it; only the holder's memory has it."""

    def __init__(self, held: Frame, descriptors: list[int], moved: Callable[["Session"], None]) -> None:
        ring, master, bell = descriptors
        self.id: str = held["id"]
        self.pid: int = held["pid"]
        self.size = Size(held["cols"], held["rows"])
        self.note: dict[str, Any] = held["note"]
        self.ended: Exit | None = None
        self.gone = asyncio.Event()
        self.wanted = False
        """Whether somebody has yet to write down how it ended."""
        self.forgotten = False
        self.ring = Ring(ring)
        self.keyboard = Keyboard(master)
        self._bell = bell
        self._moved = moved
        self._resting: asyncio.TimerHandle | None = None
        self._open = True
        asyncio.get_running_loop().add_reader(bell, self._hear)

    def rest(self, seconds: float) -> None:
        """Do not listen to the bell for a while; if it rings meanwhile, that is heard afterwards."""
        self._rest(seconds, self._listen)

    def gather(self, seconds: float) -> None:
        """Let more output come together, then look at it, whether the bell has rung again or not."""
        self._rest(seconds, self._wake)

    def listen(self) -> None:
        """End a rest early."""
        if self._resting is not None:
            self._resting.cancel()
            self._listen()

    def end(self, how: Exit) -> None:
        """No output will come any more; what there was can still be read."""
        self.ended = how
        self.gone.set()
        self._hear()
        self._hush()

    def vanish(self) -> None:
        """Nobody will hear of its end: whoever waits for that need not."""
        self.ended = self.ended or Exit(lost=True)
        self.gone.set()

    def close(self) -> None:
        self._hush()
        self.keyboard.close()
        self.ring.close()
        os.close(self._bell)

    def _rest(self, seconds: float, then: Callable[[], None]) -> None:
        if self._open and self._resting is None:
            loop = asyncio.get_running_loop()
            loop.remove_reader(self._bell)
            self._resting = loop.call_later(seconds, then)

    def _listen(self) -> None:
        self._resting = None
        asyncio.get_running_loop().add_reader(self._bell, self._hear)

    def _wake(self) -> None:
        self._listen()
        self._hear()

    def _hush(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
        elif self._open:
            asyncio.get_running_loop().remove_reader(self._bell)
        self._resting, self._open = None, False

    def _hear(self) -> None:
        """Take what was rung, then look: whatever is written after this rings again."""
        with contextlib.suppress(BlockingIOError):
            os.read(self._bell, _SWALLOW)
        self._moved(self)
