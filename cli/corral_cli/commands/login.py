"""login, logout, whoami."""

import getpass
import sys
from typing import Annotated

import typer

from corral_cli.client import Client
from corral_cli.config_file import save_profile
from corral_cli.context import Invocation, invocation
from corral_cli.errors import NotPermitted, Usage
from corral_cli.output import field, talk
from corral_cli.reading import can_ask
from corral_cli.settings import Credential

_PERSON = (field("id"), field("email"), field("role"), field("hub"), field("profile"))


def login(
    context: typer.Context,
    email: Annotated[str | None, typer.Option(help="Your e-mail address; asked for when left out.")] = None,
    password_stdin: Annotated[bool, typer.Option("--password-stdin", help="Read the password from stdin.")] = False,
    token_stdin: Annotated[bool, typer.Option("--token-stdin", help="Read a login token from stdin.")] = False,
) -> None:
    """Log in to a hub and remember it in a profile.

    Passwords and tokens are never taken from the command line, where every user of the machine could read them.

    Examples:
      corral login --hub-url https://hub.example.org
      corral login --email me@example.org --password-stdin < password.txt
      corral --profile work login --hub-url https://work.example.org
    """
    cli = invocation(context)
    hub = cli.loaded.hub_url
    if password_stdin and token_stdin:
        raise Usage("stdin can hold the password or the token, not both", hint="Leave one of them out.")
    token = _first_line("token") if token_stdin else _ask_hub_for_token(hub, email, password_stdin)
    with Client(hub, Credential(token=token)) as client:
        person = client.get("/me", people=True)
    save_profile(cli.loaded.path, cli.loaded.profile, {"hub_url": hub, "token": token, "api_key": None}, use=True)
    shown = {**person, "hub": hub, "profile": cli.loaded.profile}
    cli.output.result(shown, f"Logged in to {hub} as {person.get('email')} ({person.get('role')}).")
    _warn_if_overridden(cli)


def logout(context: typer.Context) -> None:
    """End the login: the token is revoked on the hub and forgotten here.

    Example:
      corral logout
    """
    cli = invocation(context)
    profile = cli.loaded.document.get("profiles", {}).get(cli.loaded.profile, {})
    if not profile.get("token"):
        raise NotPermitted(
            f"profile {cli.loaded.profile!r} is not logged in", hint="Nothing to do; `corral whoami` shows who you are."
        )
    hub = str(profile.get("hub_url"))
    try:
        with Client(hub, Credential(token=profile["token"])) as client:
            client.post("/logout", people=True)
    except NotPermitted:
        talk("the hub did not know the token any more; it is forgotten here all the same")
    save_profile(cli.loaded.path, cli.loaded.profile, {"token": None})
    cli.output.result({"revoked": True, "hub": hub}, f"Logged out of {hub}.")


def whoami(context: typer.Context) -> None:
    """Show who the hub takes you for: a person, a server, or the agent of one task.

    Example:
      corral whoami --json
    """
    cli = invocation(context)
    client = cli.client
    if client.is_agent:
        known = {**client.get("/status"), "hub": client.hub_url, "principal": "key"}
        fields = [
            field(name) for name in ("hub", "principal", "server_name", "server_id", "project_id", "project_name")
        ]
        cli.output.item(known, fields)
        return
    person = {**client.get("/me", people=True), "hub": client.hub_url, "profile": cli.loaded.profile}
    cli.output.item(person, _PERSON)


def _ask_hub_for_token(hub: str, email: str | None, password_stdin: bool) -> str:
    if not email:
        email = _ask("E-mail: ", "--email")
    password = _first_line("password") if password_stdin else _ask_password()
    with Client(hub, Credential()) as client:
        return str(client.login(email, password)["access_token"])


def _ask(question: str, option: str) -> str:
    if not can_ask():
        raise Usage("nobody is here to ask for it", code="no_terminal", hint=f"Give {option}.")
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _ask_password() -> str:
    if not can_ask():
        raise Usage(
            "nobody is here to type the password", code="no_terminal", hint="Use --password-stdin or --token-stdin."
        )
    return getpass.getpass("Password: ", stream=sys.stderr)


def _first_line(what: str) -> str:
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise Usage(f"stdin held no {what}", hint=f"Pipe it in: `corral login --{what}-stdin < file`.")
    return line


def _warn_if_overridden(cli: Invocation) -> None:
    """A variable that is stronger than the new login would make it look broken."""
    stronger = [cli.loaded.settings[name].where for name in ("token", "api_key") if _from_environment(cli, name)]
    if stronger:
        talk(f"note: {stronger[0]} is set and goes before this login")


def _from_environment(cli: Invocation, name: str) -> bool:
    return cli.loaded.settings[name].origin.value == "environment"
