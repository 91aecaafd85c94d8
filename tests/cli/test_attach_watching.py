"""corral attach beside others: watching, taking control, losing it; and without a terminal."""

import os
import subprocess
import sys

from corral_protocol.frames import Kind
from corral_protocol.sessions import SessionResize
from corral_protocol.viewers import (
    SessionAttach,
    SessionAttached,
    SessionDetach,
    SessionRefused,
    SessionTake,
)
from corral_protocol.vocabulary import SessionMode
from tests.cli.desk import Desk, sitting
from tests.cli.stage import SESSION_ID, Stage, Viewer

VIEW, DRIVE = SessionMode.VIEW, SessionMode.DRIVE


def test_somebody_else_drives_and_says_how_to_take_control(stage: Stage) -> None:
    with sitting("attach", "build", **stage.login) as desk:
        viewer = stage.viewer()
        viewer.admit(mode=VIEW)
        desk.sees(b"You are watching; `corral attach build --take` takes control.")
        desk.sees(b"120\xc3\x9740")  # the session is larger than this window
        desk.type(b"typed by mistake\x03")
        assert isinstance(viewer.expect(SessionDetach), SessionDetach)
        assert desk.ends() == 0


def test_taking_control(stage: Stage) -> None:
    with sitting("attach", "build", "--take", **stage.login) as desk:
        viewer = stage.viewer()
        viewer.admit(mode=VIEW)
        assert viewer.expect(SessionTake).cols == 100
        viewer.say(SessionAttached(session_id=SESSION_ID, channel=7, mode=DRIVE, cols=100, rows=30))
        desk.sees(b"Attached to build")
        desk.type(b"x")
        assert viewer.typed(1) == b"x"
        desk.leave()


def test_view_types_nothing_and_sends_no_size(stage: Stage) -> None:
    with sitting("attach", "build", "--view", **stage.login) as desk:
        viewer = stage.viewer()
        assert viewer.admit(mode=VIEW) == SessionAttach(session_id=SESSION_ID, mode=VIEW)
        desk.sees(b"watching")
        desk.type(b"x")
        desk.resize(50, 20)
        viewer.send(Kind.OUTPUT, 0, b"seen")
        desk.sees(b"seen")
        viewer.acknowledged(4)  # nothing but acknowledgements has come
        desk.leave(b"\x1c" + b"d")


def test_losing_control_makes_one_watch(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    viewer.event("driver", driver="ana")
    assert viewer.expect(SessionResize).cols == 100  # asks whether it still drives
    viewer.say(SessionRefused(session_id=SESSION_ID, code="not_driving", detail="ana drives"))
    desk.sees(b"\xc2\xb7 watching")
    desk.type(b"\x03")
    assert desk.ends() == 0


def test_who_may_only_watch_watches(stage: Stage) -> None:
    with sitting("attach", "build", **stage.login) as desk:
        viewer = stage.viewer()
        assert viewer.expect(SessionAttach).mode is DRIVE
        viewer.say(SessionRefused(session_id=SESSION_ID, code="role_required", detail="viewers may watch"))
        assert viewer.admit(mode=VIEW).mode is VIEW
        desk.sees(b"You are watching")
        desk.leave()


def test_a_refusal_in_the_midst_is_said_and_the_session_goes_on(attached: tuple[Desk, Viewer]) -> None:
    desk, viewer = attached
    viewer.say(SessionRefused(session_id=SESSION_ID, code="server_offline", detail="nothing was typed"))
    desk.sees(b"nothing was typed")
    desk.type(b"x")
    assert viewer.typed(1) == b"x"
    desk.leave()


# -- without a terminal ----------------------------------------------------------------------


def piped(stage: Stage, *words: str) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, **stage.login}
    command = [sys.executable, "-m", "corral_cli", "attach", "build", *words]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe)


def test_a_pipe_gets_every_byte_as_it_is_also_after_a_loss(stage: Stage) -> None:
    process = piped(stage, "--view", "--offset", "0")
    viewer = stage.viewer()
    assert viewer.admit(mode=VIEW).offset == 0
    every = bytes(range(256)) + b"\x1b]52;c;cm0=\x07\x1b]0;title\x07"
    viewer.send(Kind.OUTPUT, 0, every)
    viewer.acknowledged(len(every))
    viewer.cut()
    again = stage.viewer()
    assert again.admit(mode=VIEW).offset == len(every)
    again.send(Kind.OUTPUT, len(every) + 10, every)  # ten bytes are gone for ever
    again.event("closed", exit_code=3, output_bytes=10 + 2 * len(every))
    out, err = process.communicate(timeout=20)
    assert out == every + every
    assert process.returncode == 3
    assert b"10 bytes of output are missing" in err


def test_a_reader_that_goes_away_ends_it(stage: Stage) -> None:
    process = piped(stage, "--view")
    viewer = stage.viewer()
    viewer.admit(mode=VIEW)
    assert process.stdout and process.stderr
    process.stdout.close()
    viewer.send(Kind.OUTPUT, 0, b"x")
    assert (process.wait(20), process.stderr.read()) == (141, b"")
    process.stderr.close()


def test_without_a_terminal_it_refuses_and_says_what_to_do(stage: Stage) -> None:
    process = piped(stage)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out) == (2, b"")
    assert b"[no_terminal]" in err and b"corral session read" in err and b"--view" in err
