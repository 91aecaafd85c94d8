"""The agent's own connection: enrolment, heartbeat, polls, WebSocket."""

import asyncio
import json
import secrets

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Origin

from corral_hub import clock
from tests.hub_process import HubProcess, eventually
from tests.interop.recorded import AUTH_PATIENCE, PATIENCE, SYSTEM_INFO, Agent, Cli

POLLS = ("files/pending", "files/pulls/pending", "access-grants", "approval-rules")


@pytest.fixture
def agent(shared_hub: HubProcess) -> Agent:
    made = Agent(shared_hub.url, f"host-{secrets.token_hex(4)}")
    assert made.register(shared_hub.token()).status_code in (200, 201)
    return made


def test_enrolment(shared_hub: HubProcess) -> None:
    agent, token = Agent(shared_hub.url, "enrolled"), shared_hub.token()
    answer = agent.register(token).json()
    assert answer["api_key"].startswith("orc_")
    assert answer["id"]
    server = shared_hub.get("/servers/enrolled", shared_hub.admin)
    assert (server["hostname"], server["os"], server["repos"]) == ("some-host", "linux", {"web": "/srv/web"})

    again = agent.register(token)
    assert again.status_code == 401
    assert isinstance(again.json()["detail"], str)


def test_its_figures_are_read_as_they_are_meant(shared_hub: HubProcess, agent: Agent) -> None:
    """Its `uptime_seconds` is the moment of the machine's start."""
    started = int(clock.now().timestamp()) - 1000
    beat = {"system_info": {**SYSTEM_INFO, "uptime_seconds": started}}
    assert agent.call("POST", "/servers/heartbeat", beat).is_success
    server = shared_hub.get(f"/servers/{agent.name}", shared_hub.admin)
    assert 1000 <= server["system_info"]["uptime_seconds"] < 1000 + PATIENCE
    assert server["system_info"].keys() == SYSTEM_INFO.keys()
    assert server["agent_version"] == "0.20.0"


def test_a_newer_agent_keeps_its_repositories(shared_hub: HubProcess, agent: Agent) -> None:
    """Later versions send capabilities of their own with every heartbeat, and repositories only when they enrol."""
    beat = {"system_info": SYSTEM_INFO, "worker_ready": {}, "capabilities": {"privilege": {"tiers": ["standard"]}}}
    assert agent.call("POST", "/servers/heartbeat", beat).is_success
    assert shared_hub.get(f"/servers/{agent.name}", shared_hub.admin)["repos"] == {"web": "/srv/web"}


def test_a_machine_that_enrols_again_is_the_same_with_a_new_key(shared_hub: HubProcess) -> None:
    agent = Agent(shared_hub.url, "returning")
    agent.register(shared_hub.token())
    first_id, first_key = agent.id, agent.key
    agent.register(shared_hub.token())
    assert (agent.id == first_id, agent.key == first_key) == (True, False)
    assert agent.call("POST", "/servers/heartbeat", {"system_info": SYSTEM_INFO}).is_success
    agent.key = first_key
    assert agent.call("POST", "/servers/heartbeat", {"system_info": SYSTEM_INFO}).status_code == 401


def test_heartbeats_bring_it_online(shared_hub: HubProcess, agent: Agent) -> None:
    def listed() -> bool:
        assert agent.call("POST", "/servers/heartbeat", {"system_info": SYSTEM_INFO}).is_success
        servers = Cli(shared_hub.url, agent.key)("GET", "/servers")["servers"]
        (own,) = [server for server in servers if server["name"] == agent.name]
        return own["status"] == "online" and own["last_heartbeat"] is not None

    eventually(listed, "the machine is online")
    info = shared_hub.get(f"/servers/{agent.name}", shared_hub.admin)["system_info"]
    assert info["cpu_count"] == SYSTEM_INFO["cpu_count"]


@pytest.mark.parametrize("path", POLLS)
def test_polls_answer_an_empty_list(agent: Agent, path: str) -> None:
    answer = agent.call("GET", f"/server/{path}")
    assert (answer.status_code, answer.json()) == (200, [])


