"""Runs in the browser: watched while they go, answered, stopped, tried again; and what has failed for good."""

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.acceptance.world import World
from tests.dashboard import scene
from tests.dashboard.browser import PHONE, Window, a_window
from tests.hub_process import PASSWORD


@pytest.fixture(scope="module")
def made(world: World) -> dict[str, str]:
    return scene.runs(world)


def node(page: Page, key: str) -> Locator:
    return page.locator(f'.react-flow__node [data-node="{key}"]')


def state(page: Page, key: str, word: str) -> None:
    expect(node(page, key).locator(f'[data-status="{word}"]')).to_be_visible()


def panel(page: Page, key: str) -> Locator:
    return page.get_by_role("complementary", name=f"Node {key}")


def begin(world: World, definition: dict[str, object], name: str) -> str:
    workflow = world.post("/workflows", {"name": name, "definition": definition, "publish": True})
    return str(world.post(f"/workflows/{workflow['id']}/runs", {})["id"])


def test_a_run_is_seen_while_it_goes_and_answered_in_place(window: Window, world: World, made: dict[str, str]) -> None:
    page = window.go(f"/runs/{made['waiting']}")
    state(page, "build", "completed")
    state(page, "ask", "waiting")
    state(page, "ship", "pending")
    page.get_by_role("link", name="ask waits for your word").click()
    asked = panel(page, "ask")
    expect(asked.get_by_text("Ship it to the customers?", exact=True)).to_be_visible()
    window.picture("run-graph")
    asked.get_by_label("Comment (optional)").fill("looks good")
    asked.get_by_role("button", name="Approve").click()
    state(page, "ask", "completed")
    state(page, "ship", "completed")
    run = world.get(f"/runs/{made['waiting']}")
    assert {it["key"]: it for it in run["nodes"]}["ask"]["output"]["comment"] == "looks good"
    # Edges say which way it went, by class and by name.
    expect(page.locator(".react-flow__edge.taken")).to_have_count(3)
    page.get_by_role("tab", name="Timeline").click()
    bars = page.get_by_role("region", name="Timeline")
    rows = bars.get_by_role("listitem")
    expect(rows).to_have_count(4)
    for key in ("start", "build", "ask", "ship"):
        bar = rows.filter(has=page.get_by_text(key, exact=True)).get_by_role("img", name=f"{key}", exact=False)
        expect(bar.last).to_be_visible()
    window.picture("run-timeline")
    page.get_by_role("tab", name="History").click()
    expect(page.get_by_role("list", name="History").get_by_text("workflow started")).to_be_visible()
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_role("region", name="outputs", exact=True)).to_contain_text("shipped")


TALKER = '''
import asyncio
from dataclasses import dataclass
from pathlib import Path
from corral_daemon.nodes.node import Context, node

@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    door: str

@node("talker")
async def talker(parameters: Parameters, context: Context) -> dict:
    """Talks, goes on talking once the door is open, and comes to no end."""
    context.log("first line")
    context.progress(0.25, "waiting")
    while not Path(parameters.door).exists():
        await asyncio.sleep(0.05)
    context.log("second line")
    await asyncio.sleep(600)
    return {}
'''


def test_logs_come_while_it_runs_and_it_is_cancelled(window: Window, world: World, made: dict[str, str]) -> None:
    folder = world.daemons["one"].home / "nodes"
    folder.mkdir()
    (folder / "talker.py").write_text(TALKER)
    world.eventually(lambda: any(t["type"] == "talker" for t in world.get("/node-types")["node_types"]), "announced")
    door = world.folder / "door"
    run = begin(world, scene.chain(scene.step("slow", "talker", {"door": str(door)})), "slow one")
    page = window.go(f"/runs/{run}?node=slow")
    state(page, "slow", "running")
    lines = panel(page, "slow").get_by_role("region", name="Log lines")
    expect(lines).to_contain_text("first line")
    expect(node(page, "slow").get_by_text("25 % waiting")).to_be_visible()
    door.touch()
    expect(lines).to_contain_text("second line")
    page.get_by_role("button", name="Cancel", exact=True).click()
    page.get_by_role("dialog", name="Cancel this run?").get_by_role("button", name="Cancel the run").click()
    state(page, "slow", "cancelled")
    assert world.get(f"/runs/{run}")["status"] == "cancelled"


def test_runs_are_listed_and_narrowed(window: Window, made: dict[str, str]) -> None:
    page = window.go("/runs")
    rows = page.get_by_role("list", name="Runs").get_by_role("listitem")
    expect(rows.filter(has_text="at migrate")).to_be_visible()
    window.picture("runs")
    page.get_by_label("Status").select_option("failed")
    expect(page).to_have_url(f"{window.url}/runs?status=failed")
    expect(rows).to_have_count(1)
    rows.first.get_by_role("link").click()
    page.wait_for_url(f"**/runs/{made['failed']}")
    state(page, "migrate", "failed")
    node(page, "migrate").click()
    expect(panel(page, "migrate").get_by_role("region", name="Error")).to_contain_text("timeout")
    window.picture("run-failed")


def test_a_dead_letter_is_replayed_to_its_run_and_removed(window: Window, world: World, made: dict[str, str]) -> None:
    before = {it["id"] for it in world.get("/runs?limit=100")["runs"]}
    page = window.go("/dead-letters")
    page.get_by_role("list", name="Dead letters").get_by_role("button").first.click()
    letter = page.get_by_role("complementary")
    expect(letter.get_by_role("region", name="Error")).to_contain_text("timeout")
    window.picture("dead-letters")
    letter.get_by_role("button", name="Replay").dblclick()
    page.wait_for_url("**/runs/*")
    run = page.url.rsplit("/", 1)[1]
    state(page, "migrate", "failed")
    assert {it["id"] for it in world.get("/runs?limit=100")["runs"]} - before == {run}
    page.goto(f"{window.url}/dead-letters?letter={made['letter']}")
    expect(letter).to_contain_text("failed again 1×")
    letter.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No dead letters.")).to_be_visible()


def test_a_run_and_the_run_that_it_began_lead_to_each_other(window: Window, world: World) -> None:
    inner = {"name": "inner", "definition": scene.chain(), "publish": True}
    called = str(world.post("/workflows", inner)["id"])
    outer = begin(world, scene.chain(scene.step("call", "workflow", {"workflow": called})), "outer")
    page = window.go(f"/runs/{outer}")
    state(page, "call", "completed")
    page.get_by_role("link", name="inner", exact=False).click()
    expect(page.get_by_role("heading", name="inner")).to_be_visible()
    page.get_by_role("link", name=f"Parent run {outer[:8]}").click()
    expect(page.get_by_role("heading", name="outer")).to_be_visible()


def test_a_viewer_sees_all_and_a_phone_shows_it(chrome: Browser, world: World, made: dict[str, str]) -> None:
    world.post("/users", {"email": "viewer@example.org", "password": PASSWORD, "role": "viewer"})
    window = a_window(chrome, world, size=PHONE, scheme="light")
    window.log_in("viewer@example.org", PASSWORD)
    page = window.go(f"/runs/{made['failed']}?node=migrate")
    state(page, "migrate", "failed")
    expect(panel(page, "migrate").get_by_role("heading", name="migrate")).to_be_visible()
    for name in ("Retry", "Re-run from here", "Cancel"):
        expect(page.get_by_role("button", name=name)).to_be_hidden()
    window.picture("run-phone")
    page.goto(f"{window.url}/runs")
    expect(page.get_by_role("list", name="Runs").get_by_role("listitem").first).to_be_visible()
    window.picture("runs-phone")
    assert window.complaints == []
    window.context.close()
