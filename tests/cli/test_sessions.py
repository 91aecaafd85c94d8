"""session list, show, read, send, wait, start …: what is asked, what is printed."""

import base64
import time
from typing import Any

import pytest

from tests.cli.conftest import Corral
from tests.cli.hub import FakeHub, Request, problem
from tests.cli.stage import SESSION, SESSION_ID

ONE = "/api/v1/sessions/build"


def waiting(**fields: Any) -> dict[str, Any]:
    attention = {"attention": "waits_for_input", "why": "asks: Proceed?", "since": time.time() - 5 * 3600 - 30}
    return {**SESSION, "attention": attention, "driver": "ana@x", **fields}


def test_a_list_tells_what_each_is_doing_and_why(person: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/sessions"] = {"sessions": [waiting()], "next_cursor": None}
    row = person("session", "list", "--status", "running", "--server", "atlas").out.splitlines()[1]
    assert "waits_for_input 5h00m: asks: Proceed?" in row and "ana@x" in row and "atlas" in row
    assert hub.requests[-1].query == {"status": "running", "server": "atlas", "limit": "50"}
    assert person("session", "ls", "--json").json["sessions"][0]["name"] == "build"


def test_hostile_names_and_reasons_stay_text(person: Corral, hub: FakeHub) -> None:
    hostile = waiting(name="\x1b]52;c;x\x07", server_name="a\nb", argv=["\x1b[2J"])
    hostile["attention"]["why"] = "\x1b]0;evil\x07"
    hub.answers["GET /api/v1/sessions"] = {"sessions": [hostile], "next_cursor": None}
    hub.answers[f"GET {ONE}"] = hostile
    for words in (["list"], ["show", "build"], ["list", "--json"]):
        told = person("session", *words)
        assert told.code == 0 and "\x1b" not in told.out and "\x07" not in told.out
    assert len(person("session", "list").out.splitlines()) == 2


def test_what_is_on_the_screen(person: Corral, hub: FakeHub) -> None:
    screen = {"lines": ["$ make", "\x1b[31mok\x07  ", "", ""], "cols": 80, "rows": 24, "cursor": [0, 2], "offset": 9}
    hub.answers[f"GET {ONE}/screen"] = screen
    assert person("session", "read", "build").out == "$ make\n\\x1b[31mok\\x07\n"
    assert person("session", "read", "build", "--lines", "200", "--json").json == screen
    assert hub.requests[-1].query == {"lines": "200"}


def test_an_agent_reads_by_its_own_routes(agent: Corral, hub: FakeHub) -> None:
    hub.answers["GET /api/v1/server/sessions/build/screen"] = {"lines": ["x"]}
    assert agent("session", "read", "build").out == "x\n"


@pytest.mark.parametrize(
    ("words", "stdin", "body"),
    [
        (["make test"], "", {"text": "make test", "enter": True}),
        (["y", "--no-enter"], "", {"text": "y", "enter": False}),
        (["-"], "two\nlines\n", {"text": "two\nlines", "enter": True}),
        (["--key", "C-c", "--key", "Up"], "", {"data": b"\x03\x1b[A"}),
        (["ä", "--key", "Enter"], "", {"data": "ä\r".encode()}),
    ],
)
def test_what_is_typed(person: Corral, hub: FakeHub, words: list[str], stdin: str, body: dict[str, Any]) -> None:
    hub.answers[f"POST {ONE}/input"] = {"session_id": SESSION_ID, "typed": 1}
    assert person("session", "send", "build", *words, stdin=stdin).code == 0
    if isinstance(body.get("data"), bytes):
        body = {"data": base64.b64encode(body["data"]).decode()}
    assert hub.requests[-1].body == body


def test_what_cannot_be_typed_says_why(person: Corral) -> None:
    assert person("session", "send", "build").code == 2
    told = person("session", "send", "build", "--key", "C-Entr")
    assert told.code == 2 and "C-c" in told.err
    assert person("session", "send", "build", "x", "--file", "y").code == 2


def test_waiting_ends_with_the_state_or_tells_that_it_never_came(person: Corral, hub: FakeHub) -> None:
    states = iter([waiting(attention=None), waiting(attention=None), waiting()])
    hub.answers[f"GET {ONE}"] = waiting(attention=None)
    hub.answers[f"GET /api/v1/sessions/{SESSION_ID}"] = lambda _: next(states)
    told = person("session", "wait", "build", "--until", "idle,waits_for_input")
    assert told.code == 0 and "waits_for_input" in told.out and "Proceed?" in told.out
    hub.answers[f"GET /api/v1/sessions/{SESSION_ID}"] = {**SESSION, "status": "closed", "exit_code": 3}
    assert person("session", "wait", "build").code == 0
    missed = person("session", "wait", "build", "--until", "idle")
    assert missed.code == 1 and "session_closed" in missed.err
    assert person("session", "wait", "build", "--until", "done").code == 2


def test_waiting_gives_up_in_time(person: Corral, hub: FakeHub) -> None:
    hub.answers[f"GET {ONE}"] = hub.answers[f"GET /api/v1/sessions/{SESSION_ID}"] = SESSION
    assert person("session", "wait", "build", "--timeout", "50ms").code == 124


def test_starting(person: Corral, hub: FakeHub) -> None:
    hub.answers["POST /api/v1/sessions"] = {**SESSION, "status": "starting"}
    told = person("session", "start", "--server", "atlas", "--env", "A=b", "--size", "90x20", "--", "make", "--json")
    assert told.code == 0 and told.out == "Started build on atlas. `corral attach build` brings it here.\n"
    assert hub.requests[-1].body == {
        "server": "atlas", "env": {"A": "b"}, "cols": 90, "rows": 20, "argv": ["make", "--json"],
    }  # fmt: skip
    person("session", "start", "--agent", "claude_code", "--repo", "shop", "--worktree", "-q")
    assert hub.requests[-1].body == {"agent_type": "claude_code", "repo": "shop", "worktree": True}
    assert person("session", "start", "--agent", "claude_code", "--", "make").code == 2
    assert person("session", "start", "--size", "0x10").code == 2
    refused = person("session", "start", "--attach")
    assert refused.code == 2 and "no_terminal" in refused.err
    assert len(hub.asked("POST /api/v1/sessions")) == 2  # nothing was started that nobody could see


def test_recording(person: Corral, hub: FakeHub) -> None:
    hub.answers["POST /api/v1/sessions"] = {**SESSION, "status": "starting"}
    person("session", "start", "--no-record", "-q")
    assert hub.requests[-1].body == {"record": False}
    about = {"session_name": "build\x1b]0;x", "recording": True, "state": "on", "gaps": 2, "skipped_bytes": 9}
    for method in ("GET", "PUT", "DELETE"):
        hub.answers[f"{method} {ONE}/recording"] = about
    told = person("session", "record", "build")
    assert told.code == 0 and "9 bytes in 2 gaps" in told.out and "\x1b" not in told.out
    assert "any longer" in person("session", "record", "build", "--off").out
    assert hub.requests[-1].body == {"on": False}
    assert person("session", "record", "build", "--delete", "--yes").code == 0


def test_what_is_no_recording_is_not_played(person: Corral, hub: FakeHub) -> None:
    hub.answers[f"GET {ONE}/recording.cast"] = {"version": 3}
    told = person("session", "replay", "build", "--from", "90s")
    assert told.code == 1 and "cannot be played" in told.err
    assert hub.requests[-1].query == {"from": "90.0"}
    hub.answers[f"GET {ONE}/recording.cast"] = problem(404, "recording_not_found", "there is no recording", "record it")
    assert person("session", "replay", "build").code == 3
    assert person("session", "replay", "build", "--speed", "0").code == 2


def test_ending_resizing_and_removing(person: Corral, hub: FakeHub) -> None:
    for route in (f"POST {ONE}/close", f"POST {ONE}/kill", f"POST {ONE}/resize", f"DELETE {ONE}"):
        hub.answers[route] = SESSION
    assert "closing" in person("session", "close", "build").out
    assert "killed" in person("session", "kill", "build").out
    assert person("session", "resize", "build", "132x43").code == 0
    assert hub.requests[-1].body == {"cols": 132, "rows": 43}
    assert person("session", "rm", "build").code == 2
    assert person("session", "remove", "build", "--yes").code == 0


def test_refusals_keep_their_code_and_hint(person: Corral, hub: FakeHub) -> None:
    hub.answers[f"POST {ONE}/input"] = problem(409, "session_ended", "session build is closed", "see: session list")
    told = person("session", "send", "build", "x")
    assert told.code == 5 and "session_ended" in told.err and "next: see: session list" in told.err


def test_more_pages_are_announced(person: Corral, hub: FakeHub) -> None:
    def page(request: Request) -> dict[str, Any]:
        return {"sessions": [SESSION], "next_cursor": None if request.query.get("cursor") else "c1"}

    hub.answers["GET /api/v1/sessions"] = page
    assert "--cursor c1" in person("session", "list", "--limit", "1").err
    assert len(person("session", "list", "--limit", "0", "-q").out.splitlines()) == 2
