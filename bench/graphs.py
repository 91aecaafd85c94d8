"""Graphs of tasks as the commands that create them, upstream first."""

from uuid import UUID

from bench.inprocess import ADMIN, new_task
from corral_hub import clock
from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Task
from corral_protocol.vocabulary import DependencyType

Graph = list[cmd.Create]


def chains(count: int, length: int) -> Graph:
    """`count` chains side by side; each task waits for the one before it."""
    made: Graph = []
    ends: list[Task | None] = [None] * count
    for step in range(length):
        for number in range(count):
            task, before = new_task(f"chain {number}, step {step}"), ends[number]
            made.append(_create(task, [before.id] if before else []))
            ends[number] = task
    return made


def fan(width: int) -> Graph:
    """1 → `width` → 1."""
    first, last = new_task("opens"), new_task("closes")
    middle = [new_task(f"fan {number}") for number in range(width)]
    return [
        _create(first, []),
        *(_create(task, [first.id]) for task in middle),
        _create(last, [task.id for task in middle]),
    ]


def _create(task: Task, upstreams: list[UUID]) -> cmd.Create:
    edges = tuple(
        cmd.EdgeDraft(id=clock.new_id(), upstream=upstream, kind=DependencyType.BLOCKS) for upstream in upstreams
    )
    return cmd.Create(task=task, edges=edges, principal=ADMIN)
