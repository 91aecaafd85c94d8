"""What adapters make of screens that no clip shows. What the real CLIs show is in the clips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corral_daemon import agents
from corral_daemon.agents.adapter import Attentive, ScreenText, Sign
from corral_daemon.attention.question import asks, is_prompt, menu, question, wants
from corral_protocol.vocabulary import Attention

ATTENTIVE = {name: one for name, one in agents.registry().items() if isinstance(one, Attentive)}
RULE = "─" * 60
PIECES = st.sampled_from(
    ("", RULE, "❯", "❯ 1. Yes", "› ", "› 1. Go", " > ", "▄▄▄▄", "▀▀▀▀", "esc to interrupt", "> ", "Sure?", "│ ● 1. Yes")
)
SCREENS = st.builds(
    lambda lines, column, row, title: ScreenText(lines=tuple(lines), cursor=(column, row), title=title),
    st.lists(st.one_of(PIECES, st.text(max_size=12)), max_size=12),
    st.integers(0, 100),
    st.integers(0, 40),
    st.sampled_from(("", "⠂ x", "✳ Claude Code", "✦  Working…", "◇  Ready")),
)


def sign(agent: str, *lines: str, cursor: tuple[int, int] = (0, 0), title: str = "") -> Sign | None:
    return ATTENTIVE[agent].sign(ScreenText(lines=lines, cursor=cursor, title=title))


def test_every_agent_with_an_interface_can_be_read() -> None:
    assert set(ATTENTIVE) == {"claude_code", "codex_cli", "gemini_cli", "aider", "echo"}


@given(SCREENS)
def test_any_screen_can_be_read_and_only_an_idle_agent_is_ready(screen: ScreenText) -> None:
    for adapter in ATTENTIVE.values():
        found = adapter.sign(screen)
        assert found is None or not found.ready_for_text or found.attention is Attention.IDLE


def test_no_agent_takes_a_shell_for_its_prompt() -> None:
    for line in ("$ ", "ana@box:~$ ", "# ", "% ", "~ ❯ ", "❯ ", "PS C:\\> "):
        for agent in ("claude_code", "codex_cli", "gemini_cli"):
            found = sign(agent, "", line.rstrip(), "", cursor=(len(line), 1))
            assert found is None or not found.ready_for_text, (agent, line)


@pytest.mark.parametrize("begun", ["❯ x", "❯ first\n  second", "! ls", "❯\n  second"])
def test_what_somebody_has_begun_to_write_is_not_added_to(begun: str) -> None:
    lines = (RULE, *begun.split("\n"), RULE, "  ? for shortcuts")
    found = sign("claude_code", *lines, cursor=(2, 1))
    assert found is None or not found.ready_for_text


def test_claude_suggests() -> None:
    found = sign("claude_code", RULE, '❯ Try "edit app.py to…"', RULE, "  ? for shortcuts", cursor=(2, 1))
    assert found is not None
    assert found.ready_for_text
    typed = sign("claude_code", RULE, '❯ Try "edit app.py to…"', RULE, "  ? for shortcuts", cursor=(20, 1))
    assert typed is not None
    assert not typed.ready_for_text


def test_claude_works_whatever_of_it_can_be_seen() -> None:
    for above, below, title in (
        ("* Pondering… (2s)", "", ""),
        ("", "  esc to interrupt", ""),
        ("", "  ? for shortcuts", "⠐ x"),
    ):
        found = sign("claude_code", above, "", RULE, "❯", RULE, below, cursor=(2, 3), title=title)
        assert found is not None
        assert found.attention is Attention.WORKING


def test_claude_asks_whether_to_go_by_its_plan() -> None:
    dialog = ("Ready to code?", "", "Would you like to proceed?", "", "❯ 1. Yes, and auto-accept edits", "  2. No")
    found = sign("claude_code", RULE, *dialog)
    assert found == Sign(attention=Attention.WAITS_FOR_INPUT, why="asks: Would you like to proceed?")


@pytest.mark.parametrize(
    "line",
    ["Proceed? [y/N]", "Overwrite (y/n)", "Are you sure (yes/no/[fingerprint])?", "Press any key", "ana's password:"],
)
def test_questions(line: str) -> None:
    assert asks(line)


@pytest.mark.parametrize("line", ["make[1]: Entering directory", "[ 41%] Building CXX object", "12/30 (40%)", "done."])
def test_what_is_no_question(line: str) -> None:
    assert not asks(line)


@pytest.mark.parametrize("line", ["$", "ana@box:~$", "root@box:/#", ">>>", "~ ❯", "(gdb)", "In [3]:", "db=>", "mysql>"])
def test_prompts(line: str) -> None:
    assert is_prompt(line)
    assert not wants(line)


def test_a_question_may_stand_above_the_cursor_or_in_a_menu() -> None:
    assert question(ScreenText(lines=("Which one?", "", ""), cursor=(0, 1))) == "Which one?"
    assert question(ScreenText(lines=("all is well", ""), cursor=(0, 1))) == ""
    assert question(ScreenText(lines=(":",), cursor=(1, 0))) == ""
    assert menu(ScreenText(lines=("? Pick one", "❯ this", "  that"), cursor=(0, 2))) == "? Pick one"
    assert len(question(ScreenText(lines=("x" * 1000,), cursor=(1000, 0)))) < 200
