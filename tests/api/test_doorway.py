"""By which names the hub may be asked, from which pages, and what its answers tell browsers."""

import asyncio
import json
from collections.abc import Mapping

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from corral_hub.gateway.origin import is_allowed, is_ours, known_names
from tests.api.test_bad_input import problem
from tests.hub_process import ADMIN, PASSWORD, HubProcess

NAMES = known_names("https://Corral.example:8443", "http://0.0.0.0")
OURS = ["corral.example", "CORRAL.example:8443", "corral.example.", "127.0.0.1", "127.0.0.1:8000", "[::1]:8000",
        "[::1]", "10.1.2.3:80", "localhost", "localhost:9", "a.localhost", None, ""]  # fmt: skip
OTHERS = ["evil.example", "evil.example:8000", "corral.example.evil.example", "xcorral.example", "[", "a b", ":",
          "127.0.0.1.evil.example", "localhost.evil.example", "user@evil.example", "corral.example@evil.example",
          "//corral.example", "2130706433", "0x7f.1"]  # fmt: skip


@pytest.mark.parametrize("host", OURS)
def test_names_that_are_ours(host: str | None) -> None:
    assert is_ours(host, NAMES)


@pytest.mark.parametrize("host", OTHERS)
def test_names_that_are_not(host: str) -> None:
    assert not is_ours(host, NAMES)


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [(None, True), ("https://corral.example", True), ("http://hub:8000", True), ("null", False), ("", False),
     ("https://corral.example.evil.example", False), ("https://corral.example:444", False), ("file://", False),
     ("http://[", False), ("chrome-extension://abc", False)],
)  # fmt: skip
def test_pages(origin: str | None, allowed: bool) -> None:
    assert is_allowed(origin, "hub:8000", "https://corral.example") is allowed


FOREIGN: Mapping[str, Mapping[str, str]] = {
    "another page": {"Origin": "https://evil.example"},
    "a page without an origin": {"Origin": "null"},
    "our name, another port": {"Origin": "http://127.0.0.1:1"},
    "a rebound name": {"Host": "evil.example:8000", "Origin": "http://evil.example:8000"},
    "a rebound name, no origin": {"Host": "evil.example"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_foreign_pages_ask_for_nothing(shared_hub: HubProcess, headers: Mapping[str, str]) -> None:
    """Also where no credential is needed: a page could log in by guessing, or become the first administrator."""
    status = 421 if "Host" in headers else 403
    for path, body in (("/register", {"json": {"email": "e@evil.example", "password": PASSWORD}}),
                       ("/login", {"data": {"username": ADMIN, "password": PASSWORD}})):  # fmt: skip
        problem(shared_hub.ask("POST", path, headers=headers, **body), status)
    problem(shared_hub.ask("GET", "/me", shared_hub.admin, headers=headers), status)


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("path", ["/ws/server", "/ws/dashboard"])
async def test_foreign_pages_open_no_socket(shared_hub: HubProcess, path: str, headers: Mapping[str, str]) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"ws://127.0.0.1:{shared_hub.port}{path}", additional_headers=headers, proxy=None):
            raise AssertionError("the hub let it in")
    assert refused.value.response.status_code == 403


async def test_our_own_pages_may(shared_hub: HubProcess) -> None:
    headers = {"Origin": shared_hub.url}
    assert shared_hub.ask("GET", "/me", shared_hub.admin, headers=headers).is_success
    async with connect(
        f"ws://127.0.0.1:{shared_hub.port}/ws/dashboard", additional_headers=headers, proxy=None
    ) as socket:
        await socket.send(json.dumps({"token": shared_hub.admin["Authorization"].split()[1]}))
        assert json.loads(await asyncio.wait_for(socket.recv(), 30)) == {"type": "auth_ok"}


@pytest.mark.parametrize("path", ["/healthz", "/api/v1/me", "/api/v1/nothing", "/openapi.json"])
def test_what_answers_tell_browsers(shared_hub: HubProcess, path: str) -> None:
    headers = shared_hub.client.get(path, headers=shared_hub.admin).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["referrer-policy"] == "no-referrer"
    assert not [name for name in headers if name.startswith("access-control-")]
