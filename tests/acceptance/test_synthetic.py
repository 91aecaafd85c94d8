"""Workflows as MachinaOs would export them, imported and run: a real hub, a real daemon, real processes."""

import http.server
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.machina import chain, edge, export, node
from tests.acceptance.world import World, free_port, marked

pytestmark = pytest.mark.acceptance
Json = dict[str, Any]
SECRET = "sesame-in-the-environment-of-the-daemon"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, module_database_url: str) -> Iterator[World]:
    """One machine, for files and processes are of the machine on which they are."""
    allowed = {"CORRAL_HTTP_ALLOW_PRIVATE": "1", "CORRAL_TEST_SECRET": SECRET}
    world = World(tmp_path_factory.mktemp("world"), module_database_url, for_daemons=allowed)
    try:
        world.start_hub()
        world.daemon("one", slots=4)
        world.eventually(lambda: "processManager" in types(world), "node types are announced")
        yield world
    finally:
        world.close()


@pytest.fixture
def walled(world: World) -> World:
    if "pythonExecutor" not in types(world):
        pytest.skip("this machine cannot wall code in: bubblewrap is missing, or the kernel forbids it")
    return world


def types(world: World) -> set[str]:
    return {found["type"] for found in world.get("/node-types")["node_types"]}


def run(world: World, definition: Json, status: str = "completed", **body: Any) -> dict[str, Json]:
    """Import it, run it to its end; return the nodes by key, and the run itself under `run`."""
    made = world.request("POST", "/workflows", {"definition": definition, "publish": True})
    assert made.status_code == 200, made.text[:2000]
    begun = world.post(f"/workflows/{made.json()['id']}/runs", body)
    world.eventually(lambda: world.get(f"/runs/{begun['id']}")["finished_at"] is not None, "the run is over")
    shown = world.get(f"/runs/{begun['id']}")
    assert shown["status"] == status, shown
    return {"run": shown, **{found["key"]: found for found in shown["nodes"]}}


def happened(world: World, nodes: dict[str, Json], *what: str) -> list[tuple[str, str]]:
    """Return (event, node) in the order in which it happened."""
    events = world.get(f"/runs/{nodes['run']['id']}/history")["events"]
    return [(event["type"], event.get("key", "")) for event in events if event["type"] in what]


@contextmanager
def answering(*statuses: int) -> Iterator[tuple[str, list[Json]]]:
    """A server with these answers, the last of them for ever; gives its URL and what it was asked."""
    left, asked = list(statuses), list[Json]()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(dict(self.headers))
            self.send_response(left.pop(0) if len(left) > 1 else left[0])
            self.end_headers()
            self.wfile.write(b'{"answer": 42}')

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/", asked
    finally:
        server.shutdown()
        server.server_close()


START = node("start-1", "start", "Start", initialData='{"name": "Ada", "n": 2, "score": 70}')


def test_s1_code_between_templates(walled: World) -> None:
    code = 'output = {"doubled": input_data["start"]["n"] * 2}'
    text = "Hi {{start.name}} {{pythonexecutor.output.doubled}}"
    definition = chain(
        START,
        node("pythonExecutor-1", "pythonExecutor", "", code=code),
        node("console-1", "console", "", logMode="expression", expression=text, format="text"),
    )
    assert run(walled, definition)["console-1"]["logs"] == ["Hi Ada 4"]


def test_s2_two_waits_at_once_and_both_inputs(walled: World) -> None:
    timers = [node(f"timer-{n}", "timer", f"Wait {n}", duration=1, unit="seconds") for n in (1, 2)]
    join = node(
        "pythonExecutor-1", "pythonExecutor", "Join", code="output = sorted(k for k in input_data if 'timer' in k)"
    )
    console = node("console-1", "console", "", logMode="field", fieldPath="output")
    edges = [edge("start-1", "timer-1"), edge("start-1", "timer-2"), edge("timer-1", "pythonExecutor-1"),
             edge("timer-2", "pythonExecutor-1"), edge("pythonExecutor-1", "console-1")]  # fmt: skip
    nodes = run(walled, export([START, *timers, join, console], edges))
    assert nodes["pythonExecutor-1"]["output"]["output"] == ["timer", "timer_2"]
    order = happened(walled, nodes, "node_waiting", "node_completed")
    both = [order.index(("node_waiting", f"timer-{n}")) for n in (1, 2)]
    first = min(order.index(("node_completed", f"timer-{n}")) for n in (1, 2))
    assert max(both) < first, "they wait side by side"


