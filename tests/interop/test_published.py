"""The published agent and its CLI themselves, unmodified, where CORRAL_ORCHESTRATIA_DIR names a copy of them.

It needs `orchestratia_agent/` there (or in `agent/`), and a Python that has what it requires: the one that
CORRAL_ORCHESTRATIA_PYTHON names, or that of `venv/` or `.venv/` there. The agent's code is not part of this repository.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.hub_process import HubProcess, eventually

PATIENCE = 90.0
NOBODY = 65534
FOLDER = os.environ.get("CORRAL_ORCHESTRATIA_DIR")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FOLDER, reason="set CORRAL_ORCHESTRATIA_DIR to a copy of the Orchestratia agent v0.20.0 to run it for real"
    ),
]


@dataclass
class Published:
    """The agent in a home of its own. As root it would use /etc, so that root hands over to nobody."""

    hub: HubProcess
    home: Path
    daemon: subprocess.Popen[bytes] | None = None

    @property
    def package(self) -> Path:
        folder = Path(FOLDER or "")
        return next(place for place in (folder, folder / "agent") if (place / "orchestratia_agent").is_dir())

    @property
    def python(self) -> str:
        folder = Path(FOLDER or "")
        places = (folder / name / "bin" / "python" for name in ("venv", ".venv"))
        found = (str(place) for place in places if place.exists())
        return os.environ.get("CORRAL_ORCHESTRATIA_PYTHON") or next(found, sys.executable)

    @property
    def environment(self) -> Mapping[str, str]:
        return {
            "HOME": str(self.home),
            "USER": "nobody",
            "SHELL": "/bin/sh",
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "TMPDIR": str(self.home),
            "TMUX_TMPDIR": str(self.home),
            "PYTHONPATH": str(self.package),
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_PROXY": "127.0.0.1",
            "ORCHESTRATIA_SESSION_ID": "sess-real",
        }

    @property
    def started(self) -> dict[str, Any]:
        user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        return {"cwd": self.home, "env": dict(self.environment), **user}

    def run(self, module: str, *words: str) -> subprocess.CompletedProcess[str]:
        command = [self.python, "-m", f"orchestratia_agent.{module}", *words]
        return subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, **self.started
        )

    def enrol(self) -> None:
        done = self.run("main", "--register", self.hub.token())
        assert done.returncode == 0, done.stdout + done.stderr
        config = self.home / ".config" / "orchestratia" / "config.yaml"
        assert "orc_" in config.read_text()
        with config.open("a") as file:
            file.write("mcp:\n  enabled: false\n")  # as published it needs an MCP library of a version long past

    def start(self) -> None:
        with (self.home / "agent.log").open("wb") as log:
            command = [self.python, "-m", "orchestratia_agent.main", "--debug"]
            self.daemon = subprocess.Popen(command, stdout=log, stderr=log, **self.started)
        eventually(lambda: self.server["connected"] and self.server["status"] == "online", "the agent is online")

    def stop(self) -> None:
        if self.daemon is not None:
            self.daemon.kill()  # SIGTERM takes it up to a minute
            self.daemon.wait(PATIENCE)

    @property
    def server(self) -> dict[str, Any]:
        (server,) = self.hub.get("/servers", self.hub.admin)["servers"]
        return server

    def say(self, *words: str) -> str:
        """Run the CLI for a person's eyes; return what it printed."""
        done = self.run("cli", *words)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.say("--json", *words))

    def refuse(self, *words: str) -> str:
        done = self.run("cli", "--json", *words)
        assert (done.returncode, done.stderr) == (1, ""), done.stdout + done.stderr
        return str(json.loads(done.stdout)["error"])


@pytest.fixture
def published(hub: HubProcess) -> Iterator[Published]:
    home = Path(tempfile.mkdtemp(prefix="corral-interop-"))
    if os.geteuid() == 0:
        os.chown(home, NOBODY, NOBODY)
    made = Published(hub, home)
    try:
        made.enrol()
        made.start()
        yield made
    finally:
        made.stop()
        shutil.rmtree(home, ignore_errors=True)


