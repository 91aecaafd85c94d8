"""Who sees little, or uses no mouse, can do what others can: axe on every page, and the keyboard alone."""

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.world import World
from tests.dashboard.browser import ROOT, Window
from tests.dashboard.scene import by_hand, pages

AXE = ROOT / "dashboard" / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SERIOUS = """async ({ tags, only }) => {
  const runOnly = only ? { type: "rule", values: only } : { type: "tag", values: tags };
  const { violations } = await axe.run(document, { resultTypes: ["violations"], runOnly });
  const say = (node) => `${node.html.slice(0, 160)} ${node.failureSummary}`;
  return violations
    .filter((it) => it.impact === "serious" || it.impact === "critical")
    .map((it) => ({ rule: it.id, where: it.nodes.slice(0, 3).map(say) }));
}"""
IN_DIALOG = "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
"""The browser's own bar takes its turn between the last and the first of a dialog: then the body has the focus."""
MOVING = """() => document.getAnimations()
  .filter((it) => it.effect.getComputedTiming().duration > 1).map((it) => String(it.animationName))"""
STATES = """() => [...document.querySelectorAll("span[data-status]")]
  .filter((it) => !it.textContent.trim() || !it.querySelector("svg")).map((it) => it.outerHTML.slice(0, 200))"""


@pytest.fixture(scope="module")
def places(world: World) -> dict[str, str]:
    return pages(world)


@pytest.fixture(scope="module")
def axe() -> str:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: `make dashboard` installs it with the other packages")
    return AXE.read_text()


def serious(page: Page, only: list[str] | None = None) -> list[Any]:
    return list(page.evaluate(SERIOUS, {"tags": TAGS, "only": only}))


def test_no_page_has_a_serious_finding(window: Window, places: dict[str, str], axe: str) -> None:
    found: dict[str, Any] = {}
    page = window.page
    for name, path in places.items():
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        window.go(path)
        expect(page.locator("main h1").first).to_be_visible()
        page.wait_for_load_state("networkidle")
        page.evaluate(axe)
        found[f"{name}, dark"] = serious(page)
        found[f"{name}, states"] = page.evaluate(STATES)
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        found[f"{name}, light"] = serious(page, ["color-contrast"])
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    bad = {where: what for where, what in found.items() if what}
    assert bad == {}, json.dumps(bad, indent=1)


def test_the_palette_and_a_dialog_have_none_either(window: Window, axe: str) -> None:
    page = window.go("/settings/projects")
    expect(page.get_by_role("button", name="Change").first).to_be_visible()
    page.evaluate(axe)
    page.keyboard.press("Control+k")
    page.keyboard.type("new")
    expect(page.get_by_role("option", name="New task")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Change").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    assert serious(page) == []
    page.keyboard.press("Escape")


def test_the_first_tab_skips_to_the_content(window: Window) -> None:
    page = window.go("/tasks")
    expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_from_the_palette_to_the_board_to_a_task_and_back(window: Window, world: World) -> None:
    by_hand(world, "Reached by keys")
    page = window.go("/servers")
    expect(page.get_by_role("heading", name="Fleet")).to_be_visible()
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name="Search or act")).to_be_focused()
    page.keyboard.type("tasks")
    expect(page.get_by_role("option", selected=True)).to_contain_text("Tasks")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/tasks$"))
    card = page.get_by_role("main").get_by_role("link", name=re.compile("Reached by keys"))
    expect(card).to_be_visible()
    card.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Reached by keys")).to_be_visible()
    page.get_by_role("link", name="Tasks /").press("Enter")
    expect(card).to_be_visible()


def test_a_dialog_keeps_the_focus_and_gives_it_back(window: Window, world: World) -> None:
    task = by_hand(world, "Asked something")
    page = window.go(f"/tasks/{task}")
    opener = page.get_by_role("button", name="Cancel")
    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Cancel")
    expect(dialog.get_by_label("Why? (optional)")).to_be_focused()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(IN_DIALOG)
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
    assert world.task(task)["status"] == "running"


def test_who_wants_no_motion_gets_none(window: Window) -> None:
    page = window.go("/tasks")
    expect(page.get_by_role("heading", name="Tasks")).to_be_visible()
    assert page.evaluate(MOVING) == []


def test_with_a_narrow_window_the_text_may_be_twice_as_large(window: Window) -> None:
    page = window.page
    page.set_viewport_size({"width": 640, "height": 800})  # 1280 px at 200 %
    window.go("/")
    expect(page.locator("main h1").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1280, "height": 800})
