"""Whatever is wrong with a request: the status says so, the problem says what and what to do, and nothing is lost."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from tests.hub_process import HubProcess

NOWHERE = "00000000-0000-4000-8000-000000000000"
HUGE = 10**400


@pytest.fixture(scope="module", params=["person", "machine"])
def asker(request: pytest.FixtureRequest, shared_hub: HubProcess) -> tuple[str, Mapping[str, str]]:
    """(prefix of the routes, headers): people and machines meet the same checks."""
    return ("", shared_hub.admin) if request.param == "person" else ("/server", shared_hub.machine()[0])


def problem(answer: httpx.Response, status: int, code: str | None = None) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() >= {"type", "title", "status", "detail", "code", "hint"}
    assert body["detail"]
    assert body["status"] == status
    assert code in (None, body["code"]), body
    return body


@pytest.mark.parametrize("content", [b"", b"{", b'{"title": "x"', b"\xff\xfe", b"[" * 100_000, b"{'title': 1}"])
def test_what_is_no_json(shared_hub: HubProcess, asker: tuple[str, Mapping[str, str]], content: bytes) -> None:
    prefix, who = asker
    headers = {"Content-Type": "application/json"}
    for path in ("/tasks", "/workflows/1/runs"):  # runs begin by a short way, with a reader of its own
        answer = shared_hub.ask("POST", f"{prefix}{path}", who, content=content, headers=headers)
        assert answer.status_code in (400, 422), path
        problem(answer, answer.status_code)


def test_another_content_type(shared_hub: HubProcess, asker: tuple[str, Mapping[str, str]]) -> None:
    prefix, who = asker
    for kind in ("text/plain", "application/xml", "multipart/form-data", "application/x-www-form-urlencoded"):
        answer = shared_hub.ask(
            "POST", f"{prefix}/tasks", who, content=b'{"title":"x"}', headers={"Content-Type": kind}
        )
        problem(answer, 422, "invalid_request")


BAD_FIELDS: Mapping[str, Any] = {
    "title": [None, 5, "", "x" * 501, "a\x00b", "\ud800", [], {}],
    "spec": [None, 1, "a\x00b", "x" * 200_001],
    "priority": ["urgent", 1, None],
    "type": ["", "x" * 51],
    "project_id": [5, NOWHERE, "nonsense", "a\x00b", "\ud800"],
    "structured_spec": [5, [], "x", {"run": 5}, {"run": {"kind": "magic"}}, {"run": {"timeout": -1}}, {"a": "\x00"}],
    "run": [{"kind": "command"}, {"kind": "command", "argv": []}, {"kind": "agent"}, {"kind": "manual", "merge": True}],
    "acceptance_criteria": ["x", [5], ["a\x00"], ["x"] * 201],
    "dependencies": [5, [5], [{}], [{"depends_on_task_id": NOWHERE}], [{"depends_on_task_id": "x"}]],
    "dependency_ids": ["x", [5], [NOWHERE], ["abc"]],
    "client_key": ["", 5, "x" * 201],
}


@pytest.mark.parametrize("name", BAD_FIELDS)
def test_fields_that_cannot_be(shared_hub: HubProcess, asker: tuple[str, Mapping[str, str]], name: str) -> None:
    prefix, who = asker
    for value in BAD_FIELDS[name]:
        body = json.dumps({"title": "x", name: value}).encode()
        answer = shared_hub.ask(
            "POST", f"{prefix}/tasks", who, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (404, 422), f"{name} = {value!r:.80}: {answer.text}"
        body_said = problem(answer, answer.status_code)
        assert answer.status_code == 404 or name in body_said["detail"], body_said["detail"]


def test_unknown_fields_are_named_to_people(shared_hub: HubProcess) -> None:
    said = problem(shared_hub.ask("POST", "/tasks", shared_hub.admin, json={"title": "x", "titel": "y"}), 422)
    assert [item["pointer"] for item in said["problems"]] == ["/titel"]
    nested = {"title": "x", "dependencies": [{"depends_on_task_id": NOWHERE, "kind": "blocks"}]}
    said = problem(shared_hub.ask("POST", "/tasks", shared_hub.admin, json=nested), 422)
    assert [item["pointer"] for item in said["problems"]] == ["/dependencies/0/kind"]


def test_unknown_fields_beyond_number_are_not_listed(shared_hub: HubProcess) -> None:
    """A hundred thousand of them, each with its sentence, would keep the hub busy for a second."""
    many = {f"{number:x}": 0 for number in range(50_000)}
    said = problem(shared_hub.ask("POST", "/tasks", shared_hub.admin, json={"title": "x", **many}), 422)
    assert len(said["problems"]) == 1 and "50001 fields" in said["detail"]
    nested = {"title": "x", "dependencies": [{"depends_on_task_id": NOWHERE, **many}]}
    said = problem(shared_hub.ask("POST", "/tasks", shared_hub.admin, json=nested), 422)
    assert [item["pointer"] for item in said["problems"]] == ["/dependencies/0"]
    assert shared_hub.ask("POST", "/server/tasks", shared_hub.machine()[0], json={"title": "x", **many}).is_success


def test_numbers_and_depths_beyond_everything(shared_hub: HubProcess, asker: tuple[str, Mapping[str, str]]) -> None:
    prefix, who = asker
    deep: Any = 1
    for _ in range(500):
        deep = {"a": deep}
    for value in (
        HUGE,
        -HUGE,
        1e308,
        deep,
        {"contracts": HUGE},
        {"run": {"timeout": HUGE}},
        {"retry": {"backoff": HUGE}},
    ):
        body = json.dumps({"title": "x", "structured_spec": {"x": value} if not isinstance(value, dict) else value})
        answer = shared_hub.ask(
            "POST", f"{prefix}/tasks", who, content=body, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (201, 400, 422), answer.text
        if answer.is_success:
            assert shared_hub.ask("GET", f"{prefix}/tasks/{answer.json()['id']}", who).is_success


def test_a_body_that_is_too_large(shared_hub: HubProcess, asker: tuple[str, Mapping[str, str]]) -> None:
    prefix, who = asker
    problem(shared_hub.ask("POST", f"{prefix}/tasks", who, json={"title": "x", "spec": "x" * 2_000_000}), 413)
    assert shared_hub.ask("GET", f"{prefix}/tasks", who).is_success


@pytest.mark.parametrize("path", ["login", "register", "servers/register"])
@pytest.mark.parametrize("announced", [True, False])
def test_strangers_may_send_less(shared_hub: HubProcess, path: str, announced: bool) -> None:
    content = b"&" * 300_000 if path == "login" else b'{"x":"' + b"x" * 300_000 + b'"}'
    kind = "application/x-www-form-urlencoded" if path == "login" else "application/json"
    sent = content if announced else iter([content[:100_000], content[100_000:]])
    answer = shared_hub.ask("POST", f"/{path}", content=sent, headers={"Content-Type": kind})
    problem(answer, 413, "body_too_large")


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=501", "limit=x", f"limit={HUGE}", "cursor=%00", "cursor=x", "cursor=MTk5MHxu", "status=nonsense",
     "cursor=MDAwMS0wMS0wMVQwMDowMDowMCswMDowMHwwMDAwMDAwMC0wMDAwLTQwMDAtODAwMC0wMDAwMDAwMDAwMDA",
     "project_id=%00", "project_id=%ff", "project_id=nothing", "project_id=" + "x" * 3000],
)  # fmt: skip
def test_listings_asked_for_wrongly(shared_hub: HubProcess, asker: tuple[str, Mapping[str, str]], query: str) -> None:
    prefix, who = asker
    answer = shared_hub.ask("GET", f"{prefix}/tasks?{query}", who)
    assert answer.status_code in (404, 422), answer.text
    problem(answer, answer.status_code)


@pytest.mark.parametrize(
    "id", [NOWHERE, "abc", "zzzz", "%00", "%ff%fe", "00000000-", "a" * 500, "%F0%9F%90%B4%F0%9F%90%B4", "-" * 36]
)
def test_ids_of_nothing(shared_hub: HubProcess, asker: tuple[str, Mapping[str, str]], id: str) -> None:
    prefix, who = asker
    for method, path in (
        ("GET", f"/tasks/{id}"), ("GET", f"/tasks/{id}/explain"), ("GET", f"/tasks/{id}/output"),
        ("POST", f"/tasks/{id}/start"), ("DELETE", f"/tasks/{id}"),
    ):  # fmt: skip
        problem(shared_hub.ask(method, f"{prefix}{path}", who), 404, "task_not_found")
    answer = shared_hub.ask("POST", f"{prefix}/interventions/{id}/respond", who, json={"response": "x"})
    problem(answer, 404, "intervention_not_found")


@pytest.mark.parametrize("path", ["servers", "projects", "users", "servers/tokens"])
@pytest.mark.parametrize("id", [NOWHERE, "%00", "%ff", "x" * 500, "zzzz"])
def test_people_ask_for_nothing(shared_hub: HubProcess, path: str, id: str) -> None:
    method = "DELETE" if path == "servers/tokens" else "PATCH"
    answer = shared_hub.ask(method, f"/{path}/{id}", shared_hub.admin, **({"json": {}} if method == "PATCH" else {}))
    assert answer.status_code in (404, 422), answer.text
    problem(answer, answer.status_code)


@pytest.mark.parametrize("query", ["after=-1", f"after={2**63}", f"after={HUGE}", "after=x", "limit=0", "limit=99999"])
def test_pages_asked_for_wrongly(shared_hub: HubProcess, asker: tuple[str, Mapping[str, str]], query: str) -> None:
    prefix, who = asker
    id = shared_hub.task()["id"]
    for part in ("output", "activity"):
        problem(shared_hub.ask("GET", f"{prefix}/tasks/{id}/{part}?{query}", who), 422, "invalid_request")


@pytest.mark.parametrize("part", ["contracts/impact?key=%00", "contracts/impact?key=%ff"])
def test_keys_that_cannot_be(shared_hub: HubProcess, part: str) -> None:
    id = shared_hub.task()["id"]
    answer = shared_hub.ask("GET", f"/tasks/{id}/{part}", shared_hub.admin)
    assert answer.status_code in (200, 422), answer.text


def test_an_ambiguous_prefix_lists_the_candidates(shared_hub: HubProcess) -> None:
    """Ids are random: after a few hundred two begin alike."""
    seen: dict[str, str] = {}
    for _ in range(3000):
        id = shared_hub.task()["id"]
        if (other := seen.setdefault(id[:4], id)) != id:
            break
    said = problem(shared_hub.ask("GET", f"/tasks/{id[:4]}", shared_hub.admin), 409, "ambiguous_id")
    assert {id, other} <= {item["id"] for item in said["candidates"]}
    assert all(item["title"] for item in said["candidates"])


def test_moves_that_are_not_legal_name_those_that_are(shared_hub: HubProcess) -> None:
    id = shared_hub.task()["id"]
    shared_hub.ask("DELETE", f"/tasks/{id}", shared_hub.admin)
    for path in ("start", "retry", "plan/approve", "review/approve"):
        said = problem(shared_hub.ask("POST", f"/tasks/{id}/{path}", shared_hub.admin), 409, "illegal_transition")
        assert isinstance(said["legal_moves"], list)
    said = problem(shared_hub.ask("DELETE", f"/tasks/{id}", shared_hub.admin), 409, "illegal_transition")
    assert said["legal_moves"] == []


def test_registration_tokens_work_once_and_not_when_expired_or_revoked(shared_hub: HubProcess) -> None:
    used = shared_hub.token()
    body = {"registration_token": used, "name": "once"}
    assert shared_hub.ask("POST", "/servers/register", json=body).status_code == 201
    problem(shared_hub.ask("POST", "/servers/register", json=body), 401, "bad_registration_token")

    made = shared_hub.post("/servers/tokens", shared_hub.admin, {"expires_in": 1e-6})
    body["registration_token"] = made["token"]
    problem(shared_hub.ask("POST", "/servers/register", json=body), 401, "bad_registration_token")

    made = shared_hub.post("/servers/tokens", shared_hub.admin, {})
    assert shared_hub.ask("DELETE", f"/servers/tokens/{made['id']}", shared_hub.admin).json() == {"revoked": True}
    body["registration_token"] = made["token"]
    problem(shared_hub.ask("POST", "/servers/register", json=body), 401, "bad_registration_token")

    for token in ("", "x", "orcreg_", "orcreg_x.y", "orcreg_%%%.x", "\x00", "é" * 100):
        answer = shared_hub.ask("POST", "/servers/register", json={**body, "registration_token": token})
        assert answer.status_code in (401, 422)
        problem(answer, answer.status_code)


def test_tokens_of_tasks_expire_and_cannot_be_forged(shared_hub: HubProcess) -> None:
    task = shared_hub.task()
    shared_hub.post(f"/tasks/{task['id']}/assign", shared_hub.admin, {})
    task = shared_hub.get(f"/tasks/{task['id']}", shared_hub.admin)
    assert shared_hub.ask("GET", "/server/tasks/check", shared_hub.task_token(task)).is_success
    problem(shared_hub.ask("GET", "/server/tasks/check", shared_hub.task_token(task, seconds=-60)), 401)
    problem(shared_hub.ask("GET", "/server/tasks/check", shared_hub.task_token(task, secret="x" * 40)), 401)


def test_a_token_of_an_epoch_that_is_over(shared_hub: HubProcess) -> None:
    task = shared_hub.task()
    late = shared_hub.task_token(task)
    _, name = shared_hub.machine()
    shared_hub.post(f"/tasks/{task['id']}/assign", shared_hub.admin, {"server": name})
    said = problem(shared_hub.ask("POST", f"/server/tasks/{task['id']}/start", late), 409, "stale_epoch")
    assert said["epoch"] == 1


def test_a_login_that_ended(shared_hub: HubProcess) -> None:
    who = shared_hub.viewer()
    assert shared_hub.ask("POST", "/logout", who).json() == {"revoked": True}
    for method, path in (("GET", "/me"), ("POST", "/logout")):
        problem(shared_hub.ask(method, path, who), 401)


def test_registration_is_closed(shared_hub: HubProcess) -> None:
    body = {"email": "late@example.org", "password": "a password of theirs"}
    problem(shared_hub.ask("POST", "/register", json=body), 403, "registration_closed")


def test_names_that_are_taken_and_routes_that_are_not(shared_hub: HubProcess) -> None:
    shared_hub.post("/projects", shared_hub.admin, {"name": "taken"})
    problem(shared_hub.ask("POST", "/projects", shared_hub.admin, json={"name": "taken"}), 409)
    problem(shared_hub.ask("GET", "/nothing", shared_hub.admin), 404, "route_not_found")
    problem(shared_hub.ask("PATCH", "/tasks", shared_hub.admin), 405, "method_not_allowed")
    assert shared_hub.ask("GET", "/tasks/", shared_hub.admin).status_code == 404, "no redirects"


def test_registrations_and_heartbeats_of_any_kind(shared_hub: HubProcess) -> None:
    """What a machine says of itself is for people to look at: strange values are refused or passed over."""
    who, _ = shared_hub.machine()
    for body in ({}, {"system_info": 5}, {"system_info": {"cpu_count": HUGE}}, {"capabilities": {"repos": 5}},
                 {"system_info": {"cpu_percent": 1e308, "x": "\x00"}}, {"capabilities": []}):  # fmt: skip
        answer = shared_hub.ask("POST", "/servers/heartbeat", who, content=json.dumps(body),
                                headers={"Content-Type": "application/json"})  # fmt: skip
        assert answer.status_code in (200, 400, 422), answer.text
    for field in ({"repos": {"a": 5, "b": {"path": None}}}, {"repos": ["x"]}, {"system_info": None}, {"os": 5},
                  {"capabilities": {"languages": 5}}, {"machine_id": "x" * 400}, {"name": ""}):  # fmt: skip
        body = {"registration_token": shared_hub.token(), "name": "strange", **field}
        assert shared_hub.ask("POST", "/servers/register", json=body).status_code in (201, 422)
