"""A screen in a file, for the scribe that comes after this one: the ring may no longer reach back to what made it."""

import os
import struct
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

_HEAD = struct.Struct(">QHH")


@dataclass(frozen=True, slots=True)
class Kept:
    """A drawing of the screen as of byte `offset` of the output, without secrets."""

    offset: int
    cols: int
    rows: int
    drawing: bytes


def place(folder: Path, session_id: str) -> Path:
    return folder / sha256(session_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def load(path: Path) -> Kept | None:
    """Return what is kept there, if anything is."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    if len(data) < _HEAD.size:
        return None
    offset, cols, rows = _HEAD.unpack_from(data)
    return Kept(offset, cols, rows, data[_HEAD.size :])


def save(path: Path, kept: Kept) -> None:
    """Replace what was kept before. Raises OSError."""
    beside = path.with_suffix(".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(_HEAD.pack(kept.offset, kept.cols, kept.rows) + kept.drawing)
    beside.replace(path)
