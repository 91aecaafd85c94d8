"""S21: a chat model among the steps of a workflow is executed, however the run begins. The provider is on loopback
and speaks the real protocol; hub, daemons and sockets are real."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.machina import chain, node
from tests.acceptance.world import World
from tests.daemon.nodes.providers import KEY, provider, refuse
from tests.daemon.nodes.servers import Asked

pytestmark = pytest.mark.acceptance
Json = dict[str, Any]

START = node("start-1", "start", "Start", initialData='{"name": "Ada"}')
MODEL = node("model-1", "openaiChatModel", "Ask", model="gpt-4.1", prompt="Greet {{start.name}}",
             options={"temperature": 0.5, "maxTokens": 60})  # fmt: skip
CONSOLE = node("console-1", "console", "", logMode="expression", expression="{{ask.response}}", format="text")


@contextmanager
def a_provider() -> Iterator[tuple[str, list[Asked], list[bytes]]]:
    """Give its address, what it was asked, and a list of answers to give before the true ones."""
    asked, first = list[Asked](), list[bytes]()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked.append(Asked("POST", self.path, headers, body))
            self.wfile.write(first.pop(0) if first else provider(asked[-1]))
            self.close_connection = True

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked, first
    finally:
        server.shutdown()
        server.server_close()


class Scene:
    """Two machines, of which one has a key."""

    def __init__(self, world: World, url: str, asked: list[Asked], first: list[bytes]) -> None:
        self.world, self.url, self.asked, self.first = world, url, asked, first

    def ended(self, run_id: str, status: str = "completed") -> dict[str, Json]:
        self.world.eventually(lambda: self.world.get(f"/runs/{run_id}")["finished_at"], "the run is over")
        shown = self.world.get(f"/runs/{run_id}")
        assert shown["status"] == status, shown
        return {"run": shown, **{found["key"]: found for found in shown["nodes"]}}

    def imported(self, definition: Json) -> int:
        made = self.world.request("POST", "/workflows", {"definition": definition, "publish": True})
        assert made.status_code == 200, made.text[:2000]
        return made.json()["id"]

    def run(self, definition: Json, status: str = "completed") -> dict[str, Json]:
        begun = self.world.post(f"/workflows/{self.imported(definition)}/runs", {})
        return self.ended(begun["id"], status)


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[Scene]:
    world = World(tmp_path_factory.mktemp("world"), module_database_url)
    with a_provider() as (url, asked, first):
        try:
            world.start_hub()
            world.for_daemons = {"CORRAL_HTTP_ALLOW_PRIVATE": "1"}
            world.daemon("keyless")
            world.for_daemons |= {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": f"{url}/v1", "ANTHROPIC_API_KEY": KEY,
                                  "ANTHROPIC_BASE_URL": url}  # fmt: skip
            world.daemon("keeper")
            world.eventually(lambda: "openaiChatModel" in types(world), "node types are announced")
            yield Scene(world, url, asked, first)
        finally:
            world.close()


def types(world: World) -> set[str]:
    return {found["type"] for found in world.get("/node-types")["node_types"]}


def is_right(nodes: dict[str, Json], heard: str = "Greet Ada") -> None:
    assert nodes["model-1"]["status"] == "completed"
    assert nodes["model-1"]["output"]["response"] == f"gpt-4.1 heard: {heard}"
    assert nodes["model-1"]["output"]["usage"]["total_tokens"] == 13
    assert nodes["console-1"]["logs"] == [f"gpt-4.1 heard: {heard}"]


def test_s21_begun_by_hand_and_once_more_from_the_model(scene: Scene) -> None:
    before = len(scene.asked)
    nodes = scene.run(chain(START, MODEL, CONSOLE))
    is_right(nodes)
    assert nodes["model-1"]["server"] == "keeper"
    again = scene.world.post(f"/runs/{nodes['run']['id']}/retry", {"from_node": "model-1"})
    nodes = scene.ended(again["id"])
    is_right(nodes)
    assert nodes["start-1"]["why"] == "pinned"
    keys = [asked.headers["idempotency-key"] for asked in scene.asked[before:]]
    assert len(keys) == len(set(keys)) == 2, "what is run again on purpose is another effect"


def test_s21_one_node_alone(scene: Scene) -> None:
    """What is before it is given, and what is behind it is pinned."""
    id = scene.imported(chain(START, MODEL, CONSOLE))
    body = {"inputs": {"name": "Bob"}, "pinned": {"console-1": "not now"}}
    nodes = scene.ended(scene.world.post(f"/workflows/{id}/runs", body)["id"])
    assert nodes["model-1"]["output"]["response"] == "gpt-4.1 heard: Greet Bob"
    assert (nodes["console-1"]["why"], nodes["console-1"]["output"]) == ("pinned", "not now")


def test_s21_deployed(scene: Scene) -> None:
    """As files have it: the prompt is MachinaOs' default, which is empty there; here it is what was said."""
    chat = node("chat-1", "chatTrigger", "Chat")
    model = node("model-1", "openaiChatModel", "Ask", model="gpt-4.1", prompt="{{ $json.message }}")
    id = scene.imported(chain(chat, model, CONSOLE))
    assert scene.world.request("POST", f"/workflows/{id}/deploy", {}).status_code == 200
    said = scene.world.request("POST", f"/workflows/{id}/chat", {"message": "How are you?"})
    is_right(scene.ended(said.json()["runs"][0]["id"]), "How are you?")
    scene.world.post(f"/workflows/{id}/undeploy")


