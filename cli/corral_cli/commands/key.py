"""key create, list, revoke: API keys of people, for scripts."""

from enum import StrEnum
from typing import Annotated

import typer

from corral_cli import clock
from corral_cli.body import present, seconds
from corral_cli.client import segment
from corral_cli.context import invocation
from corral_cli.mount import noun
from corral_cli.output import talk
from corral_cli.table import Column
from corral_cli.text import clean, relative
from corral_cli.views import identity, when

app = noun("API keys: what scripts and CI log in with.")

KEYS = (
    identity(),
    Column("name", lambda row: str(row.get("name", "")), cut=True),
    Column("prefix", lambda row: f"{row.get('prefix', '')}…"),
    Column("role", lambda row: str(row.get("role", ""))),
    Column("owner", lambda row: str(row.get("owner", ""))),
    Column("used", lambda row: str(row.get("used_on") or "never")),
    when("expires", "expires_at"),
    Column("status", lambda row: "revoked" if row.get("revoked_at") else ""),
)


class Role(StrEnum):
    ADMIN = "admin"
    VIEWER = "viewer"


@app.command()
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is for.")],
    role: Annotated[Role, typer.Option(help="What may be done with it.")] = Role.VIEWER,
    expires_in: Annotated[
        str | None, typer.Option(help="How long it counts: 12h, 90d. For ever when left out.", metavar="DURATION")
    ] = None,
) -> None:
    """Make an API key and print it. It is shown this once; the hub keeps a hash of it.

    A script sends it as `Authorization: Bearer KEY`, or logs this program in with `corral login --token-stdin`. It may
    do no more than you may, and makes no keys itself.

    Examples:
      corral key create nightly-report
      corral key create ci --role admin --expires-in 90d | gh secret set CORRAL_KEY
    """
    cli = invocation(context)
    lasting = seconds(expires_in) if expires_in else None
    made = cli.client.post("/keys", present(name=name, role=role.value, expires_in=lasting), people=True)
    if cli.output.machine:
        cli.output.json(made)
        return
    if not cli.output.quiet:
        until = f", expires {relative(made['expires_at'], clock.now())}" if made.get("expires_at") else ""
        talk(f"The key of {clean(made['name'])} ({clean(made['role'])}{until}); it is shown this once:")
    cli.output.line(clean(made["key"]))


@app.command("list")
def list_keys(context: typer.Context) -> None:
    """List API keys, newest first: whose they are, and the day each was last used.

    Example:
      corral key list
    """
    cli = invocation(context)
    found = cli.client.get("/keys", people=True)
    cli.output.rows(found["keys"], KEYS, envelope=found, empty="No keys. `corral key create` makes one.")


@app.command()
def revoke(
    context: typer.Context, key: Annotated[str, typer.Argument(metavar="KEY", help="Id or name, from `key list`.")]
) -> None:
    """Revoke an API key, at once and for good.

    Example:
      corral key revoke ci
    """
    cli = invocation(context)
    ended = cli.client.delete(f"/keys/{segment(key)}", people=True)
    cli.output.result(ended, f"Revoked {clean(ended.get('name') or key)}.")
