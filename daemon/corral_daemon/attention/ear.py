"""Hear what an agent's hooks have written: whole lines at the end of a file, each once."""

import os
from pathlib import Path

_AT_ONCE = 1 << 14
"""Bytes that are read of what is new: who writes more is not heard in full."""


class Ear:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._heard = _size(path)

    def hear(self) -> tuple[str, ...]:
        """Return what is new. Blocking, and short."""
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:  # nothing was ever said
            return ()
        try:
            size = os.fstat(descriptor).st_size
            start = self._heard if self._heard <= size else 0
            data = os.pread(descriptor, _AT_ONCE, max(start, size - _AT_ONCE))
        except OSError:
            return ()
        finally:
            os.close(descriptor)
        whole = data[: data.rfind(b"\n") + 1]
        self._heard = max(start, size - _AT_ONCE) + len(whole)
        return tuple(whole.decode("utf-8", "replace").splitlines())


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0
