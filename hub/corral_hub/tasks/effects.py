"""What leaves the hub after a commit: hand-outs and pushes to daemons, facts to whoever listens. It decides nothing."""

from collections.abc import Callable
from typing import Any, Protocol
from uuid import UUID

from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import OutputStored, TaskEvent
from corral_hub.sessions.model import Session
from corral_hub.tasks.ledger import Ledger
from corral_hub.tasks.model import Task, Unit
from corral_protocol.to_daemon import TaskAssigned, ToDaemon
from corral_protocol.vocabulary import Phase


class Links(Protocol):
    """The way to the daemons. Both calls return at once; what cannot be sent is repaired when the daemon returns."""

    def send(self, server_id: UUID, message: ToDaemon) -> None: ...
    def flush(self, server_id: UUID) -> None: ...


class Stages(Protocol):
    """The living sessions in memory, told of what this commit did to their rows."""

    def adopt(self, session: Session) -> None: ...
    def orphaned(self, session_id: UUID) -> None: ...


class Effects:
    """Called by the reactor with each committed ledger."""

    def __init__(self, bus: Bus, links: Links, token: Callable[[Task, Unit], str], stages: Stages) -> None:
        self._bus = bus
        self._links = links
        self._token = token
        self._stages = stages

    def __call__(self, ledger: Ledger) -> None:
        for session in ledger.new_sessions.values():
            self._stages.adopt(session)
        for session_id in ledger.orphans:
            self._stages.orphaned(session_id)
        for handout in ledger.handouts:
            task, unit = handout.task, handout.unit
            if unit.server_id is not None:
                message = assigned(task, unit, self._token(task, unit), ledger.inputs.get(task.id))
                self._links.send(unit.server_id, message)
        for push in ledger.pushes:
            if not push.durable:
                self._links.send(push.server_id, push.message)
        for server_id in {push.server_id for push in ledger.pushes if push.durable}:
            self._links.flush(server_id)
        self._publish(ledger)

    def _publish(self, ledger: Ledger) -> None:
        for line in ledger.log:
            if line.task is not None:
                self._bus.publish(
                    TaskEvent(
                        event_type=line.event_type,
                        project_id=line.task.project_id,
                        task_id=line.task.id,
                        actor=line.actor,
                        at=ledger.now,
                        details=line.details,
                    )
                )
        for chunk, task, server_id in ledger.outputs:
            self._bus.publish(
                OutputStored(
                    project_id=task.project_id,
                    task_id=task.id,
                    server_id=server_id,
                    stream=chunk.stream,
                    content=chunk.content,
                )
            )


def assigned(task: Task, unit: Unit, token: str, inputs: dict[str, Any] | None) -> TaskAssigned:
    """Return the seed's `task_assigned`, with attempt, epoch and phase. Pure."""
    return TaskAssigned(
        task_id=str(task.id),
        title=task.title,
        spec=task.spec,
        structured_spec=_spec(task),
        resolved_inputs=inputs,
        require_plan=unit.phase is Phase.PLAN,
        attempt=unit.attempt,
        epoch=unit.epoch,
        phase=unit.phase,
        project_id=str(task.project_id),
        token=token,
        target_repo=task.target_repo,
        target_branch=task.target_branch,
        feedback=task.feedback,
        plan=task.plan if unit.phase is Phase.EXECUTE else None,
        priority=task.priority.value,
        session_id=str(unit.session_id) if unit.session_id else task.target_session_name,
    )


def _spec(task: Task) -> dict[str, Any]:
    """Return what the agent reads: the specification, and when the work counts as done."""
    if not task.acceptance_criteria:
        return dict(task.structured_spec)
    return {"acceptance_criteria": list(task.acceptance_criteria), **task.structured_spec}
