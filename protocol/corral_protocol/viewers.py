"""What viewers of terminal sessions and the hub say to each other on `/ws/dashboard`, beside binary frames. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from corral_protocol.codec import Json, table
from corral_protocol.sessions import SessionResize
from corral_protocol.vocabulary import SessionMode

# -- viewer → hub (session_resize as above) ---------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAttach:
    """Watch a session: from `offset` on, or from a snapshot of the screen. `drive`: also type, if nobody else does."""

    TYPE: ClassVar = "session_attach"
    session_id: str
    mode: SessionMode = SessionMode.VIEW
    offset: int | None = None
    cols: int | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionTake:
    """Take control: the viewer that drove so far may only watch from now on."""

    TYPE: ClassVar = "session_take"
    session_id: str
    cols: int | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionDetach:
    TYPE: ClassVar = "session_detach"
    session_id: str


# -- hub → viewer -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAttached:
    """The session's frames come on `channel` from now on."""

    TYPE: ClassVar = "session_attached"
    session_id: str
    channel: int
    mode: SessionMode
    cols: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEvent:
    """Something happened to a session: `started`, `closed`, `lost`, `resized`, `driver`, `attention` …"""

    TYPE: ClassVar = "session_event"
    event: str
    session_id: str
    details: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRefused:
    """What a viewer asked for is not possible; the connection goes on."""

    TYPE: ClassVar = "session_refused"
    session_id: str
    code: str
    detail: str
    hint: str = ""


FromViewer = SessionAttach | SessionTake | SessionDetach | SessionResize
FROM_VIEWER: Mapping[str, type[FromViewer]] = table(SessionAttach, SessionTake, SessionDetach, SessionResize)

ToViewer = SessionAttached | SessionEvent | SessionRefused
TO_VIEWER: Mapping[str, type[ToViewer]] = table(SessionAttached, SessionEvent, SessionRefused)
