"""Viewing, driving, taking control: one drives, everybody knows who; and a viewer that says nonsense is answered."""

import asyncio
import json
import secrets

import pytest

from corral_protocol import sessions as wire
from corral_protocol.frames import Kind, pack
from corral_protocol.viewers import SessionTake
from corral_protocol.vocabulary import SessionMode
from tests.hub_process import HubProcess, eventually
from tests.terminals.daemon import Daemon, start
from tests.terminals.viewer import Viewer, a_viewer

DRIVE = SessionMode.DRIVE


async def refused(viewer: Viewer, code: str) -> None:
    def found() -> bool:
        return any(m["type"] == "session_refused" and m["code"] == code for m in viewer.said)

    await viewer.until(found, f"refused with {code}")


async def test_one_drives_the_others_watch(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    terminal = daemon.terminals[session]
    async with a_viewer(shared_hub) as one, a_viewer(shared_hub) as two:
        assert (await one.attach(session, DRIVE, cols=90, rows=33))["mode"] == "drive"
        await daemon.until(lambda: terminal.size == (90, 33), "the driver's window decides the size")
        assert (await two.attach(session, DRIVE, cols=50, rows=20))["mode"] == "view", "somebody drives already"
        await two.type(b"no")
        await refused(two, "not_driving")
        await two.resize(session, 50, 20)
        await one.type(b"yes")
        await daemon.until(lambda: bytes(terminal.typed) == b"yes", "the driver's keys arrive")
        assert terminal.size == (90, 33)

        assert (await two.take(session, cols=50, rows=20))["mode"] == "drive"
        await daemon.until(lambda: terminal.size == (50, 20), "control means the size, too")
        assert (await one.event("resized"))["details"]["cols"] in (90, 50)
        await one.type(b"no more")
        await refused(one, "not_driving")
        await two.type(b"!")
        await daemon.until(lambda: bytes(terminal.typed) == b"yes!", "the new driver's keys arrive")


async def test_keys_never_overtake_what_was_said_before_them(shared_hub: HubProcess, daemon: Daemon) -> None:
    """Frames have a shorter way through the hub than messages; not past one that is still being acted on."""
    session = await start(daemon)
    async with a_viewer(shared_hub) as one, a_viewer(shared_hub) as two:
        await one.attach(session, DRIVE)
        await two.attach(session)
        terminal = daemon.terminals[session]
        for number in range(20):
            driver = (two, one)[number % 2]
            await driver.send(SessionTake(session_id=session))
            await driver.type(b"%02d" % number)
            await daemon.until(lambda last=b"%02d" % number: terminal.typed.endswith(last), "the new driver's keys")
        assert not [said for said in (*one.said, *two.said) if said["type"] == "session_refused"]


async def test_everybody_hears_who_drives(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub) as watching:
        await watching.attach(session)
        async with a_viewer(shared_hub) as driving:
            await driving.attach(session, DRIVE)
            assert (await watching.event("driver"))["details"]["driver"] == "user:admin@example.org"
        await watching.until(
            lambda: any(m.get("event") == "driver" and m["details"]["driver"] is None for m in watching.said),
            "the driver's place is free",
        )
        assert (await watching.take(session))["mode"] == "drive"


async def test_viewers_watch_and_do_not_drive(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub, await asyncio.to_thread(shared_hub.viewer)) as viewer:
        assert (await viewer.attach(session, DRIVE))["code"] == "role_required"
        assert (await viewer.attach(session))["mode"] == "view"
        assert (await viewer.take(session))["code"] == "role_required"
        await viewer.type(b"rm")
        await refused(viewer, "not_driving")
        await daemon.write(session, b"seen")
        await viewer.at(4)
        assert daemon.terminals[session].typed == b""


async def test_who_typed_is_written_down_not_what(shared_hub: HubProcess, daemon: Daemon) -> None:
    session, secret = await start(daemon), secrets.token_hex(8)
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, DRIVE, offset=0)
        for index, key in enumerate(secret):
            await viewer.type(key.encode(), index)
        await daemon.until(lambda: bytes(daemon.terminals[session].typed) == secret.encode(), "every key, in order")

    def written() -> bool:
        inputs = shared_hub.get(f"/sessions/{session}/inputs", shared_hub.admin)["inputs"]
        return sum(item["byte_count"] for item in inputs) == len(secret)

    await asyncio.to_thread(eventually, written, "it is written who typed")
    assert secret not in json.dumps(shared_hub.get(f"/sessions/{session}/inputs", shared_hub.admin))
    assert secret not in shared_hub.log


