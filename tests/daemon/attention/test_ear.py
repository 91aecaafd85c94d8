"""What agents' hooks have written is heard once, whole, and never believed more than it deserves."""

import json
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from corral_daemon.agents.adapter import Sign
from corral_daemon.agents.claude_code import ADAPTER
from corral_daemon.attention.ear import Ear
from corral_protocol.vocabulary import Attention


def say(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_each_line_is_heard_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "said"
    ear = Ear(path)
    assert ear.hear() == ()
    say(path, "one\ntw")
    assert ear.hear() == ("one",)
    assert ear.hear() == ()
    say(path, "o\nthree\n")
    assert ear.hear() == ("two", "three")
    path.write_text("anew\n")
    assert ear.hear() == ("anew",)


def test_what_was_said_to_an_earlier_daemon_is_no_news(tmp_path: Path) -> None:
    say(tmp_path / "said", "old\n")
    ear = Ear(tmp_path / "said")
    say(tmp_path / "said", "new\n")
    assert ear.hear() == ("new",)


def test_of_a_flood_only_the_end_is_heard(tmp_path: Path) -> None:
    ear = Ear(tmp_path / "said")
    say(tmp_path / "said", "x" * (1 << 20) + "\nlast\n")
    assert ear.hear()[-1] == "last"
    assert ear.hear() == ()


def test_neither_a_pipe_nor_a_link_is_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert Ear(tmp_path / "pipe").hear() == ()
    (tmp_path / "link").symlink_to("/etc/passwd")
    assert Ear(tmp_path / "link").hear() == ()


def test_claude_says_what_it_does() -> None:
    def hooked(**event: str) -> Sign | None:
        return ADAPTER.hooked(json.dumps(event))

    works, done = hooked(hook_event_name="UserPromptSubmit"), hooked(hook_event_name="Stop")
    assert works is not None
    assert works.attention is Attention.WORKING
    assert done is not None
    assert done.attention is Attention.IDLE
    asks = hooked(hook_event_name="Notification", message="Claude needs your permission to use Bash")
    assert asks == Sign(attention=Attention.WAITS_FOR_INPUT, why="says: Claude needs your permission to use Bash")
    rests = hooked(hook_event_name="Notification", message="Claude is waiting for your input")
    assert rests is not None
    assert rests.attention is Attention.IDLE
    assert hooked(hook_event_name="PreCompact") is None


@given(st.text(max_size=60))
def test_whatever_stands_in_the_file_no_text_is_typed_for_it(line: str) -> None:
    found = ADAPTER.hooked(line)
    assert found is None or not found.ready_for_text


def test_its_hooks_write_only_where_they_are_told(tmp_path: Path) -> None:
    place = tmp_path / "it's a folder"
    place.mkdir()
    word, settings = ADAPTER.hooks(str(place / "said"))
    assert word == "--settings"
    for event, (group,) in json.loads(settings)["hooks"].items():
        (hook,) = group["hooks"]
        read, write = os.pipe()
        os.write(write, b'{"hook_event_name": "Notification",\n "message": "hi"}')
        os.close(write)
        child = os.posix_spawn(
            "/bin/sh", ["sh", "-c", hook["command"]], os.environ, file_actions=[(os.POSIX_SPAWN_DUP2, read, 0)]
        )
        os.close(read)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        last = (place / "said").read_text().splitlines()[-1]
        assert json.loads(last)["hook_event_name"] == event
