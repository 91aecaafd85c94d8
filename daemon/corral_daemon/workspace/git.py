"""Run git: without a shell, without questions, with a limit of time."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.units.outcome import UnitFailed
from corral_protocol.vocabulary import ErrorClass

WITHIN = 120.0
_TAIL = 2000
_QUIET = {"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "true", "GIT_EDITOR": "true", "LC_ALL": "C"}


@dataclass(frozen=True, slots=True)
class Answer:
    code: int
    output: str
    errors: str

    @property
    def complaint(self) -> str:
        return (self.errors.strip() or self.output.strip())[-_TAIL:]


async def ask(path: Path, *words: str, extra: Mapping[str, str] | None = None) -> Answer:
    """Run git in `path` and return what it said, whatever its exit code. Raises UnitFailed if it cannot or hangs."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "CORRAL_"))}
    try:
        process = await asyncio.create_subprocess_exec(
            "git",
            "-C",
            str(path),
            *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**environment, **_QUIET, **(extra or {})},
            start_new_session=True,
        )
    except OSError as error:
        raise UnitFailed(ErrorClass.WORKTREE_FAILED, f"git cannot be started: {error.strerror}") from error
    try:
        output, errors = await asyncio.wait_for(process.communicate(), WITHIN)
    except TimeoutError as error:
        raise UnitFailed(ErrorClass.WORKTREE_FAILED, f"git {_verb(words)} took more than {WITHIN:.0f} s") from error
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the hooks it runs as well: they hold its pipes open
            await process.wait()
    return Answer(process.returncode or 0, output.decode("utf-8", "replace"), errors.decode("utf-8", "replace"))


async def run(path: Path, *words: str, extra: Mapping[str, str] | None = None) -> str:
    """Return what git printed. Raises UnitFailed with its complaint."""
    answer = await ask(path, *words, extra=extra)
    if answer.code != 0:
        raise UnitFailed(ErrorClass.WORKTREE_FAILED, f"git {_verb(words)} failed: {answer.complaint}")
    return answer.output


def _verb(words: Sequence[str]) -> str:
    """Return what git was told to do, behind the options that come first: `-c` and its value."""
    at = 0
    while words[at] == "-c":
        at += 2
    return words[at]
