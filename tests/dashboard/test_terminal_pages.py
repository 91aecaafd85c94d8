"""The pages around terminals: the grid, a session from start to end, its recording, and output that means harm."""

import base64
from pathlib import Path

from playwright.sync_api import expect

from tests.acceptance.world import World
from tests.cli.typed import refused
from tests.dashboard.browser import Window
from tests.dashboard.terminal import begin, screen, take_control, type_line

IMAGE = "<img src=x onerror=alert(1)>"
HARM = (
    "\x1b]52;c;" + base64.b64encode(b"stolen").decode() + "\x07",
    f"\x1b]0;{IMAGE}\x07\x1b]2;{IMAGE}\x1b\\",
    "\x1b]8;;javascript:alert(1)\x1b\\click me\x1b]8;;\x1b\\\r\n",
    f"<script>alert(1)</script>{IMAGE}\r\n",
    "\x1b[21t\x1b[c\x1b[>c\x1b[6n\x1bP$qm\x1b\\\x1b]10;?\x07\x1b]4;1;?\x07",
    "\x1b]1337;File=inline=1:" + "A" * 9000 + "\x07\x1b_G" + "B" * 9000 + "\x1b\\",
    "\x1b[?1003h\x1b[?1049h\x1b[999999999;999999999H\x1b[?1049l\x1b[?1003l\x1b[" + ";9" * 5000 + "m",
    "\x1b[200~\x1bP1;2|17/616263\x1b\\\x9b31m\u202ereversed\u202c\r\n",
)


def test_the_grid_shows_what_is_on_each_and_who_waits_comes_first(window: Window, world: World) -> None:
    begin(world, "busy", ["bash", "-c", "echo busy bee; sleep 600"])
    begin(world, "asks", ["bash", "-c", "read -p 'Proceed? [y/n] ' x"])
    page = window.go("/terminals")
    tile = page.get_by_role("listitem", name="asks")
    expect(tile.get_by_text("waits for input")).to_be_visible()
    expect(tile.locator(".xterm-rows")).to_contain_text("Proceed? [y/n]")
    expect(page.get_by_role("listitem", name="busy").locator(".xterm-rows")).to_contain_text("busy bee")
    expect(page.get_by_role("list", name="Terminals").get_by_role("listitem").first).to_have_attribute(
        "aria-label", "asks"
    )
    window.picture("terminals")
    page.get_by_label("Attention").select_option("waits_for_input")
    expect(page).to_have_url(f"{window.url}/terminals?attention=waits_for_input")
    expect(page.get_by_role("listitem", name="busy")).to_have_count(0)
    page.get_by_role("tab", name="List").click()
    page.get_by_role("link", name="asks", exact=True).click()
    expect(screen(page)).to_contain_text("Proceed? [y/n]")


def test_a_session_is_started_and_ended_by_mouse_and_keyboard(window: Window, world: World) -> None:
    page = window.go("/terminals")
    page.get_by_role("button", name="New session").click()
    dialog = page.get_by_role("dialog", name="New session")
    dialog.get_by_label("Runs").select_option("command")
    dialog.get_by_role("textbox", name="Command").fill("bash --norc 'open")
    expect(dialog.get_by_text("This is no command")).to_be_visible()
    dialog.get_by_role("textbox", name="Command").fill("bash --noprofile --norc -i")
    dialog.get_by_label("Name").fill("by hand")
    dialog.get_by_label("Machine").select_option("one")
    expect(dialog).to_contain_text("corral session start --server one --name 'by hand' -- bash --noprofile --norc -i")
    dialog.get_by_role("button", name="Start the session").click()
    expect(page.get_by_role("heading", name="by hand")).to_be_visible()
    take_control(page)
    type_line(page, "echo runs $((20 + 3))")
    expect(screen(page)).to_contain_text("runs 23")
    page.get_by_role("button", name="Close…").click()
    page.get_by_role("button", name="Close the session").click()
    expect(page.get_by_text("The session was ended by SIG")).to_be_visible()
    expect(screen(page)).to_contain_text("runs 23")
    page.get_by_role("tab", name="About").click()
    expect(page.get_by_text("bash --noprofile --norc -i")).to_be_visible()
    expect(page.get_by_text("close requested")).to_be_visible()
    page.get_by_role("button", name="Forget…").click()
    page.get_by_role("button", name="Forget the session").click()
    expect(page).to_have_url(f"{window.url}/terminals")


