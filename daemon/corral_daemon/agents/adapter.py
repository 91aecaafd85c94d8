"""What an agent CLI must answer to be run by the daemon."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol, runtime_checkable

from corral_protocol.capabilities import AgentCli
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Attention, Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`prompt_file` holds the prompt as well. `files` is a folder the agent must be able to read and write.

    In a terminal there may be no prompt; then all three are empty.
    """

    prompt: str
    prompt_file: str
    files: str
    phase: Phase = Phase.EXECUTE
    model: str | None = None
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    """`takes_stdin`: the prompt comes through stdin. Nothing secret may stand in `argv`."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    takes_stdin: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """The end of both streams of an agent that has exited."""

    output: bytes
    errors: bytes = b""
    exit_code: int | None = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`problem`: what the agent said of its failure, or what it could not overcome so far, where it was stopped.

    `usage`: {input_tokens, output_tokens, cost_usd, model}; input counts what came from a cache, too.
    """

    result: Json = None
    usage: Json = None
    problem: str | None = None


class Adapter(Protocol):
    """`passes`: prefixes of the variables of the daemon's environment that this CLI needs. Only `probe` does I/O."""

    name: str
    passes: tuple[str, ...]

    async def probe(self) -> AgentCli | None:
        """Return what is installed here, without spending money; None if it is not."""
        ...

    def command(self, request: Request) -> Invocation: ...

    def read(self, said: Said) -> Reading: ...


@runtime_checkable
class Interactive(Protocol):
    """An adapter whose CLI also has a terminal interface of its own."""

    def interactive(self, request: Request) -> Invocation:
        """Return what starts it in a terminal, with the prompt as its first input, if there is one."""
        ...


@runtime_checkable
class Settling(Protocol):
    """An adapter whose CLI asks questions when it is started for the first time."""

    def settle(self, environment: Mapping[str, str], files: str) -> Mapping[str, str]:
        """See that none is asked where a task is done in a terminal; return what its environment lacks.

        `environment` is what it is started with, `files` a folder of the unit's own. It reads and writes files, and
        leaves what is the user's as it is. Raises OSError.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScreenText:
    """What can be read on a terminal's screen, secrets masked, nothing harmful in it.

    `lines`: every row from the top, without blanks at the end. `cursor`: column and line, from 0. `alternate`: a
    full-screen program has the screen. `shown`: the cursor can be seen. `pastes`: bracketed paste (mode 2004) is on.
    """

    lines: tuple[str, ...]
    cursor: tuple[int, int] = (0, 0)
    title: str = ""
    alternate: bool = False
    shown: bool = True
    pastes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """What an agent's interface tells of the agent. `why` ends a sentence that begins with the session's name.

    `ready_for_text`: what is pasted now, and then Enter, becomes the next thing the agent is told. False wherever that
    is not sure: a dialog is open, somebody's half written text stands in the input, it is not drawn yet.
    """

    attention: Attention
    why: str
    ready_for_text: bool = False


@runtime_checkable
class Attentive(Protocol):
    """An adapter that can read its CLI's interface."""

    def sign(self, screen: ScreenText) -> Sign | None:
        """Return what the screen says; None if it says nothing that this adapter knows. Pure."""
        ...


@runtime_checkable
class Hooking(Protocol):
    """An adapter whose CLI tells by hooks what it does, whatever its screen looks like."""

    def hooks(self, file: str) -> tuple[str, ...]:
        """Return the arguments that make it append a line to `file` whenever that changes."""
        ...

    def hooked(self, line: str) -> Sign | None:
        """Return what such a line says; None if nothing. Whoever can write to the file may have written it. Pure."""
        ...


def json_lines(output: bytes) -> Iterator[Mapping[str, Any]]:
    """Return every line that is a JSON object; the first may have been cut, others may be somebody's prints."""
    for line in output.splitlines():
        if line.lstrip().startswith(b"{"):
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield value


def busiest(models: object, measure: str) -> str | None:
    """Return the model that a CLI which uses several used most, by a figure it gives for each of them."""
    if not isinstance(models, dict):
        return None
    figures = {name: figure.get(measure) for name, figure in models.items() if isinstance(figure, dict)}
    return max(figures, key=lambda name: figures[name] or 0, default=None)


def summary(text: object) -> Json:
    return {"summary": text.strip()} if isinstance(text, str) and text.strip() else {}


def opening(request: Request) -> str:
    """Return the first input of a terminal session. The prompt itself is for nobody who lists processes."""
    return f"Your task is described in {request.prompt_file}: read that file, then do what it says."
