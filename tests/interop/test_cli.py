"""The CLI's whole life of a task, with the fields that it cannot do without."""

import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.hub_process import HubProcess
from tests.interop.recorded import DIFF_STATS, Agent, Cli, Failed, Socket

BRIEF = {"id", "title", "status", "priority"}
NASTY = "; touch `x` $(touch y) | tee z > 'w' && rm *\n\treboot\x1b[2J\x03 ~ # {a,b} \\ \u202e"
PUSHED = ["task_assigned", "task_note", "task_updated", "plan_revision", "plan_approved", "intervention_response"]
TYPED = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:?/@%+_-=’”")


@pytest.fixture
def agent(shared_hub: HubProcess) -> Agent:
    made = Agent(shared_hub.url, f"box-{secrets.token_hex(4)}")
    made.register(shared_hub.token(shared_hub.project()))
    return made


@pytest.fixture
async def socket(agent: Agent) -> AsyncIterator[Socket]:
    async with agent.socket() as opened:
        await opened.until("auth_ok")
        yield opened


@pytest.fixture
def cli(shared_hub: HubProcess, agent: Agent, socket: Socket) -> Cli:
    """The CLI in a session on the agent's machine, while the agent is connected."""
    project = shared_hub.get(f"/servers/{agent.name}", shared_hub.admin)["project_id"]
    return Cli(shared_hub.url, agent.key, session_id="sess-0001", project_id=project)


def running(cli: Cli, agent: Agent, title: str) -> str:
    """Return the id of a new task, assigned and started."""
    id = str(cli.create(title)["id"])
    cli("POST", f"/tasks/{id}/assign", {"session_name": agent.name})
    cli("POST", f"/tasks/{id}/start")
    return id


def check(task: dict[str, Any], verbose: bool = True) -> dict[str, Any]:
    """Assert that the CLI could print this task; return it."""
    assert task.keys() >= (BRIEF | {"spec"} if verbose else BRIEF)
    assert all(isinstance(task[name], str) for name in BRIEF)
    for edge in task.get("dependencies", []):
        assert isinstance(edge["resolved"], bool)
        assert len(edge["depends_on_task_id"]) == 36
    assert isinstance(task.get("structured_spec"), dict | None)
    assert isinstance(task.get("resolved_inputs"), dict | None)
    return task


async def test_from_creation_to_done(cli: Cli, agent: Agent) -> None:
    task = check(cli.create("Build it", target_repo="web", target_branch="main", acceptance_criteria=["a", "b"]))
    id = task["id"]
    assert (task["status"], len(id)) == ("pending", 36)
    assert cli("GET", "/tasks/check") == {"count": 0, "tasks": []}

    assigned = check(cli("POST", f"/tasks/{id}/assign", {"session_name": agent.name}))
    assert (assigned["status"], assigned["assigned_server_name"]) == ("assigned", agent.name)
    mine = cli("GET", f"/tasks/check?session_id={cli.session_id}")
    assert (mine["count"], [check(one)["id"] for one in mine["tasks"]]) == (1, [id])

    assert check(cli("POST", f"/tasks/{id}/start"))["status"] == "running"
    result = {"summary": "built", "contracts": {"api": {"type": "api_schema", "data": {}}}}
    done = check(cli("POST", f"/tasks/{id}/complete", {"result": result, "git_diff_stats": DIFF_STATS}))
    assert (done["status"], done["result"]["summary"]) == ("done", "built")
    assert cli("GET", "/tasks/check")["count"] == 0
    assert [check(one, verbose=False)["id"] for one in cli("GET", "/tasks?status=done")["tasks"]] == [id]


async def test_results_may_be_text_and_failures_are_told(cli: Cli, agent: Agent) -> None:
    for end, body, status, result in (
        ("complete", {"result": "all well"}, "done", "all well"),
        ("fail", {"error": "boom"}, "failed", {"error": "boom"}),  # the CLI prints result.error, and nothing else
    ):
        id = running(cli, agent, "Try it")
        assert check(cli("POST", f"/tasks/{id}/{end}", body))["status"] == status
        assert cli("GET", f"/tasks/{id}")["result"] == result


async def test_a_target_repo_binds_nobody_who_works_by_hand(cli: Cli, agent: Agent) -> None:
    """The agent announces the repositories of its configuration, which has none until somebody edits it."""
    id = cli.create("Elsewhere", target_repo="cloud-gateway")["id"]
    assigned = check(cli("POST", f"/tasks/{id}/assign", {"session_name": agent.name}))
    assert (assigned["status"], assigned["target_repo"]) == ("assigned", "cloud-gateway")


