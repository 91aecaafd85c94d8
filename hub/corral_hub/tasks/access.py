"""Who may ask what of a task. Pure.

A person with the admin role may do everything. A machine acts in its project; it does the work of tasks assigned to
it. An agent at work does the work of its own task, while its epoch is the newest, and manages tasks it created.
"""

from uuid import UUID

from corral_hub.accounts.model import Machine, Person, Principal, Role, TaskAgent
from corral_hub.errors import Conflict, Forbidden, NotFound
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Task
from corral_protocol.vocabulary import InterventionType

WORK = frozenset({cmd.Start, cmd.SubmitPlan, cmd.SubmitReview, cmd.Complete, cmd.Fail, cmd.Help})
JUDGEMENT = frozenset({cmd.ApprovePlan, cmd.RevisePlan, cmd.ApproveReview, cmd.ReviseReview, cmd.Retry})
OPEN = frozenset({cmd.AddNote})


def see(principal: Principal, task: Task) -> None:
    """Raise NotFound unless the task exists for this principal: another project's ids are not admitted to exist."""
    if not knows(principal, task.project_id):
        raise NotFound("task_not_found", f"there is no task {task.id}", "corral task list shows the tasks you can see")


def knows(principal: Principal, project_id: UUID | None) -> bool:
    """Whether what belongs to this project (None: to all of them) exists for this principal."""
    scope = None if isinstance(principal, Person) else principal.project_id
    return scope is None or project_id in (None, scope)


def check(principal: Principal, kind: type[cmd.Request], task: Task) -> None:
    """Raise NotFound, Forbidden or Conflict unless `principal` may ask this."""
    see(principal, task)
    match principal:
        case Person(role=role):
            if role is not Role.ADMIN:
                raise Forbidden("role_required", "viewers may look but not change anything", "ask an admin")
        case Machine():
            _check_machine(principal, kind, task)
        case TaskAgent():
            _check_agent(principal, kind, task)


def check_answer(principal: Principal, kind: InterventionType) -> None:
    """Raise Forbidden unless `principal` may answer: an agent may help another, but it approves nothing."""
    if kind is InterventionType.APPROVAL and not isinstance(principal, Person):
        raise Forbidden("person_required", "approvals are given by people", "ask an admin to decide")


def _check_machine(machine: Machine, kind: type[cmd.Request], task: Task) -> None:
    if kind in JUDGEMENT:
        raise Forbidden("person_required", "approvals and retries are decided by people", "ask an admin to decide")
    if kind in WORK and task.assigned_server_id != machine.server_id:
        raise Conflict(
            "not_assigned_to_you",
            f"task {str(task.id)[:8]} is not assigned to server {machine.name}",
            "assign it first: corral task assign",
        )


def _check_agent(agent: TaskAgent, kind: type[cmd.Request], task: Task) -> None:
    own = task.id == agent.task_id
    if kind in JUDGEMENT or (own and kind is cmd.Respond):
        raise Forbidden(
            "person_required", "approvals and answers are given by people", "wait: corral intervention wait"
        )
    if own and task.epoch != agent.epoch:
        raise over(agent, task.epoch)
    if own and kind not in WORK | OPEN:
        raise Forbidden("not_yours_to_manage", "an agent does its task, it does not manage it", "ask: corral task help")
    if not own and kind not in OPEN and (kind in WORK or task.created_by != agent.label):
        raise Forbidden("not_your_task", f"task {str(task.id)[:8]} is another agent's", "leave it a note instead")


def over(agent: TaskAgent, epoch: int) -> Conflict:
    """Return the refusal of an agent whose work has ended or was handed out again; `epoch` is the task's newest."""
    return Conflict(
        "stale_epoch",
        f"this work (epoch {agent.epoch}) is over; the newest is epoch {epoch}; nothing was changed",
        "stop: the work was stopped, has ended, or belongs to another attempt",
        epoch=epoch,
    )
