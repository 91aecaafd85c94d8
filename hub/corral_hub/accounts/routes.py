"""The account API: register, log in and out, users."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Request, Response

from corral_hub.accounts import cookie
from corral_hub.accounts.actions import Login
from corral_hub.accounts.bodies import CreateUserBody, LoginForm, RegisterBody, UpdateUserBody
from corral_hub.accounts.guard import (
    AnAdminByLogin,
    APerson,
    TheAccounts,
    check_own_page,
    current_admin,
    current_token,
    one_of_few,
)
from corral_hub.accounts.model import Person, User
from corral_hub.text import stamp

Json = dict[str, Any]

router = APIRouter(tags=["accounts"])
admin = [Depends(current_admin)]
few = [Depends(one_of_few)]


@router.post("/register", status_code=201, summary="Create an account; the first one becomes admin", dependencies=few)
async def register(accounts: TheAccounts, body: RegisterBody) -> Json:
    return person_view(await accounts.register(body.email, body.password))


@router.post(
    "/login", summary="Exchange e-mail address and password, or a one-time link, for a login", dependencies=few
)
async def login(accounts: TheAccounts, request: Request, answer: Response, form: Annotated[LoginForm, Form()]) -> Json:
    if form.session == "cookie":
        check_own_page(request)
    done = await (accounts.login_once(form.once) if form.once else accounts.login(form.username, form.password))
    if form.session == "cookie":
        return _kept(request, answer, done)
    return {"access_token": done.token, "token_type": "bearer", "expires_in": done.expires_in, "role": done.role.value}


def _kept(request: Request, answer: Response, done: Login) -> Json:
    """Let the browser keep the token where no script can read it."""
    forwarded = request.headers.get("x-forwarded-proto")
    secure = cookie.is_secure(request.app.state.settings.url, request.url.scheme, forwarded)
    answer.headers.append("set-cookie", cookie.keep(done.token, done.expires_in, secure))
    return {"token_type": "cookie", "expires_in": done.expires_in, "role": done.role.value}


@router.post("/logout", summary="End this login")
async def logout(
    accounts: TheAccounts, answer: Response, _: APerson, token: Annotated[str, Depends(current_token)]
) -> Json:
    await accounts.logout(token)
    for value in cookie.forget():
        answer.headers.append("set-cookie", value)
    return {"revoked": True}


@router.get("/me", summary="Who you are")
async def me(person: APerson) -> Json:
    return person_view(person)


@router.get("/users", summary="All users", dependencies=admin)
async def list_users(accounts: TheAccounts) -> Json:
    return {"users": [user_view(user) for user in await accounts.users()]}


@router.post("/users", status_code=201, summary="Create a user", dependencies=admin)
async def create_user(accounts: TheAccounts, body: CreateUserBody) -> Json:
    return user_view(await accounts.create_user(body.email, body.password, body.role))


@router.patch("/users/{user}", summary="Change a user's role or password", dependencies=admin)
async def update_user(accounts: TheAccounts, user: str, body: UpdateUserBody) -> Json:
    return user_view(await accounts.update_user(user, body.role, body.password))


@router.post("/users/{user}/link", status_code=201, summary="Make a link that logs a user in, once")
async def make_link(accounts: TheAccounts, _: AnAdminByLogin, user: str) -> Json:
    url, until = await accounts.links.make(await accounts.find_user(user))
    return {"url": url, "expires_at": stamp(until)}


def person_view(person: Person) -> Json:
    return {"id": str(person.id), "email": person.email, "role": person.role.value}


def user_view(user: User) -> Json:
    return {
        "id": str(user.id),
        "email": user.email,
        "role": user.role.value,
        "created_at": user.created_at.isoformat(),
    }
