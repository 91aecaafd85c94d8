"""One line an event, whatever it holds; who administers is named, and no secret is."""

import pytest
import structlog

from corral_hub.logs import printable
from tests.hub_process import PASSWORD, HubProcess


@pytest.mark.parametrize("text", ["\x1b[2J", "a\rb", "a\u2028b", "\x9b1m", "a\u202eb", "\x00"])
def test_nothing_is_obeyed(text: str) -> None:
    render = structlog.processors.LogfmtRenderer()
    line = render(None, "info", printable(None, "info", {"event": "e", "name": f'{text}\nlevel=error "q"'}))
    assert line.isprintable() and line.count("level=") == 1
    assert printable(None, "info", {"name": "anvil é", "number": 5}) == {"name": "anvil é", "number": 5}


def test_who_administers_is_named_and_no_secret_is(hub: HubProcess) -> None:
    viewer = hub.viewer()
    made = hub.post("/servers/tokens", hub.admin, {})
    key, name = hub.machine()
    hub.ask("PATCH", f"/servers/{name}", hub.admin, json={"cordoned": True})
    hub.ask("DELETE", f"/servers/{name}", viewer)
    hub.ask("GET", "/users", hub.admin)
    lines = [line for line in hub.log.splitlines() if "event=admin_request" in line]
    for method, path in (("POST", "/users"), ("POST", "/servers/tokens"), ("PATCH", f"/servers/{name}")):
        assert any(f"method={method} path=/api/v1{path}" in line and "by=user:admin@" in line for line in lines), path
    assert not [line for line in lines if "DELETE" in line or "GET" in line]
    assert f"event=server_enrolled server={name}" in hub.log
    for secret in (
        PASSWORD,
        made["token"],
        made["token"].split(".")[1],
        key["X-API-Key"],
        hub.admin["Authorization"][7:],
    ):
        assert secret not in hub.log
