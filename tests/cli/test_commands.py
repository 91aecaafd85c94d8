"""Commands against a hub on a socket: what is asked, what is printed, for people, pipes and machines."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.cli.conftest import Corral
from tests.cli.everything import commands
from tests.cli.hub import FakeHub, Request

TASK_ID = "3f2a0000-0000-4000-8000-000000000000"


def task(status: str = "pending", **fields: Any) -> dict[str, Any]:
    now = datetime.now(UTC).isoformat()
    return {"id": TASK_ID, "title": "Build it", "status": status, "priority": "normal", "created_at": now, **fields}


def echo(request: Request) -> dict[str, Any]:
    return task(**{key: value for key, value in (request.body or {}).items() if key in ("title", "spec")})


@pytest.mark.parametrize(("path", "command"), [pytest.param(path, command, id=path) for path, command in commands()])
def test_every_help_page_says_what_it_does_and_shows_an_example(corral: Corral, path: str, command: Any) -> None:
    told = corral(*path.split(), "--help")
    assert told.code == 0
    assert f"Usage\n  corral {path}" in told.out
    assert len(command.help.split("\n")[0]) > 10
    assert "corral" in told.out.partition("Examples")[2].partition("\n\n")[0], "no example"


def test_a_list_for_a_pipe_is_aligned_and_whole(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/tasks"] = {"tasks": [task(title="x" * 300), task("running")], "next_cursor": None}
    lines = person("task", "ls").out.splitlines()
    assert lines[0].split()[:4] == ["ID", "STATUS", "PRIORITY", "TITLE"]
    assert "x" * 300 in lines[1]
    assert lines[1].index("normal") == lines[2].index("normal")


def test_columns_headers_and_ids_only(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/tasks"] = {"tasks": [task(type=None)], "next_cursor": None}
    assert person("task", "list", "--columns", "title,type,status", "--no-headers").out == "Build it    pending\n"
    assert person("task", "list", "-q").out == f"{TASK_ID}\n"
    assert person("task", "list", "--columns", "a b").code == 2


def test_machines_get_the_object_as_the_hub_gave_it(person: Corral, hub: FakeHub) -> None:
    answer = {"tasks": [task(unknown_field=[1])], "next_cursor": None}
    hub.answers["GET /api/v1/tasks"] = answer
    assert person("task", "--json", "list").json == answer
    assert [json.loads(line) for line in person("task", "list", "-o", "ndjson").out.splitlines()] == answer["tasks"]
    assert person("task", "list", CORRAL_OUTPUT="json").json == answer


def test_limit_zero_reads_every_page(person: Corral, hub: FakeHub) -> None:
    def page(request: Request) -> dict[str, Any]:
        start = int(request.query.get("cursor", 0))
        return {
            "tasks": [task(number=number) for number in range(start, start + 2)],
            "next_cursor": str(start + 2) if start < 4 else None,
        }

    hub.answers["GET /api/v1/tasks"] = page
    assert [entry["number"] for entry in person("task", "list", "--limit", "0", "--json").json["tasks"]] == list(
        range(6)
    )
    assert person("task", "list", "--limit", "2").err == "more: add --limit 0, or --cursor 2\n"


def test_an_agent_uses_its_key_its_routes_and_its_task(agent: Corral, hub: FakeHub) -> None:
    own = "/api/v1/server/tasks/11112222-0000-4000-8000-000000000000"
    hub.answers[f"POST {own}/start"] = task("running")
    told = agent("task", "start")
    assert told.code == 0 and "is running" in told.out
    (request,) = hub.asked(f"POST {own}/start")
    assert request.headers["x-api-key"] == "orc_key"
    assert "authorization" not in request.headers


def test_the_variables_of_the_published_agent_work(corral: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/server/tasks/check"] = {"count": 1, "tasks": [task("assigned")]}
    told = corral("task", "check", "--json", ORCHESTRATIA_HUB_URL=hub.url, ORCHESTRATIA_API_KEY="orc_old")
    assert told.json["count"] == 1


def test_what_only_people_may_do_is_refused_here(agent: Corral, hub: FakeHub) -> None:
    told = agent("token", "create")
    assert (told.code, hub.requests) == (4, [])
    assert "people_only" in told.err


def test_create_sends_what_was_said(person: Corral, hub: FakeHub) -> None:
    hub.answers["POST /api/v1/tasks"] = lambda request: {
        **task(),
        "warnings": [{"code": "no_server_can_run", "detail": "nobody has go", "hint": "join one"}],
    }
    told = person(
        "task",
        "create",
        "--title",
        "Build it",
        "--spec",
        "-",
        "--requires",
        "languages=go",
        "--",
        "make",
        "-k",
        stdin="long\ntext\n",
    )
    assert told.code == 0
    assert told.out == "Created 3f2a0000: Build it (pending).\n"
    assert told.err == "warning: nobody has go\n  next: join one\n"
    (request,) = hub.requests
    key = request.body.pop("client_key")
    assert len(key) == 36
    assert request.body == {
        "title": "Build it",
        "spec": "long\ntext\n",
        "structured_spec": {
            "run": {"kind": "command", "argv": ["make", "-k"], "directory": "scratch"},
            "requires": {"languages": ["go"]},
        },
    }


@pytest.mark.parametrize("text", ['{"title": "T", "type": "docs"}', 'title = "T"\ntype = "docs"\n'])
def test_create_from_stdin(person: Corral, hub: FakeHub, text: str) -> None:
    hub.answers["POST /api/v1/tasks"] = echo
    assert person("task", "create", "--file", "-", "--client-key", "k", "-q", stdin=text).out == f"{TASK_ID}\n"
    assert hub.requests[0].body == {"title": "T", "type": "docs", "client_key": "k"}


def test_broken_json_names_the_place(person: Corral) -> None:
    told = person("task", "create", "--file", "-", stdin='{"title": }')
    assert told.code == 2
    assert "line 1, column 11" in told.err


@pytest.mark.parametrize(
    ("verb", "field", "option"),
    [("fail", "error", "--error"), ("note", "content", "--content"), ("help", "question", "--question")],
)
def test_text_is_sent_as_it_is(agent: Corral, hub: FakeHub, verb: str, field: str, option: str) -> None:
    route = f"POST /api/v1/server/tasks/abcd/{'notes' if verb == 'note' else verb}"
    hub.answers[route] = {**task("failed"), "intervention_id": "i-1"}
    text = "--json; $(rm -rf /) `x` \x1b[2J"
    assert agent("task", verb, "abcd", option, text).code == 0
    assert hub.requests[0].body[field] == text


@pytest.mark.parametrize(("given", "sent"), [('{"a": 1}', {"a": 1}), ("plain", {"summary": "plain"}), ("[1]", [1])])
def test_a_plan_may_be_text_or_json(agent: Corral, hub: FakeHub, given: str, sent: Any) -> None:
    hub.answers["POST /api/v1/server/tasks/abcd/plan"] = task("plan_review")
    assert agent("task", "plan", "abcd", "--plan", given).code == 0
    assert hub.requests[0].body == {"plan": sent}


@pytest.mark.parametrize(("state", "part"), [("plan_review", "plan"), ("review", "review")])
def test_approve_and_revise_find_out_what_is_judged(person: Corral, hub: FakeHub, state: str, part: str) -> None:
    hub.answers["GET /api/v1/tasks/3f2a"] = task(state)
    hub.answers[f"POST /api/v1/tasks/3f2a/{part}/approve"] = task("running")
    hub.answers[f"POST /api/v1/tasks/3f2a/{part}/revise"] = task("planning")
    assert person("task", "approve", "3f2a").code == 0
    assert person("task", "revise", "3f2a", "--feedback", "more").code == 0
    assert hub.requests[-1].body == {"feedback": "more"}


def test_nothing_to_approve_is_a_conflict(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/tasks/3f2a"] = task("running")
    assert person("task", "approve", "3f2a").code == 5


def test_cancel_dependencies_and_assign(person: Corral, hub: FakeHub) -> None:
    hub.answers["DELETE /api/v1/tasks/3f2a"] = task("cancelled")
    hub.answers["POST /api/v1/tasks/3f2a/dependencies"] = {"id": "d", "resolved": False, "dependency_type": "input"}
    hub.answers["DELETE /api/v1/tasks/3f2a/dependencies/77c1"] = {"removed": True}
    hub.answers["POST /api/v1/tasks/3f2a/assign"] = task("assigned", assigned_server_name="build-3")
    assert person("task", "rm", "3f2a", "--reason", "old").code == 0
    assert hub.requests[-1].query == {"reason": "old"}
    assert person("task", "deps", "add", "3f2a", "--depends-on", "77c1", "--contract-key", "api").code == 0
    assert hub.requests[-1].body == {"depends_on_task_id": "77c1", "dependency_type": "input", "contract_key": "api"}
    assert person("task", "deps", "rm", "3f2a", "--depends-on", "77c1").code == 0
    assert "given to build-3" in person("task", "assign", "3f2a", "--server", "build-3").out
    assert person("task", "assign", "3f2a", "--server", "a", "--session", "b").code == 2


def test_explain_names_rules_and_scores(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/tasks/3f2a/explain"] = {
        "task_id": TASK_ID,
        "status": "pending",
        "reason": {"code": "no_server_matches", "detail": "nobody has the repository"},
        "decision": None,
        "recomputed_equal": None,
        "waiting": [{"code": "no_server_matches", "detail": "repo shop"}],
        "servers": [
            {"server_id": "s1", "name": "atlas", "eligible": False, "score": 0,
             "parts": [{"rule": "repo", "kind": "hard", "passed": False, "detail": "has no shop", "score": 0}]},
            {"server_id": "s2", "name": "borea", "eligible": True, "score": 35.5,
             "parts": [{"rule": "tools", "kind": "soft", "passed": True, "detail": "", "score": 15}]},
        ],
    }  # fmt: skip
    out = person("task", "explain", "3f2a").out
    assert "no_server_matches nobody has the repository" in out
    assert "repo: has no shop" in out
    assert "tools +15" in out and "35.5" in out


def test_what_a_hub_sends_cannot_steer_the_terminal(person: Corral, hub: FakeHub) -> None:
    hostile = "\x1b]0;owned\x07\x1b[2J\u202e\x9b31m\r\nok"
    bad = task(
        "failed", title=hostile, spec=hostile, assigned_server_name=hostile, reason={"code": hostile, "detail": hostile}
    )
    hub.answers["GET /api/v1/tasks"] = {"tasks": [bad], "next_cursor": None}
    hub.answers["GET /api/v1/tasks/3f2a"] = bad
    for words in (
        ["task", "list"],
        ["task", "show", "3f2a"],
        ["task", "status", "3f2a"],
        ["task", "show", "3f2a", "--json"],
    ):
        told = person(*words)
        assert told.code == 0
        assert not any(char in told.out + told.err for char in "\x1b\x07\x9b\u202e\r")
    assert person("task", "show", "3f2a", "--json").json["title"] == hostile


def test_status_begins_with_the_hub_and_names_what_needs_a_person(person: Corral, hub: FakeHub) -> None:
    def tasks(request: Request) -> dict[str, Any]:
        state = request.query["status"]
        return {"tasks": [task(state)] if state in ("needs_human", "running") else [], "next_cursor": None}

    hub.answers["GET /api/v1/tasks"] = tasks
    hub.answers["GET /readyz"] = {"status": "ok"}
    hub.answers["GET /api/v1/servers"] = {
        "servers": [{"name": "atlas", "status": "online"}, {"name": "b", "status": "offline"}]
    }
    hub.answers["GET /api/v1/interventions"] = [{"id": "i-1", "task_id": TASK_ID, "question": "Which one?"}]
    hub.answers["GET /api/v1/runs/questions"] = {"questions": []}
    hub.answers["GET /api/v1/runs"] = {"runs": []}
    out = person("status").out
    assert "1 online: atlas; offline: b" in out
    assert "1 needs_human, 1 running" in out
    assert "1 task needs you:" in out
    assert out.splitlines()[-2:] == ["      Which one?", "      → corral intervention respond i-1 --response '…'"]
    shown = person("status", "--json").json
    assert shown["servers"] == {"online": ["atlas"], "offline": ["b"]}
    assert shown["needs_you"][0]["id"] == TASK_ID


def test_a_column_nobody_has_is_refused_with_those_there_are(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/tasks"] = {"tasks": [task(spec="x")], "next_cursor": None}
    assert person("task", "list", "--columns", "id,spec").out.splitlines()[1].split() == [TASK_ID[:8], "x"]
    told = person("task", "list", "--columns", "id,titel")
    assert told.code == 2 and "did you mean 'title'?" in told.err


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"assigned_server_name": "atlas"}, "is assigned, given to atlas."),
        ({}, "is assigned to whoever does it, and says so with: corral task start 3f2a0000"),
        ({"status": "pending"}, "no machine has taken it yet: corral task explain 3f2a0000"),
    ],
)
def test_assigning_says_who_has_it(person: Corral, hub: FakeHub, answer: dict[str, Any], said: str) -> None:
    hub.answers["POST /api/v1/tasks/3f2a/assign"] = task(**{"status": "assigned", **answer})
    assert said in person("task", "assign", "3f2a").out


@pytest.mark.parametrize(
    ("state", "hint"), [("done", "task show"), ("failed", "task retry 3f2a"), ("cancelled", "activity")]
)
def test_a_wait_that_missed_says_what_fits_the_state(person: Corral, hub: FakeHub, state: str, hint: str) -> None:
    hub.answers[f"GET /api/v1/tasks/{TASK_ID}"] = task(state)
    told = person("task", "wait", TASK_ID, "--until", "review")
    assert told.code == 1 and hint in told.err.splitlines()[-1]


def test_contracts_are_promises_and_what_was_delivered_of_them(person: Corral, hub: FakeHub) -> None:
    declared = [{"key": "api", "required": True}, {"key": "docs", "required": False, "description": "for people"}]
    answer = {"declared": declared, "published": {"api": {"url": "/v1"}}}
    hub.answers["GET /api/v1/tasks/3f2a/contracts"] = answer
    lines = person("task", "contracts", "3f2a", "--no-headers").out.splitlines()
    assert lines[0].split() == ["api", "✓", "required", '{"url":', '"/v1"}']
    assert lines[1].split() == ["docs", "○", "optional", "for", "people"]
    assert person("task", "contracts", "3f2a", "--json").json == answer


def test_ids_are_one_segment_of_the_path(person: Corral, hub: FakeHub) -> None:
    person("task", "show", "../../users")
    assert "%2F" not in hub.requests[0].path or "/users" not in hub.requests[0].path.split("%2F")[0]
    assert hub.requests[0].path == "/api/v1/tasks/..%2F..%2Fusers"
    assert person("task", "show", " ").code == 2
