"""server list, show, drain, resume, cordon, remove; server token …"""

from typing import Annotated, Any

import typer

from corral_cli.body import present
from corral_cli.client import segment
from corral_cli.commands import token
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Usage
from corral_cli.lookup import server_names
from corral_cli.mount import noun
from corral_cli.reading import confirm, read_document, read_file
from corral_cli.views import SERVER_BLOCKS, SERVER_FIELDS, SERVERS

app = noun("The machines that do the work.")
app.add_typer(token.app, name="token")

Server = Annotated[str, typer.Argument(metavar="SERVER", help="Name or id.", autocompletion=server_names)]


@app.command("list")
def list_servers(context: typer.Context) -> None:
    """List the machines: online or not, slots in use, repositories, agent CLIs.

    Examples:
      corral server list
      corral server list --json | jq -r '.servers[] | select(.status == "online") | .name'
    """
    cli = invocation(context)
    found = cli.client.get("/servers")
    empty = "No machine yet. `corral token create` prints the line that adds one."
    cli.output.rows(found["servers"], SERVERS, envelope=found, empty=empty)


@app.command()
def show(context: typer.Context, server: Server) -> None:
    """Show everything known about a machine: what it measured, declared, and what was overridden.

    Example:
      corral server show build-3
    """
    cli = invocation(context)
    cli.output.item(cli.client.get(f"/servers/{segment(server)}", people=True), SERVER_FIELDS, SERVER_BLOCKS)


@app.command()
def drain(context: typer.Context, server: Server) -> None:
    """Let a machine finish what it holds and give it nothing new. `resume` ends it.

    Example:
      corral server drain build-3
    """
    _done(context, invocation(context).client.post(_path(server, "drain"), people=True), "is draining")


@app.command()
def resume(context: typer.Context, server: Server) -> None:
    """Give work to a machine again, after drain or cordon.

    Example:
      corral server resume build-3
    """
    _done(context, invocation(context).client.post(_path(server, "resume"), people=True), "takes work again")


@app.command()
def cordon(context: typer.Context, server: Server) -> None:
    """Give nothing new to a machine, whatever it says about itself. `resume` ends it.

    Example:
      corral server cordon build-3
    """
    _done(context, invocation(context).client.patch(_path(server), {"cordoned": True}), "is cordoned")


@app.command("set")
def change(
    context: typer.Context,
    server: Server,
    name: Annotated[str | None, typer.Option(help="New name.")] = None,
    max_concurrent: Annotated[int | None, typer.Option(min=1, help="How many tasks at once.")] = None,
    file: Annotated[
        str | None, typer.Option("--file", help="Capability overrides as JSON or TOML.", metavar="FILE")
    ] = None,
) -> None:
    """Change a machine's name or slots, or override what it says it can do.

    Examples:
      corral server set build-3 --max-concurrent 4
      echo '{"tags": ["gpu"]}' | corral server set build-3 --file -
    """
    overrides: Any = read_document(read_file(file), file) if file else None
    body = present(name=name, max_concurrent=max_concurrent, overrides=overrides)
    if not body:
        raise Usage("nothing to change was given", hint="Give --name, --max-concurrent or --file.")
    _done(context, invocation(context).client.patch(_path(server), body), "is changed")


@app.command()
def remove(
    context: typer.Context,
    server: Server,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Remove a machine and revoke its key; it has to join again to come back.

    Example:
      corral server remove build-3 --yes
    """
    cli = invocation(context)
    confirm(f"Remove {server} and revoke its key?", yes=yes)
    cli.output.result(cli.client.delete(_path(server), people=True), f"Removed {server}.")


def _path(server: str, *rest: str) -> str:
    return "/".join(("/servers", segment(server), *rest))


def _done(context: typer.Context, found: dict[str, Any], what: str) -> None:
    cli: Invocation = invocation(context)
    cli.output.result(found, f"{found.get('name') or found.get('id')} {what}.")
