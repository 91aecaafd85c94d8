"""The course of one `corral up`: bring up, say so, keep watch, take down."""

import asyncio
import signal
import webbrowser
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from corral_cli.errors import Failed
from corral_cli.up.claim import Claim
from corral_cli.up.household import Household, stop_leftovers
from corral_cli.up.hub import STARTING, Bootstrap, ChildEnded, bootstrap, wait_ready
from corral_cli.up.machine import enrol, probe_agents, wait_connected
from corral_cli.up.place import Place
from corral_cli.up.port import settle_port, settle_url
from corral_cli.up.profile import log_in
from corral_cli.up.report import agent_lines, login_lines, machine_lines, next_lines
from corral_cli.up.talk import Talk

T = TypeVar("T")
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class AskedToStop(Exception):
    """Ctrl-C, SIGTERM or a closed terminal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    daemon: bool = True
    open_browser: bool = False
    corral: str = "corral"


async def run(place: Place, wishes: Wishes, talk: Talk, claim: Claim, environment: Mapping[str, str]) -> None:
    """Serve until asked to stop. Raises Failed if a part cannot start or ends by itself; nothing is left running."""
    for name in await stop_leftovers(claim):
        talk.say(f"  stopped a {name} that an earlier `corral up` left behind")
    place = settle_url(settle_port(place))
    household = Household(place, claim, environment)
    asked = asyncio.Event()
    with _on_signals(asked, household, talk):
        try:
            await _unless(asked, _bring_up(place, wishes, talk, household))
            ended = await _unless(asked, household.first_to_end())
            raise ChildEnded.of(ended)
        except AskedToStop:
            talk.say()
        except ChildEnded as error:
            if not error.explained:
                talk.excerpt(f"The last lines of {error.child.log}:", error.child.last_lines())
            raise
        finally:
            await _take_down(household, talk)


async def _bring_up(place: Place, wishes: Wishes, talk: Talk, household: Household) -> None:
    with talk.step(STARTING, "PostgreSQL and the hub are up") as show:
        hub = await household.start("hub")
        await wait_ready(hub, place.local_url, show)
        household.serves = True
        known = await bootstrap(household.environment("hub"))
    server = await _bring_up_daemon(place, talk, household, known) if wishes.daemon else None
    profile = log_in(place.local_url, known.cli_token)
    agents = await _agents(server, talk, household) if server else []
    talk.say()
    talk.say("Corral is up.", "bold")
    for line in (*login_lines(known), *machine_lines(server), *(agent_lines(agents) if server else [])):
        talk.say(line)
    for line in next_lines(place, f"{wishes.corral} --profile {profile}" if profile else wishes.corral):
        talk.say(line)
    if wishes.open_browser:
        webbrowser.open(known.url)


async def _bring_up_daemon(place: Place, talk: Talk, household: Household, known: Bootstrap) -> Mapping[str, Any]:
    environment = household.environment("daemon")
    with talk.step("Enrolling this machine", "This machine is enrolled and its daemon is connected") as show:
        await enrol(place, known, environment)
        show("Waiting for the daemon to connect")
        daemon = await household.start("daemon", "run")
        return await wait_connected(daemon, place, known)


async def _agents(server: Mapping[str, Any], talk: Talk, household: Household) -> Sequence[Mapping[str, Any]]:
    """Return what the daemon announced, or what its probes find now; a probe that fails costs a line, not the start."""
    if announced := (server.get("capabilities") or {}).get("agents"):
        return announced
    try:
        with talk.step("Looking for agent CLIs", "Looked for agent CLIs"):
            return await probe_agents(household.environment("daemon"))
    except Failed as error:
        talk.say(f"  {error.message}")
        return []


async def _take_down(household: Household, talk: Talk) -> None:
    with talk.step("Stopping the daemon, the hub and PostgreSQL", "Everything is stopped"):
        killed = await household.stop()
    for name in killed:
        talk.say(f"  the {name} did not stop by itself and was killed")


async def _unless(asked: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """Return what `work` returns; a request to stop cancels it. Raises AskedToStop."""
    task, waiter = asyncio.ensure_future(work), asyncio.ensure_future(asked.wait())
    try:
        await asyncio.wait({task, waiter}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise AskedToStop
        return task.result()
    finally:
        waiter.cancel()
        task.cancel()
        await asyncio.gather(task, waiter, return_exceptions=True)


@contextmanager
def _on_signals(asked: asyncio.Event, household: Household, talk: Talk) -> Iterator[None]:
    """The first signal asks politely, the next one does not."""
    loop = asyncio.get_running_loop()

    def note() -> None:
        if asked.is_set():
            talk.say("  asked again: killing what is left", "yellow")
            household.kill()
        asked.set()

    for number in _SIGNALS:
        loop.add_signal_handler(number, note)
    try:
        yield
    finally:
        for number in _SIGNALS:
            loop.remove_signal_handler(number)
