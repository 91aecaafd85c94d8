"""Single commands and files on a machine, what hub, daemon and CLI say of them. No I/O.

Everything that goes on at once has a channel, a number chosen by the hub from FIRST_CHANNEL on; terminals have the
numbers below. Bytes travel in binary frames of that channel: STDOUT and STDERR are counted together, so that one ACK
does for both and their order is kept; STDIN and CHUNK are counted by themselves. An empty STDIN or CHUNK frame ends
what is sent to a machine. At most WINDOW bytes, in at most MOST_FRAMES frames, are on their way without an ACK.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from corral_protocol.codec import table
from corral_protocol.vocabulary import FileKind

FIRST_CHANNEL = 1 << 31
WINDOW = 512 * 1024


def is_remote(frame: bytes) -> bool:
    """Whether a binary frame belongs to a command or a file, and not to a terminal."""
    return len(frame) > 1 and frame[1] >= FIRST_CHANNEL >> 24


# -- hub → daemon ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecStart:
    """Run `argv`, in the directory of a session, of a repository, or the home directory; `directory` below that.

    Answered by exec_started and exec_ended, or by remote_refused. After `timeout` seconds the whole tree is ended:
    TERM, `grace` seconds, KILL. It is ended as well when the connection is lost.
    """

    TYPE: ClassVar = "exec_start"
    channel: int
    argv: tuple[str, ...]
    directory: str | None = None
    repo: str | None = None
    session_id: str | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout: float | None = None
    stdin: bool = False
    grace: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStop:
    """Nobody wants the rest: end the tree of a command (TERM, `grace` seconds, KILL), give up on a file."""

    TYPE: ClassVar = "remote_stop"
    channel: int
    grace: float = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileList:
    """Say what is in a folder, by name, after the name `after`. `path` begins in the session's directory.

    Without a session it begins with one of the machine's roots: files, repos/NAME, worktrees. Same below.
    """

    TYPE: ClassVar = "file_list"
    channel: int
    path: str
    session_id: str | None = None
    after: str | None = None
    limit: int = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStat:
    """Say what is there. `digest`: with its SHA-256. `partial`: and what is there already of a file with that one."""

    TYPE: ClassVar = "file_stat"
    channel: int
    path: str
    session_id: str | None = None
    digest: bool = False
    partial: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRead:
    """Send `length` bytes from `offset` on: file_opened, CHUNK frames, file_done."""

    TYPE: ClassVar = "file_read"
    channel: int
    path: str
    session_id: str | None = None
    offset: int = 0
    length: int | None = None
    if_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWrite:
    """Take CHUNK frames after file_ready; put them in the place of the file when all are there, and right.

    With `sha256` what has come is kept when the connection is lost, and `offset` goes on behind it.
    """

    TYPE: ClassVar = "file_write"
    channel: int
    path: str
    session_id: str | None = None
    size: int | None = None
    sha256: str | None = None
    offset: int = 0
    executable: bool | None = None
    if_version: str | None = None
    if_absent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRemove:
    """Remove a file, or a folder that is empty."""

    TYPE: ClassVar = "file_remove"
    channel: int
    path: str
    session_id: str | None = None
    if_version: str | None = None


# -- daemon → hub ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecStarted:
    TYPE: ClassVar = "exec_started"
    channel: int
    pid: int | None = None
    directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecEnded:
    """The whole tree is gone, and all of its output was sent: `output` bytes of both streams.

    `stopped`: it was told to. `left`: processes it left behind, which were ended. `lost`: nobody saw how it ended.
    """

    TYPE: ClassVar = "exec_ended"
    channel: int
    exit_code: int | None = None
    signal: int | None = None
    timed_out: bool = False
    stopped: bool = False
    lost: bool = False
    left: int = 0
    output: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteRefused:
    """It was not done, or not to the end; nothing more comes on the channel. `version`: what the file is now."""

    TYPE: ClassVar = "remote_refused"
    channel: int
    code: str
    detail: str
    hint: str = ""
    version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """`version` changes with the content. `opaque`: its name is no Unicode; it can be seen, not asked for."""

    name: str
    kind: FileKind
    size: int = 0
    modified: float = 0.0
    executable: bool = False
    version: str | None = None
    opaque: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FileListing:
    """`following`: the list goes on after this name."""

    TYPE: ClassVar = "file_listing"
    channel: int
    entries: tuple[FileEntry, ...] = ()
    following: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileStatus:
    TYPE: ClassVar = "file_status"
    channel: int
    entry: FileEntry | None = None
    sha256: str | None = None
    partial_size: int = 0
    partial_sha256: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOpened:
    """CHUNK frames of `length` bytes follow, then file_done."""

    TYPE: ClassVar = "file_opened"
    channel: int
    entry: FileEntry
    offset: int
    length: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReady:
    """Send what stands from `offset` on."""

    TYPE: ClassVar = "file_ready"
    channel: int
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDone:
    """All was read and sent; or the file is in its place; or it is gone."""

    TYPE: ClassVar = "file_done"
    channel: int
    entry: FileEntry | None = None
    sha256: str | None = None


# -- CLI → hub, on /ws/exec ------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Exec:
    """Run this on `server`. Answered with exec_started, exec_ended, remote_refused, and frames; remote_stop ends it."""

    TYPE: ClassVar = "exec"
    server: str
    argv: tuple[str, ...]
    directory: str | None = None
    repo: str | None = None
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    timeout: float | None = None
    stdin: bool = False


FromCaller = Exec | RemoteStop
FROM_CALLER: Mapping[str, type[FromCaller]] = table(Exec, RemoteStop)

ToCaller = ExecStarted | ExecEnded | RemoteRefused
TO_CALLER: Mapping[str, type[ToCaller]] = table(ExecStarted, ExecEnded, RemoteRefused)
