"""The life of a session, as a table and one pure function; and what to repair once a machine has said what it holds."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from corral_hub.errors import Conflict
from corral_hub.sessions.model import LIVE, Session
from corral_protocol.sessions import HeldSession
from corral_protocol.vocabulary import Attention, SessionStatus

S = SessionStatus
_OVER = frozenset({Attention.FINISHED.value, Attention.DEAD.value})


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """Its process exists; said again after every connect."""

    pid: int | None = None
    tmux_name: str | None = None
    working_directory: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotStarted:
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    exit_code: int | None = None
    signal: int | None = None
    output_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vanished:
    """Its machine does not have it, and nobody saw it end."""

    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resized:
    cols: int
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Noticed:
    """What it is doing, with the evidence."""

    attention: Mapping[str, Any] = field(default_factory=dict[str, Any])


SessionEvent = Started | NotStarted | Ended | Vanished | Resized | Noticed

LEGAL: Final[Mapping[type[SessionEvent], frozenset[SessionStatus]]] = {
    Started: LIVE,
    NotStarted: frozenset({S.STARTING}),
    Ended: LIVE,
    Vanished: LIVE,
    Resized: LIVE,
    Noticed: LIVE,
}

WORD: Final[Mapping[type[SessionEvent], str]] = {
    Started: "started",
    NotStarted: "failed",
    Ended: "closed",
    Vanished: "lost",
    Resized: "resized",
    Noticed: "attention",
}
"""How the activity log (`session_…`) and `session_event` call it."""


def is_legal(session: Session, event: SessionEvent) -> bool:
    return session.status in LEGAL[type(event)]


def step(session: Session, event: SessionEvent, now: datetime) -> Session:
    """Return the session after `event`; the same one where it changes nothing. Raises Conflict(session_ended)."""
    if not is_legal(session, event):
        raise Conflict(
            "session_ended",
            f"session {session.name} is {session.status.value}; it cannot be {WORD[type(event)]}",
            "corral session list shows those that run",
            status_now=session.status.value,
        )
    changed = replace(session, **_STEPS[type(event)](session, event, now))
    return session if changed == session else replace(changed, updated_at=now)


Changes = Mapping[str, Any]


def _started(session: Session, event: Started, now: datetime) -> Changes:
    return {
        "status": S.RUNNING,
        "request": None,
        "started_at": session.started_at or now,
        "pid": event.pid if event.pid is not None else session.pid,
        "tmux_name": event.tmux_name or session.tmux_name,
        "working_directory": event.working_directory or session.working_directory,
    }


def _not_started(_: Session, event: NotStarted, now: datetime) -> Changes:
    over = _over(None, "could not be started", now)
    return {"status": S.FAILED, "request": None, "error": event.error, "ended_at": now, "attention": over}


def _ended(session: Session, event: Ended, now: datetime) -> Changes:
    return {
        "status": S.CLOSED,
        "request": None,
        "exit_code": event.exit_code,
        "signal": event.signal,
        "output_bytes": event.output_bytes if event.output_bytes is not None else session.output_bytes,
        "ended_at": now,
        "attention": _said_over(session) or _over(event.exit_code, _how(event), now),
    }


def _vanished(session: Session, event: Vanished, now: datetime) -> Changes:
    over = _said_over(session) or _over(None, event.detail, now)
    return {"status": S.LOST, "request": None, "error": event.detail, "ended_at": now, "attention": over}


def _said_over(session: Session) -> Mapping[str, Any] | None:
    """What its machine said of the end, which knows better since when."""
    known = session.attention
    return known if known is not None and known.get("attention") in _OVER else None


def _over(exit_code: int | None, why: str, now: datetime) -> Mapping[str, Any]:
    """What an ended session is doing; its machine need not have judged, nor been there."""
    attention = Attention.FINISHED if exit_code == 0 else Attention.DEAD
    return {"attention": attention.value, "why": why, "since": now.timestamp(), "evidence": {"by": "end"}}


def _how(event: Ended) -> str:
    if event.exit_code is not None:
        return f"ended with exit code {event.exit_code}"
    return "is over" if event.signal is None else f"was ended by signal {event.signal}"


def _resized(_: Session, event: Resized, now: datetime) -> Changes:
    return {"cols": event.cols, "rows": event.rows}


def _noticed(session: Session, event: Noticed, now: datetime) -> Changes:
    """A new daemon has seen nothing of what was before it: where nothing was printed since, the older word holds."""
    before = session.attention
    if before is None or _as_of(before) is None or _as_of(before) != _as_of(event.attention):
        return {"attention": event.attention}
    return {"attention": {**event.attention, "since": min(before["since"], event.attention["since"])}}


def _as_of(attention: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """What was believed, why, and up to which byte of output; None if that was not said."""
    evidence = attention.get("evidence")
    offset = evidence.get("offset") if isinstance(evidence, dict) else None
    return None if offset is None else (attention.get("attention"), attention.get("why"), offset)


_STEPS: Final[Mapping[type[SessionEvent], Callable[[Session, Any, datetime], Changes]]] = {
    Started: _started,
    NotStarted: _not_started,
    Ended: _ended,
    Vanished: _vanished,
    Resized: _resized,
    Noticed: _noticed,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """`changes` are committed first, then `forget` is said. `missing`: running here, and not there."""

    changes: tuple[tuple[Session, SessionEvent], ...]
    forget: tuple[str, ...]
    again: tuple[Session, ...]
    missing: tuple[Session, ...]


def reconcile(held: Iterable[HeldSession], rows: Iterable[Session]) -> Repair:
    """Compare what a machine holds with the live sessions it should have.

    What ended is closed and may then be forgotten; so is everything the hub does not know as live. A session that
    should be starting is started again: for one that exists, that changes nothing. One without a request is started
    by whoever made it, with the unit of work that it belongs to.
    """
    live = {str(row.id): row for row in rows if row.live}
    there = {item.session_id: item for item in held}
    known = [(live[id], item) for id, item in there.items() if id in live]
    return Repair(
        changes=tuple((row, _as_event(item)) for row, item in known),
        forget=tuple(id for id, item in there.items() if item.ended or id not in live),
        again=tuple(
            row for id, row in live.items() if id not in there and row.status is S.STARTING and row.request is not None
        ),
        missing=tuple(row for id, row in live.items() if id not in there and row.status is S.RUNNING),
    )


def _as_event(item: HeldSession) -> SessionEvent:
    if item.ended:
        return Ended(exit_code=item.exit_code, signal=item.signal, output_bytes=item.offset)
    return Started(pid=item.pid)
