"""Sessions for a browser to look at, and what stands in its terminal."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.acceptance.world import World

SHELL = ["bash", "--noprofile", "--norc", "-i"]


def begin(world: World, name: str, argv: list[str] | None = None) -> str:
    """Start a session on the one machine; return its id once it runs."""
    body = {"server": "one", "name": name, "argv": argv or SHELL, "env": {"PS1": "$ "}, "cols": 90, "rows": 24}
    session: dict[str, Any] = world.post("/sessions", body)
    world.eventually(lambda: world.get(f"/sessions/{session['id']}")["status"] != "starting", f"{name} runs")
    return session["id"]


def screen(page: Page, of: str = "terminal") -> Locator:
    return page.get_by_test_id(of).locator(".xterm-rows")


def take_control(page: Page) -> None:
    page.get_by_role("button", name="Take control").click()
    expect(page.get_by_test_id("driver")).to_have_text("You type here")


def type_line(page: Page, line: str) -> None:
    page.keyboard.type(line)
    page.keyboard.press("Enter")
