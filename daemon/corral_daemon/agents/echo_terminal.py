"""The echo agent in a terminal: it does what its prompt says, then waits for more, line by line or pasted.

Its arguments: the file with the prompt (or nothing), the phase.
"""

import os
import sys
import termios
import tty
from collections.abc import Iterator
from pathlib import Path

from corral_daemon.agents.echo import PROMPT
from corral_daemon.agents.echo_process import ACTIONS, Exit, Round, Unheard, say, tell
from corral_daemon.agents.echo_script import Step, parse

_PASTES, _NO_PASTES = "\x1b[?2004h", "\x1b[?2004l"
_BEGIN, _END = b"\x1b[200~", b"\x1b[201~"
_SHOWN = 200


class Seat:
    """`steps` wait for a plan to be approved."""

    def __init__(self) -> None:
        self.doing = Round(dict(os.environ))
        self.steps: list[Step] = []

    def begin(self, prompt: str, phase: str) -> None:
        self.steps = parse(prompt, has_feedback="CORRAL_FEEDBACK" in self.doing.environment)
        if phase == "plan":
            self._propose()
        else:
            self._do(self.steps)

    def hear(self, text: str) -> None:
        """Do what somebody said; approval sets off what was planned, anything else makes it plan again."""
        for line in text.splitlines():
            say(f"heard: {line[:_SHOWN]!r}")
        said = parse("\n".join(line.removeprefix("> ") for line in text.splitlines()), has_feedback=False)
        if self.steps and "your plan is approved" in text:
            self._do(self.steps)
        elif said:
            self._do(said)
        elif self.steps:
            self._propose()

    def _propose(self) -> None:
        words = [str(step) for step in self.steps]
        self._tell("plan", {"plan": {"summary": f"{len(words)} steps", "steps": words}})

    def _tell(self, what: str, body: dict[str, object]) -> None:
        try:
            say(f"{what}: {tell(self.doing, what, body)}")
        except Unheard as error:
            say(str(error))

    def _do(self, steps: list[Step]) -> None:
        self.steps = []
        for step in steps:
            try:
                ACTIONS[step.word](self.doing, step)
            except Unheard as error:
                say(str(error))
            except Exit:
                if step.word != "help":
                    raise


def typed(read: Iterator[bytes]) -> Iterator[str]:
    """Return what was entered: a paste is text, whatever is in it, until Enter is pressed."""
    held, pasting, waiting = b"", False, b""
    for data in read:
        waiting += data
        while waiting:
            mark = _END if pasting else _BEGIN
            if waiting.startswith(mark):
                waiting, pasting = waiting[len(mark) :], not pasting
                if not pasting:
                    show(f"[{len(held)} bytes pasted]")
            elif mark.startswith(waiting):
                break
            elif not pasting and waiting[:1] in b"\r\n":
                yield held.decode("utf-8", "replace")
                held, waiting = b"", waiting[1:]
            else:
                held, waiting = held + waiting[:1].replace(b"\r", b"\n"), waiting[1:]


def show(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def keys() -> Iterator[bytes]:
    while data := os.read(0, 4096):
        yield data


def main() -> int:
    tty.setcbreak(0, termios.TCSANOW)
    sys.stdout.write(_PASTES + "\x1b[1mecho\x1b[m, a stand-in for an agent\n")
    seat = Seat()
    try:
        if sys.argv[1]:
            seat.begin(Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2])
        show(PROMPT)
        for text in typed(keys()):
            show("\n")
            seat.hear(text)
            show(PROMPT)
    except Exit as end:
        return end.code
    finally:
        show(_NO_PASTES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
