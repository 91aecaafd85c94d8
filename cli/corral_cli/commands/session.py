"""session list."""

import typer

from corral_cli.context import invocation
from corral_cli.lookup import project_id
from corral_cli.mount import NounGroup, noun
from corral_cli.views import SESSIONS

app = noun("Terminal sessions on the machines.")
app.info.cls = NounGroup


@app.command("list")
def list_sessions(context: typer.Context) -> None:
    """List the sessions of the project.

    [bold]Example[/bold]
      corral session list
    """
    cli = invocation(context)
    found = cli.client.get("/sessions", project_id=project_id(cli))
    cli.output.rows(found["sessions"], SESSIONS, envelope=found, empty="No sessions.")


@app.callback()
def sessions() -> None:
    """Keep this a group while it has only one verb."""
