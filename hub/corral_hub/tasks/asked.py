"""Commands that wait for their answer, and how they get it."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import structlog

from corral_hub.errors import Unavailable
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.ledger import Ledger
from corral_hub.tasks.model import Task
from corral_hub.tasks.requests import Rejected

log = structlog.get_logger()


@dataclass(slots=True)
class Asked:
    command: cmd.Command
    answer: asyncio.Future[Any]


def refuse(batch: Iterable[Asked], error: BaseException) -> None:
    for asked in batch:
        if not asked.answer.done():
            asked.answer.set_exception(error)


def final(ledger: Ledger, answer: Any) -> Any:
    """Return the answer with tasks as they stand at the end of the batch: dispatch came after the decision."""
    if isinstance(answer, Task):
        return ledger.tasks[answer.id]
    if type(answer) is tuple:  # of several; a named one is a value of its own
        return tuple(final(ledger, part) for part in answer)
    return answer


def resolve(future: asyncio.Future[Any], answer: Any) -> None:
    if future.done():
        return
    if isinstance(answer, Rejected):
        future.set_exception(answer.error)
    else:
        future.set_result(answer)


def log_refusal(future: asyncio.Future[Any]) -> None:
    if not future.cancelled() and (error := future.exception()) is not None:
        log.warning("command_refused", error=str(error))


def insist(submit: Callable[[cmd.Command], asyncio.Future[Any]], command: cmd.Command) -> None:
    """Submit what must not be lost, and may be decided twice: again, if the database went away before it answered."""

    def look(done: asyncio.Future[Any]) -> None:
        error = None if done.cancelled() else done.exception()
        if isinstance(error, Unavailable) and error.code == "database_unavailable":
            insist(submit, command)
        else:
            log_refusal(done)

    submit(command).add_done_callback(look)
