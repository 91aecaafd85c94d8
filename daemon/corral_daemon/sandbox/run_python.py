"""Inside the walls: run Python code that came on standard input, and say on standard output what it came to.

A script of its own, run with `python -I -S`. In: JSON {code, input_data, workspace_dir}. Out: {output, console_output}
or {error, traceback, console_output}.
"""

import io
import json
import linecache
import math
import os
import runpy
import sys
import traceback
from pathlib import Path
from typing import Any

MOST_PRINTED = 64 << 10
_FILE = "/tmp/code.py"  # noqa: S108 - of this sandbox alone


class Console(io.TextIOBase):
    """Keeps the beginning of what is printed."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._room = MOST_PRINTED
        self._cut = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if self._room > 0:
            self._kept.append(text[: self._room])
        self._cut = self._cut or len(text) > self._room
        self._room = max(0, self._room - len(text))
        return len(text)

    def text(self) -> str:
        return "".join(self._kept) + ("\n… more was printed and not kept" if self._cut else "")


def main() -> None:
    given = json.loads(sys.stdin.buffer.read())
    answer, us = os.dup(1), os.getpid()
    os.dup2(2, 1)  # what others than print write to standard output is not taken for the answer
    console = Console()
    sys.stdin = io.StringIO("")
    sys.stdout = console
    said = run(given, console)
    if os.getpid() == us:  # a child that the code forked comes by here, too
        os.write(answer, b"\n")
        with os.fdopen(answer, "wb") as out:
            out.write(said)
    sys.stderr.flush()
    os._exit(0)


def run(given: dict[str, Any], console: Console) -> bytes:
    Path(_FILE).write_text(given["code"], encoding="utf-8")
    names = {"input_data": given["input_data"], "workspace_dir": given["workspace_dir"], "math": math, "json": json}
    try:
        made = runpy.run_path(_FILE, init_globals=names, run_name="__main__")
        said: dict[str, Any] = {"output": made.get("output"), "console_output": console.text()}
        return json.dumps(said, default=str).encode("utf-8", "replace")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
        linecache.checkcache(_FILE)
        lines = [line for line in traceback.extract_tb(error.__traceback__) if line.filename == _FILE]
        where = "".join(traceback.format_list(lines[-10:])).replace(_FILE, "code")
        failed = {"error": f"{type(error).__name__}: {error}"[:4000], "traceback": where[:8000]}
        return json.dumps({**failed, "console_output": console.text()}).encode("utf-8", "replace")


if __name__ == "__main__":
    main()
