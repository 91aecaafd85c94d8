"""daemon run|install|uninstall|status|probe|repo: the daemon's own program under our name."""

import typer

from corral_cli.commands.join import become_daemon
from corral_cli.context import invocation
from corral_cli.mount import noun, passing_through

app = noun(
    "The process that serves this machine. Every verb hands its options to the daemon's own program; "
    "`corral daemon VERB -- --help` shows that program's page."
)


@app.command(context_settings=passing_through.settings)
def run(context: typer.Context) -> None:
    """Serve this machine in the foreground until Ctrl-C or SIGTERM (which drains first).

    Examples:
      corral daemon run
      corral daemon run --config /etc/corral/daemon.toml
    """
    _hand_over(context, "run")


@app.command(context_settings=passing_through.settings)
def install(context: typer.Context) -> None:
    """Install a service (systemd or launchd) that serves this machine from boot on.

    Example:
      corral daemon install
    """
    _hand_over(context, "install")


@app.command(context_settings=passing_through.settings)
def uninstall(context: typer.Context) -> None:
    """Stop and remove the service; configuration and spool stay.

    Example:
      corral daemon uninstall
    """
    _hand_over(context, "uninstall")


@app.command(context_settings=passing_through.settings)
def status(context: typer.Context) -> None:
    """Show whether a daemon serves this machine, for which hub, and what it holds.

    Example:
      corral daemon status --json
    """
    _hand_over(context, "status")


@app.command(context_settings=passing_through.settings)
def probe(context: typer.Context) -> None:
    """Measure what this machine can do: repositories, languages, tools, agent CLIs and their login state.

    Example:
      corral daemon probe --json
    """
    _hand_over(context, "probe")


@app.command(context_settings=passing_through.settings)
def repo(context: typer.Context) -> None:
    """Offer a repository of this machine to the hub's tasks, or stop offering it; a running daemon notices.

    Examples:
      corral daemon repo add website ~/src/website
      corral daemon repo remove website
    """
    _hand_over(context, "repo")


def _hand_over(context: typer.Context, verb: str) -> None:
    as_json = ["--json"] if invocation(context).flags.get("output") == "json" else []
    become_daemon([verb, *context.args, *as_json])
