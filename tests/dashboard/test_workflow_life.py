"""Workflows in the browser, once they are there: versions, triggers, trying out, and who else looks at them."""

from playwright.sync_api import Browser, Route, expect

from tests.acceptance.world import World
from tests.dashboard.browser import PHONE, Window, a_window
from tests.dashboard.editing import GRAPH, card, details, draft, made, saved
from tests.hub_process import PASSWORD


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


def test_one_node_is_run_as_it_is_on_the_screen(window: Window, world: World) -> None:
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
    details(page).get_by_text("Where it could run").click()
    expect(details(page).get_by_text("could run it now")).to_be_visible()
    details(page).get_by_text("Try it out").click()
    details(page).get_by_role("button", name="Run this node").click()
    result = details(page).get_by_role("region", name="In the last run")
    expect(result.get_by_text("got pinned words")).to_be_visible()
    details(page).get_by_label("command *").fill("echo now {{slow.stdout}}")
    details(page).get_by_role("button", name="Run this node").click()
    expect(result.get_by_text("now pinned words")).to_be_visible()
    expect(result.get_by_text("test run of the draft")).to_be_visible()
    window.picture("workflow-trial")
    shown = world.get(f"/workflows/{id}")
    assert (shown["version"], shown["last_run"]["version"]) == (None, None)
    nodes_now = {it["key"]: it for it in world.get(f"/runs/{shown['last_run']['id']}")["nodes"]}
    assert nodes_now["tell"]["output"]["stdout"] == "now pinned words\n"
    assert [nodes_now[key]["why"] for key in ("slow", "after")] == ["pinned", "pinned"]
    result.get_by_role("link", name="Open the run").click()
    page.wait_for_url(f"**/runs/{shown['last_run']['id']}*")
    expect(page.get_by_text("test run of the draft")).to_be_visible()
    expect(card(page, "tell")).to_be_visible()
    window.picture("run-of-the-draft")


def test_the_draft_is_tried_out_beside_what_is_published(window: Window, world: World) -> None:
    id = made(world, "tried whole")
    world.post(f"/workflows/{id}/publish", {})
    page = window.go(f"/workflows/{id}?select=look")
    details(page).get_by_label("command *").fill("echo of the draft")
    page.get_by_role("button", name="Run", exact=True).click()
    dialog = page.get_by_role("dialog", name="Try out the draft")
    window.picture("workflow-try-out")
    dialog.get_by_label("version 1, which is published").check()
    dialog = page.get_by_role("dialog", name="Run version 1")
    dialog.get_by_label("the draft as it is now").check()
    page.get_by_role("dialog").get_by_role("button", name="Try it out").click()
    page.wait_for_url("**/runs/*")
    run = page.url.rsplit("/", 1)[1]
    world.eventually(lambda: world.get(f"/runs/{run}")["status"] == "completed", "the run ends")
    nodes = {it["key"]: it for it in world.get(f"/runs/{run}")["nodes"]}
    assert nodes["look"]["output"]["stdout"] == "of the draft\n"
    assert world.get(f"/workflows/{id}")["versions"] == 1
    window.go("/runs")
    expect(page.get_by_role("link").filter(has_text=run[:8])).to_contain_text("test of the draft")
    window.go(f"/workflows/{id}?tab=runs")
    expect(page.get_by_role("row").filter(has_text=run[:8])).to_contain_text("test of the draft")
    window.picture("workflow-runs-of-the-draft")


def test_a_draft_with_a_problem_is_not_run_and_says_why(window: Window, world: World) -> None:
    id = made(world, "tried in vain")
    page = window.go(f"/workflows/{id}?select=look")
    details(page).get_by_label("command *").fill("")
    details(page).get_by_text("Try it out").click()
    details(page).get_by_role("button", name="Run this node").click()
    expect(page.get_by_text("/nodes/1/parameters/command")).to_be_visible()
    assert world.get(f"/workflows/{id}/runs")["runs"] == []


def test_a_new_name_counts_at_once_and_is_no_conflict(window: Window, world: World) -> None:
    id = made(world, "old name")
    page = window.go(f"/workflows/{id}")
    details(page).get_by_label("Name", exact=True).fill("new name")
    details(page).get_by_label("Name", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="new name")).to_be_visible()
    details(page).get_by_label("description").fill("said")
    page.keyboard.press("Control+s")
    saved(page)
    found = world.get(f"/workflows/{id}")
    assert (found["name"], found["definition"]["description"]) == ("new name", "said")


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
