"""Triggers and wishes, put together: who is told when a run wishes for something, or ends."""

from typing import Any

import asyncpg

from corral_hub.tasks import commands as cmd
from corral_hub.tasks.reactor import Reactor
from corral_hub.triggers.actions import Deployments
from corral_hub.triggers.calls import Calls
from corral_hub.triggers.launcher import Launcher
from corral_hub.triggers.listening import Listener
from corral_hub.triggers.orders import Disarm
from corral_hub.workflows import commands as c
from corral_hub.workflows.engine import Engine
from corral_hub.workflows.fulfil.call_workflow import WorkflowWishes
from corral_hub.workflows.fulfil.callers import Callers, Over
from corral_hub.workflows.fulfil.create_task import TaskWishes
from corral_hub.workflows.fulfil.fulfiller import Fulfiller
from corral_hub.workflows.fulfil.orphans import Orphans
from corral_hub.workflows.fulfil.respond import AnswerWishes
from corral_hub.workflows.live import Live
from corral_protocol.nodes import CallWorkflow, CreateTask, Respond


class TriggerDesk:
    """`parts`: where the hub keeps its parts by name (`app.state`); what routes need is left there."""

    def __init__(
        self,
        parts: Any,
        reactor: Reactor,
        engine: Engine,
        launcher: Launcher,
        pool: asyncpg.Pool,
    ) -> None:
        self._launcher, self._callers = launcher, Callers()
        self._children = WorkflowWishes(parts.workflows, reactor)
        kinds = {
            CreateTask: TaskWishes(parts.tasks, parts.bus),
            CallWorkflow: self._children,
            Respond: AnswerWishes(self._callers),
        }
        self._fulfiller = Fulfiller(reactor, kinds, lambda: engine.runs)
        queries = parts.workflows.queries
        self._listener = Listener(launcher, reactor, parts.tasks.queries, queries, pool, parts.bus)
        self._orphans = Orphans(engine, reactor, pool)
        self._reactor = reactor
        effects = engine.effects
        effects.fulfil, effects.withdraw, effects.ended = self._fulfiller.fulfil, self._fulfiller.withdraw, self._ended
        launcher.look = lambda: reactor.tell(cmd.Look())
        parts.workflows.removed = self._removed
        parts.deployments = Deployments(parts.workflows, reactor, launcher)
        parts.calls = Calls(reactor, queries, self._callers, parts.workflows.vault)

    def start(self) -> None:
        """The first batch lets out the wishes that were open when the hub went down."""
        self._reactor.tell(cmd.Look())
        self._listener.start()
        self._orphans.start()

    async def stop(self) -> None:
        await self._orphans.stop()
        await self._listener.stop()
        await self._fulfiller.stop()

    def _ended(self, live: Live, end: c.End) -> None:
        self._launcher.run_ended(live)
        self._children.run_ended(live)
        self._callers.tell(live.id, Over(end.status.value, dict(end.output)))

    def _removed(self, workflow_id: int, actor: str) -> None:
        if workflow_id in self._launcher.armed:
            self._reactor.tell(Disarm(workflow_id=workflow_id, actor=actor))
