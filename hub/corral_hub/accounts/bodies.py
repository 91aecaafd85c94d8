"""Request bodies of the account API."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from corral_hub.accounts.model import Role
from corral_hub.bodies import Body
from corral_hub.text import Text


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
    """OAuth2's password form. Its other fields (grant_type, scope, client_id …) say nothing here."""

    model_config = ConfigDict(extra="ignore")

    username: Annotated[Text, Field(max_length=320)]
    password: Annotated[Text, Field(max_length=1024)]


class CreateUserBody(RegisterBody):
    role: Role = Role.VIEWER


class UpdateUserBody(Body):
    role: Role | None = None
    password: Password | None = None
