"""Whatever is said on a socket is answered and changes nothing else; who may no longer listen is cut off."""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.hub_process import PATIENCE, HubProcess

Json = dict[str, Any]
FEATURES = ["units", "acks", "reconcile"]


@asynccontextmanager
async def opened(hub: HubProcess, path: str, first: Json) -> AsyncIterator[ClientConnection]:
    async with connect(f"ws://127.0.0.1:{hub.port}{path}", proxy=None, max_size=None) as socket:
        await socket.send(json.dumps({"type": "auth", **first}))
        yield socket


async def heard(socket: ClientConnection) -> Json:
    async with asyncio.timeout(PATIENCE):
        return json.loads(await socket.recv())


async def closed(socket: ClientConnection) -> int:
    """Pass over what comes; return the code that the connection is closed with."""
    try:
        async with asyncio.timeout(PATIENCE):
            while True:
                await socket.recv()
    except ConnectionClosed as error:
        assert error.rcvd is not None
        return error.rcvd.code


async def told(socket: ClientConnection, message: Any) -> list[Json]:
    """Send something, then a ping; return what is answered before the pong."""
    await socket.send(message if isinstance(message, (str, bytes)) else json.dumps(message))
    await socket.send('{"type":"ping"}')
    answers: list[Json] = []
    while (answer := await heard(socket))["type"] != "pong":
        answers.append(answer)
    return answers


@asynccontextmanager
async def daemon(hub: HubProcess, key: Mapping[str, str], **more: Any) -> AsyncIterator[ClientConnection]:
    first = {"api_key": key["X-API-Key"], "features": FEATURES, "spool_id": secrets.token_hex(4), **more}
    async with opened(hub, "/ws/server", first) as socket:
        assert (await heard(socket))["type"] == "auth_ok"
        yield socket


