"""Terminals in a real browser: typed, watched, taken over, reloaded, cut off, replayed; and output that means harm."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.world import World
from tests.dashboard.browser import Window, a_window

SHELL = ["bash", "--noprofile", "--norc", "-i"]


def begin(world: World, name: str, argv: list[str] | None = None) -> str:
    """Start a session on the one machine; return its id once it runs."""
    body = {"server": "one", "name": name, "argv": argv or SHELL, "env": {"PS1": "$ "}, "cols": 90, "rows": 24}
    session: dict[str, Any] = world.post("/sessions", body)
    world.eventually(lambda: world.get(f"/sessions/{session['id']}")["status"] == "running", f"{name} runs")
    return session["id"]


def screen(page: Page) -> Locator:
    return page.get_by_test_id("terminal").locator(".xterm-rows")


def take_control(page: Page) -> None:
    page.get_by_role("button", name="Take control").click()
    expect(page.get_by_test_id("driver")).to_have_text("You type here")


def type_line(page: Page, line: str) -> None:
    page.keyboard.type(line)
    page.keyboard.press("Enter")


@pytest.fixture
def another(chrome: Browser, world: World) -> Iterator[Window]:
    """A second browser of the same person: nothing is shared but the hub."""
    window = a_window(chrome, world)
    window.log_in()
    yield window
    assert window.complaints == []
    window.context.close()


def test_what_is_typed_is_seen_and_a_reload_loses_nothing(window: Window, world: World) -> None:
    session = begin(world, "typed")
    page = window.go(f"/terminals/{session}")
    expect(screen(page)).to_contain_text("$")
    take_control(page)
    type_line(page, "echo $((6 * 7)) is it")
    expect(screen(page)).to_contain_text("42 is it")
    page.reload()
    expect(screen(page)).to_contain_text("42 is it")
    take_control(page)
    type_line(page, "echo still $((40 + 2))")
    expect(screen(page)).to_contain_text("still 42")


def test_control_is_taken_from_another_browser_and_that_is_said_at_once(
    window: Window, another: Window, world: World
) -> None:
    session = begin(world, "taken")
    first, second = window.go(f"/terminals/{session}"), another.go(f"/terminals/{session}")
    take_control(first)
    expect(second.get_by_test_id("driver")).to_have_text("admin@example.org types")
    take_control(second)
    expect(first.get_by_text("You only watch now")).to_be_visible()
    expect(first.get_by_role("button", name="Take control")).to_be_visible()
    first.get_by_test_id("terminal").click()
    first.keyboard.type("echo never")
    expect(first.get_by_text("You only watch: nothing was typed.")).to_be_visible()
    second.get_by_test_id("terminal").click()
    type_line(second, "echo from the second")
    expect(screen(first)).to_contain_text("from the second")
    assert "never" not in screen(second).inner_text()
