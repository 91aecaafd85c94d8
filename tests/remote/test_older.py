"""Machines that cannot, or do not keep to what was agreed. They are simulated."""

import asyncio
import json

from websockets.asyncio.client import connect

from corral_protocol.codec import encode
from corral_protocol.frames import PAYLOAD_LIMIT, Kind, pack
from corral_protocol.remote import WINDOW, Exec, ExecStart, ExecStarted, RemoteStop
from tests.hub_process import HubProcess, hub, shared_hub
from tests.terminals.daemon import FEATURES, a_daemon

__all__ = ["hub", "shared_hub"]
ASKED = {"argv": ["true"]}


async def test_a_daemon_of_before_is_refused_in_words(shared_hub: HubProcess) -> None:
    async with a_daemon(shared_hub) as daemon:
        path = f"/servers/{daemon.name}/exec"
        answer = await asyncio.to_thread(shared_hub.ask, "POST", path, shared_hub.admin, json=ASKED)
        assert (answer.status_code, answer.json()["code"]) == (409, "no_remote_feature")
        assert "corral daemon install" in answer.json()["hint"]


async def test_who_sends_more_than_the_window_is_cut_off(shared_hub: HubProcess) -> None:
    async with a_daemon(shared_hub, features=(*FEATURES, "remote")) as daemon:
        token = shared_hub.admin["Authorization"].removeprefix("Bearer ")
        async with connect(shared_hub.url.replace("http", "ws", 1) + "/ws/exec", proxy=None) as socket:
            await socket.send(json.dumps({"type": "auth", "token": token}))
            assert json.loads(await socket.recv())["type"] == "auth_ok"
            await socket.send(json.dumps(encode(Exec(server=daemon.name, argv=("yes",)))))
            await daemon.until(lambda: daemon.said(ExecStart), "it is started")
            channel = daemon.said(ExecStart)[0].channel
            await daemon.say(ExecStarted(channel=channel, pid=1))
            for offset in range(0, WINDOW + PAYLOAD_LIMIT, PAYLOAD_LIMIT):
                await daemon.send_bytes(pack(Kind.STDOUT, channel, offset, bytes(PAYLOAD_LIMIT)))
            frames = [frame async for frame in socket]
        assert sum(isinstance(frame, bytes) for frame in frames) == WINDOW // PAYLOAD_LIMIT
        assert json.loads(frames[-1])["code"] == "machine_misbehaves"


async def test_who_leaves_has_it_ended(shared_hub: HubProcess) -> None:
    async with a_daemon(shared_hub, features=(*FEATURES, "remote")) as daemon:
        token = shared_hub.admin["Authorization"].removeprefix("Bearer ")
        async with connect(shared_hub.url.replace("http", "ws", 1) + "/ws/exec", proxy=None) as socket:
            await socket.send(json.dumps({"type": "auth", "token": token}))
            await socket.recv()
            await socket.send(json.dumps(encode(Exec(server=daemon.name, argv=("yes",)))))
            await daemon.until(lambda: daemon.said(ExecStart), "it is started")
        await daemon.until(lambda: daemon.said(RemoteStop), "it is ended")


async def test_what_a_caller_may_not_say(shared_hub: HubProcess) -> None:
    token = shared_hub.admin["Authorization"].removeprefix("Bearer ")
    for said in ("nonsense", b"\x05" * 13, '{"type": "remote_stop", "channel": 1}', '{"type": "exec", "server": 3}'):
        async with connect(shared_hub.url.replace("http", "ws", 1) + "/ws/exec", proxy=None) as socket:
            await socket.send(json.dumps({"type": "auth", "token": token}))
            await socket.recv()
            await socket.send(said)
            frames = [json.loads(frame) async for frame in socket]
        assert [frame["code"] for frame in frames] == ["malformed"], said
    async with connect(shared_hub.url.replace("http", "ws", 1) + "/ws/exec", proxy=None) as socket:
        await socket.send(json.dumps({"type": "auth", "token": "nobody's"}))
        assert json.loads(await socket.recv())["code"] == "auth_refused"
