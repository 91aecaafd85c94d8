"""The built files, read once and kept: a request names one of them or nothing, no path of its reaches the disk."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import structlog

from corral_hub.web.pages import HASHED, INDEX, Page, shelve

log = structlog.get_logger()
MOST = 64 << 20
"""Bytes. A build of ours has five million, compressed twins and all."""
State = tuple[int, ...] | None


class Shelf:
    """Reads the folder anew when a build has changed it: a new build is served without a new start."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._state: State = None
        self._pages: Mapping[str, Page] = {}
        self._reading = asyncio.Lock()

    async def pages(self) -> Mapping[str, Page]:
        """Return what there is now; empty where nothing was built."""
        state = await asyncio.to_thread(_state, self._folder)
        if state != self._state:
            async with self._reading:
                if state != self._state:
                    self._pages = await asyncio.to_thread(_read, self._folder)
                    self._state = state
                    log.info("dashboard_read", folder=str(self._folder), pages=len(self._pages))
        return self._pages

    @property
    def known(self) -> Mapping[str, Page]:
        """What was there when last looked: enough for files whose names change with their content."""
        return self._pages


def _state(folder: Path) -> State:
    """Return what changes with every build; None where there is none."""
    try:
        index = (folder / INDEX).stat()
    except OSError:
        return None
    hashed = folder / HASHED
    return index.st_mtime_ns, index.st_size, hashed.stat().st_mtime_ns if hashed.is_dir() else 0


def _read(folder: Path) -> Mapping[str, Page]:
    """Return every page; links are passed over, they could lead out of the folder."""
    try:
        files = _files(folder)
    except OSError as error:  # a build is being written: it will look different in a moment
        log.warning("dashboard_not_read", folder=str(folder), error=str(error)[:200])
        return {}
    return shelve(files) if INDEX in files else {}


def _files(folder: Path) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    left = MOST
    for path in _walk(folder):
        left -= path.stat().st_size
        if left < 0:
            log.error("dashboard_too_large", folder=str(folder), hint="CORRAL_DASHBOARD_DIR must be a build of ours")
            return {}
        files[path.relative_to(folder).as_posix()] = path.read_bytes()
    return files


def _walk(folder: Path) -> Iterator[Path]:
    for here, _, names in os.walk(folder, followlinks=False):
        for name in sorted(names):
            path = Path(here) / name
            if path.is_file() and not path.is_symlink():
                yield path