async def test_every_broken_contract_is_named_in_the_detail(cli: Cli, agent: Agent) -> None:
    """The CLI prints `detail` alone, and the third bad completion is the last."""
    id = running(cli, agent, "Promise")
    for key in ("api", "schema"):
        edge = {"depends_on_task_id": id, "dependency_type": "input", "contract_key": key}
        cli("POST", f"/tasks/{cli.create(key)['id']}/dependencies", edge)
    with pytest.raises(Failed) as refused:
        cli("POST", f"/tasks/{id}/complete", {"result": {"summary": "done"}})
    assert refused.value.status == 422
    assert "/result/contracts/api is required" in refused.value.detail
    assert "/result/contracts/schema is required" in refused.value.detail


async def test_plan_mode(shared_hub: HubProcess, cli: Cli, agent: Agent) -> None:
    id = cli.create("Plan it")["id"]
    asked = {"session_name": agent.name, "require_plan": True}
    assert cli("POST", f"/tasks/{id}/assign", asked)["status"] == "planning"
    assert cli("POST", f"/tasks/{id}/plan", {"plan": {"summary": "first this"}})["status"] == "plan_review"
    shared_hub.post(f"/tasks/{id}/plan/revise", shared_hub.admin, {"feedback": "shorter"})
    assert cli("GET", f"/tasks/{id}")["plan_feedback"] == "shorter"
    assert cli("POST", f"/tasks/{id}/plan", {"plan": ["any", "JSON"]})["plan"] == ["any", "JSON"]
    shared_hub.post(f"/tasks/{id}/plan/approve", shared_hub.admin)
    assert check(cli("GET", f"/tasks/{id}"))["status"] == "running"


async def test_questions_and_answers(shared_hub: HubProcess, cli: Cli, agent: Agent) -> None:
    id = cli.create("Ask about it")["id"]
    cli("POST", f"/tasks/{id}/assign", {"session_name": agent.name})
    cli("POST", f"/tasks/{id}/start")
    question = {"question": "Which one?", "context": "two of them", "intervention_type": "question"}
    asked = cli("POST", f"/tasks/{id}/help", question)
    assert asked["status"] == "pending"
    (listed,) = cli("GET", f"/interventions?task_id={id}&status=pending")
    assert (listed["id"], listed["question"]) == (asked["intervention_id"], "Which one?")
    assert listed["intervention_type"] == "question"
    answered = cli("POST", f"/interventions/{listed['id']}/respond", {"response": "the first"})
    assert (answered["id"], answered["status"]) == (listed["id"], "responded")
    assert cli("GET", f"/interventions?task_id={id}&status=pending") == []
    assert cli("GET", "/interventions?status=nonsense") == []
    assert cli("GET", f"/tasks/{id}")["status"] == "running"


async def test_the_mcp_tools_send_other_fields(cli: Cli, agent: Agent) -> None:
    """Two planes of the published agent send different fields to the same routes."""
    id = cli.create("Through MCP")["id"]
    cli("POST", f"/tasks/{id}/assign", {"session_name": agent.name})
    cli("POST", f"/tasks/{id}/start")
    assert cli("POST", f"/tasks/{id}/notes", {"content": "from a tool"})
    for more in ({"urgency": "high"}, {"intervention_type": "question", "target_session_id": "s-2"}):
        asked = cli("POST", f"/tasks/{id}/help", {"question": "?", "context": "", **more})
        cli("POST", f"/interventions/{asked['intervention_id']}/respond", {"response": "go on"})


async def test_unknown_fields_are_passed_over(cli: Cli, agent: Agent) -> None:
    """Versions drift: what a newer agent adds must not break it."""
    id = cli.create("Newer", priority="critical", some_new_field=1)["id"]
    more = {"session_id": cli.session_id, "some_new_field": {"a": [1]}}
    assert cli("PUT", f"/tasks/{id}", {"title": "Newest", **more})["title"] == "Newest"
    assert cli("POST", f"/tasks/{id}/assign", {"session_name": agent.name, **more})["status"] == "assigned"
    assert cli("POST", f"/tasks/{id}/notes", {"content": "x", **more})
    assert cli("POST", f"/tasks/{id}/start", more)["status"] == "running"
    asked = cli("POST", f"/tasks/{id}/help", {"question": "?", **more})
    assert cli("POST", f"/interventions/{asked['intervention_id']}/respond", {"response": "x", **more})
    assert cli("POST", f"/tasks/{id}/complete", {"result": "x", **more})["status"] == "done"


