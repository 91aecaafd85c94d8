"""token create, list, revoke: one-time tokens that let a machine join."""

from typing import Annotated
from urllib.parse import urlsplit

import typer

from corral_cli import clock
from corral_cli.body import present, seconds
from corral_cli.client import LOOPBACK, segment
from corral_cli.context import invocation
from corral_cli.lookup import project_id
from corral_cli.mount import noun
from corral_cli.output import talk
from corral_cli.text import clean, relative
from corral_cli.views import TOKENS
from corral_protocol.tokens import BadToken, parse_token

app = noun("Registration tokens: each lets one machine join, once, before it expires.")


@app.command()
def create(
    context: typer.Context,
    expires_in: Annotated[str, typer.Option(help="How long it may be used: 15m, 1h.", metavar="DURATION")] = "15m",
) -> None:
    """Create a token and print the line to run on the new machine.

    The token is shown this once. The data on stdout is the line alone, so that it can be piped to the machine.

    Examples:
      corral token create
      ssh build-3 "$(corral token create --expires-in 5m)"
      corral token create --json | jq -r .token
    """
    cli = invocation(context)
    body = present(expires_in=int(seconds(expires_in)), project_id=project_id(cli))
    made = cli.client.post("/servers/tokens", body, people=True)
    if cli.output.machine:
        cli.output.json(made)
        return
    if not cli.output.quiet:
        _warn_of_a_private_address(str(made["token"]))
        talk(f"Run this on the new machine; it works once and expires {relative(made.get('expires_at'), clock.now())}:")
    cli.output.line(clean(made["token"] if cli.output.quiet else made["command"]))


def _warn_of_a_private_address(token: str) -> None:
    """The token carries the hub's address; one of this machine alone leads another machine to itself."""
    try:
        url = parse_token(token).hub_url
    except BadToken:
        return
    if urlsplit(url).hostname in LOOPBACK:
        talk(f"Only this machine can reach {url}, the address in the token. For others, start the hub with")
        talk("  corral up --host 0.0.0.0      (or CORRAL_PUBLIC_URL, if it has a name) and make a new token.")


@app.command("list")
def list_tokens(context: typer.Context) -> None:
    """List the tokens, without their secrets.

    Example:
      corral token list
    """
    cli = invocation(context)
    found = cli.client.get("/servers/tokens", people=True)
    cli.output.rows(
        found.get("tokens", []), TOKENS, envelope=found, empty="No tokens. `corral token create` makes one."
    )


@app.command()
def revoke(
    context: typer.Context, token: Annotated[str, typer.Argument(metavar="ID", help="Id from `token list`.")]
) -> None:
    """Revoke a token that was not used yet.

    Example:
      corral token revoke 5d0e
    """
    cli = invocation(context)
    cli.output.result(cli.client.delete(f"/servers/tokens/{segment(token)}", people=True), f"Revoked {token}.")
