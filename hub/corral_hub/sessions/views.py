"""Model → the JSON that people and agents read. Pure."""

from collections.abc import Mapping
from typing import Annotated, Any

from typing_extensions import TypedDict

from corral_hub.answers import AnObject, AnyJson, Id, Moment, WordOf
from corral_hub.sessions.model import Session
from corral_hub.text import stamp
from corral_protocol.sessions import SessionScreen
from corral_protocol.vocabulary import Attention, SessionStatus


class AttentionView(TypedDict):
    """What a session is doing, by evidence. `since`: seconds since 1970, on its machine's clock."""

    attention: Annotated[str, WordOf(Attention)]
    why: str
    since: float
    evidence: AnyJson


class SessionView(TypedDict):
    """`output_bytes`: how far its output is; null before there was any. `driver`: who types, null where nobody does.

    `attention` is null until something is known.
    """

    id: Id
    short_id: str
    name: str
    server_id: Id
    server_name: str
    project_id: Id
    task_id: Id | None
    status: Annotated[str, WordOf(SessionStatus)]
    attention: AttentionView | None
    agent_type: str | None
    role: str | None
    argv: list[str]
    working_directory: str | None
    repo: str | None
    worktree: bool
    cols: int
    rows: int
    pid: int | None
    exit_code: int | None
    signal: int | None
    error: str | None
    record: bool
    output_bytes: int | None
    driver: str | None
    watchers: int
    created_by: str
    created_at: Moment
    updated_at: Moment
    started_at: Moment | None
    ended_at: Moment | None


class SessionPage(TypedDict):
    """`next_cursor` is what to give as `cursor` for the next page; null: this is the last one."""

    sessions: list[SessionView]
    next_cursor: str | None


class ScreenView(TypedDict):
    """`cursor`: row and column, both from 0, or nothing. `offset`: so much of the output is in it."""

    session_id: Id
    lines: list[str]
    cols: int
    rows: int
    cursor: list[int]
    title: str | None
    offset: int | None


class SessionEvent(TypedDict):
    """One line of the activity log. What `details` holds depends on the event's type."""

    id: int
    event_type: str
    actor: str
    details: AnObject
    created_at: Moment


class SessionEvents(TypedDict):
    events: list[SessionEvent]
    next: int


class TypedInput(TypedDict):
    """Somebody typed so many bytes, when the output was so far."""

    id: int
    actor: str
    output_offset: int | None
    byte_count: int
    typed_at: Moment


class TypedInputs(TypedDict):
    inputs: list[TypedInput]
    next: int


class HasTyped(TypedDict):
    session_id: Id
    typed: int


def session(item: Session, server_name: str, driver: str | None, watchers: int, head: int | None) -> SessionView:
    """Return a session as everybody sees it. `head`: how far the output is, where somebody watches."""
    return {
        "id": str(item.id),
        "short_id": str(item.id)[:8],
        "name": item.name,
        "server_id": str(item.server_id),
        "server_name": server_name,
        "project_id": str(item.project_id),
        "task_id": str(item.task_id) if item.task_id else None,
        "status": item.status.value,
        "attention": _attention(item.attention),
        "agent_type": item.agent_type,
        "role": item.role,
        "argv": list(item.argv),
        "working_directory": item.working_directory,
        "repo": item.repo,
        "worktree": item.worktree,
        "cols": item.cols,
        "rows": item.rows,
        "pid": item.pid,
        "exit_code": item.exit_code,
        "signal": item.signal,
        "error": item.error,
        "record": item.record,
        "output_bytes": max((n for n in (item.output_bytes, head) if n is not None), default=None),
        "driver": driver,
        "watchers": watchers,
        "created_by": item.created_by,
        "created_at": stamp(item.created_at),
        "updated_at": stamp(item.updated_at),
        "started_at": stamp(item.started_at),
        "ended_at": stamp(item.ended_at),
    }


def _attention(seen: Mapping[str, Any] | None) -> AttentionView | None:
    if seen is None:
        return None
    return {
        "attention": seen["attention"],
        "why": seen["why"],
        "since": seen["since"],
        "evidence": seen.get("evidence"),
    }


def screen(item: Session, seen: SessionScreen) -> ScreenView:
    return {
        "session_id": str(item.id),
        "lines": list(seen.lines),
        "cols": seen.cols if seen.cols is not None else item.cols,
        "rows": seen.rows if seen.rows is not None else item.rows,
        "cursor": list(seen.cursor),
        "title": seen.title,
        "offset": seen.offset,
    }


def event(row: Mapping[str, Any]) -> SessionEvent:
    return {
        "id": row["id"],
        "event_type": row["event_type"],
        "actor": row["actor"],
        "details": row["details"],
        "created_at": stamp(row["created_at"]),
    }


def typed(row: Mapping[str, Any]) -> TypedInput:
    return {
        "id": row["id"],
        "actor": row["actor"],
        "output_offset": row["output_offset"],
        "byte_count": row["byte_count"],
        "typed_at": stamp(row["typed_at"]),
    }