async def test_notes(cli: Cli) -> None:
    id = cli.create("Note it")["id"]
    assert cli("GET", f"/tasks/{id}/notes") == []
    assert cli("POST", f"/tasks/{id}/notes", {"content": "first", "urgent": False})
    assert cli("POST", f"/tasks/{id}/notes", {"content": "second", "urgent": True})
    notes = cli("GET", f"/tasks/{id}/notes")
    assert [(note["content"], note["urgent"]) for note in notes] == [("first", False), ("second", True)]
    assert all(note["author"] and note["created_at"][:19] for note in notes)
    assert len(cli("GET", f"/tasks/{id}")["recent_notes"]) == 2


async def test_dependencies(cli: Cli, agent: Agent) -> None:
    above, below = cli.create("Above")["id"], cli.create("Below")["id"]
    edge = {"depends_on_task_id": above, "dependency_type": "input", "contract_key": "api"}
    added = cli("POST", f"/tasks/{below}/dependencies", edge)
    assert (added["resolved"], added["dependency_type"], added["contract_key"]) == (False, "input", "api")
    assert check(cli("GET", f"/tasks/{below}"))["resolved_inputs"] in (None, {})
    assert cli("DELETE", f"/tasks/{below}/dependencies/{above}") is not None
    assert cli("GET", f"/tasks/{below}")["dependencies"] == []

    cli("POST", f"/tasks/{below}/dependencies", edge)
    cli("POST", f"/tasks/{above}/assign", {"session_name": agent.name})
    cli("POST", f"/tasks/{above}/start")
    cli("POST", f"/tasks/{above}/complete", {"result": {"contracts": {"api": {"data": 7}}}})
    task = check(cli("GET", f"/tasks/{below}"))
    assert task["resolved_inputs"] == {"api": {"data": 7}}
    assert [edge["resolved"] for edge in task["dependencies"]] == [True]


async def test_update_and_cancel(cli: Cli) -> None:
    id = cli.create("Change it")["id"]
    changes = {"title": "Changed", "spec": "s", "priority": "low", "type": "docs", "target_repo": "r",
               "target_branch": "b", "acceptance_criteria": ["c"]}  # fmt: skip
    task = check(cli("PUT", f"/tasks/{id}", changes))
    assert {name: task[name] for name in changes} == changes
    assert cli("DELETE", f"/tasks/{id}")
    with pytest.raises(Failed, match="cancelled") as refused:
        cli("DELETE", f"/tasks/{id}")
    assert refused.value.status == 409


async def test_a_pipeline_with_prefixes(cli: Cli, agent: Agent) -> None:
    first = cli.create("One")["id"]
    assert cli.resolve(first[:13]) == first
    second = cli.create("Two", dependency_ids=[cli.resolve(first[:13])])["id"]
    assert check(cli("POST", f"/tasks/{second}/assign", {"session_name": agent.name}))["status"] == "assigned"
    third = check(cli.create("Three", dependency_ids=[first, second]))
    assert {edge["depends_on_task_id"] for edge in third["dependencies"]} == {first, second}
    with pytest.raises(Failed, match="waits for 1"):
        cli("POST", f"/tasks/{second}/start")
    assert cli("GET", f"/tasks/{first[:13]}")["id"] == first


async def test_listings(cli: Cli, agent: Agent) -> None:
    cli.create("Mine")
    assert cli("GET", "/tasks")["tasks"]
    assert cli("GET", f"/tasks?status=pending&project_id={cli.project_id}")["tasks"]
    (server,) = [one for one in cli("GET", "/servers")["servers"] if one["name"] == agent.name]
    assert (server["hostname"], server["os"]) == ("some-host", "linux")
    assert isinstance(server["repos"], dict)
    assert cli("GET", f"/sessions?project_id={cli.project_id}")["sessions"] == []


