"""Who is asking, for people's routes."""

from collections.abc import AsyncIterator
from typing import Annotated

import structlog
from fastapi import Depends, Request, Security
from fastapi.security import OAuth2PasswordBearer

from corral_hub.accounts import cookie
from corral_hub.accounts.actions import Accounts
from corral_hub.accounts.model import Person, Role
from corral_hub.audit.log import act_as, turn_out_to_be
from corral_hub.audit.model import Actor
from corral_hub.errors import Forbidden, Unauthenticated

log = structlog.get_logger()
scheme = OAuth2PasswordBearer(
    tokenUrl="/api/v1/login",
    scheme_name="person",
    description="A person's token, from /api/v1/login, or an API key of theirs. Browsers may send the token as the "
    "cookie that a login with session=cookie sets.",
    auto_error=False,
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


async def current_token(request: Request, token: Bearer) -> str:
    """Return the bearer token of the request, or the one in its cookie. Raises Unauthenticated, Forbidden."""
    if token:
        return token
    kept = cookie.find(request.cookies)
    if kept is None:
        raise Unauthenticated("login_required", "this needs a login", "log in: corral login")
    check_own_page(request)
    return kept


def check_own_page(request: Request) -> None:
    """Raise Forbidden if this changes something and does not come from a page of ours."""
    cookie.check_own_page(request.method, request.headers.get("origin"), request.headers.get("sec-fetch-site"))


async def current_person(
    request: Request, accounts: TheAccounts, token: Annotated[str, Depends(current_token)]
) -> Person:
    come_from(request)
    person = await accounts.authenticate(token)
    turn_out_to_be(person.label, person.key)
    return person


def come_from(request: Request) -> str:
    """Let the audit log know from where somebody asks who is not known yet. Return the address, "" if there is none."""
    address = request.client.host[:64] if request.client else None
    act_as(Actor(who="nobody", address=address))
    return address or ""


APerson = Annotated[Person, Depends(current_person)]


async def current_admin(request: Request, person: APerson) -> Person:
    """Return who may administer. What they ask for is logged with their name; tasks have a log of their own."""
    check_admin(person)
    if request.method != "GET":
        log.info("admin_request", by=person.label, method=request.method, path=request.url.path)
    return person


AnAdmin = Annotated[Person, Depends(current_admin)]


async def admin_by_login(person: AnAdmin) -> Person:
    """Return an admin who logged in: what gives access does not make more of it. Raises Forbidden."""
    if person.key is not None:
        raise Forbidden("login_needed", "an API key makes no keys and no logins", "log in: corral login")
    return person


AnAdminByLogin = Annotated[Person, Depends(admin_by_login)]


def check_admin(person: Person) -> None:
    """Raise Forbidden unless `person` may change things."""
    if person.role is not Role.ADMIN:
        raise Forbidden("role_required", "viewers may look but not change anything", "ask an admin")
