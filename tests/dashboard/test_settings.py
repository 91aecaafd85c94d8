"""Projects, users, tokens, keys and the audit log in the browser; and that a viewer has none of it."""

import re

import httpx
from playwright.sync_api import Browser, expect

from tests.acceptance.world import World
from tests.dashboard.browser import Window, a_window
from tests.hub_process import PASSWORD

VIEWER = "reader@example.org"


def test_a_project_is_made_and_changed(window: Window, world: World) -> None:
    page = window.go("/settings")
    expect(page).to_have_url(re.compile("/settings/projects$"))
    page.get_by_label("Name").fill("Checkout")
    page.get_by_role("button", name="Create project").click()
    row = page.get_by_role("row").filter(has_text="Checkout")
    expect(row).to_contain_text("are not asked for")
    row.get_by_role("button", name="Change").click()
    dialog = page.get_by_role("dialog", name="Change Checkout")
    dialog.get_by_label("Plans must be approved before work begins").check()
    dialog.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("must be approved")
    found = next(it for it in world.get("/projects")["projects"] if it["name"] == "Checkout")
    assert found["settings"]["require_plan_approval"]


def test_a_user_is_made_and_logs_in_by_a_one_time_link(window: Window, chrome: Browser, world: World) -> None:
    page = window.go("/settings/users")
    page.get_by_label("E-mail address").fill(VIEWER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create user").click()
    row = page.get_by_role("row").filter(has_text=VIEWER)
    row.get_by_role("button", name="One-time link").click()
    shown = page.get_by_role("status").filter(has_text="logs " + VIEWER)
    link = shown.locator("code").first.inner_text()
    other = a_window(chrome, world)
    other.page.goto(link)
    expect(other.page.get_by_text(f"{VIEWER} (viewer)")).to_be_visible()
    other.go("/settings")
    expect(other.page.get_by_role("heading", name="Projects")).to_be_visible()
    expect(other.page.get_by_role("link", name="Users")).to_have_count(0)
    expect(other.page.get_by_role("button", name="Create project")).to_have_count(0)
    assert other.complaints == []
    other.context.close()
    page.get_by_label(f"Role of {VIEWER}").select_option("admin")
    expect(page.get_by_role("status").filter(has_text="is admin now")).to_be_visible()


def test_a_token_is_shown_and_revoked(window: Window, world: World) -> None:
    world.post("/servers/tokens", {})
    page = window.go("/settings/tokens")
    expect(page.get_by_role("row").filter(has_text="enrolled one")).to_be_visible()
    open_one = page.get_by_role("row").filter(has_text="open for").first
    open_one.get_by_role("button", name="Revoke").click()
    expect(page.get_by_role("row").filter(has_text="revoked").first).to_be_visible()


def test_a_key_is_shown_once_counts_and_is_revoked(window: Window, world: World) -> None:
    page = window.go("/settings/keys")
    page.get_by_label("Name").fill("nightly")
    page.get_by_role("button", name="Make key").click()
    shown = page.get_by_role("status").filter(has_text="This is the key")
    key = shown.locator("code").first.inner_text()
    ask = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{world.url}/api/v1/tasks", headers=ask).status_code == 200
    assert httpx.post(f"{world.url}/api/v1/tasks", json={"title": "no"}, headers=ask).status_code == 403
    page.reload()
    row = page.get_by_role("row").filter(has_text="nightly")
    expect(row).to_be_visible()
    assert key not in page.content()
    row.get_by_role("button", name="Revoke").click()
    expect(row).to_contain_text("revoked")
    assert httpx.get(f"{world.url}/api/v1/tasks", headers=ask).status_code == 401


def test_the_log_names_who_did_what_and_its_chain_holds(window: Window, world: World) -> None:
    world.post("/projects", {"name": "Audited"})
    page = window.go("/settings/audit")
    expect(page.get_by_role("row").filter(has_text="Audited")).to_be_visible()
    page.get_by_role("button", name="Check the chain").click()
    expect(page.get_by_text("entries follow from one another")).to_be_visible()
    page.get_by_label("Did").fill("project.create")
    page.get_by_label("Did").blur()
    expect(page).to_have_url(re.compile("action=project.create"))
    expect(page.get_by_role("row").filter(has_text="Audited")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="token")).to_have_count(0)
