"""Sessions of the published agent, from recorded frames: base64 both ways, tmux names, recovery."""

import asyncio
import base64
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from corral_protocol.vocabulary import SessionMode
from tests.hub_process import HubProcess, eventually
from tests.interop.recorded import Agent, Cli, Socket
from tests.terminals.viewer import a_viewer


@pytest.fixture
def agent(shared_hub: HubProcess) -> Agent:
    made = Agent(shared_hub.url, f"host-{secrets.token_hex(4)}")
    assert made.register(shared_hub.token()).is_success
    return made


async def start(hub: HubProcess, agent: Agent, socket: Socket, **fields: Any) -> str:
    """Start a session on the agent, which says that it runs; return its id."""
    made = await asyncio.to_thread(hub.post, "/sessions", hub.admin, {"server": agent.name, **fields})
    told = await socket.until("session_start")
    assert told["session_id"] == made["id"]
    await socket.send(type="session_started", session_id=made["id"], pid=42, tmux_name=tmux(made["id"]),
                      working_dir="/root")  # fmt: skip
    await reaches(hub, made["id"], "running")
    return str(made["id"])


def tmux(session: str) -> str:
    return f"orc-{session[:12]}"


async def reaches(hub: HubProcess, session: str, status: str) -> Any:
    def now() -> Any:
        found = hub.get(f"/sessions/{session}", hub.admin)
        return found if found["status"] == status else None

    return await asyncio.to_thread(eventually, now, f"the session is {status}")


async def says(socket: Socket, session: str, data: bytes) -> None:
    await socket.send(type="session_output", session_id=session, data=base64.b64encode(data).decode())


@asynccontextmanager
async def connected(agent: Agent) -> AsyncIterator[Socket]:
    async with agent.socket() as socket:
        await socket.until("auth_ok")
        yield socket


async def test_a_session(shared_hub: HubProcess, agent: Agent) -> None:
    hub = shared_hub
    async with connected(agent) as socket, a_viewer(hub) as viewer:
        session = await start(hub, agent, socket, cols=100, rows=30, role="worker")
        told = next(frame for frame in socket.seen if frame["type"] == "session_start")
        assert told.keys() <= {
            "type", "session_id", "working_directory", "cols", "rows", "project_id", "agent_type", "role"
        }  # fmt: skip
        await says(socket, session, b"$ ")
        await viewer.attach(session, SessionMode.DRIVE)
        await viewer.at(2)
        assert (viewer.screens, bytes(viewer.content)) == ([0], b"$ "), "an empty screen, then what is remembered"
        await viewer.type(b"ls\r")
        assert (await socket.until("session_input"))["data"] == base64.b64encode(b"ls\r").decode()
        await says(socket, session, bytes(range(256)))
        await viewer.at(258)
        await viewer.resize(session, 81, 25)
        resized = await socket.until("session_resize")
        assert (resized["cols"], resized["rows"]) == (81, 25)

        await socket.send(type="session_screen", session_id=session, lines=["$ ls", "a  b"])
        screen = lambda: hub.ask("GET", f"/sessions/{session}/screen", hub.admin).json()  # noqa: E731
        await asyncio.to_thread(eventually, lambda: screen().get("lines") == ["$ ls", "a  b"], "the screen is known")

        await asyncio.to_thread(hub.post, f"/sessions/{session}/close", hub.admin, {})
        assert (await socket.until("session_close"))["session_id"] == session
        await socket.send(type="session_closed", session_id=session, exit_code=1)
        closed = await reaches(hub, session, "closed")
        assert closed["exit_code"] is None, "it would be that of a tmux client"
        await viewer.event("closed")
        assert await socket.settle() == []


async def test_what_it_does_not_understand_is_not_asked_of_it(shared_hub: HubProcess, agent: Agent) -> None:
    async with connected(agent) as socket:
        for field in ({"argv": ["ls"]}, {"env": {"A": "b"}}, {"repo": "web"}, {"worktree": True}):
            body = {"server": agent.name, **field}
            answer = await asyncio.to_thread(shared_hub.ask, "POST", "/sessions", shared_hub.admin, json=body)
            assert (answer.status_code, answer.json()["code"]) == (409, "no_sessions_feature")
        assert await socket.settle() == []


async def test_killing_is_closing(shared_hub: HubProcess, agent: Agent) -> None:
    """A kill of theirs leaves the tmux session running; it comes back as a ghost, which is closed."""
    async with connected(agent) as socket:
        session = await start(shared_hub, agent, socket)
        await asyncio.to_thread(shared_hub.post, f"/sessions/{session}/kill", shared_hub.admin)
        assert (await socket.until("session_close"))["session_id"] == session
        await socket.send(type="session_closed", session_id=session, exit_code=-9)
        await reaches(shared_hub, session, "closed")
        await socket.send(type="session_recovered", tmux_name=tmux(session), pid=42, working_dir="/")
        assert (await socket.until("session_close"))["session_id"] == tmux(session)


