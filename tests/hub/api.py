"""The routes of accounts, projects and servers on an application of their own, and a client that knows people."""

from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import APIRouter, FastAPI

from corral_hub import problems
from corral_hub.accounts import routes as account_routes
from corral_hub.accounts.actions import Accounts
from corral_hub.projects import routes as project_routes
from corral_hub.projects.actions import Projects
from corral_hub.servers import compat
from corral_hub.servers import routes as server_routes
from corral_hub.servers.actions import Servers
from corral_hub.settings import Settings

SECRET = "a-secret-of-the-tests-that-is-long-enough"
ADMIN = "admin@example.org"
VIEWER = "viewer@example.org"
PASSWORD = "correct horse battery"


class Api:
    """`async with Api(…) as api: await api.get("/me", who=ADMIN)`."""

    def __init__(self, accounts: Accounts, projects: Projects, servers: Servers, settings: Settings) -> None:
        self.app = _assemble(accounts, projects, servers, settings)
        self._tokens: dict[str, str] = {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://hub/api/v1")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.client.aclose()

    async def people(self) -> None:
        """Let there be an admin and a viewer, both logged in."""
        await self.client.post("/register", json={"email": ADMIN, "password": PASSWORD})
        self._tokens[ADMIN] = await self.login(ADMIN)
        await self.post("/users", who=ADMIN, json={"email": VIEWER, "password": PASSWORD, "role": "viewer"})
        self._tokens[VIEWER] = await self.login(VIEWER)

    async def login(self, email: str, password: str = PASSWORD) -> str:
        answer = await self.try_login(email, password)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def try_login(self, email: str, password: str) -> httpx.Response:
        return await self.client.post("/login", data={"username": email, "password": password})

    async def request(self, method: str, path: str, who: str | None = None, **arguments: Any) -> httpx.Response:
        headers = dict(arguments.pop("headers", {}))
        if who is not None:
            headers["Authorization"] = f"Bearer {self._tokens.get(who, who)}"
        return await self.client.request(method, path, headers=headers, **arguments)

    async def get(self, path: str, who: str | None = None, **arguments: Any) -> httpx.Response:
        return await self.request("GET", path, who, **arguments)

    async def post(self, path: str, who: str | None = None, **arguments: Any) -> httpx.Response:
        return await self.request("POST", path, who, **arguments)

    async def patch(self, path: str, who: str | None = None, **arguments: Any) -> httpx.Response:
        return await self.request("PATCH", path, who, **arguments)

    async def delete(self, path: str, who: str | None = None, **arguments: Any) -> httpx.Response:
        return await self.request("DELETE", path, who, **arguments)


async def _at_work(_: object) -> None:
    """No tasks here: every agent is at work."""


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Assert that this is the problem; return it."""
    assert (answer.status_code, answer.json().get("code")) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["detail"] and body["status"] == status and "hint" in body
    return body


def _assemble(accounts: Accounts, projects: Projects, servers: Servers, settings: Settings) -> FastAPI:
    app = FastAPI()
    problems.install(app, settings.body_limit)
    v1 = APIRouter(prefix="/api/v1")
    for router in (account_routes.router, project_routes.router, server_routes.router, compat.router):
        v1.include_router(router)
    app.include_router(v1)
    app.state.accounts, app.state.projects, app.state.servers = accounts, projects, servers
    app.state.secret, app.state.settings = SECRET, settings
    app.state.slots = lambda _: (0, 1)
    app.state.still_at_work = _at_work
    return app
