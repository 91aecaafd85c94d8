"""dashboard: the address of the hub's pages, which logs in whoever may ask for that."""

import typer

from corral_cli.client import segment
from corral_cli.context import invocation
from corral_cli.output import talk
from corral_cli.text import clean


def dashboard(context: typer.Context) -> None:
    """Print an address that opens the dashboard in a browser and logs you in there.

    The address works once, within 15 minutes, and gives whoever opens it your login: do not share it. Who is no
    administrator gets the plain address, and logs in with a password.

    Examples:
      corral dashboard
      xdg-open "$(corral dashboard)"
    """
    cli = invocation(context)
    me = cli.client.get("/me", people=True)
    made = {"url": cli.client.hub_url}
    if me.get("role") == "admin":
        made = cli.client.post(f"/users/{segment(me['id'])}/link", people=True)
    if cli.output.machine:
        cli.output.json(made)
        return
    if "expires_at" in made and not cli.output.quiet:
        talk("It logs you in, once, within 15 minutes:")
    cli.output.line(clean(made["url"]))
