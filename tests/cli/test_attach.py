"""corral attach: the real program in a real terminal, the real wire, and a test that plays the hub."""

import os
import re
import signal
import threading
from typing import Any

import pytest

from corral_protocol.frames import Kind
from corral_protocol.sessions import SessionResize
from corral_protocol.viewers import SessionAttach, SessionDetach, SessionRefused
from corral_protocol.vocabulary import SessionMode
from tests.cli.desk import Desk, sitting
from tests.cli.hub import problem
from tests.cli.stage import SESSION, SESSION_ID, Stage, Viewer

VIEW, DRIVE = SessionMode.VIEW, SessionMode.DRIVE


def test_what_is_asked_first(stage: Stage) -> None:
    with sitting("attach", "build", cols=91, rows=27, **stage.login) as desk:
        viewer = stage.viewer()
        assert viewer.greeting == {
            "type": "auth",
            "token": "jwt",
            "binary": True,
            "task_ids": [SESSION_ID],
        }
        assert viewer.admit() == SessionAttach(session_id=SESSION_ID, mode=DRIVE, cols=91, rows=27)
        assert b"Attached to build on atlas. Ctrl-\\ d detaches." in desk.sees(b"detaches.")
        desk.leave()


def test_every_key_arrives_as_it_was_typed(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    every = bytes(range(256)).replace(b"\x1c", b"") + b"\x1c\x1b[200~\xf0\x9f\x98\x80\x1b[201~"
    desk.type(every)
    assert viewer.typed(len(every)) == every
    desk.type(b"x")
    assert viewer.expect_frame(Kind.INPUT).offset == len(every)
    desk.leave()


def test_output_reaches_the_terminal_as_it_is_and_is_acknowledged(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    every = bytes(range(256)) * 200
    every = every.replace(b"\x1b", b"").replace(b"\xc2", b"")
    sent = 1000
    for at in range(0, len(every), 10_000):
        viewer.send(Kind.OUTPUT, sent, every[at : at + 10_000])
        sent += len(every[at : at + 10_000])
    viewer.send(Kind.OUTPUT, sent, b"<end>")
    assert desk.sees(b"<end>").endswith(every + b"<end>")
    viewer.acknowledged(sent + 5)
    desk.leave()


def test_detaching_leaves_the_session_and_restores_the_terminal(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    viewer.send(Kind.OUTPUT, 1002, b"\x1b[?1049h\x1b[?2004h\x1b[?1000h\x1b[?25lTUI")
    desk.sees(b"TUI")
    assert not desk.restored
    desk.type(b"\x1c")
    desk.type(b"d")
    assert viewer.expect(SessionDetach) == SessionDetach(session_id=SESSION_ID)
    viewer.gone()
    assert desk.ends() == 0
    assert desk.restored
    for sequence in (b"\x1b[?1049l", b"\x1b[?2004l", b"\x1b[?1000l", b"\x1b[?25h", b"\x1b[23;2t"):
        assert sequence in desk.screen
    assert b"Detached from build" in desk.screen


def test_the_detach_keys_can_be_chosen(stage: Stage) -> None:
    with sitting("attach", "build", **stage.login, CORRAL_DETACH_KEYS="ctrl-p,ctrl-q") as desk:
        viewer = stage.viewer()
        viewer.admit()
        desk.sees(b"Ctrl-P Ctrl-Q detaches.")
        desk.type(b"\x1cd\x10x")
        assert viewer.typed(4) == b"\x1cd\x10x"
        desk.leave(b"\x10\x11")
    with sitting("attach", "build", "--detach-keys", "ctrl-up", **stage.login) as desk:
        assert desk.ends() == 2
        assert b"bad_keys" in desk.screen and b"next:" in desk.screen


def test_the_window_decides_the_size(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    desk.resize(80, 25)
    assert viewer.expect(SessionResize) == SessionResize(session_id=SESSION_ID, cols=80, rows=25)
    desk.leave()


@pytest.mark.parametrize(
    ("details", "code"), [({"exit_code": 3, "signal": None}, 3), ({"exit_code": None, "signal": 15}, 143)]
)
def test_the_exit_code_is_passed_on(attached: tuple[Desk, Viewer], details: dict[str, Any], code: int) -> None:
    desk, viewer = attached
    viewer.event("closed", output_bytes=1010, **details)
    viewer.send(Kind.OUTPUT, 1000, b"last words")  # may come behind the news of the end
    assert desk.ends() == code
    assert b"last words" in desk.screen
    assert desk.restored


def test_a_lost_session_is_an_error_that_says_so(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    viewer.event("lost", error="the machine was restarted")
    assert desk.ends() == 1
    assert b"build is lost: the machine was restarted [session_lost]" in desk.screen
    assert desk.restored


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_signals_end_it_and_restore_the_terminal(attached: tuple[Desk, Viewer], number: int) -> None:
    desk, viewer = attached
    viewer.send(Kind.OUTPUT, 1000, b"\x1b[?1006h.")
    viewer.acknowledged(1009)
    desk.process.send_signal(number)
    assert desk.ends() == 128 + number
    assert desk.restored and b"\x1b[?1006l" in desk.screen
    assert b"Traceback" not in desk.screen


def test_a_terminal_that_is_closed_ends_it(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    desk.hang_up()
    viewer.gone()
    assert desk.process.wait(20) == 129


def test_a_message_that_makes_no_sense_does_not_leave_the_terminal_raw(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    viewer.send_text('{"type": "session_attached", "session_id": "' + SESSION_ID + '"}')
    assert desk.ends() == 1
    assert desk.restored and b"[malformed]" in desk.screen and b"Traceback" not in desk.screen


# -- hostile output ------------------------------------------------------------------------


def test_the_clipboard_and_the_title_are_out_of_reach(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    viewer.send(Kind.OUTPUT, 1000, b"a\x1b]5")
    viewer.send(Kind.OUTPUT, 1004, b"2;c;cm0=\x07b\x1b]0;evil\x07c\x1b]8;;http://x\x07link<end>")
    shown = desk.sees(b"<end>")
    assert b"52;c" not in shown and b"evil" not in shown and b"\x1b]8;;http://x\x07link" in shown
    desk.leave()


def test_the_clipboard_can_be_allowed(stage: Stage) -> None:
    with sitting("attach", "build", "--allow-clipboard", **stage.login) as desk:
        viewer = stage.viewer()
        viewer.admit()
        viewer.send(Kind.OUTPUT, 0, b"\x1b]52;c;cm0=\x07<end>")
        assert b"\x1b]52;c;cm0=\x07" in desk.sees(b"<end>")
        desk.leave()


# -- a slow terminal, a large paste ----------------------------------------------------------


def test_a_terminal_that_takes_nothing_is_not_acknowledged_and_can_still_be_left(
    attached: tuple[Desk, Viewer],
) -> None:
    desk, viewer = attached
    flood = b"x" * 60_000
    for number in range(20):
        viewer.send(Kind.OUTPUT, 1000 + number * len(flood), flood)
    desk.type(b"\x03")  # nothing has been read from the terminal, and keys still get through
    assert viewer.typed(1) == b"\x03"
    desk.type(b"\x1cd")
    assert viewer.expect(SessionDetach)
    assert desk.ends() == 0
    assert desk.restored


def test_a_large_paste_arrives_whole(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    paste = bytes(range(32, 127)) * 4000
    thread = threading.Thread(target=desk.type, args=(paste,))
    thread.start()
    assert viewer.typed(len(paste)) == paste
    thread.join()
    desk.leave()


# -- without a terminal ----------------------------------------------------------------------


def test_suspended_and_continued(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    desk.process.send_signal(signal.SIGTSTP)
    os.waitid(os.P_PID, desk.process.pid, os.WSTOPPED | os.WNOWAIT)
    assert desk.restored
    desk.process.send_signal(signal.SIGCONT)
    assert viewer.expect(SessionAttach).offset is None  # draws the screen anew
    assert not desk.restored
    desk.leave()


def test_a_session_that_has_ended_tells_its_exit_code(stage: Stage) -> None:
    stage.hub.answers["GET /api/v1/sessions/build"] = {**SESSION, "status": "closed", "exit_code": 5, "signal": None}
    with sitting("attach", "build", **stage.login) as desk:
        assert desk.ends() == 5
        assert b"build has ended: exit code 5" in desk.screen


def test_a_session_that_is_not_there(stage: Stage) -> None:
    hint = "corral session list shows the sessions you can see"
    stage.hub.answers["GET /api/v1/sessions/nix"] = problem(404, "session_not_found", "there is no session nix", hint)
    with sitting("attach", "nix", **stage.login) as desk:
        assert desk.ends() == 3
        assert b"session_not_found" in desk.screen


def test_a_refusal_on_the_socket_has_its_exit_code(stage: Stage) -> None:
    with sitting("attach", "build", "--take", **stage.login) as desk:
        viewer = stage.viewer()
        viewer.expect(SessionAttach)
        viewer.say(SessionRefused(session_id=SESSION_ID, code="role_required", detail="no", hint="ask an admin"))
        assert desk.ends() == 4
        assert desk.restored and b"next: ask an admin" in re.sub(rb"\x1b\[[\d;]*m", b"", desk.screen)
