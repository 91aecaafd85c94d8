"""Request bodies of the account API."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from corral_hub.accounts.model import Role
from corral_hub.bodies import Body
from corral_hub.text import Line, Text


def check_email(value: str) -> str:
    """Return the address, trimmed and in lower case. Raises ValueError for what is none."""
    email = value.strip().lower()
    user, at, host = email.rpartition("@")
    if not (user and at and host) or not email.isprintable() or " " in email:
        raise ValueError("must be an e-mail address")
    return email


Email = Annotated[Text, Field(max_length=320), AfterValidator(check_email)]
Password = Annotated[Text, Field(min_length=12, max_length=1024)]


class RegisterBody(Body):
    email: Email
    password: Password


class LoginForm(BaseModel):
    """OAuth2's password form, or `once`: what a one-time link ends with. Its other fields (scope …) say nothing here.

    `session=cookie` is for browsers: the token comes as a cookie that no script can read, and not in the body.
    """

    model_config = ConfigDict(extra="ignore")

    username: Annotated[Text, Field(max_length=320)] = ""
    password: Annotated[Text, Field(max_length=1024)] = ""
    once: Annotated[Text, Field(max_length=100)] = ""
    session: Literal["token", "cookie"] = "token"

    @model_validator(mode="after")
    def _says_who(self) -> Self:
        if not self.once and not (self.username and self.password):
            raise ValueError("needs username and password, or once")
        return self


class KeyBody(Body):
    name: Annotated[Line, Field(min_length=1, max_length=100)]
    role: Role = Role.VIEWER
    expires_in: Annotated[float, Field(gt=0, le=3_660 * 86_400)] | None = None
    """Seconds; None for as long as nobody revokes it."""


class CreateUserBody(RegisterBody):
    role: Role = Role.VIEWER


class UpdateUserBody(Body):
    role: Role | None = None
    password: Password | None = None
