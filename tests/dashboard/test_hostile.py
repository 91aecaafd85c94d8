"""More than a hundred payloads, written wherever a stranger could: no page runs one, loads one, or sends one away."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.acceptance.world import World
from tests.dashboard import malice
from tests.dashboard.browser import Window, a_window
from tests.dashboard.malice import NEEDLE
from tests.dashboard.payloads import PAYLOADS

UNFOLD = "document.querySelectorAll('main details').forEach((it) => { it.open = true; })"
TABS = ["overview", "contracts", "output", "notes", "activity", "attempts", "placement"]


@dataclass(frozen=True)
class Scene:
    tasks: dict[str, str]
    workflow: int
    run: str
    session: str
    servers: list[str]
    letters: list[int]


@pytest.fixture(scope="module")
def scene(world: World, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    folder: Path = tmp_path_factory.mktemp("malice")
    tasks = malice.tasks(world, folder)
    malice.names(world)
    servers = malice.servers(world)
    workflow, run = malice.workflow(world, folder)
    letters = malice.letters(world, folder)
    return Scene(tasks, workflow, run, malice.session(world, folder), servers, letters)


@pytest.fixture(scope="module")
def victim(chrome: Browser, world: World) -> Iterator[tuple[Window, list[str]]]:
    """The administrator, who looks at everything; and what left the hub meanwhile."""
    window = a_window(chrome, world)
    strayed = malice.watch(window)
    window.log_in()
    yield window, strayed
    window.context.close()


def settled(page: Page) -> None:
    """What the page asks the hub for has come, and what it loads late has been drawn."""
    expect(page.locator("main > *, form, h1").first).to_be_visible()
    page.wait_for_load_state("networkidle")


def harmless(victim: tuple[Window, list[str]], paths: list[str], *words: str) -> None:
    """None of these pages does harm, and each was really looked at: the hostile words stand on it, to be read."""
    window, strayed = victim
    for path in paths:
        page = window.go(path)
        settled(page)
        page.evaluate(UNFOLD)
        page.wait_for_load_state("networkidle")
        malice.seen(page, words, path)
        assert malice.judged(page) == [], path
    assert strayed == []
    assert window.complaints == []


def test_there_are_enough_of_them() -> None:
    assert len(set(PAYLOADS)) >= 100


def test_tasks(victim: tuple[Window, list[str]], scene: Scene) -> None:
    pages = [f"/tasks/{scene.tasks['done']}?tab={tab}" for tab in TABS]
    others = [f"/tasks/{scene.tasks[name]}" for name in ("plan", "help", "review", "failed")]
    harmless(victim, ["/tasks", "/tasks?view=list", "/tasks?view=graph", *pages, *others], NEEDLE)


def test_what_is_written_is_shown_as_text(victim: tuple[Window, list[str]], scene: Scene) -> None:
    page = victim[0].go(f"/tasks/{scene.tasks['done']}?tab=output")
    expect(page.get_by_text("<script>__pwned()</script>").first).to_be_visible()


def test_the_inbox_and_the_palette(victim: tuple[Window, list[str]], scene: Scene) -> None:
    harmless(victim, ["/"], NEEDLE)
    page = victim[0].page
    page.keyboard.press("Control+k")
    page.keyboard.type("pwned")
    expect(page.get_by_role("option").filter(has_text="__pwned").first).to_be_visible()
    assert malice.judged(page) == []
    page.keyboard.press("Escape")


def test_addresses(victim: tuple[Window, list[str]]) -> None:
    bad = "%3Cimg%20src%3Dx%20onerror%3D__pwned()%3E"
    paths = [f"/tasks?q={bad}&server={bad}&project_id={bad}", f"/tasks/{bad}", f"/servers/{bad}", f"/runs/{bad}"]
    harmless(victim, [*paths, f"/?kind={bad}", f"/{bad}", "/tasks?__proto__[polluted]=1&constructor[polluted]=1"])
    window, _ = victim
    window.page.context.clear_cookies()
    for target in ("javascript:__pwned()", "//evil.example/", "https://evil.example/", "/\\evil.example"):
        window.log_in(path=f"/login?next={target}")
        assert window.page.url.startswith(window.url)
        assert malice.judged(window.page) == []
        window.page.context.clear_cookies()
    window.log_in()
    window.complaints.clear()


def test_the_fleet_and_the_settings(victim: tuple[Window, list[str]], scene: Scene) -> None:
    harmless(victim, ["/servers", *(f"/servers/{id}" for id in scene.servers[:12])], NEEDLE)
    harmless(victim, ["/servers", f"/servers/{scene.servers[0]}"], malice.MACHINE)
    harmless(victim, [f"/settings/{part}" for part in ("projects", "users", "keys", "audit")], NEEDLE)
    page = victim[0].go("/servers")
    page.get_by_role("link").filter(has_text="<script>__pwned()</script> ¦").first.click()  # no name leads astray
    expect(page.get_by_role("heading", name="<script>__pwned()</script>")).to_be_visible()
    harmless(victim, ["/settings/tokens", "/servers/join", "/tasks/new"])  # nothing of a stranger's stands there


def test_workflows_and_runs(victim: tuple[Window, list[str]], scene: Scene) -> None:
    harmless(victim, ["/workflows", f"/workflows/{scene.workflow}", "/runs", f"/runs/{scene.run}"], NEEDLE)
    harmless(victim, [f"/workflows/{scene.workflow}?select=strange"], NEEDLE, "hasOwnProperty", "__proto__")
    tabs = [f"/runs/{scene.run}?tab={tab}" for tab in ("timeline", "history", "output")]
    harmless(victim, [f"/runs/{scene.run}?node=n0", *tabs], NEEDLE)


def test_dead_letters(victim: tuple[Window, list[str]], scene: Scene, world: World) -> None:
    harmless(victim, ["/dead-letters"], malice.KEY, malice.TYPE)
    letter = world.get(f"/dead-letters/{scene.letters[0]}")
    run = f"/runs/{letter['run_id']}?node={quote(malice.KEY, safe='')}"
    harmless(victim, [f"/dead-letters?letter={letter['id']}", run, f"{run}&tab=history"], malice.KEY, NEEDLE)
    page = victim[0].go(f"/dead-letters?letter={letter['id']}")
    expect(page.get_by_role("region", name="Error")).to_contain_text("</script><script>__pwned()</script>")


def test_terminals(victim: tuple[Window, list[str]], scene: Scene) -> None:
    harmless(victim, ["/terminals", f"/terminals/{scene.session}"], NEEDLE)


def test_the_judge_sees_what_it_is_there_for(chrome: Browser, world: World) -> None:
    """A control: what no page may do is done by hand, and found."""
    window = a_window(chrome, world)
    malice.watch(window)
    window.log_in()
    assert malice.judged(window.page) == []
    window.page.evaluate("() => { document.querySelector('main').innerHTML += '<img src=x onerror=__pwned()>'; }")
    window.page.wait_for_function("() => window.__reports.length > 0")
    found = malice.judged(window.page)
    assert any("onerror" in it for it in found)
    assert any(it.startswith("policy: script-src") for it in found)
    assert not any("ran" in it for it in found)  # the policy held even so
    window.page.evaluate("window.__pwned()")
    assert "a script ran 1 times" in malice.judged(window.page)
    window.context.close()
