"""Who is asking, for people's routes."""

from collections.abc import AsyncIterator
from typing import Annotated

import structlog
from fastapi import Depends, Request, Security
from fastapi.security import OAuth2PasswordBearer

from corral_hub.accounts.actions import Accounts
from corral_hub.accounts.model import Person, Role
from corral_hub.errors import Forbidden, Unauthenticated

log = structlog.get_logger()
scheme = OAuth2PasswordBearer(
    tokenUrl="/api/v1/login", scheme_name="person", description="A person's token, from /api/v1/login", auto_error=False
)


# A dependency that is no coroutine is run in a thread: these are coroutines for their speed.
async def accounts_of(request: Request) -> Accounts:
    return request.app.state.accounts


TheAccounts = Annotated[Accounts, Depends(accounts_of)]
Bearer = Annotated[str | None, Security(scheme)]
"""The token of the Authorization header, of whatever kind."""


async def one_of_few(request: Request, accounts: TheAccounts) -> AsyncIterator[None]:
    """Turn away who comes in a crowd. Raises TooMany."""
    with accounts.crowd.entered(request.client.host if request.client else ""):
        yield


async def current_token(token: Bearer) -> str:
    """Return the bearer token of the request."""
    if not token:
        raise Unauthenticated("login_required", "this needs a login", "log in: corral login")
    return token


async def current_person(accounts: TheAccounts, token: Annotated[str, Depends(current_token)]) -> Person:
    return await accounts.authenticate(token)


APerson = Annotated[Person, Depends(current_person)]


async def current_admin(request: Request, person: APerson) -> Person:
    """Return who may administer. What they ask for is logged with their name; tasks have a log of their own."""
    check_admin(person)
    if request.method != "GET":
        log.info("admin_request", by=person.label, method=request.method, path=request.url.path)
    return person


AnAdmin = Annotated[Person, Depends(current_admin)]


def check_admin(person: Person) -> None:
    """Raise Forbidden unless `person` may change things."""
    if person.role is not Role.ADMIN:
        raise Forbidden("role_required", "viewers may look but not change anything", "ask an admin")