def test_s3_a_false_edge_skips_what_is_behind_it(world: World) -> None:
    consoles = [node(f"console-{name}", "console", name) for name in "abc"]
    edges = [
        edge("start-1", "console-a", {"field": "score", "operator": "gte", "value": 50}),
        edge("start-1", "console-b", {"field": "score", "operator": "lt", "value": 50}),
        edge("console-b", "console-c"),
    ]
    nodes = run(world, export([START, *consoles], edges))
    assert [nodes[f"console-{name}"]["status"] for name in "abc"] == ["completed", "skipped", "skipped"]
    assert any('"score": 70' in line for line in nodes["console-a"]["logs"])


def test_s7_a_server_that_comes_back(world: World) -> None:
    with answering(503, 503, 200) as (url, asked):
        nodes = run(world, chain(START, node("httpRequest-1", "httpRequest", "Ask", url=url, method="POST", body="{}")))
    made = nodes["httpRequest-1"]
    assert (made["status"], made["attempt"], made["output"]["data"]) == ("completed", 3, {"answer": 42})
    assert len({headers["idempotency-key"] for headers in asked}) == 1
    assert len(asked) == 3


def test_s7_a_server_that_does_not(world: World) -> None:
    with answering(503) as (url, asked):
        definition = chain(
            START,
            node("httpRequest-1", "httpRequest", "Ask", url=url, method="POST"),
            node("console-1", "console", "After"),
        )
        nodes = run(world, definition, status="failed")
    assert len(asked) == 3
    assert nodes["httpRequest-1"]["error"]["kind"] == "unavailable"
    assert nodes["httpRequest-1"]["status"] == "failed"
    assert nodes["console-1"]["status"] != "completed"
    assert nodes["console-1"]["attempt"] == 0


def test_s8_a_node_that_is_switched_off(world: World) -> None:
    consoles = [node(f"console-{name}", "console", name) for name in "abc"]
    definition = chain(START, *consoles, disabled=("console-b",))
    nodes = run(world, definition)
    assert nodes["console-a"]["status"] == "completed"
    assert nodes["console-b"]["status"] == "skipped"
    assert nodes["console-c"]["status"] in ("completed", "skipped")


def test_s11_files_of_the_workflow(world: World) -> None:
    path = "notes/a.txt"
    nodes = run(world, chain(
        START,
        node("w", "fileModify", "Write", operation="write", file_path=path, content="one\ntwo {{start.name}}\n"),
        node("e", "fileModify", "Edit", operation="edit", file_path=path, old_string="two", new_string="2"),
        node("r", "fileRead", "Read", file_path=path),
        node("g", "fsSearch", "Search", mode="grep", pattern="Ada", file_filter="*.txt"),
        node("s", "shell", "Count", command="wc -l < notes/a.txt"),
    ))  # fmt: skip
    assert nodes["e"]["output"]["occurrences"] == 1
    assert nodes["r"]["output"]["content"] == "     1\tone\n     2\t2 Ada"
    assert nodes["g"]["output"]["matches"] == [{"path": path, "line": 2, "text": "2 Ada"}]
    assert nodes["s"]["output"]["stdout"].strip() == "2"


@pytest.mark.parametrize("path", ["../../spool.db", "/etc/passwd", "way/passwd"])
def test_s11_no_way_out_of_it(world: World, path: str) -> None:
    link = node("l", "shell", "Link", command="ln -s /etc way")
    nodes = run(world, chain(START, link, node("r", "fileRead", "Read", file_path=path)), status="failed")
    assert nodes["r"]["error"]["kind"] == "bad_input"


def server_chain(port: int, name: str, *more: tuple[Json, Json]) -> Json:
    command = f"echo ready; exec {sys.executable} -m http.server {port} --bind 127.0.0.1"
    return chain(
        START,
        node("start-server", "processManager", "Serve", operation="start", name=name, command=command),
        node("ask", "httpRequest", "Ask", url=f"http://127.0.0.1:{port}/"),
        *more,
    )


