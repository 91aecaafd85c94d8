"""What a daemon would send, as commands: each message takes the next number of its spool."""

import base64
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from corral_hub.tasks import commands as cmd
from corral_protocol import to_hub
from corral_protocol.outcome import Outcome, UnitError
from corral_protocol.to_hub import Durable
from corral_protocol.vocabulary import ErrorClass, Stream


@dataclass(slots=True)
class Spool:
    """The spool of one server. `task_id` and `epoch` name the unit a message speaks of."""

    server_id: UUID
    id: str = "spool"
    seq: int = 0

    def started(self, task_id: UUID, epoch: int, pid: int = 42) -> cmd.Report:
        return self.report(to_hub.TaskStarted(seq=self.next(), task_id=str(task_id), attempt=1, epoch=epoch, pid=pid))

    def output(self, task_id: UUID, epoch: int, content: bytes, offset: int = 0) -> cmd.Report:
        return self.report(
            to_hub.TaskOutput(
                seq=self.next(),
                task_id=str(task_id),
                attempt=1,
                epoch=epoch,
                stream=Stream.STDOUT,
                offset=offset,
                data=base64.b64encode(content).decode(),
            )
        )

    def planned(self, task_id: UUID, epoch: int, plan: Any) -> cmd.Report:
        return self.report(to_hub.TaskPlan(seq=self.next(), task_id=str(task_id), attempt=1, epoch=epoch, plan=plan))

    def finished(self, task_id: UUID, epoch: int, result: Any = None, error: ErrorClass | None = None) -> cmd.Report:
        failure = UnitError(kind=error, message=f"it was {error.value}") if error else None
        outcome = Outcome(exit_code=1 if error else 0, result=result, error=failure)
        return self.report(
            to_hub.TaskFinished(seq=self.next(), task_id=str(task_id), attempt=1, epoch=epoch, outcome=outcome)
        )

    def declined(self, task_id: UUID, epoch: int, code: str = "no_slot") -> cmd.Report:
        return self.report(
            to_hub.TaskDeclined(
                seq=self.next(), task_id=str(task_id), attempt=1, epoch=epoch, code=code, detail="not here"
            )
        )

    def next(self) -> int:
        self.seq += 1
        return self.seq

    def report(self, message: Durable) -> cmd.Report:
        return cmd.Report(server_id=self.server_id, spool_id=self.id, message=message)
