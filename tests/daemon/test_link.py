"""The link against a real WebSocket server on loopback."""

import asyncio
import logging
from pathlib import Path

import pytest

from corral_daemon import serving
from corral_daemon.errors import Superseded
from corral_daemon.link import backoff, liveness
from corral_daemon.serving import NOTHING_ACQUIRED
from corral_protocol.sessions import SessionKill
from corral_protocol.vocabulary import Stream
from tests.daemon.daemon_world import FakeHub, World, assigned, unit_of, until, world


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backoff, "FIRST", 0.02)
    monkeypatch.setattr(backoff, "REFUSED", 0.02)


async def test_greets_announces_reconciles_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        kinds = [frame["type"] for frame in here.hub.frames if frame["type"] != "heartbeat"]
        assert kinds == ["auth", "capabilities", "reconcile"]
        auth = here.hub.frames[0]
        assert auth["api_key"] == "orc_secret"
        assert auth["features"] == ["units", "acks", "reconcile", "sessions", "remote", "recordings", "nodes"]
        assert auth["spool_id"] == here.spool.spool_id
        assert here.hub.of("capabilities")[0]["capabilities"]["tools"] == ["git"]
        await until(lambda: bool(here.hub.of("heartbeat")))
        assert here.hub.of("heartbeat")[0]["system_info"]["cpu_count"] == 2


async def test_sessions_come_first_and_binary_frames_go_to_the_terminals(tmp_path: Path) -> None:
    hub = FakeHub()
    hub.features = ("sessions",)
    async with world(tmp_path, hub) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        assert here.hub.frames[1] == {"type": "sessions_held", "sessions": []}
        await here.hub.connections[-1].send(b"\x02binary")
        await here.hub.say({"type": "session_kill", "session_id": "s1"})
        await until(lambda: here.terminals.taken == [b"\x02binary"] and bool(here.terminals.heard))
        assert here.terminals.heard == [SessionKill(session_id="s1")]