async def test_the_api_does_not_type_over_a_driver(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub, daemon.key) as viewer:
        await viewer.attach(session, DRIVE)
        path = f"/sessions/{session}"
        answer = await asyncio.to_thread(shared_hub.ask, "POST", f"{path}/input", shared_hub.admin, json={"text": "x"})
        assert (answer.status_code, answer.json()["code"]) == (409, "not_driving")
        shown = await asyncio.to_thread(shared_hub.get, path, shared_hub.admin)
        assert (shown["driver"], shown["watchers"]) == (f"server:{daemon.name}", 1)


async def test_keys_for_a_machine_that_is_away_are_refused(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub) as viewer:
        await viewer.attach(session, DRIVE)
        await daemon.drop()
        path = f"/servers/{daemon.name}"
        gone = lambda: not shared_hub.get(path, shared_hub.admin)["connected"]  # noqa: E731
        await asyncio.to_thread(eventually, gone, "the machine is away")
        await viewer.type(b"x")
        await refused(viewer, "server_offline")
        await daemon.connect()
        await daemon.until(lambda: daemon.streams, "the stream goes on")
        await viewer.type(b"y")
        await daemon.until(lambda: bytes(daemon.terminals[session].typed) == b"y", "the driver drives on")


NONSENSE: list[str | bytes] = [
    "", "{", "5", "[]", "{}", '{"type":"session_attach"}', '{"type":"session_attach","session_id":5}',
    '{"type":"nothing"}', '{"type":"session_attach","session_id":"x","mode":"own"}', b"", b"\x02", b"\xff" * 13,
    pack(Kind.OUTPUT, 1, 0, b"x"), pack(Kind.INPUT, 1, 0, b"x" * 70_000),
]  # fmt: skip


@pytest.mark.parametrize("frame", NONSENSE, ids=range(len(NONSENSE)))
async def test_nonsense_is_answered(shared_hub: HubProcess, daemon: Daemon, frame: str | bytes) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub) as viewer:
        await viewer.socket.send(frame)
        await refused(viewer, "malformed")
        assert (await viewer.attach(session))["type"] == "session_attached"


async def test_what_is_not_watched_cannot_be_taken(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub) as viewer:
        assert (await viewer.take(session))["code"] == "not_attached"
        assert (await viewer.attach("nobody"))["code"] == "session_not_found"
        await viewer.attach(session, DRIVE)
        await viewer.resize(session, 0, 10**9)
        await refused(viewer, "invalid_size")
        for channel in (viewer.channel + 1, 2**32 - 1):
            await viewer.socket.send(pack(Kind.INPUT, channel, 0, b"x"))
            await viewer.socket.send(pack(Kind.ACK, channel, 5))
        await viewer.type(b"ok")
        await daemon.until(lambda: bytes(daemon.terminals[session].typed) == b"ok", "only its own channel")


async def test_an_ended_session_is_not_watched(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub) as viewer:
        await daemon.end(session, exit_code=0)
        await viewer.event("closed")
        assert (await viewer.attach(session))["code"] == "session_ended"


async def test_a_resize_storm_ends_with_one_size(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(shared_hub) as one, a_viewer(shared_hub) as two:
        await one.attach(session, DRIVE)
        await two.attach(session)
        for cols in range(20, 120):
            await one.resize(session, cols, 24)
            await two.resize(session, 500, 500)
        await daemon.until(lambda: daemon.terminals[session].size == (119, 24), "the driver's last size")
        assert {resize.rows for resize in daemon.said(wire.SessionResize)} == {24}
        shown = await asyncio.to_thread(shared_hub.get, f"/sessions/{session}", shared_hub.admin)
        assert (shown["cols"], shown["rows"]) == (119, 24)
