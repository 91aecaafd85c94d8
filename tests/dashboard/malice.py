"""A hub into which every payload was written wherever a stranger could write it; and what a page must not have done."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, Request

from tests.acceptance.world import World
from tests.dashboard.browser import Window
from tests.dashboard.payloads import ALL, MAPPING, PAYLOADS
from tests.dashboard.scene import by_hand

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


def watch(window: Window) -> list[str]:
    """Note every request that leaves the hub. Call it before the first page."""
    strayed: list[str] = []

    def look(request: Request) -> None:
        if not request.url.startswith((window.url, "data:", window.url.replace("http", "ws"))):
            strayed.append(request.url)

    window.context.add_init_script(WATCH)
    window.context.on("request", look)
    return strayed


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
    definition = {"nodes": nodes[:4], "edges": edges, "description": ALL[:4000]}
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
