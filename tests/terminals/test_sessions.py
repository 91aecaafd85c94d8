"""A session's life over the API: started, found, looked at, typed into, resized, ended, reconciled; and who may."""

import asyncio
import base64
import secrets
from typing import Any

import pytest

from corral_hub.sessions.looks import Looks, Silent
from corral_protocol import sessions as wire
from corral_protocol.to_daemon import ToDaemon
from tests.hub.test_session_state import a_session
from tests.hub_process import HubProcess, eventually
from tests.terminals.asking import ask, status
from tests.terminals.daemon import FEATURES, Daemon, a_daemon, start
from tests.terminals.viewer import a_viewer

NOWHERE = "00000000-0000-4000-8000-000000000000"


async def test_starting_and_using(daemon: Daemon) -> None:
    asked = {
        "server": daemon.name, "argv": ["sh", "-c", "exit 3"], "cols": 100, "rows": 30, "env": {"A": "b"},
        "role": "worker",
    }  # fmt: skip
    code, made = await ask(daemon, "POST", "", json=asked)
    assert (code, made["status"], made["server_name"]) == (201, "starting", daemon.name)
    session = made["id"]
    running = await status(daemon, session, "running")
    assert (running["pid"], running["working_directory"], running["started_at"] is not None) == (42, "/home", True)
    (started,) = daemon.said(wire.SessionStart)
    assert (started.argv, started.env, started.name) == (("sh", "-c", "exit 3"), {"A": "b"}, made["name"])
    assert (started.role, started.cols, started.rows) == ("worker", 100, 30)

    assert (await ask(daemon, "GET", f"/{session}/screen"))[1]["lines"] == ["$ make", "ok"]
    assert (await ask(daemon, "GET", f"/{session}/screen?lines=1"))[1]["lines"] == ["ok"]
    typed = await ask(daemon, "POST", f"/{session}/input", json={"text": "ls", "enter": True})
    assert typed == (200, {"session_id": session, "typed": 3})
    data = base64.b64encode(bytes(range(256))).decode()
    await ask(daemon, "POST", f"/{session}/input", json={"data": data})
    await daemon.until(lambda: len(daemon.terminals[session].typed) == 259, "the keys arrive")
    assert daemon.terminals[session].typed == b"ls\r" + bytes(range(256))
    assert (await ask(daemon, "POST", f"/{session}/resize", json={"cols": 81, "rows": 25}))[1]["cols"] == 81
    await daemon.until(lambda: daemon.terminals[session].size == (81, 25), "the window is resized")
    assert (await ask(daemon, "DELETE", f"/{session}"))[1]["code"] == "session_running"


async def test_an_end(daemon: Daemon) -> None:
    session = await start(daemon)
    await daemon.write(session, b"bye")
    await daemon.end(session, exit_code=3)
    closed = await status(daemon, session, "closed")
    assert (closed["exit_code"], closed["output_bytes"], closed["ended_at"] is not None) == (3, 3, True)
    await daemon.until(lambda: session not in daemon.terminals, "the machine may forget it")
    for path, body in (("input", {"text": "x"}), ("resize", {"cols": 1, "rows": 1}), ("close", {}), ("kill", None)):
        assert (await ask(daemon, "POST", f"/{session}/{path}", json=body))[1]["code"] == "session_ended"
    assert (await ask(daemon, "GET", f"/{session}/screen"))[1]["code"] == "session_ended"
    assert (await ask(daemon, "DELETE", f"/{session}"))[0] == 200
    assert (await ask(daemon, "GET", f"/{session}"))[0] == 404


async def test_it_is_written_who_did_what(daemon: Daemon) -> None:
    session = await start(daemon)
    await ask(daemon, "POST", f"/{session}/input", json={"text": "ls"})
    await ask(daemon, "POST", f"/{session}/resize", json={"cols": 81, "rows": 25})
    await ask(daemon, "POST", f"/{session}/kill")
    await status(daemon, session, "closed")
    events = (await ask(daemon, "GET", f"/{session}/activity"))[1]["events"]
    admin, machine = "user:admin@example.org", f"server:{daemon.name}"
    assert [(event["event_type"], event["actor"]) for event in events] == [
        ("session_starting", admin), ("session_started", machine), ("session_resized", admin),
        ("session_kill_requested", admin), ("session_closed", machine),
    ]  # fmt: skip

    def typed() -> Any:
        return daemon.hub.get(f"/sessions/{session}/inputs", daemon.hub.admin)["inputs"]

    (typing,) = await asyncio.to_thread(eventually, typed, "it is written who typed")
    assert (typing["actor"], typing["byte_count"]) == (admin, 2)


