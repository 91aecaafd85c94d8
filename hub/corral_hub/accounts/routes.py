"""The account API: register, log in and out, users."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request, Response

from corral_hub.accounts import cookie
from corral_hub.accounts import shapes as s
from corral_hub.accounts.actions import Login
from corral_hub.accounts.bodies import CreateUserBody, LoginForm, RegisterBody, UpdateUserBody
from corral_hub.accounts.guard import (
    AnAdminByLogin,
    APerson,
    TheAccounts,
    check_own_page,
    come_from,
    current_admin,
    current_token,
    one_of_few,
)
from corral_hub.accounts.model import Person, User
from corral_hub.answers import answers
from corral_hub.audit.log import turn_out_to_be
from corral_hub.text import stamp

router = APIRouter(tags=["accounts"])
admin = [Depends(current_admin)]
few = [Depends(one_of_few)]


@router.post(
    "/register", summary="Create an account; the first one becomes admin", dependencies=few,
    **answers(s.PersonView, 201),
)  # fmt: skip
async def register(accounts: TheAccounts, request: Request, body: RegisterBody) -> s.PersonView:
    come_from(request)
    turn_out_to_be(f"user:{body.email}")
    return person_view(await accounts.register(body.email, body.password))


@router.post(
    "/login", summary="Exchange e-mail address and password, or a one-time link, for a login", dependencies=few,
    **answers(s.LoggedIn | s.LoggedInByCookie),
)  # fmt: skip
async def login(
    accounts: TheAccounts, request: Request, answer: Response, form: Annotated[LoginForm, Form()]
) -> s.LoggedIn | s.LoggedInByCookie:
    if form.session == "cookie":
        check_own_page(request)
    place = come_from(request)
    if form.once:
        done = await accounts.login_once(form.once, place)
    else:
        done = await accounts.login(form.username, form.password, place)
    if form.session == "cookie":
        return _kept(request, answer, done)
    return {"access_token": done.token, "token_type": "bearer", "expires_in": done.expires_in, "role": done.role.value}


def _kept(request: Request, answer: Response, done: Login) -> s.LoggedInByCookie:
    """Let the browser keep the token where no script can read it."""
    forwarded = request.headers.get("x-forwarded-proto")
    secure = cookie.is_secure(request.app.state.settings.url, request.url.scheme, forwarded)
    answer.headers.append("set-cookie", cookie.keep(done.token, done.expires_in, secure))
    return {"token_type": "cookie", "expires_in": done.expires_in, "role": done.role.value}


@router.post("/logout", summary="End this login", **answers(s.LoggedOut))
async def logout(
    accounts: TheAccounts, answer: Response, _: APerson, token: Annotated[str, Depends(current_token)]
) -> s.LoggedOut:
    await accounts.logout(token)
    for value in cookie.forget():
        answer.headers.append("set-cookie", value)
    return {"revoked": True}


@router.get("/me", summary="Who you are", **answers(s.PersonView))
async def me(person: APerson) -> s.PersonView:
    return person_view(person)


@router.get("/users", summary="All users", dependencies=admin, **answers(s.UserList))
async def list_users(accounts: TheAccounts) -> s.UserList:
    return {"users": [user_view(user) for user in await accounts.users()]}


@router.post("/users", summary="Create a user", dependencies=admin, **answers(s.UserView, 201))
async def create_user(accounts: TheAccounts, body: CreateUserBody) -> s.UserView:
    return user_view(await accounts.create_user(body.email, body.password, body.role))


@router.patch("/users/{user}", summary="Change a user's role or password", dependencies=admin, **answers(s.UserView))
async def update_user(accounts: TheAccounts, user: str, body: UpdateUserBody) -> s.UserView:
    return user_view(await accounts.update_user(user, body.role, body.password))


@router.post("/users/{user}/link", summary="Make a link that logs a user in, once", **answers(s.LoginLink, 201))
async def make_link(accounts: TheAccounts, _: AnAdminByLogin, user: str) -> s.LoginLink:
    url, until = await accounts.links.make(await accounts.find_user(user))
    return {"url": url, "expires_at": stamp(until)}


def person_view(person: Person) -> s.PersonView:
    return {"id": str(person.id), "email": person.email, "role": person.role.value}


def user_view(user: User) -> s.UserView:
    return {
        "id": str(user.id),
        "email": user.email,
        "role": user.role.value,
        "created_at": user.created_at.isoformat(),
    }
