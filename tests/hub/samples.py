"""Values of the hub's pure core for tests: tasks, servers, principals, and ids that are the same in every run."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

from corral_hub.accounts.model import Machine, Person, Role, TaskAgent
from corral_hub.dispatch.model import ServerView
from corral_hub.tasks.draft import Draft, build
from corral_hub.tasks.model import Policy, Task
from corral_protocol.capabilities import Capabilities

NOW = datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)
PROJECT = UUID(int=1)
ELSEWHERE = UUID(int=2)
"""Another project."""

ADMIN = Person(id=UUID(int=3), email="ada@example.com", role=Role.ADMIN)
VIEWER = Person(id=UUID(int=4), email="vic@example.com", role=Role.VIEWER)
COMMAND = {"kind": "command", "argv": ["true"]}

_numbers = count(1000)


def new_id() -> UUID:
    """Return an id nobody has had in this process. Not random, so that hypothesis can shrink."""
    return UUID(int=next(_numbers))


def ids(start: int = 10_000) -> Iterator[UUID]:
    return (UUID(int=number) for number in count(start))


def new_task(
    title: str = "a task",
    *,
    id: UUID | None = None,
    project_id: UUID = PROJECT,
    policy: Policy | None = None,
    run: Any = COMMAND,
    created_by: str = ADMIN.label,
    now: datetime = NOW,
    client_key: str | None = None,
    target_repo: str | None = None,
    **spec: Any,
) -> Task:
    """Return a pending task as `build` makes it; `spec` are the keys of structured_spec."""
    draft = Draft(
        title=title,
        project_id=project_id,
        structured_spec=spec,
        run=run,
        client_key=client_key,
        target_repo=target_repo,
    )
    asked = {"title": title, "structured_spec": spec, "client_key": client_key}
    return build(draft, policy or Policy(), id or new_id(), created_by, now, asked)


def by_hand(title: str = "by hand", **arguments: Any) -> Task:
    """Return a task that dispatch leaves alone."""
    return new_task(title, run=None, **arguments)


def server(name: str = "anvil", *, id: UUID | None = None, maximum: int = 1, **changes: Any) -> ServerView:
    """Return a connected server; what is not a field of ServerView is a capability."""
    fields = ServerView.__dataclass_fields__
    abilities = {key: value for key, value in changes.items() if key not in fields}
    view = ServerView(
        id=id or new_id(),
        name=name,
        version=1,
        capabilities=Capabilities(max_concurrent=maximum, **abilities),
        maximum=maximum,
    )
    return replace(view, **{key: value for key, value in changes.items() if key in fields})


def machine(view: ServerView) -> Machine:
    return Machine(server_id=view.id, name=view.name, project_id=view.project_id)


def agent(task: Task) -> TaskAgent:
    """Return the agent at work on the task's newest unit."""
    return TaskAgent(task_id=task.id, project_id=task.project_id, epoch=task.epoch)
