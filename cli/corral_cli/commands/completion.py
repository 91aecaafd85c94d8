"""completion: the script that teaches a shell our commands and ids."""

from enum import StrEnum
from typing import Annotated

import typer
from typer.completion import get_completion_script  # pyright: ignore[reportPrivateImportUsage]

from corral_cli.context import invocation


class Shell(StrEnum):
    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"
    POWERSHELL = "powershell"


def completion(context: typer.Context, shell: Annotated[Shell, typer.Argument(help="For which shell.")]) -> None:
    """Print a completion script. It completes commands, options, and the ids of tasks, servers and projects.

    `corral --install-completion` puts it in place by itself.

    Examples:
      corral completion bash > ~/.local/share/bash-completion/completions/corral
      corral completion zsh > ~/.zfunc/_corral
      corral completion fish > ~/.config/fish/completions/corral.fish
    """
    script = get_completion_script(prog_name="corral", complete_var="_CORRAL_COMPLETE", shell=shell.value)
    invocation(context).output.line(script)
