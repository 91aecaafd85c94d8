"""Arguments of the commands on sessions, and the columns people see of them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from corral_cli import clock
from corral_cli.client import segment
from corral_cli.lookup import server_names, session_names, task_ids
from corral_cli.output import field
from corral_cli.table import Column, Row
from corral_cli.text import clean, format_duration, short_id
from corral_cli.views import block, identity, when

Session = Annotated[
    str,
    typer.Argument(metavar="SESSION", help="Name or id, or that of the task in it.", autocompletion=session_names),
]

View = Annotated[bool, typer.Option("--view", help="Watch only; nothing you type goes there.")]
Take = Annotated[bool, typer.Option("--take", help="Take control from whoever has it.")]
DetachKeys = Annotated[
    str | None,
    typer.Option("--detach-keys", metavar="KEYS", help="Keys that leave the session; `none` for no such keys."),
]
AllowClipboard = Annotated[
    bool, typer.Option("--allow-clipboard", help="Let the session write your clipboard; it can never read it.")
]
AllowTitles = Annotated[bool, typer.Option("--allow-titles", help="Let the session change the title of your window.")]
Offset = Annotated[
    int | None, typer.Option(min=0, help="Begin at this byte of its output, not with its screen.", metavar="BYTE")
]

Command = Annotated[list[str] | None, typer.Argument(metavar="-- COMMAND", help="Else: a login shell.")]
Server = Annotated[str | None, typer.Option(help="The machine.", metavar="SERVER", autocompletion=server_names)]
Agent = Annotated[str | None, typer.Option(help="Agent CLI to run in its own interface: claude_code …")]
Task = Annotated[
    str | None, typer.Option("--task-id", help="Task it belongs to.", metavar="ID", autocompletion=task_ids)
]
Env = Annotated[list[str] | None, typer.Option(help="Variable for it.", metavar="NAME=VALUE")]
Size = Annotated[str | None, typer.Option(help="Size of its terminal.", metavar="COLUMNSxROWS")]
Worktree = Annotated[bool, typer.Option("--worktree", help="In a fresh git worktree of the repository.")]
Record = Annotated[bool, typer.Option("--record/--no-record", help="Keep what it prints, for `replay`.")]


def path_of(session: str, *rest: str) -> str:
    """Return the route of a session, or of something below it."""
    return "/".join(("/sessions", segment(session), *rest))


def name_of(session: Mapping[str, Any]) -> str:
    """Return what a session is called: its name, or the beginning of its id."""
    return clean(session.get("name") or short_id(session.get("id")))


def attention(row: Row) -> str:
    """Return what a session is doing, for how long, and the evidence: `waits_for_input 3m07s: asks to go on`."""
    found = row.get("attention")
    if not isinstance(found, dict) or not found.get("attention"):
        return ""
    since, why = found.get("since"), found.get("why")
    age = f" {format_duration(clock.now().timestamp() - since)}" if isinstance(since, (int, float)) else ""
    return f"{found['attention']}{age}" + (f": {why}" if why else "")


def _ending(row: Row) -> str:
    if row.get("signal") is not None:
        return f"signal {row['signal']}"
    if row.get("exit_code") is not None:
        return f"exit code {row['exit_code']}"
    return str(row.get("error") or "")


def _command(row: Row) -> str:
    argv = row.get("argv")
    return " ".join(str(word) for word in argv) if isinstance(argv, list) and argv else str(row.get("agent_type") or "")


_STYLES = {"running": "green", "starting": "cyan", "failed": "red", "lost": "red"}
_ATTENTION_STYLES = {"waits_for_input": "yellow", "finished": "green", "dead": "red"}


def _style(row: Row) -> str:
    return _STYLES.get(str(row.get("status")), "dim")


def _attention_style(row: Row) -> str:
    return _ATTENTION_STYLES.get(attention(row).split(" ")[0], "")


_DOING = Column("attention", attention, _attention_style, wide=True)

SESSIONS: Sequence[Column] = (
    identity(),
    field("name"),
    field("status", style=_style),
    _DOING,
    field("server", "server_name"),
    Column("task", lambda row: short_id(row.get("task_id"))),
    field("driver"),
    Column("command", _command, wide=True),
)

FIELDS: Sequence[Column] = (
    field("id"),
    field("name"),
    field("status", style=_style),
    _DOING,
    Column("ended with", _ending),
    field("server", "server_name"),
    field("driver"),
    field("watchers"),
    Column("command", _command),
    field("agent", "agent_type"),
    field("role"),
    field("task", "task_id"),
    field("directory", "working_directory"),
    field("repo"),
    Column("size", lambda row: f"{row['cols']}×{row['rows']}" if row.get("cols") else ""),
    field("output bytes", "output_bytes"),
    Column("recorded", lambda row: "yes" if row.get("record") else ""),
    field("pid"),
    field("created by", "created_by"),
    when("created", "created_at"),
    when("started", "started_at"),
    when("ended", "ended_at"),
)

BLOCKS: Sequence[Column] = (block("Error", "error"),)
