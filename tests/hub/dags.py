"""Random graphs of tasks as hypothesis strategies, and what must become of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from hypothesis import strategies as st

from corral_hub.tasks import commands as cmd
from corral_hub.tasks.model import Task
from corral_protocol.vocabulary import DependencyType, TaskStatus, UpstreamPolicy
from tests.hub.samples import ADMIN, COMMAND, new_task

BLOCKS, INPUT, RELATED = DependencyType.BLOCKS, DependencyType.INPUT, DependencyType.RELATED


@dataclass(frozen=True, slots=True)
class Node:
    """`ups` are (number of an earlier node, kind of edge)."""

    ups: tuple[tuple[int, DependencyType], ...]
    policy: UpstreamPolicy
    succeeds: bool = True


@st.composite
def dags(draw: st.DrawFn, size: int = 9, failures: bool = False) -> list[Node]:
    """Return nodes in an order in which each depends on earlier ones only."""
    nodes: list[Node] = []
    for number in range(draw(st.integers(1, size))):
        edges = st.tuples(st.integers(0, number - 1), st.sampled_from([BLOCKS, BLOCKS, INPUT, RELATED]))
        ups = draw(st.lists(edges, unique=True, max_size=4)) if number else []
        policy = draw(st.sampled_from(list(UpstreamPolicy))) if failures else UpstreamPolicy.WAIT
        succeeds = draw(st.integers(0, 3)) > 0 if failures else True
        nodes.append(Node(tuple(ups), policy, succeeds))
    return nodes


def task_id(number: int) -> UUID:
    return UUID(int=100 + number)


def creations(nodes: Sequence[Node], run: object = COMMAND) -> Iterator[cmd.Create]:
    """Return the commands that make the graph; node n is the task titled `n`."""
    for number, node in enumerate(nodes):
        edges = tuple(
            cmd.EdgeDraft(
                id=UUID(int=1000 + 100 * number + index),
                upstream=task_id(up),
                kind=kind,
                contract_key="k" if kind is INPUT else None,
            )
            for index, (up, kind) in enumerate(node.ups)
        )
        task = new_task(str(number), id=task_id(number), run=run, on_upstream_failure=node.policy.value)
        yield cmd.Create(task=task, edges=edges, principal=ADMIN)


def expected(nodes: Sequence[Node]) -> list[TaskStatus]:
    """Return how each ends when everything that can run has run, by the rules and nothing else."""
    ends: list[TaskStatus] = []
    without = {
        UpstreamPolicy.WAIT: TaskStatus.PENDING,
        UpstreamPolicy.FAIL: TaskStatus.FAILED,
        UpstreamPolicy.SKIP: TaskStatus.CANCELLED,
    }
    for node in nodes:
        needed = [ends[up] for up, kind in node.ups if kind is not RELATED]
        if any(end in (TaskStatus.FAILED, TaskStatus.CANCELLED) for end in needed):
            ends.append(without[node.policy])
        elif any(end is TaskStatus.PENDING for end in needed):
            ends.append(TaskStatus.PENDING)
        else:
            ends.append(TaskStatus.DONE if node.succeeds else TaskStatus.FAILED)
    return ends


def number_of(task: Task) -> int:
    return int(task.title)
