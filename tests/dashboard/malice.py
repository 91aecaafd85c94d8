"""A hub into which every payload was written wherever a stranger could write it; and what a page must not have done."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, Request
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.acceptance.world import World
from tests.dashboard.browser import Window
from tests.dashboard.payloads import ALL, MAPPING, PAYLOADS
from tests.dashboard.scene import by_hand
from tests.hub_process import PASSWORD

WATCH = """
window.__pwned = () => { window.__ran = (window.__ran ?? 0) + 1; };
window.__reports = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.__reports.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
});
"""
JUDGE = """() => {
  const found = [];
  const STRANGE = ["iframe", "frame", "object", "embed", "base", "xss", "math", "marquee"];
  if (window.__ran) found.push(`a script ran ${window.__ran} times`);
  found.push(...window.__reports.map((report) => `policy: ${report}`));
  if (Object.prototype.polluted !== undefined || ({}).__pwned !== undefined) found.push("a prototype was changed");
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    if (STRANGE.includes(name)) found.push(`<${name}>`);
    if (name === "script" && !(element.src.startsWith(location.origin + "/assets/"))) found.push(element.outerHTML);
    if (name === "meta" && element.httpEquiv) found.push(element.outerHTML);
    for (const { name: key, value } of element.attributes) {
      const text = value.replace(/[\\u0000-\\u0020]/g, "").toLowerCase();
      if (key.startsWith("on")) found.push(`${name}[${key}]`);
      const leads = ["href", "src", "srcset", "action", "formaction", "xlink:href", "data", "poster"].includes(key);
      if (leads && /^(javascript|vbscript|blob|data:(?!image\\/))/.test(text)) found.push(`${name}[${key}=${value}]`);
      if (key === "srcdoc") found.push(`${name}[srcdoc]`);
      if (key === "style" && /url\\(|expression/.test(text)) found.push(`${name}[style=${value}]`);
    }
    const leaves = name === "a" && element.href && element.origin !== location.origin;
    if (leaves && !/noopener/.test(element.rel)) found.push(element.outerHTML);
    if (["img", "image", "video", "audio", "source"].includes(name) && !element.outerHTML.includes("favicon.svg")) {
      found.push(element.outerHTML);
    }
  }
  return found;
}"""
"""What must not be on any page, whatever it shows."""


SHOWN = """(words) => {
  const main = document.querySelector("main");
  const walker = main && document.createTreeWalker(main, NodeFilter.SHOW_TEXT);
  const found = new Set();
  while (walker?.nextNode()) {
    const { data, parentElement } = walker.currentNode;
    if (parentElement.closest("option, title, .visually-hidden") || !parentElement.checkVisibility()) continue;
    for (const word of words) if (data.includes(word)) found.add(word);
  }
  return found.size === words.length;
}"""
"""Whether each of these is to be read on the page: not as an option that nobody has opened, not as a title."""
NEEDLE = "__pwned"
"""No word of ours: where it is read on a page, what a stranger wrote was shown there, as text."""
SCHEMA = {"type": "object", "properties": {it: {"type": "string", "title": it, "description": it} for it in PAYLOADS}}
MACHINE = "<img src=x onerror=__pwned()>$(touch pwned)"
KEY = "<svg onload=__pwned()>"
"""The id of a node: the letters that ids may have."""
TYPE = "<img src=x onerror=__pwned()>"


def watch(window: Window) -> list[str]:
    """Note every request that leaves the hub. Call it before the first page."""
    strayed: list[str] = []

    def look(request: Request) -> None:
        if not request.url.startswith((window.url, "data:", window.url.replace("http", "ws"))):
            strayed.append(request.url)

    window.context.add_init_script(WATCH)
    window.context.on("request", look)
    return strayed


def seen(page: Page, words: tuple[str, ...], path: str) -> None:
    """Wait until all of them are to be read on the page."""
    try:
        page.wait_for_function(SHOWN, arg=list(words))
    except PlaywrightTimeout:
        pytest.fail(f"{path} does not show {words}:\n{page.locator('body').inner_text()[:2000]}")


def judged(page: Page) -> list[str]:
    return list(page.evaluate(JUDGE))


def bundles(most: int) -> Iterator[str]:
    """Payloads, several in a text of at most `most` characters."""
    held = ""
    for payload in PAYLOADS:
        if held and len(held) + len(payload) + 3 > most:
            yield held
            held = ""
        held = f"{held} ¦ {payload}"[-most:] if held else payload[:most]
    yield held


def taken(world: World, method: str, path: str, body: dict[str, Any]) -> Any:
    """Write it where it is taken. What is refused must be refused as what it is: no payload may break the hub."""
    answer: httpx.Response = world.request(method, path, body)
    assert answer.status_code in (200, 201, 400, 409, 422), f"{path}: {answer.status_code} {answer.text[:300]}"
    return answer.json() if answer.status_code in (200, 201) else None


def tasks(world: World, folder: Path) -> dict[str, str]:
    """Tasks in every state that shows what somebody wrote; ids by what they are."""
    titles = [taken(world, "POST", "/tasks", {"title": title}) for title in bundles(400)]
    assert sum(made is not None for made in titles) > len(titles) / 2
    printed, result = folder / "printed", folder / "result"
    printed.write_text(ALL.replace("\ufffe", ""))
    result.write_text(json.dumps({**MAPPING, "summary": ALL}))
    run = {"kind": "command", "shell": f"cat {printed}; cat {printed} >&2; cat {result} > $CORRAL_RESULT"}
    made = {
        "done": world.create(
            PAYLOADS[0], run, spec=ALL, acceptance_criteria=PAYLOADS[:60], structured_spec={"run": run, "x": MAPPING}
        )
    }
    for content in (ALL, *PAYLOADS[:10]):
        taken(world, "POST", f"/tasks/{made['done']}/notes", {"content": content})
    made["plan"] = by_hand(world, PAYLOADS[13], require_plan=True)
    world.post(f"/tasks/{made['plan']}/plan", {"plan": ALL})
    made["help"] = by_hand(world, PAYLOADS[14])
    world.post(f"/tasks/{made['help']}/help", {"question": ALL, "context": ALL, "intervention_type": "question"})
    made["review"] = by_hand(world, PAYLOADS[15])
    world.post(f"/tasks/{made['review']}/review", {"result": ALL})
    made["failed"] = by_hand(world, PAYLOADS[21])
    world.post(f"/tasks/{made['failed']}/fail", {"error": ALL})
    world.until(made["done"], "done", "failed")
    return made


def workflow(world: World, folder: Path) -> tuple[int, str]:
    """A workflow whose every word means harm, run once; its id and the run's."""
    labels = list(bundles(60))[:30]
    nodes = [{"id": "start", "type": "start", "label": labels[0], "position": {"x": 0, "y": 0}}]
    printed = folder / "printed"
    for index, label in enumerate(labels[1:]):
        parameters = {"command": f"cat {printed}; cat {printed} >&2"}
        nodes.append({"id": f"n{index}", "type": "shell", "label": label, "parameters": parameters})  # type: ignore[dict-item]
    edges = [{"source": "start", "target": "n0"}, {"source": "start", "target": "n1"}]
    strange = {"id": "strange", "type": "constructor", "label": labels[4], "disabled": True}
    definition = {"nodes": [*nodes[:4], strange], "edges": edges, "description": ALL[:4000]}
    name = next(it for it in bundles(90) if "onerror" in it)
    made = world.post("/workflows", {"name": name, "definition": definition, "publish": True})
    run = world.post(f"/workflows/{made['id']}/runs", {"inputs": MAPPING})
    world.eventually(lambda: world.get(f"/runs/{run['id']}")["finished_at"] is not None, "the hostile run is over")
    return int(made["id"]), str(run["id"])


