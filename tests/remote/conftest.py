"""Commands and files through a real hub, a real daemon and the real CLI, as processes."""

from collections.abc import Iterator

import pytest

from tests.acceptance.world import World
from tests.hub_process import database
from tests.remote.box import Box


@pytest.fixture(scope="session")
def shared_box(postgres: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """One hub and one machine for every test that leaves them as they were."""
    with database(postgres, template) as url:
        world = World(tmp_path_factory.mktemp("world"), url)
        try:
            yield Box.start(world)
            assert "internal_error" not in (world.folder / "hub.log").read_text(), world.story()
        finally:
            world.close()


@pytest.fixture
def box(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Box]:
    """A hub and a machine of this test's own, to be killed."""
    world = World(tmp_path_factory.mktemp("world"), database_url)
    try:
        yield Box.start(world)
    finally:
        world.close()