async def test_a_hub_without_sessions_hears_nothing_of_them(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        assert not here.hub.of("sessions_held")


async def test_runs_a_unit_and_reports_in_order(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        await here.hub.say(assigned())
        await until(lambda: bool(here.hub.of("task_started")))
        unit = unit_of(here.work.units["t1", 1])
        await here.reporter.output(unit, Stream.STDOUT, 0, b"\xff\x00hello")
        await here.work.end("t1", 1)
        await until(lambda: bool(here.hub.of("task_finished")))
        durable = [frame for frame in here.hub.frames if "seq" in frame]
        assert [frame["type"] for frame in durable] == ["task_started", "task_output", "task_finished"]
        assert [frame["seq"] for frame in durable] == [1, 2, 3]
        assert durable[1]["data"] == "/wBoZWxsbw=="
        await until(lambda: here.spool.acked == 3 and here.spool.size == 0)


async def test_what_happened_while_the_hub_was_away_arrives_once_and_before_reconcile(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        await here.hub.say(assigned("t1"))
        await here.hub.say(assigned("t2"))
        await until(lambda: here.spool.acked == 2)
        await here.hub.stop()
        await until(lambda: not here.link.connected.is_set())
        unit = unit_of(here.work.units["t1", 1])
        for number in range(600):
            await here.reporter.output(unit, Stream.STDOUT, number * 3, b"abc")
        await here.work.end("t1", 1)
        here.hub.frames.clear()
        await here.hub.start()
        await until(lambda: bool(here.hub.of("reconcile")))
        frames = [frame for frame in here.hub.frames if frame["type"] not in ("auth", "capabilities", "heartbeat")]
        assert [frame["seq"] for frame in frames[:-1]] == list(range(3, 604))
        assert frames[-2]["type"] == "task_finished"
        assert frames[-1]["units"] == [{"task_id": "t2", "attempt": 1, "epoch": 1}]


async def test_records_sent_but_not_acknowledged_are_sent_again(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.hub.acknowledges = False
        await until(lambda: bool(here.hub.of("reconcile")))
        await here.hub.say(assigned())
        await until(lambda: bool(here.hub.of("task_started")))
        here.hub.frames.clear()
        here.hub.acknowledges = True
        await here.hub.connections[-1].close(1012)
        await until(lambda: here.spool.acked == 1)
        assert [frame["seq"] for frame in here.hub.of("task_started")] == [1]


async def test_a_refused_record_counts_as_done_and_a_stale_unit_is_stopped(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        here.hub.acknowledges = False
        await until(lambda: bool(here.hub.of("reconcile")))
        await here.hub.say(assigned())
        await until(lambda: bool(here.hub.of("task_started")))
        await here.hub.say(
            {
                "type": "refused",
                "seq": 1,
                "status": 409,
                "code": "stale_epoch",
                "detail": "",
                "task_id": "t1",
                "epoch": 1,
            }
        )
        await until(lambda: ("refuse", "t1", 1) in here.work.calls)
        here.hub.frames.clear()
        await here.hub.connections[-1].close(1012)
        await until(lambda: bool(here.hub.of("reconcile")))
        assert not here.hub.of("task_started")


async def test_an_ended_unit_is_not_run_again(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        await here.hub.say(assigned())
        await until(lambda: bool(here.work.units))
        await here.work.end("t1", 1)
        await here.hub.say(assigned())
        await here.hub.say({"type": "task_cancel", "task_id": "t9", "epoch": 1, "reason": "r"})
        await until(lambda: ("cancel", "t9", 1, "r") in here.work.calls)
        assert [call for call in here.work.calls if call[0] == "assign"] == [("assign", "t1", 1)]


@pytest.mark.parametrize("frame", ["{", "[]", '{"type":"task_assigned"}', '{"type":"novel"}', '"x"', "[" * 5000])
async def test_a_malformed_frame_is_survived(tmp_path: Path, frame: str) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        await here.hub.say(frame)
        await here.hub.say(assigned())
        await until(lambda: bool(here.work.units))
        assert len(here.hub.connections) == 1


async def test_acknowledgements_are_read_while_an_order_waits(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        await here.hub.say(assigned("t1"))
        await until(lambda: here.spool.acked == 1)
        here.work.hold.clear()
        await here.hub.say(assigned("t2"))
        await here.work.end("t1", 1)
        await until(lambda: here.spool.acked == 2)
        here.work.hold.set()
        await until(lambda: ("t2", 1) in here.work.units)


async def test_a_changed_ability_is_announced_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        here.tools.append("make")
        await until(lambda: len(here.hub.of("capabilities")) == 2)
        assert here.hub.of("capabilities")[1]["capabilities"]["tools"] == ["git", "make"]


async def test_a_half_open_socket_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(liveness, "PING_EVERY", 0.05)
    monkeypatch.setattr(liveness, "PONG_WITHIN", 0.05)
    async with world(tmp_path) as here:
        await until(lambda: len(here.hub.of("ping")) >= 2)
        assert len(here.hub.connections) == 1
        here.hub.answers_pings = False
        await until(lambda: len(here.hub.connections) >= 2)


async def test_a_refused_key_is_retried_for_ever_with_a_hint(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hub = FakeHub()
    hub.refuse_with = 4401
    async with world(tmp_path, hub):
        await until(lambda: len(hub.of("auth")) >= 3)
        assert "corral join" in caplog.text
        assert "code=4401" in caplog.text
        assert "orc_secret" not in caplog.text
        hub.refuse_with = None
        await until(lambda: bool(hub.of("reconcile")))


@pytest.mark.parametrize(("name", "proxy"), [("http_proxy", "::::"), ("socks_proxy", "socks5h://127.0.0.1:9")])
async def test_a_proxy_that_cannot_be_used_is_no_reason_to_stop(
    tmp_path: Path, name: str, proxy: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for other in ("http_proxy", "HTTP_PROXY", "socks_proxy", "SOCKS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy"):
        monkeypatch.delenv(other, raising=False)
    monkeypatch.setenv(name, proxy)

    class Elsewhere(FakeHub):
        url = "http://hub.invalid:8000"  # not on loopback, where no proxy is asked

    async with world(tmp_path, Elsewhere()):
        await until(lambda: caplog.text.count("event=disconnected") >= 2)
    assert "proxy" in caplog.text.lower()


async def test_a_newer_daemon_with_our_key_stops_us(tmp_path: Path) -> None:
    hub = FakeHub()
    await hub.start()
    here = World(hub, tmp_path)
    daemon = asyncio.create_task(here.run())
    await until(lambda: bool(hub.of("reconcile")))
    await hub.connections[-1].close(4409, "superseded")
    with pytest.raises(Superseded):
        await daemon
    assert ("close", 1) in here.work.calls
    await hub.stop()


async def test_drain_lets_a_unit_finish_and_hands_its_end_in(tmp_path: Path) -> None:
    hub = FakeHub()
    await hub.start()
    here = World(hub, tmp_path)
    daemon = asyncio.create_task(here.run())
    await until(lambda: bool(hub.of("reconcile")))
    await hub.say(assigned())
    await until(lambda: bool(here.work.units))
    here.stop.drain()
    await until(lambda: hub.of("capabilities")[-1]["capabilities"]["max_concurrent"] == 0)
    assert not daemon.done()
    await here.work.end("t1", 1)
    assert await daemon == 0
    assert hub.of("task_finished")
    await hub.stop()


async def test_a_second_signal_stops_now(tmp_path: Path) -> None:
    async with world(tmp_path) as here:
        await until(lambda: bool(here.hub.of("reconcile")))
        await here.hub.say(assigned())
        await until(lambda: bool(here.work.units))
        here.stop.drain()
        here.stop.drain()
        await until(lambda: bool(here.hub.of("task_finished")))


async def test_a_disk_that_takes_no_last_report_does_not_keep_us_running(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def close(grace: float) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(serving, "REPORTED_WITHIN", 0.05)
    async with world(tmp_path) as here:
        await here.link.connected.wait()
        monkeypatch.setattr(here.work, "close", close)
    assert "units_not_reported" in caplog.text


async def test_once_ends_after_one_unit(tmp_path: Path) -> None:
    hub = FakeHub()
    await hub.start()
    here = World(hub, tmp_path)
    daemon = asyncio.create_task(here.run(once=True))
    await until(lambda: bool(hub.of("reconcile")))
    await hub.say(assigned())
    await until(lambda: bool(here.work.units))
    await here.work.end("t1", 1)
    assert await daemon == 0
    await hub.stop()


async def test_once_without_work_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corral_daemon.serving.ACQUIRE_WITHIN", 0.05)
    hub = FakeHub()
    await hub.start()
    assert await World(hub, tmp_path).run(once=True) == NOTHING_ACQUIRED
    await hub.stop()


async def test_a_spool_set_back_gets_a_new_name(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    hub = FakeHub()
    hub.acked = 99
    caplog.set_level(logging.ERROR)
    async with world(tmp_path, hub) as here:
        first = here.spool.spool_id
        await until(lambda: "spool_set_back" in caplog.text)
        hub.acked = 0
        await until(lambda: bool(hub.of("reconcile")))
        assert hub.of("auth")[-1]["spool_id"] == here.spool.spool_id != first
