"""task logs: what the work printed, once and in order, also across attempts and reconnects."""

import base64
import sys
from collections.abc import Mapping
from typing import Annotated, Any

import typer

from corral_cli import follow
from corral_cli.body import seconds
from corral_cli.commands.task.arguments import OwnTask, Timeout, path_of
from corral_cli.context import Invocation, invocation
from corral_cli.mount import NounGroup
from corral_cli.output import talk
from corral_cli.text import clean_output, to_json
from corral_protocol.vocabulary import ENDED, Stream

app = typer.Typer(cls=NounGroup)
_PAGE = 500


@app.command(rich_help_panel="Look")
def logs(
    context: typer.Context,
    task: OwnTask = None,
    following: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the task has ended.")] = False,
    attempt: Annotated[int | None, typer.Option(min=1, help="Only this attempt.")] = None,
    stream: Annotated[Stream | None, typer.Option(help="Only this stream.")] = None,
    timeout: Timeout = None,
) -> None:
    """Print what a task wrote to stdout and stderr.

    On a terminal, control sequences other than colours are made visible; into a pipe the bytes go as they came.

    Examples:
      corral task logs 3f2a -f
      corral task logs 3f2a --stream stderr > errors.txt
      corral task logs 3f2a -o ndjson | jq -r .text
    """
    cli = invocation(context)
    reader = _Reader(cli, task, attempt, stream)
    if not following:
        reader.read_on()
        return
    limit = seconds(timeout) if timeout else None
    ids = follow.full_ids(cli.client, [cli.own_task(task)])
    follow.until(cli.client, ids, reader.read_to_the_end, timeout=limit, missing="the task has not ended")


class _Reader:
    """Remembers the last chunk printed, so that nothing is printed twice."""

    def __init__(self, cli: Invocation, task: str | None, attempt: int | None, stream: str | None) -> None:
        self._cli = cli
        self._task = task
        self._attempt = attempt
        self._stream = stream
        self._after = 0
        self._seen_attempt: int | None = None

    def read_to_the_end(self) -> str | None:
        """Print what is new; return the final state once the task has ended and everything is printed."""
        status = str(self._cli.client.get(path_of(self._cli, self._task)).get("status"))
        self.read_on()  # after the status, so that the last words of an ended task are in it
        return status if status in ENDED else None

    def read_on(self) -> None:
        while True:
            path = path_of(self._cli, self._task, "output")
            page = self._cli.client.get(path, after=self._after, limit=_PAGE)
            for chunk in page["chunks"]:
                self._after = max(self._after, int(chunk["id"]))
                if self._wanted(chunk):
                    self._print(chunk)
            sys.stdout.flush()
            if not page.get("more"):
                return

    def _wanted(self, chunk: Mapping[str, Any]) -> bool:
        return self._attempt in (None, chunk.get("attempt")) and self._stream in (None, chunk.get("stream"))

    def _print(self, chunk: Mapping[str, Any]) -> None:
        output = self._cli.output
        if output.machine:
            output.line(to_json(chunk, None))
            return
        if self._seen_attempt not in (None, chunk.get("attempt")):
            talk(f"--- attempt {chunk.get('attempt')} ---")
        self._seen_attempt = chunk.get("attempt")
        if sys.stdout.isatty():
            sys.stdout.write(clean_output(str(chunk.get("text", "")), output.colour))
        else:
            write_bytes(chunk_bytes(chunk))


def chunk_bytes(chunk: Mapping[str, Any]) -> bytes:
    """Return the bytes as they were printed; `text` is only their reading as UTF-8."""
    if chunk.get("data"):
        return base64.b64decode(chunk["data"])
    return str(chunk.get("text", "")).encode()


def write_bytes(data: bytes) -> None:
    sys.stdout.flush()
    buffer = getattr(sys.stdout, "buffer", None)
    if buffer is None:
        sys.stdout.write(data.decode(errors="replace"))
    else:
        buffer.write(data)
