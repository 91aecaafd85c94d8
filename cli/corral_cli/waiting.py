"""What `wait` makes of the states it sees. Pure."""

from collections.abc import Collection, Mapping, Sequence
from enum import Enum
from typing import Any

from corral_protocol.vocabulary import ENDED, TaskStatus

ASKS_A_PERSON = frozenset({TaskStatus.NEEDS_HUMAN, TaskStatus.PLAN_REVIEW, TaskStatus.REVIEW})
ENDED_WORD = "ended"
"""Stands for done, failed and cancelled in --until."""

_PASSED_BY_DONE = frozenset({TaskStatus.PENDING, TaskStatus.ASSIGNED, TaskStatus.RUNNING})
"""A done task has been through these; polling may have missed it there."""


class Verdict(Enum):
    WAITING = "waiting"
    REACHED = "reached"
    ASKS = "asks"
    MISSED = "missed"


def expand(words: Sequence[str]) -> frozenset[str]:
    """Return the states that `--until` words name; none: done. Raises ValueError for a word that is no state."""
    states: set[str] = set()
    for word in words or (TaskStatus.DONE.value,):
        states.update(ENDED if word == ENDED_WORD else {TaskStatus(word)})
    return frozenset(states)


def judge(status: str, wanted: Collection[str], *, patient: bool = False) -> Verdict:
    """Tell what one task's status means for the wait. `patient`: a pending answer of a person is worth waiting for."""
    if status in wanted or (status == TaskStatus.DONE and _PASSED_BY_DONE & set(wanted)):
        return Verdict.REACHED
    if status in ENDED:
        return Verdict.MISSED
    if status in ASKS_A_PERSON and not patient:
        return Verdict.ASKS
    return Verdict.WAITING


def judge_all(tasks: Sequence[Mapping[str, Any]], wanted: Collection[str], *, patient: bool = False) -> Verdict:
    """Return the verdict on all tasks together: one that missed or asks ends the wait, all must reach."""
    verdicts = [judge(str(task.get("status")), wanted, patient=patient) for task in tasks]
    for verdict in (Verdict.MISSED, Verdict.ASKS, Verdict.WAITING):
        if verdict in verdicts:
            return verdict
    return Verdict.REACHED
