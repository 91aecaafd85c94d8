"""Workflows in the browser: built by mouse and keyboard, judged while typing, published, run, imported, shared."""

import json
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, Route, expect

from tests.acceptance.machina import chain, node
from tests.acceptance.world import World
from tests.dashboard.browser import PHONE, Window, a_window
from tests.hub_process import PASSWORD

Json = dict[str, object]
GRAPH: Json = {
    "nodes": [
        {"id": "start", "type": "start", "position": {"x": 0, "y": 0}},
        {"id": "look", "type": "shell", "parameters": {"command": "true"}, "position": {"x": 300, "y": 0}},
    ],
    "edges": [{"source": "start", "target": "look"}],
}


def card(page: Page, name: str) -> Locator:
    return page.locator(".react-flow__node").filter(has=page.get_by_text(name, exact=True))


def made(world: World, name: str, definition: Json = GRAPH) -> int:
    return int(world.post("/workflows", {"name": name, "definition": definition})["id"])


def draft(world: World, id: int) -> Json:
    return world.get(f"/workflows/{id}")["definition"]


def details(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Details")


def saved(page: Page) -> None:
    expect(page.get_by_text("saved", exact=False).first).to_contain_text("saved now")


def new_workflow(page: Page, name: str) -> None:
    page.get_by_role("button", name="New workflow").click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("heading", name=name)).to_be_visible()
    expect(card(page, "start")).to_be_visible()


def test_built_by_mouse_and_keyboard_published_and_run(window: Window, world: World) -> None:
    page = window.go("/workflows")
    new_workflow(page, "release it")
    build(page)
    window.picture("workflow-editor")
    publish_first(window)
    found = next(it for it in world.get("/workflows") if it["name"] == "release it")
    assert (found["version"], found["changed"]) == (1, False)
    condition = {"field": "exit_code", "operator": "eq", "value": 0}
    assert draft(world, found["id"])["edges"] == [
        {"source": "start", "target": "shell"},
        {"source": "shell", "target": "console", "condition": condition},
    ]
    page.get_by_role("button", name="Run", exact=True).click()
    page.get_by_role("dialog", name="Run version 1").get_by_role("button", name="Run", exact=True).click()
    page.wait_for_url("**/runs/*")
    run = page.url.rsplit("/", 1)[1]
    world.eventually(lambda: world.get(f"/runs/{run}")["status"] == "completed", "the run ends")


def build(page: Page) -> None:
    """By mouse a shell, by keyboard a console behind it, and a condition on the edge between them."""
    card(page, "start").click()
    page.get_by_role("navigation", name="Node types").get_by_role("button", name="Add Shell").click()
    expect(page.get_by_role("button", name="1 problem")).to_be_visible()
    details(page).get_by_label("command *").fill("exit 0")
    expect(page.get_by_text("No problems")).to_be_visible()
    page.get_by_label("Find a node type").fill("console")
    page.get_by_label("Find a node type").press("Enter")
    expect(details(page).get_by_role("heading", name="console")).to_be_visible()
    card(page, "shell").click()
    details(page).get_by_role("button", name="console", exact=True).click()
    details(page).get_by_label("On a condition").check()
    details(page).get_by_label("Field").fill("exit_code")
    details(page).get_by_label("Value").fill("0")
    expect(page.get_by_text("exit_code = 0").first).to_be_visible()


def publish_first(window: Window) -> None:
    window.page.get_by_role("button", name="Publish").click()
    dialog = window.page.get_by_role("dialog", name="Publish the first version")
    expect(dialog.get_by_text("node shell")).to_be_visible()
    expect(dialog.locator(".react-flow__node")).to_have_count(3)
    window.picture("workflow-publish")
    dialog.get_by_role("button", name="Publish version 1").click()
    expect(dialog).to_be_hidden()


def test_a_problem_leads_to_its_field_and_vanishes(window: Window, world: World) -> None:
    graph = {**GRAPH, "nodes": [{"id": "start", "type": "start"}, {"id": "wait", "type": "shell"}]}
    page = window.go(f"/workflows/{made(world, 'judged', {**graph, 'edges': [{'source': 'start', 'target': 'wait'}]})}")
    page.get_by_role("button", name="1 problem").click()
    page.get_by_role("region", name="Problems").get_by_role("button", name="needs 'command'").click()
    expect(details(page).get_by_label("command *")).to_be_focused()
    page.keyboard.type("echo {{start.name}}")
    expect(page.get_by_text("No problems")).to_be_visible()
    page.keyboard.press("Control+s")
    saved(page)


