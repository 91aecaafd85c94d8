"""What somebody asks for → a session that is about to start, and the message that starts it. Pure."""

from datetime import datetime
from uuid import UUID

from corral_hub.sessions.model import Draft, Place, Session
from corral_protocol.recordings import SIZE_LIMIT
from corral_protocol.sessions import SessionStart
from corral_protocol.vocabulary import SessionStatus


def build(draft: Draft, place: Place, id: UUID, by: str, now: datetime) -> Session:
    return Session(
        id=id, server_id=place.server_id, project_id=place.project_id, task_id=place.task_id, framed=place.framed,
        created_by=by,
        created_at=now, updated_at=now, status=SessionStatus.STARTING, cols=draft.cols, rows=draft.rows,
        name=draft.name or f"{draft.agent_type or draft.role or 'shell'}-{str(id)[:6]}",
        agent_type=draft.agent_type, role=draft.role, argv=draft.argv, working_directory=draft.working_directory,
        repo=draft.repo, worktree=draft.worktree, record=draft.record and place.records,
        request={
            "env": dict(draft.env), "prompt": draft.prompt, "token": draft.token, "secrets": list(draft.secrets),
            "record_limit": draft.record_limit,
        },
    )  # fmt: skip


def start_message(session: Session) -> SessionStart:
    """Return what starts it; sent again, it changes nothing where the session exists."""
    request = session.request or {}
    return SessionStart(
        session_id=str(session.id), working_directory=session.working_directory, cols=session.cols,
        rows=session.rows, project_id=str(session.project_id), agent_type=session.agent_type, role=session.role,
        name=session.name, task_id=str(session.task_id) if session.task_id else None, argv=session.argv,
        env=request.get("env") or {}, repo=session.repo, worktree=session.worktree, prompt=request.get("prompt"),
        token=request.get("token"), secrets=tuple(request.get("secrets") or ()),
        record=session.record, record_limit=request.get("record_limit") or SIZE_LIMIT,
    )  # fmt: skip


def needs_framed(draft: Draft) -> list[str]:
    """Return the parts of a draft that an older agent, which starts login shells only, would pass over."""
    return [name for name in ("argv", "env", "repo", "worktree", "prompt") if getattr(draft, name)]
