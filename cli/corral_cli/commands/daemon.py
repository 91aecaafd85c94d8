"""daemon run|install|uninstall|status|probe|repo: the daemon's own program under our name."""

from pathlib import Path
from typing import Annotated

import typer

from corral_cli.commands.join import Config, become_daemon
from corral_cli.mount import noun

app = noun("The process that serves this machine.")
repo = noun("Repositories of this machine that tasks may work on; a running daemon notices changes.")

User = Annotated[bool, typer.Option("--user", help="A service of this user; the default.")]
System = Annotated[bool, typer.Option("--system", help="A service of the machine; needs root.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only show what would be done.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="What tasks call it.")]


@app.command()
def run(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Stop after one task; exit code 94 if none came.")] = False,
    config: Config = None,
) -> None:
    """Serve this machine in the foreground. SIGTERM finishes what runs first; Ctrl-C, or a second SIGTERM, stops now.

    Examples:
      corral daemon run
      corral daemon run --config /etc/corral/daemon.toml
    """
    become_daemon(context, "run")


@app.command()
def install(
    context: typer.Context, user: User = False, system: System = False, dry_run: DryRun = False, config: Config = None
) -> None:
    """Install a service (systemd or launchd) that serves this machine from boot on.

    Examples:
      corral daemon install --dry-run
      sudo corral daemon install --system
    """
    become_daemon(context, "install")


@app.command()
def uninstall(
    context: typer.Context, user: User = False, system: System = False, dry_run: DryRun = False, config: Config = None
) -> None:
    """Stop and remove the service; configuration and spool stay.

    Example:
      corral daemon uninstall
    """
    become_daemon(context, "uninstall")


@app.command()
def status(context: typer.Context, config: Config = None) -> None:
    """Show whether a daemon serves this machine, for which hub, and what it holds.

    Example:
      corral daemon status --json
    """
    become_daemon(context, "status")


@app.command()
def probe(context: typer.Context, config: Config = None) -> None:
    """Measure what this machine can do: repositories, languages, tools, agent CLIs and their login state.

    Example:
      corral daemon probe --json
    """
    become_daemon(context, "probe")


@repo.command()
def add(
    context: typer.Context,
    name: Name,
    path: Annotated[Path, typer.Argument(metavar="PATH", help="Where it is.")],
    config: Config = None,
) -> None:
    """Offer a repository of this machine to the hub's tasks.

    Example:
      corral daemon repo add website ~/src/website
    """
    become_daemon(context, "repo", "add")


@repo.command()
def remove(context: typer.Context, name: Name, config: Config = None) -> None:
    """Stop offering a repository; its files stay.

    Example:
      corral daemon repo remove website
    """
    become_daemon(context, "repo", "remove")


app.add_typer(repo, name="repo")
