"""What every command gets: settings, the way to print, and a client; each made at first use.

First use matters: a broken configuration must not stop `--help` or `config check`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import typer

from corral_cli.client import Client
from corral_cli.config_file import Loaded, load
from corral_cli.errors import BadConfig, Usage
from corral_cli.output import Format, Output


@dataclass(kw_only=True)
class Invocation:
    """One run of the program. `flags` are the settings given on the command line, None where they were not."""

    flags: Mapping[str, str | None]
    environment: Mapping[str, str]
    directory: Path
    quiet: bool = False
    columns: tuple[str, ...] = ()
    headers: bool = True
    colour: bool = True

    @cached_property
    def loaded(self) -> Loaded:
        return load(self.flags, self.environment, self.directory)

    @cached_property
    def output(self) -> Output:
        chosen = self.flags.get("output") or self.loaded.value("output") or Format.TABLE.value
        return Output(
            format=read_format(chosen, self),
            quiet=self.quiet,
            columns=self.columns,
            headers=self.headers,
            colour=self.colour,
        )

    @cached_property
    def client(self) -> Client:
        return Client(self.loaded.hub_url, self.loaded.credential)

    @property
    def project(self) -> str | None:
        return self.loaded.value("project")

    def own_task(self, given: str | None) -> str:
        """Return the task named, or the one this process works on. Raises Usage."""
        task = given or self.loaded.value("task_id")
        if not task:
            raise Usage(
                "no task named, and CORRAL_TASK_ID is not set",
                code="no_task",
                hint="Give an id or its first four characters; `corral task list` shows them.",
            )
        return task

    def close(self) -> None:
        if "client" in self.__dict__:
            self.client.close()


def read_format(text: str, asked: Invocation) -> Format:
    """Return the format named by a flag, a variable or a file. Raises BadConfig."""
    try:
        return Format(text)
    except ValueError as error:
        where = asked.loaded.settings["output"].where
        raise BadConfig(f"{text!r} (from {where}) is no way to print", hint="Choose table, json or ndjson.") from error


def invocation(context: typer.Context) -> Invocation:
    """Return what the root callback stored."""
    found = context.find_root().obj
    if not isinstance(found, Invocation):
        raise TypeError("the command was started without the program around it")
    return found
