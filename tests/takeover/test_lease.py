"""Two hubs on one database: one works, the other stands by, and whoever lost its turn writes nothing more."""

import json
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from tests.takeover.pair import Hub, eventually, fetch

pytestmark = pytest.mark.acceptance
LEASE = "select epoch, name, holder is null from hub_lease"


@pytest.fixture
def hubs(tmp_path: Path, database_url: str) -> Iterator[tuple[Hub, Hub]]:
    pair = Hub("one", tmp_path, database_url), Hub("two", tmp_path, database_url)
    try:
        for hub in pair:
            hub.start()
        pair[0].wait_ready()
        yield pair
    finally:
        for hub in pair:
            hub.close()


def test_one_works_and_the_other_says_who(hubs: tuple[Hub, Hub]) -> None:
    one, two = hubs
    told = httpx.get(f"{two.url}/api/v1/tasks")
    assert (told.status_code, told.headers["content-type"]) == (503, "application/problem+json")
    assert told.json()["code"] == "standby"
    assert f":{one.port}" in told.json()["hint"]
    assert int(told.headers["retry-after"]) >= 1
    assert httpx.get(f"{two.url}/healthz").status_code == 200
    assert httpx.get(f"{two.url}/readyz").json()["code"] == "standby"
    with pytest.raises(InvalidStatus) as refused:
        connect(f"ws://127.0.0.1:{two.port}/ws/server")
    assert refused.value.response.status_code == 503
    assert httpx.get(f"{one.url}/readyz").status_code == 200


def test_a_hub_that_stops_hands_over_at_once(hubs: tuple[Hub, Hub], database_url: str) -> None:
    one, two = hubs
    token = one.token()
    made = one.ask("POST", "/tasks", token, {"title": "kept"}).json()["id"]
    one.send(signal.SIGTERM)
    assert one.ended() == 0
    two.wait_ready()
    assert two.ask("GET", f"/tasks/{made}", token).json()["title"] == "kept"
    ((epoch, name, _),) = fetch(database_url, LEASE)
    assert (epoch, name.rpartition(":")[2]) == (2, str(two.port))
    one.start()
    assert httpx.get(f"{one.url}/readyz").json()["code"] == "standby", "who comes back does not take over"


def test_a_hub_that_is_killed_is_replaced_before_its_lease_ends(hubs: tuple[Hub, Hub]) -> None:
    one, two = hubs
    one.kill()
    two.wait_ready()
    assert "hub_took_over" in two.log
    one.start()
    assert httpx.get(f"{one.url}/readyz").json()["code"] == "standby"


def test_a_hub_that_was_suspended_writes_nothing_after_another_took_over(
    hubs: tuple[Hub, Hub], database_url: str
) -> None:
    """What reached it meanwhile is in its sockets when it wakes: not one of those requests may change anything."""
    one, two = hubs
    token = one.token()
    assert one.ask("POST", "/tasks", token, {"title": "before"}).status_code == 201
    one.send(signal.SIGSTOP)
    asked = [_send(one, token, f"late {number}") for number in range(20)]
    two.wait_ready()
    assert two.ask("POST", "/tasks", token, {"title": "after"}).status_code == 201
    one.send(signal.SIGCONT)
    assert one.ended() == 3
    for client in asked:
        client.close()
    titles = "select title from tasks order by created_at"
    assert fetch(database_url, titles) == [("before",), ("after",)]
    assert two.ready(), "and the other was not disturbed"
    one.start()
    assert httpx.get(f"{one.url}/readyz").json()["code"] == "standby"


def _send(hub: Hub, token: str, title: str) -> socket.socket:
    """Send a request whole, and do not wait for its answer: it lies in the kernel until the hub is woken."""
    body = json.dumps({"title": title}).encode()
    link = socket.create_connection(("127.0.0.1", hub.port))
    head = (
        f"POST /api/v1/tasks HTTP/1.1\r\nHost: 127.0.0.1:{hub.port}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    link.sendall(head.encode() + body)
    return link


def test_a_suspended_hub_that_nobody_replaced_goes_on(tmp_path: Path, database_url: str) -> None:
    one = Hub("one", tmp_path, database_url)
    one.start()
    try:
        token = one.token()
        one.send(signal.SIGSTOP)
        expired = "select expires_at < clock_timestamp() from hub_lease"
        eventually(lambda: fetch(database_url, expired) == [(True,)], "its lease is over")
        one.send(signal.SIGCONT)
        eventually(
            lambda: one.ask("POST", "/tasks", token, {"title": "x"}).status_code == 201, "it works", lambda: one.log
        )
        assert fetch(database_url, "select epoch from hub_lease") == [(1,)]
    finally:
        one.close()
