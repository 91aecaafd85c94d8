"""Tasks that end are events of the workflows that wait for them.

News on the bus comes after the commit, and is lost if the hub dies in between. So after each start the activity log is
read from where a trigger's own mark stands: what ends while a trigger is armed begins exactly one run of it, whose id
follows from the task and the moment.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

import asyncpg
import orjson
import structlog

from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import TaskEvent
from corral_hub.errors import Refused
from corral_hub.tasks.model import Task
from corral_hub.tasks.queries import TaskQueries
from corral_hub.tasks.reactor import Reactor
from corral_hub.triggers.launcher import Launcher
from corral_hub.triggers.model import Deployment, EndedTask, TaskEnd, Trigger, TriggerKind
from corral_hub.triggers.orders import Fire
from corral_hub.workflows.fulfil.names import read_name
from corral_hub.workflows.queries import WorkflowQueries
from corral_hub.workflows.run import split_key
from corral_protocol.vocabulary import TaskStatus

log = structlog.get_logger()
STATUS = {TaskStatus.DONE.value: "completed", TaskStatus.FAILED.value: "error"}
OVERLAP = timedelta(seconds=10)
"""Lines of the log that were committed later than they are dated."""
PAGE = 1000
MISSED = """
    select id, task_id, created_at, details from activity_log
    where project_id = $1 and id < $2 and task_id is not null order by id desc limit $3"""


class Listener:
    def __init__(
        self,
        launcher: Launcher,
        reactor: Reactor,
        tasks: TaskQueries,
        runs: WorkflowQueries,
        pool: asyncpg.Pool,
        bus: Bus,
    ) -> None:
        self._launcher = launcher
        self._reactor = reactor
        self._tasks = tasks
        self._runs = runs
        self._pool = pool
        self._at_work: set[asyncio.Task[None]] = set()
        bus.subscribe(TaskEvent, self._heard)

    def start(self) -> None:
        self._spawn(self._catch_up())

    async def stop(self) -> None:
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)

    def _heard(self, fact: TaskEvent) -> None:
        status = fact.details.get("status")
        if status in STATUS and fact.details.get("was") != status and any(self._armed(fact.project_id)):
            self._spawn(self._ended(fact.task_id, fact.at))

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    def _armed(self, project_id: UUID) -> Iterable[tuple[Deployment, Trigger]]:
        for deployment in self._launcher.armed.values():
            if deployment.project_id == project_id:
                for trigger in deployment.of(TriggerKind.TASK):
                    yield deployment, trigger

    async def _ended(self, task_id: UUID, at: datetime) -> None:
        try:
            found = await self._tasks.get(task_id)
            if found is None or found[0].status.value not in STATUS:
                return  # it is tried again
            ended = read_end(found[0], found[1], await self._maker(found[0]))
            for deployment, trigger in list(self._armed(found[0].project_id)):
                minds = isinstance(trigger.settings, TaskEnd) and trigger.settings.minds(ended)
                if minds and trigger.seen is not None and at > trigger.seen:
                    await self._fire(deployment, trigger, ended, at)
        except Refused as refusal:
            log.warning("task_trigger_refused", task=str(task_id), why=refusal.detail)
        except Exception:
            log.exception("task_trigger_failed", task=str(task_id))

    async def _fire(self, deployment: Deployment, trigger: Trigger, ended: EndedTask, at: datetime) -> None:
        run_id = uuid5(deployment.id, f"{trigger.node_id}@{ended.task_id}@{at.isoformat()}")
        if await self._runs.run(run_id) is None:
            order = Fire(
                workflow_id=deployment.workflow_id, node_id=trigger.node_id, run_id=run_id, payload=ended.payload()
            )
            await self._reactor.ask(order)

    async def _maker(self, task: Task) -> tuple[int, str] | None:
        """Return the workflow and the node that wished for the task."""
        run_id, key = read_name(task.client_key)
        row = await self._runs.run(run_id) if run_id is not None else None
        return (row["workflow_id"], split_key(key)[0]) if row is not None else None

    async def _catch_up(self) -> None:
        """Read what ended while the hub was down, or died before it could say so."""
        since: dict[UUID, datetime] = {}
        for deployment in self._launcher.armed.values():
            for trigger in deployment.of(TriggerKind.TASK):
                mark = trigger.fired_at or trigger.seen or deployment.changed_at
                since[deployment.project_id] = min(mark, since.get(deployment.project_id, mark))
        for project_id, mark in since.items():
            for task_id, at in await self._missed(project_id, mark - OVERLAP):
                await self._ended(task_id, at)

    async def _missed(self, project_id: UUID, since: datetime) -> list[tuple[UUID, datetime]]:
        """Return the ends of tasks since then, oldest first: the log is read from its end, a page at a time."""
        found: list[tuple[UUID, datetime]] = []
        before = 2**62
        while rows := await self._pool.fetch(MISSED, project_id, before, PAGE):
            for row in rows:
                if row["created_at"] < since:
                    return found[::-1]
                if orjson.loads(row["details"]).get("status") in STATUS:
                    found.append((row["task_id"], row["created_at"]))
            before = rows[-1]["id"]
        return found[::-1]


def read_end(task: Task, server: str | None, maker: tuple[int, str] | None) -> EndedTask:
    run = task.machine.run
    return EndedTask(
        task_id=str(task.id),
        status=STATUS[task.status.value],
        agent_name=run.agent if run.kind == "agent" else server,
        parent_node_id=maker[1] if maker is not None else None,
        workflow_id=maker[0] if maker is not None else None,
        result=task.result,
        error=task.error,
    )
