"""Workflows in the browser: built by mouse and keyboard, judged while typing, published, run, imported."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.acceptance.machina import chain, node
from tests.acceptance.world import World
from tests.dashboard.browser import Window
from tests.dashboard.editing import GRAPH, card, details, draft, made, saved


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


def test_yaml_and_steps_of_automateos_are_pasted(window: Window, world: World) -> None:
    page = window.go("/workflows?open=import")
    dialog = page.get_by_role("dialog", name="Import a workflow")
    paste = dialog.get_by_label("or paste it")
    paste.fill("nodes: [{id: a, type: start}]\nedges: [")
    expect(dialog.get_by_text("no YAML")).to_be_visible()
    paste.fill("name: no\nnodes: [{id: a, type: start}]\nedges: []\n")
    expect(dialog.get_by_text("A workflow of Corral: 1 nodes, 0 edges")).to_be_visible()
    expect(dialog.get_by_label("Name")).to_have_value("no")
    steps = {"steps": [{"id": "one", "type": "http_request_node", "config": {"url": "https://example.org"}}]}
    paste.fill(json.dumps(steps))
    expect(dialog.get_by_text("Steps of AutomateOS")).to_be_visible()