async def test_status_for_the_session_hook(shared_hub: HubProcess, cli: Cli, agent: Agent) -> None:
    """The hook begins a session with `Assigned Tasks: … running, … pending`: what is nobody's does not count."""
    cli.create("Nobody's")
    empty = {"pending": 0, "running": 0, "total": 0}
    assert cli("GET", f"/status?session_id={cli.session_id}")["task_summary"] == empty

    id = cli.create("Seen")["id"]
    cli("POST", f"/tasks/{id}/assign", {"session_name": agent.name})
    status = cli("GET", f"/status?session_id={cli.session_id}")
    assert (status["connected"], status["server_name"], status["server_id"]) == (True, agent.name, agent.id)
    assert status["project_id"] == cli.project_id
    assert status["project_name"] == shared_hub.get(f"/projects/{cli.project_id}", shared_hub.admin)["name"]
    assert [(task["id"], task["title"], task["status"]) for task in status["tasks"]] == [(id, "Seen", "assigned")]
    assert status["task_summary"] == {"pending": 1, "running": 0, "total": 1}
    cli("POST", f"/tasks/{id}/start")
    assert cli("GET", "/status")["task_summary"] == {"pending": 0, "running": 1, "total": 1}


async def test_what_goes_wrong_says_so(cli: Cli) -> None:
    id = cli.create("Wrong")["id"]
    for method, path, data, status in (
        ("POST", f"/tasks/{id}/assign", {"session_name": "nobody"}, 404),
        ("POST", f"/tasks/{id}/start", None, 409),
        ("GET", "/tasks/00000000-0000-4000-8000-000000000000", None, 404),
        ("POST", "/interventions/00000000-0000-4000-8000-000000000000/respond", {"response": "x"}, 404),
        ("GET", "/tasks?status=nonsense", None, 422),
        ("GET", "/architecture/health/00000000-0000-4000-8000-000000000000", None, 404),
    ):
        with pytest.raises(Failed) as refused:
            cli(method, path, data)
        assert (refused.value.status, bool(refused.value.detail)) == (status, True), path


async def test_what_is_to_come_is_refused_in_words(cli: Cli) -> None:
    """Commands go to sessions that are there, files another way, scans are not kept. `Not Found` tells nobody so."""
    command = {"session_name": "build box", "command": "cat /etc/hosts", "timeout": 30}
    file = {"target_session": "build box", "project_id": cli.project_id, "filename": "f", "file_path": "/tmp/f",
            "file_size": 3, "sha256": "0" * 64}  # fmt: skip
    scan = {"project_id": cli.project_id, "snapshot": {"stats": {"total_files": 1}, "health": {"score": 90}}}
    for method, path, data, said in (
        ("POST", f"/remote/exec?project_id={cli.project_id}", command, "'build box' is no session's id"),
        ("POST", "/remote/file-transfer", file, "none to 'build box' that way"),
        ("GET", "/remote/file-transfer/t-1", None, "no file transfer t-1"),
        ("POST", "/architecture/snapshot", scan, "keeps no scans"),
    ):
        with pytest.raises(Failed, match=said) as refused:
            cli(method, path, data)
        assert refused.value.status == 404
    assert cli("GET", f"/architecture/health/{cli.project_id}") == {"status": "no_data"}
    assert cli("GET", f"/architecture/reviews/{cli.create('Reviewed')['id']}") == {"status": "no_review"}


async def test_what_is_pushed_cannot_hurt_a_shell(
    shared_hub: HubProcess, cli: Cli, agent: Agent, socket: Socket
) -> None:
    """The agent types what it gets into a terminal and presses Enter (its weaknesses A2 and A3)."""
    id = cli.create(NASTY.replace("\x03", ""))["id"]
    cli("POST", f"/tasks/{id}/assign", {"session_name": agent.name, "require_plan": True})
    cli("POST", f"/tasks/{id}/notes", {"content": NASTY, "urgent": True})
    cli("PUT", f"/tasks/{id}", {"title": NASTY, "spec": NASTY})
    cli("POST", f"/tasks/{id}/plan", {"plan": NASTY})
    shared_hub.post(f"/tasks/{id}/plan/revise", shared_hub.admin, {"feedback": NASTY})
    cli("POST", f"/tasks/{id}/plan", {"plan": NASTY})
    shared_hub.post(f"/tasks/{id}/plan/approve", shared_hub.admin)
    asked = cli("POST", f"/tasks/{id}/help", {"question": NASTY})
    cli("POST", f"/interventions/{asked['intervention_id']}/respond", {"response": NASTY})

    await socket.until("intervention_response")
    await socket.settle()
    pushed = [frame for frame in socket.seen if frame["type"] not in ("auth_ok", "error")]
    assert [frame["type"] for frame in pushed] == PUSHED
    for frame in pushed:
        assert (frame["session_id"], frame["task_id"]) == (agent.name, id), "without a session it does nothing"
        assert "token" not in frame, "its terminal is no place for a credential"
        for name, value in frame.items():
            assert not isinstance(value, str) or set(value) <= TYPED, f"{frame['type']}: {name} = {value!r}"
