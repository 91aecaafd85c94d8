"""session list."""

import typer

from corral_cli.context import invocation
from corral_cli.errors import NotFound
from corral_cli.lookup import project_id
from corral_cli.mount import NounGroup, noun
from corral_cli.views import SESSIONS

app = noun("Terminal sessions on the machines.")
app.info.cls = NounGroup


@app.command("list")
def list_sessions(context: typer.Context) -> None:
    """List the sessions of the project.

    Example:
      corral session list
    """
    cli = invocation(context)
    try:
        found = cli.client.get("/sessions", project_id=project_id(cli))
    except NotFound as error:
        if error.code != "route_not_found":
            raise
        hint = "Servers and agents see theirs: run this with CORRAL_API_KEY set, on the machine."
        raise NotFound("this hub does not show sessions to people yet", code="no_sessions", hint=hint) from error
    cli.output.rows(found["sessions"], SESSIONS, envelope=found, empty="No sessions.")


@app.callback()
def sessions() -> None:
    """Keep this a group while it has only one verb."""