async def test_recovery_after_its_restart(shared_hub: HubProcess, agent: Agent) -> None:
    hub = shared_hub
    async with connected(agent) as socket:
        session = await start(hub, agent, socket)
        await says(socket, session, b"before ")
    async with a_viewer(hub) as viewer, connected(agent) as socket:
        await viewer.attach(session, offset=0)
        await viewer.at(7)
        await socket.send(type="session_recovered", tmux_name=tmux(session), pid=43, working_dir="/")
        ack = await socket.until("session_recovered_ack")
        assert (ack["tmux_name"], ack["session_id"]) == (tmux(session), session)
        await says(socket, session, b"after")
        await viewer.at(12)
        assert (viewer.screens, bytes(viewer.content)) == ([], b"before after")
        shown = await asyncio.to_thread(hub.get, f"/sessions/{session}", hub.admin)
        assert (shown["status"], shown["pid"]) == ("running", 43)


async def test_a_tmux_name_is_as_good_as_an_id(shared_hub: HubProcess, agent: Agent) -> None:
    """What the agent says of a session before the hub has acknowledged it bears the tmux name."""
    async with connected(agent) as socket, a_viewer(shared_hub) as viewer:
        session = await start(shared_hub, agent, socket)
        name = tmux(session)
        await viewer.attach(session)
        await socket.send(type="session_started", session_id=name, pid=44, tmux_name=name, recovered=True)
        await says(socket, name, b"hello")
        await viewer.at(5)
        assert bytes(viewer.content) == b"hello"
        await socket.send(type="session_closed", session_id=name, exit_code=0)
        await reaches(shared_hub, session, "closed")


async def test_output_may_come_before_the_start_is_said(shared_hub: HubProcess, agent: Agent) -> None:
    async with connected(agent) as socket, a_viewer(shared_hub) as viewer:
        body = {"server": agent.name}
        made = await asyncio.to_thread(shared_hub.post, "/sessions", shared_hub.admin, body)
        await socket.until("session_start")
        await says(socket, made["id"], b"early")
        await viewer.attach(made["id"])
        await viewer.at(5)
        assert bytes(viewer.content) == b"early"


async def test_the_last_quarter_of_a_megabyte_is_remembered(shared_hub: HubProcess, agent: Agent) -> None:
    async with connected(agent) as socket, a_viewer(shared_hub) as first, a_viewer(shared_hub) as late:
        session = await start(shared_hub, agent, socket)
        await first.attach(session)
        content = secrets.token_bytes(400_000)
        for begin in range(0, len(content), 4096):  # an older agent waits for nobody, so its viewer has to keep up
            await says(socket, session, content[begin : begin + 4096])
            await first.at(min(begin + 4096, len(content)))
        assert bytes(first.content) == content
        await late.attach(session)
        await late.at(len(content))
        assert 200_000 < len(late.content) <= 256 * 1024
        assert content.endswith(bytes(late.content))


async def test_what_is_not_base64_is_said(shared_hub: HubProcess, agent: Agent) -> None:
    async with connected(agent) as socket:
        session = await start(shared_hub, agent, socket)
        await socket.send(type="session_output", session_id=session, data="?")
        assert (await socket.until("error"))["code"] == "malformed"
        await says(socket, session, b"x")
        assert await socket.settle() == []


async def test_what_it_has_lost_is_lost_after_a_while(database_url: str, tmp_path: Any) -> None:
    """It never says what it holds; what it has not spoken of is not there."""
    with HubProcess(tmp_path, database_url, {"CORRAL_RESTART_GRACE": "0.5"}) as hub:
        agent = Agent(hub.url, "forgetful")
        agent.register(hub.token())
        async with connected(agent) as socket:
            lost, kept = await start(hub, agent, socket), await start(hub, agent, socket)
        async with connected(agent) as socket:
            await socket.send(type="session_recovered", tmux_name=tmux(kept), pid=43)
            await reaches(hub, lost, "lost")
            await reaches(hub, kept, "running")


async def test_after_a_restart_of_the_hub_no_offset_means_other_bytes(database_url: str, tmp_path: Any) -> None:
    with HubProcess(tmp_path, database_url) as hub:
        agent = Agent(hub.url, "patient")
        agent.register(hub.token())
        async with connected(agent) as socket, a_viewer(hub) as viewer:
            session = await start(hub, agent, socket)
            await says(socket, session, b"before")
            await viewer.attach(session, offset=0)
            await viewer.at(6)
        await asyncio.to_thread(hub.stop)
        await asyncio.to_thread(hub.start)
        async with connected(agent) as socket, a_viewer(hub) as viewer:
            await socket.send(type="session_started", session_id=session, pid=42, tmux_name=tmux(session))
            await says(socket, session, b"something else")
            await socket.send(type="session_screen", session_id=session, lines=["else"])
            await viewer.attach(session, offset=6)
            await viewer.until(lambda: bytes(viewer.content) == b"something else", "all that is remembered comes")
            assert viewer.screens, "on an empty screen"


async def test_its_cli_lists_them(shared_hub: HubProcess, agent: Agent) -> None:
    async with connected(agent) as socket:
        session = await start(shared_hub, agent, socket)
        shown = await asyncio.to_thread(shared_hub.get, f"/sessions/{session}", shared_hub.admin)
        cli = Cli(shared_hub.url, agent.key)
        listed = await asyncio.to_thread(cli, "GET", f"/sessions?project_id={shown['project_id']}")
        (own,) = [item for item in listed["sessions"] if item["id"] == session]
        assert (own["name"], own["server_name"], own["status"]) == (shown["name"], agent.name, "running")
        path = f"/sessions/{session}/mcp-status"
        assert await asyncio.to_thread(cli, "PATCH", path, {"mcp_status": "written"}) == {"ok": True}
