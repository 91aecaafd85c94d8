"""The wish for a task: it is created once, and its end is the node's."""

import asyncio
from collections import defaultdict
from uuid import UUID

from pydantic import ValidationError

from corral_hub.accounts.model import RunAgent
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import TaskEvent
from corral_hub.errors import Unprocessable
from corral_hub.tasks import bodies
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.actions import Tasks
from corral_hub.tasks.model import Task
from corral_hub.workflows import facts as f
from corral_hub.workflows.fulfil.wanted import Wanted
from corral_protocol.nodes import CreateTask
from corral_protocol.vocabulary import ENDED, ErrorClass, TaskStatus

_ENDED = frozenset(status.value for status in ENDED)


class TaskWishes:
    """Implements fulfiller.Kind. The task's client key is the wish's name."""

    def __init__(self, tasks: Tasks, bus: Bus) -> None:
        self._tasks = tasks
        self._ends: defaultdict[UUID, asyncio.Event] = defaultdict(asyncio.Event)
        bus.subscribe(TaskEvent, self._heard)

    async def fulfil(self, wanted: Wanted, wish: CreateTask) -> f.Completed | f.Failed:
        task_id = await self._create(wanted, wish)
        try:
            return _outcome(wanted, await self._end_of(task_id))
        finally:
            self._ends.pop(task_id, None)

    async def withdraw(self, wanted: Wanted, wish: CreateTask) -> None:
        """What was not created yet is created to be cancelled: so it cannot appear later."""
        task_id = await self._create(wanted, wish)
        reason = f"run {wanted.run_id} does not need it any more"
        await self._tasks.ask(cmd.Cancel(task_id=task_id, principal=_agent(wanted), reason=reason))

    async def _create(self, wanted: Wanted, wish: CreateTask) -> UUID:
        try:
            body = bodies.CreateTaskBody.model_validate({**wish.task, "client_key": wanted.name})
        except ValidationError as error:
            first = error.errors()[0]
            where = "/".join(str(part) for part in first["loc"])
            raise Unprocessable("invalid_task", f"task/{where}: {first['msg']}") from error
        view, _ = await self._tasks.create(_agent(wanted), body)
        return UUID(str(view["id"]))

    async def _end_of(self, task_id: UUID) -> Task:
        ended = self._ends[task_id]
        while True:
            ended.clear()  # before looking: what happens from here on is heard
            found = await self._tasks.queries.get(task_id)
            assert found is not None
            if found[0].status in ENDED:
                return found[0]
            await ended.wait()

    def _heard(self, fact: TaskEvent) -> None:
        if fact.task_id in self._ends and fact.details.get("status") in _ENDED:
            self._ends[fact.task_id].set()


def _agent(wanted: Wanted) -> RunAgent:
    return RunAgent(task_id=wanted.run_id, project_id=wanted.project_id, epoch=0, key=wanted.key)


def _outcome(wanted: Wanted, task: Task) -> f.Completed | f.Failed:
    if task.status is TaskStatus.DONE:
        return wanted.done({"task_id": str(task.id), "status": task.status.value, "result": task.result})
    error = task.error if isinstance(task.error, dict) else {}
    if task.status is TaskStatus.CANCELLED:
        return wanted.failed(ErrorClass.CANCELLED, f"task {task.id} was cancelled")
    kind = str(error.get("class", ""))
    known = ErrorClass(kind) if kind in frozenset(ErrorClass) else ErrorClass.REPORTED
    return wanted.failed(known, f"task {task.id}: {error.get('message', 'it failed')}")
