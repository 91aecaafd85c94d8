"""user list, create, link, set: the people who may log in."""

from enum import StrEnum
from typing import Annotated, Any

import typer

from corral_cli.body import present
from corral_cli.client import segment
from corral_cli.commands.login import read_password
from corral_cli.context import invocation
from corral_cli.errors import Usage
from corral_cli.mount import noun
from corral_cli.output import talk
from corral_cli.text import clean
from corral_cli.views import USERS

app = noun("The people who may log in. Only an admin can change them.")


class Role(StrEnum):
    ADMIN = "admin"
    VIEWER = "viewer"


User = Annotated[str, typer.Argument(metavar="USER", help="E-mail address or id.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")]


@app.command("list")
def list_users(context: typer.Context) -> None:
    """List everybody who may log in.

    Example:
      corral user list
    """
    cli = invocation(context)
    found = cli.client.get("/users", people=True)
    cli.output.rows(found["users"], USERS, envelope=found)


@app.command()
def create(
    context: typer.Context,
    email: Annotated[str, typer.Argument(metavar="EMAIL", help="Address to log in with.")],
    role: Annotated[Role, typer.Option(help="What they may do.")] = Role.VIEWER,
    password_stdin: FromStdin = False,
) -> None:
    """Let somebody log in. The password, of at least 12 characters, is asked for, or read from stdin.

    Examples:
      corral user create ada@example.org --role admin
      openssl rand -base64 18 | tee /dev/stderr | corral user create ada@example.org --password-stdin
    """
    cli = invocation(context)
    body = {"email": email, "password": read_password(password_stdin, new=True), "role": role.value}
    made: dict[str, Any] = cli.client.post("/users", body, people=True)
    cli.output.result(made, f"{made['email']} may log in as {made['role']}.")


@app.command()
def link(context: typer.Context, user: User) -> None:
    """Print an address that logs somebody in, once, within 15 minutes: for a new account, or a forgotten password.

    Whoever opens the address first is logged in as that user: pass it on by a way you trust.

    Example:
      corral user link ada@example.org
    """
    cli = invocation(context)
    made = cli.client.post(f"/users/{segment(user)}/link", people=True)
    if cli.output.machine:
        cli.output.json(made)
    else:
        cli.output.line(clean(made["url"]))


@app.command("set")
def change(
    context: typer.Context,
    user: User,
    role: Annotated[Role | None, typer.Option(help="What they may do.")] = None,
    password: Annotated[bool, typer.Option("--password", help="Ask for a new password.")] = False,
    password_stdin: FromStdin = False,
) -> None:
    """Change somebody's role or password. A new password ends every login they have, also this one if it is yours.

    Examples:
      corral user set ada@example.org --role viewer
      corral user set admin@corral.local --password
    """
    cli = invocation(context)
    new = read_password(password_stdin, new=True) if password or password_stdin else None
    body = present(role=role.value if role else None, password=new)
    if not body:
        raise Usage("nothing to change was given", hint="Give --role, --password or --password-stdin.")
    changed: dict[str, Any] = cli.client.patch(f"/users/{segment(user)}", body)
    cli.output.result(changed, f"Changed {changed['email']}: {', '.join(sorted(body))}.")
    if new and not cli.output.quiet:
        talk("Every login of theirs has ended: corral login")
