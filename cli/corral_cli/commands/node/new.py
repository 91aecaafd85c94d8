"""node new: the file of a node type, written where it is wanted."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from corral_cli.context import invocation
from corral_cli.errors import Conflict, Failed
from corral_cli.up.place import home_of
from corral_cli.workflow.scaffold import (
    KINDS,
    Parameter,
    module_name,
    node_file,
    read_parameter,
    read_type,
    title_of,
)

Wanted = Annotated[
    list[str] | None,
    typer.Option("--parameter", help=f"A parameter; may be repeated. Kinds: {KINDS}.", metavar="NAME:KIND=DEFAULT"),
]


def new(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="TYPE", help="What workflows call it, e.g. wordCount.")],
    parameter: Wanted = None,
    title: Annotated[str | None, typer.Option(help="What people call it.")] = None,
    category: Annotated[str, typer.Option(help="Where lists show it.")] = "own",
    directory: Annotated[str | None, typer.Option(help="Where to write the file; else here.", metavar="DIR")] = None,
    install: Annotated[
        bool, typer.Option("--install", help="Write it where the daemon of this machine looks.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the file if it is there.")] = False,
) -> None:
    """Write the file of a new node type: typed parameters, a result, a docstring. Nothing else has to know of it.

    A daemon offers what is in the folder `nodes` beside its configuration, within a minute and without a
    restart. Which folder that is on this machine is told; elsewhere, copy the file there.

    Examples:
      corral node new wordCount
      corral node new wordCount --parameter text:str --parameter lowest:int=1 --install
      corral node new acme.deploy --directory ~/nodes --title 'Deploy to Acme'
    """
    cli = invocation(context)
    type_ = read_type(name)
    parameters = [read_parameter(word) for word in parameter or ()] or [Parameter("text")]
    parameters.sort(key=lambda one: one.default is not None)
    folder = nodes_folder(os.environ)
    target = folder if install else Path(directory or ".").expanduser()
    path = target / f"{module_name(type_)}.py"
    _write(path, node_file(type_, title or title_of(type_), category, parameters), force=force)
    sentence = f"Wrote {path}."
    if path.resolve().parent != folder.resolve():
        sentence += f" The daemon of this machine looks in {folder}: copy it there, and `corral node list` shows it."
    else:
        sentence += f" `corral node show {type_}` shows it once the daemon has seen it."
    cli.output.result({"id": type_, "path": str(path), "nodes_folder": str(folder)}, sentence)


def nodes_folder(environment: Mapping[str, str]) -> Path:
    """Return where the daemon of this machine looks: the folder `nodes` beside its configuration."""
    config = environment.get("CORRAL_DAEMON_CONFIG")
    return (Path(config).expanduser().absolute().parent if config else home_of(environment)) / "nodes"


def _write(path: Path, text: str, *, force: bool) -> None:
    """Raises Conflict, Failed."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        hint = "Choose another name, or replace it with --force."
        raise Conflict(f"{path} is there already", code="file_exists", hint=hint) from error
    except OSError as error:
        hint = "Name a folder you may write to: --directory DIR."
        raise Failed(f"{path} cannot be written: {error.strerror}", code="unwritable", hint=hint) from error
