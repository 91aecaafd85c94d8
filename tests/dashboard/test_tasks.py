"""Tasks in the browser: made by the form, moved by hand and by mouse, narrowed, drawn, and true without a reload."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.acceptance.world import World
from tests.dashboard.browser import DESKTOP, Window, a_window
from tests.dashboard.scene import SCHEMA, SLEEP, by_hand
from tests.hub_process import PASSWORD

PROMISE = {"key": "api", "schema": SCHEMA}


@pytest.fixture(scope="module")
def viewer(chrome: Browser, world: World) -> Iterator[Window]:
    """Somebody who may only look."""
    world.post("/users", {"email": "viewer@example.org", "password": PASSWORD, "role": "viewer"})
    window = a_window(chrome, world)
    window.log_in("viewer@example.org", PASSWORD)
    yield window
    assert window.complaints == []
    window.context.close()


@pytest.fixture
def wide(window: Window) -> Iterator[Window]:
    """A window in which all columns of the board are in view: a card is dragged without scrolling."""
    window.page.set_viewport_size({"width": 2200, "height": 900})
    yield window
    window.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]


def column(page: Page, status: str) -> Locator:
    """The open column of a state, or what stands in the list for it."""
    name = re.compile(f"^{status.replace('_', ' ')} ?, ")
    return page.get_by_role("region", name=name).or_(page.get_by_role("button", name=name))


def card(page: Page, title: str) -> Locator:
    return page.get_by_role("main").get_by_role("link", name=re.compile(re.escape(title)))


def in_column(page: Page, status: str, title: str) -> None:
    expect(column(page, status).get_by_role("link", name=re.compile(re.escape(title)))).to_be_visible()


def begin_drag(page: Page, title: str) -> None:
    """Press on the card and move a little: now it is carried."""
    box = card(page, title).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 40, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, box["y"] + 30, steps=4)
    expect(column(page, "done")).to_have_attribute("data-takes", re.compile("true|false"))


def drop_on(page: Page, status: str) -> None:
    box = column(page, status).bounding_box()
    assert box is not None
    middle, deep = box["x"] + box["width"] / 2, box["y"] + min(60, box["height"] / 2)
    page.mouse.move(middle, deep, steps=4)
    page.mouse.move(middle, deep + 4, steps=2)  # the first move enters, the next is over it
    page.mouse.up()


def test_two_tasks_with_a_contract_cascade_live(window: Window, world: World, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    result = json.dumps({"contracts": {"api": {"url": "https://api.example.org"}}})
    page = window.go("/tasks/new")
    page.get_by_label("Title").fill("Describe the API")
    page.get_by_role("textbox", name="Command").fill(
        f"until [ -e {gate} ]; do sleep 0.1; done; echo '{result}' > $CORRAL_RESULT"
    )
    page.get_by_label("Contracts").fill(json.dumps([PROMISE]))
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_role("heading", name="Describe the API")).to_be_visible()

    page.goto(f"{world.url}/tasks/new")
    page.get_by_label("Title").fill("Use the API")
    page.get_by_role("textbox", name="Command").fill("echo used")
    page.get_by_label("Add a task").fill("Describe")
    option = page.locator("datalist option")
    expect(option).to_have_count(1)
    page.get_by_label("Add a task").fill(option.get_attribute("value") or "")
    page.get_by_label("Contract taken from Describe the API").fill("api")
    page.get_by_role("button", name="Create task").click()
    expect(page.get_by_role("heading", name="Use the API")).to_be_visible()

    page.goto(f"{world.url}/tasks")
    in_column(page, "running", "Describe the API")
    in_column(page, "pending", "Use the API")
    page.evaluate("window.stayed = true")
    gate.touch()
    in_column(page, "done", "Describe the API")
    in_column(page, "done", "Use the API")
    assert page.evaluate("window.stayed"), "the page was loaded anew"
    card(page, "Use the API").click()
    expect(page.get_by_text("https://api.example.org").first).to_be_visible()


def test_a_card_goes_only_where_it_may(wide: Window, world: World) -> None:
    task = by_hand(world, "Carry me")
    page = wide.go("/tasks")
    in_column(page, "running", "Carry me")
    begin_drag(page, "Carry me")
    expect(column(page, "done")).to_have_attribute("data-takes", "true")
    expect(column(page, "pending")).to_have_attribute("data-takes", "false")
    drop_on(page, "pending")
    in_column(page, "running", "Carry me")
    assert world.task(task)["status"] == "running"

    begin_drag(page, "Carry me")
    drop_on(page, "done")
    dialog = page.get_by_role("dialog", name="Complete")
    dialog.get_by_label("Result (optional)").fill("carried")
    dialog.get_by_role("button", name="Complete").click()
    in_column(page, "done", "Carry me")
    world.until(task, "done")


def test_a_move_that_is_refused_is_taken_back_and_says_why(wide: Window, world: World) -> None:
    task = world.post("/tasks", {"title": "Promise much", "structured_spec": {"contracts": [PROMISE]}})["id"]
    world.post(f"/tasks/{task}/assign", {})
    world.post(f"/tasks/{task}/start")
    page = wide.go("/tasks")
    begin_drag(page, "Promise much")
    drop_on(page, "done")
    page.get_by_role("dialog", name="Complete").get_by_role("button", name="Complete").click()
    expect(page.get_by_role("status").filter(has_text="api")).to_be_visible()
    in_column(page, "running", "Promise much")
    assert world.task(task)["status"] == "running"


def test_a_move_that_came_too_late_says_so(window: Window, world: World) -> None:
    task = by_hand(world, "Decided twice", require_plan=True)
    world.post(f"/tasks/{task}/plan", {"plan": "First this, then that."})
    page = window.go(f"/tasks/{task}")

    def theirs_first(route: Route) -> None:
        world.request("DELETE", f"/tasks/{task}?reason=not+needed")
        route.continue_()

    page.route("**/plan/approve", theirs_first, times=1)
    page.get_by_role("button", name="Approve plan").first.click()
    expect(page.get_by_role("status").filter(has_text="cancelled")).to_be_visible()
    expect(page.get_by_role("main").locator("[data-status=cancelled]").first).to_be_visible()
    expect(page.get_by_role("button", name="Approve plan")).to_have_count(0)


def test_the_same_moves_by_keyboard(window: Window, world: World) -> None:
    task = by_hand(world, "No mouse at hand")
    page = window.go("/tasks?q=No+mouse")
    expect(card(page, "No mouse at hand")).to_be_visible()
    page.keyboard.press("j")
    expect(card(page, "No mouse at hand")).to_be_focused()
    page.keyboard.press("Enter")
    complete = page.get_by_role("button", name="Complete")
    complete.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Result (optional)")).to_be_focused()
    page.keyboard.type("typed")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    world.until(task, "done")


def test_a_plan_is_approved_and_a_question_answered_where_they_stand(window: Window, world: World) -> None:
    plan = by_hand(world, "Planned", require_plan=True)
    world.post(f"/tasks/{plan}/plan", {"plan": "1. Measure\n2. Cut"})
    page = window.go(f"/tasks/{plan}")
    expect(page.get_by_role("listitem").filter(has_text="Measure").first).to_be_visible()
    page.get_by_role("button", name="Approve plan").first.click()
    expect(page.get_by_role("main").locator("[data-status=running]").first).to_be_visible()
    assert world.task(plan)["status"] == "running"

    # The question comes while the page is open.
    world.post(f"/tasks/{plan}/help", {"question": "Red or **blue**?", "intervention_type": "question"})
    expect(page.get_by_text("Red or blue?")).to_be_visible()
    page.get_by_label("Your answer").fill("Blue")
    page.get_by_role("button", name="Answer", exact=True).last.click()
    expect(page.get_by_text("Red or blue?")).to_be_hidden()
    world.until(plan, "running")
    expect(page.get_by_text("Blue").first).to_be_visible()


def test_filters_stand_in_the_address(window: Window, world: World) -> None:
    world.create("Find the needle", SLEEP, priority="critical")
    page = window.go("/tasks?view=list")
    page.get_by_label("Search tasks").fill("needle")
    page.get_by_label("Priority").select_option("critical")
    expect(page).to_have_url(re.compile("q=needle"))
    expect(page).to_have_url(re.compile("priority=critical"))
    expect(page.get_by_role("list", name="Tasks").get_by_role("link")).to_have_count(1)
    page.reload()
    expect(page.get_by_label("Search tasks")).to_have_value("needle")
    expect(page.get_by_label("Priority")).to_have_value("critical")
    expect(page.get_by_role("list", name="Tasks").get_by_role("link")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(card(page, "Find the needle")).to_be_visible()
    expect(page).not_to_have_url(re.compile("needle"))


def test_the_graph_draws_who_waits_for_whom(window: Window, world: World) -> None:
    first = world.create("Upstream of it", SLEEP)
    world.create("Downstream of it", SLEEP, dependencies=[{"depends_on_task_id": first}])
    page = window.go("/tasks?view=graph&q=stream+of+it")
    expect(page.locator(".react-flow__node")).to_have_count(2)
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    page.locator(".react-flow__node").filter(has_text="Downstream").click()
    expect(page.get_by_role("heading", name="Downstream of it")).to_be_visible()


def test_a_viewer_sees_no_buttons_and_is_refused(viewer: Window, world: World) -> None:
    task = by_hand(world, "Only to be seen", require_plan=True)
    world.post(f"/tasks/{task}/plan", {"plan": "Look."})
    page = viewer.go(f"/tasks/{task}")
    expect(page.get_by_role("heading", name="Only to be seen")).to_be_visible()
    expect(page.get_by_text("This plan waits for you")).to_be_visible()
    for name in ("Approve plan", "Send plan back", "Cancel"):
        expect(page.get_by_role("button", name=name)).to_have_count(0)
    writes = [("POST", f"/tasks/{task}/plan/approve"), ("DELETE", f"/tasks/{task}"), ("POST", "/servers/tokens")]
    for method, path in writes:
        assert page.evaluate(WRITE, [method, path]) == 403, (method, path)
    assert world.task(task)["status"] == "plan_review"
    page.goto(f"{viewer.url}/tasks")
    expect(card(page, "Only to be seen")).to_be_visible()
    expect(page.get_by_role("link", name="New task")).to_have_count(0)


WRITE = """([method, path]) => fetch("/api/v1" + path, {
  method, headers: {"Content-Type": "application/json"}, body: method === "POST" ? "{}" : undefined,
}).then((answer) => answer.status)"""
"""A write with the login of the page, past its buttons."""
