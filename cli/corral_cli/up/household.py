"""The processes of one `corral up`: started in order, stopped in reverse, none left behind."""

import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from corral_cli.clock import monotonic
from corral_cli.up.child import Child, start
from corral_cli.up.claim import Claim, leftovers, runs, send
from corral_cli.up.place import Place

STOP: Mapping[str, tuple[signal.Signals, float]] = {
    "daemon": (signal.SIGINT, 25.0),
    "hub": (signal.SIGTERM, 30.0),
}
"""How each is asked to stop, and how many seconds it has. For the daemon INT means now; TERM would wait for tasks."""

TERMINALS = 12.0
"""Seconds for terminal sessions to end: their programs have ten."""

_FOR_THE_HUB_ONLY = ("ADMIN_PASSWORD", "ADMIN_EMAIL", "SECRET", "DATABASE_URL")


class Household:
    def __init__(self, place: Place, claim: Claim, environment: Mapping[str, str]) -> None:
        self._place = place
        self._claim = claim
        self._environment = environment_of(place, environment)
        self.children: list[Child] = []
        self.serves = False
        """Our hub was ready, so the embedded PostgreSQL of this home is ours: it goes when we go."""

    def environment(self, name: str) -> Mapping[str, str]:
        """Return what a child may know: the hub's secrets are the hub's alone."""
        if name == "hub":
            return self._environment
        hidden = {f"CORRAL_{word}{end}" for word in _FOR_THE_HUB_ONLY for end in ("", "_FILE")}
        return {key: value for key, value in self._environment.items() if key not in hidden}

    async def start(self, name: str, *arguments: str) -> Child:
        """Start `python -m corral_<name>`."""
        log = self._place.logs / f"{name}.log"
        child = await start(name, [*module(f"corral_{name}"), *arguments], self.environment(name), log)
        self.children.append(child)
        self._claim.write(self._place.url, {child.name: child.process.pid for child in self.children})
        return child

    async def first_to_end(self) -> Child:
        """Wait until any child ends, and return it."""
        waiters = {asyncio.ensure_future(child.process.wait()): child for child in self.children}
        try:
            done, _ = await asyncio.wait(waiters, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in waiters:
                waiter.cancel()
        return waiters[done.pop()]

    async def stop(self) -> list[str]:
        """Stop everything, last started first. Return the names of those that had to be killed."""
        has_daemon = any(child.name == "daemon" for child in self.children)
        log = self._place.logs / "daemon.log"
        if has_daemon:
            # first, so that the hub hears how each of them ended
            await end_terminals(self.environment("daemon"), log)
        killed = [child.name for child in reversed(self.children) if not await child.stop(*STOP[child.name])]
        if has_daemon:
            # again: a daemon that finds its holder gone may have started another before it was stopped itself
            await end_terminals(self.environment("daemon"), log)
        if self.serves or any(child.name == "hub" and child.violently_ended for child in self.children):
            await stop_database(self._place.home)
        return killed

    def kill(self) -> None:
        for child in reversed(self.children):
            if child.alive:
                child.kill()


def module(name: str) -> list[str]:
    """Return the command that runs a distribution of ours with this Python; -P: never from the working directory."""
    return [sys.executable, "-P", "-m", name]


def environment_of(place: Place, environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment in which every part agrees where Corral lives."""
    settings = {"CORRAL_HOME": str(place.home), "CORRAL_HOST": place.host, "CORRAL_PORT": str(place.port)}
    named = {"CORRAL_PUBLIC_URL": place.public_url} if place.public_url else {}
    return {**environment, **settings, **named, "PYTHONUNBUFFERED": "1"}


async def stop_leftovers(claim: Claim) -> Sequence[str]:
    """Stop what a killed `corral up` left running, daemon first. Return the names."""
    left = dict(sorted(leftovers(claim.read()).items()))
    for name, pid in left.items():
        number, patience = STOP.get(name, (signal.SIGTERM, 10.0))
        send(pid, number)
        await _gone(pid, f"corral_{name}", patience)
    return list(left)


async def end_terminals(environment: Mapping[str, str], log: Path) -> None:
    """End the terminal sessions of this machine: they outlive a daemon, and nothing is to outlive us."""
    command = [*module("corral_daemon"), "terminals", "--end", "--json"]
    with log.open("ab") as errors:
        asked = await asyncio.create_subprocess_exec(
            *command, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors
        )
        said, _ = await asked.communicate()
    try:
        pid = json.loads(said)["pid"]
    except (ValueError, KeyError, TypeError):
        return  # it could not tell; why is in the log
    if isinstance(pid, int):
        await _gone(pid, "corral_daemon", TERMINALS)


async def stop_database(home: Path) -> None:
    """Shut down the embedded PostgreSQL of a hub that could not do it any more."""
    data = (home / "postgres").resolve()
    try:
        pid = int((data / "postmaster.pid").read_text(encoding="utf-8").split()[0])
    except (OSError, ValueError, IndexError):
        return
    if runs(pid, str(data)):  # the number in a stale file may be somebody else's by now
        send(pid, signal.SIGINT)  # PostgreSQL's fast shutdown
        await _gone(pid, str(data), 10.0)


async def _gone(pid: int, word: str, patience: float) -> None:
    """Wait until the process is gone; after `patience` seconds kill it."""
    limit = monotonic() + patience
    while monotonic() < limit:
        if not runs(pid, word):
            return
        await asyncio.sleep(0.2)
    send(pid, signal.SIGKILL)
