"""Bad input gets a clear problem, never a 500; what cannot be answered says so."""

from collections.abc import AsyncIterator
from typing import Annotated

import httpx
import pytest
import structlog.testing
from fastapi import FastAPI
from pydantic import BaseModel, ConfigDict, Field

from corral_hub import problems
from corral_hub.db.database import Database
from corral_hub.errors import StartupError, Unavailable
from corral_hub.text import JsonValue, Text
from tests.hub.api import refused

LIMIT = 1000


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[Text, Field(min_length=1, max_length=20)]
    value: JsonValue = None


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI()
    problems.install(app, LIMIT)

    @app.post("/echo")
    async def echo(body: Body) -> str:
        return body.name

    @app.get("/broken")
    async def broken() -> None:
        raise KeyError("a secret of the hub")

    @app.get("/busy")
    async def busy() -> None:
        raise Unavailable("busy", "too much at once", "try again", retry_after=2.1)

    @app.get("/gone")
    async def gone() -> None:
        database = Database("postgresql://nobody@127.0.0.1:1/none")
        try:
            async with database.read():
                pass
        finally:
            await database.close()

    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as opened:
        yield opened


async def send(client: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await client.post("/echo", content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("content", [b"{", b'{"name": }', b"[1, 2"])
async def test_invalid_json(client: httpx.AsyncClient, content: bytes) -> None:
    refused(await send(client, content), 400, "invalid_json")


@pytest.mark.parametrize("content", [b'{"name": "\xff\xfe"}', b"[" * 900])
async def test_unreadable_bodies(client: httpx.AsyncClient, content: bytes) -> None:
    assert (await send(client, content)).status_code in (400, 422)


@pytest.mark.parametrize(
    ("content", "pointer"),
    [
        (b"{}", "/name"),
        (b'{"name": 1}', "/name"),
        (b'{"name": "x", "color": 1}', "/color"),
        (b'{"name": "a\\u0000b"}', "/name"),
        (b'{"name": "a\\ud800b"}', "/name"),
        (b'{"name": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}', "/name"),
        (b'{"name": "x", "value": {"a": ["\\udfff"]}}', "/value"),
        (b'{"name": "x", "value": NaN}', "/value"),
        (b'{"name": "x", "a/b~c": 1}', "/a~1b~0c"),
        (b'{"name": "x", "\\ud800": 1}', ""),
        (b"[]", ""),
        (b"null", ""),
    ],
)
async def test_every_problem_has_its_place(client: httpx.AsyncClient, content: bytes, pointer: str) -> None:
    problem = refused(await send(client, content), 422, "invalid_request")
    assert [item["pointer"] for item in problem["problems"]] == [pointer]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"name": ""}', "must not be empty"),
        (b'{"name": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}', "must have at most 20 characters"),
        (b'{"name": "x", "value": NaN}', "must be a finite number"),
    ],
)
async def test_problems_are_put_in_plain_words(client: httpx.AsyncClient, content: bytes, said: str) -> None:
    problem = refused(await send(client, content), 422, "invalid_request")
    assert [item["problem"] for item in problem["problems"]] == [said]


async def test_values_are_not_echoed(client: httpx.AsyncClient) -> None:
    answer = await send(client, b'{"name": "x", "value": {"password": "hunter2\\u0000"}}')
    assert "hunter2" not in answer.text


async def test_announced_bodies_beyond_the_limit(client: httpx.AsyncClient) -> None:
    refused(await send(client, b"x" * (LIMIT + 1)), 413, "body_too_large")


async def test_bodies_that_grow_beyond_the_limit(client: httpx.AsyncClient) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 100

    answer = await client.post("/echo", content=chunks(), headers={"Content-Type": "application/json"})
    refused(answer, 413, "body_too_large")


async def test_a_body_of_exactly_the_limit(client: httpx.AsyncClient) -> None:
    body = b'{"name": "x"}'
    assert (await send(client, body + b" " * (LIMIT - len(body)))).status_code == 200


async def test_unknown_routes_and_methods(client: httpx.AsyncClient) -> None:
    refused(await client.get("/nowhere"), 404, "route_not_found")
    answer = await client.delete("/echo")
    refused(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "POST"


async def test_the_unexpected_is_a_number_without_its_cause(client: httpx.AsyncClient) -> None:
    answer = await client.get("/broken")
    problem = refused(answer, 500, "internal_error")
    assert problem["incident"] in problem["detail"]
    assert "secret" not in answer.text


async def test_when_to_come_back(client: httpx.AsyncClient) -> None:
    answer = await client.get("/busy")
    refused(answer, 503, "busy")
    assert answer.headers["retry-after"] == "3"


async def test_a_database_that_is_not_there(client: httpx.AsyncClient) -> None:
    answer = await client.get("/gone")
    refused(answer, 503, "database_unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_waiting_for_a_database_says_for_which_and_why() -> None:
    database = Database("postgresql://nobody:secret@127.0.0.1:1/none")
    stopping = iter([False, True])
    with structlog.testing.capture_logs() as logs, pytest.raises(StartupError, match="did not answer"):
        await database.wait(lambda: next(stopping))
    await database.close()
    assert logs[0]["event"] == "database_unreachable"
    assert logs[0]["database"] == "postgresql://nobody:***@127.0.0.1:1/none"
    assert "Connect call failed" in logs[0]["error"]
