"""What the dashboard shows people to type can be typed, and nobody else's words in it are read by a shell."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.typed import refused

SOURCE = Path(__file__).parents[2] / "dashboard" / "src"
MADE = {"schema.ts", "messages.ts", "moves.ts"}
HOLE = re.compile(r"\$?\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
SHOWN = re.compile(r"""(?<![\w/.\\-])corral (?:\$\{[^}]*\}|[a-z])(?:\$\{[^}]*\}|[^`"<\n;:])*""")
IN_WORDS = re.compile(r"""\bline\(\[\s*("corral"(?:,\s*(?:"[^"]*"|[a-zA-Z][\w.()]*))+)""")
OURS = re.compile(
    r"(\w+\.)*(id|short_id|taskId|run)(\.slice\(0, 8\))?|(CLI|COMMANDS)\[tab\]"
    r"|query\.data \? calling\(query\.data\) : line\(\[asked\]\)"
)
"""What may stand in a command as it is: ids of the hub, words of ours. All else goes through `line`, which quotes."""


def sources() -> Iterator[Path]:
    yield from (it for it in sorted(SOURCE.rglob("*.ts*")) if it.name not in MADE and ".test." not in it.name)


def commands() -> Iterator[tuple[str, str]]:
    """Yield every command in the dashboard's source: the file, and the line with a number where a value comes in."""
    for path in sources():
        text = re.sub(r""" <[a-z]+>(?=["`])""", " 7", path.read_text())
        for found in SHOWN.findall(text):
            yield path.name, HOLE.sub("7", found).strip(" .,)`")
        for found in IN_WORDS.findall(text):
            words = (it.strip() for it in found.split(","))
            yield path.name, " ".join(it.strip('"') if it.startswith('"') else "7" for it in words)


@pytest.mark.parametrize(("file", "line"), sorted(set(commands())), ids=str)
def test_a_command_that_the_dashboard_shows_can_be_typed(file: str, line: str) -> None:
    assert refused(line) is None, file


def test_there_are_many_and_the_parser_minds_them() -> None:
    assert len(set(commands())) > 30
    assert refused("corral dlq show") is not None and refused("corral dlq show 7") is None
    assert refused("corral task list --statuss running") is not None
    assert refused("corral dlq lst") is not None and refused("corral dlg") is not None


def test_no_word_of_somebody_else_stands_unquoted_in_a_command() -> None:
    strange = [
        f"{path.name}: {hole}"
        for path in sources()
        for found in SHOWN.findall(path.read_text())
        for hole in HOLE.findall(found)
        if not OURS.fullmatch(hole.strip())
    ]
    assert strange == []