async def test_closing_and_killing(daemon: Daemon) -> None:
    for path, kind in (("close", wire.SessionClose), ("kill", wire.SessionKill)):
        session = await start(daemon)
        assert (await ask(daemon, "POST", f"/{session}/{path}"))[0] == 200
        await status(daemon, session, "closed")
        assert daemon.said(kind)[-1].session_id == session


async def test_names_and_prefixes(daemon: Daemon) -> None:
    name = f"named-{secrets.token_hex(4)}"
    session = await start(daemon, name=name)
    for text in (name, session, session[:18], session.upper()):
        assert (await ask(daemon, "GET", f"/{text}"))[1]["id"] == session
    assert (await ask(daemon, "POST", "", json={"server": daemon.name, "name": name}))[1]["code"] == "name_taken"
    await daemon.end(session, exit_code=0)
    await status(daemon, session, "closed")
    again = await start(daemon, name=name)
    assert (await ask(daemon, "GET", f"/{name}"))[1]["id"] == again, "a name means the session that lives"
    for text in (NOWHERE, "zz", "nobody", "%00", "%ff", "a" * 500):
        assert (await ask(daemon, "GET", f"/{text}"))[1]["code"] == "session_not_found"


async def test_listings(daemon: Daemon) -> None:
    made = [await start(daemon) for _ in range(3)]
    await daemon.end(made[0], exit_code=0)
    await status(daemon, made[0], "closed")
    code, page = await ask(daemon, "GET", f"?server={daemon.name}&limit=2")
    assert (code, [item["id"] for item in page["sessions"]]) == (200, made[:0:-1])
    rest = (await ask(daemon, "GET", f"?server={daemon.name}&limit=2&cursor={page['next_cursor']}"))[1]
    assert [item["id"] for item in rest["sessions"]] == made[:1]
    running = (await ask(daemon, "GET", f"?server={daemon.name}&status=running"))[1]["sessions"]
    assert {item["id"] for item in running} == set(made[1:])
    for item in (await ask(daemon, "GET", "", daemon.key))[1]["sessions"]:
        assert item.keys() >= {"name", "server_name", "id", "status", "working_directory"}, "what older CLIs read"


async def test_dispatch_chooses_a_machine_that_has_terminals(shared_hub: HubProcess) -> None:
    project = await asyncio.to_thread(shared_hub.project)
    async with a_daemon(shared_hub, project, FEATURES[:3]) as without, a_daemon(shared_hub, project) as with_them:
        body = {"project_id": project, "server": without.name}
        assert (await ask(without, "POST", "", json=body))[1]["code"] == "no_sessions_feature"
        chosen = (await ask(without, "POST", "", json={"project_id": project}))[1]
        assert chosen["server_name"] == with_them.name
        body = {"project_id": project, "agent_type": "none"}
        assert (await ask(without, "POST", "", json=body))[1]["code"] == "no_server_matches"


async def test_a_machine_that_is_away(daemon: Daemon) -> None:
    session = await start(daemon)
    await daemon.drop()
    await asyncio.to_thread(
        eventually, lambda: not daemon.hub.get(f"/servers/{daemon.name}", daemon.hub.admin)["connected"], "it is away"
    )
    for method, path, body in (("POST", "", {"server": daemon.name}), ("POST", f"/{session}/input", {"text": "x"}),
                               ("GET", f"/{session}/screen", None), ("POST", f"/{session}/kill", None)):  # fmt: skip
        code, answer = await ask(daemon, method, path, json=body)
        assert (code, answer["code"], bool(answer["hint"])) == (409, "server_offline", True)
    assert (await ask(daemon, "GET", f"/{session}"))[1]["status"] == "running", "it lives on"
    await daemon.connect()


