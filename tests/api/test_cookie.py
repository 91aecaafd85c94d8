"""A login that the browser keeps: set so that no script reads it, counted only for pages of the hub's own."""

import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.asyncio.client import connect

from corral_hub.accounts.cookie import NAME, SECURE, check_own_page, find, is_secure, keep
from corral_hub.errors import Forbidden
from tests.api.routes import WRITES, Scene
from tests.api.test_auth_sweep import OWN_LOGIN, PEOPLE, own
from tests.api.test_bad_input import problem
from tests.hub_process import ADMIN, PASSWORD, HubProcess

__all__ = ["own"]
FORM = {"username": ADMIN, "password": PASSWORD, "session": "cookie"}


def login(hub: HubProcess, **headers: str) -> httpx.Response:
    answer = hub.ask("POST", "/login", data=FORM, headers={"Origin": hub.url, **headers})
    hub.client.cookies.clear()  # this client is everybody's
    return answer


def kept(answer: httpx.Response) -> Mapping[str, str]:
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


@pytest.fixture
def cookie(shared_hub: HubProcess) -> Mapping[str, str]:
    return kept(login(shared_hub))


def test_the_token_is_in_the_cookie_only(shared_hub: HubProcess) -> None:
    answer = login(shared_hub)
    assert answer.json().keys() == {"token_type", "expires_in", "role"}
    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith(f"{NAME}=ey") and name.partition("=")[2] not in answer.text
    assert set(attributes) == {"Max-Age=86400", "Path=/", "HttpOnly", "SameSite=Strict"}
    over_tls = login(shared_hub, **{"X-Forwarded-Proto": "https"}).headers["set-cookie"]
    assert over_tls.startswith(f"{SECURE}=") and over_tls.endswith("; Secure")


def test_who_has_the_cookie_is_known(shared_hub: HubProcess, cookie: Mapping[str, str]) -> None:
    me = shared_hub.get("/me", cookie)
    assert (me["email"], me["role"]) == (ADMIN, "admin")
    made = shared_hub.ask("POST", "/tasks", cookie, json={"title": "x"}, headers={"Origin": shared_hub.url})
    assert made.status_code == 201
    fetched = shared_hub.ask("POST", "/tasks", cookie, json={"title": "x"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert fetched.status_code == 201


FOREIGN: Mapping[str, Mapping[str, str]] = {
    "no page": {},
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "another port of this host": {"Sec-Fetch-Site": "same-site"},
    "no site": {"Sec-Fetch-Site": "none"},
    "another origin": {"Origin": "http://127.0.0.1:1"},
    "another origin that claims to be ours": {"Origin": "http://127.0.0.1:1", "Sec-Fetch-Site": "same-origin"},
}


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
def test_other_pages_change_nothing(
    shared_hub: HubProcess, own: Scene, cookie: Mapping[str, str], headers: Mapping[str, str]
) -> None:
    """Every route for people that changes anything, and the login itself."""
    for route in PEOPLE:
        if route.method in WRITES:
            asked = shared_hub.client.request(
                route.method, own.fill(route.path), json=dict(route.body), headers={**cookie, **headers}
            )
            assert asked.status_code == 403, route
            assert asked.json()["code"] in ("foreign_page", "foreign_origin"), route
    problem(shared_hub.ask("POST", "/login", data=FORM, headers=headers), 403)
    assert shared_hub.get("/me", cookie)["email"] == ADMIN, "nor did they log anybody out"


def test_a_bearer_comes_first_and_needs_no_page(shared_hub: HubProcess, cookie: Mapping[str, str]) -> None:
    assert shared_hub.ask("POST", "/tasks", {**cookie, **shared_hub.admin}, json={"title": "x"}).status_code == 201
    problem(shared_hub.ask("GET", "/me", {**cookie, "Authorization": "Bearer x.y.z"}), 401)


def test_machines_have_no_cookies(shared_hub: HubProcess, cookie: Mapping[str, str]) -> None:
    problem(shared_hub.ask("GET", "/server/tasks", cookie), 401)


def test_logout_ends_it_and_clears_it(shared_hub: HubProcess, cookie: Mapping[str, str]) -> None:
    answer = shared_hub.ask(OWN_LOGIN.method, "/logout", cookie, headers={"Origin": shared_hub.url})
    assert [value.split(";")[0] for value in answer.headers.get_list("set-cookie")] == [f"{NAME}=", f"{SECURE}="]
    assert all("Max-Age=0" in value for value in answer.headers.get_list("set-cookie"))
    problem(shared_hub.ask("GET", "/me", cookie), 401, "token_revoked")


async def greet(hub: HubProcess, first: Any, headers: Mapping[str, str]) -> Any:
    address = f"ws://127.0.0.1:{hub.port}/ws/dashboard"
    async with connect(address, additional_headers=headers, proxy=None) as socket:
        await socket.send(json.dumps(first))
        return json.loads(await socket.recv())


async def test_the_live_connection_takes_the_cookie(shared_hub: HubProcess, cookie: Mapping[str, str]) -> None:
    ask, page = {"type": "auth", "cookie": True}, {"Origin": shared_hub.url}
    assert await greet(shared_hub, ask, {**cookie, **page}) == {"type": "auth_ok"}
    refused = {"type": "error", "code": "auth_refused"}
    assert await greet(shared_hub, ask, cookie) == refused, "no page said where it is from"
    assert await greet(shared_hub, ask, page) == refused
    assert await greet(shared_hub, {"type": "auth"}, {**cookie, **page}) == refused, "it must be asked for"
    assert await greet(shared_hub, ask, {"Cookie": f"{NAME}=x.y.z", **page}) == refused


@pytest.mark.parametrize(
    ("url", "scheme", "forwarded", "secure"),
    [("https://hub.example", "http", None, True), ("http://127.0.0.1:8000", "http", None, False),
     ("http://hub", "https", None, True), ("http://hub", "http", "HTTPS", True), ("http://hub", "http", "http", False)],
)  # fmt: skip
def test_when_it_is_for_tls_only(url: str, scheme: str, forwarded: str | None, secure: bool) -> None:
    assert is_secure(url, scheme, forwarded) is secure


@given(st.sampled_from(["POST", "PUT", "PATCH", "DELETE", "TRACE", "get"]), st.text(max_size=20))
def test_no_word_of_a_foreign_page_counts(method: str, site: str) -> None:
    if site != "same-origin":
        with pytest.raises(Forbidden):
            check_own_page(method, "https://anything.example", site)
    with pytest.raises(Forbidden):
        check_own_page(method, None, None)


@given(st.text("abcXYZ019-_.", min_size=1), st.booleans())
def test_what_is_kept_is_found(token: str, secure: bool) -> None:
    name, _, value = keep(token, 60, secure).partition(";")[0].partition("=")
    assert find({name: value}) == token
