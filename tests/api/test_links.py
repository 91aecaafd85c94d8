"""A link that logs somebody in: once, for a while, and from the hub's own page."""

from concurrent.futures import ThreadPoolExecutor

import httpx

from tests.api.test_bad_input import problem
from tests.hub_process import ADMIN, HubProcess


def link(hub: HubProcess, user: str = ADMIN) -> str:
    url = str(hub.post(f"/users/{user}/link", hub.admin)["url"])
    page, _, secret = url.partition("#once=")
    assert page == f"{hub.url}/login"
    return secret


def use(hub: HubProcess, secret: str, **form: str) -> httpx.Response:
    return hub.ask("POST", "/login", data={"once": secret, **form})


def test_it_works_once(shared_hub: HubProcess) -> None:
    secret = link(shared_hub)
    token = use(shared_hub, secret).json()["access_token"]
    assert shared_hub.get("/me", {"Authorization": f"Bearer {token}"})["email"] == ADMIN
    problem(use(shared_hub, secret), 401, "bad_login_link")
    problem(use(shared_hub, "never made"), 401, "bad_login_link")
    assert secret not in shared_hub.log


def test_of_many_who_try_at_once_one_gets_in(shared_hub: HubProcess) -> None:
    secret = link(shared_hub)
    with ThreadPoolExecutor(6) as threads:
        answers = list(threads.map(lambda _: use(shared_hub, secret).status_code, range(6)))
    assert sorted(answers) == [200, *[401] * 5]


def test_it_may_be_kept_as_a_cookie(shared_hub: HubProcess) -> None:
    secret = link(shared_hub)
    problem(use(shared_hub, secret, session="cookie"), 403, "foreign_page")
    kept = shared_hub.ask(
        "POST", "/login", data={"once": secret, "session": "cookie"}, headers={"Origin": shared_hub.url}
    )
    shared_hub.client.cookies.clear()
    assert kept.is_success and "set-cookie" in kept.headers, "what was refused did not use it up"


def test_only_admins_make_them_for_somebody_who_is_there(shared_hub: HubProcess) -> None:
    problem(shared_hub.ask("POST", f"/users/{ADMIN}/link", shared_hub.viewer()), 403)
    problem(shared_hub.ask("POST", "/users/nobody@example.org/link", shared_hub.admin), 404)


def test_a_login_says_who(shared_hub: HubProcess) -> None:
    problem(shared_hub.ask("POST", "/login", data={"password": "x"}), 422, "invalid_request")
    problem(shared_hub.ask("POST", "/login", data={"once": "x", "session": "magic"}), 422, "invalid_request")
