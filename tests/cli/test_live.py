"""The follower of the dashboard's socket: news wakes it, silence does not hang it, and without a socket it polls."""

import json
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

import hypothesis.strategies as st
import pytest
from hypothesis import given
from websockets.sync.server import Server, ServerConnection
from websockets.sync.server import serve as serve_socket

from corral_cli import live
from corral_cli import pulse as pulse_module
from corral_cli.client import Client
from corral_cli.live import News, backoff, socket_url
from corral_cli.pulse import Pulse
from corral_cli.settings import Credential


class Dashboard:
    """A socket that accepts one token, remembers what it was told and says what the test wants."""

    def __init__(self) -> None:
        self.greetings: queue.Queue[dict[str, object]] = queue.Queue()
        self.connections: queue.Queue[ServerConnection] = queue.Queue()

    def handle(self, connection: ServerConnection) -> None:
        greeting = json.loads(connection.recv())
        self.greetings.put(greeting)
        if greeting["token"] != "good":
            connection.close(4401, "refused")
            return
        connection.send(json.dumps({"type": "auth_ok"}))
        self.connections.put(connection)
        for _ in connection:
            pass


@contextmanager
def serving(dashboard: Dashboard) -> Iterator[str]:
    def only_the_path(connection: ServerConnection, request: object) -> object:
        if getattr(request, "path", "") == "/ws/dashboard":
            return None
        return connection.respond(HTTPStatus.NOT_FOUND, "no")

    server: Server = serve_socket(dashboard.handle, "127.0.0.1", 0, process_request=only_the_path)  # type: ignore[arg-type]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        server.shutdown()
        thread.join()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    times: list[float] = []
    monkeypatch.setattr(live.clock, "sleep", times.append)
    return times


def test_it_logs_in_with_its_first_frame_and_wakes_with_news(slept: list[float]) -> None:
    dashboard = Dashboard()
    with serving(dashboard) as url, Client(url, Credential(token="good")) as client, News(client, ["3f2a"]) as news:
        assert dashboard.greetings.get(timeout=10) == {"type": "auth", "token": "good", "task_ids": ["3f2a"]}
        connection = dashboard.connections.get(timeout=10)
        for number in range(50):
            connection.send(json.dumps({"type": "task_event", "number": number}))
        news.wait_for_news(30)
        assert slept == []


def test_silence_ends_with_the_time_given(slept: list[float]) -> None:
    with serving(Dashboard()) as url, Client(url, Credential(token="good")) as client, News(client, []) as news:
        news.wait_for_news(0.01)
        assert slept == []


def test_it_connects_again_after_a_loss(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    dashboard = Dashboard()
    with serving(dashboard) as url, Client(url, Credential(token="good")) as client, News(client, []) as news:
        dashboard.connections.get(timeout=10).close()
        news.wait_for_news(30)  # notices the loss
        news.wait_for_news(30)  # too early for another try: polls
        assert len(slept) == 1 and slept[0] <= live.POLL
        later = live.clock.monotonic() + 100
        monkeypatch.setattr(live.clock, "monotonic", lambda: later)
        news.wait_for_news(0.01)
        assert dashboard.connections.get(timeout=10)


@pytest.mark.parametrize("token", ["bad", None])
def test_who_is_refused_polls(slept: list[float], token: str | None) -> None:
    with serving(Dashboard()) as url, Client(url, Credential(token=token)) as client, News(client, []) as news:
        news.wait_for_news(30)
        news.wait_for_news(0.5)
        assert slept[-1] == 0.5 and all(seconds <= live.POLL for seconds in slept)


def test_a_hub_that_is_away_is_polled(slept: list[float]) -> None:
    with Client("http://127.0.0.1:9", Credential(token="good")) as client, News(client, []) as news:
        news.wait_for_news(30)
    assert slept == [live.POLL]


@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True))
def test_the_wait_before_another_try_is_between_one_and_thirty_seconds(failures: int, chance: float) -> None:
    assert 1 <= backoff(failures, chance) <= 30
    assert backoff(failures, chance) <= backoff(failures + 1, chance)


def test_the_socket_stands_beside_the_api() -> None:
    assert socket_url("http://h:8000") == "ws://h:8000/ws/dashboard"
    assert socket_url("https://h/") == "wss://h/ws/dashboard"


def test_ctrl_c_is_not_lost_in_the_librarys_clean_up(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise ConnectionResetError("while closing")  # what a library may do

    monkeypatch.setattr(live.ws_client, "connect", interrupted)
    with Client("http://127.0.0.1:9", Credential(token="good")) as client, pytest.raises(KeyboardInterrupt):
        News(client, []).wait_for_news(30)
    assert slept == []


def test_a_run_is_followed_by_its_name_and_what_happens_together_is_one_look(slept: list[float]) -> None:
    dashboard = Dashboard()
    with serving(dashboard) as url, Client(url, Credential(token="good")) as client, Pulse(client, "3f2a") as pulse:
        greeting = {"type": "auth", "token": "good", "task_ids": [], "run_ids": ["3f2a"]}
        assert dashboard.greetings.get(timeout=10) == greeting
        connection = dashboard.connections.get(timeout=10)
        for number in range(50):
            connection.send(json.dumps({"type": "run_nodes", "number": number}))
        pulse.wait_for_news(30)
        pulse.wait_for_news(0.01)
        assert slept == []


def test_without_the_socket_a_run_is_looked_at_soon_and_then_ever_more_slowly(slept: list[float]) -> None:
    with Client("http://127.0.0.1:9", Credential(token="good")) as client, Pulse(client, "3f2a") as pulse:
        for _ in range(20):
            pulse.wait_for_news(30)
        assert slept == sorted(slept) and slept[0] == pulse_module.FIRST and slept[-1] == pulse_module.LAST
        pulse.noticed()
        pulse.wait_for_news(30)
        assert slept[-1] == pulse_module.FIRST
