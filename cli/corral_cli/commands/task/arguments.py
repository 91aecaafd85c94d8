"""Arguments and options of the commands on tasks."""

from typing import Annotated

import typer

from corral_cli.client import segment
from corral_cli.context import Invocation
from corral_cli.lookup import task_ids
from corral_protocol import vocabulary

_RUN, _PLACE = "How it runs", "Where it fits"
_OWN = "Id, or its first four characters; within a task: that task."


def _one(about: str, metavar: str | None = None, panel: str | None = None, *names: str) -> typer.models.OptionInfo:
    return typer.Option(*names, help=about, metavar=metavar, rich_help_panel=panel)


Task = Annotated[str, typer.Argument(metavar="TASK", help="Id, or its first four characters.", autocompletion=task_ids)]
OwnTask = Annotated[str | None, typer.Argument(metavar="[TASK]", help=_OWN, autocompletion=task_ids)]
Timeout = Annotated[str | None, _one("Give up after this long: 90s, 10m, 1h.", "DURATION")]
DependsOn = Annotated[str, typer.Option(help="The task that comes first.", metavar="ID", autocompletion=task_ids)]

Title = Annotated[str | None, _one("What it is called.")]
Spec = Annotated[str | None, _one("What to do, in words; `-` reads it from stdin.")]
SpecFile = Annotated[str | None, _one("File that holds the specification.", "FILE")]
File = Annotated[str | None, _one("Whole task as JSON or TOML; `-`: stdin.", "FILE", None, "--file")]
Type = Annotated[vocabulary.TaskType | None, _one("Kind of work.", None, None, "--type")]
Priority = Annotated[vocabulary.Priority | None, _one("Higher goes first.")]
Criteria = Annotated[list[str] | None, _one("When it counts as done; may be repeated.", "TEXT")]
DependsOnMany = Annotated[
    list[str] | None,
    typer.Option(help="Task that comes first: ID, or ID:input:KEY.", metavar="ID", autocompletion=task_ids),
]
Contract = Annotated[list[str] | None, _one("Key it must deliver; `key?` is optional.", "KEY")]
StructuredSpec = Annotated[str | None, _one("File with the machine-read part.", "FILE")]
Assign = Annotated[str | None, _one("Give it to this session at once.", "SESSION")]
RequirePlan = Annotated[bool, _one("A plan must be approved first.", None, None, "--require-plan")]
Review = Annotated[bool, _one("The result must be approved.", None, None, "--review")]
ClientKey = Annotated[str | None, _one("The same key twice creates one task.", "KEY")]

Repo = Annotated[str | None, _one("Repository it works on.", None, _PLACE)]
Branch = Annotated[str | None, _one("Branch it works on.", None, _PLACE)]
Requires = Annotated[list[str] | None, _one("What a machine needs: languages=python …", "NAME=VALUE", _PLACE)]

Command = Annotated[list[str] | None, typer.Argument(metavar="-- COMMAND", help="Command to run, after `--`.")]
Shell = Annotated[str | None, _one("Shell line to run.", None, _RUN)]
Agent = Annotated[str | None, _one("Agent CLI to run, e.g. claude_code.", None, _RUN)]
InSession = Annotated[str | None, _one("Agent CLI to run in its own interface, in a terminal.", "AGENT", _RUN)]
Prompt = Annotated[str | None, _one("Prompt for the agent.", None, _RUN)]
Model = Annotated[str | None, _one("Model for the agent.", None, _RUN)]
Directory = Annotated[str | None, _one("repo, worktree or scratch.", "WHERE", _RUN)]
RunTimeout = Annotated[str | None, _one("Stop it after: 90s, 10m.", "DURATION", _RUN)]
Env = Annotated[list[str] | None, _one("Variable for it.", "NAME=VALUE", _RUN)]
Merge = Annotated[bool, _one("Merge the worktree when done.", None, _RUN, "--merge")]


def path_of(cli: Invocation, task: str | None, *rest: str) -> str:
    """Return the route of a task, or of something below it."""
    return "/".join(("/tasks", segment(cli.own_task(task)), *rest))
