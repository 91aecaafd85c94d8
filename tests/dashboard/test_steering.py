"""Runs that are steered in the browser: paused, cancelled, tried again; and dead letters, seen to many at once."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.acceptance.world import World
from tests.dashboard import scene
from tests.dashboard.browser import Window

NEEDS = '''
from dataclasses import dataclass
from pathlib import Path
from corral_daemon.nodes.node import Context, NodeFailed, node
from corral_protocol.vocabulary import ErrorClass

@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    file: str

@node("needs")
async def needs(parameters: Parameters, context: Context) -> dict:
    """Fails for good where a file is missing."""
    if not Path(parameters.file).exists():
        raise NodeFailed(ErrorClass.BAD_INPUT, "the file is missing")
    return {"found": parameters.file}
'''


@pytest.fixture(scope="module", autouse=True)
def needs(world: World) -> None:
    folder = world.daemons["one"].home / "nodes"
    folder.mkdir()
    (folder / "needs.py").write_text(NEEDS)
    world.eventually(lambda: any(t["type"] == "needs" for t in world.get("/node-types")["node_types"]), "announced")


def begin(world: World, name: str, *steps: dict[str, Any]) -> str:
    definition = scene.chain(*steps)
    workflow = world.post("/workflows", {"name": name, "definition": definition, "publish": True})
    return str(world.post(f"/workflows/{workflow['id']}/runs", {})["id"])


def counting(id: str, file: Path) -> dict[str, Any]:
    """A step that leaves a line each time it really runs."""
    return scene.step(id, "shell", {"command": f"echo ran >> {file}; wc -l < {file}"})


def lines(file: Path) -> int:
    return len(file.read_text().splitlines())


def state(page: Page, key: str, word: str) -> None:
    node = page.locator(f'.react-flow__node [data-node="{key}"]')
    expect(node.locator(f'[data-status="{word}"]')).to_be_visible()


def of_run(page: Page, word: str) -> None:
    expect(page.locator("main").locator(f'[data-status="{word}"]').first).to_be_visible()


def panel(page: Page, key: str) -> Locator:
    return page.get_by_role("complementary", name=f"Node {key}")


def status(world: World, run: str, key: str) -> str:
    return next(it["status"] for it in world.get(f"/runs/{run}")["nodes"] if it["key"] == key)


def began(page: Page, old: str) -> str:
    """The run that a click has begun; its page is shown."""
    page.wait_for_url(lambda url: "/runs/" in url and old not in url)
    return page.url.rsplit("/", 1)[1].partition("?")[0]


def test_a_run_is_paused_and_goes_on(window: Window, world: World, tmp_path: Path) -> None:
    door = tmp_path / "door"
    waits = scene.step("waits", "shell", {"command": f"until [ -e {door} ]; do sleep 0.1; done", "timeout": 120})
    run = begin(world, "paused", waits, counting("then", tmp_path / "then"))
    page = window.go(f"/runs/{run}")
    state(page, "waits", "running")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    of_run(page, "paused")
    door.touch()
    state(page, "waits", "completed")  # what had begun comes to its end; nothing new begins
    assert status(world, run, "then") == "pending"
    window.picture("run-paused")
    page.get_by_role("button", name="Resume").click()
    state(page, "then", "completed")
    expect(page.get_by_role("button", name="Run again")).to_be_visible()
    assert world.get(f"/runs/{run}")["status"] == "completed"


def test_a_run_is_cancelled_and_says_why(window: Window, world: World, tmp_path: Path) -> None:
    run = begin(world, "cancelled", scene.step("long", "shell", {"command": "sleep 600", "timeout": 900}))
    page = window.go(f"/runs/{run}")
    state(page, "long", "running")
    page.get_by_role("button", name="Cancel", exact=True).click()
    dialog = page.get_by_role("dialog", name="Cancel this run?")
    dialog.get_by_role("button", name="Let it run").click()
    expect(dialog).to_be_hidden()
    assert world.get(f"/runs/{run}")["status"] == "running"
    page.get_by_role("button", name="Cancel", exact=True).click()
    dialog.get_by_label("Why? (optional)").fill("the wrong branch")
    dialog.get_by_role("button", name="Cancel the run").click()
    state(page, "long", "cancelled")
    of_run(page, "cancelled")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_hidden()
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("list", name="History")).to_contain_text("the wrong branch")


def test_a_failed_run_is_retried_from_what_failed(window: Window, world: World, tmp_path: Path) -> None:
    missing, built = tmp_path / "missing", tmp_path / "built"
    need = scene.step("need", "needs", {"file": str(missing)})
    run = begin(world, "retried", counting("build", built), need, counting("after", tmp_path / "after"))
    page = window.go(f"/runs/{run}")
    state(page, "need", "failed")
    missing.touch()
    page.get_by_role("button", name="Retry").click()
    again = began(page, run)
    state(page, "after", "completed")
    page.goto(f"{window.url}/runs/{again}?node=build")
    expect(panel(page, "build").get_by_text("pinned", exact=True)).to_be_visible()
    expect(panel(page, "build").get_by_role("region", name="Output", exact=True)).to_contain_text("stdout")
    assert world.get(f"/runs/{again}")["status"] == "completed"
    assert (lines(built), world.get(f"/runs/{run}")["status"]) == (1, "failed")


def test_a_run_begins_again_at_a_node_with_what_stood_before_it(window: Window, world: World, tmp_path: Path) -> None:
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    steps = [counting(file.name, file) for file in (first, second, third)]
    run = begin(world, "begun again", *steps)
    page = window.go(f"/runs/{run}?node=second")
    state(page, "third", "completed")
    panel(page, "second").get_by_role("button", name="Re-run from here").click()
    again = began(page, run)
    state(page, "third", "completed")
    assert (lines(first), lines(second), lines(third)) == (1, 2, 2)
    outputs = {id: {it["key"]: it["output"] for it in world.get(f"/runs/{id}")["nodes"]} for id in (run, again)}
    assert outputs[again]["first"] == outputs[run]["first"]
    page.goto(f"{window.url}/runs/{again}?node=first")
    expect(panel(page, "first").get_by_text("pinned", exact=True)).to_be_visible()
    window.picture("run-again")


def test_dead_letters_are_purged_as_the_page_is_narrowed(window: Window, world: World, tmp_path: Path) -> None:
    for letter in world.get("/dead-letters")["dead_letters"]:
        assert world.request("DELETE", f"/dead-letters/{letter['id']}").status_code == 204
    needs = scene.step("need", "needs", {"file": str(tmp_path / "nothing")})
    twice = world.get(f"/runs/{begin(world, 'fails twice', needs)}")["workflow_id"]
    world.post(f"/workflows/{twice}/runs", {})
    begin(world, "fails once", needs)
    world.eventually(lambda: world.get("/dead-letters/stats")["total"] == 3, "three dead letters")
    page = window.go("/dead-letters")
    letters = page.get_by_role("list", name="Dead letters").get_by_role("listitem")
    expect(letters).to_have_count(3)
    page.get_by_label("Workflow").select_option(label="fails twice (2)")
    expect(letters).to_have_count(2)
    letters.first.get_by_role("button").click()
    expect(page.get_by_role("complementary").get_by_role("region", name="Error")).to_contain_text("the file is missing")
    purge(page, "1000")
    expect(page.get_by_text("0 dead letters were removed")).to_be_visible()
    expect(letters).to_have_count(2)
    window.picture("dead-letters-narrowed")
    purge(page, "")
    expect(page.get_by_text("2 dead letters were removed")).to_be_visible()
    expect(page.get_by_text("No dead letters.")).to_be_visible()
    expect(page.get_by_role("complementary")).to_be_hidden()  # the one that was open has gone with them
    window.picture("dead-letters-purged")
    expect(page.get_by_label("Workflow")).to_have_value(str(twice))
    page.get_by_label("Workflow").select_option("")
    expect(letters).to_have_count(1)
    letters.first.get_by_role("button").click()
    page.get_by_role("complementary").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No dead letters.")).to_be_visible()
    expect(page.get_by_role("button", name="Purge…")).to_be_hidden()
    assert world.get("/dead-letters/stats")["total"] == 0


def purge(page: Page, hours: str) -> None:
    page.get_by_role("button", name="Purge…").click()
    dialog = page.get_by_role("dialog", name="Remove dead letters?")
    expect(dialog).to_contain_text("of fails twice, of all node types")
    dialog.get_by_label("Older than (hours)").fill(hours)
    dialog.get_by_role("button", name="Remove them").click()
    expect(dialog).to_be_hidden()