def test_s12_a_process_in_the_background(world: World) -> None:
    port = free_port()
    nodes = run(world, server_chain(
        port,
        "site",
        node("o", "processManager", "Output", operation="get_output", name="site", stream="stderr"),
        node("x", "processManager", "Stop", operation="stop", name="site"),
        node("l", "processManager", "List", operation="list"),
        node("f", "shell", "Logs", command="cat .processes/site/stdout.log .processes/site/stderr.log"),
    ))  # fmt: skip
    assert nodes["ask"]["output"]["status"] == 200
    assert any("GET / HTTP" in line for line in nodes["o"]["output"]["lines"])
    assert (nodes["start-server"]["output"]["status"], nodes["x"]["output"]["status"]) == ("running", "stopped")
    assert [process["status"] for process in nodes["l"]["output"]["processes"]] == ["stopped"]
    assert "ready" in nodes["f"]["output"]["stdout"]
    assert not list(marked(f"http.server\0{port}"))


def test_s12_what_a_killed_daemon_leaves_behind_is_ended(world: World) -> None:
    port = free_port()
    assert run(world, server_chain(port, "site"))["ask"]["status"] == "completed"
    assert list(marked(f"http.server\0{port}"))
    world.daemons["one"].kill()
    world.eventually(lambda: not list(marked(f"http.server\0{port}")), "the process is gone")
    world.start_daemon(world.daemons["one"])
    world.eventually(lambda: "processManager" in types(world), "node types are announced again")


def test_s23_a_hundred_at_once_and_not_more_than_allowed(world: World, tmp_path: Path) -> None:
    """Each marks itself while it runs, and writes down how many others do."""
    marks = tmp_path / "marks"
    marks.mkdir()
    command = f"touch {marks}/$$; ls {marks} | wc -l; sleep 0.05; rm {marks}/$$"
    many: list[Json] = [{"id": f"n{i}", "type": "shell", "parameters": {"command": command}} for i in range(100)]
    ends: list[Json] = [{"id": "s", "type": "start"}, {"id": "m", "type": "merge", "parameters": {"way": "list"}}]
    edges = [{"source": "s", "target": one["id"]} for one in many] + [
        {"source": one["id"], "target": "m"} for one in many
    ]
    nodes = run(world, {"nodes": [*ends, *many], "edges": edges, "concurrency": 8})
    peak = max(int(nodes[one["id"]]["output"]["stdout"]) for one in many)
    assert 1 < peak <= 8
    assert len(nodes["m"]["output"]["items"]) == 100


def test_s24_code_that_loops_connects_or_looks_around(walled: World) -> None:
    loop = node("loop", "pythonExecutor", "", code="while True: pass", timeout=1)
    nodes = run(walled, chain(START, loop), status="failed")
    assert nodes["loop"]["error"]["kind"] == "timeout"
    hub = f"socket.create_connection(('127.0.0.1', {walled.port}), 5)"
    nodes = run(walled, chain(START, node("n", "pythonExecutor", "", code=f"import socket\n{hub}")), status="failed")
    assert "Refused" in nodes["n"]["error"]["message"]
    code = """
import os
output = [dict(os.environ)]
for pid in filter(str.isdigit, os.listdir('/proc')):
    try: output.append(open(f'/proc/{pid}/environ').read().replace(chr(0), ' '))
    except OSError as error: output.append(str(error))"""
    nodes = run(walled, chain(START, node("e", "pythonExecutor", "", code=code)))
    assert SECRET not in str(nodes["e"]["output"])
    assert "CORRAL" not in str(nodes["e"]["output"])


def test_steps_of_automateos(world: World) -> None:
    """Each step sees what those before it put out, by their types; a 404 is a result like others."""
    with answering(404) as (url, _):
        ask = {"type": "http_request_node", "config": {"url": url, "method": "POST", "json_body": {"a": 1}}}
        condition = "input_data['http_request_node']['status_code'] == 404"
        nodes = run(world, {"steps": [ask, {"type": "filter_node", "config": {"condition": condition}}]})
        assert nodes["step-1"]["output"]["json"] == {"answer": 42}
        assert nodes["step-2"]["output"] == {"passed": True}
        steps = [ask, {"type": "filter_node", "config": {"condition": condition.replace("==", "!=")}}]
        nodes = run(world, {"steps": steps}, status="failed")
        assert nodes["step-2"]["error"]["message"] == "the condition does not hold"
