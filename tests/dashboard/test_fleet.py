"""Machines in the browser: the second one joins while its page counts down; they are drained, cordoned, changed."""

import subprocess
import sys

from playwright.sync_api import expect

from tests.acceptance.world import Daemon, World
from tests.dashboard.browser import Window
from tests.dashboard.scene import SLEEP


def test_the_countdown_turns_into_joined(window: Window, world: World) -> None:
    page = window.go("/servers")
    page.get_by_role("link", name="Join a machine").click()
    page.get_by_role("button", name="Make the line to paste").click()
    expect(page.get_by_role("timer")).to_contain_text("Waiting for the machine")
    line = page.get_by_role("main").locator("code").filter(has_text="join orcreg_").first.inner_text()
    window.picture("join")
    enrol(world, "two", line.split("join", 1)[1].split()[0])
    expect(page.get_by_role("status").filter(has_text="two joined")).to_be_visible()
    world.start_daemon(world.daemons["two"])
    expect(page.get_by_text("two joined and is connected.")).to_be_visible()
    page.get_by_role("link", name="Open it").click()
    expect(page.get_by_role("heading", name="two")).to_be_visible()
    expect(page.get_by_role("main").locator("[data-status=online]")).to_be_visible()


def enrol(world: World, name: str, token: str) -> None:
    """What the pasted line does on the machine."""
    made = Daemon(name, world.folder / name, world.folder / f"{name}.log")
    words = [sys.executable, "-m", "corral_daemon", "join", token, "--name", name, "--max-concurrent", "1"]
    environment = {**world.environment, "CORRAL_HOME": str(made.home)}
    done = subprocess.run(words, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    world.daemons[name] = made


def test_a_machine_is_drained_and_cordoned_and_let_in_again(window: Window, world: World) -> None:
    page = window.go("/servers/one")
    state = page.get_by_role("main").locator("span[data-status]").first
    page.get_by_role("button", name="Drain").click()
    expect(state).to_have_text("draining")
    page.get_by_role("button", name="Let it take work").click()
    expect(state).to_have_text("online")
    page.get_by_role("button", name="Cordon").click()
    expect(state).to_have_text("cordoned")
    assert world.server("one")["cordoned"]
    page.get_by_role("button", name="Let it take work").click()
    expect(page.get_by_role("button", name="Drain")).to_be_visible()
    world.eventually(lambda: not world.server("one")["cordoned"], "it takes work again")


def test_load_and_loss_show_by_themselves(window: Window, world: World) -> None:
    page = window.go("/servers")
    machine = page.get_by_role("main").get_by_role("link", name="one")
    expect(machine).to_contain_text("0 / 4")
    world.create("Busy", SLEEP, structured_spec={"run": SLEEP, "requires": {"server": "one"}})
    expect(machine).to_contain_text("1 / 4")
    world.post("/servers/one/drain")
    expect(machine.locator("[data-status=draining]")).to_be_visible()
    world.post("/servers/one/resume")
    expect(machine.locator("[data-status=online]")).to_be_visible()
    world.daemons["one"].kill()
    expect(machine.locator("[data-status=offline]")).to_be_visible()
    world.start_daemon(world.daemons["one"])
    expect(machine.locator("[data-status=online]")).to_be_visible()
