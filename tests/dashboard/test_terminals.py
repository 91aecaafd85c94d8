"""Terminals in a real browser: typed, watched, taken over, reloaded, cut off, on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.acceptance.world import World
from tests.dashboard.browser import PHONE, Window, a_window
from tests.dashboard.terminal import begin, screen, take_control, type_line


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


def test_a_phone_has_the_keys_that_its_keyboard_does_not_have(chrome: Browser, world: World) -> None:
    session = begin(world, "phone")
    window = a_window(chrome, world, size=PHONE)
    window.log_in()
    page = window.go(f"/terminals/{session}")
    take_control(page)
    type_line(page, "cat -v")
    keys = page.get_by_role("toolbar", name="Keys")
    keys.get_by_role("button", name="Esc").click()
    keys.get_by_role("button", name="Up").click()
    expect(screen(page)).to_contain_text("^[^[[A")
    keys.get_by_role("button", name="Ctrl").click()
    expect(keys.get_by_role("button", name="Ctrl")).to_have_attribute("aria-pressed", "true")
    page.keyboard.type("c")
    expect(keys.get_by_role("button", name="Ctrl")).to_have_attribute("aria-pressed", "false")
    type_line(page, "echo back $((1 + 1))")
    expect(screen(page)).to_contain_text("back 2")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    window.picture("terminal-phone")
    assert window.complaints == []
    window.context.close()


def test_a_paste_of_lines_is_shown_before_a_program_obeys_each(window: Window, world: World) -> None:
    session = begin(world, "pasted", ["bash", "-c", "while read -r line; do echo got $line; done"])
    page = window.go(f"/terminals/{session}")
    take_control(page)
    page.evaluate("navigator.clipboard.writeText('one\\ntwo\\u001b[201~\\n')")
    page.get_by_role("button", name="Paste", exact=True).click()
    dialog = page.get_by_role("dialog", name="Paste 3 lines?")
    expect(dialog).to_contain_text("control characters")
    dialog.get_by_role("button", name="Do not paste").click()
    page.get_by_test_id("terminal").click()
    page.keyboard.press("Control+Shift+V")
    page.get_by_role("dialog").get_by_role("button", name="Paste", exact=True).click()
    expect(screen(page)).to_contain_text("got two[201~")


def test_who_may_only_look_finds_nothing_to_type_with(chrome: Browser, window: Window, world: World) -> None:
    session = begin(world, "looked at")
    window.go(f"/terminals/{session}")
    take_control(window.page)
    world.post("/users", {"email": "looks@example.org", "password": "correct horse battery", "role": "viewer"})
    viewer = a_window(chrome, world)
    viewer.log_in("looks@example.org", "correct horse battery")
    page = viewer.go(f"/terminals/{session}")
    type_line(window.page, "echo seen by $((1 + 1))")
    expect(screen(page)).to_contain_text("seen by 2")
    expect(page.get_by_test_id("driver")).to_have_text("admin@example.org types")
    for name in ("Take control", "Close…", "Kill…"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    page.get_by_test_id("terminal").click()
    page.keyboard.type("no")
    expect(page.get_by_text("You only watch: nothing was typed.")).to_be_visible()
    assert viewer.complaints == []
    viewer.context.close()


def test_a_hub_that_was_away_leaves_no_gap_and_no_key_is_lost_silently(window: Window, world: World) -> None:
    session = begin(world, "cut off", ["bash", "-c", "for i in $(seq 300); do echo line $i; sleep 0.03; done; read x"])
    page = window.go(f"/terminals/{session}")
    expect(screen(page)).to_contain_text("line 5")
    take_control(page)
    world.kill_hub()
    expect(page.get_by_text("Not connected: this is the screen as it was.")).to_be_visible()
    expect(screen(page)).to_contain_text("line")
    page.get_by_test_id("terminal").click()
    page.keyboard.type("x")
    expect(page.get_by_text("Not connected: nothing was typed.")).to_be_visible()
    world.start_hub()
    world.eventually(lambda: world.server("one")["connected"], "its machine is back")
    expect(page.get_by_test_id("driver")).to_have_text("You type here")
    expect(screen(page)).to_contain_text("line 300")
    page.get_by_role("button", name="Search", exact=True).click()
    page.get_by_role("searchbox", name="Search in the terminal").fill("line")
    expect(page.get_by_text("of 300")).to_be_visible()
    window.complaints[:] = [it for it in window.complaints if "WebSocket" not in it]  # the hub was away
