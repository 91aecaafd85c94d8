"""What a shell may offer at Tab, and the scripts that ask for it.

Not typer's: those put titles of tasks through zsh's `eval`, and whoever may create a task could run commands on the
machine of whoever presses Tab. Ours print `value<Tab>description`, and no shell evaluates either.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from typer._click.shell_completion import CompletionItem, ShellComplete  # pyright: ignore[reportPrivateImportUsage]
from typer.exceptions import TyperException

from corral_cli.argv import normalise
from corral_cli.text import clean

VARIABLE = "_CORRAL_TAB"
"""Set by the scripts: the words are a command line up to the cursor, and are to be completed instead of run."""

_TYPED_AS_IT_IS = re.compile(r"[\w.@:/+=,-]+")
"""Values that no shell reads as anything but themselves; others are not offered."""
_WIDEST = 72

SCRIPTS: Mapping[str, str] = {
    "bash": """\
_corral() {
    local value _
    COMPREPLY=()
    while IFS=$'\\t' read -r value _; do
        COMPREPLY+=("$value")
    done < <(_CORRAL_TAB=1 "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -o default -F _corral corral
""",
    "zsh": """\
#compdef corral
_corral() {
    local line
    local -a found described
    found=("${(@f)$(_CORRAL_TAB=1 "${words[1]}" "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    for line in $found; do
        described+=("${${line%%$'\\t'*}//:/\\\\:}:${line#*$'\\t'}")
    done
    if (( $#described )); then _describe -V corral described; else _files; fi
}
if [ "$funcstack[1]" = _corral ]; then _corral "$@"; else compdef _corral corral; fi
""",
    "fish": """\
function __corral
    set -l words (commandline -opc)
    set -l found (_CORRAL_TAB=1 $words[1] $words[2..] (commandline -ct) 2>/dev/null)
    if test (count $found) -gt 0
        printf '%s\\n' $found
    else
        __fish_complete_path (commandline -ct)
    end
end
complete --command corral --no-files --arguments '(__corral)'
""",
}


class _Asked(ShellComplete):
    """typer's way to find candidates, without its ways to print them."""

    name = "corral"

    def source_vars(self) -> dict[str, Any]:
        return {}

    def get_completion_args(self) -> tuple[list[str], str]:
        return [], ""

    def format_completion(self, item: CompletionItem) -> str:
        return f"{item.value}\t{clean(' '.join(str(item.help or '').split()))[:_WIDEST]}"


def offers(command: Any, words: Sequence[str]) -> list[str]:
    """Return a line for each candidate for the last of `words`, what stands on the line after `corral`."""
    *before, incomplete = words or [""]
    asked = _Asked(command, {}, "corral", "")
    try:
        found = asked.get_completions(normalise(before), incomplete)
    except TyperException:
        return []
    if incomplete.startswith("-") and "--" not in before:  # options of the program go anywhere on the line
        found += command.shell_complete(command.make_context("corral", [], resilient_parsing=True), incomplete)
    safe = {str(item.value): item for item in found if _TYPED_AS_IT_IS.fullmatch(str(item.value))}
    return [asked.format_completion(item) for item in safe.values()]
