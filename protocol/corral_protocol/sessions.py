"""What hub and daemons say about terminal sessions (seed: "WebSocket Message Reference"). No I/O.

The bytes themselves travel in binary frames (`frames.py`); only older agents wrap them in base64. What a session's
life consists of is state, not news: after every connect a daemon says which sessions it holds, ended ones included,
until the hub has committed their end and says that they may be forgotten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from corral_protocol.codec import Json
from corral_protocol.vocabulary import Attention

# -- hub → daemon ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStart:
    """Start a terminal: `argv`, or the TUI of the agent CLI `agent_type`, or else a login shell.

    Sending it again for a session that exists changes nothing. `token` goes into the environment; every value in
    `secrets` (and the token) is masked before output leaves the machine. `worktree`: in a fresh git worktree of `repo`.
    `record`: from its first byte on, at most `record_limit` compressed bytes.
    """

    TYPE: ClassVar = "session_start"
    session_id: str
    working_directory: str | None = None
    cols: int = 120
    rows: int = 40
    project_id: str | None = None
    agent_type: str | None = None
    role: str | None = None
    name: str | None = None
    task_id: str | None = None
    argv: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict[str, str])
    repo: str | None = None
    worktree: bool = False
    prompt: str | None = None
    token: str | None = None
    secrets: tuple[str, ...] = ()
    record: bool = False
    record_limit: int = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionInput:
    """Typed bytes as base64: to older agents, and where somebody types who does not watch (there is no channel)."""

    TYPE: ClassVar = "session_input"
    session_id: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionResize:
    """The driver's window. Viewers send it to the hub, the hub to the daemon."""

    TYPE: ClassVar = "session_resize"
    session_id: str
    cols: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClose:
    """End it: HUP and TERM to the whole process tree, KILL after `grace` seconds, then session_closed."""

    TYPE: ClassVar = "session_close"
    session_id: str
    grace: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionKill:
    """End it now: KILL to the whole process tree."""

    TYPE: ClassVar = "session_kill"
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionForget:
    """The session's end is committed, or nobody knows the session: let go of it, end it if it still runs."""

    TYPE: ClassVar = "session_forget"
    session_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionWatch:
    """Send the output on this channel from `offset` on; without one, or if it is gone, begin with a snapshot.

    Sent again it moves the stream. The daemon keeps at most a window of bytes unacknowledged.
    """

    TYPE: ClassVar = "session_watch"
    session_id: str
    channel: int
    offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionUnwatch:
    """Nobody watches any more."""

    TYPE: ClassVar = "session_unwatch"
    session_id: str
    channel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionSnapshot:
    """Send one SNAPSHOT frame on this channel, besides the stream: somebody came in, or fell behind."""

    TYPE: ClassVar = "session_snapshot"
    session_id: str
    channel: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLook:
    """Say what is on the screen, as text: answered by session_screen with the same `request_id`.

    `lines`: that many last lines of output instead, as text without control sequences.
    """

    TYPE: ClassVar = "session_look"
    request_id: str
    session_id: str
    lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecoveredAck:
    """To older agents: the tmux session of this name is that session."""

    TYPE: ClassVar = "session_recovered_ack"
    tmux_name: str
    session_id: str


# -- daemon → hub ---------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStarted:
    TYPE: ClassVar = "session_started"
    session_id: str
    pid: int | None = None
    tmux_name: str | None = None
    recovered: bool = False
    working_directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionOutput:
    """Output as base64: from older agents only."""

    TYPE: ClassVar = "session_output"
    session_id: str
    data: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionScreen:
    """What is on the screen, a text a line, without control sequences. `offset`: as of this byte of the output."""

    TYPE: ClassVar = "session_screen"
    session_id: str
    lines: tuple[str, ...] = ()
    request_id: str | None = None
    offset: int | None = None
    cols: int | None = None
    rows: int | None = None
    cursor: tuple[int, ...] = ()
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionClosed:
    """The process has ended, by itself with `exit_code` or by `signal`. `offset`: bytes of output in all."""

    TYPE: ClassVar = "session_closed"
    session_id: str
    exit_code: int | None = None
    signal: int | None = None
    offset: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionError:
    """It could not be started, or a request about it could not be answered."""

    TYPE: ClassVar = "session_error"
    session_id: str
    error: str
    code: str | None = None
    hint: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRecovered:
    """From older agents: a tmux session of ours was found that nobody reads."""

    TYPE: ClassVar = "session_recovered"
    tmux_name: str
    pid: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSession:
    """One session in the daemon's hands; `ended` ones wait to be forgotten. `offset`: bytes of output so far."""

    session_id: str
    pid: int | None = None
    offset: int = 0
    ended: bool = False
    exit_code: int | None = None
    signal: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsHeld:
    """Every session of this machine: sent after each connect, before any other word about sessions."""

    TYPE: ClassVar = "sessions_held"
    sessions: tuple[HeldSession, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionAttention:
    """What the session is doing, with the evidence. `since` is Unix time on the daemon's clock, for display only."""

    TYPE: ClassVar = "session_attention"
    session_id: str
    attention: Attention
    why: str
    since: float
    evidence: Json = None
