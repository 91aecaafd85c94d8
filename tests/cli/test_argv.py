"""Options of the program are accepted anywhere, and never taken out of somebody's text."""

from collections.abc import Iterator
from typing import Any

import hypothesis.strategies as st
import pytest
import typer
from hypothesis import given

from corral_cli.app import MOUNTS, app
from corral_cli.argv import FLAGS, TAKES_VALUE, VALUED, normalise, wants_json
from corral_cli.mount import load
from tests.cli.everything import commands, implemented

WORDS = st.sampled_from(
    ["task", "list", "--json", "-q", "-o", "ndjson", "--content", "--", "daemon", "--status", "x", "--output=json"]
)


@pytest.mark.parametrize(
    ("given_words", "regular"),
    [
        (["task", "list", "--json"], ["--json", "task", "list"]),
        (["task", "-q", "list"], ["-q", "task", "list"]),
        (["task", "list", "-o", "json"], ["-o", "json", "task", "list"]),
        (["task", "show", "x", "--hub-url=http://h"], ["--hub-url=http://h", "task", "show", "x"]),
        (["task", "note", "x", "--content", "--json"], ["task", "note", "x", "--content", "--json"]),
        (["task", "create", "--title", "-q"], ["task", "create", "--title", "-q"]),
        (
            ["task", "create", "--title", "t", "--", "ls", "--json"],
            ["task", "create", "--title", "t", "--", "ls", "--json"],
        ),
        (["daemon", "probe", "--json"], ["--json", "daemon", "probe"]),
        (["--json", "join", "TOKEN", "-q"], ["--json", "-q", "join", "TOKEN"]),
        (["task", "show", "daemon", "--json"], ["--json", "task", "show", "daemon"]),
    ],
)
def test_words_are_made_regular(given_words: list[str], regular: list[str]) -> None:
    assert normalise(given_words) == regular


def test_lists_as_the_published_client_writes_them() -> None:
    words = [
        "task",
        "create",
        "--depends-on",
        "aaaa",
        "bbbb",
        "--title",
        "t",
        "--acceptance-criteria",
        "fast",
        "-5 ms",
        "end",
    ]
    assert normalise(words) == [
        "task", "create", "--depends-on", "aaaa", "--depends-on", "bbbb", "--title", "t",
        "--acceptance-criteria", "fast", "-5 ms", "end",
    ]  # fmt: skip


def test_a_single_dependency_is_not_greedy_elsewhere() -> None:
    words = ["task", "deps", "add", "--depends-on", "aaaa", "bbbb"]
    assert normalise(words) == words


@given(st.lists(WORDS, max_size=8))
def test_no_word_is_lost_and_order_within_both_parts_stays(words: list[str]) -> None:
    regular = normalise(words)
    assert sorted(regular) == sorted(words)
    assert normalise(regular) == regular


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (["--json", "x"], True), (["-o", "json", "x"], True), (["--output=ndjson", "x"], True),
        (["-o", "table", "x"], False), (["x"], False), ([], False), (["-o"], False),
        (["task", "note", "--content", "--json"], False),
    ],
)  # fmt: skip
def test_errors_follow_the_format_asked_for(words: list[str], answer: bool) -> None:
    assert wants_json(words) is answer


def options() -> Iterator[tuple[str, Any]]:
    for path, command in commands():
        for parameter in command.params:
            if parameter.param_type_name == "option":
                yield path, parameter


def test_every_option_that_takes_a_value_is_known() -> None:
    missing = {
        name: path
        for path, option in options()
        for name in (*option.opts, *option.secondary_opts)
        if not option.is_flag and name not in TAKES_VALUE
    }
    assert not missing


def test_no_switch_and_nothing_unknown_is_taken_for_one_that_takes_a_value() -> None:
    found = [option for _, option in options() if option.is_flag]
    switches = {name for option in found for name in (*option.opts, *option.secondary_opts)}
    valued = {name for _, option in options() if not option.is_flag for name in option.opts}
    assert not switches & TAKES_VALUE
    assert valued >= TAKES_VALUE


def test_no_command_redefines_an_option_of_the_program() -> None:
    taken = {(path, name) for path, option in options() for name in option.opts if name in FLAGS | VALUED}
    assert not taken


def test_the_program_itself_has_exactly_the_options_that_are_moved() -> None:
    root = typer.main.get_command(app)
    names = {name for parameter in root.params for name in parameter.opts}
    assert names - {"--version", "-V"} == FLAGS | VALUED


def test_every_mount_loads() -> None:
    for name in implemented():
        assert load(name, MOUNTS[name]).name == name
