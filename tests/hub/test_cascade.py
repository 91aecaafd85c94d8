"""The cascade on random graphs: nothing starts too early, all that can run does, and batching changes nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_hub.tasks import commands as cmd
from corral_hub.tasks.ledger import Ledger
from corral_hub.tasks.model import Edge, Unit, UnitState
from corral_protocol.vocabulary import ErrorClass, TaskStatus, UpstreamPolicy
from tests.hub.body import Body
from tests.hub.dags import INPUT, RELATED, Node, creations, dags, expected, number_of, task_id
from tests.hub.reporting import Spool
from tests.hub.samples import server

HOST = server("anvil", maximum=1000)
SMALL = server("bellows", maximum=2)


def shuffled(draw: Any, items: list[Any]) -> list[Any]:
    return draw(st.permutations(items)) if items else []


def batches(draw: Any, items: list[Any]) -> list[list[Any]]:
    """Cut a list into batches anywhere."""
    cuts = sorted(draw(st.sets(st.integers(1, len(items) - 1)))) if len(items) > 1 else []
    return [items[start:end] for start, end in zip([0, *cuts], [*cuts, len(items)], strict=True) if start < end]


def open_units(body: Body) -> list[Unit]:
    return [unit for unit in body.units.values() if unit.state is UnitState.OFFERED]


def ending(body: Body, nodes: list[Node], spool: Spool, unit: Unit) -> cmd.Report:
    node = nodes[number_of(body.tasks[unit.task_id])]
    result = {"contracts": {"k": body.tasks[unit.task_id].title}}
    error = None if node.succeeds else ErrorClass.EXIT_NONZERO
    return spool.finished(unit.task_id, unit.epoch, result, error)


def play(draw: Any, nodes: list[Node], body: Body, spool: Spool) -> None:
    """Create the graph, then end whatever is out, in random waves and batches, until nothing is out."""
    for batch in batches(draw, list(creations(nodes))):
        body.run(batch)
    while out := open_units(body):
        wave = shuffled(draw, out)[: draw(st.integers(1, len(out)))]
        for batch in batches(draw, [ending(body, nodes, spool, unit) for unit in wave]):
            body.run(batch)


def summary(body: Body) -> dict[str, Any]:
    """What there is in the end, but for times, and for which of several failed upstreams was named."""
    return {
        task.title: (task.status, task.waiting_on, task.attempt, task.epoch, task.reason and task.reason.code)
        for task in body.tasks.values()
    } | {str(edge.id): (edge.resolved, edge.value) for edge in body.edges.values()}


def test_many_dependencies_are_looked_at_once_each(monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[Edge] = []
    real = Ledger.edge
    monkeypatch.setattr(Ledger, "edge", lambda ledger, edge: looks.append(edge) or real(ledger, edge))
    body = Body(HOST)
    last = Node(tuple((number, RELATED) for number in range(300)), UpstreamPolicy.WAIT)
    body.run(list(creations([*[Node((), UpstreamPolicy.WAIT)] * 300, last])))
    assert len(body.edges) == 300 and len(looks) <= 300


@given(dags(), st.data())
def test_when_all_succeed_all_end(nodes: list[Node], data: st.DataObject) -> None:
    body = Body(HOST)
    play(data.draw, nodes, body, Spool(HOST.id))
    assert {task.status for task in body.tasks.values()} == {TaskStatus.DONE}
    assert all(edge.resolved for edge in body.edges.values())
    assert len(body.sent) == len(nodes), "everything was handed out exactly once"


@given(dags(failures=True), st.data())
def test_failures_go_down_by_policy(nodes: list[Node], data: st.DataObject) -> None:
    body = Body(HOST)
    play(data.draw, nodes, body, Spool(HOST.id))
    assert [body.tasks[task_id(number)].status for number in range(len(nodes))] == expected(nodes)


@given(dags(), st.data())
def test_few_slots_delay_but_lose_nothing(nodes: list[Node], data: st.DataObject) -> None:
    body = Body(SMALL)
    play(data.draw, nodes, body, Spool(SMALL.id))
    assert {task.status for task in body.tasks.values()} == {TaskStatus.DONE}


@given(dags(failures=True), st.data())
def test_batching_changes_nothing(nodes: list[Node], data: st.DataObject) -> None:
    """One command a batch or all in one: the same end, whatever the order of the reports."""
    alone, together = Body(HOST), Body(HOST)
    spools = Spool(HOST.id), Spool(HOST.id)
    for command in creations(nodes):
        alone.run([command])
    together.run(list(creations(nodes)))
    assert summary(alone) == summary(together)
    while out := shuffled(data.draw, open_units(alone)):
        assert {unit.task_id for unit in out} == {unit.task_id for unit in open_units(together)}
        for unit in out:
            alone.run([ending(alone, nodes, spools[0], unit)])
        together.run([ending(together, nodes, spools[1], unit) for unit in out])
        assert summary(alone) == summary(together)


@given(dags())
def test_related_never_blocks(nodes: list[Node]) -> None:
    body = Body(HOST)
    for command in creations(nodes):
        body.run([command])
    free = {str(number) for number, node in enumerate(nodes) if all(kind is RELATED for _, kind in node.ups)}
    assert {handout.task.title for handout in body.sent} == free


@given(dags(), st.data())
def test_inputs_arrive_as_they_were_published(nodes: list[Node], data: st.DataObject) -> None:
    body = Body(HOST)
    play(data.draw, nodes, body, Spool(HOST.id))
    for edge in body.edges.values():
        assert edge.value == (body.tasks[edge.upstream].title if edge.kind is INPUT else None)


def test_a_dependent_created_together_with_the_end_of_its_upstream_waits_for_the_others() -> None:
    """The edge to what has just ended is resolved once, not once by the link and once by the cascade."""
    nodes = [Node((), UpstreamPolicy.WAIT), Node((), UpstreamPolicy.WAIT)]
    body, spool = Body(HOST), Spool(HOST.id)
    body.run(list(creations(nodes)))
    first, _ = open_units(body)
    both = Node(((0, INPUT), (1, INPUT)), UpstreamPolicy.WAIT)
    late = list(creations([*nodes, both]))[-1]
    body.run([ending(body, nodes, spool, first), late])
    assert body.tasks[task_id(2)].waiting_on == 1
    assert len(body.sent) == 2
