"""The composition of the program: every noun in one table, and the options that go for all of them."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar

import typer

from corral_cli.context import Invocation
from corral_cli.errors import EXIT_CODES
from corral_cli.lazy import lazy
from corral_cli.mount import LazyGroup, Mount
from corral_cli.output import Format

if TYPE_CHECKING:
    import importlib.metadata as metadata
else:
    metadata = lazy("importlib.metadata")

_START, _WORK, _FLEET, _SELF = "Start here", "Work", "Machines, projects, people", "This program"

MOUNTS: Mapping[str, Mount] = {
    "up": Mount("corral_cli.up.command:up", "Start database, hub and a daemon on this machine.", _START),
    "demo": Mount("corral_cli.demo.command:demo", "Run a small graph of real tasks; needs no API key.", _START),
    "login": Mount("corral_cli.commands.login:login", "Log in to a hub and remember it.", _START),
    "logout": Mount("corral_cli.commands.login:logout", "End the login, here and on the hub.", _START),
    "whoami": Mount("corral_cli.commands.login:whoami", "Who the hub takes you for.", _START),
    "dashboard": Mount("corral_cli.commands.dashboard:dashboard", "Open the hub's pages in a browser.", _START),
    "status": Mount(
        "corral_cli.commands.status:status", "The hub, its machines, the work, and what needs you.", _START
    ),
    "inbox": Mount("corral_cli.commands.inbox:inbox", "What needs you: why, since when, what to do.", _START),
    "doctor": Mount("corral_cli.doctor.command:doctor", "Find out what is wrong here and how to repair it.", _START),
    "task": Mount("corral_cli.commands.task:app", "Create, follow, work on and steer tasks.", _WORK),
    "pipeline": Mount("corral_cli.commands.pipeline:app", "Create a graph of tasks from one file.", _WORK),
    "workflow": Mount("corral_cli.commands.workflow:app", "Write down, publish and run graphs of nodes.", _WORK),
    "deployment": Mount("corral_cli.commands.deployment:app", "Workflows whose triggers are armed.", _WORK),
    "run": Mount("corral_cli.commands.run:app", "Runs of workflows: follow, steer, look back.", _WORK),
    "dlq": Mount("corral_cli.commands.dlq:app", "Nodes that have failed for good: look, replay, remove.", _WORK),
    "node": Mount("corral_cli.commands.node:app", "The node types that your machines offer.", _WORK),
    "intervention": Mount("corral_cli.commands.intervention:app", "Questions of agents, and your answers.", _WORK),
    "session": Mount("corral_cli.commands.session:app", "Terminal sessions on the machines.", _WORK),
    "attach": Mount("corral_cli.commands.session.attach:attach", "Bring a session into this terminal.", _WORK),
    "exec": Mount("corral_cli.commands.exec:execute", "Run a single command on a machine.", _WORK),
    "file": Mount("corral_cli.commands.file:app", "Files on the machines.", _WORK),
    "server": Mount("corral_cli.commands.server:app", "The machines that do the work.", _FLEET),
    "token": Mount("corral_cli.commands.token:app", "Registration tokens for new machines.", _FLEET),
    "join": Mount("corral_cli.commands.join:join", "Make this machine a server of a hub.", _FLEET),
    "daemon": Mount("corral_cli.commands.daemon:app", "The process that serves this machine.", _FLEET),
    "project": Mount("corral_cli.commands.project:app", "Projects and their settings.", _FLEET),
    "user": Mount("corral_cli.commands.user:app", "The people who may log in.", _FLEET),
    "key": Mount("corral_cli.commands.key:app", "API keys, for scripts and CI.", _FLEET),
    "audit": Mount("corral_cli.commands.audit:audit", "Who administered what.", _FLEET),
    "config": Mount("corral_cli.commands.config:app", "Where settings come from, and whether they are right.", _SELF),
    "completion": Mount("corral_cli.commands.completion:completion", "Print the completion script for a shell.", _SELF),
    "version": Mount("corral_cli.commands.config:show_version", "Print the version.", _SELF),
}


class Corral(LazyGroup):
    mounts: ClassVar[Mapping[str, Mount]] = MOUNTS
    bare_exit_code: ClassVar[int] = 0


_EPILOG = "Exit codes\n" + "\n".join(f"  {code:>3}  {meaning}" for code, meaning in EXIT_CODES)

app = typer.Typer(
    name="corral",
    cls=Corral,
    add_completion=False,
    epilog=_EPILOG,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"corral {metadata.version('corral-cli')}\n")
        raise typer.Exit


@app.callback()
def root(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; errors too.")] = False,
    output: Annotated[Format | None, typer.Option("-o", "--output", help="How to print.")] = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Print ids only.")] = False,
    columns: Annotated[str, typer.Option(metavar="A,B", help="Columns to print, in this order.")] = "",
    no_headers: Annotated[bool, typer.Option("--no-headers", help="Leave out the line of titles.")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour; NO_COLOR does the same.")] = False,
    hub_url: Annotated[str | None, typer.Option(metavar="URL", help="The hub to talk to.")] = None,
    profile: Annotated[str | None, typer.Option(metavar="NAME", help="The login to use.")] = None,
    project: Annotated[str | None, typer.Option(metavar="NAME|ID", help="The project to work in.")] = None,
    _version: Annotated[
        bool, typer.Option("--version", "-V", is_eager=True, callback=_print_version, help="Print the version.")
    ] = False,
) -> None:
    """One hub for every machine and every agent you run."""
    flags = {"hub_url": hub_url, "profile": profile, "project": project}
    flags["output"] = Format.JSON.value if as_json else (output.value if output else None)
    found = Invocation(
        flags=flags,
        environment=os.environ,
        directory=Path.cwd(),
        quiet=quiet,
        columns=tuple(name.strip() for name in columns.split(",") if name.strip()),
        headers=not no_headers,
        colour=not no_color and not os.environ.get("NO_COLOR"),
    )
    context.obj = found
    context.call_on_close(found.close)
