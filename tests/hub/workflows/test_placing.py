"""Nodes that wait for a machine: placed in order, and held up only by those that ask the same."""

from collections import Counter
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from corral_hub import clock
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import ServerView
from corral_hub.workflows import placing
from corral_hub.workflows.commands import Execute
from corral_hub.workflows.live import Live, Place
from corral_hub.workflows.placing import Placing
from corral_hub.workflows.run import Run
from corral_protocol.capabilities import Capabilities, NodeManifest
from tests.hub.samples import PROJECT
from tests.hub.workflows.playing import graph_of

KINDS = ("red", "green", "blue")
GRAPH = graph_of(*({"id": kind, "type": kind} for kind in KINDS))
MACHINES = {UUID(int=1): {"red", "green"}, UUID(int=2): {"green"}}
"""Nobody has blue."""

moves = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.sampled_from(KINDS), st.integers(0, 40)),
        st.tuples(st.just("release"), st.sampled_from(KINDS), st.integers(0, 40)),
        st.tuples(st.just("settle"), st.just(""), st.just(0)),
    ),
    max_size=60,
)


def fleet() -> Fleet:
    made = Fleet()
    for id, kinds in MACHINES.items():
        nodes = tuple(NodeManifest(type=kind) for kind in sorted(kinds))
        made.put(ServerView(id=id, name=str(id), version=1, maximum=1, capabilities=Capabilities(nodes=nodes)))
    return made


def run_of(number: int) -> Live:
    return Live(
        id=UUID(int=number), workflow_id=1, version=1, project_id=PROJECT, graph=GRAPH, run=Run(id=str(number)),
        started_by="ada", created_at=clock.now(),
    )  # fmt: skip


def execute(kind: str) -> Execute:
    return Execute(key=kind, node_id=kind, attempt=1, parameters={}, inputs={}, parts=(), idempotency_key="k")


class Plain:
    """What Placing promises, written down without lines: everybody is looked at, one after the other."""

    def __init__(self) -> None:
        self.queue: dict[Place, None] = {}
        self.at: dict[Place, UUID] = {}

    def put(self, place: Place) -> None:
        self.queue.pop(place, None)
        self.queue[place] = None

    def release(self, place: Place) -> None:
        self.queue.pop(place, None)
        self.at.pop(place, None)

    def settle(self) -> list[tuple[Place, UUID]]:
        placed: list[tuple[Place, UUID]] = []
        for place in list(self.queue):
            load = Counter(self.at.values())
            able = [id for id, kinds in MACHINES.items() if place[1] in kinds and load[id] < placing.MOST]
            if able:
                del self.queue[place]
                self.at[place] = min(able, key=lambda id: load[id])
                placed.append((place, self.at[place]))
        return placed


@given(moves, st.integers(1, 4))
def test_it_places_what_a_look_at_everybody_would(steps: list[tuple[str, str, int]], most: int) -> None:
    before, placing.MOST = placing.MOST, most
    try:
        ours, plain = Placing(fleet()), Plain()
        for what, kind, number in steps:
            place = (UUID(int=number), kind)
            if what == "put" and place not in plain.at:
                ours.put(run_of(number), execute(kind))
                plain.put(place)
            elif what == "release":
                ours.release(place)
                plain.release(place)
            elif what == "settle":
                placed = [((live.id, command.key), server) for live, command, server in ours.settle()]
                assert placed == plain.settle()
            assert list(ours.queue) == list(plain.queue)
            assert {at: server for at, (server, _) in ours.at.items()} == plain.at
    finally:
        placing.MOST = before


def test_thousands_that_nobody_can_take_are_looked_at_once() -> None:
    ours = Placing(fleet())
    asked: list[str] = []
    choose = ours._choose
    ours._choose = lambda wanted: asked.append(wanted.requirements.nodes[0]) or choose(wanted)  # type: ignore[method-assign]
    for number in range(5000):
        ours.put(run_of(number), execute("blue"))
    ours.put(run_of(1), execute("red"))
    assert [command.key for _, command, _ in ours.settle()] == ["red"]
    assert asked == ["blue", "red"]
