"""Disk space kept aside: a disk that is full, with whatever, still takes what ends a unit and what the hub has taken.

Forgetting costs space before it gives any back: a deletion is written to the log first, and the log into the file.
"""

import logging
import os
import shutil
from pathlib import Path

log = logging.getLogger(__name__)

SIZE = 16 << 20
"""More than the write-ahead log holds at most, so that a log on a full disk can be written into the file."""


def free(directory: Path) -> int:
    """Return the bytes that may still be written."""
    return shutil.disk_usage(directory).free


class Reserve:
    """`held` tells whether the space is kept aside. Blocking."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.held = path.exists() and path.stat().st_size == SIZE

    def check(self) -> bool:
        """Keep the space aside if it is not; return whether the disk has room beyond it."""
        if not self.held and free(self._path.parent) >= 2 * SIZE:
            self._take()
        return self.held and free(self._path.parent) >= SIZE

    def give(self) -> None:
        """Let the space go to whoever needs it now."""
        self._path.unlink(missing_ok=True)
        self.held = False

    def _take(self) -> None:
        fresh = self._path.with_name(f"{self._path.name}.new")
        try:
            _allocate(fresh)
            fresh.replace(self._path)
            self.held = True
        except OSError as error:
            log.info("event=no_reserve reason=%r", str(error))
            fresh.unlink(missing_ok=True)


def _allocate(path: Path) -> None:
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(file.fileno(), 0, SIZE)
        else:
            file.write(os.urandom(SIZE))  # not zeros: some file systems store those in no space at all
