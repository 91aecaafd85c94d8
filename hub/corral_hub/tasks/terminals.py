"""The terminal session that a unit of kind `session` runs in. Pure.

It is made with the unit, in one transaction; its machine starts it as part of the unit, not by `session_start`.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from corral_hub.sessions.model import Session
from corral_hub.tasks.model import Task, Unit
from corral_protocol.vocabulary import SessionStatus


def build(task: Task, server_id: UUID | None, id: UUID, now: datetime) -> Session | None:
    """Return the session that the task's next unit runs in, if it runs in one.

    Its name is new each time: the one before may still be closing.
    """
    run = task.machine.run
    if run.kind != "session" or server_id is None:
        return None
    return Session(
        id=id,
        server_id=server_id,
        project_id=task.project_id,
        task_id=task.id,
        name=f"task-{str(task.id)[:8]}-{id.hex[-6:]}",
        status=SessionStatus.STARTING,
        cols=120,
        rows=40,
        framed=True,
        created_by="hub",
        created_at=now,
        updated_at=now,
        agent_type=run.agent,
        repo=task.requirements.repo if run.directory != "scratch" else None,
        worktree=run.directory == "worktree",
        record=True,
    )


def why_never_started(unit: Unit) -> str:
    """Return why a session that was never started will not be: its unit has ended."""
    outcome = unit.outcome
    error = outcome.get("error") if isinstance(outcome, Mapping) else None
    said = error.get("message") if isinstance(error, Mapping) else None
    detail = outcome.get("detail") if isinstance(outcome, Mapping) else None
    return str(said or detail or f"its unit of work is {unit.state.value}")[:4000]
