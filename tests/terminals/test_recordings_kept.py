"""Segments at the hub: kept once, read by who may see the session, deleted when they are old, too many or unwanted."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from corral_daemon.recording.packer import Packer, Sealed
from corral_hub.db.database import Database
from corral_hub.recordings.model import Limits
from corral_hub.recordings.retention import Retention
from corral_protocol.frames import Kind, pack
from corral_protocol.recordings import RecordingTaken, SessionRecord
from corral_protocol.sessions import SessionStart
from tests.hub_process import HubProcess, eventually
from tests.terminals.asking import ask
from tests.terminals.daemon import FEATURES, Daemon, a_daemon, start
from tests.terminals.recorded import Cast

RECORDS = (*FEATURES, "recordings")


@pytest.fixture
async def daemon(shared_hub: HubProcess) -> AsyncIterator[Daemon]:
    async with a_daemon(shared_hub, features=RECORDS) as made:
        yield made


def tape_of(session: str, *pieces: bytes, gap: int = 0) -> list[Sealed]:
    """A segment a piece, ten seconds each; each begins with a drawing."""
    packer, made, offset = Packer(session, (80, 24), on=True, limit=1 << 30), [], 0
    for number, piece in enumerate(pieces):
        now = number * 10_000
        if number and gap:
            offset += gap
            packer.lost(offset, now)
        if number:
            made += packer.draw(b"<screen at %d>" % offset, now)
        made += packer.output(offset, piece, now)
        offset += len(piece)
    return made + packer.end(len(pieces) * 10_000)


async def send(daemon: Daemon, sealed: Sequence[Sealed]) -> list[RecordingTaken]:
    """Send segments one after the other; return what the hub said to each."""
    said: list[RecordingTaken] = []
    for one in sealed:
        before = len(daemon.said(RecordingTaken))
        await daemon.send_bytes(pack(Kind.RECORDING, 0, one.label.number, one.data))
        await daemon.until(lambda n=before: len(daemon.said(RecordingTaken)) > n, "the hub has taken it")
        said.append(daemon.said(RecordingTaken)[-1])
    return said


async def cast(daemon: Daemon, session: str, begin: float = 0.0) -> Cast:
    path = f"/sessions/{session}/recording.cast"
    answer = await asyncio.to_thread(daemon.hub.ask, "GET", path, daemon.hub.admin, params={"from": begin})
    assert answer.status_code == 200, answer.text
    return Cast.read(answer.content)


async def test_a_segment_is_kept_once(daemon: Daemon) -> None:
    session = await start(daemon)
    tape = tape_of(session, b"one", b"two", b"three")
    for said in (await send(daemon, tape), await send(daemon, tape), await send(daemon, list(reversed(tape)))):
        assert [one.refused for one in said] == [None] * 3
    _, about = await ask(daemon, "GET", f"/{session}/recording")
    assert (about["segments"], about["output_bytes"], about["state"], about["complete"]) == (3, 11, "ended", True)
    _, index = await ask(daemon, "GET", f"/{session}/recording/segments?limit=2")
    assert [(one["number"], one["begins"], one["entry"]) for one in index["segments"]] == [
        (0, 0.0, True),
        (1, 10.0, True),
    ]
    assert (
        about["size"]
        == sum(one["size"] for one in index["segments"]) + len(tape[2].data) - tape[2].data.index(b"}") - 1
    )
    assert (await cast(daemon, session)).output == "onetwothree"


async def test_a_replay_begins_anywhere_with_the_right_screen(daemon: Daemon) -> None:
    session = await start(daemon, cols=80, rows=24)
    await send(daemon, tape_of(session, b"one", b"two", b"three"))
    assert (await cast(daemon, session, 10.1)).events == [(0.0, "o", "\x1bc<screen at 3>two"), (9.9, "o", "three")]
    assert (await cast(daemon, session, 14.5)).events == [(0.0, "o", "\x1bc<screen at 3>two"), (5.5, "o", "three")]
    assert (await cast(daemon, session, 999.0)).events == [(0.0, "o", "\x1bc<screen at 6>three")]


async def test_what_is_missing_is_said_and_drawn(daemon: Daemon) -> None:
    session = await start(daemon)
    await send(daemon, tape_of(session, b"one", b"two", gap=5))
    played = await cast(daemon, session)
    assert played.of("m") == ["5 bytes are not recorded here: it was overwritten before it could be read."]
    assert played.output == "one\x1bc<screen at 8>two"
    _, about = await ask(daemon, "GET", f"/{session}/recording")
    assert (about["gaps"], about["skipped_bytes"]) == (1, 5)


async def test_segments_that_never_came_are_a_gap(daemon: Daemon) -> None:
    session = await start(daemon)
    tape = tape_of(session, b"one", b"two", b"three")
    await send(daemon, [tape[0], tape[2]])
    played = await cast(daemon, session)
    assert played.of("m") == ["Output is missing here: it is no longer kept."]
    assert played.output == "one\x1bc<screen at 6>three"


async def test_nobody_sends_segments_of_a_session_elsewhere(daemon: Daemon, shared_hub: HubProcess) -> None:
    session = await start(daemon)
    async with a_daemon(shared_hub, features=RECORDS) as other:
        assert [one.refused for one in await send(other, tape_of(session, b"forged"))] == ["no_session"]
        assert [one.refused for one in await send(other, tape_of("no-uuid", b"forged"))] == ["no_session"]
    assert (await ask(daemon, "GET", f"/{session}/recording.cast"))[1]["code"] == "recording_not_found"


async def test_what_is_no_segment_is_refused_and_the_connection_goes_on(daemon: Daemon) -> None:
    session = await start(daemon)
    good = tape_of(session, b"fine")[0].data
    bad = (b"", b"CORTAPE1", good[:20], good.replace(b'"number":0', b'"number":-1'), b"X" + good[1:])
    before = len(daemon.heard)
    for data in bad:
        await daemon.send_bytes(pack(Kind.RECORDING, 0, 0, data))
    await daemon.until(lambda: len(daemon.heard) >= before + len(bad), "each is answered")
    assert {message.code for message in daemon.heard[before:]} == {"malformed"}
    await send(daemon, [Sealed(tape_of(session, b"x")[0].label, good[:-5], 1)])  # its label is good: kept as it is
    assert (await cast(daemon, session)).of("m") == ["Output is missing here: the segment is cut off, or too large."]


async def test_who_may_see_a_session_may_play_it_and_only_who_drives_deletes_it(daemon: Daemon) -> None:
    session = await start(daemon)
    await send(daemon, tape_of(session, b"one"))
    viewer = await asyncio.to_thread(daemon.hub.viewer)
    asks = partial(ask, daemon)
    assert (await asks("GET", f"/{session}/recording", viewer))[0] == 200
    for method, more in (("DELETE", {}), ("PUT", {"json": {"on": False}})):
        status, body = await asks(method, f"/{session}/recording", viewer, **more)
        assert (status, body["code"]) == (403, "role_required")
    foreign, _ = await asyncio.to_thread(daemon.hub.machine, await asyncio.to_thread(daemon.hub.project))
    for path in ("recording", "recording.cast", "recording/segments"):
        assert (await asks("GET", f"/{session}/{path}", foreign))[1]["code"] == "session_not_found"
    assert (await asks("DELETE", f"/{session}/recording"))[0] == 200
    assert (await asks("GET", f"/{session}/recording.cast"))[1]["code"] == "recording_not_found"
    _, activity = await asks("GET", f"/{session}/activity")
    assert "session_recording_deleted" in [event["event_type"] for event in activity["events"]]


async def test_it_is_switched_and_the_machine_hears_of_it_again(daemon: Daemon) -> None:
    session = await start(daemon)
    assert daemon.said(SessionStart)[-1].record is True
    silent = await start(daemon, record=False)
    assert daemon.said(SessionStart)[-1].record is False
    assert (await ask(daemon, "PUT", f"/{session}/recording", json={"on": False}))[1]["recording"] is False
    await daemon.until(lambda: daemon.said(SessionRecord), "the machine hears of it")
    await daemon.drop()
    daemon.heard.clear()
    await daemon.connect()
    await daemon.until(lambda: len(daemon.said(SessionRecord)) == 2, "it is told again")
    assert {(said.session_id, said.on) for said in daemon.said(SessionRecord)} == {(session, False), (silent, False)}


async def test_a_daemon_of_the_last_release_goes_on_without(shared_hub: HubProcess) -> None:
    async with a_daemon(shared_hub) as older:
        session = await start(older)
        assert older.said(SessionStart)[-1].record is False
        status, body = await ask(older, "PUT", f"/{session}/recording", json={"on": True})
        assert (status, body["code"]) == (409, "no_recordings_feature")
        await older.drop()
        await older.connect()
        assert not older.said(SessionRecord)


async def test_the_hub_restarts_and_the_recording_is_there(database_url: str, tmp_path: Path) -> None:
    with HubProcess(tmp_path, database_url) as hub:
        async with a_daemon(hub, features=RECORDS) as daemon:
            session = await start(daemon)
            tape = tape_of(session, b"before", b"after")
            await send(daemon, tape[:1])
            await asyncio.to_thread(hub.stop)
            await daemon.drop()
            await asyncio.to_thread(hub.start)
            await daemon.connect()
            await send(daemon, tape)
            assert (await cast(daemon, session)).output == "beforeafter"


async def test_old_and_too_many_recordings_go_and_it_is_said(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    with HubProcess(tmp_path, database_url) as hub:
        async with a_daemon(hub, features=RECORDS) as daemon:
            old, large, kept = [await start(daemon) for _ in range(3)]
            for session in (old, large, kept):
                await send(daemon, tape_of(session, b"one", b"two"))
            await _execute(database_url, "update recording_segments set stored_at = now() - interval '31 days' "
                                         f"where session_id = '{old}' and number = 0")  # fmt: skip
            size = hub.get(f"/sessions/{kept}/recording", hub.admin)["size"]
            whole = Limits(days=30, each=1 << 20, total=1 << 30)
            assert not await Retention(database, whole).sweep()
            assert (await cast(daemon, old)).output == "\x1bc<screen at 3>two"
            assert hub.get(f"/sessions/{old}/recording", hub.admin)["complete"] is False
            while await Retention(database, Limits(days=30, each=1 << 20, total=size)).sweep():
                pass
            assert (await cast(daemon, kept)).output == "onetwo"
            for session, why in ((old, ["age", "total_size"]), (large, ["total_size"])):
                assert (await ask(daemon, "GET", f"/{session}/recording"))[1]["state"] is None
                _, activity = await ask(daemon, "GET", f"/{session}/activity")
                said = [event["details"] for event in activity["events"]
                        if event["event_type"] == "session_recording_expired"]  # fmt: skip
                assert [details["why"] for details in said] == why


async def test_a_session_that_is_removed_takes_its_recording_along(daemon: Daemon) -> None:
    session = await start(daemon)
    await send(daemon, tape_of(session, b"one"))
    await daemon.end(session, 0)
    path = f"/sessions/{session}"
    closed = partial(daemon.hub.get, path, daemon.hub.admin)
    await asyncio.to_thread(eventually, lambda: closed()["status"] == "closed", "it has ended")
    assert (await ask(daemon, "DELETE", f"/{session}"))[0] == 200
    assert [one.refused for one in await send(daemon, tape_of(session, b"one"))] == ["no_session"]


async def _execute(url: str, statement: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.execute(statement)
    finally:
        await connection.close()
