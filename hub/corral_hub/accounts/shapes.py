"""What the account API answers. Pure."""

from typing import Annotated, Literal

from typing_extensions import TypedDict

from corral_hub.accounts.model import Role
from corral_hub.answers import Id, Moment, WordOf


class PersonView(TypedDict):
    id: Id
    email: str
    role: Annotated[str, WordOf(Role)]


class UserView(PersonView):
    created_at: Moment


class UserList(TypedDict):
    users: list[UserView]


class LoggedIn(TypedDict):
    """`expires_in`: seconds."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int
    role: Annotated[str, WordOf(Role)]


class LoggedInByCookie(TypedDict):
    """The browser keeps the token where no script can read it. `expires_in`: seconds."""

    token_type: Literal["cookie"]
    expires_in: int
    role: Annotated[str, WordOf(Role)]


class LoggedOut(TypedDict):
    revoked: bool


class LoginLink(TypedDict):
    """`url` logs a user in, once."""

    url: str
    expires_at: Moment
