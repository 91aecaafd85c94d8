"""Placing against its plain definition: the oldest that any machine can take goes first, and nobody holds it up."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from corral_hub.workflows.commands import Execute
from corral_hub.workflows.live import Live
from corral_hub.workflows.placing import Placing
from corral_hub.workflows.run import Run
from tests.hub.samples import PROJECT
from tests.hub.workflows.playing import graph_of

KINDS = ("red", "green", "blue")
GRAPH = graph_of(*({"id": kind, "type": kind} for kind in KINDS))
LIVE = Live(
    id=UUID(int=5), workflow_id=1, version=1, project_id=PROJECT, graph=GRAPH, run=Run(id="5"), started_by="test",
    created_at=None,  # type: ignore[arg-type]
)  # fmt: skip


class Yard:
    """A machine for each kind, with room for so many nodes. Blue work has none."""

    def __init__(self, room: Mapping[str, int]) -> None:
        self.room = room

    def lightest(self, wanted: Any, in_hand: Counter[UUID], most: int) -> UUID | None:
        (kind,) = wanted.requirements.nodes
        machine = UUID(int=KINDS.index(kind))
        return machine if in_hand[machine] < self.room.get(kind, 0) else None


def execute(kind: str, number: int) -> Execute:
    return Execute(
        key=f"{kind}[{number}]", node_id=kind, attempt=1, parameters={}, inputs={}, parts=(), idempotency_key="k"
    )


steps = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(KINDS)),
        st.tuples(st.just("release"), st.integers(0, 30)),
        st.tuples(st.just("settle"), st.none()),
    ),
    max_size=60,
)


@given(steps, st.integers(0, 3), st.integers(0, 3))
def test_the_oldest_that_can_go_goes(ops: list[tuple[str, Any]], red: int, green: int) -> None:
    room = {"red": red, "green": green}
    placing = Placing(Yard(room))  # type: ignore[arg-type]
    waiting: list[Execute] = []
    placed: list[Execute] = []
    every: list[Execute] = []
    for what, argument in ops:
        if what == "put":
            every.append(execute(argument, len(every)))
            waiting.append(every[-1])
            placing.put(LIVE, every[-1])
        elif what == "release" and argument < len(every):
            gone = every[argument]
            assert (placing.release((LIVE.id, gone.key)) is not None) == (gone in placed)
            waiting = [one for one in waiting if one is not gone]
            placed = [one for one in placed if one is not gone]
        elif what == "settle":
            taken: list[Execute] = []
            for one in waiting:
                if sum(held.node_id == one.node_id for held in placed + taken) < room.get(one.node_id, 0):
                    taken.append(one)
            assert [found for _, found, _ in placing.settle()] == taken
            placed += taken
            waiting = [one for one in waiting if one not in taken]
        assert set(placing.queue) == {(LIVE.id, one.key) for one in waiting}
        assert set(placing.at) == {(LIVE.id, one.key) for one in placed}
