"""completion: the script that teaches a shell our commands and ids."""

from enum import StrEnum
from typing import Annotated

import typer

from corral_cli.context import invocation
from corral_cli.tab import SCRIPTS


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(context: typer.Context, shell: Annotated[Shell, typer.Argument(help="For which shell.")]) -> None:
    """Print a completion script. It completes commands, options, and the ids of tasks, servers and projects.

    Put the line for your shell into its start-up file: ~/.bashrc, ~/.zshrc (after compinit) or config.fish.

    Examples:
      source <(corral completion bash)
      source <(corral completion zsh)
      corral completion fish | source
    """
    invocation(context).output.line(SCRIPTS[shell.value].rstrip())
