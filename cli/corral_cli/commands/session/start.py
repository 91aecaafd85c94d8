"""session start."""

from typing import Annotated, Any

import typer

from corral_cli.body import present, variables
from corral_cli.commands.session.arguments import (
    Agent,
    Command,
    DetachKeys,
    Env,
    Record,
    Server,
    Size,
    Task,
    Worktree,
    name_of,
)
from corral_cli.commands.session.attach import (
    read_detach_keys,
    require_terminal,
    visit_session,
)
from corral_cli.commands.session.life import read_size
from corral_cli.context import Invocation, invocation
from corral_cli.errors import Usage
from corral_cli.lazy import lazy
from corral_cli.lookup import project_id
from corral_cli.terminal.wish import Wish
from corral_cli.text import clean

tty = lazy("corral_cli.terminal.tty")


def start(
    context: typer.Context,
    command: Command = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    server: Server = None,
    agent: Agent = None,
    directory: Annotated[str | None, typer.Option(help="Directory to start in.", metavar="PATH")] = None,
    repo: Annotated[str | None, typer.Option(help="Repository to start in.")] = None,
    worktree: Worktree = False,
    task: Task = None,
    role: Annotated[str | None, typer.Option(help="Role of the agent: worker, orchestrator.")] = None,
    env: Env = None,
    size: Size = None,
    record: Record = True,
    attach: Annotated[bool, typer.Option("--attach", "-a", help="Bring it into this terminal at once.")] = False,
    detach_keys: DetachKeys = None,
) -> None:
    """Start a terminal session on a machine: a shell, a command, or an agent in its own interface.

    Examples:
      corral session start --attach
      corral session start --server build-3 --name build -- make -j8 all
      corral session start --agent claude_code --repo shop --worktree --attach
      corral session start -q --no-record -- htop
    """
    cli = invocation(context)
    if command and agent:
        raise Usage("a session runs a command or an agent", hint="Leave out --agent, or the words behind `--`.")
    keys = read_detach_keys(cli, detach_keys)
    cols, rows = _size(size, attach)
    body = present(
        name=name, server=server, agent_type=agent, working_directory=directory, repo=repo, task_id=task, role=role,
        worktree=worktree or None, argv=command or None, env=variables(env or []) or None, cols=cols, rows=rows,
        project_id=project_id(cli), record=None if record else False,
    )  # fmt: skip
    session: dict[str, Any] = cli.client.post("/sessions", body)
    if attach:
        visit_session(cli, Wish(session=session, keys=keys))
    _tell(cli, session)


def _size(given: str | None, attach: bool) -> tuple[int | None, int | None]:
    """Return the size to start with. Raises Usage where it shall be brought here and there is no terminal."""
    if attach:
        require_terminal(view=False)
    return read_size(given) if given else tty.window_size(1) if attach else (None, None)


def _tell(cli: Invocation, session: dict[str, Any]) -> None:
    name, server = name_of(session), clean(session.get("server_name") or "")
    place = f"{name} on {server}" if server else name
    cli.output.result(session, f"Started {place}. `corral attach {name}` brings it here.")
