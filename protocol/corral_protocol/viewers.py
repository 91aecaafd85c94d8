"""What viewers and the hub say to each other on `/ws/dashboard`, beside the binary frames of terminals. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from corral_protocol.codec import Json, table
from corral_protocol.happenings import (
    Happening,
    LetterEvent,
    RunEvent,
    RunLines,
    RunNodes,
    RunProgress,
    ServerEvent,
    TaskEvent,
    TaskOutput,
    TokenEvent,
    WorkflowEvent,
)
from corral_protocol.sessions import SessionResize
from corral_protocol.vocabulary import SessionMode

# -- viewer → hub (and session_resize) --------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerAuth:
    """First frame. `token`: a JWT, an API key or a task's token. Without the rest: all that its holder may see.

    `cookie`: a browser's login is in the handshake's cookie, and no token is said.
    `task_ids`, `run_ids`: hear of these alone. `binary`: terminals come as binary frames.
    """

    TYPE: ClassVar = "auth"
    token: str = ""
    cookie: bool = False
    project_id: str | None = None
    task_ids: tuple[str, ...] = ()
    run_ids: tuple[str, ...] = ()
    binary: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsWatch:
    """Watch these runs node by node from now on, and no others. Read them after this: only what follows is told."""

    TYPE: ClassVar = "runs_watch"
    run_ids: tuple[str, ...] = ()


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


# -- hub → viewer: how it stands --------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewerAuthOk:
    """From here on it is told what happens: what was read before this, over an earlier connection, is read again."""

    TYPE: ClassVar = "auth_ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resync:
    """This viewer reads too slowly, and what had piled up for it was let go: read everything again."""

    TYPE: ClassVar = "resync"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsWatched:
    """Answers runs_watch: what happens to the nodes of these runs is told from here on."""

    TYPE: ClassVar = "runs_watched"
    run_ids: tuple[str, ...] = ()


# -- hub → viewer: terminals ------------------------------------------------------


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
    server_id: str | None = None
    project_id: str | None = None
    task_id: str | None = None
    actor: str | None = None
    at: str | None = None
    details: Json = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRefused:
    """What a viewer asked for is not possible; the connection goes on."""

    TYPE: ClassVar = "session_refused"
    session_id: str
    code: str
    detail: str
    hint: str = ""


FromViewer = SessionAttach | SessionTake | SessionDetach | SessionResize | RunsWatch
"""What may follow the first frame."""
FROM_VIEWER: Mapping[str, type[FromViewer]] = table(SessionAttach, SessionTake, SessionDetach, SessionResize, RunsWatch)

OfTerminal = SessionAttached | SessionEvent | SessionRefused
ToViewer = ViewerAuthOk | Resync | RunsWatched | OfTerminal | Happening
TO_VIEWER: Mapping[str, type[ToViewer]] = table(
    ViewerAuthOk, Resync, RunsWatched, TaskEvent, TaskOutput, RunEvent, RunNodes, RunProgress, RunLines,
    ServerEvent, TokenEvent, WorkflowEvent, LetterEvent, SessionEvent, SessionAttached, SessionRefused,
)  # fmt: skip