def test_keys_move_copy_delete_and_undo(window: Window, world: World) -> None:
    id = made(world, "by keys")
    page = window.go(f"/workflows/{id}")
    card(page, "look").focus()
    page.keyboard.press("Enter")
    expect(details(page).get_by_role("heading", name="look")).to_be_visible()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Control+c")
    page.keyboard.press("Control+v")
    expect(card(page, "look_2")).to_be_visible()
    page.keyboard.press("Control+s")
    saved(page)
    first, copy = draft(world, id)["nodes"][1:]  # type: ignore[index]
    assert first["position"]["x"] > 300
    assert copy["parameters"] == {"command": "true"}
    card(page, "look_2").focus()
    page.keyboard.press("Delete")
    expect(card(page, "look_2")).to_be_hidden()
    page.keyboard.press("Control+z")
    expect(card(page, "look_2")).to_be_visible()


def test_a_node_is_dragged_onto_the_canvas_and_connected(window: Window, world: World) -> None:
    id = made(world, "by mouse")
    page = window.go(f"/workflows/{id}")
    expect(card(page, "look")).to_be_visible()
    canvas = page.locator(".react-flow__pane")
    page.get_by_role("button", name="Add Console").drag_to(canvas, target_position={"x": 300, "y": 420})
    expect(card(page, "console")).to_be_visible()
    out, into = card(page, "look").locator(".source"), card(page, "console").locator(".target")
    out.drag_to(into)
    expect(page.locator(".react-flow__edge")).to_have_count(2)
    page.keyboard.press("Control+s")
    saved(page)
    assert draft(world, id)["edges"][1] == {"source": "look", "target": "console"}  # type: ignore[index]


def test_versions_are_compared_and_published_again(window: Window, world: World) -> None:
    id = made(world, "versioned")
    world.post(f"/workflows/{id}/publish", {"note": "the first"})
    page = window.go(f"/workflows/{id}?select=look")
    details(page).get_by_label("command *").fill("false")
    page.get_by_role("button", name="Publish").click()
    dialog = page.get_by_role("dialog", name="Publish: what changes after version 1")
    expect(dialog.get_by_text("parameters.command")).to_be_visible()
    window.picture("workflow-difference")
    dialog.get_by_role("button", name="Publish version 2").click()
    page.get_by_role("tab", name="Versions").click()
    first = page.get_by_role("row").filter(has_text="the first")
    first.get_by_role("button", name="Publish again").click()
    expect(page.get_by_role("row").filter(has_text="as version 1")).to_be_visible()
    page.get_by_role("row").filter(has_text="as version 1").get_by_role("button", name="What changed").click()
    expect(page).to_have_url(f"{window.url}/workflows/{id}?tab=versions&from=2&to=3")
    expect(page.get_by_role("list", name="Changes").get_by_text("node look")).to_be_visible()
    window.picture("workflow-versions")
    assert draft(world, id) == GRAPH


def test_triggers_are_armed_and_say_where_and_when(window: Window, world: World) -> None:
    triggers = [
        {"id": "hook", "type": "webhookTrigger", "parameters": {"path": "from-outside"}},
        {"id": "clock", "type": "cronScheduler", "parameters": {"cron": "30 9 * * 1-5", "timezone": "Europe/Paris"}},
        {"id": "tell", "type": "console"},
    ]
    ends = [{"source": "hook", "target": "tell"}, {"source": "clock", "target": "tell"}]
    id = made(world, "armed", {"nodes": triggers, "edges": ends})
    page = window.go(f"/workflows/{id}?tab=deployment")
    expect(page.get_by_role("heading", name="Next runs, once it is deployed")).to_be_visible()
    page.get_by_role("button", name="Deploy", exact=True).click()
    dialog = page.get_by_role("dialog", name="Deploy")
    dialog.get_by_label("Runs at a time").fill("3")
    dialog.get_by_role("button", name="Deploy").click()
    expect(page.get_by_text(f"{window.url}/webhook/from-outside")).to_be_visible()
    page.get_by_role("button", name="Copy the address").click()
    assert page.evaluate("navigator.clipboard.readText()") == f"{window.url}/webhook/from-outside"
    expect(page.get_by_role("region", name="Next runs of clock").get_by_role("listitem")).to_have_count(5)
    window.picture("workflow-deployment")
    assert world.get(f"/workflows/{id}/deployment")["concurrency"] == 3
    page.get_by_role("button", name="Undeploy").click()
    expect(page.get_by_text("Nothing is armed")).to_be_visible()