def test_the_rest_of_its_calls(agent: Agent) -> None:
    entry = {"tool_name": "Bash", "tool_input": {"command": "ls"}, "decision": "allowed", "created_at": "2026-01-01"}
    assert agent.call("POST", "/server/permissions/log", {"entries": [entry]}).status_code == 201
    session = "/server/sessions/5e55/mcp-status"
    assert agent.call("PATCH", session, {"mcp_status": "written"}).status_code in (200, 404)


async def test_authentication(agent: Agent) -> None:
    async with agent.socket() as socket:
        frame = await asyncio.wait_for(socket.next(), AUTH_PATIENCE)
        assert frame["type"] == "auth_ok"


@pytest.mark.parametrize("key", ["", "orc_unknown", "\x00", "é" * 5000])
async def test_a_bad_key_is_told_and_closed(agent: Agent, key: str) -> None:
    async with agent.socket(key) as socket:
        assert (await socket.next())["type"] != "auth_ok"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.next()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


@pytest.mark.parametrize(
    "first",
    [
        "",
        "no json",
        "[]",
        "null",
        '{"type":"auth"}',
        '{"type":"auth","api_key":5}',
        '{"type":[]}',
        '{"api_key":"x"}',
        b"x",
    ],
)
async def test_first_frames_that_are_none(agent: Agent, first: str | bytes) -> None:
    async with connect(f"{agent.url.replace('http', 'ws', 1)}/ws/server", proxy=None) as connection:
        await connection.send(first)
        assert json.loads(await asyncio.wait_for(connection.recv(), PATIENCE))["code"] == "auth_refused"
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(connection.recv(), PATIENCE)


async def test_the_newest_connection_wins(agent: Agent) -> None:
    async with agent.socket() as older:
        await older.until("auth_ok")
        async with agent.socket() as newer:
            await newer.until("auth_ok")
            with pytest.raises(ConnectionClosed) as closed:
                await older.next()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4409
            assert await newer.settle() == []


async def test_what_it_says_about_sessions_is_borne(agent: Agent) -> None:
    async with agent.socket() as socket:
        await socket.until("auth_ok")
        session = {"session_id": "s-1", "pid": 42, "tmux_name": "orc-1", "working_dir": "/"}
        await socket.send(type="session_started", **session)
        await socket.send(type="session_recovered", tmux_name="orc-2", pid=43, working_dir="/")
        await socket.send(type="session_output", session_id="s-1", data="aGk=")
        await socket.send(type="session_screen", session_id="s-1", lines=["$ "])
        await socket.send(type="session_closed", session_id="s-1", exit_code=None)
        await socket.send(type="subscribe_task", task_id="t")
        await socket.send(type="scrollback_captured", session_id="s-1", lines=["x" * 100] * 30_000)
        assert await socket.settle() == []


@pytest.mark.parametrize(
    "frame", ["", "{", "5", "null", "[]", "{}", '{"type":null}', '{"type":[]}', '{"type":"x"}', b"\xff"]
)
async def test_malformed_frames_are_answered(agent: Agent, frame: str | bytes) -> None:
    async with agent.socket() as socket:
        await socket.until("auth_ok")
        await socket.connection.send(frame)
        assert (await socket.next())["code"] == "malformed"
        assert await socket.settle() == []


async def test_only_the_hubs_own_pages_may_connect(agent: Agent) -> None:
    for path in ("/ws/server", "/ws/dashboard"):
        address = f"{agent.url.replace('http', 'ws', 1)}{path}"
        for foreign in ("https://evil.example", "null", "http://127.0.0.1:1", "http://[", "ws://"):
            with pytest.raises(InvalidStatus) as refused:
                await connect(address, origin=Origin(foreign), proxy=None)
            assert refused.value.response.status_code == 403
        async with connect(address, origin=Origin(agent.url), proxy=None) as connection:
            await connection.send("{}")
            assert json.loads(await connection.recv())["code"] == "auth_refused"
