"""What the daemon and its scribe say to each other. Both are of one version: they start and end together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from corral_daemon.recording.words import Closed, Ended, Record, Recorded, Room, Wanted
from corral_protocol.codec import table

# -- daemon → scribe --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Keep the screen of a session; its ring comes along as a descriptor. `keep`: the file to keep it in as well.

    `shelves`: the folder for recordings; `record`: how it is recorded, None: not before somebody wants it.
    """

    TYPE: ClassVar = "open"
    session_id: str
    cols: int
    rows: int
    secrets: tuple[str, ...] = ()
    keep: str | None = None
    shelves: str | None = None
    record: Wanted | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resize:
    """From this offset on the window has another size."""

    TYPE: ClassVar = "resize"
    session_id: str
    offset: int
    cols: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """There is more in some rings."""

    TYPE: ClassVar = "moved"
    session_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Answered by Drawn, or NotOpen."""

    TYPE: ClassVar = "draw"
    session_id: str
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """Answered by Seen, or NotOpen. `lines`: that many last lines of output instead of what is on the screen."""

    TYPE: ClassVar = "read"
    session_id: str
    request: int
    lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    TYPE: ClassVar = "forget"
    session_id: str


# -- scribe → daemon --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """`data`: bytes as text, those that are no UTF-8 escaped as Python does it."""

    TYPE: ClassVar = "drawn"
    request: int
    offset: int
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    TYPE: ClassVar = "seen"
    request: int
    offset: int
    lines: tuple[str, ...]
    cols: int
    rows: int
    cursor: tuple[int, ...]
    title: str
    alternate: bool = False
    shown: bool = True
    pastes: bool = False
    bells: int = 0
    notice: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotOpen:
    """No such session is open, or its ring cannot be read."""

    TYPE: ClassVar = "not_open"
    request: int


ToScribe = Open | Resize | Moved | Draw | Read | Forget | Record | Ended | Room
TO_SCRIBE: Mapping[str, type[ToScribe]] = table(Open, Resize, Moved, Draw, Read, Forget, Record, Ended, Room)
Answer = Drawn | Seen | NotOpen
News = Recorded | Closed
"""What nobody asked for."""
FROM_SCRIBE: Mapping[str, type[Answer | News]] = table(Drawn, Seen, NotOpen, Recorded, Closed)