def test_the_agents_that_can_be_chosen_are_those_that_the_machine_has(window: Window, world: World) -> None:
    has = {it["name"] for it in world.server("one")["capabilities"]["agents"]}
    page = window.go("/terminals")
    page.get_by_role("button", name="New session").click()
    dialog = page.get_by_role("dialog", name="New session")
    dialog.get_by_label("Machine").select_option("one")
    options = dialog.get_by_label("Runs").locator("option")
    expect(options).to_have_count(2 + len(has | {"claude_code", "codex_cli", "gemini_cli", "aider"}))
    for option in options.all():
        value, said = option.get_attribute("value"), option.inner_text()
        chosen = value in ("shell", "command") or value in has
        assert option.is_enabled() == chosen, said
        assert ("(not installed on one)" in said) != chosen
    window.picture("new-session")
    dialog.get_by_label("Runs").select_option("echo")
    expect(dialog).to_contain_text("corral session start --server one --agent echo")
    assert refused("corral session start --server one --agent echo") is None
    dialog.get_by_role("button", name="Start the session").click()
    page.wait_for_url("**/terminals/*-*")
    session = world.get(f"/sessions/{page.url.rsplit('/', 1)[1]}")
    assert session["agent_type"] == "echo"


def test_what_was_printed_is_replayed_searched_and_deleted(window: Window, world: World) -> None:
    session = begin(world, "told", ["bash", "-c", "echo the first words; sleep 2; clear; echo the last words"])
    world.eventually(lambda: world.get(f"/sessions/{session}/recording")["complete"], "its recording is complete")
    page = window.go(f"/terminals/{session}")
    page.get_by_role("link", name="Replay what it printed").click()
    expect(screen(page, "replay")).to_contain_text("the first words")
    expect(screen(page, "replay")).to_contain_text("the last words")
    expect(page.get_by_role("button", name="Play again")).to_be_visible()
    slider = page.get_by_role("slider", name="Moment")
    at_the_end = slider.input_value()
    page.get_by_role("searchbox", name="Search in the recording").fill("FIRST")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.get_by_text("1 line in all")).to_be_visible()
    page.get_by_role("button", name="the first words").click()
    expect(screen(page, "replay")).to_contain_text("the first words")
    expect(slider).not_to_have_value(at_the_end)  # else there would be nowhere to go
    slider.press("End")
    expect(screen(page, "replay")).to_contain_text("the last words")
    window.picture("replay")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert '"version":2' in Path(download.value.path()).read_text()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete the recording").click()
    expect(page.get_by_text("This session is not recorded.")).to_be_visible()


def test_output_that_means_harm_is_shown_and_does_none(window: Window, world: World, tmp_path: Path) -> None:
    printed = tmp_path / "harm"
    printed.write_text("".join(HARM), newline="")
    flood = "head -c 1000000 /dev/urandom | base64 -w 79"
    session = begin(world, f"{IMAGE}", ["bash", "-c", f"cat {printed}; {flood}; cat {printed}; echo the end; read x"])
    page = window.go("/terminals")
    page.evaluate("navigator.clipboard.writeText('mine')")
    expect(page.get_by_role("listitem", name=IMAGE)).to_be_visible()
    page.goto(f"{window.url}/terminals/{session}")
    expect(screen(page)).to_contain_text("the end")
    expect(screen(page)).to_contain_text("<script>alert(1)</script>")
    take_control(page)
    place = page.get_by_text("click me").last.bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + 5, place["y"] + 5)
    page.get_by_role("tab", name="Replay").click()
    page.get_by_role("tab", name="Terminal").click()
    expect(screen(page)).to_contain_text("the end")
    assert page.evaluate("navigator.clipboard.readText()") == "mine"
    assert page.locator("img[src=x]").count() == 0
    assert page.url == f"{window.url}/terminals/{session}"
