"""What tests of workflows find and do on their pages."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.acceptance.world import World

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
    expect(page.get_by_role("status").filter(has_text=re.compile(r"^\s*saved"))).to_be_visible()
