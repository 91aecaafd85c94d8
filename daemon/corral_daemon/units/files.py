"""The files through which a unit and the daemon speak: what the unit must know goes in, its result comes out."""

import json
import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from corral_daemon.units.job import Job
from corral_daemon.units.outcome import RESULT_LIMIT, UnitFailed
from corral_protocol.vocabulary import ErrorClass


@dataclass(frozen=True, slots=True)
class Files:
    folder: Path

    @property
    def prompt(self) -> Path:
        return self.folder / "prompt.md"

    @property
    def result(self) -> Path:
        return self.folder / "result.json"

    def write(self, job: Job) -> Mapping[str, str]:
        """Write what the unit must know; return the paths by the end of their variable's name. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.result.unlink(missing_ok=True)  # of a daemon that died
        message = job.message
        values = {"INPUTS": dict(message.resolved_inputs or {}), "FEEDBACK": message.feedback, "PLAN": message.plan}
        paths = {"RESULT": str(self.result)}
        for name, value in values.items():
            if value is not None:
                path = self.folder / f"{name.lower()}.json"
                path.write_text(json.dumps(value), encoding="utf-8")
                paths[name] = str(path)
        return paths

    def write_prompt(self, prompt: str) -> None:
        self.prompt.write_text(prompt, encoding="utf-8", errors="replace")

    def read_result(self) -> bytes | None:
        """Return the file's bytes, one more than allowed at most; None if there is no file. Raises UnitFailed.

        The unit may have put anything in its place: a pipe, which would never end, or the name of another file.
        """
        try:
            descriptor = os.open(self.result, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unreadable(f"cannot be read: {error.strerror}") from error
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _unreadable("is not a regular file")
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(RESULT_LIMIT + 1)
        finally:
            os.close(descriptor)


def _unreadable(why: str) -> UnitFailed:
    return UnitFailed(ErrorClass.RESULT_UNREADABLE, f"$CORRAL_RESULT {why}")
