"""What `decide` made of real runs it makes of them for ever: a run in flight must survive an upgrade of the hub.

A step that differs is a change of behaviour. If it is meant, and runs in flight can bear it, record them anew:
`CORRAL_RECORD_GOLDEN=1 make test ARGS=tests/acceptance/test_golden_runs.py`.
"""

from pathlib import Path

import pytest

from corral_hub.workflows.facts import FACTS
from tests.hub.workflows.golden import FOLDER, Recording

FILES = sorted(FOLDER.glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_same_states_and_commands_follow(path: Path) -> None:
    recorded = Recording.read(path)
    steps, end = recorded.replay()
    for number, (row, old, new) in enumerate(zip(recorded.history, recorded.steps, steps, strict=True), 1):
        assert new == old, f"{path.stem}, fact {number}: {row['type']} {row['key']}"
    assert end == recorded.end


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recording_is_of_a_whole_run(path: Path) -> None:
    recorded = Recording.read(path)
    assert recorded.history[0]["type"] == "workflow_started"
    assert recorded.steps[-1]["commands"][-1]["do"] == "End"
    assert [row["number"] for row in recorded.history] == list(range(1, len(recorded.history) + 1))


def test_every_kind_of_fact_has_happened() -> None:
    assert set().union(*(Recording.read(path).kinds() for path in FILES)) == {*FACTS, "node_cached"}
