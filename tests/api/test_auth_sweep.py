"""Nobody gets in without a credential, nobody does more than theirs allows, and projects do not see each other."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.api.routes import WRITES, Route, Scene, routes, scene
from tests.hub_process import HubProcess

PUBLIC = {
    Route("GET", "/healthz"),
    Route("GET", "/readyz"),
    Route("GET", "/openapi.json"),  # not in the document itself
    Route("POST", "/api/v1/login"),
    Route("POST", "/api/v1/register"),
    Route("POST", "/api/v1/servers/register"),
    # what a webhook asks of its caller stands in the workflow: tests/acceptance/test_triggers.py
    *(Route(method, "/webhook/{path}") for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
    Route("POST", "/api/v1/webhooks/{workflow}"),
}
JUDGES_ONLY = {Route("POST", "/api/v1/workflows/validate"), Route("POST", "/api/v1/node-types/placement")}
OWN_LOGIN = Route("POST", "/api/v1/logout")
GUARDED = sorted(route for route in routes() if route not in PUBLIC)
AGENTS = [route for route in GUARDED if route.path.startswith("/api/v1/server/")]
MACHINES = [*AGENTS, Route("POST", "/api/v1/servers/heartbeat")]
PEOPLE = [route for route in GUARDED if route not in MACHINES]

BAD: Mapping[str, Mapping[str, str]] = {
    "nothing": {},
    "an unknown key": {"X-API-Key": "orc_unknown"},
    "an empty key": {"X-API-Key": ""},
    "no token": {"X-API-Key": "x.y.z", "Authorization": "Bearer x.y.z"},
    "an unsigned token": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."},
    "another scheme": {"Authorization": "Basic YWRtaW46YWRtaW4="},
    "an endless token": {"Authorization": "Bearer " + "x" * 8000},
    "an unknown key of a person": {"Authorization": "Bearer crl_unknown"},
    "an empty cookie": {"Cookie": "corral_session="},
    "a cookie of nobody": {"Cookie": "corral_session=x.y.z", "Sec-Fetch-Site": "same-origin"},
}


@pytest.fixture(scope="module")
def own(shared_hub: HubProcess) -> Scene:
    return scene(shared_hub)


@pytest.fixture(scope="module")
def foreign(shared_hub: HubProcess) -> Scene:
    return scene(shared_hub)


def send(hub: HubProcess, route: Route, path: str, who: Mapping[str, str]) -> tuple[int, Any]:
    arguments = {"json": dict(route.body)} if route.method in WRITES else {}
    answer = hub.client.request(route.method, path, headers=dict(who), **arguments)
    told = answer.json() if route.method != "HEAD" else {"detail": "", "code": "", "hint": ""}
    return answer.status_code, told


def sweep(hub: HubProcess, found: list[Route], at: Scene, who: Mapping[str, str], allowed: set[int]) -> None:
    """Fail with every route that answers anything else."""
    answers = [(route, *send(hub, route, at.fill(route.path), who)) for route in found]
    wrong = [
        f"{route.method} {route.path}: {status} {body}" for route, status, body in answers if status not in allowed
    ]
    assert not wrong, "\n".join(wrong)
    assert all({"detail", "code", "hint"} <= body.keys() for _, status, body in answers if status >= 400)


def test_few_routes_are_public() -> None:
    assert len({route.path for route in PUBLIC}) <= 8
    assert len(GUARDED) > 50


@pytest.mark.parametrize("credential", BAD.values(), ids=BAD)
def test_no_route_without_a_credential(shared_hub: HubProcess, own: Scene, credential: Mapping[str, str]) -> None:
    sweep(shared_hub, GUARDED, own, credential, {401, 403})


def test_keys_do_not_open_what_is_for_people(shared_hub: HubProcess, own: Scene) -> None:
    sweep(shared_hub, PEOPLE, own, own.machine, {401})
    sweep(shared_hub, PEOPLE, own, own.agent, {401})
    as_bearer = {"Authorization": f"Bearer {own.agent['X-API-Key']}"}
    sweep(shared_hub, PEOPLE, own, as_bearer, {401})


def test_logins_do_not_open_what_is_for_machines(shared_hub: HubProcess, own: Scene) -> None:
    sweep(shared_hub, MACHINES, own, shared_hub.admin, {401})


def test_viewers_change_nothing(shared_hub: HubProcess, own: Scene) -> None:
    writes = [route for route in PEOPLE if route.method in WRITES and route not in {OWN_LOGIN, *JUDGES_ONLY}]
    sweep(shared_hub, writes, own, shared_hub.viewer(), {403})


def test_viewers_see_no_secrets(shared_hub: HubProcess) -> None:
    assert shared_hub.ask("GET", "/users", shared_hub.viewer()).status_code == 403
    assert shared_hub.ask("GET", "/servers/tokens", shared_hub.viewer()).status_code == 403


OWNED = ("task", "key", "intervention", "session")
"""Path parameters that name something of one project."""
# Runs of workflows are changed by admins only, who are told apart before anything is looked for.
BY_ID = [
    route for route in AGENTS if any(f"{{{name}}}" in route.path for name in OWNED) and "/runs/{run}/" not in route.path
]
MACHINES_ONLY = Route("PATCH", "/api/v1/server/sessions/{session}/mcp-status")


def by_id(kind: str) -> list[Route]:
    return [route for route in BY_ID if kind == "machine" or route != MACHINES_ONLY]


@pytest.mark.parametrize("kind", ["machine", "agent"])
def test_other_projects_ids_do_not_exist(shared_hub: HubProcess, own: Scene, foreign: Scene, kind: str) -> None:
    assert len(BY_ID) > 20
    sweep(shared_hub, by_id(kind), foreign, getattr(own, kind), {404})
    shortened = {**foreign.names, **{name: foreign.names[name][:18] for name in OWNED}}
    sweep(shared_hub, by_id(kind), Scene("", {}, {}, shortened), getattr(own, kind), {404})


@pytest.mark.parametrize("kind", ["machine", "agent"])
def test_the_answers_for_a_foreign_and_for_no_id_are_alike(
    shared_hub: HubProcess, own: Scene, foreign: Scene, kind: str
) -> None:
    gone = {name: "0" * 8 + foreign.names[name][8:] for name in ("task", "intervention", "session")}
    nothing = {**foreign.names, **gone}
    unlike = []
    for route in by_id(kind):
        there = send(shared_hub, route, foreign.fill(route.path), getattr(own, kind))[1]
        missing = send(shared_hub, route, route.path.format_map(nothing), getattr(own, kind))[1]
        if (there["code"], there["title"]) != (missing["code"], missing["title"]):
            unlike.append(f"{route.method} {route.path}: {there['code']}, but {missing['code']} for no id at all")
    assert not unlike, "\n".join(unlike)


@pytest.mark.parametrize("kind", ["machine", "agent"])
def test_ids_in_bodies_and_queries(shared_hub: HubProcess, own: Scene, foreign: Scene, kind: str) -> None:
    who, theirs = getattr(own, kind), foreign.names["task"]
    for method, path, body in (
        ("POST", "/server/tasks", {"title": "x", "dependency_ids": [theirs]}),
        ("POST", "/server/tasks", {"title": "x", "dependencies": [{"depends_on_task_id": theirs[:18]}]}),
        ("POST", "/server/tasks", {"title": "x", "project_id": foreign.project_id}),
        ("POST", f"/server/tasks/{own.names['key']}/dependencies", {"depends_on_task_id": theirs}),
        ("GET", f"/server/tasks?project_id={foreign.project_id}", None),
        ("GET", f"/server/interventions?task_id={theirs}", None),
    ):
        answer = shared_hub.ask(method, path, who, **({"json": body} if body else {}))
        refused = {404} if kind == "machine" or "dependencies" not in path else {403, 404}
        assert answer.status_code in refused, f"{method} {path}: {answer.status_code} {answer.text}"


@pytest.mark.parametrize("kind", ["machine", "agent"])
def test_listings_show_ones_own_project_only(shared_hub: HubProcess, own: Scene, foreign: Scene, kind: str) -> None:
    for path in ("tasks", "tasks/check", "interventions", "servers", "status"):
        listed = shared_hub.ask("GET", f"/server/{path}", getattr(own, kind)).text
        assert not [value for name, value in foreign.names.items() if name in ("task", "key", "intervention", "server")
                    and value in listed], path  # fmt: skip


@pytest.mark.parametrize("kind", ["machine", "agent"])
def test_other_projects_servers_do_not_exist(shared_hub: HubProcess, own: Scene, foreign: Scene, kind: str) -> None:
    """Not in explanations, not by name, not in numbers."""
    who, theirs, task = getattr(own, kind), foreign.names["server"], own.names["task"]
    explained = shared_hub.ask("GET", f"/server/tasks/{task}/explain", who).text
    assert own.names["server"] in explained and theirs not in explained
    child = shared_hub.task(who)["id"]
    dry = shared_hub.ask("POST", f"/server/tasks/{child}/assign", who, json={"dry_run": True})
    assert dry.is_success and own.names["server"] in dry.text and theirs not in dry.text
    codes = [shared_hub.ask("POST", f"/server/tasks/{child}/assign", who, json={"server": name}).json()["code"]
             for name in (theirs, "nowhere")]  # fmt: skip
    assert codes == ["server_not_found"] * 2
    everybody = shared_hub.get("/status", shared_hub.admin)["servers"]["total"]
    assert shared_hub.get("/server/status", who)["servers"]["total"] < everybody
    assert theirs in shared_hub.ask("GET", f"/tasks/{child}/explain", shared_hub.admin).text, "people see all"


@pytest.mark.parametrize("kind", ["machine", "agent"])
def test_other_projects_are_refused_as_if_there_were_none(
    shared_hub: HubProcess, own: Scene, foreign: Scene, kind: str
) -> None:
    who, name = getattr(own, kind), shared_hub.get(f"/projects/{foreign.project_id}", shared_hub.admin)["name"]
    said = []
    for project in (foreign.project_id, foreign.project_id[:8], name, "nothing", "0" * 36):
        answer = shared_hub.ask("GET", "/server/tasks", who, params={"project_id": project})
        assert answer.status_code == 404
        said.append({key: str(value).replace(project, "…") for key, value in answer.json().items()})
    assert said == [said[0]] * len(said)
    for project in (own.project_id, own.project_id[:8]):
        assert shared_hub.ask("GET", "/server/tasks", who, params={"project_id": project}).is_success


@pytest.mark.parametrize("path", ["/ws/server", "/ws/dashboard"])
async def test_websockets_refuse_strangers(shared_hub: HubProcess, path: str) -> None:
    for first in ({"type": "auth"}, {"type": "auth", "api_key": "orc_x", "token": "orc_x"},
                  {"type": "auth", "api_key": "x.y.z", "token": "x.y.z"}):  # fmt: skip
        async with connect(f"ws://127.0.0.1:{shared_hub.port}{path}", proxy=None) as socket:
            await socket.send(json.dumps(first))
            assert json.loads(await socket.recv())["code"] == "auth_refused"
            with pytest.raises(ConnectionClosed) as closed:
                await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4401


async def test_the_daemons_socket_is_for_machines(shared_hub: HubProcess, own: Scene) -> None:
    for who in (own.agent["X-API-Key"], shared_hub.admin["Authorization"].removeprefix("Bearer ")):
        async with connect(f"ws://127.0.0.1:{shared_hub.port}/ws/server", proxy=None) as socket:
            await socket.send(json.dumps({"type": "auth", "api_key": who}))
            assert json.loads(await socket.recv())["code"] == "auth_refused"


async def test_live_news_stay_in_the_project(shared_hub: HubProcess, own: Scene, foreign: Scene) -> None:
    async with connect(f"ws://127.0.0.1:{shared_hub.port}/ws/dashboard", proxy=None) as socket:
        await socket.send(json.dumps({"type": "auth", "token": own.machine["X-API-Key"]}))
        assert json.loads(await socket.recv()) == {"type": "auth_ok"}
        shared_hub.task(project_id=foreign.project_id)
        mine = shared_hub.task(project_id=own.project_id)
        assert json.loads(await socket.recv())["task_id"] == mine["id"]


@pytest.mark.parametrize("host", ["evil.example", "", "a b", "[", "127.0.0.1:99999999", "x" * 5000])
def test_strange_hosts_break_nothing(shared_hub: HubProcess, host: str) -> None:
    answer = shared_hub.client.get("/api/v1/tasks", headers={"Host": host, **shared_hub.admin})
    assert answer.status_code in (200, 400, 421)
