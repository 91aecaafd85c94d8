"""Two hubs behind the nginx of deploy/nginx, one daemon, a workflow: the hub that works dies in the middle of it."""

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.acceptance.test_workflow_faults import GATE
from tests.deploy.edge import Edge, moved, running
from tests.takeover.pair import Hub, eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.slow]
NODES = 4


@dataclass
class Site:
    edge: Edge
    hubs: tuple[Hub, Hub]
    folder: Path
    token: str = ""

    def request(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Ask through nginx."""
        headers = {"Authorization": f"Bearer {self.token}"}
        url = f"https://localhost:{self.edge.https}/api/v1{path}"
        return httpx.request(method, url, headers=headers, json=body, verify=self.edge.trust, timeout=30)

    def get(self, path: str) -> Any:
        answer = self.request("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def eventually(self, holds: Any, what: str) -> Any:
        return eventually(holds, what, self.story)

    def story(self) -> str:
        logs = [*(self.folder / f"{hub.name}.log" for hub in self.hubs), self.folder / "daemon.log"]
        return "\n".join(f"--- {log.name}\n{log.read_text()[-5000:]}" for log in logs if log.exists())


@pytest.fixture
def site(tmp_path: Path, database_url: str) -> Iterator[Site]:
    (tmp_path / "edge").mkdir()
    edge = moved(tmp_path / "edge", hubs=2)
    public = f"https://localhost:{edge.https}"
    hubs = tuple(
        Hub(name, tmp_path, database_url, public, port)
        for name, port in (("one", edge.upstream), ("two", edge.second))
    )  # fmt: skip
    made = Site(edge, (hubs[0], hubs[1]), tmp_path)
    with running(edge):
        try:
            for hub in hubs:
                hub.start()
            made.token = hubs[0].token()
            yield made
        finally:
            for hub in hubs:
                hub.close()


@pytest.fixture
def daemon(site: Site) -> Iterator[Path]:
    """A daemon that knows nginx's address only, with a node that waits at a gate. Returns its home."""
    home = site.folder / "daemon"
    own = {"CORRAL_HOME": str(home), "SSL_CERT_FILE": str(site.edge.folder / "tls" / "fullchain.pem")}
    environment = {**site.hubs[0].environment, **own}
    answer = site.request("POST", "/servers/tokens", {})
    assert answer.status_code in (200, 201), answer.text
    words = [sys.executable, "-m", "corral_daemon"]
    joined = subprocess.run([*words, "join", answer.json()["token"], "--name", "box"], env=environment,
                            capture_output=True, text=True)  # fmt: skip
    assert joined.returncode == 0, joined.stdout + joined.stderr
    (home / "nodes").mkdir()
    (home / "nodes" / "gate.py").write_text(GATE)
    with (site.folder / "daemon.log").open("ab") as log:
        process = subprocess.Popen([*words, "run"], env=environment, stdout=log, stderr=log)
    try:
        site.eventually(
            lambda: "gate" in {found["type"] for found in site.get("/node-types")["node_types"]}, "the gate is there"
        )
        yield home
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(60)


def begin(site: Site) -> str:
    folder = str(site.folder)
    nodes = [
        {"id": f"n{i}", "type": "gate", "label": f"n{i}", "parameters": {
            "folder": folder, "number": i, "before": f"{{{{n{i - 1}.sum}}}}" if i else 0}}
        for i in range(NODES)
    ]  # fmt: skip
    edges = [{"source": f"n{i}", "target": f"n{i + 1}"} for i in range(NODES - 1)]
    made = site.request("POST", "/workflows", {"definition": {"nodes": nodes, "edges": edges}, "publish": True})
    assert made.status_code == 200, made.text
    return str(site.request("POST", f"/workflows/{made.json()['id']}/runs", {}).json()["id"])


def finish(site: Site, run: str) -> dict[str, set[str]]:
    """Wait for the run's end; return the idempotency keys of each node's effects.

    The second hub is asked directly: one that is suspended still accepts connections, and nginx would wait for it.
    """
    two = site.hubs[1]
    site.eventually(lambda: two.ask("GET", f"/runs/{run}", site.token).json().get("finished_at"), "the run is over")
    shown = two.ask("GET", f"/runs/{run}", site.token).json()
    assert shown["status"] == "completed", shown
    assert shown["output"] == {f"n{NODES - 1}": {"sum": sum(range(NODES))}}
    keys: dict[str, set[str]] = {}
    for line in (site.folder / "effects").read_text().splitlines():
        number, key = line.split()
        keys.setdefault(number, set()).add(key)
    return keys


def acts(site: Site) -> bool:
    """An action that met a dead hub is not repeated by nginx, for it may have been done: its caller decides."""
    answer = site.request("POST", "/tasks", {"title": "act"})
    assert answer.status_code in (201, 503), answer.text
    assert answer.status_code == 201 or answer.json()["code"] == "hub_unavailable"
    return answer.status_code == 201


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
def test_a_run_goes_on_when_its_hub_does_not(site: Site, daemon: Path, how: signal.Signals) -> None:
    one, two = site.hubs
    run = begin(site)
    for number in range(NODES):
        site.eventually((site.folder / f"arrived-{number}").exists, f"node {number} has begun")
        began = time.monotonic()
        if number == 1:
            one.send(how)
        (site.folder / f"pass-{number}").touch()
        if number == 1:
            two.wait_ready()
            print(f"after {how.name} the other hub works in {time.monotonic() - began:.2f} s")
    keys = finish(site, run)
    assert keys == {str(number): {f"{run}/n{number}"} for number in range(NODES)}
    starts = [line.split()[0] for line in (site.folder / "effects").read_text().splitlines()]
    assert starts == [str(number) for number in range(NODES)], "no node ran twice"
    if how is signal.SIGSTOP:
        one.send(signal.SIGCONT)
        assert one.ended() == 3
        one.start()
    site.eventually(lambda: acts(site), "an action finds the hub that works")


def test_everybody_meets_the_hub_that_works(site: Site) -> None:
    """Questions and actions alike, although every other request reaches the one that stands by first."""
    for number in range(8):
        assert site.request("POST", "/tasks", {"title": f"task {number}"}).status_code == 201
        assert len(site.get("/tasks")["tasks"]) == number + 1
