"""Signals as something to select on: a handler may run anywhere, a loop decides when to listen."""

import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class Signals:
    """Numbers of the signals that have come. `fileno` is readable when there are some."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe

    def fileno(self) -> int:
        return self._pipe

    def take(self) -> list[int]:
        try:
            return list(os.read(self._pipe, 256))
        except BlockingIOError:
            return []


@contextmanager
def listening(numbers: Sequence[int]) -> Iterator[Signals]:
    """Collect these signals until the block ends; then they do what they did before."""
    read_end, write_end = os.pipe()
    for end in (read_end, write_end):
        os.set_blocking(end, False)
    before = {number: signal.signal(number, _note) for number in numbers}
    woke = signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    try:
        yield Signals(read_end)
    finally:
        signal.set_wakeup_fd(woke)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(read_end)
        os.close(write_end)


def _note(_number: int, _frame: object) -> None:
    """The number is in the pipe already: Python has written it there."""
