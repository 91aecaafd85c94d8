"""corral attach when the hub goes away: it goes on at the byte where it was cut, and can be left at any time."""

from corral_protocol.frames import Kind
from corral_protocol.viewers import SessionAttach, SessionRefused, SessionTake
from corral_protocol.vocabulary import SessionMode
from tests.cli.desk import Desk
from tests.cli.stage import SESSION, SESSION_ID, Stage, Viewer

VIEW, DRIVE = SessionMode.VIEW, SessionMode.DRIVE


def test_it_goes_on_at_the_byte_where_it_was_cut(attached: tuple[Desk, Viewer], stage: Stage) -> None:
    desk, viewer = attached
    viewer.send(Kind.OUTPUT, 1000, b"one\x1b[3")
    viewer.acknowledged(1006)
    viewer.cut()
    again = stage.viewer()
    again.channel = 8
    assert again.admit() == SessionAttach(session_id=SESSION_ID, mode=DRIVE, offset=1006, cols=100, rows=30)
    again.send(Kind.OUTPUT, 1003, b"\x1b[31mtwo\x1b]52;c;")  # some of it again
    again.send(Kind.OUTPUT, 1018, b"AAAA\x07three")
    shown = desk.sees(b"three")  # nothing of ours stands in the middle of a sequence
    assert shown.startswith(b"one\x1b[31mtwo") and b"52;" not in shown
    again.acknowledged(1028)
    desk.type(b"ls\r")
    assert again.typed(3) == b"ls\r"
    desk.leave()


def test_a_hub_that_is_away_is_mentioned_and_waited_for(attached: tuple[Desk, Viewer], stage: Stage) -> None:
    desk, viewer = attached
    stage.away = True
    viewer.cut()
    assert b"\x1b7\x1b[30;1H" in desk.sees(b"Connection lost, trying again.")
    desk.type(b"rm -rf /\r")  # goes nowhere
    stage.away = False
    again = stage.viewer()
    assert again.admit().offset == 1000
    desk.sees(b"\x1b[30;1H\x1b[0m\x1b[2K\x1b8")
    desk.type(b"x")
    assert again.typed(1) == b"x"
    desk.leave()


def test_one_can_leave_while_the_hub_is_away(attached: tuple[Desk, Viewer], stage: Stage) -> None:
    desk, viewer = attached
    stage.away = True
    viewer.cut()
    desk.sees(b"Connection lost")
    desk.leave()
    assert desk.restored


def test_a_full_screen_program_is_drawn_anew_after_a_notice(attached: tuple[Desk, Viewer], stage: Stage) -> None:
    desk, viewer = attached
    viewer.send(Kind.OUTPUT, 1000, b"\x1b[?1049h")
    viewer.acknowledged(1008)
    stage.away = True
    viewer.cut()
    desk.sees(b"Connection lost")
    stage.away = False
    again = stage.viewer()
    assert again.admit().offset is None
    desk.leave()


def test_who_drove_takes_control_again_from_the_connection_that_was_lost(
    attached: tuple[Desk, Viewer], stage: Stage
) -> None:
    desk, viewer = attached
    viewer.cut()
    again = stage.viewer()
    again.admit(mode=VIEW)  # the hub has not noticed the loss yet
    assert again.expect(SessionTake) == SessionTake(session_id=SESSION_ID, cols=100, rows=30)
    desk.leave()


def test_a_login_that_is_over_ends_it(attached: tuple[Desk, Viewer], stage: Stage) -> None:
    desk, viewer = attached
    stage.admits = False
    viewer.cut()
    assert desk.ends() == 4
    assert b"login_refused" in desk.screen and desk.restored


def test_a_session_that_ended_meanwhile_tells_its_exit_code(attached: tuple[Desk, Viewer], stage: Stage) -> None:
    desk, viewer = attached
    stage.hub.answers[f"GET /api/v1/sessions/{SESSION_ID}"] = {**SESSION, "status": "closed", "exit_code": 7}
    viewer.cut()
    again = stage.viewer()
    again.expect(SessionAttach)
    again.say(SessionRefused(session_id=SESSION_ID, code="session_ended", detail="build is closed"))
    assert desk.ends() == 7
    assert desk.restored
