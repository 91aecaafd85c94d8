"""The account API: register, log in and out, users."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Form
from typing_extensions import TypedDict

from corral_hub.accounts.bodies import CreateUserBody, LoginForm, RegisterBody, UpdateUserBody
from corral_hub.accounts.guard import APerson, TheAccounts, current_admin, current_token, one_of_few
from corral_hub.accounts.model import Person, Role, User
from corral_hub.answers import Id, Moment, answers


class PersonView(TypedDict):
    id: Id
    email: str
    role: Role


class UserView(PersonView):
    created_at: Moment


class UserList(TypedDict):
    users: list[UserView]


class LoggedIn(TypedDict):
    """`expires_in`: seconds."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    role: Role


class LoggedOut(TypedDict):
    revoked: bool


router = APIRouter(tags=["accounts"])
admin = [Depends(current_admin)]
few = [Depends(one_of_few)]


@router.post(
    "/register", summary="Create an account; the first one becomes admin", dependencies=few, **answers(PersonView, 201)
)
async def register(accounts: TheAccounts, body: RegisterBody) -> PersonView:
    return person_view(await accounts.register(body.email, body.password))


@router.post(
    "/login", summary="Exchange e-mail address and password for a token", dependencies=few, **answers(LoggedIn)
)
async def login(accounts: TheAccounts, form: Annotated[LoginForm, Form()]) -> LoggedIn:
    done = await accounts.login(form.username, form.password)
    return {"access_token": done.token, "token_type": "bearer", "expires_in": done.expires_in, "role": done.role}


@router.post("/logout", summary="End this login", **answers(LoggedOut))
async def logout(accounts: TheAccounts, _: APerson, token: Annotated[str, Depends(current_token)]) -> LoggedOut:
    await accounts.logout(token)
    return {"revoked": True}


@router.get("/me", summary="Who you are", **answers(PersonView))
async def me(person: APerson) -> PersonView:
    return person_view(person)


@router.get("/users", summary="All users", dependencies=admin, **answers(UserList))
async def list_users(accounts: TheAccounts) -> UserList:
    return {"users": [user_view(user) for user in await accounts.users()]}


@router.post("/users", summary="Create a user", dependencies=admin, **answers(UserView, 201))
async def create_user(accounts: TheAccounts, body: CreateUserBody) -> UserView:
    return user_view(await accounts.create_user(body.email, body.password, body.role))


@router.patch("/users/{user}", summary="Change a user's role or password", dependencies=admin, **answers(UserView))
async def update_user(accounts: TheAccounts, user: str, body: UpdateUserBody) -> UserView:
    return user_view(await accounts.update_user(user, body.role, body.password))


def person_view(person: Person) -> PersonView:
    return {"id": str(person.id), "email": person.email, "role": person.role}


def user_view(user: User) -> UserView:
    return {
        "id": str(user.id),
        "email": user.email,
        "role": user.role,
        "created_at": user.created_at.isoformat(),
    }
