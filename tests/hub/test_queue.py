"""The ready queue: most urgent first, then oldest first; work nobody can take never blocks work behind it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.dispatch import fleet as module
from corral_hub.dispatch.fleet import Fleet
from corral_hub.dispatch.model import Wanted
from corral_hub.dispatch.queue import RANK, ReadyQueue
from corral_protocol.run import Requirements
from corral_protocol.vocabulary import Priority
from tests.hub.fleets import fleet_of, fleets, wanteds
from tests.hub.samples import NOW, PROJECT, server

ANYWHERE = Wanted(requirements=Requirements(), project_id=PROJECT)
NOWHERE = Wanted(requirements=Requirements(repo="nobody has it"), project_id=PROJECT)


def test_what_nobody_can_run_is_judged_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many kinds of it there are: more than are remembered otherwise."""
    judged: list[Wanted] = []
    real = module.standing
    monkeypatch.setattr(module, "standing", lambda wanted, server: judged.append(wanted) or real(wanted, server))
    fleet, queue = roomy(), ReadyQueue()
    for number in range(3 * module.MAX_RANKINGS):
        odd = Wanted(requirements=Requirements(repo=f"nobody has it: {number}"), project_id=PROJECT)
        queue.put(UUID(int=number), odd, Priority.NORMAL, moment(number))
    for _ in range(3):
        assert queue.pick(fleet) is None
    assert len(judged) == 3 * module.MAX_RANKINGS
    fleet.put(server("bellows"))
    assert queue.pick(fleet) is None
    assert len(judged) > 3 * module.MAX_RANKINGS, "a new machine is held against all of it"


def moment(number: int) -> datetime:
    return NOW + timedelta(seconds=number)


def roomy() -> Fleet:
    return fleet_of([server("anvil", maximum=1000)])


@dataclass
class Model:
    """What the queue promises, by looking at everything each time."""

    ready: dict[UUID, tuple[Wanted, tuple[int, datetime, UUID]]] = field(default_factory=dict)
    later: dict[UUID, tuple[datetime, Wanted, tuple[int, datetime, UUID]]] = field(default_factory=dict)

    def pick(self, fleet: Fleet) -> UUID | None:
        able = [order for wanted, order in self.ready.values() if fleet.choose(wanted) is not None]
        return min(able)[2] if able else None

    def forget(self, id: UUID) -> None:
        self.ready.pop(id, None)
        self.later.pop(id, None)

    def wake(self, now: datetime) -> None:
        for id in [id for id, (at, _, _) in self.later.items() if at <= now]:
            _, wanted, order = self.later.pop(id)
            self.ready[id] = (wanted, order)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "put", "later", "wake", "discard", "pick", "pick", "free"]),
        st.integers(0, 8),
        wanteds,
        st.sampled_from(list(Priority)),
        st.integers(0, 5),
    ),
    max_size=40,
)


@given(fleets, STEPS)
def test_any_sequence_picks_what_the_model_picks(
    views: list[object], steps: list[tuple[str, int, Wanted, Priority, int]]
) -> None:
    fleet, queue, model = fleet_of(views), ReadyQueue(), Model()  # type: ignore[arg-type]
    for name, number, wanted, priority, age in steps:
        _take_step(fleet, queue, model, name, UUID(int=number), wanted, priority, moment(age))
        assert len(queue) == len(model.ready)
        assert {UUID(int=n) for n in range(9) if UUID(int=n) in queue} == set(model.ready)
        assert queue.next_wake() == min((at for at, _, _ in model.later.values()), default=None)


def _take_step(
    fleet: Fleet, queue: ReadyQueue, model: Model, name: str, id: UUID, wanted: Wanted, priority: Priority, at: datetime
) -> None:
    order = (RANK[priority], at, id)
    match name:
        case "put":
            queue.put(id, wanted, priority, at)
            model.forget(id)
            model.ready[id] = (wanted, order)
        case "later":
            queue.put_later(at, id, wanted, priority, at)
            model.forget(id)
            model.later[id] = (at, wanted, order)
        case "wake":
            queue.wake(at)
            model.wake(at)
        case "discard":
            queue.discard(id)
            model.forget(id)
        case "free":
            for view in fleet.views():
                fleet.release(view.id)
        case _:
            _compare_pick(fleet, queue, model)


def _compare_pick(fleet: Fleet, queue: ReadyQueue, model: Model) -> None:
    expected = model.pick(fleet)
    picked = queue.pick(fleet)
    assert (picked and picked[0]) == expected
    if picked is not None:
        assert picked[1].wanted == model.ready[picked[0]][0]
        model.forget(picked[0])
        fleet.take(picked[1].server.id)


@given(st.lists(st.tuples(st.sampled_from(list(Priority)), st.integers(0, 5)), max_size=20))
def test_the_order_is_priority_then_age(tasks: list[tuple[Priority, int]]) -> None:
    queue, fleet = ReadyQueue(), roomy()
    for number, (priority, age) in enumerate(tasks):
        queue.put(UUID(int=number), ANYWHERE, priority, moment(age))
    picked = [pick[0].int for _ in tasks if (pick := queue.pick(fleet)) is not None]
    words = ["critical", "high", "normal", "low"]
    assert picked == sorted(range(len(tasks)), key=lambda n: (words.index(tasks[n][0].value), tasks[n][1], n))
    assert queue.pick(fleet) is None


def test_work_nobody_can_take_blocks_nothing() -> None:
    queue, fleet = ReadyQueue(), roomy()
    for number in range(50):
        queue.put(UUID(int=number), NOWHERE, Priority.CRITICAL, moment(number))
    queue.put(UUID(int=99), ANYWHERE, Priority.LOW, moment(1000))
    picked = queue.pick(fleet)
    assert picked is not None and picked[0] == UUID(int=99)
    assert queue.pick(fleet) is None
    assert len(queue) == 50


def test_an_edited_task_takes_its_new_place() -> None:
    queue, fleet = ReadyQueue(), roomy()
    for number in (1, 2):
        queue.put(UUID(int=number), ANYWHERE, Priority.NORMAL, moment(number))
    queue.put(UUID(int=2), ANYWHERE, Priority.HIGH, moment(2))
    queue.put(UUID(int=1), NOWHERE, Priority.CRITICAL, moment(1))
    queue.put(UUID(int=1), ANYWHERE, Priority.LOW, moment(1))
    picked = [queue.pick(fleet) for _ in range(3)]
    assert [pick and pick[0].int for pick in picked] == [2, 1, None]


def test_nothing_is_placed_twice_or_beyond_the_slots() -> None:
    queue, fleet = ReadyQueue(), fleet_of([server("anvil", maximum=2), server("bellows", maximum=1)])
    for number in range(5):
        queue.put(UUID(int=number), ANYWHERE, Priority.NORMAL, moment(number))
    picked = []
    while (pick := queue.pick(fleet)) is not None:
        fleet.take(pick[1].server.id)
        picked.append((pick[0].int, pick[1].server.name))
    assert [number for number, _ in picked] == [0, 1, 2]
    assert sorted(name for _, name in picked) == ["anvil", "anvil", "bellows"]