def test_s21_deployed_and_answering(scene: Scene) -> None:
    hook = node("hook-1", "webhookTrigger", "Hook", path="greet", responseMode="responseNode")
    model = node("model-1", "anthropicChatModel", "Ask", model="claude", prompt="Greet {{hook.json.name}}")
    answer = node("answer-1", "webhookResponse", "Answer", responseBody="{{input.response}}", contentType="text/plain")
    id = scene.imported(chain(hook, model, answer))
    assert scene.world.request("POST", f"/workflows/{id}/deploy", {}).status_code == 200
    assert httpx.post(f"{scene.world.url}/webhook/greet", json={"name": "Eve"}, timeout=60).text == (
        "claude heard: Greet Eve"
    )
    scene.world.post(f"/workflows/{id}/undeploy")


def test_s21_a_part_of_another_node_is_no_step(scene: Scene) -> None:
    """Decided by the handle, not by the type: wired into another node as its model, it is not run by itself."""
    before = len(scene.asked)
    definition = chain(START, CONSOLE)
    written, parameters = MODEL
    definition["nodes"].append(written)
    definition["nodeParameters"]["model-1"] = parameters
    definition["edges"].append({"source": "model-1", "target": "console-1", "targetHandle": "input-model"})
    assert "model-1" not in scene.run(definition)
    assert len(scene.asked) == before


def test_a_busy_provider_is_left_alone_for_as_long_as_it_asks(scene: Scene) -> None:
    """It wants more than a node waits for by itself; the workflow does, and holds no machine meanwhile."""
    before = len(scene.asked)
    scene.first.append(refuse(429, {"message": f"not so fast, {KEY}"}, retry_after="21"))
    nodes = scene.run(chain(START, MODEL, CONSOLE))
    is_right(nodes)
    assert nodes["model-1"]["attempt"] == 2
    events = scene.world.get(f"/runs/{nodes['run']['id']}/history")["events"]
    failed = next(event for event in events if event["type"] == "node_failed")
    assert failed["fact"]["error"]["retry_after"] == 21
    assert KEY not in str(events)
    assert len({asked.headers["idempotency-key"] for asked in scene.asked[before:]}) == 1


def test_what_the_provider_will_never_take_is_asked_once(scene: Scene) -> None:
    before = len(scene.asked)
    scene.first.append(refuse(400, {"message": "too long", "code": "context_length_exceeded"}))
    nodes = scene.run(chain(START, MODEL, CONSOLE), status="failed")
    assert (nodes["model-1"]["error"]["kind"], nodes["model-1"]["attempt"]) == ("reported", 1)
    assert "the prompt is too long for this model" in nodes["model-1"]["error"]["message"]
    assert len(scene.asked) == before + 1


def test_the_key_stays_on_its_machine(scene: Scene) -> None:
    """Not in anything that the hub has, nor in a log."""
    scene.first.append(refuse(401, {"message": f"Incorrect API key provided: {KEY}"}))
    nodes = scene.run(chain(START, MODEL, CONSOLE), status="failed")
    assert "OPENAI_API_KEY" in nodes["model-1"]["error"]["message"]
    folder: Path = scene.world.folder
    assert KEY not in str(nodes) + "".join(log.read_text() for log in folder.glob("*.log"))
