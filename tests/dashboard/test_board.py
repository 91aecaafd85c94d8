"""The board in an ordinary window: every state with work is at hand, nothing scrolls sideways, no column moves."""

import re
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.acceptance.world import World
from tests.dashboard import scene
from tests.dashboard.browser import PHONE, Window

SIDEWAYS = """() => [document.documentElement, ...document.querySelectorAll("main, main *")]
  .filter((it) => it.scrollWidth > it.clientWidth + 1 && /auto|scroll|visible/.test(getComputedStyle(it).overflowX))
  .filter((it) => it === document.documentElement || /auto|scroll/.test(getComputedStyle(it).overflowX))
  .map((it) => it.outerHTML.slice(0, 160))"""
"""What can be scrolled sideways."""
FOLLOW = """window.__places = {};
const look = () => {
  for (const column of document.querySelectorAll("main section[aria-label]")) {
    const { x, width } = column.getBoundingClientRect();
    const name = column.getAttribute("aria-label").split(",")[0];
    (window.__places[name] ??= new Set()).add(`${Math.round(x)} ${Math.round(width)}`);
  }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);"""
"""Note in every frame where each column stands."""
HOLDING = ("pending", "plan review", "running", "review", "needs human", "done", "failed")


@pytest.fixture(scope="module", autouse=True)
def made(world: World) -> dict[str, str]:
    return scene.tasks(world)


def column(page: Page, state: str) -> Locator:
    return page.get_by_role("region", name=re.compile(f"^{state}, "))


def test_every_state_that_holds_work_is_at_hand(window: Window) -> None:
    page = window.go("/tasks")
    others = page.get_by_role("list", name="Other states")
    expect(others).to_be_in_viewport(ratio=1)
    window.picture("board")
    for state in HOLDING:
        listed = others.get_by_role("button", name=re.compile(f"^{state} ?, ?[1-9]"))
        if listed.count():
            listed.click()
        expect(column(page, state)).to_be_in_viewport(ratio=1)
        expect(column(page, state).get_by_role("link").first).to_be_visible()
        assert page.evaluate(SIDEWAYS) == []


def test_no_column_moves_when_counts_and_cards_come(window: Window) -> None:
    page, counts, cards = window.page, Gate(), Gate()
    page.route("**/api/v1/tasks/counts*", lambda route: counts.meets(route))
    page.route("**/api/v1/tasks/cards*", lambda route: cards.meets(route))
    page.add_init_script(FOLLOW)
    window.go("/tasks")
    expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
    counts.opens()
    expect(column(page, "needs human")).to_be_visible()
    expect(column(page, "needs human").get_by_role("link")).to_have_count(0)
    cards.opens()
    expect(column(page, "needs human").get_by_role("link").first).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.unroute_all()
    places = page.evaluate("Object.entries(window.__places).map(([name, all]) => [name, [...all]])")
    assert len(places) >= 4
    assert [it for it in places if len(it[1]) != 1] == []


@dataclass
class Gate:
    """Holds back what is asked of the hub, until it is opened."""

    held: list[Route] = field(default_factory=list[Route])
    is_open: bool = False

    def meets(self, route: Route) -> None:
        if self.is_open:
            route.continue_()
        else:
            self.held.append(route)

    def opens(self) -> None:
        self.is_open = True
        for route in self.held:
            route.continue_()


def test_a_phone_shows_one_state_and_names_the_others(window: Window) -> None:
    page = window.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    window.go("/tasks")
    expect(column(page, "needs human").get_by_role("link").first).to_be_visible()
    page.get_by_role("button", name=re.compile("^done ?, ")).click()
    expect(column(page, "done").get_by_role("link").first).to_be_visible()
    expect(column(page, "needs human")).to_have_count(0)
    assert page.evaluate(SIDEWAYS) == []
    window.picture("board-of-a-phone")
    page.set_viewport_size({"width": 1280, "height": 800})
