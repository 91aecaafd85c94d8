"""The short way: what it takes, what it leaves to the routes, and that the body is there for both."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from corral_hub.errors import Refused
from corral_hub.problems import problem
from corral_hub.shortcut import Shortcut


async def take(request: Request, middle: str) -> Response | None:
    body = await request.body()
    if body == b"refuse":
        raise Refused("no", "not like this")
    return PlainTextResponse(f"short {middle}") if body == b"plain" else None


async def route(request: Request) -> Response:
    return PlainTextResponse(f"long {request.path_params['name']} {(await request.body()).decode()}")


async def refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return problem(error)


@pytest.fixture
def client() -> httpx.AsyncClient:
    app = Starlette(
        routes=[Route("/things/{name:path}/runs", route, methods=["POST", "PUT"])],
        exception_handlers={Refused: refused},
    )
    app.router.routes.insert(0, Shortcut(frozenset({"POST"}), "/things/", "/runs", take, app.router))
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub")


@pytest.mark.parametrize(
    ("method", "path", "body", "answer"),
    [
        ("POST", "/things/7/runs", "plain", "short 7"),
        ("POST", "/things/7/runs", "other", "long 7 other"),
        ("PUT", "/things/7/runs", "plain", "long 7 plain"),
        ("POST", "/things/7/8/runs", "plain", "long 7/8 plain"),
        ("POST", "/things//runs", "plain", "long  plain"),
    ],
)
async def test_what_it_does_not_take_goes_the_long_way(
    client: httpx.AsyncClient, method: str, path: str, body: str, answer: str
) -> None:
    assert (await client.request(method, path, content=body)).text == answer


async def test_what_it_refuses_is_a_problem_like_any_other(client: httpx.AsyncClient) -> None:
    told = await client.post("/things/7/runs", content="refuse")
    assert told.status_code == 400
    assert told.json()["code"] == "no"


async def test_another_path_is_nobodys(client: httpx.AsyncClient) -> None:
    assert (await client.post("/elsewhere/7/runs", content="plain")).status_code == 404