def test_one_node_is_run_with_what_is_pinned(window: Window, world: World) -> None:
    nodes = [
        {"id": "start", "type": "start"},
        {"id": "slow", "type": "shell", "parameters": {"command": "exit 7"}, "pinned": {"stdout": "pinned words"}},
        {"id": "tell", "type": "shell", "parameters": {"command": "echo"}},
        {"id": "after", "type": "shell", "parameters": {"command": "exit 9"}},
    ]
    ends = [{"source": a, "target": b} for a, b in (("start", "slow"), ("slow", "tell"), ("tell", "after"))]
    id = made(world, "tried out", {"nodes": nodes, "edges": ends})
    page = window.go(f"/workflows/{id}?select=tell")
    details(page).get_by_label("command *").fill("echo got ")
    details(page).get_by_role("button", name="Insert a value into command").click()
    details(page).get_by_role("button", name="stdout", exact=True).click()
    expect(details(page).get_by_label("command *")).to_have_value("echo got {{slow.stdout}}")
    page.get_by_role("button", name="Publish").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish version 1").click()
    details(page).get_by_text("Where it could run").click()
    expect(details(page).get_by_text("could run it now")).to_be_visible()
    details(page).get_by_text("Try it out").click()
    window.picture("workflow-trial")
    details(page).get_by_role("button", name="Run this node").click()
    page.wait_for_url("**/runs/*")
    run = page.url.rsplit("/", 1)[1]
    world.eventually(lambda: world.get(f"/runs/{run}")["status"] == "completed", "the run ends")
    nodes_now = {it["key"]: it for it in world.get(f"/runs/{run}")["nodes"]}
    assert nodes_now["tell"]["output"]["stdout"] == "got pinned words\n"
    assert [nodes_now[key]["why"] for key in ("slow", "after")] == ["pinned", "pinned"]


def test_a_machina_file_is_imported(window: Window, tmp_path: Path) -> None:
    nodes = [node("a", "start"), node("b", "console", "Tell", logMode="all"), node("c", "teleport", "Away", far=True)]
    file = tmp_path / "export.json"
    file.write_text(json.dumps(chain(*nodes)))
    page = window.go("/workflows")
    page.get_by_role("button", name="Import").click()
    dialog = page.get_by_role("dialog", name="Import a workflow")
    dialog.get_by_label("File").set_input_files(file)
    expect(dialog.get_by_text("An export of MachinaOs: 3 nodes, 2 edges")).to_be_visible()
    expect(dialog.get_by_text("no machine has nodes of type 'teleport'")).to_be_visible()
    window.picture("workflow-import")
    dialog.get_by_label("Name").fill("from elsewhere")
    dialog.get_by_role("button", name="Import as a draft").click()
    expect(page.get_by_role("heading", name="from elsewhere")).to_be_visible()
    card(page, "Away").click()
    expect(details(page).get_by_text("No machine has nodes of type “teleport” now")).to_be_visible()


def test_two_editors_do_not_overwrite_each_other(window: Window, world: World) -> None:
    id = made(world, "shared")
    page = window.go(f"/workflows/{id}")
    card(page, "look").click()
    page.route(f"**/api/v1/workflows/{id}", lambda route: theirs_first(route, world, id), times=1)
    details(page).get_by_label("command *").fill("mine")
    expect(page.get_by_role("alert").filter(has_text="Somebody else saved this draft")).to_be_visible()
    assert draft(world, id)["description"] == "theirs"
    window.picture("workflow-conflict")
    page.get_by_role("button", name="Keep mine").click()
    saved(page)
    kept = draft(world, id)
    assert kept["nodes"][1]["parameters"] == {"command": "mine"}  # type: ignore[index]


def theirs_first(route: Route, world: World, id: int) -> None:
    """Somebody else saves while this one's change is on its way."""
    assert route.request.method == "PATCH"
    world.request("PATCH", f"/workflows/{id}", {"definition": {**GRAPH, "description": "theirs"}})
    route.continue_()


def test_a_viewer_reads_and_a_phone_shows_it(chrome: Browser, world: World) -> None:
    id = made(world, "seen by all")
    world.post("/users", {"email": "viewer@example.org", "password": PASSWORD, "role": "viewer"})
    window = a_window(chrome, world, size=PHONE, scheme="light")
    window.log_in("viewer@example.org", PASSWORD)
    page = window.go("/workflows")
    expect(page.get_by_role("link", name="seen by all")).to_be_visible()
    expect(page.get_by_role("button", name="New workflow")).to_be_hidden()
    window.picture("workflows-phone")
    page.get_by_role("link", name="seen by all").click()
    expect(card(page, "look")).to_be_visible()
    window.picture("workflow-phone")
    card(page, "look").click()
    expect(details(page).get_by_label("command *")).to_be_disabled()
    expect(page.get_by_role("button", name="Publish")).to_be_hidden()
    window.picture("workflow-phone-details")
    assert window.complaints == []
    window.context.close()
    assert draft(world, id) == GRAPH
