"""This machine as a worker: enrolled once, checked at every start, seen online by the hub."""

import asyncio
import socket
import tomllib
from collections.abc import Mapping
from typing import Any

import httpx

from corral_cli.errors import Failed
from corral_cli.up.child import Child
from corral_cli.up.hub import Bootstrap, ChildEnded, run_json
from corral_cli.up.place import Place

_POLL = 0.1


def read_daemon_config(place: Place) -> Mapping[str, Any]:
    """Return the daemon's configuration, {} if there is none that can be read."""
    try:
        return tomllib.loads(place.daemon_config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return {}


async def is_enrolled(place: Place, hub_url: str) -> bool:
    """Tell whether the daemon's key opens this hub. Raises Failed if the hub cannot say."""
    config = read_daemon_config(place)
    if str(config.get("hub_url", "")).rstrip("/") != hub_url or not config.get("api_key"):
        return False
    async with httpx.AsyncClient(trust_env=False, timeout=10.0) as client:
        try:
            answer = await client.post(
                f"{place.local_url}/api/v1/servers/heartbeat", json={}, headers={"X-API-Key": str(config["api_key"])}
            )
        except httpx.HTTPError as error:
            raise Failed(
                f"the hub stopped answering: {error}", hint=f"Its log says why: {place.logs / 'hub.log'}"
            ) from error
    if answer.status_code in (401, 403):
        return False
    if answer.is_success:
        return True
    raise Failed(
        f"the hub answered a heartbeat with {answer.status_code}", hint=f"Its log says why: {place.logs / 'hub.log'}"
    )


async def enrol(place: Place, hub: Bootstrap, environment: Mapping[str, str]) -> None:
    """Join this machine to the hub unless its key is good already. The token goes through stdin, never argv."""
    if not await is_enrolled(place, hub.url):
        await run_json(
            "corral_daemon",
            "join",
            "-",
            "--name",
            machine_name(),
            "--json",
            environment=environment,
            stdin=hub.registration_token,
        )


async def wait_connected(daemon: Child, place: Place, hub: Bootstrap, patience: float = 30.0) -> Mapping[str, Any]:
    """Return this machine's entry once the hub sees its daemon online. Raises ChildEnded, Failed."""
    name = str(read_daemon_config(place).get("server_name") or machine_name())
    headers = {"Authorization": f"Bearer {hub.cli_token}"}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=5.0, headers=headers) as client,
        asyncio.timeout(patience) as limit,
    ):
        try:
            while True:
                if not daemon.alive:
                    raise ChildEnded.of(daemon)
                if found := await _connected(client, place.local_url, name):
                    return found
                await asyncio.sleep(_POLL)
        except TimeoutError as error:
            if not limit.expired():
                raise
            raise Failed(
                f"the daemon runs, but the hub does not see {name!r} online", code="daemon_not_online",
                hint=f"Its log says why: {daemon.log}",
            ) from error  # fmt: skip


async def probe_agents(environment: Mapping[str, str]) -> list[Mapping[str, Any]]:
    """Return what the daemon's probes find out about agent CLIs on this machine."""
    found = await run_json("corral_daemon", "probe", "--json", environment=environment)
    capabilities = found.get("capabilities", found)
    return list(capabilities.get("agents", ()))


def machine_name() -> str:
    return socket.gethostname().split(".")[0] or "this-machine"


async def _connected(client: httpx.AsyncClient, url: str, name: str) -> Mapping[str, Any] | None:
    try:
        answer = await client.get(f"{url}/api/v1/servers")
    except httpx.HTTPError:
        return None
    servers = answer.json().get("servers", ()) if answer.is_success else ()
    return next((server for server in servers if server.get("name") == name and server.get("connected")), None)