def session(world: World, folder: Path) -> str:
    """A terminal that shows all of it, under a hostile name."""
    name = "<img src=x onerror=__pwned()>"
    argv = ["sh", "-c", f"cat {folder / 'printed'}; sleep 600"]
    asked = {"server": "one", "argv": argv, "cols": 100, "rows": 30}
    made = taken(world, "POST", "/sessions", {**asked, "name": name}) or world.post("/sessions", {**asked, "name": "s"})
    world.eventually(lambda: world.get(f"/sessions/{made['id']}")["status"] == "running", "the session runs")
    return str(made["id"])


def names(world: World) -> None:
    """Of everything else that is called something."""
    for text in bundles(95):
        taken(world, "POST", "/projects", {"name": text})
    for text in list(bundles(95))[:12]:
        taken(world, "POST", "/keys", {"name": text, "role": "viewer"})
    for email in ("<script>__pwned()</script>@evil.example", '"><svg/onload=__pwned()>@evil.example'):
        taken(world, "POST", "/users", {"email": email, "password": PASSWORD, "role": "viewer"})


def servers(world: World) -> list[str]:
    """Machines that lie about all they may say of themselves; their ids, that of one which works first."""
    can: dict[str, Any] = {
        "repos": MAPPING, "languages": PAYLOADS, "environments": PAYLOADS, "tools": PAYLOADS, "tags": PAYLOADS,
        "agents": [{"name": it, "version": it, "path": it, "detail": it, "logged_in": False} for it in PAYLOADS],
        "nodes": [{"type": it, "title": it, "description": it, "category": it, "needs": [it]} for it in PAYLOADS],
    }  # fmt: skip
    can["nodes"] += [{"type": "constructor", "trigger": "__defineGetter__", "parameters": SCHEMA}]
    told = {"platform": ALL, "platform_release": ALL, "python_version": ALL, "os_username": ALL, "extra": MAPPING}
    world.daemon("two", slots=4)
    renamed = world.request("PATCH", "/servers/two", {"name": MACHINE, "overrides": {"tags": PAYLOADS}})
    assert renamed.status_code == 200, renamed.text
    made = [renamed.json()["id"]]
    for name in bundles(95):
        token = world.post("/servers/tokens", {})["token"]
        body = {"registration_token": token, "name": name, "hostname": name, "os": name}
        body |= {"capabilities": can, "system_info": {**told, "agent_version": name}} if len(made) < 4 else {}
        enrolled = taken(world, "POST", "/servers/register", body)
        made += [enrolled["id"]] if enrolled else []
    assert len(made) > 20
    return made


