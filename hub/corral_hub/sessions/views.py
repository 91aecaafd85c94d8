"""Model → the JSON that people and agents read. Pure."""

from collections.abc import Mapping
from typing import Any

from corral_hub.sessions.model import Session
from corral_hub.text import stamp
from corral_protocol.sessions import SessionScreen

View = dict[str, Any]


def session(item: Session, server_name: str, driver: str | None, watchers: int, head: int | None) -> View:
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
        "attention": item.attention,
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


def screen(item: Session, seen: SessionScreen) -> View:
    return {
        "session_id": str(item.id),
        "lines": list(seen.lines),
        "cols": seen.cols if seen.cols is not None else item.cols,
        "rows": seen.rows if seen.rows is not None else item.rows,
        "cursor": list(seen.cursor),
        "title": seen.title,
        "offset": seen.offset,
    }


def event(row: Mapping[str, Any]) -> View:
    return {
        "id": row["id"],
        "event_type": row["event_type"],
        "actor": row["actor"],
        "details": row["details"],
        "created_at": stamp(row["created_at"]),
    }


def typed(row: Mapping[str, Any]) -> View:
    return {
        "id": row["id"],
        "actor": row["actor"],
        "output_offset": row["output_offset"],
        "byte_count": row["byte_count"],
        "typed_at": stamp(row["typed_at"]),
    }
