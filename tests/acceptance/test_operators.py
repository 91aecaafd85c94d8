"""S4: all 24 operators on the edges of one imported workflow, judged by a real hub on what a real daemon put out."""

import json
from collections.abc import Iterator

import pytest

from tests.acceptance.machina import edge, export, node
from tests.acceptance.world import World
from tests.hub.workflows.operators import TABLE

pytestmark = pytest.mark.acceptance


@pytest.fixture
def world(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[World]:
    world = World(tmp_path_factory.mktemp("world"), database_url)
    try:
        world.start_hub()
        world.daemon("one", slots=4)
        yield world
    finally:
        world.close()


def test_s4_every_operator_lets_through_what_the_reference_says(world: World) -> None:
    given = json.dumps({f"r{number}": actual for number, (_, actual, _, _) in enumerate(TABLE)})
    start, tell = node("start", "start", "Start", initialData=given), "console"
    rows = [
        edge("start", f"to-{number}", {"field": f"r{number}", "operator": operator, "value": wanted})
        for number, (operator, _, wanted, _) in enumerate(TABLE)
    ]
    nodes = [start, *(node(f"to-{number}", tell) for number in range(len(TABLE)))]
    made = world.post("/workflows", {"definition": export(nodes, rows), "publish": True})
    begun = world.post(f"/workflows/{made['id']}/runs", {})
    world.eventually(lambda: world.get(f"/runs/{begun['id']}")["finished_at"] is not None, "the run is over")
    status = {found["key"]: found["status"] for found in world.get(f"/runs/{begun['id']}")["nodes"]}
    expected = {f"to-{number}": "completed" if row[3] else "skipped" for number, row in enumerate(TABLE)}
    wrong = {str(TABLE[int(key[3:])]): status[key] for key in expected if status[key] != expected[key]}
    assert wrong == {}
    assert {row[0] for row in TABLE} >= {"eq", "matches", "is_object"}
    assert len({row[0] for row in TABLE}) == 24
