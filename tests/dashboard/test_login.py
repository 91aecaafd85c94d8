"""Logging in and out, and who nobody is."""

from playwright.sync_api import Browser, expect

from tests.acceptance.world import World
from tests.dashboard.browser import Window, a_window


def test_who_is_not_logged_in_comes_back_to_where_they_wanted(chrome: Browser, world: World) -> None:
    window = a_window(chrome, world)
    window.go("/servers")
    window.page.get_by_label("E-mail address").fill("admin@example.org")
    window.page.get_by_label("Password").fill("not it")
    window.page.get_by_role("button", name="Log in").click()
    expect(window.page.get_by_role("alert")).to_be_visible()
    window.page.get_by_label("Password").fill("correct horse battery")
    window.page.get_by_role("button", name="Log in").click()
    expect(window.page).to_have_url(f"{world.url}/servers")
    window.context.close()


def test_no_script_can_read_the_login(window: Window) -> None:
    window.go("/")
    assert window.page.evaluate("document.cookie") == ""
    assert window.page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)").count("ey") == 0


def test_the_page_is_live_and_keys_lead_everywhere(window: Window) -> None:
    window.go("/")
    expect(window.page.get_by_text("live", exact=True)).to_be_visible()
    window.page.keyboard.press("g")
    window.page.keyboard.press("f")
    expect(window.page).to_have_url(f"{window.url}/servers")
    window.page.keyboard.press("Control+k")
    window.page.keyboard.type("dead")
    window.page.keyboard.press("Enter")
    expect(window.page).to_have_url(f"{window.url}/dead-letters")
    window.page.keyboard.press("?")
    expect(window.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    window.page.keyboard.press("Escape")
