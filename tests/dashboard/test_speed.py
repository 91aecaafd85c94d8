"""What makes the dashboard quick, without a clock: little is loaded first, few cards stand in the page."""

import gzip
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.acceptance.world import World
from tests.conftest import apart
from tests.dashboard.browser import BUILT, Window, a_window
from tests.dashboard.scene import multiply

FIRST_LOAD = 300 << 10
"""Bytes, compressed with gzip: issue 5 gives this much before the chunks of terminal and editor."""
MANY = 20_000
MOST_CARDS = 400


def compressed(url: str) -> int:
    """The size of a built file as gzip sends it: its twin, or what gzip makes of it."""
    path = BUILT.parent / (url.split("://", 1)[-1].partition("/")[2].partition("?")[0] or "index.html")
    file = path if path.is_file() else BUILT
    twin = file.with_name(file.name + ".gz")
    return twin.stat().st_size if twin.exists() else len(gzip.compress(file.read_bytes()))


@pytest.fixture
def fresh(chrome: Browser, world: World) -> Iterator[Window]:
    """Somebody whose browser has nothing of ours yet."""
    window = a_window(chrome, world)
    yield window
    assert window.complaints == []
    window.context.close()


def test_what_is_loaded_first_is_small(fresh: Window) -> None:
    loaded: dict[str, int] = {}

    def note(url: str) -> None:
        if "/api/" not in url and url.startswith("http"):
            loaded[url] = compressed(url)

    fresh.page.on("request", lambda request: note(request.url))
    fresh.log_in()
    expect(fresh.page.get_by_role("heading", name=re.compile("Inbox|need"))).to_be_visible()
    expect(fresh.page.get_by_text("live", exact=True)).to_be_visible()
    print(f"loaded first: {sum(loaded.values()):,} bytes in {len(loaded)} files")
    assert len(loaded) > 3
    assert not [url for url in loaded if re.search(r"xterm|xyflow|dagre|Editor|Screen", url)]
    assert sum(loaded.values()) <= FIRST_LOAD, loaded


def test_a_board_of_many_tasks_holds_few_cards(window: Window, world: World) -> None:
    first = world.post("/tasks", {"title": "the first of many"})["id"]
    apart(lambda: multiply(world.database_url, first, MANY))
    page = window.go("/tasks")
    column = page.get_by_role("region", name=re.compile("^pending, "))
    expect(column).to_contain_text("20,00")
    scroller = column.locator("[tabindex='-1']")
    expect(cards(column)).not_to_have_count(0)
    loaded = scroller.evaluate("(it) => it.scrollHeight")
    assert page.locator("[data-row]").count() < MOST_CARDS
    scroller.evaluate("(it) => it.scrollTo(0, it.scrollHeight)")
    page.wait_for_function("([it, before]) => it.scrollHeight > before", arg=[scroller.element_handle(), loaded])
    scroller.evaluate("(it) => it.scrollTo(0, it.scrollHeight)")
    expect(cards(column)).not_to_have_count(0)
    assert page.locator("[data-row]").count() < MOST_CARDS


def cards(column: Locator) -> Locator:
    return column.get_by_role("link")
