"""Every page, light, dark and on a phone: pictures for people, and that no page scrolls sideways or complains."""

import pytest
from playwright.sync_api import Page, expect

from tests.acceptance.world import World
from tests.cli.typed import refused
from tests.dashboard.browser import DESKTOP, PHONE, Window
from tests.dashboard.scene import pages

OVERFLOW = """() => {
  const wide = document.documentElement.scrollWidth - window.innerWidth;
  if (wide <= 0) return [];
  const all = [...document.querySelectorAll("body *")];
  const out = all.filter((it) => it.getBoundingClientRect().right > innerWidth + 1);
  return [`${wide} px`, ...out.slice(0, 5).map((it) => it.outerHTML.slice(0, 160))];
}"""


@pytest.fixture(scope="module")
def places(world: World) -> dict[str, str]:
    return pages(world)


def shown(page: Page) -> None:
    expect(page.locator("main h1").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def test_every_page_is_pictured_and_fits(window: Window, places: dict[str, str]) -> None:
    sideways: dict[str, list[str]] = {}
    page = window.page
    for name, path in places.items():
        page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        window.go(path)
        shown(page)
        window.picture(f"{name}-dark")
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        window.picture(f"{name}-light")
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        window.picture(f"{name}-phone")
        if found := page.evaluate(OVERFLOW):
            sideways[name] = found
    page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
    assert sideways == {}


def test_every_page_says_its_command(window: Window, places: dict[str, str]) -> None:
    """... which the program's own parser takes, as it is copied."""
    refusals: dict[str, str | None] = {}
    for name, path in places.items():
        page = window.go(path)
        shown(page)
        if name == "gone":
            continue
        page.get_by_role("button", name="Copy the command").first.click()
        command = str(page.evaluate("navigator.clipboard.readText()"))
        refusals[f"{name}: {command}"] = refused(command)
    assert {command: why for command, why in refusals.items() if why} == {}
