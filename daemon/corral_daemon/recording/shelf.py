"""The segments of one session as files, until the hub has them. The last one stays: it says where to go on."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from corral_protocol.codec import Malformed
from corral_protocol.recordings import Segment, read_label

_NAME = re.compile(r"(\d{10})\.segment")
_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Kept(NamedTuple):
    number: int
    size: int


class Shelf:
    def __init__(self, folder: Path, session_id: str) -> None:
        """Raises ValueError for an id that no session of ours has."""
        if not _SESSION.fullmatch(session_id):
            raise ValueError(f"{session_id[:80]!r} cannot be the name of a folder")
        self.session_id = session_id
        self._folder = folder / session_id

    def put(self, number: int, data: bytes) -> None:
        """Keep a segment: all of it, or nothing. Raises OSError."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = self._folder / "new"
        try:
            descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            fresh.replace(self._place(number))
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def get(self, number: int) -> bytes:
        """Raises OSError."""
        return self._place(number).read_bytes()

    def drop(self, number: int) -> None:
        self._place(number).unlink(missing_ok=True)

    def kept(self) -> list[Kept]:
        """Return what is here, in order."""
        return sorted(self._kept())

    def last(self) -> Segment | None:
        """Return the label of the last segment, if there is one that can be read. Raises OSError."""
        for number, _ in reversed(self.kept()):
            try:
                return read_label(self.get(number))[0]
            except Malformed:  # cut off by a machine that lost its power: its sessions are gone as well
                continue
        return None

    def clear(self) -> None:
        """Forget the session."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _kept(self) -> Iterator[Kept]:
        try:
            with os.scandir(self._folder) as entries:
                for entry in entries:
                    if found := _NAME.fullmatch(entry.name):
                        yield Kept(int(found[1]), entry.stat().st_size)
        except FileNotFoundError:
            return

    def _place(self, number: int) -> Path:
        return self._folder / f"{number:010}.segment"


def find(folder: Path) -> list[Shelf]:
    """Return the shelves below a folder."""
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return []
    return [Shelf(folder, name) for name in names if _SESSION.fullmatch(name)]
