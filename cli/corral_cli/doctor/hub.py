"""Checks of the hub as seen from here: does it answer, know us, agree about the time, see our daemon?"""

from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from corral_cli import clock
from corral_cli.client import Client, segment
from corral_cli.config_file import Loaded
from corral_cli.doctor.findings import Finding, fail, judge_clock, ok, warn
from corral_cli.errors import CliError
from corral_cli.text import clean

_PATIENCE = 5.0


def reachable(url: str) -> tuple[httpx.Response | None, str]:
    """Return the answer of /readyz, or None and what went wrong."""
    loopback = httpx.URL(url).host in ("127.0.0.1", "localhost", "::1")
    try:
        return httpx.get(f"{url}/readyz", timeout=_PATIENCE, trust_env=not loopback), ""
    except httpx.HTTPError as error:
        return None, str(error) or type(error).__name__


def hub(loaded: Loaded, *, worker: bool = False) -> Iterator[Finding]:
    """Reachability, database, clock, login: each needs the one before. A mere worker needs no login."""
    try:
        url = loaded.hub_url
        answer, problem = reachable(url)
    except (CliError, httpx.InvalidURL) as error:
        yield fail("hub", str(error), "Name the hub: --hub-url URL or CORRAL_HUB_URL.")
        return
    if answer is None:
        setting = loaded.settings["hub_url"]
        yield fail(
            "hub", f"{url} does not answer: {problem}", f"Start it: corral up. The address comes from: {setting.where}."
        )
        return
    yield ok("hub", f"{url} answers")
    yield _database(answer)
    yield from _clock(answer)
    yield from _login(loaded, worker)


def daemon(loaded: Loaded, status: Mapping[str, Any] | None) -> Iterator[Finding]:
    """Judge what `corral daemon status` says; `status` is None if it could not be asked."""
    if status is None or not status.get("server_name"):
        yield warn("daemon", "this machine is not enrolled", "Enrol it: corral up, or corral join TOKEN")
    elif not status.get("running"):
        yield fail(
            "daemon",
            f"the daemon of {clean(status['server_name'])} does not run",
            "Start it: corral daemon run, or corral up where the hub is on this machine too",
        )
    elif not status.get("connected"):
        why = clean(status.get("problem") or "no reason known")
        yield fail(
            "daemon",
            f"the daemon runs, but is not connected: {why}",
            f"Is {clean(status.get('hub_url'))} the right hub, and up?",
        )
    else:
        yield ok("daemon", f"{clean(status['server_name'])} is connected to {clean(status.get('hub_url'))}")
        yield from _seen_by_hub(loaded, str(status["server_name"]))


def _database(answer: httpx.Response) -> Finding:
    if answer.is_success:
        return ok("database", "ready")
    try:
        told = answer.json()
        said, hint = clean(told.get("detail", "")), clean(told.get("hint", ""))
    except (ValueError, AttributeError):
        said = hint = ""
    return fail(
        "database",
        said or f"the hub says {answer.status_code} to /readyz",
        hint or "Start PostgreSQL, or correct CORRAL_DATABASE_URL.",
    )


def _clock(answer: httpx.Response) -> Iterator[Finding]:
    try:
        theirs = parsedate_to_datetime(answer.headers["Date"])
    except (KeyError, ValueError):
        return
    ours = clock.now() - answer.elapsed / 2
    offset = (ours - theirs).total_seconds()
    yield judge_clock(0.0 if 0 <= offset < 1 else offset)  # the header counts whole seconds


def _login(loaded: Loaded, worker: bool) -> Iterator[Finding]:
    if loaded.credential.token is None and loaded.credential.api_key is None:
        if worker:
            said = "you are not logged in: this machine serves the hub all the same, but you cannot ask it"
            yield warn("login", said, f"corral login --hub-url {loaded.hub_url}")
        else:
            yield fail("login", "you are not logged in", "corral login, or corral up on this machine")
        return
    try:
        with Client(loaded.hub_url, loaded.credential, read_timeout=_PATIENCE) as client:
            if client.is_agent and loaded.credential.token is None:
                client.get("/tasks", limit=1)
                yield ok("login", "the key is accepted")
            else:
                me = client.get("/me", people=True)
                yield ok("login", f"{clean(me.get('email'))} ({clean(me.get('role'))})")
    except CliError as error:
        yield fail("login", error.message, f"Log in again: corral login. {error.hint}")


def _seen_by_hub(loaded: Loaded, name: str) -> Iterator[Finding]:
    if loaded.credential.token is None:
        return
    try:
        with Client(loaded.hub_url, loaded.credential, read_timeout=_PATIENCE) as client:
            server = client.get(f"/servers/{segment(name)}", people=True)
    except CliError:
        yield warn(
            "server",
            f"the hub you are logged in to does not know {clean(name)}",
            "Is the daemon enrolled at another hub?",
        )
        return
    if server.get("cordoned") or server.get("draining"):
        yield warn(
            "server", f"{clean(name)} takes no new work (cordoned or draining)", f"corral server resume {clean(name)}"
        )
    else:
        yield ok("server", f"the hub sees {clean(name)} {clean(server.get('status'))}")