def test_the_agent_stays_connected(published: Published) -> None:
    server = published.server
    assert server["system_info"]["agent_version"] or server["agent_version"]
    log = published.home / "agent.log"
    eventually(lambda: "files/pulls/pending" in log.read_text(), "it polls")
    eventually(lambda: "Refreshed approval rules" in log.read_text(), "it has read the rules")
    said = log.read_text()
    assert " 404 " not in said
    assert " 500 " not in said
    assert "Traceback" not in said
    assert "[ERROR]" not in said


def test_the_life_of_a_task(published: Published) -> None:
    name, say = published.server["name"], published.say
    id = published.json("task", "create", "--title", "It", "--spec", "do it", "--acceptance-criteria", "a", "b")["id"]
    assert "No new tasks" in say("task", "check")
    assert "assigned" in say("task", "assign", id[:13], "--session", name)
    assert "do it" in say("task", "check")
    assert "running" in say("task", "start", id)
    assert "Note added" in say("task", "note", id, "--content", "; reboot", "--urgent")
    assert "; reboot" in say("task", "notes", id)
    asked = published.json("task", "help", id, "--question", "Which?", "--context", "c", "--type", "question")
    assert "Which?" in say("intervention", "list", "--task-id", id, "--status", "pending")
    assert "responded" in say("intervention", "respond", asked["intervention_id"], "--response", "that one")
    assert "Changed" in say("task", "update", id, "--title", "Changed", "--priority", "high")
    assert id[:8] in say("status")
    assert "done" in say("task", "complete", id, "--result", '{"summary": "built", "contracts": {"api": {"v": 1}}}')
    assert "built" in say("task", "view", id)
    assert "built" in say("task", "status", id)
    assert published.json("task", "list", "--status", "done")["tasks"][0]["id"] == id


def test_plans_failures_and_ends(published: Published) -> None:
    name, say = published.server["name"], published.say
    words = ("task", "create", "--title", "Plan", "--spec", "s", "--assign", name, "--require-plan")
    planned = published.json(*words)
    assert planned["status"] == "planning"
    assert "plan_review" in say("task", "plan", planned["id"], "--plan", "first this")
    published.hub.post(f"/tasks/{planned['id']}/plan/approve", published.hub.admin)
    assert "failed" in say("task", "fail", planned["id"], "--error", "boom")
    assert "cannot become running" in published.refuse("task", "start", planned["id"])
    other = published.json("task", "create", "--title", "No", "--spec", "s")["id"]
    assert "cancelled" in say("task", "cancel", other)


def test_graphs_and_listings(published: Published) -> None:
    name, say = published.server["name"], published.say
    above = published.json("task", "create", "--title", "Above", "--spec", "s")["id"]
    below = published.json("task", "create", "--title", "Below", "--spec", "s", "--depends-on", above)["id"]
    assert "pending" in say("task", "deps", "add", below, "--depends-on", above, "--type", "related")
    assert "no longer depends" in say("task", "deps", "remove", below, "--depends-on", above)
    pipeline = {
        "tasks": [
            {"id": "a", "title": "A", "spec": "s"},
            {"id": "b", "title": "B", "spec": "s", "depends_on": ["a"], "assign": name},
            {"title": "C", "spec": "s", "depends_on": [0, "b"]},
        ]
    }
    made = published.json("pipeline", "create", "--inline", json.dumps(pipeline))
    assert made["tasks_created"] == 3
    assert "blocks" in say("task", "view", made["tasks"][2]["id"])
    assert name in say("server", "list")
    assert "No active SSH access grants" in say("grants")
    assert "no server or session named 'nowhere'" in published.refuse("task", "assign", above, "--session", "nowhere")


def test_sessions_of_a_project(published: Published) -> None:
    (project,) = published.hub.get("/projects", published.hub.admin)["projects"]
    environment = {**published.environment, "ORCHESTRATIA_PROJECT_ID": project["id"]}
    command = [published.python, "-m", "orchestratia_agent.cli", "session", "list"]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE, **{**published.started, "env": environment}
    )
    assert (done.returncode, "No active sessions" in done.stdout) == (0, True), done.stdout + done.stderr
