"""The dashboard in a real browser, on a real hub with one real daemon. A test file has one world and one login."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.acceptance.world import PACE, World
from tests.dashboard.browser import Window, a_window, browser, chromium
from tests.hub_process import ADMIN, PASSWORD


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    chromium()
    account = {"CORRAL_ADMIN_EMAIL": ADMIN, "CORRAL_ADMIN_PASSWORD": PASSWORD}
    world = World(tmp_path_factory.mktemp("world"), module_database_url, pace={**PACE, **account})
    try:
        world.start_hub()
        world.daemon("one", slots=4)
        yield world
    finally:
        world.close()


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as launched:
        yield launched


@pytest.fixture(scope="module")
def login(chrome: Browser, world: World) -> Window:
    """A window of the administrator, logged in once for the file."""
    window = a_window(chrome, world)
    window.log_in()
    return window


@pytest.fixture
def window(login: Window) -> Iterator[Window]:
    """The administrator's window; at the end of the test no page may have complained."""
    login.complaints.clear()
    yield login
    assert login.complaints == []
