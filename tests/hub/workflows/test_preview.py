"""What the preview of a node's placement promises is what placing does."""

import pytest
from hypothesis import given

from corral_hub.dispatch.model import ServerView
from corral_hub.errors import Unprocessable
from corral_hub.workflows.preview import preview, read_wanted
from corral_protocol.capabilities import NodeManifest
from tests.hub.fleets import fleet_of, fleets
from tests.hub.samples import PROJECT, server


@given(fleets)
def test_the_node_is_placed_on_one_that_could_run_it(views: list[ServerView]) -> None:
    wanted = read_wanted("clone", {"languages": ["Python"]}, PROJECT)
    shown = preview(wanted, views)
    assert {item["server_id"] for item in shown} == {str(view.id) for view in views}
    ready = {item["server_id"] for item in shown if item["fits"] and item["connected"]}
    chosen = fleet_of(views).lightest(wanted, {}, 64)
    assert (chosen is not None) == bool(ready)
    assert chosen is None or str(chosen) in ready
    assert all(item["fits"] is not bool(item["against"]) for item in shown)
    ranks = [(item["fits"], item["connected"]) for item in shown]
    assert ranks == sorted(ranks, reverse=True)


def test_what_is_against_a_machine_is_said() -> None:
    able = server("able", nodes=(NodeManifest(type="shell"),))
    shown = preview(read_wanted("shell", {"nodes": ["clone"]}, PROJECT), [able])
    assert shown[0]["against"] == ["cannot run clone"]


def test_requirements_that_cannot_be_read_are_named() -> None:
    with pytest.raises(Unprocessable, match="requires/tags"):
        read_wanted("shell", {"tags": 5}, PROJECT)
