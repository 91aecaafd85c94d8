"""Frames that are none, frames for others, and viewers who take no binary ones."""

import random

import pytest

from corral_protocol.frames import Kind, pack
from tests.hub_process import HubProcess
from tests.terminals.daemon import Daemon, a_daemon, start
from tests.terminals.viewer import a_viewer

MIB = 1 << 20


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x01",
        b"\x63" + bytes(12),
        pack(Kind.INPUT, 1, 0, b"x"),
        b"\xff" * 5000,
        pack(Kind.OUTPUT, 1, 2**63, b"x"),
        pack(Kind.OUTPUT, 1, 0, b"x" * 70_000),
    ],
)
async def test_frames_of_machines_that_are_none(shared_hub: HubProcess, daemon: Daemon, frame: bytes) -> None:
    await daemon.send_bytes(frame)
    answer = await daemon.until(lambda: [m for m in daemon.heard if m.TYPE == "error"], "it is answered")
    assert answer[0].code == "malformed"
    session = await start(daemon)
    assert session in daemon.terminals


async def test_frames_for_another_machines_channel_change_nothing(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_daemon(shared_hub) as stranger, a_viewer(shared_hub) as viewer:
        await viewer.attach(session, offset=0)
        await stranger.send_bytes(pack(Kind.OUTPUT, viewer.channel, 0, b"forged"))
        await stranger.send_bytes(pack(Kind.OUTPUT, viewer.channel + 1000, 0, b"nowhere"))
        await start(stranger)  # whatever the hub does with them has been done
        await daemon.write(session, b"true")
        await viewer.at(4)
        assert bytes(viewer.content) == b"true"


async def test_without_binary_frames_the_seed_is_spoken(shared_hub: HubProcess, daemon: Daemon) -> None:
    session = await start(daemon)
    content = random.Random(6).randbytes(3 * MIB)
    async with a_viewer(shared_hub, binary=False) as viewer:
        await viewer.attach(session, offset=0)
        await daemon.write(session, content)
        await viewer.until(lambda: len(viewer.content) == len(content), "all of it came, unacknowledged")
        assert bytes(viewer.content) == content
        output = next(m for m in viewer.said if m["type"] == "session_output")
        assert output.keys() == {"type", "session_id", "server_id", "data"}
        assert output["server_id"] == daemon.server_id
