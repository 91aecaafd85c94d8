"""Machines: enrolment with one-time tokens, keys, capabilities, admission; what agents see."""

import asyncio
from datetime import timedelta
from typing import Any

import httpx
import pytest

from corral_hub import clock
from corral_hub.accounts.tokens import issue_task_token
from corral_hub.bus.bus import Bus
from corral_hub.bus.facts import ServerChanged, ServerLost
from corral_hub.errors import Unauthenticated
from corral_hub.projects.actions import Projects
from corral_hub.projects.model import ProjectSettings
from corral_hub.servers.actions import Servers
from corral_protocol.codec import encode
from corral_protocol.tokens import parse_token
from tests.hub.api import ADMIN, SECRET, VIEWER, Api, refused

OLDER_AGENT = {
    "ip": "0.0.0.0", "mac_address": "00:00:00:00:00:01", "os": "linux", "hostname": "box", "something_new": [1],
    "system_info": {"cpu_count": 2, "cpu_percent": 1.5, "uptime_seconds": 1_700_000_000, "agent_version": "0.20.0"},
}  # fmt: skip


async def token(api: Api, **body: Any) -> str:
    answer = await api.post("/servers/tokens", who=ADMIN, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


async def enrol(api: Api, name: str = "box", with_token: str | None = None, **more: Any) -> httpx.Response:
    used = with_token or await token(api)
    body = {**OLDER_AGENT, "name": name, "machine_id": name, "repos": {}, "registration_token": used, **more}
    return await api.post("/servers/register", json=body)


async def key_of(api: Api, name: str = "box", **more: Any) -> dict[str, str]:
    """Enrol a machine and return the headers it authenticates with."""
    answer = await enrol(api, name, **more)
    assert answer.status_code == 201, answer.text
    return {"X-API-Key": answer.json()["api_key"]}


@pytest.fixture
async def people(api: Api) -> None:
    await api.people()


pytestmark = pytest.mark.usefixtures("people")


async def test_a_hundred_uses_of_one_token_have_one_winner(api: Api) -> None:
    used = await token(api)
    answers = await asyncio.gather(*(enrol(api, f"box{n}", used) for n in range(100)))
    assert sorted(answer.status_code for answer in answers) == [201] + [401] * 99
    assert all(answer.json()["detail"] for answer in answers if answer.status_code == 401)
    assert len((await api.get("/servers", who=ADMIN)).json()["servers"]) == 1


async def test_a_token_carries_the_hubs_address(api: Api, servers: Servers) -> None:
    answer = (await api.post("/servers/tokens", who=ADMIN, json={})).json()
    assert parse_token(answer["token"]).hub_url.startswith("http")
    assert answer["command"] == f"corral join {answer['token']}"


async def test_tokens_expire_and_are_revoked(api: Api, servers: Servers) -> None:
    stale = await servers.create_token("test", None, -1.0)
    assert (await enrol(api, with_token=stale["token"])).status_code == 401
    made = (await api.post("/servers/tokens", who=ADMIN, json={})).json()
    assert (await api.delete(f"/servers/tokens/{made['id'][:8]}", who=ADMIN)).status_code == 200
    assert (await enrol(api, with_token=made["token"])).status_code == 401
    listed = (await api.get("/servers/tokens", who=ADMIN)).json()["tokens"]
    assert made["token"] not in str(listed) and listed[0]["revoked_at"]


@pytest.mark.parametrize("bad", ["", "orcreg_", "orcreg_abc", "orcreg_!!.x", "orcreg_aHR0cDovL2g.nope", "x" * 299])
async def test_bad_tokens_are_401_in_json(api: Api, bad: str) -> None:
    answer = await enrol(api, with_token=bad or " ")
    assert answer.status_code == 401 and answer.json()["detail"]


async def test_a_returning_machine_gets_a_new_key_and_the_old_one_dies(api: Api) -> None:
    first, second = await enrol(api), await enrol(api)
    assert first.json()["id"] == second.json()["id"]
    old = {"X-API-Key": first.json()["api_key"]}
    refused(await api.post("/servers/heartbeat", headers=old, json={}), 401, "bad_api_key")
    new = {"X-API-Key": second.json()["api_key"]}
    assert (await api.post("/servers/heartbeat", headers=new, json={})).json() == {"ok": True}


async def test_another_machine_of_the_same_name_gets_another_name(api: Api) -> None:
    await enrol(api)
    assert (await enrol(api, machine_id="another")).json()["name"] == "box-2"
    assert (await enrol(api, machine_id="")).json()["name"] == "box-3"


async def test_a_removed_machine_loses_its_key_and_frees_its_name(api: Api, bus: Bus) -> None:
    lost: list[ServerLost] = []
    bus.subscribe(ServerLost, lost.append)
    headers = await key_of(api)
    assert (await api.get("/server/servers", headers=headers)).status_code == 200
    gone = (await api.delete("/servers/box", who=ADMIN)).json()["removed"]
    refused(await api.get("/server/servers", headers=headers), 401, "bad_api_key")
    assert [str(fact.server_id) for fact in lost] == [gone]
    refused(await api.get("/servers/box", who=ADMIN), 404, "server_not_found")
    assert (await enrol(api)).json()["name"] == "box"


async def test_an_older_agents_repositories_count(api: Api) -> None:
    await enrol(api, repos={"web": "/srv/web", "api": {"path": "/srv/api"}})
    assert (await api.get("/servers/box", who=ADMIN)).json()["repos"] == {"web": "/srv/web", "api": "/srv/api"}


async def test_what_an_admin_sets_wins_and_a_version_is_kept_only_for_a_change(
    api: Api, servers: Servers, bus: Bus
) -> None:
    headers = await key_of(api)
    server = await servers.get("box")
    beat = {"capabilities": {"languages": ["Python", " go ", "python"], "max_concurrent": 4}}
    for _ in range(3):
        assert (await api.post("/servers/heartbeat", headers=headers, json=beat)).status_code == 200
    after = await servers.get("box")
    assert after.effective.languages == ("go", "python") and after.version == server.version + 1
    changed: list[ServerChanged] = []
    bus.subscribe(ServerChanged, changed.append)
    answer = await api.patch("/servers/box", who=ADMIN, json={"overrides": {"languages": ["Rust"]}})
    assert answer.json()["capabilities"]["languages"] == ["rust"] and len(changed) == 1
    assert (await servers.get("box")).version == after.version + 1
    await api.post("/servers/heartbeat", headers=headers, json=beat)
    assert (await servers.get("box")).effective.languages == ("rust",)


async def test_drain_cordon_resume(api: Api) -> None:
    await enrol(api)
    assert (await api.post("/servers/box/drain", who=ADMIN)).json()["draining"] is True
    assert (await api.patch("/servers/box", who=ADMIN, json={"cordoned": True})).json()["cordoned"] is True
    after = (await api.post("/servers/box/resume", who=ADMIN)).json()
    assert (after["draining"], after["cordoned"]) == (False, False)


async def test_a_new_name_holds_at_once(api: Api, servers: Servers) -> None:
    headers = await key_of(api)
    await api.patch("/servers/box", who=ADMIN, json={"name": "crate"})
    assert (await servers.authenticate_key(headers["X-API-Key"])).name == "crate"
    await enrol(api, "other")
    refused(await api.patch("/servers/other", who=ADMIN, json={"name": "crate"}), 409, "name_taken")


@pytest.mark.parametrize(
    "change",
    [
        {"overrides": {"colour": []}},
        {"overrides": {"languages": "python"}},
        {"overrides": {"languages": [1]}},
        {"overrides": {"repos": ["web"]}},
        {"max_concurrent": 0},
        {"cordoned": "perhaps"},
        {"unknown": 1},
        {"name": ""},
        {"name": "a\x00b"},
    ],
)
async def test_bad_changes(api: Api, change: dict[str, Any]) -> None:
    await enrol(api)
    assert (await api.patch("/servers/box", who=ADMIN, json=change)).status_code == 422


@pytest.mark.parametrize(
    "announced",
    [{"languages": "python"}, {"languages": [None]}, {"max_concurrent": 1.5}, {"agents": [{}]}, {"repos": {"a": 1}}],
)
async def test_bad_capabilities(api: Api, announced: dict[str, Any]) -> None:
    headers = await key_of(api)
    answer = await api.post("/servers/heartbeat", headers=headers, json={"capabilities": announced})
    refused(answer, 422, "invalid_capabilities")
    refused(await enrol(api, "other", capabilities=announced), 422, "invalid_capabilities")


async def test_a_name_that_is_anothers_id_hides_nobody(api: Api) -> None:
    victim = (await enrol(api, "victim")).json()["id"]
    await enrol(api, victim)
    assert (await api.get(f"/servers/{victim}", who=ADMIN)).json()["name"] == "victim"
    assert (await api.delete(f"/servers/{victim}", who=ADMIN)).json()["removed"] == victim


async def test_names_can_be_printed(api: Api) -> None:
    refused(await enrol(api, "\x1b[2J"), 422, "invalid_request")


async def test_a_refused_registration_leaves_the_token_good(api: Api) -> None:
    used = await token(api)
    refused(await enrol(api, with_token=used, capabilities={"languages": 1}), 422, "invalid_capabilities")
    assert (await enrol(api, with_token=used)).status_code == 201


async def test_viewers_look_but_do_not_touch(api: Api) -> None:
    await enrol(api)
    assert (await api.get("/servers/box", who=VIEWER)).status_code == 200
    for method, path in (("POST", "/servers/box/drain"), ("DELETE", "/servers/box"), ("POST", "/servers/tokens")):
        refused(await api.request(method, path, who=VIEWER, json={}), 403, "role_required")


async def test_a_machine_sees_its_project_and_the_shared_ones(api: Api, projects: Projects) -> None:
    for name in ("alpha", "beta"):
        await projects.create(name, encode(ProjectSettings()))
    alpha = await key_of(api, "a", with_token=await token(api, project_id="alpha"))
    await key_of(api, "b", with_token=await token(api, project_id="beta"))
    shared = await key_of(api, "c")
    assert await names(api, alpha) == {"a", "c"}
    assert await names(api, shared) == {"a", "b", "c"}
    project = await projects.get("beta")
    text = issue_task_token(SECRET, clock.new_id(), project.id, 1, clock.now(), 60)
    assert await names(api, {"X-API-Key": text}) == {"b", "c"}
    assert await names(api, {"Authorization": f"Bearer {text}"}) == {"b", "c"}


async def names(api: Api, headers: dict[str, str]) -> set[str]:
    answer = await api.get("/server/servers", headers=headers)
    assert answer.status_code == 200, answer.text
    return {server["name"] for server in answer.json()["servers"]}


async def test_credentials_open_only_their_own_doors(api: Api, projects: Projects) -> None:
    machine = await key_of(api)
    project = await projects.default()
    task = {"X-API-Key": issue_task_token(SECRET, clock.new_id(), project.id, 1, clock.now(), 60)}
    person = {"X-API-Key": await api.login(ADMIN)}
    refused(await api.get("/servers", headers=machine), 401, "login_required")
    refused(await api.get("/servers", who=machine["X-API-Key"]), 401, "invalid_token")
    refused(await api.get("/servers", who=task["X-API-Key"]), 401, "invalid_token")
    refused(await api.get("/server/servers", headers=person), 401, "invalid_token")
    assert (await api.post("/servers/heartbeat", headers=task, json={})).status_code == 403
    late = issue_task_token(SECRET, clock.new_id(), project.id, 1, clock.now() - timedelta(minutes=2), 60)
    refused(await api.get("/server/servers", headers={"X-API-Key": late}), 401, "token_expired")


async def test_what_older_agents_poll(api: Api) -> None:
    headers = await key_of(api)
    for path in ("files/pending", "files/pulls/pending", "access-grants", "approval-rules"):
        answer = await api.get(f"/server/{path}", headers=headers)
        assert (answer.status_code, answer.json()) == (200, [])
        assert (await api.get(f"/server/{path}")).status_code == 401
    logged = await api.post("/server/permissions/log", headers=headers, json={"entries": []})
    assert (logged.status_code, type(logged.json())) == (201, dict)
    refused(await api.post("/server/files/x/ack", headers=headers, json={}), 404, "route_not_found")
    assert (await api.post("/servers/heartbeat", headers=headers, json=OLDER_AGENT)).json() == {"ok": True}


# What follows happens between two requests. A gate holds a transaction open at the right moment; nothing sleeps.


async def test_a_key_revoked_while_it_is_looked_up_is_dead(
    api: Api, servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request that read the row before the revocation must not keep the key alive in memory after it."""
    headers = await key_of(api)
    server = await servers.get("box")
    change = servers._change

    async def interrupted(*arguments: Any) -> Any:
        await servers.authenticate_key(headers["X-API-Key"])
        return await change(*arguments)

    monkeypatch.setattr(servers, "_change", interrupted)
    await servers.remove(server)
    with pytest.raises(Unauthenticated):
        await servers.authenticate_key(headers["X-API-Key"])


async def test_machines_of_one_name_enrol_at_the_same_moment(api: Api) -> None:
    tokens = [await token(api) for _ in range(8)]
    answers = await asyncio.gather(*(enrol(api, "twin", used, machine_id=str(n)) for n, used in enumerate(tokens)))
    assert [answer.status_code for answer in answers] == [201] * 8, [answer.text for answer in answers]
    assert len({answer.json()["name"] for answer in answers}) == 8


async def test_a_renamed_or_numbered_machine_is_known_again(api: Api) -> None:
    await enrol(api, machine_id="one")
    second = (await enrol(api, machine_id="two")).json()
    assert (await enrol(api, machine_id="two")).json()["id"] == second["id"]
    await api.patch(f"/servers/{second['id']}", who=ADMIN, json={"name": "crate"})
    assert (await enrol(api, machine_id="two")).json()["id"] == second["id"]


async def test_a_removed_machine_is_not_brought_back_by_a_late_frame(api: Api, servers: Servers) -> None:
    await enrol(api)
    server = await servers.get("box")
    servers.connected(server.id)
    await servers.remove(server)
    assert not servers.is_connected(server.id)
    servers.seen(server.id)
    await servers.flush()
    row = await servers.find(server.id)
    assert row is not None and row.status == "offline"
