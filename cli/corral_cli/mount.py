"""Groups of commands: loaded when they are used, found by their aliases, with a readable help page."""

import importlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup

from corral_cli.frugal import make_frugal
from corral_cli.help import page

ALIASES: Mapping[str, tuple[str, ...]] = {
    "ls": ("list",),
    "get": ("show",),
    "view": ("show",),
    "rm": ("remove", "revoke", "cancel"),
}
"""A word everybody tries → the verbs it may mean here, best first."""


@dataclass(frozen=True, slots=True)
class Mount:
    """`target` is `module:name` of a typer app or of a function; `summary` its line in the list of commands."""

    target: str
    summary: str
    panel: str


class NounGroup(TyperGroup):
    """A noun: aliases for its verbs; without a verb it shows what there is (a usage error, so scripts notice)."""

    bare_exit_code: ClassVar[int] = 2

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        if cmd_name not in self.commands:
            cmd_name = next((verb for verb in ALIASES.get(cmd_name, ()) if verb in self.commands), cmd_name)
        return super().get_command(ctx, cmd_name)

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # pyright: ignore[reportIncompatibleMethodOverride]
        if not args and not ctx.resilient_parsing:
            typer.echo(ctx.get_help(), color=ctx.color)
            ctx.exit(self.bare_exit_code)
        return super().parse_args(ctx, args)


class LazyGroup(NounGroup):
    """Imports a noun's module when the noun is used; the list of commands needs none of them."""

    mounts: ClassVar[Mapping[str, Mount]] = {}

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, mount in self.mounts.items():
            self.add_command(TyperCommand(name, help=mount.summary, rich_help_panel=mount.panel), name)

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        name, command, rest = super().resolve_command(ctx, args)
        if command is not None and command.name in self.mounts:
            command = load(str(command.name), self.mounts[str(command.name)])
        return name, command, rest


def load(name: str, mount: Mount) -> Any:
    """Return the command a mount names, ready to run."""
    module, _, attribute = mount.target.partition(":")
    found = getattr(importlib.import_module(module), attribute)
    if not isinstance(found, typer.Typer):
        single = typer.Typer(add_completion=False)
        single.command(name)(found)
        found = single
    command = ready(typer.main.get_command(found))
    command.name = name
    return command


def ready(command: Any) -> Any:
    """Return the command; it and everything below it are cheap to start and have help pages of ours."""
    make_frugal(command)
    command.format_help = partial(_write_page, command)
    for below in getattr(command, "commands", {}).values():
        ready(below)
    return command


def _write_page(command: Any, context: typer.Context, formatter: Any) -> None:
    formatter.write(page(command, context.command_path, shutil.get_terminal_size().columns))


def noun(about: str) -> typer.Typer:
    """Return an empty group for one noun."""
    return typer.Typer(cls=NounGroup, help=about, add_completion=False, pretty_exceptions_enable=False)
