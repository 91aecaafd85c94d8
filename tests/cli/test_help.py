"""Help pages: what a person reads first comes first, nothing is cut, columns hold."""

from typing import Any

import pytest

from corral_cli.app import MOUNTS
from corral_cli.help import first_sentence, page
from corral_cli.mount import load
from tests.cli.conftest import Corral
from tests.cli.everything import commands

BOLD = "\x1b[1m"


def command_of(noun: str, *verbs: str) -> Any:
    command = load(noun, MOUNTS[noun])
    for verb in verbs:
        command = command.commands[verb]
    return command


def test_the_first_page_names_the_commands_before_the_options(corral: Corral) -> None:
    out = corral("--help").out
    titles = ("Usage", "Start here", "Work", "Options, anywhere on the line", "Exit codes")
    assert sorted(titles, key=out.index) == list(titles)
    assert "-completion" not in out


def test_a_page_says_usage_examples_arguments_and_options_in_that_order() -> None:
    lines = page(command_of("task", "logs"), "corral task logs", 80).splitlines()
    assert [line[4:-4] for line in lines if line.startswith(BOLD)] == ["Usage", "Examples", "Arguments", "Options"]
    assert "  corral task logs [TASK] [options]" in lines
    assert "  -f, --follow                Go on until the task has ended." in lines
    assert "      --stream stdout|stderr  Only this stream." in lines


def test_long_choices_are_told_behind_the_option() -> None:
    told = " ".join(page(command_of("task", "list"), "corral task list", 80).split())
    assert "--status WORD Only tasks in this state: pending, assigned, planning," in told
    assert "How many; 0 for all. Default: 50." in told


def test_what_stands_behind_dashes_comes_last() -> None:
    assert "  corral task create [options] [-- COMMAND…]\n" in page(
        command_of("task", "create"), "corral task create", 80
    )


@pytest.mark.parametrize("width", [10, 60, 80, 400])
def test_every_page_fits_its_terminal(width: int) -> None:
    for path, command in commands():
        lines = page(command, f"corral {path}", width).replace(BOLD, "").replace("\x1b[0m", "").splitlines()
        examples = {f"  {line.strip()}" for line in (command.help or "").partition("Example")[2].splitlines()}
        long = [line for line in lines if len(line) > max(40, min(width, 100)) and line not in examples]
        assert not [line for line in long if not line.startswith("  corral ")], path  # usage is one line


def test_a_switch_with_an_opposite_is_one_word() -> None:
    assert "--[no-]require-plan-approval\n" in page(command_of("project", "set"), "corral project set", 80)


def test_a_list_of_commands_shows_first_sentences() -> None:
    assert first_sentence("Create a task. Without a way\nto run it, …") == "Create a task."
    assert first_sentence("Say e.g. two\nlines") == "Say e.g. two lines"
