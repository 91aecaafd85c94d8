"""What makes the dashboard quick, without a clock: little is loaded first, few cards stand in the page."""

import gzip
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.acceptance.world import World
from tests.conftest import apart
from tests.dashboard.browser import BUILT, Window, a_window
from tests.dashboard.editing import details, made, saved
from tests.dashboard.scene import multiply

FIRST_LOAD = 300 << 10
"""Bytes, compressed with gzip: issue 5 gives this much before the chunks of terminal and editor."""
MANY = 20_000
MOST_CARDS = 400
LARGE = 600
"""Nodes of a workflow on the canvas."""
# React puts new properties on an element each time the component that has it is drawn anew.
REMEMBER = """() => {
  window.partsOf = () => {
    const found = document.querySelectorAll('.react-flow :is([data-id], [data-id] *)');
    const name = (it) => Object.keys(it).find((key) => key.startsWith('__reactProps$'));
    return new Map([...found].map((it) => [it, it[name(it)]]));
  };
  window.before = window.partsOf();
  return [...window.before.values()].filter(Boolean).length;
}"""
DRAWN = """() => {
  const now = window.partsOf();
  const anew = [...now].filter(([part, props]) => window.before.get(part) !== props).map(([part]) => part);
  window.before = now;
  return [...new Set(anew.map((it) => it.closest('[data-id].react-flow__node, .react-flow__edge').dataset.id))];
}"""


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


def test_typing_draws_no_card_and_naming_draws_one(window: Window, world: World) -> None:
    page = window.go(f"/workflows/{made(world, 'large', large())}?select=n30")
    command = details(page).get_by_label("command *")
    expect(page.locator(".react-flow__node")).to_have_count(LARGE)
    expect(page.locator(".react-flow__edge")).to_have_count(LARGE - 1)
    expect(page.get_by_text("No problems")).to_be_visible()
    assert page.evaluate(REMEMBER) > LARGE
    command.press_sequentially("echo ")
    expect(command).to_have_value("echo true")
    saved(page)
    assert page.evaluate(DRAWN) == []
    details(page).get_by_text("Settings", exact=True).click()
    details(page).get_by_label("label", exact=True).fill("renamed")
    expect(page.locator(".react-flow__node").filter(has_text="renamed")).to_be_visible()
    assert page.evaluate(DRAWN) == ["n30"]
    saved(page)


def large() -> dict[str, object]:
    """Twelve columns of fifty: all of it is seen at once."""
    nodes = [{"id": f"n{i}", "type": "console", "position": {"x": i // 50 * 300, "y": i % 50 * 100}}
             for i in range(1, LARGE)]  # fmt: skip
    nodes[29] = {**nodes[29], "type": "shell", "parameters": {"command": "true"}}
    start = {"id": "n0", "type": "start", "position": {"x": 0, "y": 0}}
    edges = [{"source": f"n{max(0, i - 50)}", "target": f"n{i}"} for i in range(1, LARGE)]
    return {"nodes": [start, *nodes], "edges": edges}
