"""The published agent and its CLI, unmodified, against a real hub."""

import json
from collections.abc import Iterator

import pytest

from tests.hub_process import HubProcess, eventually
from tests.interop.published import NEEDS_A_COPY, Enrolled, Published, home

pytestmark = NEEDS_A_COPY


@pytest.fixture
def published(hub: HubProcess) -> Iterator[Enrolled]:
    with home() as folder:
        made = Enrolled(folder, hub=hub)
        try:
            made.enrol()
            made.start()
            yield made
        finally:
            made.stop()


def test_the_agent_stays_connected(published: Enrolled) -> None:
    assert published.server["agent_version"] == "0.20.0"
    assert published.server["system_info"]["uptime_seconds"] < 10**9, "an uptime, not a moment"
    eventually(lambda: "files/pulls/pending" in published.log, "it polls")
    eventually(lambda: "Refreshed approval rules" in published.log, "it has read the rules")
    for trouble in (" 404 ", " 422 ", " 500 ", "Traceback", "[ERROR]", "[WARNING]"):
        assert trouble not in published.log


def test_it_comes_back_after_the_hub(published: Enrolled) -> None:
    published.hub.stop()
    eventually(lambda: "WebSocket disconnected, will reconnect" in published.log, "it notices")
    published.hub.start()
    eventually(lambda: published.server["connected"], "it is back")
    assert "Traceback" not in published.log


def test_the_life_of_a_task(published: Enrolled) -> None:
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
    assert "1 running, 0 pending" in say("status")
    assert "done" in say("task", "complete", id, "--result", '{"summary": "built", "contracts": {"api": {"v": 1}}}')
    assert "built" in say("task", "view", id)
    assert "built" in say("task", "status", id)
    assert published.json("task", "list", "--status", "done")["tasks"][0]["id"] == id


def test_plans_failures_and_ends(published: Enrolled) -> None:
    name, say = published.server["name"], published.say
    words = ("task", "create", "--title", "Plan", "--spec", "s", "--assign", name, "--require-plan")
    planned = published.json(*words)
    assert planned["status"] == "planning"
    assert "plan_review" in say("task", "plan", planned["id"], "--plan", "first this")
    published.hub.post(f"/tasks/{planned['id']}/plan/approve", published.hub.admin)
    assert "failed" in say("task", "fail", planned["id"], "--error", "boom")
    assert "boom" in say("task", "view", planned["id"])
    assert "cannot become running" in published.refuse("task", "start", planned["id"])
    other = published.json("task", "create", "--title", "No", "--spec", "s")["id"]
    assert "cancelled" in say("task", "cancel", other)
    assert "No assigned tasks" in say("status")


def test_contracts(published: Enrolled) -> None:
    name, say = published.server["name"], published.say
    words = ("task", "create", "--title", "Above", "--spec", "s", "--repo", "cloud-gateway", "--assign", name)
    above = published.json(*words)["id"]
    below = published.json("task", "create", "--title", "Below", "--spec", "s")["id"]
    say("task", "deps", "add", below, "--depends-on", above, "--type", "input", "--contract-key", "api")
    say("task", "start", above)
    assert "/result/contracts/api is required" in published.refuse("task", "complete", above, "--result", "all done")
    say("task", "complete", above, "--result", '{"contracts": {"api": {"data": {"route": "/v1"}}}}')
    seen = say("task", "view", below)
    assert "resolved" in seen and "/v1" in seen


def test_graphs_and_listings(published: Enrolled) -> None:
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


def test_what_belongs_to_a_project(published: Enrolled) -> None:
    (project,) = published.hub.get("/projects", published.hub.admin)["projects"]
    within = Published(published.home, {"ORCHESTRATIA_PROJECT_ID": project["id"]})
    (published.home / "letter").write_text("hello")
    assert "No active sessions" in within.say("session", "list")
    assert "No active sessions" in within.say("remote", "sessions")
    assert "No architecture scan found" in within.say("code", "health")
    assert "'box' is no session's id" in within.refuse("remote", "read", "box", "/etc/hosts")
    assert "none to 'box' that way" in within.refuse("file", "send", "letter", "--to", "box")
    assert "no file transfer t-1" in within.refuse("file", "status", "t-1")
    task = within.json("task", "create", "--title", "Here", "--spec", "s")
    assert task["project_id"] == project["id"]
    assert "No code review found" in within.say("code", "review", task["id"])
