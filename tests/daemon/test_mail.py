"""Messages for agents in terminals: real terminals, and somebody who says when their interface takes text."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from corral_daemon.agents.adapter import Invocation, Request, ScreenText, Sign
from corral_daemon.ports import Readiness
from corral_daemon.pty import launch
from corral_daemon.pty.mail import SessionMail
from corral_daemon.pty.pasted import Record
from corral_protocol.sessions import SessionKill, SessionStart
from corral_protocol.to_daemon import TaskNote
from tests.daemon.daemon_world import until
from tests.daemon.terminal_world import World, world
from tests.daemon.test_session_start import Tui

READY = Readiness(ready=True, why="waits", pastes=True)
BUSY = Readiness(ready=False, why="is at work", pastes=True)


class Plain(Tui):
    """Its interface shows every byte that it gets."""

    def interactive(self, request: Request) -> Invocation:
        return Invocation(argv=("sh", "-c", "stty raw -echo; printf ready; exec od -An -v -tx1 -w1"))


class Readable(Plain):
    def sign(self, screen: ScreenText) -> Sign | None:
        raise NotImplementedError


class Judge:
    """Implements ports.Attentions: the answers in turn, the last one for ever."""

    def __init__(self, *answers: Readiness) -> None:
        self.answers = list(answers)
        self.changed: Callable[[str], None] = lambda session_id: None

    async def ready(self, session_id: str) -> Readiness:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def listen(self, changed: Callable[[str], None]) -> None:
        self.changed = changed


class Desk:
    def __init__(self, here: World, *answers: Readiness) -> None:
        self.here = here
        self.judge = Judge(*answers)
        self.received: list[int] = []
        self.mail = SessionMail(here.sessions, self.judge, here.adapters, here.state)
        self.data = here.watch("s1", 0).data

    @property
    def typed(self) -> bytes:
        return bytes(int(word, 16) for word in bytes(self.data).replace(b"ready", b"").split())

    def note(self, delivery: int, content: str = "hello", session_id: str = "s1") -> None:
        note = TaskNote(
            task_id="t", content=content, urgent=False, author="ada", session_id=session_id, delivery=delivery
        )
        self.mail.take(note, self.received.append)

    async def ended(self) -> None:
        self.here.sessions.hear(SessionKill(session_id="s1"))
        await until(lambda: not self.mail.waiting)


@asynccontextmanager
async def desk(state: Path, *answers: Readiness, agent: Plain | None = None) -> AsyncIterator[Desk]:
    async with world(state, adapters={"agent": agent or Readable()}) as here:
        here.sessions.hear(SessionStart(session_id="s1", agent_type="agent"))
        made = Desk(here, *answers)
        await until(lambda: b"ready" in made.data)
        try:
            yield made
        finally:
            await made.mail.close()


async def test_it_is_pasted_and_entered_when_the_interface_takes_text(tmp_path: Path) -> None:
    async with desk(tmp_path, BUSY, READY) as here:
        here.note(1, "one\x1b[201~\x03")
        here.note(2, "two")
        assert here.received == []
        here.judge.changed("s1")
        await until(lambda: here.received == [1, 2])
        await until(lambda: here.typed.endswith(b"\x1b[201~\r"))
        assert here.typed.count(b"\x1b") == 2
        assert here.typed.index(b"> one[201~\n") < here.typed.index(b"> two")


async def test_what_changes_its_mind_is_not_pasted_upon(tmp_path: Path) -> None:
    async with desk(tmp_path, READY, BUSY) as here:
        here.note(1)
        await until(lambda: len(here.judge.answers) == 1)
        await here.ended()
        assert here.typed == b""
        assert here.received == [1]
        assert Record.read(launch.folder(tmp_path, "s1")).tried == set()


async def test_it_is_not_pasted_again_after_a_daemon_that_died_in_the_middle(tmp_path: Path) -> None:
    async with desk(tmp_path, READY) as here:
        Record.read(launch.folder(tmp_path, "s1")).begin((1,))
        here.note(1, "before")
        await until(lambda: here.received == [1])
        here.note(2, "after")
        await until(lambda: here.received == [1, 2])
        await until(lambda: here.typed.endswith(b"\r"))
        assert b"before" not in here.typed
        here.note(2, "after")  # its receipt was lost with the connection
        await until(lambda: here.received == [1, 2, 2])
        assert here.typed.count(b"after") == 1


async def test_without_somebody_who_can_tell_it_stays_in_the_inbox(tmp_path: Path) -> None:
    async with desk(tmp_path, READY, agent=Plain()) as here:
        here.note(1)
        here.note(2, session_id="nowhere")
        await until(lambda: sorted(here.received) == [1, 2])
        assert here.typed == b""


async def test_a_program_without_bracketed_paste_is_not_typed_at(tmp_path: Path) -> None:
    async with desk(tmp_path, Readiness(ready=True, why="waits", pastes=False)) as here:
        here.note(1)
        here.judge.changed("s1")
        await here.ended()
        assert (here.typed, here.received) == (b"", [1])