async def test_roles(daemon: Daemon) -> None:
    hub, session = daemon.hub, await start(daemon)
    viewer = await asyncio.to_thread(hub.viewer)
    project_id = (await ask(daemon, "GET", f"/{session}"))[1]["project_id"]
    task = await asyncio.to_thread(lambda: hub.task(project_id=project_id))
    await asyncio.to_thread(hub.post, f"/tasks/{task['id']}/assign", hub.admin, {})
    agent = hub.task_token(await asyncio.to_thread(hub.get, f"/tasks/{task['id']}", hub.admin))
    other, _ = await asyncio.to_thread(hub.machine)
    for who in (viewer, agent, daemon.key):
        assert (await ask(daemon, "GET", f"/{session}", who))[0] == 200
        assert (await ask(daemon, "GET", f"/{session}/screen", who))[0] == 200
    for who in (viewer, agent, other):
        for path, body in (
            ("/input", {"text": "x"}),
            ("/resize", {"cols": 1, "rows": 1}),
            ("/close", {}),
            ("/kill", {}),
        ):
            assert (await ask(daemon, "POST", f"/{session}{path}", who, json=body))[0] == 403
        assert (await ask(daemon, "POST", "", who, json={"server": daemon.name}))[0] == 403
        assert (await ask(daemon, "DELETE", f"/{session}", who))[0] == 403
    code, made = await ask(daemon, "POST", "", daemon.key, json={"unknown": 1})
    assert (code, made["server_name"]) == (201, daemon.name), "a machine starts sessions on itself"
    assert (await ask(daemon, "POST", f"/{session}/input", daemon.key, json={"text": "x"}))[0] == 200


async def test_other_projects(shared_hub: HubProcess) -> None:
    mine, theirs = [await asyncio.to_thread(shared_hub.project) for _ in range(2)]
    async with a_daemon(shared_hub, mine) as own, a_daemon(shared_hub, theirs) as foreign:
        session = await start(foreign)
        for text in (session, session[:18], (await ask(foreign, "GET", f"/{session}"))[1]["name"]):
            assert (await ask(own, "GET", f"/{text}", own.key))[0] == 404
        assert session not in str((await ask(own, "GET", "", own.key))[1])
        assert (await ask(own, "GET", f"?project_id={theirs}", own.key))[0] == 404
        async with a_viewer(shared_hub, own.key) as viewer:
            assert (await viewer.attach(session))["code"] == "session_not_found"
            await foreign.end(session, exit_code=0)
            await status(foreign, session, "closed")
            await start(own)
            await viewer.event("started")
            assert session not in str(viewer.said[1:]), "nor does it hear of it"


@pytest.mark.parametrize(
    "body",
    [{"cols": 0}, {"rows": 1001}, {"argv": "ls"}, {"argv": ["a\x00b"]}, {"env": {"A": 5}}, {"name": ""}, {"x": 1},
     {"working_directory": "a\x00b"}],
)  # fmt: skip
async def test_what_cannot_be_started(daemon: Daemon, body: dict[str, Any]) -> None:
    code, answer = await ask(daemon, "POST", "", json={"server": daemon.name, **body})
    assert (code, answer["code"]) == (422, "invalid_request")


@pytest.mark.parametrize(
    "body", [{}, {"text": ""}, {"text": "x", "data": "eA=="}, {"data": "?"}, {"text": "x" * 65_537}]
)
async def test_what_cannot_be_typed(daemon: Daemon, body: dict[str, Any]) -> None:
    session = await start(daemon)
    assert (await ask(daemon, "POST", f"/{session}/input", json=body))[0] == 422


async def test_a_session_that_cannot_be_started_says_why(daemon: Daemon) -> None:
    daemon.starts = False
    session = (await ask(daemon, "POST", "", json={"server": daemon.name}))[1]["id"]
    await daemon.say(wire.SessionError(session_id=session, error="no such directory"))
    assert (await status(daemon, session, "failed"))["error"] == "no such directory"
    await daemon.until(lambda: daemon.said(wire.SessionForget), "nothing is kept of it")


async def test_a_question_that_is_refused(daemon: Daemon) -> None:
    session = await start(daemon)
    daemon.looks = False
    asked = asyncio.create_task(ask(daemon, "GET", f"/{session}/screen"))
    await daemon.until(lambda: daemon.said(wire.SessionLook), "it is asked")
    (look,) = daemon.said(wire.SessionLook)
    stranger = wire.SessionScreen(session_id=session, request_id="another", lines=("no",))
    await daemon.say(stranger)
    await daemon.say(wire.SessionError(session_id=session, error="no", code="busy", request_id=look.request_id))
    assert (await asked)[1]["code"] == "busy"


class Silence:
    """Lines to a machine that never answers."""

    def send(self, server_id: object, message: ToDaemon) -> None: ...
    def send_bytes(self, server_id: object, frame: bytes) -> None: ...
    def has(self, server_id: object, feature: object) -> bool:
        return True


async def test_a_machine_that_is_silent_is_not_waited_for_for_ever() -> None:
    with pytest.raises(Silent) as silent:
        await Looks(Silence(), patience=0.01).ask(a_session(), None)
    assert (silent.value.status, silent.value.code, bool(silent.value.hint)) == (504, "server_silent", True)
