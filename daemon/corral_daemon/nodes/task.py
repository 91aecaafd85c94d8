"""Give a task to an agent or a person, and wait for its end."""

from dataclasses import dataclass

from corral_daemon.nodes.node import Context, node
from corral_protocol.codec import Json
from corral_protocol.json_schema import about
from corral_protocol.nodes import CreateTask
from corral_protocol.vocabulary import Priority


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """The words of POST /api/v1/tasks; what is left out is as it is there."""

    title: str
    spec: str = about("", description="prose for whoever does it")
    type: str = "feature"
    priority: Priority = Priority.NORMAL
    run: Json = about(None, description="how it is done: {kind: agent, agent, prompt}, {kind: command, shell} …")
    structured_spec: Json = about(None, description="contracts, requirements, retries …")
    target_repo: str | None = None
    target_branch: str | None = None
    acceptance_criteria: tuple[str, ...] = ()


@node("task", title="Task", category="agents")
async def task(parameters: Parameters, context: Context) -> CreateTask:
    """Creates a task and waits for its end; puts out {task_id, status, result}. Tried again, it is the same task."""
    words: dict[str, Json] = {
        "title": parameters.title,
        "spec": parameters.spec,
        "type": parameters.type,
        "priority": parameters.priority.value,
        "run": parameters.run,
        "structured_spec": parameters.structured_spec,
        "target_repo": parameters.target_repo,
        "target_branch": parameters.target_branch,
        "acceptance_criteria": list(parameters.acceptance_criteria),
        "client_key": context.idempotency_key[:200],
    }
    return CreateTask(task={name: value for name, value in words.items() if value not in (None, [], "")})
