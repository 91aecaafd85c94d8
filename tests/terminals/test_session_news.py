"""What machines say of their sessions, and what is repaired when they, or the hub, were away."""

import asyncio
from typing import Any

from corral_protocol import sessions as wire
from tests.hub_process import HubProcess
from tests.terminals.asking import ask, status
from tests.terminals.daemon import Daemon, a_daemon, start
from tests.terminals.viewer import a_viewer


async def test_attention_is_kept_with_its_evidence(daemon: Daemon) -> None:
    session = await start(daemon)
    async with a_viewer(daemon.hub) as viewer:
        attention = wire.Attention.WAITS_FOR_INPUT
        await daemon.say(
            wire.SessionAttention(
                session_id=session, attention=attention, why="a prompt", since=1.5, evidence={"row": 3}
            )
        )
        event = await viewer.event("attention")
    seen = {"attention": "waits_for_input", "why": "a prompt", "since": 1.5, "evidence": {"row": 3}}
    assert event["details"]["attention"] == seen
    assert (await ask(daemon, "GET", f"/{session}"))[1]["attention"] == seen


# -- what is repaired after a connect ----------------------------------------------------


async def test_what_ended_meanwhile_is_closed_and_then_forgotten(daemon: Daemon) -> None:
    session = await start(daemon)
    await daemon.drop()
    daemon.terminals[session].ended, daemon.terminals[session].exit_code = True, 7
    daemon.terminals["00000000-0000-4000-8000-000000000000"] = daemon.terminals["no id"] = type(
        daemon.terminals[session]
    )()
    await daemon.connect()
    assert (await status(daemon, session, "closed"))["exit_code"] == 7
    await daemon.until(lambda: not daemon.terminals, "what ended and what nobody knows is forgotten")


async def test_a_start_that_got_lost_is_sent_again(daemon: Daemon) -> None:
    daemon.starts = False
    session = (await ask(daemon, "POST", "", json={"server": daemon.name, "env": {"A": "b"}}))[1]["id"]
    await daemon.until(lambda: daemon.said(wire.SessionStart), "it is told to start")
    await daemon.drop()
    daemon.starts = True
    await daemon.connect()
    await status(daemon, session, "running")
    first, second = daemon.said(wire.SessionStart)
    assert first == second


async def test_what_its_machine_lost_is_lost_after_the_hubs_grace(database_url: str, tmp_path: Any) -> None:
    settings = {"CORRAL_RESTART_GRACE": "0.5"}
    with HubProcess(tmp_path, database_url, settings) as hub:
        async with a_daemon(hub) as daemon, a_viewer(hub) as viewer:
            lost, kept = await start(daemon), await start(daemon)
            await daemon.drop()
            del daemon.terminals[lost]
            await daemon.connect()
            assert (await viewer.event("lost"))["session_id"] == lost
            assert (await status(daemon, lost, "lost"))["error"]
            assert (await ask(daemon, "GET", f"/{kept}"))[1]["status"] == "running"


async def test_the_hub_restarts(database_url: str, tmp_path: Any) -> None:
    with HubProcess(tmp_path, database_url) as hub:
        async with a_daemon(hub) as daemon:
            session = await start(daemon)
            await daemon.write(session, b"before ")
            async with a_viewer(hub) as viewer:
                await viewer.attach(session, offset=0)
                await viewer.at(7)
            await asyncio.to_thread(hub.stop)
            daemon.terminals[session].content += b"meanwhile "
            await asyncio.to_thread(hub.start)
            async with a_viewer(hub) as viewer:
                assert (await viewer.attach(session, offset=7))["type"] == "session_attached"
                await daemon.connect()
                await daemon.write(session, b"after")
                await viewer.at(22)
                assert (viewer.screens, bytes(viewer.content)) == ([], b"meanwhile after")


async def test_a_machine_that_is_removed_takes_its_sessions_along(daemon: Daemon) -> None:
    session = await start(daemon)
    path = f"/servers/{daemon.name}"
    assert (await asyncio.to_thread(daemon.hub.ask, "DELETE", path, daemon.hub.admin)).is_success
    assert (await status(daemon, session, "lost"))["error"] == "its machine was removed"