@pytest.mark.parametrize("path", ["/ws/server", "/ws/dashboard"])
@pytest.mark.parametrize("length", [20_000, 3_000_000, 30_000_000])
async def test_strangers_are_not_listened_to_for_long(shared_hub: HubProcess, path: str, length: int) -> None:
    key, _ = shared_hub.machine()
    credential = {"api_key": key["X-API-Key"], "token": key["X-API-Key"]}
    try:
        async with opened(shared_hub, path, {**credential, "padding": [0] * (length // 3)}) as socket:
            assert (await heard(socket))["code"] == "auth_refused"
            assert await closed(socket) == 4401
    except ConnectionClosed as error:
        assert length > 20 << 20 and error.rcvd is not None and error.rcvd.code == 1009


@pytest.mark.parametrize("field", ["spool_id", "agent_version"])
async def test_names_that_do_not_fit_an_index(shared_hub: HubProcess, field: str) -> None:
    key, _ = shared_hub.machine()
    first = {"api_key": key["X-API-Key"], field: secrets.token_hex(2000)}
    async with opened(shared_hub, "/ws/server", first) as socket:
        refused = await heard(socket)
        assert refused["code"] == "auth_refused" and f"/{field}" in refused["detail"]


async def test_figures_that_cannot_be(shared_hub: HubProcess) -> None:
    """A report goes to the database with its neighbours: what that refuses must not get so far."""
    key, name = shared_hub.machine()
    run = {"run": {"kind": "command", "argv": ["true"]}, "requires": {"server": name}}
    async with daemon(shared_hub, key) as socket:
        shared_hub.task(structured_spec=run, priority="critical")
        unit = await heard(socket)
        about = {"task_id": unit["task_id"], "attempt": 1, "epoch": unit["epoch"]}
        output = {"type": "task_output", "stream": "stdout", "offset": -5, **about}
        messages = [
            ({"type": "task_started", "pid": 2**40, **about}, None),
            ({**output, "data": "é"}, "bad_output"),
            ({**output, "data": "A"}, "bad_output"),
            ({**output, "data": "YQ=="}, None),
            ({"type": "task_finished", "outcome": {"result": 1}, **about, "epoch": 2**63 - 1}, "unknown_unit"),
            ({"type": "task_finished", "outcome": {"result": 1}, **about, "task_id": "\x7f" * 5000}, "unknown_unit"),
        ]
        for seq, (message, code) in enumerate(messages, 1):
            await socket.send(json.dumps({"seq": seq, **message}))
            answers = [await heard(socket)]
            while answers[-1]["type"] != "ack":
                answers.append(await heard(socket))
            assert [answer.get("code") for answer in answers if answer["type"] == "refused"] == [code][: bool(code)]
    task = shared_hub.get(f"/tasks/{about['task_id']}", shared_hub.admin)
    assert (task["status"], task["result"]) == ("running", None)
    assert shared_hub.get(f"/tasks/{task['id']}/assignments", shared_hub.admin)["assignments"][0]["pid"] is None
    assert "batch_failed" not in shared_hub.log


async def test_much_output_is_read_in_pages(shared_hub: HubProcess) -> None:
    """Five hundred chunks of 256 KiB were one answer of half a gigabyte."""
    key, name = shared_hub.machine()
    run = {"run": {"kind": "command", "argv": ["true"]}, "requires": {"server": name}}
    async with daemon(shared_hub, key) as socket:
        shared_hub.task(structured_spec=run, priority="critical")
        unit = await heard(socket)
        about = {"task_id": unit["task_id"], "attempt": 1, "epoch": unit["epoch"]}
        chunk = {
            "type": "task_output",
            "stream": "stdout",
            "data": base64.b64encode(b"x" * (256 << 10)).decode(),
            **about,
        }
        for seq in range(1, 13):
            await socket.send(json.dumps({"seq": seq, "offset": (seq - 1) * (256 << 10), **chunk}))
        await socket.send(json.dumps({"seq": 13, "offset": 0, **chunk, "data": "eHh4" * (1 << 19)}))
        while (answer := await heard(socket))["type"] != "refused":
            pass
        assert (answer["seq"], answer["code"]) == (13, "bad_output")
    after, pages, more = 0, [], True
    while more:
        page = shared_hub.get(f"/tasks/{unit['task_id']}/output?after={after}", shared_hub.admin)
        after, more = page["next"], page["more"]
        pages.append([chunk["offset"] for chunk in page["chunks"]])
    assert max(map(len, pages)) <= 4
    assert [offset for page in pages for offset in page] == [number * (256 << 10) for number in range(12)]


async def test_frames_that_cannot_be_are_answered(shared_hub: HubProcess) -> None:
    key, _ = shared_hub.machine()
    about = {"task_id": "x", "attempt": 1, "epoch": 1}
    async with daemon(shared_hub, key) as socket:
        assert await told(socket, {"type": "received", "deliveries": [*range(40_000), -1, 2**63 - 1]}) == []
        for frame in (
            "[" + "0," * 1_500_000 + "0]",
            b"\xff\xfe",
            "[" * 100_000,
            '{"type":"heartbeat","system_info":{"extra":"\\u0000"}}',
            {"type": "received", "deliveries": [2**64]},
            {"type": "task_started", "seq": "1", **about},
            {"type": "task_started", "seq": 2**63, **about},
            {"type": "nonsense"},
            [],
        ):
            (answer,) = await told(socket, frame)
            assert answer["code"] == "malformed" and answer["detail"]
        assert await told(socket, {"type": "task_started", "seq": -1, **about}) == []


async def test_reports_of_nobodys_spool_are_refused(shared_hub: HubProcess) -> None:
    key, _ = shared_hub.machine()
    async with daemon(shared_hub, key, spool_id=None) as socket:
        (answer,) = await told(socket, {"type": "task_started", "seq": 1, "task_id": "x", "attempt": 1, "epoch": 1})
        assert (answer["type"], answer["code"], answer["seq"]) == ("refused", "no_spool", 1)


async def test_the_live_news_end_with_the_login(shared_hub: HubProcess) -> None:
    who = shared_hub.viewer()
    async with opened(shared_hub, "/ws/dashboard", {"token": who["Authorization"].split()[1]}) as socket:
        assert (await heard(socket))["type"] == "auth_ok"
        shared_hub.post("/logout", who)
        assert await closed(socket) == 4401


async def test_both_sockets_end_with_the_machine(shared_hub: HubProcess) -> None:
    key, name = shared_hub.machine()
    async with (
        daemon(shared_hub, key) as socket,
        opened(shared_hub, "/ws/dashboard", {"token": key["X-API-Key"]}) as news,
    ):
        assert (await heard(news))["type"] == "auth_ok"
        assert shared_hub.ask("DELETE", f"/servers/{name}", shared_hub.admin).is_success
        assert await closed(socket) == 4401
        assert await closed(news) == 4401


async def test_an_agents_credential_ends_with_its_work(shared_hub: HubProcess) -> None:
    """Not only for its own task: it created tasks, read its project and heard its news."""
    key, name = shared_hub.machine()
    task = shared_hub.task()
    shared_hub.post(f"/tasks/{task['id']}/assign", shared_hub.admin, {"server": name})
    shared_hub.post(f"/server/tasks/{task['id']}/start", key)
    agent = shared_hub.task_token(shared_hub.get(f"/tasks/{task['id']}", shared_hub.admin))
    child = shared_hub.task(agent)
    async with opened(shared_hub, "/ws/dashboard", {"token": agent["X-API-Key"]}) as news:
        assert (await heard(news))["type"] == "auth_ok"
        shared_hub.post(f"/server/tasks/{task['id']}/complete", agent, {"result": "x"})
        assert await closed(news) == 4401
    for method, path in (
        ("GET", "tasks"), ("GET", "servers"), ("GET", "status"), ("POST", "tasks"), ("DELETE", f"tasks/{child['id']}"),
        ("POST", f"tasks/{child['id']}/notes"), ("GET", f"tasks/{task['id']}"),
    ):  # fmt: skip
        body = {"json": {"title": "x", "content": "x"}} if method == "POST" else {}
        answer = shared_hub.ask(method, f"/server/{path}", agent, **body)
        assert (answer.status_code, answer.json()["code"]) == (409, "stale_epoch"), answer.text
