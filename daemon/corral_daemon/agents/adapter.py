"""What an agent CLI must answer to be run by the daemon."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from corral_protocol.capabilities import AgentCli
from corral_protocol.codec import Json
from corral_protocol.vocabulary import Phase


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """`prompt_file` holds the prompt as well. `files` is a folder the agent must be able to read and write."""

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
