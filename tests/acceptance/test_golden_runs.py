"""The runs whose histories are kept as tests (tests/hub/workflows/golden), once more through a real hub and daemon.

`CORRAL_RECORD_GOLDEN=1` writes them anew.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from corral_hub.workflows import facts as f
from tests.acceptance.golden_runs import FLAKY, RUNS, Stage
from tests.acceptance.world import World
from tests.hub.workflows.golden import FOLDER, Recording

pytestmark = pytest.mark.acceptance
RECORD = os.environ.get("CORRAL_RECORD_GOLDEN") == "1"
Json = dict[str, Any]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[Stage]:
    world = World(tmp_path_factory.mktemp("world"), module_database_url)
    try:
        world.start_hub()
        nodes = world.folder / "one" / "nodes"
        nodes.mkdir(parents=True)
        (nodes / "flaky.py").write_text(FLAKY)
        world.daemon("one", slots=4)
        world.eventually(lambda: "flaky" in types(world), "node types are announced")
        yield Stage(world)
    finally:
        world.close()


def types(world: World) -> set[str]:
    return {found["type"] for found in world.get("/node-types")["node_types"]}


def recorded(stage: Stage, name: str, run: str) -> Recording:
    shown = stage.world.get(f"/runs/{run}")
    version = stage.world.get(f"/workflows/{shown['workflow_id']}/versions/{shown['version']}")
    history = stage.world.get(f"/runs/{run}/history?limit=500")["events"]
    return Recording.of((RUNS[name].__doc__ or name).strip(), run, version["definition"], history)


@pytest.mark.parametrize("name", RUNS)
def test_a_run_goes_as_it_went(stage: Stage, name: str) -> None:
    """What the hub has stored is what its history gives, and what it gave when the recording was made."""
    run = stage.ended(RUNS[name](stage))
    found = recorded(stage, name, run)
    shown = stage.world.get(f"/runs/{run}")
    stored = {node["key"]: (node["status"], node["attempt"], node["why"]) for node in shown["nodes"]}
    assert stored == found.states()
    assert shown["status"] == found.steps[-1]["run"]
    if RECORD:
        found.write(FOLDER / f"{name}.json")
    kept = Recording.read(FOLDER / f"{name}.json")
    assert found.outcome() == kept.outcome()
    assert found.steps[-1]["run"] == kept.steps[-1]["run"]
    shown = {f.Started.TYPE}  # said of nodes that run for a moment: which do hangs on how busy the machine is
    assert found.kinds() - shown == kept.kinds() - shown