HARM = '''
from pathlib import Path
from corral_daemon.nodes.node import Context, node
from dataclasses import dataclass

@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    file: str

@node("<img src=x onerror=__pwned()>", title="<svg onload=__pwned()>", category="<script>__pwned()</script>")
async def harm(parameters: Parameters, context: Context) -> dict:
    """<script>__pwned()</script> says all it can, and fails for good."""
    text = Path(parameters.file).read_text()
    context.log(text)
    context.progress(0.5, text[:200])
    raise RuntimeError(text)
'''


def letters(world: World, folder: Path) -> list[int]:
    """What has failed for good, with harm in every name, input and error; the letters' ids."""
    nodes = world.daemons["one"].home / "nodes"
    nodes.mkdir()
    (nodes / "harm.py").write_text(HARM)
    types = lambda: [it["type"] for it in world.get("/node-types")["node_types"]]  # noqa: E731
    world.eventually(lambda: TYPE in types(), "the hostile node is announced")
    for name in [it for it in bundles(90) if "__pwned" in it][:6]:
        harm = {"id": KEY, "type": TYPE, "label": name, "parameters": {"file": str(folder / "printed")}}
        edges = [{"source": "start", "target": KEY}]
        definition = {"nodes": [{"id": "start", "type": "start"}, harm], "edges": edges}
        made = world.post("/workflows", {"name": name, "definition": definition, "publish": True})
        world.post(f"/workflows/{made['id']}/runs", {"inputs": MAPPING})
    found = lambda: world.get("/dead-letters")["dead_letters"]  # noqa: E731
    world.eventually(lambda: len(found()) > 5, "the dead letters are there")
    return [it["id"] for it in found()]
