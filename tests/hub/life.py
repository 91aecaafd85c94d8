"""The life of daemon-run work: small numbers turned into commands about what there is at the moment, good or bad."""

from typing import Any
from uuid import UUID

from corral_hub.errors import Refused
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Unit, UnitState
from corral_protocol.to_hub import HeldUnit
from corral_protocol.vocabulary import ErrorClass, Phase
from tests.hub.body import Body
from tests.hub.dags import BLOCKS, INPUT, RELATED
from tests.hub.reporting import Spool
from tests.hub.samples import ADMIN, agent, ids, new_task, server

HOSTS = [server("anvil", maximum=2), server("bellows", maximum=1)]
SPECS: list[dict[str, Any]] = [
    {},
    {"retry": {"max_attempts": 3, "backoff": 0}},
    {"retry": {"max_attempts": 2, "backoff": 3600}},
    {"on_upstream_failure": "fail"},
    {"on_upstream_failure": "skip", "lost_host": "needs_human"},
    {"require_plan": True},
    {"review": True, "contracts": [{"key": "k", "schema": {"type": "integer"}}]},
]
ERRORS = [ErrorClass.EXIT_NONZERO, ErrorClass.LOST_HOST, ErrorClass.TIMEOUT, ErrorClass.CANCELLED]
GOOD = {"contracts": {"k": 1}}


class Life:
    """`act` decides on a command, `flush` runs those decided on as one batch; `past` is every batch so far."""

    def __init__(self) -> None:
        self.body = Body(*HOSTS)
        self.spools = {host.id: Spool(host.id) for host in HOSTS}
        self.made: list[UUID] = []
        self.batch: list[cmd.Command] = []
        self.past: list[list[cmd.Command]] = []
        self._ids = ids(900_000)

    def unit(self, a: int) -> Unit | None:
        units = [unit for unit in self.body.units.values() if unit.managed]
        return units[-1 - a % len(units)] if units else None

    def task(self, a: int) -> UUID | None:
        return self.made[a % len(self.made)] if self.made else None

    def create(self, a: int, b: int) -> cmd.Command:
        kinds = [BLOCKS, INPUT, RELATED]
        ups = {self.task(a + step * b): kinds[(a + step) % 3] for step in range(b % 3) if self.made}
        task = new_task(str(len(self.made)), id=UUID(int=500 + len(self.made)), **SPECS[a % len(SPECS)])
        edges = tuple(
            cmd.EdgeDraft(id=next(self._ids), upstream=up, kind=kind, contract_key="k" if kind is INPUT else None)
            for up, kind in ups.items()
            if up is not None
        )
        self.made.append(task.id)
        return cmd.Create(task=task, edges=edges, principal=ADMIN)

    def report(self, a: int, b: int) -> cmd.Command | None:
        unit = self.unit(a)
        if unit is None or unit.server_id is None:
            return None
        spool = self.spools[unit.server_id]
        about = unit.task_id, unit.epoch
        match b % 6:
            case 0:
                return spool.started(*about)
            case 1:
                return spool.planned(*about, {"summary": "dig"})
            case 2:
                return spool.declined(*about)
            case 3:
                return spool.finished(*about, error=ERRORS[a % len(ERRORS)])
            case 4:
                return spool.finished(*about, {"contracts": {"k": "not an integer"}})
            case _:
                return spool.finished(*about, GOOD)

    def request(self, a: int, b: int) -> cmd.Command | None:
        id = self.task(a)
        if id is None:
            return None
        open_ones = [item.id for item in self.body.interventions.values() if item.task_id == id]
        requests: list[tuple[type[cmd.Request], dict[str, Any]]] = [
            (cmd.Cancel, {"reason": "x"}),
            (cmd.Retry, {}),
            (cmd.ApprovePlan, {}),
            (cmd.RevisePlan, {"feedback": "x"}),
            (cmd.ApproveReview, {}),
            (cmd.ReviseReview, {"feedback": "x"}),
            (cmd.Respond, {"intervention_id": open_ones[-1] if open_ones else id, "response": "x"}),
            (cmd.Assign, {"server": HOSTS[a % 2].name}),
            (cmd.RemoveDependency, {"key": self.task(b) or id}),
        ]
        kind, arguments = requests[b % len(requests)]
        return kind(task_id=id, principal=ADMIN, **arguments)

    def agents(self, a: int, b: int) -> cmd.Command | None:
        id = self.task(a)
        task = self.body.tasks.get(id) if id else None
        if task is None:
            return None
        requests: list[tuple[type[cmd.Request], dict[str, Any]]] = [
            (cmd.Complete, {"result": GOOD}),
            (cmd.Fail, {"error": "no"}),
            (cmd.SubmitReview, {"result": GOOD}),
            (cmd.SubmitPlan, {"plan": {}}),
            (cmd.Help, {"intervention_id": next(self._ids), "question": "?"}),
        ]
        kind, arguments = requests[b % len(requests)]
        return kind(task_id=task.id, principal=agent(task), **arguments)

    def host(self, a: int, b: int) -> cmd.Command:
        host = HOSTS[a % 2]
        if b % 3 == 0:
            return cmd.LoseServer(server_id=host.id, detail="silent")
        ours = [unit for unit in self.body.units.values() if unit.server_id == host.id and unit.ended_at is None]
        kept = ours[: len(ours) * (b % 3) // 2]
        held = tuple(HeldUnit(task_id=str(unit.task_id), attempt=1, epoch=unit.epoch) for unit in kept)
        return cmd.Reconcile(server_id=host.id, units=held)

    def act(self, name: str, a: int, b: int, flush: bool) -> None:
        if name == "time":
            self.flush()
            self.body.wake(10)
            return
        command: cmd.Command | None = getattr(self, name)(a, b)
        if command is not None:
            self.batch.append(command)
        if flush:
            self.flush()

    def flush(self) -> None:
        if self.batch:
            self.body.run(self.batch)
            self.past.append(self.batch)
            self.batch = []

    # -- everybody behaves ----------------------------------------------------------

    def finish(self) -> None:
        """Answer, approve, retry and finish whatever there is, until nothing moves."""
        self.flush()
        for _ in range(60):
            before = dict(self.body.tasks)
            for unit in [unit for unit in self.body.units.values() if unit.managed and unit.ended_at is None]:
                self._end(unit)
            for task in list(self.body.tasks.values()):
                self._help(task.id)
            self.body.wake()
            if self.body.tasks == before:
                return
        raise AssertionError("it never comes to rest")

    def _end(self, unit: Unit) -> None:
        assert unit.server_id is not None
        spool = self.spools[unit.server_id]
        plans = unit.phase is Phase.PLAN and unit.state is not UnitState.STOPPING
        report = spool.planned if plans else spool.finished
        self.body.run([report(unit.task_id, unit.epoch, GOOD)])

    def _help(self, id: UUID) -> None:
        for item in [item for item in self.body.interventions.values() if item.task_id == id]:
            self._try(cmd.Respond(task_id=id, principal=ADMIN, intervention_id=item.id, response="go on"))
        for kind in (cmd.ApprovePlan, cmd.ApproveReview, cmd.Retry):
            self._try(kind(task_id=id, principal=ADMIN))

    def _try(self, command: cmd.Command) -> None:
        try:
            self.body.ask(command)
        except Refused:
            return  # not its turn
